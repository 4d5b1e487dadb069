//! What the service asks of storage, and nothing of how it is done.
//!
//! The journal is the truth and sled is a checkpoint of it that makes opening fast; callers know neither. Everything
//! here may be called from any thread. Calls that read or wait for a disk say "blocking" and belong off the threads
//! that serve sockets.

mod catalogue;
mod files;
mod images;
mod journal;
mod listing;
mod lock;
mod memory;
mod schema;
#[cfg(test)]
mod simulated;
mod snapshots;
mod stranded;
mod tags;

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::ids::{DocId, DocNumber, Epoch, Kind, Seq};

#[cfg(test)]
pub use catalogue::edited;
pub use catalogue::is_over;
pub use images::{Images, Kept, MemoryImages};
pub use journal::{
    Check, Copied, CopiedImages, Finding, FolderError, JournalStore, OpenError, Options, Repaired, Report,
    Rewound, backup, repair, restore, verify,
};
pub use listing::{Listing, Place, Rank, Sort, page_of};
pub use memory::MemoryStore;
pub use tags::{BadTags, Filing, tags};

/// One accepted update, as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When it was accepted, in milliseconds since 1970.
    pub at_ms: u64,
    /// Who made it: the session id, later an identity. At most 255 bytes.
    pub author: Arc<str>,
    /// The update in Yjs' v1 encoding, as the guard let it pass.
    pub update: Bytes,
}

/// What the catalogue says of one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub number: DocNumber,
    pub id: DocId,
    pub epoch: Epoch,
    pub kind: Kind,
    /// Empty until somebody gives one.
    pub title: String,
    pub created_ms: u64,
    /// When the last change was accepted; the creation while there is none.
    pub updated_ms: u64,
    /// When it was deleted. A deleted document keeps its entry (a tombstone), so that nobody makes it again by accident.
    pub deleted_ms: Option<u64>,
    /// What it is filed under, as [`tags()`] lets it pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// When it was put in the trash, where nobody opens it and from where it comes back as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trashed_ms: Option<u64>,
}

/// What changes in an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    Title(String),
    /// All of them, in place of those before.
    Tags(Vec<String>),
    /// Into the trash …
    Trash,
    /// … and out of it. A document that is not in it stays as it is.
    Restore,
    /// Put a tombstone on it, from the trash as well.
    Delete,
    /// The same, if it is over by then ([`is_over`]). If not, the entry stays as it is: somebody has just restored it.
    Sweep {
        now_ms: u64,
    },
}

/// Something that is kept beside documents under a key, of which the last one counts. What it says is a closed book to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub key: Bytes,
    /// `None` when nothing is under this key any more.
    pub value: Option<Bytes>,
}

/// What is needed to bring a document to life.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stored {
    /// The state at `snapshot_seq` as one v1 update. `None` when there is no snapshot yet.
    pub snapshot: Option<Bytes>,
    pub snapshot_seq: Seq,
    /// The changes after the snapshot, in order: the first has the sequence `snapshot_seq + 1`.
    pub tail: Vec<Change>,
}

impl Stored {
    /// The sequence of the last change.
    pub fn last_seq(&self) -> Seq {
        Seq(self.snapshot_seq.0 + self.tail.len() as u64)
    }
}

/// Why storage could not do what was asked. Clonable: one failed commit answers many.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    #[error("there is no document {0}")]
    Unknown(DocId),
    #[error("there is no document with the number {}", .0.0)]
    UnknownNumber(DocNumber),
    #[error("document {0} exists already")]
    Exists(DocId),
    #[error("document {0} was deleted")]
    Deleted(DocId),
    #[error("document {0} is in the trash")]
    Trashed(DocId),
    /// Nothing is written any more until the reason is gone; reading goes on.
    #[error("storage is read-only: {0}")]
    ReadOnly(Arc<str>),
    /// Stored bytes do not match their checksum, or contradict each other.
    #[error("storage is damaged: {0}")]
    Damaged(Arc<str>),
    #[error("{action}: {error}")]
    Io { action: Arc<str>, error: Arc<std::io::Error> },
    /// So many bytes of facts cannot become durable together.
    #[error("{0} bytes of facts are more than fit into one note")]
    TooLarge(usize),
    /// The document has as many images as it may, or as many bytes of them.
    #[error("the document has no place for another image")]
    ManyImages,
    /// There is no room for an image. Texts may have some left.
    #[error("the disk has no room for an image")]
    DiskFull,
    #[error("the store is closed")]
    Closed,
}

/// Told, on the journal's thread and once per commit, how far a document's changes have become durable. It must
/// not block and may be called after its document is gone.
///
/// A store that cannot write drops what waits and refuses what comes. Whoever was told so, by [`Listener::failed`] or by a
/// refused append, holds its changes in memory and hears [`Listener::recovered`] once the store writes again.
pub trait Listener: Send + Sync {
    /// Every change up to `seq` survives a power cut.
    fn durable(&self, seq: Seq);
    /// Changes after the last durable one are not on disk, and the store has stopped writing.
    fn failed(&self, error: &StoreError);
    /// Whether somebody waits to hear that the changes are durable. If not, they wait longer for others to share a commit with.
    fn is_awaited(&self) -> bool {
        true
    }
    /// The store writes again and holds nothing after the last durable change: append from there once more.
    fn recovered(&self);
}

/// Resolves once what was asked is durable.
pub type Receipt = oneshot::Receiver<Result<(), StoreError>>;

/// Changes of one document for the next commit.
pub struct Append {
    pub document: DocNumber,
    /// The sequence of the first of `changes`; the others follow without a gap.
    pub first: Seq,
    pub changes: Vec<Change>,
    pub listener: Arc<dyn Listener>,
}

/// Whether the store still takes writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    Writable,
    /// The reason, for people.
    ReadOnly(Arc<str>),
}

/// A journal with checkpoints and a catalogue, and images beside it. Implementations: the journal over sled, and memory for tests.
pub trait Store: Send + Sync + 'static {
    /// The entry of a document, deleted or not. Blocking (a read of an index, no fsync).
    fn find(&self, id: &DocId) -> Result<Option<Entry>, StoreError>;

    /// Every document that is not deleted, those in the trash included, in no particular order. Blocking.
    fn list(&self) -> Result<Vec<Entry>, StoreError>;

    /// A part of a list of documents. Blocking.
    fn page(&self, listing: &Listing) -> Result<Vec<Entry>, StoreError> {
        Ok(page_of(self.list()?, listing))
    }

    /// What the documents that are there are filed under. Blocking.
    fn filing(&self) -> Result<Arc<Filing>, StoreError> {
        Ok(Arc::new(Filing::of(&self.list()?)))
    }

    /// Make a document. It exists for every later call at once; the receipt resolves when it is durable, and no change of
    /// it becomes durable before. A deleted document is `Deleted` unless `again` is set, which gives it a new
    /// number and epoch; one in the trash is `Trashed`.
    fn create(
        &self,
        id: &DocId,
        kind: Kind,
        title: &str,
        again: bool,
    ) -> Result<(Entry, Receipt), StoreError>;

    /// Change what the catalogue says of a document. It holds for every later call at once; the receipt resolves when it is durable.
    /// One in the trash is `Trashed` for all but [`Edit::Restore`] and what deletes it.
    fn edit(&self, id: &DocId, edit: Edit) -> Result<(Entry, Receipt), StoreError>;

    /// Queue changes for the next commit and return at once. The listener hears of their fate; changes of one
    /// document become durable in order. Changes that do not follow the last ones queued are refused. While the store is
    /// `ReadOnly` all are, and the listener is remembered, to hear of the recovery. Those of a
    /// deleted document are taken: a session that has not yet heard of the deletion does no harm.
    fn append(&self, append: Append) -> Result<(), StoreError>;

    /// The last snapshot and the changes after it. Waits for changes that were appended before: whoever opens a document
    /// after its session ended by accident must not lose sight of them.
    /// `Damaged` if a change between them is lost, `Deleted` for a deleted document. Blocking.
    fn load(&self, document: DocNumber) -> Result<Stored, StoreError>;

    /// Keep `state`, which contains exactly the changes up to `seq`, as the document's snapshot. `seq` must be durable. Blocking.
    /// An older snapshot is replaced only once this one is whole.
    fn checkpoint(&self, document: DocNumber, seq: Seq, state: Bytes) -> Result<(), StoreError>;

    /// Keep facts. Those of one call become durable together or not at all, and calls in their order; nobody sees them before. At most
    /// `limits::NOTE_BYTES` of keys and values. What was refused or failed does not come back, unless the process ends before the
    /// store has written again.
    fn note(&self, facts: Vec<Fact>) -> Result<Receipt, StoreError>;

    /// The facts that count and are durable, in no particular order. `Damaged` if any was lost: one that is missed could be the one that took
    /// another back. Blocking.
    fn facts(&self) -> Result<Vec<Fact>, StoreError>;

    /// The images of the documents.
    fn images(&self) -> Arc<dyn Images>;

    fn health(&self) -> Health;

    /// Write and fsync all that waits, then refuse further work. Blocking; a second call does nothing.
    fn close(&self) -> Result<(), StoreError>;
}
