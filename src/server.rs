//! The composition root: the one place that names the concrete store and puts the parts together.

mod cowrite;
mod indexing;

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::App;
use anyhow::Context;

use crate::access::{Access, Source};
use crate::auth::Mode;
use crate::auth::jwt::Expected;
use crate::config::Config;
use crate::document;
use crate::http::tls::{Files, Tls};
use crate::http::{self, Listening};
use crate::ids::Kind;
use crate::store::{self, JournalStore, Store};
pub use cowrite::{Builder, Cowrite};

/// A server that listens. Drop it and it stops without draining; [`Server::run`] does it properly.
pub struct Server {
    address: SocketAddr,
    /// Where a browser finds it.
    url: String,
    cowrite: Cowrite,
    http: actix_web::dev::Server,
}

impl Server {
    /// Open the data folder and start to listen. Port 0 takes a free one; [`Server::address`] tells which.
    pub fn start(config: &Config) -> anyhow::Result<Server> {
        let tls = config.tls()?.map(|(certificate, key)| {
            let files = Files { certificate: certificate.to_owned(), key: key.to_owned() };
            let (tls, watching) = Tls::open(files)?;
            actix_web::rt::spawn(watching);
            anyhow::Ok(tls)
        });
        let tls = tls.transpose()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let cowrite = Cowrite::open(config)?;
        let (served, base) = (cowrite.clone(), config.base_path.clone());
        let app = move || App::new().service(served.scope(&base)).default_service(http::outside());
        let listening = http::listen(config.listen, config.worker_threads(), tls, app);
        let Listening { address, server } = listening.with_context(|| {
            format!(
                "cannot listen on {}; is another server there? choose another with --listen",
                config.listen
            )
        })?;
        let url = format!("{scheme}://{address}{}/", config.base_path);
        Ok(Server { address, url, cowrite, http: server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who may do what.
    pub fn access(&self) -> &Access {
        self.cowrite.access()
    }

    /// Where a browser on this machine finds it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Serve until `stop` resolves, then close every socket with 1012, make everything durable and return.
    pub async fn run(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let Server { cowrite, http, .. } = self;
        let handle = http.handle();
        let serving = actix_web::rt::spawn(http);
        tokio::pin!(serving);
        tokio::select! {
            ended = &mut serving => ended.context("the HTTP server panicked")?.context("the HTTP server failed")?,
            () = stop => {
                cowrite.drain().await;
                handle.stop(true).await;
                serving.await.context("the HTTP server panicked")?.context("the HTTP server failed")?;
            }
        }
        cowrite.close().await
    }
}

/// Open the data folder, for the server or for a command without one.
pub fn open_store(config: &Config) -> anyhow::Result<JournalStore> {
    let options = store::Options {
        segment_bytes: config.journal_segment_bytes,
        journal_bytes: config.journal_retention_bytes.unwrap_or(u64::MAX),
        ..store::Options::default()
    };
    JournalStore::open(&config.data, options)
        .with_context(|| format!("cannot open the data folder {}", config.data.display()))
}

/// Open the data folder for a command on who may do what, and make durable what it did.
pub fn with_access<E: std::error::Error + Send + Sync + 'static>(
    config: &Config,
    command: impl AsyncFnOnce(&Access) -> Result<(), E>,
) -> anyhow::Result<()> {
    let store: Arc<dyn Store> = Arc::new(open_store(config)?);
    let access = Access::load(Mode::Accounts, store.clone()).context("cannot read who may do what")?;
    let done = actix_web::rt::System::new().block_on(command(&access));
    store.close().context("the last changes could not be made durable")?;
    Ok(done?)
}

/// Where the keys of tokens are, and what tokens have to be.
fn keys(config: &Config) -> anyhow::Result<(Source, Expected)> {
    let source = match (&config.jwt_secret_file, &config.jwt_keys) {
        (Some(file), None) => Source::Secret(file.clone()),
        (None, Some(url)) if url.starts_with("https://") || url.starts_with("http://") => {
            Source::Url(url.clone())
        }
        (None, Some(path)) => Source::File(path.into()),
        (None, None) => anyhow::bail!(
            "with --access jwt another application signs tokens, and it is not said how to check them: set --jwt-keys (a file or a URL \
             with its public keys) or --jwt-secret-file (a secret shared with it)"
        ),
        (Some(_), Some(_)) => {
            anyhow::bail!("--jwt-keys and --jwt-secret-file are both set: choose one of them")
        }
    };
    let expected = Expected {
        algorithms: config.jwt_algorithms.clone(),
        issuer: config.jwt_issuer.clone(),
        audience: config.jwt_audience.clone(),
        leeway: config.jwt_leeway,
    };
    Ok((source, expected))
}

fn document_options(config: &Config, mode: Mode) -> document::Options {
    document::Options {
        // Elsewhere it is asked first whether somebody may.
        created_kind: (mode == Mode::Open).then(Kind::default),
        connections_per_document: config.connections_per_document,
        idle_for: config.idle_for,
        checkpoint_updates: config.checkpoint_updates,
        checkpoint_bytes: config.checkpoint_bytes,
        message_bytes: config.message_bytes,
        document_bytes: config.document_bytes,
        connections_per_address: config.connections_per_address,
        updates_per_second: config.updates_per_second,
        bytes_per_second: config.bytes_per_second,
    }
}
