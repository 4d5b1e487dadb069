//! One document's line in the saved index: its entry, where its records are, and which state sled has. Numbers are varints,
//! texts come after their length.

use super::{Doc, NONE, Snapshot};
use crate::ids::{DocId, DocNumber, Epoch, Kind, Seq};
use crate::store::Entry;
use crate::store::journal::format::{Place, put_numbers, take_numbers};

impl Doc {
    /// The line, for [`Doc::decode`]. The document's number stands elsewhere.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match &self.entry {
            Some(entry) => put_entry(out, entry),
            None => put_numbers(out, &[0]),
        }
        let (entry_segment, behind) = (one_more(self.entry_segment), one_more(self.behind));
        put_numbers(out, &[entry_segment, behind, self.last.0, self.updated_ms]);
        match self.snapshot {
            Some(s) => put_numbers(out, &[1, s.seq.0, s.len, u64::from(s.crc)]),
            None => put_numbers(out, &[0]),
        }
        put_numbers(out, &[u64::from(self.base.is_some()), self.tail.len() as u64]);
        for &(seq, place) in self.base.iter().chain(&self.tail) {
            put_numbers(out, &[seq.0, place.segment, place.offset, u64::from(place.len)]);
        }
    }

    /// Takes a line from the front of `bytes`; `None` if none stands there.
    pub fn decode(number: DocNumber, bytes: &mut &[u8]) -> Option<Doc> {
        let entry = match take_numbers(bytes)? {
            [0] => None,
            [kind] => Some(take_entry(number, kind, bytes)?),
        };
        let [entry_segment, behind, last, updated_ms] = take_numbers(bytes)?;
        let snapshot = match take_numbers(bytes)? {
            [0] => None,
            _ => {
                let [seq, len, crc] = take_numbers(bytes)?;
                Some(Snapshot { seq: Seq(seq), len, crc: u32::try_from(crc).ok()? })
            }
        };
        let [has_base, tail_len] = take_numbers(bytes)?;
        let base = if has_base == 1 { Some(take_place(bytes)?) } else { None };
        // No more room than the bytes that are left can fill.
        let mut tail = Vec::with_capacity(usize::try_from(tail_len).ok()?.min(bytes.len() / PLACE));
        for _ in 0..tail_len {
            tail.push(take_place(bytes)?);
        }
        Some(Doc {
            entry,
            entry_segment: one_less(entry_segment),
            last: Seq(last),
            updated_ms,
            snapshot,
            shelved: snapshot.map(|snapshot| snapshot.seq),
            base,
            behind: one_less(behind),
            tail,
        })
    }
}

/// Fewest bytes of a place with its sequence.
const PLACE: usize = 4;

/// [`NONE`] is the largest number there is, and so that it takes one byte it is written as 0.
fn one_more(segment: u64) -> u64 {
    segment.wrapping_sub(NONE)
}

fn one_less(segment: u64) -> u64 {
    segment.wrapping_add(NONE)
}

/// The kinds by their number in a line; 0 says that there is no entry.
const KINDS: [(u64, Kind); 3] = [(1, Kind::Markdown), (2, Kind::Text), (3, Kind::Code)];

/// What is added to a kind's number where tags and trash follow. The other lines are what they were before there were any.
const FILED: u64 = 16;

fn put_entry(out: &mut Vec<u8>, entry: &Entry) {
    let kind = KINDS.iter().find(|(_, kind)| *kind == entry.kind).expect("every kind has a number");
    let is_filed = !entry.tags.is_empty() || entry.trashed_ms.is_some();
    put_numbers(out, &[if is_filed { kind.0 + FILED } else { kind.0 }]);
    for text in [entry.id.as_str(), &entry.epoch.0, &entry.title] {
        put_text(out, text);
    }
    put_numbers(out, &[entry.created_ms, entry.updated_ms]);
    put_moment(out, entry.deleted_ms);
    if is_filed {
        put_moment(out, entry.trashed_ms);
        put_numbers(out, &[entry.tags.len() as u64]);
        entry.tags.iter().for_each(|tag| put_text(out, tag));
    }
}

fn take_entry(number: DocNumber, kind: u64, bytes: &mut &[u8]) -> Option<Entry> {
    let is_filed = kind > FILED;
    let kind = if is_filed { kind - FILED } else { kind };
    let kind = KINDS.iter().find(|(numbered, _)| *numbered == kind)?.1;
    let id = DocId::parse(take_text(bytes)?).ok()?;
    let epoch = Epoch(take_text(bytes)?.to_owned());
    let title = take_text(bytes)?.to_owned();
    let [created_ms, updated_ms] = take_numbers(bytes)?;
    let deleted_ms = take_moment(bytes)?;
    let (mut trashed_ms, mut tags) = (None, Vec::new());
    if is_filed {
        trashed_ms = take_moment(bytes)?;
        for _ in 0..take_numbers::<1>(bytes)?[0] {
            tags.push(take_text(bytes)?.to_owned());
        }
    }
    Some(Entry { number, id, epoch, kind, title, created_ms, updated_ms, deleted_ms, tags, trashed_ms })
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_numbers(out, &[text.len() as u64]);
    out.extend_from_slice(text.as_bytes());
}

fn put_moment(out: &mut Vec<u8>, moment_ms: Option<u64>) {
    match moment_ms {
        Some(moment_ms) => put_numbers(out, &[1, moment_ms]),
        None => put_numbers(out, &[0]),
    }
}

/// A moment, if there is one; `None` where none stands.
fn take_moment(bytes: &mut &[u8]) -> Option<Option<u64>> {
    match take_numbers(bytes)? {
        [0] => Some(None),
        [_] => Some(Some(take_numbers::<1>(bytes)?[0])),
    }
}

fn take_text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    let [len] = take_numbers(bytes)?;
    let (text, rest) = bytes.split_at_checked(usize::try_from(len).ok()?)?;
    *bytes = rest;
    std::str::from_utf8(text).ok()
}

fn take_place(bytes: &mut &[u8]) -> Option<(Seq, Place)> {
    let [seq, segment, offset, len] = take_numbers(bytes)?;
    Some((Seq(seq), Place { segment, offset, len: u32::try_from(len).ok()? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: Kind, deleted_ms: Option<u64>) -> Entry {
        let (id, epoch) = (DocId::random(), Epoch::random());
        let title = "Протокол — 会議".to_owned();
        Entry {
            number: DocNumber(7),
            id,
            epoch,
            kind,
            title,
            created_ms: 1,
            updated_ms: 1 << 41,
            deleted_ms,
            tags: Vec::new(),
            trashed_ms: None,
        }
    }

    #[test]
    fn a_line_says_all_that_is_known() {
        let place = |offset| (Seq(offset), Place { segment: 3, offset, len: u32::MAX });
        let snapshot = Some(Snapshot { seq: Seq(2), len: u64::MAX, crc: u32::MAX });
        let tagged = Entry { tags: vec!["a".to_owned(), "二".to_owned()], ..entry(Kind::Markdown, None) };
        let trashed = Entry { trashed_ms: Some(u64::MAX), ..entry(Kind::Code, Some(1)) };
        let docs = [
            Doc::default(),
            Doc { entry: Some(tagged), last: Seq(3), ..Doc::default() },
            Doc { entry: Some(trashed), ..Doc::default() },
            Doc { entry: Some(entry(Kind::Markdown, None)), entry_segment: 0, ..Doc::default() },
            Doc { entry: Some(entry(Kind::Code, Some(u64::MAX))), behind: 1, ..Doc::default() },
            Doc { snapshot, shelved: Some(Seq(2)), base: Some(place(1)), ..Doc::default() },
            Doc { entry: Some(entry(Kind::Text, None)), tail: vec![place(8), place(9)], ..Doc::default() },
        ];
        let mut lines = Vec::new();
        docs.iter().for_each(|doc| doc.encode(&mut lines));
        let mut rest = &lines[..];
        for doc in &docs {
            assert_eq!(Doc::decode(DocNumber(7), &mut rest).as_ref(), Some(doc));
        }
        assert!(rest.is_empty());
        let whole = |end: usize| {
            let mut bytes = &lines[..end];
            docs.iter().all(|_| Doc::decode(DocNumber(7), &mut bytes).is_some())
        };
        assert!((0..lines.len()).all(|end| !whole(end)), "a line without its end is none");
    }

    /// What was saved before there were tags and a trash is read as it is, and written as it was.
    #[test]
    fn a_line_without_tags_is_what_it_was() {
        let mut line = Vec::new();
        let entry = Entry { id: DocId::parse("plan").expect("an id"), ..entry(Kind::Text, Some(300)) };
        Doc { entry: Some(Entry { epoch: Epoch("e".into()), title: "T".into(), ..entry }), ..Doc::default() }
            .encode(&mut line);
        assert_eq!(line[..10], [2, 4, b'p', b'l', b'a', b'n', 1, b'e', 1, b'T']);
        assert_eq!(line[10..], [1, 128, 128, 128, 128, 128, 64, 1, 172, 2, 0, 0, 0, 0, 0, 0, 0]);
    }
}
