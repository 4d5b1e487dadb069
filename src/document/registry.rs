//! Which documents are live, and how one comes to life: once, however many ask at the same time.

mod error;
mod images;
mod options;
mod registration;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use actix::Actor;
use bytes::Bytes;
use futures_util::future::join_all;
use tokio::task::spawn_blocking;

use super::event::{Arrival, Person};
use super::handle::{Attached, Handle, Stopped};
use super::home::Home;
use super::outbox::Line;
use super::session::Session;
use crate::ids::{ConnectionId, DocId, Kind, SessionId};
use crate::protocol::CloseCode;
use crate::protocol::close::Close;
use crate::store::{Edit, Entry, Filing, Health, Listing, Place, Rank, Receipt, Store, StoreError, Stored};

pub use error::DocumentError;
pub use options::Options;
pub(super) use registration::Registration;

/// How often a document is opened anew when it stopped just as somebody came.
const ATTEMPTS: usize = 5;

type Live = Arc<Mutex<HashMap<DocId, (u64, Handle)>>>;

/// How often a document has ended by accident since the process started.
type Crashes = Arc<Mutex<HashMap<DocId, u32>>>;

/// The live documents, and the way to all others.
pub struct Registry {
    store: Arc<dyn Store>,
    options: Options,
    live: Live,
    crashes: Crashes,
    /// Numbers actors, so that one that ends late does not remove its successor.
    generation: AtomicU64,
    connection: AtomicU64,
    /// How often a title changed or a document went.
    catalogue: AtomicU64,
    draining: AtomicBool,
}

fn lock(live: &Live) -> MutexGuard<'_, HashMap<DocId, (u64, Handle)>> {
    live.lock().expect("nothing panics while it holds the registry")
}

impl Registry {
    pub fn new(store: Arc<dyn Store>, options: Options) -> Registry {
        Registry {
            store,
            options,
            live: Live::default(),
            crashes: Crashes::default(),
            generation: AtomicU64::new(0),
            connection: AtomicU64::new(0),
            catalogue: AtomicU64::new(0),
            draining: AtomicBool::new(false),
        }
    }

    pub fn options(&self) -> &Options {
        &self.options
    }

    pub fn health(&self) -> Health {
        self.store.health()
    }

    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Documents in memory at present.
    pub fn live_documents(&self) -> usize {
        lock(&self.live).len()
    }

    /// A number for the next connection.
    pub fn next_connection(&self) -> ConnectionId {
        ConnectionId(self.connection.fetch_add(1, Ordering::Relaxed))
    }

    /// The thread that a document lives on, for whoever wants to attach to it from there. It comes to life on this one if it is not.
    pub fn home(&self, id: &DocId) -> Home {
        if self.is_draining() { Home::here() } else { self.open(id).home }
    }

    /// Let a connection into a document, which comes to life for it if need be, and into being if nobody made it before.
    pub async fn attach(&self, id: &DocId, arrival: Arrival, line: &Line) -> Result<Attached, DocumentError> {
        self.with_live(id, |handle| {
            let arrival = arrival.clone();
            async move { handle.attach(arrival, line).await }
        })
        .await?
        .map_err(DocumentError::Closed)
    }

    /// Make a document, with its first text when there is one (an update in Yjs' v1 encoding). A deleted
    /// document is made again only if that is asked for. Returns when all of it is durable.
    pub async fn create(
        &self,
        id: &DocId,
        kind: Kind,
        title: String,
        first: Option<Bytes>,
        again: bool,
    ) -> Result<Entry, DocumentError> {
        self.refuse_while_draining()?;
        let (name, store) = (id.clone(), self.store.clone());
        let (entry, receipt) = blocking(move || store.create(&name, kind, &title, again)).await?;
        durable(receipt).await?;
        if let Some(update) = first {
            self.contribute(id, "import".into(), update).await?;
        }
        Ok(entry)
    }

    /// Change a document on behalf of no connection. Returns when the change is durable.
    pub async fn contribute(&self, id: &DocId, author: Arc<str>, update: Bytes) -> Result<(), DocumentError> {
        self.with_live(id, |handle| {
            let (author, update) = (author.clone(), update.clone());
            async move { handle.contribute(author, update).await }
        })
        .await?
        .map_err(DocumentError::Contribution)
    }

    /// What the catalogue knows of an id, whether it is there, in the trash or deleted.
    pub async fn entry(&self, id: &DocId) -> Result<Option<Entry>, DocumentError> {
        let (name, store) = (id.clone(), self.store.clone());
        blocking(move || store.find(&name)).await
    }

    /// The entry of a document that exists.
    pub async fn find(&self, id: &DocId) -> Result<Entry, DocumentError> {
        match self.entry(id).await? {
            Some(entry) => DocumentError::of_absent(&entry).map_or(Ok(entry), Err),
            None => Err(StoreError::Unknown(id.clone()).into()),
        }
    }

    /// A part of a list of documents: see [`Store::page`].
    pub async fn list(&self, listing: Listing) -> Result<Vec<Entry>, DocumentError> {
        let store = self.store.clone();
        blocking(move || store.page(&listing)).await
    }

    /// What the documents that are there are filed under.
    pub async fn filing(&self) -> Result<Arc<Filing>, DocumentError> {
        let store = self.store.clone();
        blocking(move || store.filing()).await
    }

    /// Another number whenever the catalogue has changed other than by changes of documents, which are the last changed in its list.
    pub fn catalogue_version(&self) -> u64 {
        self.catalogue.load(Ordering::Acquire)
    }

    /// The documents that are there, from that rank on: the last changed first.
    pub async fn page(&self, behind: Option<Rank>, limit: usize) -> Result<Vec<Entry>, DocumentError> {
        self.list(Listing { behind: behind.map(Place::Time), limit, ..Listing::default() }).await
    }

    /// Change what the catalogue says of a document. What that means for everybody in it, they are told once it is durable: another
    /// title, or that the document is gone.
    pub async fn edit(&self, id: &DocId, edit: Edit) -> Result<Entry, DocumentError> {
        let is_renamed = matches!(edit, Edit::Title(_));
        let (name, store) = (id.clone(), self.store.clone());
        let (entry, receipt) = blocking(move || store.edit(&name, edit)).await?;
        durable(receipt).await?;
        self.catalogue.fetch_add(1, Ordering::Release);
        if entry.deleted_ms.is_some() {
            self.forget_images(entry.number).await;
        }
        // If it stops meanwhile, its successor reads what is in the catalogue.
        if let Some(handle) = self.if_live(id) {
            match DocumentError::of_absent(&entry) {
                Some(reason) => drop(handle.discard(reason.close()).await),
                None if is_renamed => drop(handle.renamed(entry.clone()).await),
                None => {}
            }
        }
        Ok(entry)
    }

    /// Give a document another title.
    pub async fn rename(&self, id: &DocId, title: String) -> Result<Entry, DocumentError> {
        self.edit(id, Edit::Title(title)).await
    }

    /// Delete a document for good.
    pub async fn delete(&self, id: &DocId) -> Result<(), DocumentError> {
        self.edit(id, Edit::Delete).await.map(drop)
    }

    /// Who is connected to a document.
    pub async fn people(&self, id: &DocId) -> Vec<Person> {
        match self.if_live(id) {
            // One that stops just now has nobody left.
            Some(handle) => handle.people().await.unwrap_or_default(),
            None => Vec::new(),
        }
    }

    /// Close a connection; `false` if there is none of this session.
    pub async fn expel(&self, id: &DocId, session: SessionId, close: Close) -> bool {
        match self.if_live(id) {
            Some(handle) => handle.expel(session, close).await.unwrap_or(false),
            None => false,
        }
    }

    /// A document that exists, and its whole state as one update.
    pub async fn export(&self, id: &DocId) -> Result<(Entry, Bytes), DocumentError> {
        self.find(id).await?;
        self.with_live(id, |handle| async move { handle.export().await })
            .await?
            .map_err(DocumentError::Closed)
    }

    /// The updates that a document is made of, in order: of a live one its state, with what is not durable yet. One that is stored is
    /// not brought to life for it.
    pub async fn updates(&self, entry: &Entry) -> Result<Vec<Bytes>, DocumentError> {
        self.refuse_while_draining()?;
        if let Some(handle) = self.if_live(&entry.id)
            && let Ok(exported) = handle.export().await
        {
            let (live, state) = exported.map_err(DocumentError::Closed)?;
            if live.number == entry.number {
                return Ok(vec![state]);
            }
        }
        let (number, store) = (entry.number, self.store.clone());
        let Stored { snapshot, tail, .. } = blocking(move || store.load(number)).await?;
        Ok(snapshot.into_iter().chain(tail.into_iter().map(|change| change.update)).collect())
    }

    /// Close every connection with 1012, save everything and put every document away. New ones are refused.
    pub async fn drain(&self) {
        self.draining.store(true, Ordering::Release);
        loop {
            let handles: Vec<Handle> = lock(&self.live).values().map(|(_, handle)| handle.clone()).collect();
            if handles.is_empty() {
                return;
            }
            join_all(handles.iter().map(|handle| handle.drain(Registration::restarting()))).await;
        }
    }

    /// Ask a live document, and once more if it was just being put away.
    async fn with_live<T, F, Fut>(&self, id: &DocId, ask: F) -> Result<T, DocumentError>
    where
        F: Fn(Handle) -> Fut,
        Fut: Future<Output = Result<T, Stopped>>,
    {
        for _ in 0..ATTEMPTS {
            self.refuse_while_draining()?;
            if let Ok(answer) = ask(self.open(id)).await {
                return Ok(answer);
            }
        }
        Err(DocumentError::Closed(Close::new(
            CloseCode::Internal,
            "the document keeps stopping; try again later",
        )))
    }

    /// The document's actor, started on the present thread if it is not live.
    fn open(&self, id: &DocId) -> Handle {
        let mut live = lock(&self.live);
        if let Some((_, handle)) = live.get(id)
            && handle.session.connected()
        {
            return handle.clone();
        }
        let generation = self.generation.fetch_add(1, Ordering::Relaxed);
        let registration = Registration {
            id: id.clone(),
            generation,
            live: self.live.clone(),
            crashes: self.crashes.clone(),
            ended: AtomicBool::new(false),
        };
        let session =
            Session::new(id.clone(), self.options.clone(), self.store.clone(), registration).start();
        let handle = Handle { session, home: Home::here() };
        live.insert(id.clone(), (generation, handle.clone()));
        handle
    }

    fn if_live(&self, id: &DocId) -> Option<Handle> {
        lock(&self.live).get(id).map(|(_, handle)| handle.clone())
    }

    fn refuse_while_draining(&self) -> Result<(), DocumentError> {
        if self.is_draining() { Err(DocumentError::Draining) } else { Ok(()) }
    }
}

/// Run what reads or waits for a disk off the threads that serve sockets.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, DocumentError> {
    match spawn_blocking(work).await {
        Ok(result) => Ok(result?),
        Err(panic) => Err(DocumentError::Panicked(panic.to_string())),
    }
}

async fn durable(receipt: Receipt) -> Result<(), StoreError> {
    receipt.await.unwrap_or(Err(StoreError::Closed))
}
