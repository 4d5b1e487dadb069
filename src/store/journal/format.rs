//! The journal's bytes, as `migrations/0001-first-format.md` and `0002-notes.md` fix them. Pure: values in, bytes out, and back.
//!
//! Every checksum is seeded with the place it stands at. A record found elsewhere than it was written, in a
//! file system's stale block or inside of somebody's update, is no record.

mod note;

use std::borrow::Cow;

use crate::ids::{DocNumber, Seq};
use crate::store::Entry;

pub use self::note::{Note, Noted};

/// The format this program writes, and the newest it reads.
pub const VERSION: u32 = 3;

pub const SEGMENT_HEADER: usize = 40;
pub const BATCH_HEADER: usize = 24;
/// Length and checksum before each record.
pub const FRAME: usize = 8;

const SEGMENT_MAGIC: &[u8; 4] = b"CWSG";
const BATCH_MAGIC: &[u8; 4] = b"CWBT";

/// The first bytes of a segment. Their layout up to the checksum stays the same in all versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentHeader {
    pub version: u32,
    pub number: u64,
    /// How many bytes of the segment before this one were durable when this one was begun: what is missing of
    /// them is lost, what stands after them was never acknowledged.
    pub previous_len: u64,
    pub created_ms: u64,
}

impl SegmentHeader {
    pub fn encode(&self) -> [u8; SEGMENT_HEADER] {
        let mut bytes = [0; SEGMENT_HEADER];
        bytes[..4].copy_from_slice(SEGMENT_MAGIC);
        bytes[4..8].copy_from_slice(&self.version.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.number.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.previous_len.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.created_ms.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[..36]);
        bytes[36..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// `None` if the bytes are too few, or not those of a header.
    pub fn decode(bytes: &[u8]) -> Option<SegmentHeader> {
        let bytes = bytes.get(..SEGMENT_HEADER)?;
        let whole = &bytes[..4] == SEGMENT_MAGIC && u32_at(bytes, 36) == crc32c::crc32c(&bytes[..36]);
        whole.then(|| SegmentHeader {
            version: u32_at(bytes, 4),
            number: u64_at(bytes, 8),
            previous_len: u64_at(bytes, 16),
            created_ms: u64_at(bytes, 24),
        })
    }
}

/// What one write and one fdatasync made durable together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchHeader {
    pub body_len: u32,
    pub records: u32,
}

impl BatchHeader {
    /// `offset` is both where the batch stands and how much of the segment was durable before it: a batch is only
    /// begun once the one before is on disk.
    fn encode(&self, segment: u64, offset: u64) -> [u8; BATCH_HEADER] {
        let mut bytes = [0; BATCH_HEADER];
        bytes[..4].copy_from_slice(BATCH_MAGIC);
        bytes[4..8].copy_from_slice(&self.body_len.to_le_bytes());
        bytes[8..16].copy_from_slice(&offset.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.records.to_le_bytes());
        let crc = crc32c::crc32c_append(seed(segment, offset), &bytes[..20]);
        bytes[20..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The header of a batch that stands at `offset` of `segment`, if one does.
    pub fn decode(bytes: &[u8], segment: u64, offset: u64) -> Option<BatchHeader> {
        let bytes = bytes.get(..BATCH_HEADER)?;
        let whole = &bytes[..4] == BATCH_MAGIC
            && u64_at(bytes, 8) == offset
            && u32_at(bytes, 20) == crc32c::crc32c_append(seed(segment, offset), &bytes[..20]);
        whole.then(|| BatchHeader { body_len: u32_at(bytes, 4), records: u32_at(bytes, 16) })
    }
}

/// Where a record's frame stands, and how long its payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub segment: u64,
    pub offset: u64,
    pub len: u32,
}

/// A batch in the making, for a known place in a segment.
pub struct Batch {
    segment: u64,
    offset: u64,
    records: u32,
    bytes: Vec<u8>,
}

impl Batch {
    /// Begin a batch, in a buffer that may come from an earlier one.
    pub fn new(segment: u64, offset: u64, mut buffer: Vec<u8>) -> Batch {
        buffer.clear();
        buffer.resize(BATCH_HEADER, 0);
        Batch { segment, offset, records: 0, bytes: buffer }
    }

    pub fn push(&mut self, record: &Record<'_>) {
        self.frame(|bytes| record.encode(bytes));
    }

    /// A record that is encoded already.
    pub fn push_payload(&mut self, payload: &[u8]) {
        self.frame(|bytes| bytes.extend_from_slice(payload));
    }

    fn frame(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        put_framed(&mut self.bytes, self.segment, self.offset, write);
        self.records += 1;
    }

    /// The whole batch, to be written at its offset.
    pub fn finish(mut self) -> Vec<u8> {
        let body_len = u32::try_from(self.bytes.len() - BATCH_HEADER).expect("a batch is far below 4 GiB");
        let header = BatchHeader { body_len, records: self.records };
        self.bytes[..BATCH_HEADER].copy_from_slice(&header.encode(self.segment, self.offset));
        self.bytes
    }
}

/// Put a record behind `bytes`, which begin at `offset` of `segment`.
pub fn put_framed(bytes: &mut Vec<u8>, segment: u64, offset: u64, write: impl FnOnce(&mut Vec<u8>)) {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; FRAME]);
    write(bytes);
    let len = u32::try_from(bytes.len() - start - FRAME).expect("a record is far below 4 GiB");
    let place = Place { segment, offset: offset + start as u64, len };
    let crc = checksum(place, &bytes[start + FRAME..]);
    bytes[start..start + 4].copy_from_slice(&len.to_le_bytes());
    bytes[start + 4..start + FRAME].copy_from_slice(&crc.to_le_bytes());
}

/// The place of the record whose frame begins `bytes` at `offset` of `segment`, if an intact one does.
pub fn framed(bytes: &[u8], segment: u64, offset: u64) -> Option<Place> {
    let place = Place { segment, offset, len: u32_at(bytes.get(..FRAME)?, 0) };
    let payload = bytes.get(FRAME..FRAME + place.len as usize)?;
    (u32_at(bytes, 4) == checksum(place, payload)).then_some(place)
}

/// The records of a batch that was just made, with their places. Nothing is checked.
pub fn records(batch: &[u8], segment: u64, offset: u64) -> impl Iterator<Item = (Place, &[u8])> {
    let mut at = BATCH_HEADER;
    std::iter::from_fn(move || {
        let place = Place { segment, offset: offset + at as u64, len: u32_at(batch.get(at..at + FRAME)?, 0) };
        let payload = batch.get(at + FRAME..)?.get(..place.len as usize)?;
        at += FRAME + payload.len();
        Some((place, payload))
    })
}

fn checksum(place: Place, payload: &[u8]) -> u32 {
    let crc = crc32c::crc32c_append(seed(place.segment, place.offset), &place.len.to_le_bytes());
    crc32c::crc32c_append(crc, payload)
}

fn seed(segment: u64, offset: u64) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&segment.to_le_bytes()), &offset.to_le_bytes())
}

/// What the journal records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record<'a> {
    Change {
        document: DocNumber,
        seq: Seq,
        at_ms: u64,
        author: &'a str,
        update: &'a [u8],
    },
    /// A document as the catalogue has it from here on: created, renamed or deleted.
    Entry(Cow<'a, Entry>),
    /// A document's full state at `seq`. Changes up to there are not needed any more to rebuild it.
    Checkpoint {
        document: DocNumber,
        seq: Seq,
        updated_ms: u64,
        state: &'a [u8],
    },
    /// Facts, durable together.
    Note(Note<'a>),
}

const CHANGE: u8 = 1;
const ENTRY: u8 = 2;
const CHECKPOINT: u8 = 3;
const NOTE: u8 = 4;

impl<'a> Record<'a> {
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Record::Change { document, seq, at_ms, author, update } => {
                out.push(CHANGE);
                put_numbers(out, &[document.0, seq.0, *at_ms, author.len() as u64]);
                out.extend_from_slice(author.as_bytes());
                out.extend_from_slice(update);
            }
            Record::Entry(entry) => {
                out.push(ENTRY);
                serde_json::to_writer(out, entry).expect("an entry is plain JSON, and memory takes it");
            }
            Record::Checkpoint { document, seq, updated_ms, state } => {
                out.push(CHECKPOINT);
                put_numbers(out, &[document.0, seq.0, *updated_ms]);
                out.extend_from_slice(state);
            }
            Record::Note(note) => {
                out.push(NOTE);
                note.encode(out);
            }
        }
    }

    /// Which document it is about, if about one.
    pub fn document(&self) -> Option<DocNumber> {
        match self {
            Record::Change { document, .. } | Record::Checkpoint { document, .. } => Some(*document),
            Record::Entry(entry) => Some(entry.number),
            Record::Note(_) => None,
        }
    }

    /// `None` for bytes that no encoder of this version wrote.
    pub fn decode(payload: &'a [u8]) -> Option<Record<'a>> {
        let (&kind, mut rest) = payload.split_first()?;
        match kind {
            CHANGE => {
                let [document, seq, at_ms, author_len] = take_numbers(&mut rest)?;
                let (author, update) = rest.split_at_checked(usize::try_from(author_len).ok()?)?;
                let author = std::str::from_utf8(author).ok()?;
                Some(Record::Change { document: DocNumber(document), seq: Seq(seq), at_ms, author, update })
            }
            ENTRY => serde_json::from_slice(rest).ok().map(|entry| Record::Entry(Cow::Owned(entry))),
            CHECKPOINT => {
                let [document, seq, updated_ms] = take_numbers(&mut rest)?;
                Some(Record::Checkpoint {
                    document: DocNumber(document),
                    seq: Seq(seq),
                    updated_ms,
                    state: rest,
                })
            }
            NOTE => Note::decode(rest).map(Record::Note),
            _ => None,
        }
    }
}

/// Unsigned LEB128, as Yjs writes its numbers too.
pub fn put_numbers(out: &mut Vec<u8>, numbers: &[u64]) {
    for &number in numbers {
        let mut rest = number;
        while rest >= 0x80 {
            out.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        out.push(rest as u8);
    }
}

/// Takes `N` numbers from the front of `bytes`; `None` when they are not all there.
pub fn take_numbers<const N: usize>(bytes: &mut &[u8]) -> Option<[u64; N]> {
    let mut numbers = [0; N];
    for number in &mut numbers {
        let mut shift = 0;
        loop {
            let (&byte, rest) = bytes.split_first()?;
            *bytes = rest;
            // The tenth byte has room for one bit.
            if shift == 63 && byte > 1 {
                return None;
            }
            *number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
            shift += 7;
        }
    }
    Some(numbers)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX - 1, u64::MAX];
        let mut bytes = Vec::new();
        put_numbers(&mut bytes, &numbers);
        let mut rest = &bytes[..];
        assert_eq!(take_numbers::<8>(&mut rest), Some(numbers));
        assert!(rest.is_empty());
        assert_eq!(take_numbers::<1>(&mut &[0xff; 12][..]), None);
        assert_eq!(take_numbers::<2>(&mut &bytes[..1]), None);
    }

    #[test]
    fn a_record_counts_only_where_it_was_written() {
        let record = Record::Change {
            document: DocNumber(3),
            seq: Seq(9),
            at_ms: 1,
            author: "ann",
            update: b"update",
        };
        let mut batch = Batch::new(5, 1_000, Vec::new());
        batch.push(&record);
        let bytes = batch.finish();
        assert_eq!(BatchHeader::decode(&bytes, 5, 1_000), Some(BatchHeader { body_len: 22, records: 1 }));
        assert_eq!(BatchHeader::decode(&bytes, 6, 1_000), None);
        let framed_at = |segment, offset| framed(&bytes[BATCH_HEADER..], segment, offset);
        let place = framed_at(5, 1_000 + BATCH_HEADER as u64).expect("it was written there");
        assert_eq!(Record::decode(&bytes[BATCH_HEADER + FRAME..][..place.len as usize]), Some(record));
        assert_eq!(framed_at(5, 1_000), None);
        assert_eq!(framed_at(4, 1_000 + BATCH_HEADER as u64), None);
    }
}
