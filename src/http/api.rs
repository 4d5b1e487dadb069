//! What the HTTP interface asks of the running service. The handlers know documents only through this, and so are
//! tested without storage, actors or sockets.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;

use crate::document::Person;
use crate::ids::{DocId, ImageName, Kind, SessionId};
use crate::protocol::close::Close;
use crate::store::{Edit, Entry, Filing, Health, Images, Kept, Listing, StoreError};

/// The documents of a running service, live ones and stored ones alike.
pub trait Documents: Send + Sync {
    /// Make a document and, when it is given a text, its first change. Resolves once both are durable, or not made.
    fn create(&self, new: NewDocument) -> Answer<'_, Entry>;

    /// What the catalogue says of a document; `Unknown`, `Trashed` or `Deleted` when it is not there.
    fn find<'a>(&'a self, id: &'a DocId) -> Answer<'a, Entry>;

    /// What the catalogue knows of an id, whether it is there, in the trash or deleted.
    fn entry<'a>(&'a self, id: &'a DocId) -> Answer<'a, Option<Entry>>;

    /// A part of a list of documents: see [`crate::store::Store::page`].
    fn list(&self, listing: Listing) -> Answer<'_, Vec<Entry>>;

    /// What the documents that are there are filed under.
    fn filing(&self) -> Answer<'_, Arc<Filing>>;

    /// Change what the catalogue says of a document. Where it is gone then, its connections are closed with 4404. Resolves once that is
    /// durable.
    fn edit<'a>(&'a self, id: &'a DocId, edit: Edit) -> Answer<'a, Entry>;

    /// A document's whole state as one v1 update, changes included that are not yet durable.
    fn state<'a>(&'a self, id: &'a DocId) -> Answer<'a, (Entry, Bytes)>;

    /// Change a document that exists by an update in the v1 encoding. Resolves once that is durable.
    fn contribute<'a>(&'a self, id: &'a DocId, author: Arc<str>, update: Bytes) -> Answer<'a, ()>;

    /// Keep an image of a document that is there. Resolves once it is durable.
    fn keep_image<'a>(&'a self, id: &'a DocId, name: ImageName, bytes: Bytes) -> Answer<'a, Kept>;

    /// The images of all documents, for reading and copying them off the threads that serve sockets.
    fn images(&self) -> Arc<dyn Images>;

    /// Who is connected to a document.
    fn people<'a>(&'a self, id: &'a DocId) -> Answer<'a, Vec<Person>>;

    /// Close a connection; `false` if there is none of this session.
    fn expel<'a>(&'a self, id: &'a DocId, session: SessionId, close: Close) -> Answer<'a, bool>;

    /// Whether storage takes writes.
    fn health(&self) -> Health;

    /// Whether the server is shutting down.
    fn draining(&self) -> bool;
}

/// Comes later, on the thread that asked.
pub type Answer<'a, T> = LocalBoxFuture<'a, Result<T, ServiceError>>;

/// A document to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument {
    pub id: DocId,
    pub kind: Kind,
    /// Empty for none.
    pub title: String,
    /// The v1 update that writes its text; `None` for an empty document.
    pub update: Option<Bytes>,
    /// Make it although a document of this id was deleted.
    pub again: bool,
}

/// Why the service could not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ServiceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// More is asked than is answered; the reason is for people.
    #[error("the server is overloaded: {0}")]
    Overloaded(Arc<str>),
    /// The update builds on changes that are not there.
    #[error("the update builds on changes that are not in the document")]
    Early,
    /// Yjs writes no such update.
    #[error("this is no update: {0}")]
    Malformed(Arc<str>),
    #[error("the update costs too much: {0}")]
    TooCostly(Arc<str>),
    /// The document has no room for that much.
    #[error("the document is full")]
    Full,
    #[error("the server is shutting down")]
    Draining,
    /// Our own fault; the reason is for the log.
    #[error("internal error: {0}")]
    Internal(Arc<str>),
}
