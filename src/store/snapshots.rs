//! sled as a checkpoint of the journal: documents' states, and the index as of a place in the journal.
//!
//! Nothing in here is needed: whatever is missing, stale or damaged is rebuilt from the journal. So every call
//! may fail, none of them panics, and after the first failure sled is left alone until the next start.
//!
//! Hazards of sled 0.34.7 that are handled here: its `flush` does not fsync (so `syncfs` follows); a leftover
//! `snap.*.generating` keeps it from opening (so those are removed before); damaged files make it panic.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;

use crate::ids::{DocNumber, Seq};
use crate::store::journal::index::{Doc, Index, Snapshot};

/// A place in the journal: a segment and an offset in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub segment: u64,
    pub offset: u64,
}

/// Largest value given to sled. Larger ones make its page cache slow.
const CHUNK_BYTES: usize = 32 * 1024;

/// Memory that sled may use for its cache. States are read once, when a document comes to life.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// sled hangs when the disk is full, so it is given nothing once less than this is free, in bytes.
const RESERVE_BYTES: u64 = 64 * 1024 * 1024;

/// The number under which the watermark is kept among the documents, whose own numbers begin at 1.
const WATERMARK: DocNumber = DocNumber(0);

/// Why sled is of no use.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error(transparent)]
    Sled(#[from] sled::Error),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("sled panicked: {0}")]
    Panic(String),
    /// For now: nothing is wrong with sled.
    #[error("the disk is nearly full")]
    Full,
    #[error("sled failed before and is left alone until the next start")]
    Abandoned,
}

/// The sled database in `data/sled`.
pub struct Snapshots {
    dir: PathBuf,
    db: sled::Db,
    /// `number | chunk`: each document's line of the index, and the watermark.
    documents: sled::Tree,
    /// `number | sequence | chunk`: full states.
    states: sled::Tree,
    abandoned: AtomicBool,
}

/// What changes when the index is saved.
#[derive(Default)]
pub struct Save {
    pub documents: Vec<(DocNumber, Vec<u8>)>,
    pub removed: Vec<DocNumber>,
    /// Everything in the journal before it is in the index as saved.
    pub watermark: Position,
    /// The sum of [`fingerprint`]s of all documents, saved and unchanged.
    pub digest: u64,
}

/// How often, and how long apart, a locked folder is tried again.
const LOCK_ATTEMPTS: u32 = 50;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Open sled, and wait a little for a lock. It outlives a closed database for a moment: a thread of sled's own may still hold it, or
/// a child process between its fork and its exec. Somebody else's server cannot: the data folder has a lock of its own.
fn open_unlocked(dir: &Path) -> sled::Result<sled::Db> {
    let config = sled::Config::new()
        .path(dir)
        .cache_capacity(CACHE_BYTES)
        .flush_every_ms(None)
        .mode(sled::Mode::HighThroughput);
    for _ in 1..LOCK_ATTEMPTS {
        match config.open() {
            Err(sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") => {
                std::thread::sleep(LOCK_PAUSE);
            }
            opened => return opened,
        }
    }
    config.open()
}

impl Snapshots {
    pub fn open(dir: &Path) -> Result<Snapshots, SnapshotError> {
        caught(|| {
            remove_unfinished(dir)?;
            let db = open_unlocked(dir)?;
            let (documents, states) = (db.open_tree("documents")?, db.open_tree("states")?);
            Ok(Snapshots { dir: dir.to_owned(), db, documents, states, abandoned: AtomicBool::new(false) })
        })
    }

    /// Whether there is room to write. To be asked first: a write that finds none may never return.
    pub fn has_room(&self) -> Result<(), SnapshotError> {
        let disk = rustix::fs::statvfs(&self.dir).map_err(std::io::Error::from)?;
        if disk.f_bavail.saturating_mul(disk.f_frsize) < RESERVE_BYTES {
            Err(SnapshotError::Full)
        } else {
            Ok(())
        }
    }

    /// Whether no index was ever saved: a server that was killed in its first minute leaves that behind.
    pub fn is_new(&self) -> bool {
        self.documents.is_empty()
    }

    /// The index as it was saved, its watermark and digest. `None` when it is not there as a whole.
    pub fn index(&self) -> Result<Option<(Index, Position, u64)>, SnapshotError> {
        self.guarded(|| {
            let mut found = Index::default();
            let (mut watermark, mut digest) = (None, 0_u64);
            let mut lines = self.documents.iter().peekable();
            while let Some(line) = lines.next() {
                let (key, value) = line?;
                let Some(number) = key.get(..8).map(number_at) else { return Ok(None) };
                let mut bytes = value.to_vec();
                while let Some(Ok((key, _))) = lines.peek()
                    && key.get(..8).map(number_at) == Some(number)
                {
                    let (_, value) = lines.next().expect("a line was just seen")?;
                    bytes.extend_from_slice(&value);
                }
                let Some(bytes) = checked(&bytes) else { return Ok(None) };
                if number == WATERMARK {
                    watermark = decode_watermark(bytes);
                    continue;
                }
                digest = digest.wrapping_add(fingerprint(number, bytes));
                let Some(doc) = Doc::decode(bytes) else { return Ok(None) };
                found.restore(number, doc);
            }
            Ok(watermark.and_then(|(at, expected)| (expected == digest).then_some((found, at, digest))))
        })
    }

    /// Save changed lines of the index, all of them or none. Durable before this returns, as are the states that were
    /// put before; and the states come first, for a line names its state.
    pub fn save(&self, save: &Save) -> Result<(), SnapshotError> {
        self.guarded(|| {
            self.sync()?;
            failpoint!("save-states-synced");
            let mut batch = sled::Batch::default();
            for number in save.removed.iter().chain(save.documents.iter().map(|(number, _)| number)) {
                for key in self.documents.scan_prefix(number.0.to_be_bytes()).keys() {
                    batch.remove(key?);
                }
            }
            for (number, bytes) in &save.documents {
                put_line(&mut batch, *number, bytes.clone());
            }
            let Save { watermark, digest, .. } = save;
            let line = [watermark.segment, watermark.offset, *digest].map(u64::to_le_bytes).concat();
            put_line(&mut batch, WATERMARK, line);
            self.documents.apply_batch(batch)?;
            failpoint!("save-applied");
            self.sync()
        })
    }

    /// Put a document's state next to those that are there, and remove those that are neither it nor in `keep`.
    pub fn put(
        &self,
        number: DocNumber,
        seq: Seq,
        state: &[u8],
        keep: &[Seq],
    ) -> Result<Snapshot, SnapshotError> {
        self.guarded(|| {
            let mut batch = sled::Batch::default();
            for key in self.states.scan_prefix(number.0.to_be_bytes()).keys() {
                let key = key?;
                // A state of the same sequence goes too: it may have had more chunks.
                if !key.get(8..16).is_some_and(|seq| keep.contains(&Seq(number_at(seq).0))) {
                    batch.remove(key);
                }
            }
            for (chunk, bytes) in state.chunks(CHUNK_BYTES).enumerate() {
                batch.insert(state_key(number, seq, chunk), bytes);
            }
            self.states.apply_batch(batch)?;
            failpoint!("checkpoint-put");
            Ok(Snapshot { seq, len: state.len() as u64, crc: crc32c::crc32c(state) })
        })
    }

    /// A document's state; `None` if it is not there as a whole.
    pub fn get(&self, number: DocNumber, snapshot: Snapshot) -> Result<Option<Bytes>, SnapshotError> {
        self.guarded(|| {
            let mut state = Vec::new();
            let prefix = [number.0.to_be_bytes(), snapshot.seq.0.to_be_bytes()].concat();
            for value in self.states.scan_prefix(prefix).values() {
                state.extend_from_slice(&value?);
            }
            let whole = state.len() as u64 == snapshot.len && crc32c::crc32c(&state) == snapshot.crc;
            Ok(whole.then(|| state.into()))
        })
    }

    /// Remove all states of a document.
    pub fn forget(&self, number: DocNumber) -> Result<(), SnapshotError> {
        self.put(number, Seq(0), &[], &[]).map(drop)
    }

    fn sync(&self) -> Result<(), SnapshotError> {
        self.db.flush()?;
        rustix::fs::syncfs(fs::File::open(&self.dir)?).map_err(std::io::Error::from)?;
        Ok(())
    }

    fn guarded<T>(&self, work: impl FnOnce() -> Result<T, SnapshotError>) -> Result<T, SnapshotError> {
        if self.abandoned.load(Ordering::Relaxed) {
            return Err(SnapshotError::Abandoned);
        }
        let result = caught(work);
        if let Err(error) = &result {
            self.abandoned.store(true, Ordering::Relaxed);
            tracing::error!(%error, "sled failed and is left alone until the next start; the journal holds everything");
        }
        result
    }
}

/// One document's share in the digest by which a saved index that is not whole is recognised: sled keeps each page
/// intact, but after a power cut or damage it may bring back an older one.
pub fn fingerprint(number: DocNumber, bytes: &[u8]) -> u64 {
    let crc = crc32c::crc32c_append(crc32c::crc32c(&number.0.to_le_bytes()), bytes);
    (u64::from(crc) ^ number.0 << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A panic in sled is one more way to fail.
fn caught<T>(work: impl FnOnce() -> Result<T, SnapshotError>) -> Result<T, SnapshotError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
        Err(SnapshotError::Panic(text.to_owned()))
    })
}

/// Removes what an interrupted start of sled left, which would keep it from ever opening again.
fn remove_unfinished(dir: &Path) -> std::io::Result<()> {
    let Ok(entries) = fs::read_dir(dir) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with("snap.") && name.to_string_lossy().ends_with(".generating") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn put_line(batch: &mut sled::Batch, number: DocNumber, mut bytes: Vec<u8>) {
    let crc = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&crc.to_le_bytes());
    for (chunk, bytes) in bytes.chunks(CHUNK_BYTES).enumerate() {
        batch.insert([&number.0.to_be_bytes()[..], &(chunk as u32).to_be_bytes()].concat(), bytes);
    }
}

fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let (bytes, crc) = bytes.split_last_chunk::<4>()?;
    (crc32c::crc32c(bytes).to_le_bytes() == *crc).then_some(bytes)
}

fn decode_watermark(bytes: &[u8]) -> Option<(Position, u64)> {
    let (numbers, []) = bytes.as_chunks::<8>() else { return None };
    let &[segment, offset, digest] = numbers else { return None };
    let at = Position { segment: u64::from_le_bytes(segment), offset: u64::from_le_bytes(offset) };
    Some((at, u64::from_le_bytes(digest)))
}

fn state_key(number: DocNumber, seq: Seq, chunk: usize) -> Vec<u8> {
    [&number.0.to_be_bytes()[..], &seq.0.to_be_bytes(), &(chunk as u32).to_be_bytes()].concat()
}

fn number_at(bytes: &[u8]) -> DocNumber {
    DocNumber(u64::from_be_bytes(bytes[..8].try_into().expect("eight bytes")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::journal::format::Place;

    fn saved(documents: &[(u64, Doc)]) -> Save {
        let documents: Vec<_> = documents.iter().map(|(n, doc)| (DocNumber(*n), doc.encode())).collect();
        let digest =
            documents.iter().fold(0, |sum: u64, (n, bytes)| sum.wrapping_add(fingerprint(*n, bytes)));
        Save { documents, digest, watermark: Position { segment: 4, offset: 99 }, ..Save::default() }
    }

    /// A line that takes more than one chunk.
    fn long() -> Doc {
        let mut doc = Doc::default();
        let place = |offset| Place { segment: 1, offset, len: 9 };
        doc.tail = (1..10_000).map(|seq| (Seq(seq), place(u64::MAX - seq))).collect();
        doc
    }

    #[test]
    fn an_index_comes_back_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let snapshots = Snapshots::open(dir.path()).unwrap();
        assert!(snapshots.index().unwrap().is_none());
        let docs = [(1, Doc::default()), (2, long()), (3, Doc::default())];
        snapshots.save(&saved(&docs)).unwrap();
        drop(snapshots);

        let snapshots = Snapshots::open(dir.path()).unwrap();
        let (index, watermark, _) = snapshots.index().unwrap().expect("it was saved");
        assert_eq!(watermark, Position { segment: 4, offset: 99 });
        assert!(docs.iter().all(|(n, doc)| index.doc(DocNumber(*n)) == Some(doc)));
        // A whole line is gone; what is left is intact and yet not the index.
        snapshots.documents.remove([3_u64.to_be_bytes().as_slice(), &[0; 4]].concat()).unwrap();
        assert!(snapshots.index().unwrap().is_none());
    }

    #[test]
    fn an_old_state_stays_as_long_as_it_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let snapshots = Snapshots::open(dir.path()).unwrap();
        let number = DocNumber(7);
        let large = vec![1; 3 * CHUNK_BYTES + 5];
        let first = snapshots.put(number, Seq(1), &large, &[]).unwrap();
        let second = snapshots.put(number, Seq(2), b"small", &[Seq(1)]).unwrap();
        assert_eq!(snapshots.get(number, first).unwrap().unwrap(), large);
        assert_eq!(snapshots.get(number, second).unwrap().unwrap(), "small");
        let third = snapshots.put(number, Seq(3), b"", &[Seq(2)]).unwrap();
        assert_eq!(snapshots.get(number, first).unwrap(), None);
        assert!(snapshots.get(number, second).unwrap().is_some());
        assert_eq!(snapshots.get(number, third).unwrap().unwrap(), "");
        assert_eq!(snapshots.get(number, Snapshot { crc: 1, ..second }).unwrap(), None);
        snapshots.forget(number).unwrap();
        assert_eq!(snapshots.states.len(), 0);
    }
}
