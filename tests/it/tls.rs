//! TLS of the server's own: pages and sockets through it, a new certificate while people write, and what comes without it.

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cowrite::Server;
use cowrite::config::Config;
use cowrite::protocol::message;
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::socket::{Socket, typed};

const PATIENCE: Duration = Duration::from_secs(20);

/// A server with TLS and a certificate that can be renewed.
struct Secured {
    folder: TempDir,
    config: Config,
    /// Who signed the certificates that clients believe, one after another.
    believed: Vec<CertificateDer<'static>>,
}

impl Secured {
    fn new() -> Secured {
        let folder = TempDir::new().expect("a folder");
        let config = Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data: folder.path().join("data"),
            tls_cert: Some(folder.path().join("cert.pem")),
            tls_key: Some(folder.path().join("key.pem")),
            base_path: "/notes".to_owned(),
            workers: Some(2),
            ..Config::default()
        };
        let mut secured = Secured { folder, config, believed: Vec::new() };
        secured.renew();
        secured
    }

    /// Put another certificate and key in place.
    fn renew(&mut self) {
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        let certificate = certificate.self_signed(&key).expect("a certificate");
        fs::write(self.folder.path().join("cert.pem"), certificate.pem()).expect("written");
        fs::write(self.folder.path().join("key.pem"), key.serialize_pem()).expect("written");
        self.believed.push(certificate.der().clone());
    }

    /// Shake hands, believing only one of the certificates.
    async fn connect(&self, address: SocketAddr, believed: usize) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.believed[believed].clone()).expect("a certificate");
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("they go together")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let socket = TcpStream::connect(address).await?;
        let name = ServerName::try_from("localhost").expect("a name");
        TlsConnector::from(Arc::new(config)).connect(name, socket).await
    }

    async fn write_in(&self, address: SocketAddr, document: &str) -> Writer {
        let stream = self.connect(address, 0).await.expect("a handshake");
        let uri = format!("wss://localhost:{}/notes/ws/{document}", address.port());
        let mut request = uri.into_client_request().expect("an address");
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", "cowrite.v1".parse().expect("a name"));
        let origin = format!("https://localhost:{}", address.port());
        headers.insert("origin", origin.parse().expect("an origin"));
        Socket(client_async(request, stream).await.expect("an upgrade").0)
    }
}

type Writer = Socket<TlsStream<TcpStream>>;

/// The whole answer to one request.
async fn get(mut stream: TlsStream<TcpStream>, address: SocketAddr, path: &str) -> String {
    let port = address.port();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("in time").expect("whole");
    String::from_utf8(answer).expect("text")
}

#[actix_web::test]
async fn a_new_certificate_is_taken_while_people_write() {
    let mut secured = Secured::new();
    let server = Server::start(&secured.config).expect("it starts");
    let address = server.address();
    assert_eq!(server.url(), format!("https://{address}/notes/"));
    let (stop, stopped) = oneshot::channel::<()>();
    let running = actix_web::rt::spawn(server.run(async { stopped.await.unwrap_or_default() }));

    let answer =
        get(secured.connect(address, 0).await.expect("a handshake"), address, "/notes/healthz").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("ok\n"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=31536000\r\n"), "{answer}");

    let mut ann = secured.write_in(address, "guest").await;
    let mut ben = secured.write_in(address, "guest").await;
    ben.send(message::sync_step_1(&[0])).await;
    ben.hears(&message::sync_step_2(yrs::Update::EMPTY_V1)).await;
    let before = typed(&"before ".repeat(20_000));
    ann.send(message::update(&before)).await;
    ann.hears(&message::saved(0)).await;
    ben.hears(&message::update(&before)).await;

    // A key that is not the certificate's is not taken, and the last pair stays.
    secured.renew();
    let key = secured.folder.path().join("key.pem");
    let right = fs::read(&key).expect("a key");
    fs::write(&key, KeyPair::generate().expect("a key").serialize_pem()).expect("written");
    sleep(cowrite::limits::CERTIFICATE_EVERY + Duration::from_secs(1)).await;
    secured.connect(address, 0).await.expect("the last pair is shown");
    fs::write(&key, right).expect("written");
    let renewed = async {
        while secured.connect(address, 1).await.is_err() {
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, renewed).await.expect("the new certificate is shown");
    secured.connect(address, 0).await.expect_err("and the old one is not");

    let after = typed("after");
    ann.send(message::update(&after)).await;
    ben.hears(&message::update(&after)).await;
    stop.send(()).expect("it runs");
    for goodbye in [ann.goodbye().await, ben.goodbye().await] {
        assert_eq!(goodbye.map(|close| u16::from(close.code)), Some(1012));
    }
    running.await.expect("no panic").expect("it stops in good order");
}

#[actix_web::test]
async fn what_comes_without_tls_gets_nothing() {
    let secured = Secured::new();
    let server = Server::start(&secured.config).expect("it starts");
    let address = server.address();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = actix_web::rt::spawn(server.run(async { stopped.await.unwrap_or_default() }));
    let mut plain = TcpStream::connect(address).await.expect("it listens");
    plain.write_all(b"GET /notes/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("sent");
    let mut answer = Vec::new();
    // An alert of TLS and the end, or the end alone.
    let _ = timeout(PATIENCE, plain.read_to_end(&mut answer)).await.expect("in time");
    assert!(answer.len() <= 16 && !answer.windows(4).any(|bytes| bytes == b"HTTP"), "{answer:?}");
    stop.send(()).expect("it runs");
    running.await.expect("no panic").expect("it stops in good order");
}

#[actix_web::test]
async fn a_certificate_that_cannot_be_used_stops_the_start() {
    let secured = Secured::new();
    fs::write(secured.folder.path().join("key.pem"), "nonsense").expect("written");
    let error = Server::start(&secured.config).err().expect("no start");
    assert!(error.to_string().contains("holds no private key in PEM"), "{error}");
    let alone = Config { tls_key: None, ..secured.config.clone() };
    let error = Server::start(&alone).err().expect("no start");
    assert_eq!(error.to_string(), "tls_cert is set and tls_key is not: they go together");
}
