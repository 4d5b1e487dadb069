use super::*;

/// What a server of `https://notes.example` makes of a request.
fn judge(origins: &[&[u8]], fetch_sites: &[&[u8]]) -> Result<(), Stranger> {
    let host = Authority::parse("notes.example").expect("a host");
    Origins::default().judge(&Sender { origins, fetch_sites, host: Some(&host), secure: true })
}

#[test]
fn its_own_pages_are_listened_to() {
    assert_eq!(judge(&[b"https://notes.example"], &[]), Ok(()));
    assert_eq!(judge(&[], &[b"same-origin"]), Ok(()));
    assert_eq!(judge(&[], &[b"none"]), Ok(()), "typed by the visitor");
    assert_eq!(judge(&[], &[]), Ok(()), "no browser");
}

#[test]
fn hostile_origins_are_not() {
    let hostile: &[&[u8]] = &[
        // Nobody's page
        b"null",
        b"",
        b"about:blank",
        b"file://",
        b"data:text/html,x",
        // Other hosts, and such as look alike
        b"https://evil.example",
        b"https://notes.example.evil.example",
        b"https://evilnotes.example",
        b"https://evil-notes.example",
        b"https://notes.example-evil.example",
        b"https://sub.notes.example",
        b"https://example",
        b"https://notes",
        b"https://notes.exampl",
        b"https://notes_example",
        b"https://127.0.0.1",
        b"https://[::1]",
        b"https://localhost",
        // Other ports and schemes
        b"https://notes.example:444",
        b"https://notes.example:8443",
        b"http://notes.example",
        b"http://notes.example:443",
        b"ws://notes.example",
        b"wss://notes.example",
        b"ftp://notes.example",
        b"chrome-extension://notes.example",
        b"javascript://notes.example",
        // The same place in words that no browser uses
        b"https://notes.example:443",
        b"https://notes.example:0443",
        b"https://notes.example:",
        b"https://notes.example.",
        b"https://.notes.example",
        b"https://notes..example",
        b"https://notes.example/",
        b"https://notes.example/path",
        b"https://notes.example?x",
        b"https://notes.example#x",
        b"https://notes.example\\",
        b"HTTPS://notes.example",
        b"https://NOTES.example",
        b"https:notes.example",
        b"https:/notes.example",
        b"//notes.example",
        b"notes.example",
        b" https://notes.example",
        b"https://notes.example ",
        b"https://notes.example\0",
        b"https://notes.example%00",
        b"https://notes%2eexample",
        // Somebody before the host, or two of them
        b"https://notes.example@evil.example",
        b"https://evil.example@notes.example",
        b"https://user:password@notes.example",
        b"https://evil.example#notes.example",
        b"https://notes.example https://evil.example",
        b"https://evil.example, https://notes.example",
        b"https://notes.example,https://notes.example",
        // Letters that look alike, and bytes that are none
        "https://notеs.example".as_bytes(),
        "https://notes。example".as_bytes(),
        "https://ｎotes.example".as_bytes(),
        b"https://xn--nots-vod.example",
        b"https://notes.example\xff",
        b"\xff\xfe",
    ];
    assert!(hostile.len() >= 30);
    for origin in hostile {
        let shown = String::from_utf8_lossy(origin);
        assert!(judge(&[origin], &[]).is_err(), "{shown}");
        assert!(judge(&[origin], &[b"same-origin"]).is_err(), "{shown}: Origin comes first");
        let listed = Origin::parse("https://app.example").expect("an origin");
        let host = Authority::parse("notes.example").expect("a host");
        let sender = Sender { origins: &[origin], fetch_sites: &[], host: Some(&host), secure: true };
        assert!(Origins::new(vec![listed], Hosts::Any).judge(&sender).is_err(), "{shown}");
    }
    assert_eq!(judge(&[b"null"], &[]), Err(Stranger::Null));
    assert_eq!(judge(&[b"https://evil.example"], &[]), Err(Stranger::Foreign));
}

#[test]
fn several_headers_are_nobodys() {
    let own: &[u8] = b"https://notes.example";
    assert_eq!(judge(&[own, own], &[]), Err(Stranger::Several));
    assert_eq!(judge(&[own, b"https://evil.example"], &[]), Err(Stranger::Several));
    assert_eq!(judge(&[], &[b"same-origin", b"cross-site"]), Err(Stranger::CrossSite));
}

#[test]
fn without_an_origin_the_browser_says_whose_page_it_was() {
    for site in [&b"cross-site"[..], b"same-site", b"", b"SAME-ORIGIN", b"anything"] {
        assert_eq!(judge(&[], &[site]), Err(Stranger::CrossSite));
    }
}

#[test]
fn a_listed_page_is_listened_to_as_it_is_written_and_no_neighbour_of_it() {
    let list = ["https://App.Example:443", "http://localhost:5173"];
    let listed = list.iter().map(|text| Origin::parse(text).expect(text)).collect();
    let origins = Origins::new(listed, Hosts::Any);
    let judge = |origin: &[u8]| origins.judge(&Sender { origins: &[origin], ..Sender::default() });
    assert_eq!(judge(b"https://app.example"), Ok(()));
    assert_eq!(judge(b"http://localhost:5173"), Ok(()));
    for other in [
        &b"http://app.example"[..],
        b"https://app.example:444",
        b"http://localhost",
        b"https://localhost:5173",
    ] {
        assert_eq!(judge(other), Err(Stranger::Foreign), "{}", String::from_utf8_lossy(other));
    }
}

#[test]
fn the_settings_take_origins_and_nothing_wider() {
    for bad in [
        "*",
        "null",
        "https://*.example",
        "https://app.example/",
        "app.example",
        "https://",
        "wss://app.example",
    ] {
        assert_eq!(Origin::parse(bad), Err(InvalidOrigin(bad.to_owned())));
    }
}

#[test]
fn ports_and_schemes_are_compared_as_browsers_write_them() {
    let judge = |origin: &str, host: &str, secure: bool| {
        let host = Authority::parse(host).expect(host);
        let sender = Sender { origins: &[origin.as_bytes()], fetch_sites: &[], host: Some(&host), secure };
        Origins::default().judge(&sender).is_ok()
    };
    assert!(judge("http://localhost:8080", "localhost:8080", false));
    assert!(judge("http://[::1]:8080", "[::1]:8080", false));
    assert!(judge("https://notes.example", "Notes.Example:443", true));
    assert!(judge("http://notes.example", "notes.example:80", false));
    assert!(
        judge("https://notes.example", "notes.example", false),
        "a proxy that does not say that it has TLS"
    );
    assert!(!judge("http://notes.example", "notes.example", true));
    assert!(!judge("http://localhost:8081", "localhost:8080", false));
    assert!(!judge("http://127.0.0.1:8080", "localhost:8080", false));
    assert!(!judge("https://notes.example", "notes.example:80", false));
}

#[test]
fn without_a_host_nobody_is_at_home() {
    let sender = Sender { origins: &[b"https://notes.example"], ..Sender::default() };
    assert_eq!(Origins::default().judge(&sender), Err(Stranger::Foreign));
    for bad in
        ["", "a b", "user@host", "host:", "host:0", "host:080", "[::1", "[0::1]", "a..b", ".a", "a/", "é"]
    {
        assert_eq!(Authority::parse(bad), None, "{bad}");
    }
    assert_eq!(Authority::parse(&"a".repeat(254)), None);
}

#[test]
fn a_name_that_was_pointed_at_this_machine_is_no_name_of_it() {
    let loopback = Origins::new(Vec::new(), Hosts::Loopback);
    let judge = |host: &str| {
        let (origin, host) = (format!("http://{host}"), Authority::parse(host).expect(host));
        let sender =
            Sender { origins: &[origin.as_bytes()], fetch_sites: &[], host: Some(&host), secure: false };
        (Origins::default().judge(&sender).is_ok(), loopback.judge(&sender).is_ok())
    };
    for own in ["localhost:8080", "127.0.0.1:8080", "127.8.9.1", "[::1]:8080", "notes.localhost:8080"] {
        assert_eq!(judge(own), (true, true), "{own}");
    }
    for foreign in [
        "evil.example:8080",
        "localhost.evil.example",
        "evillocalhost",
        "127.0.0.1.evil.example",
        "192.0.2.1:8080",
        "[2001:db8::1]:8080",
    ] {
        assert_eq!(judge(foreign), (true, false), "{foreign}");
    }
}

#[test]
fn in_open_mode_a_strange_name_is_not_even_read_from() {
    let listed = vec![Origin::parse("https://notes.example").expect("an origin")];
    let loopback = Origins::new(listed, Hosts::Loopback);
    let answers = |origins: &Origins, host: &str| {
        let host = Authority::parse(host).expect(host);
        origins.answers_to(Some(&host))
    };
    for own in ["localhost:8080", "127.0.0.1", "[::1]:8080", "notes.example", "notes.example:443"] {
        assert!(answers(&loopback, own), "{own}");
    }
    for foreign in
        ["evil.example", "evil.example:8080", "localhost.evil.example", "notes.example:80", "10.0.0.1"]
    {
        assert!(!answers(&loopback, foreign), "{foreign}");
        assert!(answers(&Origins::default(), foreign), "{foreign}: where a secret is asked for");
    }
    assert!(!loopback.answers_to(None), "a browser says where it goes");
    assert!(Origins::default().answers_to(None));
}

#[test]
fn reading_is_no_change() {
    assert!(["GET", "HEAD", "OPTIONS"].iter().all(|method| !changes_state(method)));
    assert!(
        ["POST", "PUT", "PATCH", "DELETE", "CONNECT", "TRACE", "get", "ANYTHING"]
            .iter()
            .all(|m| changes_state(m))
    );
}
