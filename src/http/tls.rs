//! TLS of our own: a certificate and its key from two files, which are looked at again every few seconds, and handshakes that are bounded
//! in number and time.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::rt::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::limits;
use crate::metrics;
use crate::timestamp::rfc3339;

/// Where the certificate (with those that vouch for it, its own first) and its private key are, as PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{} cannot be read: {error}", .path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("{} holds no certificate in PEM (BEGIN CERTIFICATE)", .0.display())]
    NoCertificate(PathBuf),
    #[error("{} holds no private key in PEM (BEGIN PRIVATE KEY)", .0.display())]
    NoKey(PathBuf),
    #[error("the key in {} is not the one of the certificate in {}", .0.key.display(), .0.certificate.display())]
    Mismatch(Files),
    #[error("the certificate in {} ended on {ended}; renew it", .path.display())]
    Expired { path: PathBuf, ended: String },
    #[error("the certificate in {} begins on {begins}; is the clock right?", .path.display())]
    Early { path: PathBuf, begins: String },
    #[error("the certificate in {} cannot be used: {reason}", .path.display())]
    Unusable { path: PathBuf, reason: String },
}

/// What both files hold.
#[derive(PartialEq, Eq)]
struct Pair {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// The server's end of TLS. Clones share everything.
#[derive(Clone)]
pub struct Tls {
    files: Files,
    shown: Arc<Shown>,
    acceptor: TlsAcceptor,
    handshakes: Arc<Semaphore>,
    handshake_for: Duration,
}

/// The certificate that is shown at present. Whoever is connected already is not asked again.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().expect("nothing panics while it holds this").clone())
    }
}

impl Tls {
    /// Read the files. Also gives what watches them, to be spawned.
    pub fn open(files: Files) -> Result<(Tls, impl Future<Output = ()> + use<>), TlsError> {
        let pair = Pair::read(&files)?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let shown = Arc::new(Shown(RwLock::new(Arc::new(pair.certified(&files, &provider, now())?))));
        let mut config = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .expect("the provider has what these versions need")
            .with_no_client_auth()
            .with_cert_resolver(shown.clone());
        // WebSockets begin in HTTP/1.1, and the page is a handful of files: a second protocol would gain little.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let tls = Tls {
            files,
            shown,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            handshakes: Arc::new(Semaphore::new(limits::HANDSHAKES)),
            handshake_for: limits::HANDSHAKE_FOR,
        };
        Ok((tls.clone(), tls.watch(pair, provider)))
    }

    /// Shake hands, within limits of time and number.
    pub async fn accept(&self, socket: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let shaken = timeout(self.handshake_for, async {
            let _turn = self.handshakes.acquire().await.expect("nobody closes it");
            self.acceptor.accept(socket).await
        });
        let accepted = shaken.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        accepted.inspect_err(|error| {
            metrics::HANDSHAKES_FAILED.add(1);
            tracing::debug!(%error, "a TLS handshake failed");
        })
    }

    /// Look at the files every few seconds, and show what is new in them if it can be used. By their bytes and not their times: they are
    /// small, and tools swap them in many ways.
    async fn watch(self, mut known: Pair, provider: Arc<CryptoProvider>) {
        let mut told = None;
        loop {
            sleep(limits::CERTIFICATE_EVERY).await;
            let files = self.files.clone();
            let read = spawn_blocking(move || Pair::read(&files)).await.expect("reading does not panic");
            let renewed = match read {
                Ok(pair) if pair == known => {
                    told = None;
                    continue;
                }
                Ok(pair) => pair.certified(&self.files, &provider, now()).map(|certified| (pair, certified)),
                Err(error) => Err(error),
            };
            match renewed {
                Ok((pair, certified)) => {
                    *self.shown.0.write().expect("nothing panics while it holds this") = Arc::new(certified);
                    (known, told) = (pair, None);
                    tracing::info!(file = %self.files.certificate.display(), "a new certificate is in use");
                }
                // Two files cannot be swapped at once, so the next look may find them right. Each trouble is told once.
                Err(error) => {
                    let trouble = error.to_string();
                    if told.as_ref() != Some(&trouble) {
                        tracing::error!(%error, "the certificate was not taken; the last one stays in use");
                    }
                    told = Some(trouble);
                }
            }
        }
    }
}

impl Pair {
    fn read(files: &Files) -> Result<Pair, TlsError> {
        Ok(Pair { certificate: read(&files.certificate)?, key: read(&files.key)? })
    }

    /// What rustls shows, if it is right at this time, which is counted from 1970.
    fn certified(
        &self,
        files: &Files,
        provider: &CryptoProvider,
        now: Duration,
    ) -> Result<CertifiedKey, TlsError> {
        let path = || files.certificate.clone();
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .map_err(|error| TlsError::Unusable { path: path(), reason: error.to_string() })?;
        let Some(own) = chain.first() else { return Err(TlsError::NoCertificate(path())) };
        in_time(own, path(), now)?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| TlsError::NoKey(files.key.clone()))?;
        CertifiedKey::from_der(chain, key, provider).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => TlsError::Mismatch(files.clone()),
            error => TlsError::Unusable { path: path(), reason: error.to_string() },
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let unreadable = |error| TlsError::Unreadable { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(limits::CERTIFICATE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    match bytes.len() as u64 > limits::CERTIFICATE_BYTES {
        true => Err(unreadable(io::ErrorKind::FileTooLarge.into())),
        false => Ok(bytes),
    }
}

/// Browsers refuse a certificate whose time is over or has not come, and then the person has no way in.
fn in_time(certificate: &CertificateDer<'_>, path: PathBuf, now: Duration) -> Result<(), TlsError> {
    let parsed = Certificate::from_der(certificate)
        .map_err(|error| TlsError::Unusable { path: path.clone(), reason: error.to_string() })?;
    let validity = parsed.tbs_certificate().validity();
    let (begins, ends) = (validity.not_before.to_unix_duration(), validity.not_after.to_unix_duration());
    let show = |time: Duration| rfc3339(time.as_millis() as u64);
    if now > ends {
        return Err(TlsError::Expired { path, ended: show(ends) });
    }
    if now < begins {
        return Err(TlsError::Early { path, begins: show(begins) });
    }
    Ok(())
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests;
