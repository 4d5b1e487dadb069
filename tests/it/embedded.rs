//! The same service inside another actix-web application, where its sockets are not ours: what the client hears is the body of a
//! response there.

use std::time::Duration;

use actix_web::{App, HttpServer, web};
use bytes::Bytes;
use cowrite::document::{Options, Registry};
use cowrite::http::{Api, Entrance, routes};
use cowrite::protocol::{empty_doc, message};
use cowrite::store::MemoryStore;
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use yrs::{ReadTxn, StateVector, Text, Transact};

const PATIENCE: Duration = Duration::from_secs(10);

/// An application of somebody else's, on a free port.
fn start() -> (String, web::Data<Registry>) {
    let registry = web::Data::new(Registry::new(std::sync::Arc::new(MemoryStore::new()), Options::default()));
    let api = web::Data::new(Api {
        documents: registry.clone().into_inner(),
        access: cowrite::access::Access::open(),
        upload_bytes: 1_000_000,
    });
    let (shared, entrance) = (registry.clone(), web::Data::new(Entrance::default()));
    let server = HttpServer::new(move || {
        App::new().app_data(shared.clone()).app_data(entrance.clone()).configure(routes(api.clone()))
    })
    .workers(1)
    .disable_signals()
    .bind(("127.0.0.1", 0))
    .expect("a free port");
    let address = server.addrs()[0].to_string();
    actix_web::rt::spawn(server.run());
    (address, registry)
}

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn connect(address: &str) -> Client {
        let mut request = format!("ws://{address}/ws/guest").into_client_request().expect("an address");
        request.headers_mut().insert("sec-websocket-protocol", "cowrite.v1".parse().expect("a name"));
        let (socket, answer) = connect_async(request).await.expect("a connection");
        assert_eq!(answer.headers()["sec-websocket-protocol"], "cowrite.v1");
        Client(socket)
    }

    async fn send(&mut self, message: Bytes) {
        self.0.send(Message::Binary(message)).await.expect("the connection stays");
    }

    /// Wait for that message.
    async fn hears(&mut self, wanted: &Bytes) {
        let search = async {
            while let Some(Ok(message)) = self.0.next().await {
                if matches!(&message, Message::Binary(heard) if heard == wanted) {
                    return;
                }
            }
            panic!("the connection ended");
        };
        timeout(PATIENCE, search).await.expect("it comes");
    }

    async fn goodbye(mut self) -> Option<CloseFrame> {
        let last = async {
            while let Some(Ok(message)) = self.0.next().await {
                if let Message::Close(close) = message {
                    return close;
                }
            }
            panic!("there was no goodbye");
        };
        timeout(PATIENCE, last).await.expect("it ends")
    }
}

/// A first text, as one update.
fn typed(text: &str) -> Vec<u8> {
    let doc = empty_doc();
    doc.get_or_insert_text("content").insert(&mut doc.transact_mut(), 0, text);
    let transaction = doc.transact();
    transaction.encode_state_as_update_v1(&StateVector::default())
}

#[actix_web::test]
async fn people_write_together_inside_another_application() {
    let (address, registry) = start();
    let (mut ann, mut ben) = (Client::connect(&address).await, Client::connect(&address).await);
    // Ben is in before anything is written, so that he is told of it and not answered with it.
    ben.send(message::sync_step_1(&[0])).await;
    ben.hears(&message::sync_step_2(yrs::Update::EMPTY_V1)).await;
    let update = typed(&"a longer text ".repeat(4_000));
    ann.send(message::update(&update)).await;
    ann.hears(&message::saved(0)).await;
    ben.hears(&message::update(&update)).await;
    let mut cleo = Client::connect(&address).await;
    cleo.send(message::sync_step_1(&[0])).await;
    cleo.hears(&message::sync_step_2(&update)).await;

    cleo.0.send(Message::Text("not binary".into())).await.expect("the connection stays");
    let close = cleo.goodbye().await.expect("a reason");
    assert_eq!(
        (u16::from(close.code), close.reason.as_str()),
        (4422, "messages are binary, this one is text")
    );
    registry.drain().await;
    assert_eq!(ann.goodbye().await.map(|close| u16::from(close.code)), Some(1012));
}
