//! sled as a checkpoint of the journal: documents' states, and the index as of a place in the journal.
//!
//! Nothing in here is needed: whatever is missing, stale or damaged is rebuilt from the journal. So every call
//! may fail, none of them panics, and after the first failure sled is left alone until the next start.
//!
//! This is what stands in sled; how sled is handled is in [`database`].

mod database;

use std::collections::HashMap;
use std::path::Path;

use bytes::Bytes;

use self::database::{Batch, Database};
use crate::ids::{DocNumber, Seq};
use crate::store::journal::index::{Doc, Index, Snapshot};

/// A place in the journal: a segment and an offset in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub segment: u64,
    pub offset: u64,
}

/// Largest value given to sled. A page holds up to 16 of them, and sled keeps one page or more in memory in each of the 256
/// parts of its cache, however small that is meant to be: with 32 KiB that came to 120 MiB, with 4 KiB to 20.
const CHUNK_BYTES: usize = 4 * 1024;

/// States are written in portions of about this many bytes, so that readers wait for no more than one.
const BATCH_BYTES: usize = 1024 * 1024;

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

/// What stands in `data/sled`: `documents` has `number | chunk`, each document's line of the index, and the watermark;
/// `states` has `number | sequence | chunk`, full states.
pub struct Snapshots(Database);

/// The index as it was saved.
pub struct Saved {
    pub index: Index,
    /// The [`fingerprint`] of each document's line.
    pub fingerprints: HashMap<DocNumber, u64>,
    /// Everything in the journal before it is in the index.
    pub watermark: Position,
    /// The sum of the fingerprints.
    pub digest: u64,
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

impl Snapshots {
    pub fn open(dir: &Path) -> Result<Snapshots, SnapshotError> {
        Database::open(dir).map(Snapshots)
    }

    /// Whether there is room to write. To be asked first: a write that finds none may never return.
    pub fn has_room(&self) -> Result<(), SnapshotError> {
        self.0.has_room()
    }

    /// Give back the memory and disk space that use costs, if it is time to: see [`Database::renew_if_due`].
    pub fn renew_if_due(&self, bytes: u64) -> Result<(), SnapshotError> {
        self.0.renew_if_due(bytes)
    }

    /// Whether no index was ever saved: a server that was killed in its first minute leaves that behind.
    pub fn is_new(&self) -> Result<bool, SnapshotError> {
        self.0.with(|sled| Ok(sled.documents.is_empty()))
    }

    /// The index as it was saved. `None` when it is not there as a whole.
    pub fn index(&self) -> Result<Option<Saved>, SnapshotError> {
        self.0.with(|sled| {
            let (mut index, mut fingerprints) = (Index::default(), HashMap::new());
            let (mut watermark, mut digest) = (None, 0_u64);
            let mut lines = sled.documents.iter().peekable();
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
                sled.note(bytes.len());
                let Some(bytes) = checked(&bytes) else { return Ok(None) };
                if number == WATERMARK {
                    watermark = decode_watermark(bytes);
                    continue;
                }
                let fingerprint = fingerprint(number, bytes);
                digest = digest.wrapping_add(fingerprint);
                fingerprints.insert(number, fingerprint);
                let Some(doc) = Doc::decode(bytes) else { return Ok(None) };
                index.restore(number, doc);
            }
            let watermark = watermark.and_then(|(at, expected)| (expected == digest).then_some(at));
            Ok(watermark.map(|watermark| Saved { index, fingerprints, watermark, digest }))
        })
    }

    /// Save changed lines of the index, all of them or none. Durable before this returns, as are the states that were
    /// put before; and the states come first, for a line names its state.
    pub fn save(&self, save: &Save) -> Result<(), SnapshotError> {
        self.0.with(|sled| {
            self.0.sync(sled)?;
            failpoint!("save-states-synced");
            let mut batch = Batch::default();
            for number in save.removed.iter().chain(save.documents.iter().map(|(number, _)| number)) {
                for key in sled.documents.scan_prefix(number.0.to_be_bytes()).keys() {
                    batch.remove(key?);
                }
            }
            for (number, bytes) in &save.documents {
                put_line(&mut batch, *number, bytes.clone());
            }
            let Save { watermark, digest, .. } = save;
            let line = [watermark.segment, watermark.offset, *digest].map(u64::to_le_bytes).concat();
            put_line(&mut batch, WATERMARK, line);
            sled.write(&sled.documents, batch)?;
            failpoint!("save-applied");
            self.0.sync(sled)
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
        self.0.with(|sled| {
            let mut batch = Batch::default();
            for key in sled.states.scan_prefix(number.0.to_be_bytes()).keys() {
                let key = key?;
                // A state of the same sequence goes too: it may have had more chunks.
                if !key.get(8..16).is_some_and(|seq| keep.contains(&Seq(number_at(seq).0))) {
                    batch.remove(key);
                }
            }
            for (chunk, bytes) in state.chunks(CHUNK_BYTES).enumerate() {
                batch.insert(state_key(number, seq, chunk), bytes);
                if batch.bytes() >= BATCH_BYTES {
                    sled.write(&sled.states, std::mem::take(&mut batch))?;
                }
            }
            sled.write(&sled.states, batch)?;
            failpoint!("checkpoint-put");
            Ok(Snapshot { seq, len: state.len() as u64, crc: crc32c::crc32c(state) })
        })
    }

    /// A document's state; `None` if it is not there as a whole.
    pub fn get(&self, number: DocNumber, snapshot: Snapshot) -> Result<Option<Bytes>, SnapshotError> {
        self.0.with(|sled| {
            let mut state = Vec::new();
            let prefix = [number.0.to_be_bytes(), snapshot.seq.0.to_be_bytes()].concat();
            for value in sled.states.scan_prefix(prefix).values() {
                state.extend_from_slice(&value?);
            }
            sled.note(state.len());
            let whole = state.len() as u64 == snapshot.len && crc32c::crc32c(&state) == snapshot.crc;
            Ok(whole.then(|| state.into()))
        })
    }

    /// Remove all states of a document.
    pub fn forget(&self, number: DocNumber) -> Result<(), SnapshotError> {
        self.put(number, Seq(0), &[], &[]).map(drop)
    }
}

/// One document's share in the digest by which a saved index that is not whole is recognised: sled keeps each page
/// intact, but after a power cut or damage it may bring back an older one.
pub fn fingerprint(number: DocNumber, bytes: &[u8]) -> u64 {
    let crc = crc32c::crc32c_append(crc32c::crc32c(&number.0.to_le_bytes()), bytes);
    (u64::from(crc) ^ number.0 << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn put_line(batch: &mut Batch, number: DocNumber, mut bytes: Vec<u8>) {
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
        let Saved { index, watermark, .. } = snapshots.index().unwrap().expect("it was saved");
        assert_eq!(watermark, Position { segment: 4, offset: 99 });
        assert!(docs.iter().all(|(n, doc)| index.doc(DocNumber(*n)) == Some(doc)));
        // A whole line is gone; what is left is intact and yet not the index.
        let line = [3_u64.to_be_bytes().as_slice(), &[0; 4]].concat();
        snapshots.0.with(|sled| Ok(sled.documents.remove(line)?)).unwrap();
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
        assert!(snapshots.0.with(|sled| Ok(sled.states.is_empty())).unwrap());
    }
}
