//! Facts: the last value under each key, and in which segment it stands. Pure.
//!
//! Part of the index, and like it a function of the journal's records. Unlike documents, facts are kept in memory with their values, and
//! in sled too: they are small, and all of them are asked for at every start.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::format::{Note, Noted, Place, put_numbers, take_numbers};
use crate::ids::Seq;
use crate::store::Fact;

/// Facts are saved in so many parts, by their keys, so that few bytes are written for one that changed. Another figure is another layout
/// of sled.
pub const PARTS: u16 = 1024;

/// Every fact, live or taken back.
#[derive(Debug, Default)]
pub struct Facts {
    known: BTreeMap<(u16, Bytes), Known>,
    /// The last note.
    last: Seq,
    /// Notes that the journal should have and has not, the first and the last of each row of them.
    lost: Vec<(Seq, Seq)>,
    /// The highest note in each segment that has any.
    segments: BTreeMap<u64, Seq>,
    /// The parts that changed since they were last saved.
    dirty: BTreeSet<u16>,
}

/// What stands under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    at_ms: u64,
    segment: u64,
    /// `None` for one that was taken back: needed for as long as the journal may have what it took back.
    value: Option<Bytes>,
}

impl Facts {
    /// Those that count.
    pub fn live(&self) -> Vec<Fact> {
        let live = self.known.iter().filter(|(_, known)| known.value.is_some());
        live.map(|((_, key), known)| Fact { key: key.clone(), value: known.value.clone() }).collect()
    }

    /// How many of them there are.
    pub fn count(&self) -> usize {
        self.known.values().filter(|known| known.value.is_some()).count()
    }

    pub fn last(&self) -> Seq {
        self.last
    }

    /// Why what is known cannot be relied upon, if notes are lost: what they took back would count again.
    pub fn damage(&self) -> Option<String> {
        let rows = self.lost.iter().map(|(first, last)| match first == last {
            true => format!("{}", first.0),
            false => format!("{} to {}", first.0, last.0),
        });
        let rows: Vec<String> = rows.collect();
        (!rows.is_empty()).then(|| format!("of the notes on who may do what, {} are lost", rows.join(", ")))
    }

    /// Take in a note of the journal.
    pub fn apply(&mut self, place: Place, note: &Note<'_>) {
        self.apply_some(place, note, |_| true);
    }

    /// The same, but of its facts only some.
    pub fn apply_some(&mut self, place: Place, note: &Note<'_>, count: impl Fn(&Noted<'_>) -> bool) {
        let expected = self.last.next();
        if note.seq > expected {
            self.lost.push((expected, Seq(note.seq.0 - 1)));
        }
        self.last = self.last.max(note.seq);
        if note.released > Seq(0) {
            self.lost.retain(|&(_, last)| last > note.released);
            self.lost.iter_mut().for_each(|(first, _)| *first = note.released.next().max(*first));
        }
        let highest = self.segments.entry(place.segment).or_default();
        *highest = note.seq.max(*highest);
        self.dirty.insert(PARTS);
        for fact in note.facts.iter().filter(|fact| count(fact)) {
            let key = Bytes::copy_from_slice(fact.key);
            let value = fact.value.map(Bytes::copy_from_slice);
            let part = part(&key);
            self.known.insert((part, key), Known { at_ms: fact.at_ms, segment: place.segment, value });
            self.dirty.insert(part);
        }
    }

    /// The next note may be lost. Believed only if it comes next, since the bytes that say so are broken.
    pub fn suspect(&mut self, seq: Seq) {
        if self.last.next() == seq {
            self.lost.push((seq, seq));
            self.last = seq;
            self.dirty.insert(PARTS);
        }
    }

    /// About how many bytes of journal it would take to write all of them anew.
    pub fn live_bytes(&self) -> u64 {
        const OVERHEAD: u64 = 24;
        let bytes = |((_, key), known): (&(u16, Bytes), &Known)| {
            known.value.as_ref().map_or(0, |value| OVERHEAD + key.len() as u64 + value.len() as u64)
        };
        self.known.iter().map(bytes).sum()
    }

    /// The last of the notes in segments up to this one.
    pub fn last_in(&self, released: u64) -> Option<Seq> {
        self.segments.range(..=released).map(|(_, &seq)| seq).max()
    }

    /// Facts that only segments up to this one have.
    pub fn only_in(&self, released: u64) -> impl Iterator<Item = Noted<'_>> {
        self.known.iter().filter(move |(_, known)| known.segment <= released).filter_map(
            |((_, key), known)| Some(Noted { at_ms: known.at_ms, key, value: Some(known.value.as_deref()?) }),
        )
    }

    /// All that counts, to be written anew.
    pub fn all(&self) -> impl Iterator<Item = Noted<'_>> {
        self.only_in(u64::MAX)
    }

    /// Segments up to this one are going: what was taken back there is not needed any more, for what it took back goes first.
    pub fn forget_released(&mut self, released: u64) {
        let dirty = &mut self.dirty;
        self.known.retain(|(part, _), known| {
            let stays = known.value.is_some() || known.segment > released;
            if !stays {
                dirty.insert(*part);
            }
            stays
        });
        let kept = self.segments.split_off(&(released + 1));
        if !std::mem::replace(&mut self.segments, kept).is_empty() {
            self.dirty.insert(PARTS);
        }
    }

    pub fn is_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// The parts that changed since this was last called, each with its lines. [`PARTS`] is what is known of all of them.
    pub fn take_dirty(&mut self) -> Vec<(u16, Vec<u8>)> {
        std::mem::take(&mut self.dirty).into_iter().map(|part| (part, self.lines(part))).collect()
    }

    fn lines(&self, part: u16) -> Vec<u8> {
        let mut lines = Vec::new();
        if part == PARTS {
            put_numbers(&mut lines, &[self.last.0, self.lost.len() as u64, self.segments.len() as u64]);
            self.lost.iter().for_each(|(first, last)| put_numbers(&mut lines, &[first.0, last.0]));
            self.segments.iter().for_each(|(&segment, seq)| put_numbers(&mut lines, &[segment, seq.0]));
            return lines;
        }
        let part = self.known.range((part, Bytes::new())..(part + 1, Bytes::new()));
        for ((_, key), Known { at_ms, segment, value }) in part {
            put_numbers(&mut lines, &[*segment]);
            Noted { at_ms: *at_ms, key, value: value.as_deref() }.encode(&mut lines);
        }
        lines
    }

    /// Take in a part as it was saved; `None` if these are no lines of it.
    pub fn restore(&mut self, part: u16, mut lines: &[u8]) -> Option<()> {
        if part == PARTS {
            let [last, lost, segments] = take_numbers(&mut lines)?;
            self.last = Seq(last);
            for _ in 0..lost {
                let [first, last] = take_numbers(&mut lines)?;
                self.lost.push((Seq(first), Seq(last)));
            }
            for _ in 0..segments {
                let [segment, seq] = take_numbers(&mut lines)?;
                self.segments.insert(segment, Seq(seq));
            }
        }
        while !lines.is_empty() {
            let [segment] = take_numbers(&mut lines)?;
            let Noted { at_ms, key, value } = Noted::decode(&mut lines)?;
            let value = value.map(Bytes::copy_from_slice);
            self.known.insert((part, Bytes::copy_from_slice(key)), Known { at_ms, segment, value });
        }
        Some(())
    }
}

fn part(key: &[u8]) -> u16 {
    (crc32c::crc32c(key) % u32::from(PARTS)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(segment: u64) -> Place {
        Place { segment, offset: 40, len: 9 }
    }

    fn note<'a>(seq: u64, released: u64, facts: &[(&'a str, Option<&'a str>)]) -> Note<'a> {
        let facts = facts.iter().map(|&(key, value)| Noted {
            at_ms: seq,
            key: key.as_bytes(),
            value: value.map(str::as_bytes),
        });
        Note { seq: Seq(seq), at_ms: seq, released: Seq(released), facts: facts.collect() }
    }

    fn live(facts: &Facts) -> Vec<String> {
        let text = |bytes: &Bytes| String::from_utf8(bytes.to_vec()).unwrap();
        let mut live: Vec<_> = facts
            .live()
            .iter()
            .map(|f| format!("{}={}", text(&f.key), text(f.value.as_ref().unwrap())))
            .collect();
        live.sort();
        live
    }

    #[test]
    fn the_last_value_under_a_key_counts() {
        let mut facts = Facts::default();
        facts.apply(place(1), &note(1, 0, &[("a", Some("1")), ("b", Some("1"))]));
        facts.apply(place(1), &note(2, 0, &[("a", Some("2")), ("b", None), ("c", Some("2"))]));
        assert_eq!(live(&facts), ["a=2", "c=2"]);
        assert_eq!((facts.damage(), facts.count()), (None, 2));
        // Once more from an earlier place on, as a start does.
        facts.apply(place(1), &note(1, 0, &[("a", Some("1")), ("b", Some("1"))]));
        facts.apply(place(1), &note(2, 0, &[("a", Some("2")), ("b", None), ("c", Some("2"))]));
        assert_eq!((live(&facts), facts.damage()), (vec!["a=2".to_owned(), "c=2".to_owned()], None));
    }

    #[test]
    fn a_note_that_is_missing_is_missed_unless_it_was_released() {
        let mut facts = Facts::default();
        facts.apply(place(1), &note(1, 0, &[("a", Some("1"))]));
        facts.apply(place(1), &note(4, 0, &[("a", Some("4"))]));
        facts.suspect(Seq(9));
        facts.suspect(Seq(5));
        facts.apply(place(1), &note(6, 0, &[]));
        assert_eq!(facts.damage().unwrap(), "of the notes on who may do what, 2 to 3, 5 are lost");
        facts.apply(place(2), &note(7, 2, &[]));
        assert_eq!(facts.damage().unwrap(), "of the notes on who may do what, 3, 5 are lost");
        facts.apply(place(2), &note(8, 5, &[]));
        assert_eq!(facts.damage(), None);
    }

    #[test]
    fn what_was_taken_back_is_kept_until_its_segment_goes() {
        let mut facts = Facts::default();
        facts.apply(place(1), &note(1, 0, &[("a", Some("1")), ("b", Some("1"))]));
        facts.apply(place(2), &note(2, 0, &[("a", None)]));
        facts.apply(place(3), &note(3, 0, &[("c", Some("3"))]));
        assert_eq!((facts.last_in(0), facts.last_in(2)), (None, Some(Seq(2))));
        assert_eq!(facts.only_in(2).map(|fact| fact.key.to_vec()).collect::<Vec<_>>(), [b"b"]);
        facts.forget_released(1);
        assert_eq!(facts.known.len(), 3);
        facts.forget_released(2);
        assert_eq!((facts.known.len(), facts.last_in(2)), (2, None));
    }

    #[test]
    fn a_part_comes_back_as_it_was_saved() {
        let mut facts = Facts::default();
        assert!(facts.take_dirty().is_empty());
        let keys: Vec<String> = (0..5_000).map(|n| format!("key/{n}")).collect();
        let all: Vec<_> = keys.iter().map(|key| (&**key, Some("value").filter(|_| key.len() != 5))).collect();
        facts.apply(place(7), &note(3, 1, &all));
        let mut back = Facts::default();
        for (part, lines) in facts.take_dirty() {
            back.restore(part, &lines).expect("these are its lines");
        }
        assert_eq!((&back.known, back.last, &back.lost), (&facts.known, Seq(3), &facts.lost));
        assert_eq!((back.segments.clone(), back.lost.len()), (facts.segments.clone(), 1));
        facts.apply(place(7), &note(4, 0, &[("key/1", None)]));
        assert_eq!(facts.take_dirty().len(), 2, "its part, and what is known of all");
    }
}
