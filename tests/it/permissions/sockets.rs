//! Who is on a socket may change while it is open: what they may do, and until when.

use std::time::Duration;

use bytes::Bytes;
use cowrite::access::now_ms;
use cowrite::auth::jwt::{Expected, KeySet, Verifier};
use cowrite::auth::{Command, Mode, Role, Secret};
use cowrite::ids::DocId;
use cowrite::protocol::awareness::{self, Entry};
use cowrite::protocol::message;
use serde_json::{Value, json};

use super::house::{House, Keys, Socket, typed};

const SECRET: &[u8] = b"thirty-two bytes that nobody will guess";

/// A server of an application that signs tokens.
fn of_an_application() -> House {
    let house = House::open(Mode::Jwt);
    let keys = KeySet::from_secret(&Secret::new(SECRET.to_vec())).expect("long enough");
    let expected = Expected { leeway: Duration::ZERO, ..Expected::default() };
    house.access.trust(Verifier::new(keys, expected));
    house
}

fn signed(subject: &str, document: &str, role: &str, for_ms: u64) -> String {
    let expires = (now_ms() + for_ms) as f64 / 1000.0;
    let claims = json!({"sub": subject, "name": subject, "document": document, "role": role, "exp": expires});
    let key = jsonwebtoken::EncodingKey::from_secret(SECRET);
    jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).expect("signed")
}

fn token(text: &str) -> Bytes {
    let mut bytes = vec![107];
    let mut length = text.len();
    while length >= 0x80 {
        bytes.push(length as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend_from_slice(text.as_bytes());
    bytes.into()
}

#[actix_web::test]
async fn a_reader_becomes_an_editor_without_coming_again_and_back() {
    let house = House::open(Mode::Accounts);
    let (ann, ben) = (house.account("ann", true).await, house.account("ben", false).await);
    let document = house.document("plan", ann).await;
    let grant = |role| Command::Grant { document, account: ben, role, by: None };
    house.say(grant(Role::Viewer)).await;
    let keys = house.login(ben).await;
    let mut socket = house.connect(&keys, "plan").await;
    assert_eq!(socket.hello().await, "viewer");
    house.say(grant(Role::Editor)).await;
    assert_eq!(socket.role().await, "editor");
    socket.write("by an editor").await;
    house.say(grant(Role::Commenter)).await;
    assert_eq!(socket.role().await, "commenter");
    let before = house.state();
    socket.send(message::update(&typed("by a commenter"))).await;
    let (_, code, _) = socket.goodbye().await;
    assert_eq!((code, house.state()), (4403, before));
}

#[actix_web::test]
async fn a_token_is_renewed_on_the_open_socket() {
    let house = of_an_application();
    let keys = Keys { bearer: Some(signed("fay", "plan", "editor", 1_500)), link: None };
    let mut socket = house.connect(&keys, "plan").await;
    assert_eq!(socket.hello().await, "editor");
    socket.send(token(&signed("fay", "plan", "viewer", 60_000))).await;
    assert_eq!(socket.role().await, "viewer", "the new token counts");
    // The first one is over by now, and that means nothing.
    let mut told = std::pin::pin!(socket.next());
    assert!(tokio::time::timeout(Duration::from_millis(1_700), &mut told).await.is_err());
}

#[actix_web::test]
async fn a_token_that_runs_out_ends_its_socket() {
    let house = of_an_application();
    let keys = Keys { bearer: Some(signed("fay", "plan", "editor", 700)), link: None };
    let mut socket = house.connect(&keys, "plan").await;
    assert_eq!(socket.hello().await, "editor");
    let since = now_ms();
    let (_, code, reason) = socket.goodbye().await;
    assert_eq!(code, 4401, "{reason}");
    assert!(now_ms() - since < 1_700, "it took {} ms", now_ms() - since);
    let (said, code, _) = house.connect(&keys, "plan").await.goodbye().await;
    assert_eq!((said.len(), code), (0, 4401));
}

#[actix_web::test]
async fn nobody_becomes_somebody_else_on_an_open_socket() {
    let house = of_an_application();
    let keys = Keys { bearer: Some(signed("fay", "plan", "editor", 60_000)), link: None };
    let mut socket = house.connect(&keys, "plan").await;
    socket.send(token(&signed("gus", "plan", "owner", 60_000))).await;
    assert_eq!(socket.goodbye().await.1, 4401);
}

#[actix_web::test]
async fn a_token_may_come_as_the_first_message_or_in_the_address() {
    let house = of_an_application();
    let fay = signed("fay", "plan", "viewer", 60_000);
    house.document_of_nobody("plan").await;
    let mut socket = Socket::offering(house.address, "cowrite.v1, cowrite.token", "/ws/plan").await;
    socket.send(token(&fay)).await;
    assert_eq!(socket.hello().await, "viewer");
    let mut socket = Socket::offering(house.address, "cowrite.v1", &format!("/ws/plan?token={fay}")).await;
    assert_eq!(socket.hello().await, "viewer");
    let mut silent = Socket::offering(house.address, "cowrite.v1", "/ws/plan").await;
    assert_eq!(silent.goodbye().await.1, 4401, "who announces nothing is not waited for");
    let mut other = Socket::offering(house.address, "cowrite.v1, cowrite.token", "/ws/plan").await;
    other.send(message::sync_step_1(&[0])).await;
    assert_eq!(other.goodbye().await.1, 4422);
}

#[actix_web::test]
async fn who_may_only_read_makes_no_document_by_coming() {
    let house = of_an_application();
    let viewer = Keys { bearer: Some(signed("fay", "*", "viewer", 60_000)), link: None };
    let before = house.state();
    let (_, code, _) = house.connect(&viewer, "new").await.goodbye().await;
    assert_eq!((code, house.state()), (4404, before));
    let editor = Keys { bearer: Some(signed("gus", "*", "editor", 60_000)), link: None };
    assert_eq!(house.connect(&editor, "new").await.hello().await, "editor");
    assert_eq!(house.connect(&viewer, "new").await.hello().await, "viewer");
}

/// One state of one client, as an awareness update.
fn presence(client: u64, state: &Value) -> Bytes {
    let state = Bytes::from(state.to_string());
    let entry = Entry { client: cowrite::ids::ClientId(client), clock: 1, state };
    message::awareness(&awareness::encode([entry].iter()))
}

#[actix_web::test]
async fn nobody_is_shown_as_somebody_else() {
    let house = House::open(Mode::Accounts);
    let ann = house.account("ann", true).await;
    let document = house.document("plan", ann).await;
    let (_, guest) = house.link(document, Role::Viewer, None).await;
    let owner = house.login(ann).await;
    let mut watcher = house.connect(&owner, "plan").await;
    watcher.hello().await;
    let told = |bytes: &[u8]| {
        let entries = (bytes.first() == Some(&1) && bytes.len() > 3)
            .then(|| awareness::decode(Bytes::copy_from_slice(&bytes[2..])).ok())
            .flatten()?;
        entries.first().map(|entry| serde_json::from_slice::<Value>(&entry.state).expect("JSON"))
    };
    let mut eve = house.connect(&guest, "plan").await;
    eve.hello().await;
    let forged = json!({"user": {"name": "ann", "identity": "account", "id": "a1", "color": "#fff"}});
    eve.send(presence(7, &forged)).await;
    let heard = watcher.until(|bytes| told(bytes).is_some()).await;
    assert_eq!(told(&heard), Some(json!({"user": {"name": "ann", "identity": "guest", "color": "#fff"}})));
    watcher.send(presence(8, &json!({"user": {"name": "Somebody else"}, "cursor": null}))).await;
    let heard = eve.until(|bytes| told(bytes).is_some_and(|state| state.get("cursor").is_some())).await;
    let mut state = told(&heard).expect("a state");
    let id = state["user"].as_object_mut().expect("a user").remove("id");
    assert!(id.is_some_and(|id| id.is_string()), "whoever is known is told apart from others of their name");
    assert_eq!(state, json!({"user": {"name": "ann", "identity": "account"}, "cursor": null}));
    // A client id that somebody has is theirs while they live: neither forged nor removed.
    for (clock, state) in [(9, "null"), (9, r#"{"user":{"name":"forged"}}"#)] {
        let entry =
            Entry { client: cowrite::ids::ClientId(8), clock, state: Bytes::from_static(state.as_bytes()) };
        eve.send(message::awareness(&awareness::encode([entry].iter()))).await;
    }
    eve.send(Bytes::from_static(&[3])).await;
    let all = eve.until(|bytes| bytes.first() == Some(&1) && bytes.len() > 20).await;
    let text = String::from_utf8_lossy(&all).into_owned();
    assert!(text.contains(r#""name":"ann""#) && !text.contains("forged"), "{text}");
}

impl House {
    async fn document_of_nobody(&self, id: &str) {
        let id = DocId::parse(id).expect("an id");
        let made = self.registry.create(&id, cowrite::ids::Kind::Text, String::new(), None, false).await;
        made.expect("a new id");
    }
}
