//! The composition root: the one place that names the concrete store and puts the parts together.

mod cowrite;
mod indexing;

use std::net::SocketAddr;

use actix_web::App;
use anyhow::Context;

use crate::access::Access;
use crate::auth::Mode;
use crate::config::Config;
use crate::document;
use crate::http::tls::{Files, Tls};
use crate::http::{self, Listening};
use crate::store::{self, JournalStore};
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

fn document_options(config: &Config, mode: Mode) -> document::Options {
    let options = document::Options::default();
    document::Options {
        // Elsewhere it is asked first whether somebody may.
        created_kind: options.created_kind.filter(|_| mode == Mode::Open),
        connections_per_document: config.connections_per_document,
        idle_for: config.idle_for,
        checkpoint_updates: config.checkpoint_updates,
        checkpoint_bytes: config.checkpoint_bytes,
        message_bytes: config.message_bytes,
        document_bytes: config.document_bytes,
        connections_per_address: config.connections_per_address,
        updates_per_second: config.updates_per_second,
        bytes_per_second: config.bytes_per_second,
        ..options
    }
}
