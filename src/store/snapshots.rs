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

use self::database::{Batch, Database, Trees};
use crate::ids::{DocNumber, Seq};
use crate::store::journal::bundles::{Bundle, each_document};
use crate::store::journal::index::{Index, Snapshot};

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

/// Documents for which room is made before they are read.
const MOST_AT_ONCE: u64 = 1 << 20;

/// The name under which the watermark is kept before all bundles, whose groups begin at 1.
const WATERMARK: Bundle = Bundle { group: 0, alone: 0 };

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

/// What stands in `data/sled`: `index` has `group | alone | chunk`, the bundles of the index, and the watermark;
/// `states` has `number | sequence | chunk`, full states.
pub struct Snapshots(Database);

/// The index as it was saved.
pub struct Saved {
    pub index: Index,
    /// The [`fingerprint`] of each bundle.
    pub fingerprints: HashMap<Bundle, u64>,
    /// Everything in the journal before it is in the index.
    pub watermark: Position,
    /// The sum of the fingerprints, as it was saved.
    pub digest: u64,
}

impl Saved {
    /// What comes first says how much there is.
    fn begin(bundle: Bundle, watermark: &[u8]) -> Option<Saved> {
        let (numbers, []) = watermark.as_chunks::<8>() else { return None };
        let &[segment, offset, digest, documents] = numbers else { return None };
        if bundle != WATERMARK {
            return None;
        }
        let [segment, offset, digest, documents] =
            [segment, offset, digest, documents].map(u64::from_le_bytes);
        Some(Saved {
            index: Index::with_capacity(documents.min(MOST_AT_ONCE) as usize),
            fingerprints: HashMap::new(),
            watermark: Position { segment, offset },
            digest,
        })
    }

    fn take(&mut self, bundle: Bundle, lines: &[u8], crc: u32) -> Option<()> {
        self.fingerprints.insert(bundle, fingerprint(bundle, crc));
        match bundle.part() {
            Some(part) => self.index.facts.restore(part, lines),
            None => each_document(lines, |number, doc| self.index.restore(number, doc)),
        }
    }

    fn is_whole(&self) -> bool {
        self.fingerprints.values().copied().fold(0, u64::wrapping_add) == self.digest
    }
}

/// What changes when the index is saved.
#[derive(Default)]
pub struct Save {
    /// The lines of each; a bundle without lines goes.
    pub bundles: Vec<(Bundle, Vec<u8>)>,
    /// Everything in the journal before it is in the index as saved.
    pub watermark: Position,
    /// The sum of [`fingerprint`]s of all bundles, saved and unchanged.
    pub digest: u64,
    /// How many documents the index has.
    pub documents: usize,
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

    /// Whether no index was ever saved in this layout: a server that was killed in its first minute leaves that behind, and so does
    /// an earlier version.
    pub fn is_new(&self) -> Result<bool, SnapshotError> {
        self.0.with(|sled| Ok(sled.index.is_empty()))
    }

    /// The index as it was saved. `None` when it is not there as a whole.
    pub fn index(&self) -> Result<Option<Saved>, SnapshotError> {
        self.0.with(|sled| {
            let (mut saved, mut bytes) = (None, Vec::new());
            let mut chunks = sled.index.iter().peekable();
            while let Some(chunk) = chunks.next() {
                let (key, chunk) = chunk?;
                bytes.extend_from_slice(&chunk);
                if let Some(Ok((next, _))) = chunks.peek()
                    && next.get(..16) == key.get(..16)
                {
                    continue;
                }
                sled.note(bytes.len());
                let Some((bundle, (lines, crc))) = bundle_at(&key).zip(checked(&bytes)) else {
                    return Ok(None);
                };
                let taken = match &mut saved {
                    None => Saved::begin(bundle, lines).map(|begun| saved = Some(begun)),
                    Some(saved) => saved.take(bundle, lines, crc),
                };
                if taken.is_none() {
                    return Ok(None);
                }
                bytes.clear();
            }
            Ok(saved.filter(Saved::is_whole))
        })
    }

    /// Save changed bundles of the index, all of them or none. Durable before this returns, as are the states that were
    /// put before; and the states come first, for a line names its state.
    pub fn save(&self, save: &Save) -> Result<(), SnapshotError> {
        self.0.with(|sled| {
            self.0.sync(sled)?;
            failpoint!("save-states-synced");
            let mut batch = Batch::default();
            for (bundle, lines) in &save.bundles {
                put_bundle(sled, &mut batch, *bundle, lines)?;
            }
            let Save { watermark, digest, documents, .. } = save;
            let numbers = [watermark.segment, watermark.offset, *digest, *documents as u64];
            put_bundle(sled, &mut batch, WATERMARK, &numbers.map(u64::to_le_bytes).concat())?;
            sled.write(&sled.index, batch)?;
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
            // One that claims more than there is grows no faster than what is there.
            let mut state = Vec::with_capacity(snapshot.len.min(BATCH_BYTES as u64) as usize);
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

/// A bundle's share in the digest by which a saved index that is not whole is recognised: sled keeps each page
/// intact, but after a power cut or damage it may bring back an older one. `crc` is the checksum of its lines.
pub fn fingerprint(bundle: Bundle, crc: u32) -> u64 {
    let Bundle { group, alone } = bundle;
    let name = group.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ alone;
    (u64::from(crc) ^ name.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Put a bundle in the place of what stands there, with the checksum of its lines behind them.
fn put_bundle(sled: &Trees, batch: &mut Batch, bundle: Bundle, lines: &[u8]) -> Result<(), SnapshotError> {
    let prefix = [bundle.group.to_be_bytes(), bundle.alone.to_be_bytes()].concat();
    for key in sled.index.scan_prefix(&prefix).keys() {
        batch.remove(key?);
    }
    if !lines.is_empty() {
        let bytes = [lines, &crc32c::crc32c(lines).to_le_bytes()].concat();
        for (chunk, bytes) in bytes.chunks(CHUNK_BYTES).enumerate() {
            batch.insert([&prefix[..], &(chunk as u32).to_be_bytes()].concat(), bytes);
        }
    }
    Ok(())
}

fn bundle_at(key: &[u8]) -> Option<Bundle> {
    let (numbers, _) = key.get(..16)?.as_chunks::<8>();
    let &[group, alone] = numbers else { return None };
    Some(Bundle { group: u64::from_be_bytes(group), alone: u64::from_be_bytes(alone) })
}

/// The lines of a bundle and their checksum, if it is right.
fn checked(bytes: &[u8]) -> Option<(&[u8], u32)> {
    let (lines, crc) = bytes.split_last_chunk::<4>()?;
    let crc = u32::from_le_bytes(*crc);
    (crc32c::crc32c(lines) == crc).then_some((lines, crc))
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
    use crate::store::journal::bundles::of_changed;
    use crate::store::journal::format::Place;

    fn saved(index: &mut Index) -> Save {
        let changed = index.take_dirty();
        let bundles = of_changed(index, &changed);
        let digest = bundles.iter().filter(|(_, lines)| !lines.is_empty());
        let digest = digest.fold(0, |sum: u64, (bundle, lines)| {
            sum.wrapping_add(fingerprint(*bundle, crc32c::crc32c(lines)))
        });
        let documents = index.len();
        Save { bundles, digest, documents, watermark: Position { segment: 4, offset: 99 } }
    }

    /// A document whose line takes more than one chunk.
    fn fill(index: &mut Index, number: u64) {
        let place = |seq| Place { segment: 1, offset: u64::MAX - seq, len: 9 };
        let doc = index.update(DocNumber(number));
        doc.tail = (1..10_000).map(|seq| (Seq(seq), place(seq))).collect();
    }

    #[test]
    fn an_index_comes_back_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let snapshots = Snapshots::open(dir.path()).unwrap();
        assert!(snapshots.index().unwrap().is_none());
        let mut index = Index::default();
        index.update(DocNumber(1));
        fill(&mut index, 2);
        index.update(DocNumber(99));
        snapshots.save(&saved(&mut index)).unwrap();
        drop(snapshots);

        let snapshots = Snapshots::open(dir.path()).unwrap();
        let found = snapshots.index().unwrap().expect("it was saved");
        assert_eq!(found.watermark, Position { segment: 4, offset: 99 });
        assert!(index.docs().all(|(number, doc)| found.index.doc(number) == Some(doc)));
        assert_eq!(found.index.len(), 3);
        // A whole bundle is gone; what is left is intact and yet not the index.
        let keys =
            snapshots.0.with(|sled| Ok(sled.index.iter().keys().collect::<Result<Vec<_>, _>>()?)).unwrap();
        for key in [keys.first(), keys.last()].into_iter().flatten() {
            let removed =
                snapshots.0.with(|sled| Ok(sled.index.remove(key)?)).unwrap().expect("it was there");
            assert!(snapshots.index().unwrap().is_none());
            snapshots.0.with(|sled| Ok(sled.index.insert(key, removed)?)).unwrap();
        }
        assert!(snapshots.index().unwrap().is_some());
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
