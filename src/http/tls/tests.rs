use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use super::*;

/// A certificate for this machine and its key, as PEM.
fn made(change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    change(&mut params);
    let certificate = params.self_signed(&key).expect("a certificate");
    (certificate.pem(), key.serialize_pem())
}

fn kept(folder: &TempDir, certificate: &str, key: &str) -> Files {
    let path = |name| folder.path().join(name);
    let files = Files { certificate: path("cert.pem"), key: path("key.pem") };
    std::fs::write(&files.certificate, certificate).expect("written");
    std::fs::write(&files.key, key).expect("written");
    files
}

fn trouble(files: &Files) -> String {
    match Tls::open(files.clone()) {
        Ok(_) => panic!("it was taken"),
        Err(error) => {
            error.to_string().replace(files.key.parent().and_then(Path::to_str).expect("a path"), "")
        }
    }
}

#[test]
fn what_is_wrong_with_a_pair_is_told() {
    let folder = TempDir::new().expect("a folder");
    let (certificate, key) = made(|_| {});
    let (other, _) = made(|_| {});
    let (old, old_key) = made(|params| params.not_after = date_time_ymd(2020, 2, 29));
    let (early, early_key) = made(|params| params.not_before = date_time_ymd(4000, 1, 1));
    let (nonsense, huge) =
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "x".repeat(300_000));
    for (certificate, key, told) in [
        ("", &*key, "/cert.pem holds no certificate in PEM (BEGIN CERTIFICATE)"),
        (&*certificate, "", "/key.pem holds no private key in PEM (BEGIN PRIVATE KEY)"),
        (&*certificate, &*certificate, "/key.pem holds no private key in PEM (BEGIN PRIVATE KEY)"),
        (&*other, &*key, "the key in /key.pem is not the one of the certificate in /cert.pem"),
        (&*old, &*old_key, "the certificate in /cert.pem ended on 2020-02-29T00:00:00.000Z; renew it"),
        (
            &*early,
            &*early_key,
            "the certificate in /cert.pem begins on 4000-01-01T00:00:00.000Z; is the clock right?",
        ),
        (nonsense, &*key, "the certificate in /cert.pem cannot be used: "),
        (&*huge, &*key, "/cert.pem cannot be read: "),
    ] {
        let found = trouble(&kept(&folder, certificate, key));
        assert!(found.starts_with(told), "{found:?} is not {told:?}");
    }
    let missing = Files { certificate: folder.path().join("nope.pem"), key: folder.path().join("key.pem") };
    assert!(trouble(&missing).starts_with("/nope.pem cannot be read: "));
    assert!(Tls::open(kept(&folder, &certificate, &key)).is_ok());
}

/// Whoever connects and says nothing, or not the right thing, is let go, and in time.
#[tokio::test]
async fn who_says_nothing_is_let_go() {
    let folder = TempDir::new().expect("a folder");
    let (certificate, key) = made(|_| {});
    let (mut tls, _) = Tls::open(kept(&folder, &certificate, &key)).expect("a right pair");
    tls.handshake_for = Duration::from_millis(20);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mut client = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("it listens");
    let (socket, _) = listener.accept().await.expect("somebody connected");
    let error = tls.accept(socket).await.expect_err("no handshake");
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert_eq!(client.read(&mut [0; 1]).await.expect("an end in good order"), 0);
}

/// What is asked of a connection that waits for its turn is counted too.
#[tokio::test]
async fn only_so_many_shake_hands_at_once() {
    let folder = TempDir::new().expect("a folder");
    let (certificate, key) = made(|_| {});
    let (mut tls, _) = Tls::open(kept(&folder, &certificate, &key)).expect("a right pair");
    tls.handshake_for = Duration::from_millis(20);
    tls.handshakes = Arc::new(Semaphore::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let _client = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("it listens");
    let (socket, _) = listener.accept().await.expect("somebody connected");
    assert_eq!(tls.accept(socket).await.expect_err("no turn").kind(), io::ErrorKind::TimedOut);
}
