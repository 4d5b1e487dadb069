//! What is on its way to the disk, kept so that the end of the process cannot take it back.
//!
//! A change of a document is shown to others before it is durable; in between it waits in memory for the next commit. So it is first written to a small
//! file, without an fsync: the kernel keeps that as long as the machine runs, and the next start puts what it finds there behind the
//! journal's end. A power cut may take it, which is allowed: nobody was told that it is saved.
//!
//! The file has two halves, used in turn. Whenever the writer takes all that waits, the other half is begun, and by then what stood in it
//! is durable, or its document keeps it for a disk that was full. Changes of the catalogue are not kept: whoever asked for one waits until it
//! is durable, and what was refused is not to come back. Each record's checksum is seeded with the half's generation, so
//! that what is left of an earlier use is no record.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::format::{FRAME, Record, framed, put_framed};
use super::index::Index;
use crate::ids::{DocNumber, Seq};
use crate::store::files::{File, Files, read_from};

/// Under this name in the journal's folder.
const NAME: &str = "inflight";

/// More than what comes in while one commit is on its way, unless it is a flood: what finds no room is not kept.
const HALF_BYTES: usize = 1024 * 1024;

/// The generation of a half stands before its records.
const HEAD: usize = 8;

/// The file of a store that is open.
pub struct InFlight {
    /// `None` if it could not be made: then nothing is kept, and nothing else is different.
    file: Option<Arc<dyn File>>,
    half: Mutex<Half>,
}

/// The half in use.
struct Half {
    /// How often the writer has taken all that waited.
    generation: u64,
    used: usize,
    buffer: Vec<u8>,
}

impl InFlight {
    /// Begin the file anew. What stood in it must be in the journal by now. Fails if it could come back: behind changes that are yet to
    /// be made, what it holds would be put into another history.
    pub fn begin(files: &dyn Files, journal: &Path) -> io::Result<InFlight> {
        if clear(files, journal)? {
            files.sync_dir(journal)?;
        }
        let file = files.create_for_rewriting(&path(journal));
        if let Err(error) = &file {
            tracing::warn!(%error, "what is on its way to the disk is not kept: a crash may take back what others saw");
        }
        let half = Half { generation: 1, used: 0, buffer: Vec::new() };
        Ok(InFlight { file: file.ok(), half: Mutex::new(half) })
    }

    /// Write records down, if there is room. To be called under the lock under which they are queued.
    pub fn keep<'a>(&self, records: impl Iterator<Item = Record<'a>>) {
        let Some(file) = &self.file else { return };
        let Half { generation, used, buffer } = &mut *self.half();
        let start = start_of(*generation) + *used;
        buffer.clear();
        if *used == 0 {
            buffer.extend_from_slice(&generation.to_le_bytes());
        }
        for record in records {
            put_framed(buffer, *generation, start as u64, |bytes| record.encode(bytes));
        }
        if *used + buffer.len() <= HALF_BYTES && file.write_at(buffer, start as u64).is_ok() {
            *used += buffer.len();
        }
        if buffer.capacity() > HALF_BYTES {
            *buffer = Vec::new();
        }
    }

    /// All that waited was taken. To be called under the same lock.
    pub fn turn(&self) {
        let mut half = self.half();
        half.generation += 1;
        half.used = 0;
    }

    fn half(&self) -> MutexGuard<'_, Half> {
        // A panic leaves at worst a record that was not written.
        self.half.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn path(journal: &Path) -> PathBuf {
    journal.join(NAME)
}

fn start_of(generation: u64) -> usize {
    (generation % 2) as usize * HALF_BYTES
}

/// Remove the file: all that it holds is in the journal. False if there was none.
pub fn clear(files: &dyn Files, journal: &Path) -> io::Result<bool> {
    match files.remove(&path(journal)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The payloads of the records that an earlier run left and the journal lacks, in order.
pub fn left(files: &dyn Files, journal: &Path, index: &Index) -> io::Result<Vec<Vec<u8>>> {
    match files.open(&path(journal)) {
        Ok(file) => Ok(missing(index, records(&read_from(&*file, 0)?))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Every intact record, the older half's first.
fn records(bytes: &[u8]) -> Vec<&[u8]> {
    let mut halves: Vec<(u64, Vec<&[u8]>)> = bytes.chunks(HALF_BYTES).enumerate().filter_map(half).collect();
    halves.sort_unstable_by_key(|&(generation, _)| generation);
    halves.into_iter().flat_map(|(_, records)| records).collect()
}

fn half((n, bytes): (usize, &[u8])) -> Option<(u64, Vec<&[u8]>)> {
    let generation = u64::from_le_bytes(*bytes.first_chunk::<HEAD>()?);
    let (mut records, mut at) = (Vec::new(), HEAD);
    while let Some(place) = framed(&bytes[at..], generation, (n * HALF_BYTES + at) as u64) {
        let end = at + FRAME + place.len as usize;
        records.push(&bytes[at + FRAME..end]);
        at = end;
    }
    Some((generation, records))
}

/// Changes that come right after what the index has.
fn missing(index: &Index, records: Vec<&[u8]>) -> Vec<Vec<u8>> {
    let mut lasts: HashMap<DocNumber, Seq> = HashMap::new();
    let is_missing = |payload: &&[u8]| {
        let Some(Record::Change { document, seq, .. }) = Record::decode(payload) else { return false };
        let Some(doc) = index.doc(document).filter(|doc| !doc.is_deleted()) else { return false };
        let last = lasts.entry(document).or_insert(doc.last);
        let follows = seq == last.next();
        if follows {
            *last = seq;
        }
        follows
    };
    records.into_iter().filter(is_missing).map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::journal::format::Place;
    use crate::store::simulated::SimulatedDisk;

    fn change(document: u64, seq: u64, update: &[u8]) -> Record<'_> {
        Record::Change { document: DocNumber(document), seq: Seq(seq), at_ms: 1, author: "ann", update }
    }

    /// An index that has one document up to a sequence.
    fn index(document: u64, last: u64) -> Index {
        let mut index = Index::default();
        let place = Place { segment: 1, offset: 40, len: 9 };
        (1..=last).for_each(|seq| index.apply(place, &change(document, seq, b"")));
        index
    }

    /// The sequences that a start would put into the journal.
    fn left_seqs(disk: &SimulatedDisk, index: &Index) -> Vec<u64> {
        let left = left(disk, Path::new("journal"), index).expect("the disk works");
        let seq = |payload: &Vec<u8>| match Record::decode(payload) {
            Some(Record::Change { seq, .. }) => seq.0,
            other => panic!("only changes were kept, not {other:?}"),
        };
        left.iter().map(seq).collect()
    }

    fn keep(inflight: &InFlight, seq: u64) {
        inflight.keep([change(7, seq, b"update")].into_iter());
    }

    #[test]
    fn what_the_journal_lacks_is_found_again() {
        let disk = SimulatedDisk::new();
        let inflight = InFlight::begin(&disk, Path::new("journal")).expect("the disk works");
        assert_eq!(left_seqs(&disk, &index(7, 1)), [0; 0]);
        for seq in 1..=6 {
            keep(&inflight, seq);
            if seq % 2 == 0 {
                inflight.turn();
            }
        }
        // 1 and 2 were overwritten by 5 and 6.
        assert_eq!(left_seqs(&disk, &index(7, 2)), [3, 4, 5, 6]);
        assert_eq!(left_seqs(&disk, &index(7, 4)), [5, 6]);
        assert_eq!(left_seqs(&disk, &index(7, 6)), [0; 0]);
        assert_eq!(left_seqs(&disk, &index(7, 1)), [0; 0], "nothing is put behind a gap");
        assert_eq!(left_seqs(&disk, &index(8, 2)), [0; 0], "nor into a document that nobody knows");
        drop(InFlight::begin(&disk, Path::new("journal")).expect("the disk works"));
        assert_eq!(left_seqs(&disk, &index(7, 2)), [0; 0], "a start begins anew");
    }

    #[test]
    fn an_earlier_use_of_a_half_leaves_no_records() {
        let disk = SimulatedDisk::new();
        let inflight = InFlight::begin(&disk, Path::new("journal")).expect("the disk works");
        (1..=5).for_each(|seq| keep(&inflight, seq));
        inflight.turn();
        inflight.turn();
        keep(&inflight, 6);
        assert_eq!(left_seqs(&disk, &index(7, 1)), [0; 0]);
        assert_eq!(left_seqs(&disk, &index(7, 5)), [6]);
    }

    #[test]
    fn what_finds_no_room_is_not_kept_and_harms_nothing() {
        let disk = SimulatedDisk::new();
        let inflight = InFlight::begin(&disk, Path::new("journal")).expect("the disk works");
        keep(&inflight, 1);
        let large = vec![7; HALF_BYTES];
        inflight.keep([change(7, 2, &large)].into_iter());
        keep(&inflight, 3);
        assert_eq!(left_seqs(&disk, &index(7, 0)), [0; 0], "the document is not known");
        let mut known = index(7, 1);
        assert_eq!(left_seqs(&disk, &known), [0; 0], "3 does not follow 1");
        known.apply(Place { segment: 1, offset: 90, len: 9 }, &change(7, 2, b""));
        assert_eq!(left_seqs(&disk, &known), [3]);
    }
}
