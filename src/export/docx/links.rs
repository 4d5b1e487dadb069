//! Where a link may lead from a file that somebody opens on their own machine.

/// Longest address that Word takes.
const LENGTH: usize = 2_000;

/// An address as it may stand in the file, or `None` for one that is no link there: of another scheme than those that are harmless, or relative,
/// for the file is in no folder of ours. What a URI has no way to say is escaped, since one malformed address makes Word call the file damaged.
pub fn address(url: &str) -> Option<String> {
    let url = url.trim();
    let (scheme, rest) = url.split_once(':')?;
    let scheme = scheme.to_ascii_lowercase();
    let address = match scheme.as_str() {
        "http" | "https" => {
            let rest = rest.strip_prefix("//")?;
            let (authority, path) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
            is_host(authority).then(|| format!("{scheme}://{authority}{}", uri(path)))?
        }
        "mailto" | "tel" if !rest.is_empty() => format!("{scheme}:{}", uri(rest)),
        _ => return None,
    };
    (address.len() <= LENGTH).then_some(address)
}

/// A name and perhaps a port. Users and passwords are for nobody to click on.
fn is_host(authority: &str) -> bool {
    let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
    let letters = |label: &str| label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    let host = host.strip_suffix('.').unwrap_or(host);
    !host.is_empty()
        && host.split('.').all(|label| !label.is_empty() && label.len() <= 63 && letters(label))
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && port.parse::<u16>().is_ok()
}

/// What follows the host, with what does not belong there escaped.
fn uri(text: &str) -> String {
    let mut uri = String::with_capacity(text.len());
    let mut fragments = 0;
    let bytes = text.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        let is_hex = |offset: usize| bytes.get(at + offset).is_some_and(u8::is_ascii_hexdigit);
        fragments += usize::from(byte == b'#');
        let fits = match byte {
            b'%' => is_hex(1) && is_hex(2),
            b'#' => fragments == 1,
            _ => byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=".contains(&byte),
        };
        match fits {
            true => uri.push(char::from(byte)),
            false => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// The heading that an address within the document names: what follows its `#`.
pub fn fragment(url: &str) -> Option<String> {
    let bytes = url.strip_prefix('#')?.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |offset: usize| bytes.get(at + offset).and_then(|&byte| char::from(byte).to_digit(16));
        match (bytes[at], hex(1), hex(2)) {
            (b'%', Some(high), Some(low)) => {
                plain.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, _, _) => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_web_mail_and_telephones_are_linked() {
        for (url, target) in [
            ("https://example.org", "https://example.org"),
            ("HTTP://Example.org:8080/a?b=c#d", "http://Example.org:8080/a?b=c#d"),
            (
                "https://example.org/a b\"<c>[d]\\{e}|^`",
                "https://example.org/a%20b%22%3Cc%3E%5Bd%5D%5C%7Be%7D%7C%5E%60",
            ),
            ("https://example.org/100%/%41#a#b", "https://example.org/100%25/%41#a%23b"),
            ("https://例子.中国/路", "https://例子.中国/%E8%B7%AF"),
            ("mailto:a@example.org?subject=a b", "mailto:a@example.org?subject=a%20b"),
            ("tel:+49 30 1", "tel:+49%2030%201"),
        ] {
            assert_eq!(address(url).as_deref(), Some(target), "{url}");
        }
    }

    #[test]
    fn everything_else_is_no_link() {
        for url in [
            "",
            "a",
            "/d/plan",
            "//example.org/a",
            "\\\\evil.example\\share",
            "file:///etc/passwd",
            "file://evil.example/a",
            "javascript:alert(1)",
            "ms-word:ofe|u|https://evil.example/x.docx",
            "data:text/html,x",
            "https:example.org",
            "https://",
            "https:///a",
            "https://a:b@example.org",
            "https://[::1]/",
            "https://a..b",
            "https://a b/",
            "https://a:99999/",
            "https://a:8x/",
            "https://a%41/",
            "mailto:",
        ] {
            assert_eq!(address(url), None, "{url}");
        }
        assert_eq!(address(&format!("https://example.org/{}", "a".repeat(2_000))), None);
    }

    #[test]
    fn headings_are_named_plain_or_escaped() {
        assert_eq!(fragment("#a-plan").as_deref(), Some("a-plan"));
        assert_eq!(fragment("#%E4%B8%AD文").as_deref(), Some("中文"));
        assert_eq!(fragment("#100%").as_deref(), Some("100%"));
        assert_eq!((fragment("a#b"), fragment("#%ff")), (None, None));
    }
}
