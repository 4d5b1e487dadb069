//! Reading a segment back, whatever happened to it. Pure: bytes in, intact records and a damage report out.
//!
//! Two things look alike and mean opposites. Bytes at the end that nothing later vouches for are a *torn tail*: they
//! were never acknowledged and are ignored whole. Bytes that a later batch or the next segment's header claims as
//! durable, and that are not there or do not match their checksums, are *damage*: what is intact around them is still served.

use std::ops::Range;

use super::format::{BATCH_HEADER, BatchHeader, FRAME, Place, Record, framed};
use crate::ids::{DocNumber, Seq};

/// What a segment holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Scan {
    pub records: Vec<Place>,
    pub damage: Vec<Damage>,
    /// Where the last whole batch ends.
    pub end: u64,
    /// Where the last whole batch begins. Nothing but the disk's word says that it is durable, unless the next
    /// segment's header does.
    pub last_batch: Option<u64>,
    /// Bytes after `end` that were never acknowledged.
    pub torn: u64,
}

/// Durable bytes that are lost.
#[derive(Debug, PartialEq, Eq)]
pub struct Damage {
    pub bytes: Range<u64>,
    /// What these bytes seem to have held. A guess: their checksum is wrong.
    pub suspect: Option<Suspect>,
}

/// Something that would be missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspect {
    Change(DocNumber, Seq),
    Note(Seq),
}

/// How many bytes may be hashed in search of the next intact record of one batch. Crafted or unlucky bytes would make
/// the search quadratic.
const SEARCH_BYTES: usize = 64 * 1024 * 1024;

/// Scan a segment's bytes from the batch that begins at `from`. `claimed` is how much of it the next segment's
/// header says was durable.
pub fn scan(bytes: &[u8], segment: u64, from: u64, claimed: Option<u64>) -> Scan {
    let mut scan = Scan::default();
    let mut at = bytes.len().min(from as usize);
    while at < bytes.len() {
        if let Some(end) = batch_end(bytes, segment, at) {
            let vouched = || claimed >= Some(end as u64) || next_batch(bytes, segment, end).is_some();
            if !scan.batch(bytes, segment, at..end) && !vouched() {
                // The last write did not get through as a whole, so nobody was told that any of it did.
                scan.forget_after(at as u64);
                break;
            }
            scan.last_batch = Some(at as u64);
            at = end;
        } else if let Some(next) = next_batch(bytes, segment, at + 1) {
            scan.salvage(bytes, segment, at..next, true);
            at = next;
        } else {
            let end = bytes.len().min(claimed.unwrap_or(0) as usize);
            if end > at {
                scan.salvage(bytes, segment, at..end, true);
                at = end;
            }
            break;
        }
    }
    scan.end = at as u64;
    scan.torn = bytes.len() as u64 - scan.end;
    if let Some(claimed) = claimed
        && claimed > scan.end
    {
        scan.damage.push(Damage { bytes: scan.end..claimed, suspect: None });
    }
    scan
}

/// Where the batch that begins at `at` ends, if a whole one does.
fn batch_end(bytes: &[u8], segment: u64, at: usize) -> Option<usize> {
    let header = BatchHeader::decode(bytes.get(at..)?, segment, at as u64)?;
    Some(at + BATCH_HEADER + header.body_len as usize).filter(|&end| end <= bytes.len())
}

/// The first batch header at or after `at`. It need not be whole: it says that what stands before it was durable.
fn next_batch(bytes: &[u8], segment: u64, at: usize) -> Option<usize> {
    (at..bytes.len().saturating_sub(BATCH_HEADER - 1))
        .find(|&at| bytes[at] == b'C' && BatchHeader::decode(&bytes[at..], segment, at as u64).is_some())
}

impl Scan {
    /// Take in a batch; false if a record of it is broken.
    fn batch(&mut self, bytes: &[u8], segment: u64, batch: Range<usize>) -> bool {
        let before = self.damage.len();
        self.salvage(bytes, segment, batch.start + BATCH_HEADER..batch.end, false);
        self.damage.len() == before
    }

    /// Take every intact record between two points.
    fn salvage(&mut self, bytes: &[u8], segment: u64, range: Range<usize>, headless: bool) {
        let bytes = &bytes[..range.end];
        let mut budget = SEARCH_BYTES;
        let mut at = range.start;
        if headless {
            // The batch's own header is part of what was lost; its records may well stand behind it.
            let body = at + BATCH_HEADER;
            let next = if body < range.end && framed(&bytes[body..], segment, body as u64).is_some() {
                body
            } else {
                next_record(bytes, segment, at, &mut budget)
            };
            self.damage.push(Damage { bytes: at as u64..next as u64, suspect: None });
            at = next;
        }
        while at < range.end {
            if let Some(place) = framed(&bytes[at..], segment, at as u64) {
                if Record::decode(&bytes[at + FRAME..at + FRAME + place.len as usize]).is_some() {
                    self.records.push(place);
                } else {
                    self.damage.push(Damage { bytes: at as u64..end_of(place), suspect: None });
                }
                at = end_of(place) as usize;
            } else {
                let next = after_broken(bytes, segment, at, &mut budget);
                let suspect =
                    bytes.get(at + FRAME..next).and_then(Record::decode).and_then(|record| match record {
                        Record::Change { document, seq, .. } => Some(Suspect::Change(document, seq)),
                        Record::Note(note) => Some(Suspect::Note(note.seq)),
                        Record::Entry(_) | Record::Checkpoint { .. } => None,
                    });
                self.damage.push(Damage { bytes: at as u64..next as u64, suspect });
                at = next;
            }
        }
    }

    fn forget_after(&mut self, offset: u64) {
        self.records.retain(|place| place.offset < offset);
        self.damage.retain(|damage| damage.bytes.start < offset);
    }
}

fn end_of(place: Place) -> u64 {
    place.offset + FRAME as u64 + u64::from(place.len)
}

/// Where to go on after the broken record at `at`: where its length says, if that makes sense, else wherever the
/// next intact record begins.
fn after_broken(bytes: &[u8], segment: u64, at: usize, budget: &mut usize) -> usize {
    if let Some(len) = bytes.get(at..at + 4) {
        let len = u32::from_le_bytes(len.try_into().expect("four bytes")) as usize;
        let next = at + FRAME + len;
        if next == bytes.len() || next < bytes.len() && framed(&bytes[next..], segment, next as u64).is_some()
        {
            return next;
        }
    }
    next_record(bytes, segment, at + 1, budget)
}

/// The first intact record at or after `at`, or the end of the bytes.
fn next_record(bytes: &[u8], segment: u64, at: usize, budget: &mut usize) -> usize {
    for at in at..bytes.len().saturating_sub(FRAME - 1) {
        let len = u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize;
        if len == 0 || at + FRAME + len > bytes.len() {
            continue;
        }
        let Some(left) = budget.checked_sub(len) else { break };
        *budget = left;
        if framed(&bytes[at..], segment, at as u64).is_some() {
            return at;
        }
    }
    bytes.len()
}
