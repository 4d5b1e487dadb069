//! A server with accounts, and people of every kind who come to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, web};
use bytes::Bytes;
use cowrite::access::{Access, fresh, now_ms};
use cowrite::auth::directory::NewLink;
use cowrite::auth::{AccountName, Command, DisplayName, Mode, Role};
use cowrite::document::{Options, Registry};
use cowrite::http::{Api, Entrance, Listening, listen, routes};
use cowrite::ids::{AccountId, DocId, DocNumber, Kind, LinkId};
use cowrite::protocol::message;
use cowrite::store::{Entry, Fact, MemoryStore, Store};
use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, Method, RequestBuilder};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub use crate::socket::typed;

pub const PATIENCE: Duration = Duration::from_secs(10);

/// A server of this process, on a free port.
pub struct House {
    pub access: Access,
    pub registry: web::Data<Registry>,
    pub store: Arc<MemoryStore>,
    pub address: SocketAddr,
    http: Client,
}

/// All that a store holds: documents, how many changes each has seen, and who may do what.
#[derive(Debug, PartialEq)]
pub struct Stored {
    entries: Vec<Entry>,
    changes: Vec<u64>,
    facts: Vec<Fact>,
    images: usize,
}

/// What somebody brings.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// A login or a JWT.
    pub bearer: Option<String>,
    pub link: Option<String>,
}

impl House {
    pub fn open(mode: Mode) -> House {
        let store = Arc::new(MemoryStore::new());
        let access = Access::load(mode, store.clone()).expect("an empty store");
        let options = Options { created_kind: None, ..Options::default() };
        let registry = web::Data::new(Registry::new(store.clone(), options));
        let api = web::Data::new(Api {
            documents: registry.clone().into_inner(),
            access: access.clone(),
            search: None,
            upload_bytes: 1_000_000,
            image_bytes: 1_000_000,
            uploads: cowrite::http::Uploads::default(),
            texts: cowrite::http::Texts::default(),
            streams: cowrite::http::Streams::default(),
        });
        let (shared, entrance) = (registry.clone(), web::Data::new(Entrance::default()));
        let app = move || {
            App::new().app_data(shared.clone()).app_data(entrance.clone()).configure(routes(api.clone()))
        };
        let here = SocketAddr::from(([127, 0, 0, 1], 0));
        let Listening { address, server } = listen(here, 2, None, app).expect("a free port");
        actix_web::rt::spawn(server);
        House { access, registry, store, address, http: Client::new() }
    }

    /// Somebody with an account.
    pub async fn account(&self, name: &str, administrator: bool) -> AccountId {
        let account = AccountName::parse(name).expect("a name");
        let shown = DisplayName::parse(name).expect("a name");
        self.access.enrol(account, shown, None, administrator, None).await.expect("a new name")
    }

    /// Signed in once more.
    pub async fn login(&self, account: AccountId) -> Keys {
        let token = self.access.log_in(account).await.expect("an account that is there");
        Keys { bearer: Some(token.reveal().reveal().clone()), link: None }
    }

    /// A document with a text, owned by somebody.
    pub async fn document(&self, id: &str, owner: AccountId) -> DocNumber {
        let id = DocId::parse(id).expect("an id");
        let first = Some(Bytes::from(typed("a plan")));
        let made = self.registry.create(&id, Kind::Text, "Plan".to_owned(), first, false).await;
        let number = made.expect("a new id").number;
        self.say(Command::Own { document: number, owner }).await;
        number
    }

    pub async fn link(&self, document: DocNumber, role: Role, expires_ms: Option<u64>) -> (LinkId, Keys) {
        let token = fresh::<LinkId>();
        let link = NewLink { id: token.id(), hash: token.hash(), role, password: None, expires_ms, by: None };
        self.say(Command::Share { document, link }).await;
        (token.id(), Keys { bearer: None, link: Some(token.reveal().reveal().clone()) })
    }

    /// A link that has run out a moment ago.
    pub async fn expired_link(&self, document: DocNumber, role: Role) -> Keys {
        let expires_ms = now_ms() + 20;
        let (_, keys) = self.link(document, role, Some(expires_ms)).await;
        while now_ms() <= expires_ms {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        keys
    }

    pub async fn say(&self, command: Command) {
        self.access.perform(command).await.expect("it may be done");
    }

    pub fn request(&self, keys: &Keys, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.http.request(method, format!("http://{}{path}", self.address));
        if let Some(bearer) = &keys.bearer {
            request = request.bearer_auth(bearer);
        }
        if let Some(link) = &keys.link {
            request = request.header("Cowrite-Link", link);
        }
        request
    }

    /// All that is stored. When it is the same, nothing has changed but where the store keeps it.
    pub fn state(&self) -> Stored {
        let mut entries = self.store.list().expect("readable");
        entries.sort_by_key(|entry| entry.number);
        let changes = entries.iter().map(|entry| match self.store.load(entry.number) {
            Ok(stored) => stored.last_seq().0,
            // One in the trash is not read.
            Err(_) => 0,
        });
        let changes = changes.collect();
        let facts = self.store.facts().expect("readable");
        Stored { entries, changes, facts, images: self.store.count_images() }
    }

    pub async fn connect(&self, keys: &Keys, id: &str) -> Socket {
        Socket::connect(self.address, keys, id).await
    }
}

/// One end of a WebSocket, of a client that knows our own messages.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub async fn connect(address: SocketAddr, keys: &Keys, id: &str) -> Socket {
        let tokens = [&keys.bearer, &keys.link].into_iter().flatten();
        let offered = tokens.map(|token| format!("cowrite.token.{token}"));
        let offered: Vec<_> = std::iter::once("cowrite.v1".to_owned()).chain(offered).collect();
        Socket::offering(address, &offered.join(", "), &format!("/ws/{id}")).await
    }

    pub async fn offering(address: SocketAddr, subprotocols: &str, path: &str) -> Socket {
        let mut request = format!("ws://{address}{path}").into_client_request().expect("an address");
        request.headers_mut().insert("sec-websocket-protocol", subprotocols.parse().expect("a value"));
        let (socket, answer) = connect_async(request).await.expect("a connection");
        assert_eq!(answer.headers()["sec-websocket-protocol"], "cowrite.v1");
        Socket(socket)
    }

    pub async fn send(&mut self, message: Bytes) {
        // Whoever was closed meanwhile hears so.
        let _ = self.0.send(Message::Binary(message)).await;
    }

    /// The next message.
    pub async fn next(&mut self) -> Heard {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("something comes") {
                Some(Ok(Message::Binary(bytes))) => return Heard::Message(bytes),
                Some(Ok(Message::Close(Some(close)))) => {
                    return Heard::Close(u16::from(close.code), close.reason.to_string());
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Heard::End,
            }
        }
    }

    /// Messages until one is like that; the others are passed over.
    pub async fn until(&mut self, wanted: impl Fn(&[u8]) -> bool) -> Bytes {
        loop {
            match self.next().await {
                Heard::Message(message) if wanted(&message) => return message,
                Heard::Message(_) => {}
                other => panic!("{other:?} instead of the message"),
            }
        }
    }

    /// All that is said until the goodbye, and the goodbye's code.
    pub async fn goodbye(&mut self) -> (Vec<Bytes>, u16, String) {
        let mut said = Vec::new();
        loop {
            match self.next().await {
                Heard::Message(message) => said.push(message),
                Heard::Close(code, reason) => return (said, code, reason),
                Heard::End => panic!("there was no goodbye"),
            }
        }
    }

    /// The role that the first message tells.
    pub async fn hello(&mut self) -> String {
        let hello = self.until(|message| message.first() == Some(&100)).await;
        let json = &hello[hello.iter().position(|&byte| byte == b'{').expect("JSON")..];
        let hello: serde_json::Value = serde_json::from_slice(json).expect("JSON");
        hello["role"].as_str().expect("a role").to_owned()
    }

    /// The next role that it is told.
    pub async fn role(&mut self) -> String {
        let role = self.until(|message| message.first() == Some(&102)).await;
        String::from_utf8(role[2..].to_vec()).expect("text")
    }

    /// Write something, and wait until it is saved.
    pub async fn write(&mut self, text: &str) {
        self.send(message::update(&typed(text))).await;
        self.until(|message| message.first() == Some(&101)).await;
    }
}

/// What came.
#[derive(Debug)]
pub enum Heard {
    Message(Bytes),
    Close(u16, String),
    End,
}
