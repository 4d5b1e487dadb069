//! The same service inside another actix-web application, where its sockets are not ours: what the client hears is the body of a
//! response there.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpServer, web};
use cowrite::Cowrite;
use cowrite::config::Config;
use cowrite::document::{Options, Registry};
use cowrite::embed::{Changed, FirstText, Hooks};
use cowrite::http::{Api, Entrance, routes};
use cowrite::ids::{DocId, Kind};
use cowrite::protocol::message;
use cowrite::store::MemoryStore;
use futures_util::SinkExt;
use futures_util::future::BoxFuture;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, connect_async};
use yrs::Update;
use yrs::updates::decoder::Decode;

use crate::socket::{Socket, typed};

const PATIENCE: Duration = Duration::from_secs(10);

/// An application of somebody else's, on a free port.
fn start() -> (String, web::Data<Registry>) {
    let registry = web::Data::new(Registry::new(std::sync::Arc::new(MemoryStore::new()), Options::default()));
    let api = web::Data::new(Api {
        documents: registry.clone().into_inner(),
        access: cowrite::access::Access::open(),
        search: None,
        upload_bytes: 1_000_000,
        image_bytes: 1_000_000,
        uploads: cowrite::http::Uploads::default(),
        texts: cowrite::http::Texts::default(),
        streams: cowrite::http::Streams::default(),
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

/// The example for people who embed the service is what is tested.
#[path = "../../examples/embed.rs"]
#[allow(dead_code)]
mod example;

type Client = Socket<MaybeTlsStream<TcpStream>>;

async fn connect(address: &str) -> Client {
    come(address, "/ws/guest", None).await
}

async fn come(address: &str, path: &str, cookie: Option<&str>) -> Client {
    let mut request = format!("ws://{address}{path}").into_client_request().expect("an address");
    if let Some(cookie) = cookie {
        request.headers_mut().insert("cookie", cookie.parse().expect("a cookie"));
    }
    request.headers_mut().insert("sec-websocket-protocol", "cowrite.v1".parse().expect("a name"));
    let (socket, answer) = connect_async(request).await.expect("a connection");
    assert_eq!(answer.headers()["sec-websocket-protocol"], "cowrite.v1");
    Socket(socket)
}

#[actix_web::test]
async fn people_write_together_inside_another_application() {
    let (address, registry) = start();
    let (mut ann, mut ben) = (connect(&address).await, connect(&address).await);
    // Ben is in before anything is written, so that he is told of it and not answered with it.
    ben.send(message::sync_step_1(&[0])).await;
    ben.hears(&message::sync_step_2(yrs::Update::EMPTY_V1)).await;
    let update = typed(&"a longer text ".repeat(4_000));
    ann.send(message::update(&update)).await;
    ann.hears(&message::saved(0)).await;
    ben.hears(&message::update(&update)).await;
    let mut cleo = connect(&address).await;
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

/// What the hooks of an application were told.
#[derive(Default)]
struct Told {
    asked_for: Mutex<Vec<String>>,
    changes: Mutex<Vec<(String, String)>>,
}

struct Notebook(Arc<Told>);

impl Hooks for Notebook {
    fn on_load<'a>(&'a self, document: &'a DocId) -> BoxFuture<'a, Option<FirstText>> {
        self.0.asked_for.lock().expect("no panic").push(document.to_string());
        let first = (document.as_str() != "blank").then(|| FirstText {
            kind: Kind::Markdown,
            title: "From the application".to_owned(),
            text: "# First\r\n".to_owned(),
        });
        Box::pin(async move { first })
    }

    fn on_change<'a>(&'a self, changed: Changed) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let text = changed.text().await.expect("it is there");
            let update = changed.state().await.expect("it is there");
            assert!(Update::decode_v1(&update).is_ok());
            self.0.changes.lock().expect("no panic").push((changed.document.to_string(), text));
        })
    }

    fn every(&self) -> Duration {
        Duration::from_millis(50)
    }
}

async fn get(address: &str, path: &str, cookie: Option<&str>) -> (u16, String) {
    let mut request = reqwest::Client::new().get(format!("http://{address}{path}"));
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("a body"))
}

/// The example, with hooks that tell the test what they hear.
#[actix_web::test]
async fn an_application_decides_who_writes_and_hears_what_was_written() {
    let folder = TempDir::new().expect("a folder");
    let told = Arc::new(Told::default());
    let config = Config { data: folder.path().into(), ..Config::default() };
    let cowrite = Cowrite::builder(&config)
        .authorizer(example::People)
        .hooks(Notebook(told.clone()))
        .open()
        .expect("it opens");
    let (address, server) = example::start(cowrite.clone(), "127.0.0.1:0").expect("a free port");
    let handle = server.handle();
    let serving = actix_web::rt::spawn(server);
    let address = address.to_string();

    let (status, own) = get(&address, "/", None).await;
    assert!(status == 200 && own.contains("cookie"), "{own}");
    assert_eq!(get(&address, "/notes/healthz", None).await.0, 200);
    let (status, page) = get(&address, "/notes/", None).await;
    assert!(matches!(status, 200 | 501) && page.contains("/notes/"), "{page}");
    let plan = "/notes/api/v1/documents/plan";
    assert_eq!(get(&address, plan, None).await.0, 401);
    let (status, seen) = get(&address, plan, Some("user=ann")).await;
    assert!(
        status == 200 && seen.contains("From the application") && seen.contains("/notes/d/plan"),
        "{seen}"
    );
    let text = format!("{plan}/export?format=txt");
    assert_eq!(get(&address, &text, Some("user=guest")).await, (200, "# First\n".to_owned()));
    assert_eq!(get(&address, "/notes/api/v1/documents", None).await.0, 401);
    let (status, list) = get(&address, "/notes/api/v1/documents", Some("user=guest")).await;
    assert!(status == 200 && list.contains("\"plan\""), "{list}");

    // Nobody, a reader and a writer come to the same document.
    let nobody = come(&address, "/notes/ws/plan", None).await;
    assert_eq!(nobody.goodbye().await.map(|close| u16::from(close.code)), Some(4401));
    let mut guest = come(&address, "/notes/ws/plan", Some("user=guest")).await;
    let mut ann = come(&address, "/notes/ws/plan", Some("user=ann")).await;
    guest.send(message::sync_step_1(&[0])).await;
    let update = typed("by Ann ");
    ann.send(message::update(&update)).await;
    ann.hears(&message::saved(0)).await;
    guest.hears(&message::update(&update)).await;
    guest.send(message::update(&typed("by a guest "))).await;
    // A document of which the application knows nothing begins empty, and only for those who may make it.
    let mut blank = come(&address, "/notes/ws/blank", Some("user=ann")).await;
    blank.send(message::sync_step_1(&[0])).await;
    blank.hears(&message::sync_step_2(yrs::Update::EMPTY_V1)).await;
    let none = come(&address, "/notes/ws/blank-too", Some("user=guest")).await;
    drop(none);

    let heard = async {
        let written = |(id, text): &(String, String)| id == "plan" && text.contains("by Ann");
        while !told.changes.lock().expect("no panic").iter().any(written) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, heard).await.expect("the application hears of it");
    let changes = told.changes.lock().expect("no panic").clone();
    assert!(changes.iter().all(|(_, text)| !text.contains("by a guest")), "{changes:?}");
    assert!(told.asked_for.lock().expect("no panic").contains(&"plan".to_owned()));

    cowrite.drain().await;
    assert_eq!(ann.goodbye().await.map(|close| u16::from(close.code)), Some(1012));
    handle.stop(true).await;
    serving.await.expect("no panic").expect("it stops in good order");
    cowrite.close().await.expect("everything is durable");
}
