//! Keys that come over HTTP, change, go, and are wrong.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

use super::*;
use crate::auth::{Denied, Mode};

const PACE: Pace = Pace { every: Duration::from_millis(20), soonest: Duration::from_millis(5) };

/// Answers every request with the same status and body, until told otherwise.
struct Application {
    address: SocketAddr,
    says: Arc<Mutex<(u16, String)>>,
}

impl Application {
    fn new(body: String) -> Application {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let says = Arc::new(Mutex::new((200, body)));
        let shared = says.clone();
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let Ok(mut socket) = socket else { return };
                let _ = socket.read(&mut [0; 4096]);
                let (status, body) = shared.lock().expect("nothing panics").clone();
                let length = body.len();
                let _ = write!(
                    socket,
                    "HTTP/1.1 {status} -\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
            }
        });
        Application { address, says }
    }

    fn source(&self) -> Source {
        Source::Url(format!("http://{}/keys?token=swordfish", self.address))
    }

    fn say(&self, status: u16, body: String) {
        *self.says.lock().expect("nothing panics") = (status, body);
    }
}

fn secret(id: &str) -> String {
    format!("{id}{}", "-".repeat(40 - id.len()))
}

fn set(ids: &[&str]) -> String {
    let key = |id: &&str| json!({"kty": "oct", "kid": id, "k": URL_SAFE_NO_PAD.encode(secret(id))});
    json!({"keys": ids.iter().map(key).collect::<Vec<_>>()}).to_string()
}

fn token(id: &str) -> String {
    let header = Header { kid: Some(id.to_owned()), ..Header::default() };
    let claims = json!({"sub": "ann", "document": "*", "role": "editor", "exp": 4_000_000_000_u64});
    encode(&header, &claims, &EncodingKey::from_secret(secret(id).as_bytes())).expect("a token")
}

fn access() -> Access {
    Access::new(Mode::Jwt, Default::default(), None)
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_new_key_is_believed_soon_and_one_that_is_gone_is_not() {
    let application = Application::new(set(&["may"]));
    let access = access();
    access.follow_at(application.source(), Expected::default(), PACE).expect("they are there");
    assert!(access.of_jwt(&token("may")).is_ok(), "from the beginning");
    assert!(access.of_jwt(&token("june")).is_err());
    application.say(200, set(&["may", "june"]));
    until("the new one counts", || access.of_jwt(&token("june")).is_ok());
    assert!(access.of_jwt(&token("may")).is_ok(), "beside the old one");
    application.say(200, set(&["june"]));
    until("the old one is gone", || access.of_jwt(&token("may")) == Err(Denied::Unauthenticated));
    assert!(access.of_jwt(&token("june")).is_ok());
}

#[test]
fn a_token_with_a_key_that_is_not_known_makes_them_read() {
    let application = Application::new(set(&["may"]));
    let access = access();
    let seldom = Pace { every: Duration::from_secs(3600), ..PACE };
    access.follow_at(application.source(), Expected::default(), seldom).expect("they are there");
    application.say(200, set(&["may", "june"]));
    until("the new one counts", || access.of_jwt(&token("june")).is_ok());
}

#[test]
fn keys_that_do_not_come_let_nobody_in_until_they_do() {
    let application = Application::new(String::new());
    application.say(503, "swordfish".to_owned());
    let access = access();
    access.follow_at(application.source(), Expected::default(), PACE).expect("it may come later");
    assert_eq!(access.of_jwt(&token("may")), Err(Denied::Unauthenticated));
    application.say(200, set(&["may"]));
    until("they are there", || access.of_jwt(&token("may")).is_ok());
}

#[test]
fn a_set_that_is_wrong_leaves_the_one_before() {
    let application = Application::new(set(&["may"]));
    let mut reader = Reader {
        source: application.source(),
        expected: Expected::default(),
        seen: None,
        has_keys: false,
        complaint: None,
    };
    let access = access();
    let keys = reader.read().expect("they are there");
    reader.took(&access, keys);
    let large = format!("{}{}", set(&["june"]), " ".repeat(crate::limits::JWKS_BYTES));
    for (status, body) in
        [(200, "swordfish".to_owned()), (200, set(&[])), (500, set(&["june"])), (200, large)]
    {
        application.say(status, body);
        let error = reader.read().expect_err("no keys");
        let text = format!("{error} {error:?} {:?}", reader.source);
        assert!(!text.contains("swordfish"), "{text}");
        assert!(text.contains(&application.address.to_string()), "{text}");
        reader.complain(&error);
        assert!(access.of_jwt(&token("may")).is_ok());
    }
    application.say(200, set(&["may"]));
    assert!(reader.read().expect("right again").is_none(), "nothing is new");
}

#[test]
fn a_file_has_to_be_there_and_is_read_again_when_it_changes() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("secret");
    let access = access();
    let follow = || access.follow_at(Source::Secret(path.clone()), Expected::default(), PACE);
    assert!(matches!(follow(), Err(KeysError::Unreadable { .. })));
    std::fs::write(&path, "swordfish\n").expect("written");
    let weak = follow().expect_err("it is short").to_string();
    assert!(weak.contains("32 bytes") && !weak.contains("swordfish"), "{weak}");
    std::fs::write(&path, format!("{}\n", secret("may"))).expect("written");
    follow().expect("it is there");
    assert!(access.of_jwt(&token("may")).is_ok(), "without the line break");
    std::fs::write(&path, secret("june")).expect("written");
    until("the new one counts", || access.of_jwt(&token("june")).is_ok());
    assert!(access.of_jwt(&token("may")).is_err());
}

#[test]
fn whoever_reads_keys_ends_with_those_who_check_tokens() {
    let application = Application::new(set(&["may"]));
    let access = access();
    access.follow_at(application.source(), Expected::default(), PACE).expect("they are there");
    let shared = Arc::downgrade(&access.0);
    drop(access);
    until("nobody holds it", || shared.strong_count() == 0);
}
