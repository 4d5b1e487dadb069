//! The journal over sled: the store that keeps what people write.
//!
//! Every change of a document or of the catalogue is a record in an append-only journal, durable before anybody is
//! told so. An index in memory says where each record is. sled keeps documents' states and now and then the index, so
//! that a start does not read the whole journal; it can be deleted at any time.
//!
//! - [`format`]: the bytes. [`scan`]: reading them back, whatever happened to them. [`index`] and [`facts`]: what they add up to, and
//!   [`bundles`]: how that is cut up for sled. Pure.
//! - [`segments`]: the files. [`writer`]: the thread that writes them, and [`full`]: what it does when it cannot.
//!   [`keeper`]: the thread that saves and releases.
//!   [`inflight`]: what waits for the writer, where the end of the process does not reach it.
//! - [`recover`] and [`load`]: from a disk back to an index, and to a document.
//!
//! Locks are taken in this order: shelf, state, queue; what is in flight is written under the last. None but the shelf is held while
//! a disk is at work.

pub mod bundles;
mod facts;
mod folder;
pub mod format;
mod full;
pub mod index;
mod inflight;
mod keeper;
mod load;
mod open;
mod recover;
mod scan;
mod segments;
mod state;
#[cfg(test)]
mod tests;
mod writer;

use std::io;
use std::path::Path;
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

use self::format::{Note, Noted, Record};
use self::index::Index;
use self::inflight::InFlight;
use self::keeper::Shelf;
use self::segments::Segments;
use self::state::State;
use self::writer::{Queue, Work};
use crate::ids::{DocId, DocNumber, Kind, Seq};
use crate::store::catalogue::{self, now_ms};
use crate::store::files::{Disk, Files};
use crate::store::images::ImageFolder;
use crate::store::lock::Lock;
use crate::store::snapshots::{Position, SnapshotError, Snapshots};
use crate::store::{
    Append, Edit, Entry, Fact, Filing, Health, Images, Listing, Receipt, Store, StoreError, Stored,
};

pub use self::folder::{
    Check, Copied, CopiedImages, FolderError, Repaired, Report, Rewound, backup, repair, restore, verify,
};
pub use self::open::OpenError;
pub use self::recover::Finding;

/// How the journal is kept. The defaults suit one machine with some gigabytes to spare.
#[derive(Debug, Clone)]
pub struct Options {
    /// A new segment is begun when this one would become larger, in bytes.
    pub segment_bytes: u64,
    /// The oldest segments are released once the journal is larger than this, in bytes, and larger than twice what is
    /// alive in it. What is released is history: each document's state stays.
    pub journal_bytes: u64,
    /// … or once there are more segments than this, not counting those that what is alive would fill twice over: each
    /// restart begins one.
    pub journal_segments: usize,
    /// … or once they are older than this. Never, by default.
    pub journal_age: Option<Duration>,
    /// sled is opened anew once this many bytes went through it, and when it rests: its memory and the time to open it after a crash
    /// grow with what it is used for.
    pub sled_bytes: u64,
    /// How long after the beginning of one commit the next begins, if changes are all that waits: those that come in between share
    /// it. A change that comes after a pause never waits.
    pub commit_every: Duration,
    /// The same, if nobody waits to hear that they are durable.
    pub commit_unawaited_every: Duration,
    /// How often a store on a full disk looks whether there is space again.
    pub look_for_space: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            segment_bytes: 64 * 1024 * 1024,
            journal_bytes: 1024 * 1024 * 1024,
            journal_segments: 128,
            journal_age: None,
            sled_bytes: 64 * 1024 * 1024,
            commit_every: Duration::from_millis(5),
            commit_unawaited_every: Duration::from_millis(25),
            look_for_space: Duration::from_secs(2),
        }
    }
}

/// How long closing waits for sled. The journal is closed by then, and sled may hang.
const CLOSE_WAIT: Duration = Duration::from_secs(10);

/// The index is saved after this much journal, in bytes: a start after a crash reads no more than about this.
const SAVE_BYTES: usize = 32 * 1024 * 1024;

/// Wakes the keeper.
enum Nudge {
    /// There may be something to save or to release.
    Look,
    /// Save for the last time.
    Stop,
}

/// What the store's threads and callers share.
struct Shared {
    state: Mutex<State>,
    queue: Mutex<Queue>,
    wake: Condvar,
    shelf: Mutex<Shelf>,
    /// `None` when sled is of no use, and once the store is closed.
    snapshots: Mutex<Option<Arc<Snapshots>>>,
    segments: Segments,
    /// Of a store that is open.
    inflight: OnceLock<InFlight>,
}

// A panic leaves none of these half-changed in a way that matters: the journal on disk is the truth.
impl Shared {
    /// What a folder holds, for reading it without an owner's threads.
    fn at_rest(segments: Segments, index: Index, snapshots: Option<Snapshots>) -> Shared {
        Shared {
            state: Mutex::new(State::new(index, Position::default())),
            queue: Mutex::default(),
            wake: Condvar::new(),
            shelf: Mutex::default(),
            snapshots: Mutex::new(snapshots.map(Arc::new)),
            segments,
            inflight: OnceLock::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn snapshots(&self) -> Option<Arc<Snapshots>> {
        self.snapshots.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Queue work. Changes are written down first where the end of the process does not reach them, under the queue's lock: what is refused
    /// was not.
    fn push(&self, work: Work) -> Result<(), StoreError> {
        let mut queue = self.queue();
        if let (Work::Changes(_), Some(inflight)) = (&work, self.inflight.get()) {
            queue.open()?;
            inflight.keep(work.records());
        }
        if queue.push(work)? {
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Queue records that are encoded already. The channel hears when they are durable.
    fn write_records(
        &self,
        records: Vec<Vec<u8>>,
    ) -> Result<mpsc::Receiver<Result<(), StoreError>>, StoreError> {
        let (done, wait) = mpsc::sync_channel(1);
        self.push(Work::Records(records, done))?;
        Ok(wait)
    }
}

/// The store of a data folder. Dropping it closes it.
pub struct JournalStore {
    shared: Arc<Shared>,
    images: Arc<ImageFolder>,
    nudge: mpsc::Sender<Nudge>,
    threads: Mutex<Option<Threads>>,
}

struct Threads {
    writer: JoinHandle<()>,
    keeper: JoinHandle<()>,
    /// Let go of last: until then the folder is ours.
    lock: Lock,
}

impl JournalStore {
    /// Open the data folder `dir`, or begin one. Whatever a crash, a power cut or the loss of `sled` left is
    /// brought into order. Blocking.
    pub fn open(dir: &Path, options: Options) -> Result<JournalStore, OpenError> {
        JournalStore::open_with(Arc::new(Disk), dir, options, true)
    }

    /// With other files below the journal, and sled or without it.
    fn open_with(
        files: Arc<dyn Files>,
        dir: &Path,
        options: Options,
        with_sled: bool,
    ) -> Result<JournalStore, OpenError> {
        open::open(files, dir, options, with_sled)
    }

    /// Change an entry: `change` sees what goes by the id, and a number that nobody has.
    fn change(
        &self,
        id: &DocId,
        change: impl FnOnce(Option<Entry>, &mut State) -> Result<Entry, StoreError>,
    ) -> Result<(Entry, Receipt), StoreError> {
        let (sender, receipt) = oneshot::channel();
        let mut state = self.shared.state();
        self.shared.queue().open()?;
        let existing = state.entry(id);
        let entry = change(existing, &mut state)?;
        // Queued before the lock is let go, so that the journal has entries in the order callers saw them.
        self.shared.push(Work::Entry(entry.clone(), sender))?;
        state.entry_queued(&entry);
        Ok((entry, receipt))
    }

    fn read<T>(&self, read: impl FnOnce(&Shared) -> Result<T, StoreError>) -> Result<T, StoreError> {
        if self.shared.queue().is_closed() { Err(StoreError::Closed) } else { read(&self.shared) }
    }
}

impl Store for JournalStore {
    fn find(&self, id: &DocId) -> Result<Option<Entry>, StoreError> {
        self.read(|shared| Ok(shared.state().entry(id)))
    }

    fn list(&self) -> Result<Vec<Entry>, StoreError> {
        self.read(|shared| Ok(shared.state().entries()))
    }

    fn page(&self, listing: &Listing) -> Result<Vec<Entry>, StoreError> {
        self.read(|shared| Ok(shared.state().page(listing)))
    }

    fn filing(&self) -> Result<Arc<Filing>, StoreError> {
        self.read(|shared| Ok(shared.state().filing()))
    }

    fn create(
        &self,
        id: &DocId,
        kind: Kind,
        title: &str,
        again: bool,
    ) -> Result<(Entry, Receipt), StoreError> {
        self.change(id, |existing, state| {
            let number = state.index.take_number();
            catalogue::created(existing.as_ref(), (number, id, kind, title), again, now_ms())
        })
    }

    fn edit(&self, id: &DocId, edit: Edit) -> Result<(Entry, Receipt), StoreError> {
        self.change(id, |existing, _| catalogue::edited(existing, id, edit, now_ms()))
    }

    fn append(&self, append: Append) -> Result<(), StoreError> {
        let mut state = self.shared.state();
        self.shared.queue().open_to(&append.listener)?;
        state.check(&append)?;
        state.changes_queued(&append);
        self.shared.push(Work::Changes(append))
    }

    fn load(&self, document: DocNumber) -> Result<Stored, StoreError> {
        self.read(|shared| {
            if shared.state().has_changes_on_their_way(document) {
                // An empty commit stands behind them in the queue. If it fails, so did they.
                let wait = shared.write_records(Vec::new())?;
                wait.recv().map_err(|_| StoreError::Closed)??;
            }
            shared.load(document)
        })
    }

    fn checkpoint(&self, document: DocNumber, seq: Seq, state: Bytes) -> Result<(), StoreError> {
        let shared = &self.shared;
        shared.queue().open()?;
        let shelf = shared.shelf();
        let (current, shelved, updated_ms) = {
            let state = shared.state();
            let doc = state.doc(document)?;
            catalogue::durable(document, doc.map_or(Seq(0), |doc| doc.last), seq)?;
            let Some(doc) = doc else { return Ok(()) };
            if seq <= doc.start() {
                return Ok(());
            }
            (doc.start(), doc.shelved(), doc.updated_ms())
        };
        if let Some(snapshots) = shared.snapshots() {
            let keep: Vec<Seq> = shelved.into_iter().chain([current]).collect();
            match snapshots.has_room().and_then(|()| snapshots.put(document, seq, &state, &keep)) {
                Ok(snapshot) => {
                    failpoint!("checkpoint-kept");
                    shared.state().index.update(document).set_snapshot(snapshot);
                    return Ok(());
                }
                Err(SnapshotError::Full) => {
                    let error = Arc::new(io::ErrorKind::StorageFull.into());
                    return Err(StoreError::Io { action: "keeping a snapshot".into(), error });
                }
                Err(_) => {}
            }
        }
        // Without sled, states go where the changes are.
        drop(shelf);
        let mut payload = Vec::with_capacity(state.len() + 32);
        Record::Checkpoint { document, seq, updated_ms, state: &state }.encode(&mut payload);
        shared.write_records(vec![payload])?.recv().unwrap_or(Err(StoreError::Closed))
    }

    fn note(&self, facts: Vec<Fact>) -> Result<Receipt, StoreError> {
        let at_ms = now_ms();
        catalogue::fits(&facts)?;
        let (sender, receipt) = oneshot::channel();
        let mut state = self.shared.state();
        self.shared.queue().open()?;
        let seq = state.next_note();
        let noted = facts.iter().map(|fact| Noted { at_ms, key: &fact.key, value: fact.value.as_deref() });
        let mut record = Vec::new();
        Record::Note(Note { seq, at_ms, released: Seq(0), facts: noted.collect() }).encode(&mut record);
        // Queued before the lock is let go, so that notes stand in the journal in the order of their numbers.
        self.shared.push(Work::Note(facts.clone(), record, sender))?;
        state.note_queued(seq, &facts);
        Ok(receipt)
    }

    fn facts(&self) -> Result<Vec<Fact>, StoreError> {
        self.read(|shared| {
            let state = shared.state();
            match state.index.facts.damage() {
                None => Ok(state.index.facts.live()),
                Some(text) => Err(StoreError::Damaged(text.into())),
            }
        })
    }

    fn images(&self) -> Arc<dyn Images> {
        self.images.clone()
    }

    fn health(&self) -> Health {
        self.shared.queue().health()
    }

    fn close(&self) -> Result<(), StoreError> {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Threads { writer, keeper, lock }) = threads else { return Ok(()) };
        self.images.close();
        self.shared.queue().close();
        self.shared.wake.notify_one();
        let _ = writer.join();
        if let Health::Writable = self.health() {
            // Nothing is on its way any more. What could not be removed the next start finds in the journal too.
            let _ = self.shared.segments.forget_inflight();
        }
        let _ = self.nudge.send(Nudge::Stop);
        let (done, wait) = mpsc::channel();
        let shared = self.shared.clone();
        std::thread::spawn(move || {
            let _ = keeper.join();
            drop(shared.snapshots.lock().unwrap_or_else(PoisonError::into_inner).take());
            let _ = done.send(());
        });
        if wait.recv_timeout(CLOSE_WAIT).is_err() {
            tracing::error!("sled does not come to an end and is left behind; the journal holds everything");
        }
        drop(lock);
        match self.health() {
            Health::Writable => Ok(()),
            Health::ReadOnly(reason) => Err(StoreError::ReadOnly(reason)),
        }
    }
}

impl Drop for JournalStore {
    fn drop(&mut self) {
        let _ = self.close();
    }
}
