//! Opening what an earlier run left: bring the index up to date from the journal, whatever happened to both.

use std::io;

use super::format::{FRAME, Place, Record, SEGMENT_HEADER};
use super::index::Index;
use super::scan::{Scan, Suspect, scan};
use super::segments::{Segment, Segments};
use crate::store::snapshots::Position;

/// Where the journal ends.
#[derive(Default)]
pub struct End {
    pub last: Option<Segment>,
    /// The payloads of the last batch, if nothing vouches for it. It can be read, but its fsync may have failed or never
    /// come, and a later fsync does not make up for that: it has to be written again elsewhere.
    pub unconfirmed: Vec<Vec<u8>>,
    /// How much of the last segment is durable without doubt.
    pub confirmed_len: u64,
    /// The same of the segment before it.
    pub before_len: u64,
    /// What was found on the way.
    pub findings: Vec<Finding>,
    /// What broken bytes seem to have held.
    pub suspects: Vec<Suspect>,
}

/// Something about a data folder that somebody should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Something that was durable is lost or is not what it was.
    Damage(String),
    /// Nothing is wrong.
    Note(String),
}

impl Finding {
    pub fn is_damage(&self) -> bool {
        matches!(self, Finding::Damage(_))
    }

    pub fn text(&self) -> &str {
        let (Finding::Damage(text) | Finding::Note(text)) = self;
        text
    }
}

/// Bring an index up to date: apply everything from a position on, as [`replay`] finds it.
pub fn bring_up_to_date(segments: &Segments, index: &mut Index, from: Position) -> io::Result<End> {
    let end = replay(segments, from, &mut |place, record| index.apply(place, record))?;
    end.suspects.iter().for_each(|&suspect| index.suspect(suspect));
    Ok(end)
}

/// Show every record from a position on, in order. What is damaged is passed over and reported.
///
/// A batch behind what the next segment's header claims was never acknowledged. It counts only as long as no later segment
/// holds a batch: before its first one, a new segment's run has not yet decided what becomes of it.
pub fn replay(
    segments: &Segments,
    from: Position,
    visit: &mut dyn FnMut(Place, &Record<'_>),
) -> io::Result<End> {
    let mut end = End::default();
    let mut undecided: Vec<(Place, Vec<u8>)> = Vec::new();
    let mut undecided_after = None;
    let all = segments.all();
    report_missing(&all, &mut end.findings);
    for segment in all {
        if segment.number < from.segment {
            continue;
        }
        let start = if segment.number == from.segment { from.offset } else { SEGMENT_HEADER as u64 };
        let claimed = segments.claimed(segment.number);
        let bytes = if start >= segment.len { Vec::new() } else { segments.read_all(&segment)? };
        let found = if bytes.is_empty() {
            Scan { end: start.min(segment.len), ..Scan::default() }
        } else {
            scan(&bytes, segment.number, start, claimed)
        };
        report(&segment, &found, &mut end.findings);
        if found.last_batch.is_some() {
            undecided.clear();
            if let Some((segment, durable)) = undecided_after.take() {
                segments.set_len(segment, durable);
            }
        }
        let durable = claimed.unwrap_or(u64::MAX).min(found.end);
        for &place in &found.records {
            let payload = payload(&bytes, place);
            if place.offset < durable {
                visit(place, &decoded(payload));
            } else {
                undecided.push((place, payload.to_vec()));
                undecided_after = Some((segment.number, durable));
            }
        }
        end.suspects.extend(found.damage.iter().filter_map(|damage| damage.suspect));
        segments.set_len(segment.number, found.end);
        end.before_len = std::mem::replace(&mut end.confirmed_len, found.end);
        if let Some(last_batch) = found.last_batch {
            end.unconfirmed.clear();
            if claimed.is_none_or(|claimed| claimed < found.end) {
                end.confirmed_len = last_batch;
                let places = found.records.iter().filter(|place| place.offset > last_batch);
                end.unconfirmed = places.map(|&place| payload(&bytes, place).to_vec()).collect();
            }
        }
        end.last = Some(segment);
    }
    undecided.iter().for_each(|(place, payload)| visit(*place, &decoded(payload)));
    Ok(end)
}

fn decoded(payload: &[u8]) -> Record<'_> {
    Record::decode(payload).expect("the scan decoded it")
}

/// Whether every place in the index is in a segment that exists. An index from sled may be older than a release of
/// segments, or than the loss of some.
pub fn is_consistent(index: &Index, segments: &Segments) -> bool {
    index.docs().filter(|(_, doc)| !doc.is_deleted()).all(|(_, doc)| {
        let mut places = doc.tail.iter().chain(&doc.base);
        places.all(|(_, place)| segments.get(place.segment).is_some())
    })
}

fn payload(bytes: &[u8], place: Place) -> &[u8] {
    let start = place.offset as usize + FRAME;
    &bytes[start..start + place.len as usize]
}

fn report(segment: &Segment, found: &Scan, findings: &mut Vec<Finding>) {
    let number = segment.number;
    if segment.header.is_none() && segment.len > SEGMENT_HEADER as u64 {
        findings.push(Finding::Damage(format!(
            "segment {number}: its header is unreadable; its records are used"
        )));
    }
    for damage in &found.damage {
        let (from, to) = (damage.bytes.start, damage.bytes.end);
        let suspect = damage.suspect.map(|suspect| match suspect {
            Suspect::Change(document, seq) => {
                format!("; they seem to have held change {} of document number {}", seq.0, document.0)
            }
            Suspect::Note(seq) => format!("; they seem to have held note {} on who may do what", seq.0),
        });
        let suspect = suspect.unwrap_or_default();
        findings.push(Finding::Damage(format!(
            "segment {number}: durable bytes {from} to {to} are lost{suspect}"
        )));
    }
    if found.torn > 0 {
        let torn = found.torn;
        findings.push(Finding::Note(format!(
            "segment {number}: an unfinished write of {torn} bytes at its end is ignored; nobody was told that it was saved"
        )));
    }
}

fn report_missing(all: &[Segment], findings: &mut Vec<Finding>) {
    for pair in all.windows(2) {
        let [before, after] = [pair[0].number, pair[1].number];
        if before + 1 != after {
            findings.push(Finding::Damage(format!("segments between {before} and {after} are missing")));
        }
    }
}
