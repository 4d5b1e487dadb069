//! The composition root: the one place that names the concrete store and puts the parts together.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, web};
use anyhow::Context;
use tokio::time::timeout;

use crate::access::Access;
use crate::auth::Command;
use crate::config::Config;
use crate::document::{self, Registry};
use crate::http::{self, Api, Entrance, Listening, Surroundings};
use crate::store::{self, JournalStore, Store};

/// How long the goodbyes of all connections may take when the server stops.
const FAREWELL_FOR: Duration = Duration::from_secs(1);

/// How often what is over is forgotten. It counts for nothing before that too.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// A server that listens. Drop it and it stops without draining; [`Server::run`] does it properly.
pub struct Server {
    address: SocketAddr,
    registry: web::Data<Registry>,
    entrance: web::Data<Entrance>,
    store: Arc<dyn Store>,
    access: Access,
    http: actix_web::dev::Server,
    drain_for: Duration,
}

impl Server {
    /// Open the data folder and start to listen. Port 0 takes a free one; [`Server::address`] tells which.
    pub fn start(config: &Config) -> anyhow::Result<Server> {
        let mode = config.access_mode()?;
        let store: Arc<dyn Store> = Arc::new(open_store(config)?);
        let access = Access::load(mode, store.clone()).context("cannot read who may do what")?;
        let registry = web::Data::new(Registry::new(store.clone(), document_options(config)));
        let api = Api {
            documents: registry.clone().into_inner(),
            access: access.clone(),
            upload_bytes: config.upload_bytes,
        };
        let (shared, api) = (registry.clone(), web::Data::new(api));
        let entrance = web::Data::new(Entrance::default());
        let doors = entrance.clone();
        let surroundings = web::Data::new(Surroundings {
            origins: config.origins(),
            proxies: config.trusted_proxies.clone(),
        });
        let app = move || {
            App::new()
                .app_data(shared.clone())
                .app_data(doors.clone())
                .app_data(surroundings.clone())
                .configure(http::routes(api.clone()))
        };
        let listening = http::listen(config.listen, config.worker_threads(), app);
        let Listening { address, server } = listening.with_context(|| {
            format!(
                "cannot listen on {}; is another server there? choose another with --listen",
                config.listen
            )
        })?;
        Ok(Server { address, registry, entrance, store, access, http: server, drain_for: config.drain_for })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who may do what.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Serve until `stop` resolves, then close every socket with 1012, make everything durable and return.
    pub async fn run(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let Server { registry, entrance, store, access, http, drain_for, .. } = self;
        let pruning = actix_web::rt::spawn(prune(access));
        let handle = http.handle();
        let serving = actix_web::rt::spawn(http);
        tokio::pin!(serving);
        tokio::select! {
            ended = &mut serving => ended.context("the HTTP server panicked")?.context("the HTTP server failed")?,
            () = stop => {
                drain(&registry, &entrance, &handle, drain_for).await;
                serving.await.context("the HTTP server panicked")?.context("the HTTP server failed")?;
            }
        }
        pruning.abort();
        let closed = tokio::task::spawn_blocking(move || store.close()).await;
        closed.context("closing the store panicked")?.context("the last changes could not be made durable")
    }
}

/// Forget now and then what is over.
async fn prune(access: Access) {
    loop {
        if let Err(error) = access.perform(Command::Prune).await {
            tracing::warn!(%error, "what is over of logins, links and invitations could not be forgotten");
        }
        tokio::time::sleep(PRUNE_EVERY).await;
    }
}

async fn drain(registry: &Registry, entrance: &Entrance, handle: &ServerHandle, drain_for: Duration) {
    let documents = registry.live_documents();
    tracing::info!(documents, "shutting down: closing connections and saving documents");
    if timeout(drain_for, registry.drain()).await.is_err() {
        let left = registry.live_documents();
        tracing::warn!(left, "not every document was put away in time; what was acknowledged is durable");
    }
    // Everybody has been told to come back later, and is given the time to hear it.
    let _ = timeout(FAREWELL_FOR, entrance.deserted()).await;
    handle.stop(true).await;
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

fn document_options(config: &Config) -> document::Options {
    document::Options {
        connections_per_document: config.connections_per_document,
        idle_for: config.idle_for,
        checkpoint_updates: config.checkpoint_updates,
        checkpoint_bytes: config.checkpoint_bytes,
        message_bytes: config.message_bytes,
        document_bytes: config.document_bytes,
        connections_per_address: config.connections_per_address,
        updates_per_second: config.updates_per_second,
        bytes_per_second: config.bytes_per_second,
        ..document::Options::default()
    }
}
