//! The service without a listener, for [`Server`](super::Server) and for applications that have one of their own.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{Scope, web};
use anyhow::Context;
use futures_util::FutureExt;
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinHandle, spawn_blocking};
use tokio::time::{sleep, timeout};

use crate::access::{Access, now_ms};
use crate::auth::{Command, Hosts, Mode, Origins};
use crate::config::Config;
use crate::document::Registry;
use crate::embed::{Authorizer, Changed, Hooks, Read};
use crate::http::{self, Api, Entrance, Streams, Surroundings, Texts, Uploads};
use crate::search::Search;
use crate::store::{Edit, Entry, Listing, Store, is_over};

use super::indexing::Indexing;

/// How long the goodbyes of all connections may take when the server stops.
const FAREWELL_FOR: Duration = Duration::from_secs(1);

/// How often what is over is forgotten. It counts for nothing before that too.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// How often the trash is looked through for what is over.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

/// Entries that are looked at in one go for what has changed.
const CHANGED_PAGE: usize = 100;

/// What a change may lag behind its time stamp. What changed so shortly before a look is looked at again.
const STAMP_LAG_MS: u64 = 200;

/// A data folder that is open, and everything that serves it but a listener. Clones share everything.
///
/// ```no_run
/// # async fn example() -> anyhow::Result<()> {
/// use actix_web::{App, HttpServer};
/// use cowrite::{Cowrite, config::Config};
///
/// let cowrite = Cowrite::open(&Config { data: "notes".into(), ..Config::default() })?;
/// let mounted = cowrite.clone();
/// HttpServer::new(move || App::new().service(mounted.scope("/notes"))).bind("127.0.0.1:8080")?.run().await?;
/// cowrite.close().await
/// # }
/// ```
#[derive(Clone)]
pub struct Cowrite {
    pub(super) registry: web::Data<Registry>,
    entrance: web::Data<Entrance>,
    surroundings: web::Data<Surroundings>,
    api: web::Data<Api>,
    store: Arc<dyn Store>,
    authorizer: Option<web::Data<dyn Authorizer>>,
    hooks: Option<web::Data<dyn Hooks>>,
    access: Access,
    drain_for: Duration,
    tasks: Arc<Tasks>,
}

/// A [`Cowrite`] to be.
pub struct Builder<'a> {
    config: &'a Config,
    authorizer: Option<Arc<dyn Authorizer>>,
    hooks: Option<Arc<dyn Hooks>>,
}

/// What goes on by itself, until the last clone is gone.
#[derive(Default)]
struct Tasks {
    closing: Arc<Notify>,
    telling: Mutex<Option<JoinHandle<()>>>,
    indexing: Mutex<Option<Indexing>>,
    all: Mutex<Vec<AbortHandle>>,
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.all.lock().expect("nothing panics while it holds this").iter().for_each(AbortHandle::abort);
    }
}

impl Builder<'_> {
    /// Let the application decide who may do what, in place of the setting `access`.
    pub fn authorizer(mut self, authorizer: impl Authorizer) -> Self {
        self.authorizer = Some(Arc::new(authorizer));
        self
    }

    /// Let the application take part in the documents' lives.
    pub fn hooks(mut self, hooks: impl Hooks) -> Self {
        self.hooks = Some(Arc::new(hooks));
        self
    }

    /// Open the data folder. On a thread of actix (`#[actix_web::main]`), where a few tasks go on by themselves from here on.
    pub fn open(self) -> anyhow::Result<Cowrite> {
        let Builder { config, authorizer, hooks } = self;
        // What the application says counts as a token does that it signed.
        let mode = if authorizer.is_some() { Mode::Jwt } else { config.access_mode()? };
        let own = if authorizer.is_some() { Hosts::Any } else { config.own_hosts() };
        let store: Arc<dyn Store> = Arc::new(super::open_store(config)?);
        let access = Access::load(mode, store.clone()).context("cannot read who may do what")?;
        if mode == Mode::Jwt && authorizer.is_none() {
            let (source, expected) = super::keys(config)?;
            access.follow(source, expected).context("cannot read the keys that tokens are checked with")?;
        }
        let registry = web::Data::new(Registry::new(store.clone(), super::document_options(config, mode)));
        let search = Search::default();
        let indexing = Indexing::start(config.data.join("search"), search.clone(), registry.clone())
            .context("cannot start the thread of the search")?;
        let api = Api {
            documents: registry.clone().into_inner(),
            access: access.clone(),
            search: Some(search),
            upload_bytes: config.upload_bytes,
            image_bytes: config.image_bytes,
            uploads: Uploads::default(),
            texts: Texts::default(),
            streams: Streams::default(),
        };
        let surroundings = Surroundings {
            origins: Origins::new(config.origins.clone(), own),
            proxies: config.trusted_proxies.clone(),
            frames: config.frame_ancestors.clone(),
            tls: config.tls()?.is_some(),
        };
        let tasks = Arc::new(Tasks::default());
        let telling = hooks
            .clone()
            .map(|hooks| actix_web::rt::spawn(tell(registry.clone(), hooks, tasks.closing.clone())));
        {
            let mut all = tasks.all.lock().expect("nothing panics while it holds this");
            all.push(tokio::spawn(prune(access.clone())).abort_handle());
            all.push(actix_web::rt::spawn(sweep(registry.clone(), access.clone())).abort_handle());
            all.extend(telling.as_ref().map(JoinHandle::abort_handle));
        }
        *tasks.telling.lock().expect("nothing panics while it holds this") = telling;
        *tasks.indexing.lock().expect("nothing panics while it holds this") = Some(indexing);
        Ok(Cowrite {
            registry,
            entrance: web::Data::new(Entrance::default()),
            surroundings: web::Data::new(surroundings),
            api: web::Data::new(api),
            store,
            authorizer: authorizer.map(web::Data::from),
            hooks: hooks.map(web::Data::from),
            access,
            drain_for: config.drain_for,
            tasks,
        })
    }
}

impl Cowrite {
    /// Begin with these settings. Those of a listener (`listen`, `workers`, `tls-*`, `base-path`) are the application's own affair; but
    /// `listen` says who can reach it, where everybody may do everything.
    pub fn builder(config: &Config) -> Builder<'_> {
        Builder { config, authorizer: None, hooks: None }
    }

    /// Open the data folder, with nothing in it of an application's.
    pub fn open(config: &Config) -> anyhow::Result<Cowrite> {
        Cowrite::builder(config).open()
    }

    /// Who may do what.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Everything under one path (`/notes`, or nothing for all paths), for [`actix_web::App::service`].
    pub fn scope(&self, path: &str) -> Scope {
        let mut scope = web::scope(path)
            .app_data(self.registry.clone())
            .app_data(self.entrance.clone())
            .app_data(self.surroundings.clone());
        if let Some(authorizer) = &self.authorizer {
            scope = scope.app_data(authorizer.clone());
        }
        if let Some(hooks) = &self.hooks {
            scope = scope.app_data(hooks.clone());
        }
        scope.configure(http::routes(self.api.clone()))
    }

    /// Close every socket with 1012 ("come back in a moment") and save everything. Nothing is served from here on.
    pub async fn drain(&self) {
        let documents = self.registry.live_documents();
        tracing::info!(documents, "shutting down: closing connections and saving documents");
        if timeout(self.drain_for, self.registry.drain()).await.is_err() {
            let left = self.registry.live_documents();
            tracing::warn!(left, "not every document was put away in time; what was acknowledged is durable");
        }
        // Everybody has been told to come back later, and is given the time to hear it.
        let _ = timeout(FAREWELL_FOR, self.entrance.deserted()).await;
    }

    /// Make everything durable and let go of the data folder, after a drain if there was none.
    pub async fn close(self) -> anyhow::Result<()> {
        if !self.registry.is_draining() {
            self.drain().await;
        }
        let telling = self.tasks.telling.lock().expect("nothing panics while it holds this").take();
        if let Some(telling) = telling {
            self.tasks.closing.notify_one();
            let _ = timeout(self.drain_for, telling).await;
        }
        let indexing = self.tasks.indexing.lock().expect("nothing panics while it holds this").take();
        let closed = spawn_blocking(move || {
            drop(indexing);
            self.store.close()
        })
        .await;
        closed.context("closing the store panicked")?.context("the last changes could not be made durable")
    }
}

/// Tell the application which documents have changed, until the end.
///
/// It looks at the catalogue, which knows when each was changed last: nothing waits for a hook that is slow, and nothing is lost by it.
async fn tell(registry: web::Data<Registry>, hooks: Arc<dyn Hooks>, closing: Arc<Notify>) {
    let mut since_ms = now_ms();
    let read: Read = {
        let registry = registry.clone();
        Arc::new(move |id| {
            let registry = registry.clone();
            async move { Ok(registry.export(&id).await?.1) }.boxed()
        })
    };
    loop {
        let ends = tokio::select! {
            () = sleep(hooks.every()) => false,
            () = closing.notified() => true,
        };
        let looked_ms = now_ms();
        match changed(&registry, since_ms).await {
            Ok(entries) => {
                for Entry { id, title, .. } in entries {
                    hooks.on_change(Changed { document: id, title, read: read.clone() }).await;
                }
                since_ms = looked_ms.saturating_sub(STAMP_LAG_MS);
            }
            Err(error) => tracing::warn!(%error, "the application could not be told of changes"),
        }
        if ends {
            return;
        }
    }
}

/// The documents that were changed since then, the last changed last.
async fn changed(registry: &Registry, since_ms: u64) -> anyhow::Result<Vec<Entry>> {
    let mut found: Vec<Entry> = Vec::new();
    loop {
        let page = registry.page(found.last().map(Entry::rank), CHANGED_PAGE).await?;
        let (looked_at, before) = (page.len(), found.len());
        found.extend(page.into_iter().take_while(|entry| entry.updated_ms >= since_ms));
        if looked_at < CHANGED_PAGE || found.len() - before < looked_at {
            found.reverse();
            return Ok(found);
        }
    }
}

/// Forget now and then what is over.
async fn prune(access: Access) {
    loop {
        if let Err(error) = access.perform(Command::Prune).await {
            tracing::warn!(%error, "what is over of logins, links and invitations could not be forgotten");
        }
        sleep(PRUNE_EVERY).await;
    }
}

/// Delete now and then what has been in the trash for long.
async fn sweep(registry: web::Data<Registry>, access: Access) {
    loop {
        match swept(&registry, &access).await {
            Ok(0) => {}
            Ok(documents) => tracing::info!(documents, "documents in the trash were deleted"),
            Err(error) => tracing::warn!(%error, "what is over in the trash could not be deleted"),
        }
        sleep(SWEEP_EVERY).await;
    }
}

/// How many were deleted.
async fn swept(registry: &Registry, access: &Access) -> anyhow::Result<usize> {
    let now_ms = now_ms();
    let trash = registry.list(Listing { trash: true, limit: usize::MAX, ..Listing::default() }).await?;
    let mut deleted = 0;
    for entry in trash.iter().filter(|entry| is_over(entry, now_ms)) {
        if registry.edit(&entry.id, Edit::Sweep { now_ms }).await?.deleted_ms.is_some() {
            access.perform(Command::Forget(entry.number)).await?;
            deleted += 1;
        }
    }
    Ok(deleted)
}
