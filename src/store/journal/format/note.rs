//! A note: facts that became durable together, in one record. Keys and values are a closed book to the store.

use super::{put_numbers, take_numbers};
use crate::ids::Seq;

/// What stands in a record of kind 4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note<'a> {
    /// Notes are numbered without gaps, so that one that is lost is missed: what it took back would count again.
    pub seq: Seq,
    /// When it was written, in milliseconds since 1970.
    pub at_ms: u64,
    /// Of a note that closes a release: whatever counts of the notes up to there stands in later ones, this one included. 0 in all others.
    pub released: Seq,
    pub facts: Vec<Noted<'a>>,
}

/// One fact: the last one under a key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noted<'a> {
    /// When it was first noted: a copy keeps the time of its original.
    pub at_ms: u64,
    pub key: &'a [u8],
    /// `None` when nothing is under the key any more.
    pub value: Option<&'a [u8]>,
}

impl<'a> Note<'a> {
    pub fn encode(&self, out: &mut Vec<u8>) {
        put_numbers(out, &[self.seq.0, self.at_ms, self.released.0, self.facts.len() as u64]);
        self.facts.iter().for_each(|fact| fact.encode(out));
    }

    /// `None` unless these bytes are a note and nothing else.
    pub fn decode(mut bytes: &'a [u8]) -> Option<Note<'a>> {
        let [seq, at_ms, released, count] = take_numbers(&mut bytes)?;
        let mut facts = Vec::with_capacity(usize::try_from(count).ok()?.min(bytes.len() / FEWEST));
        for _ in 0..count {
            facts.push(Noted::decode(&mut bytes)?);
        }
        bytes.is_empty().then_some(Note { seq: Seq(seq), at_ms, released: Seq(released), facts })
    }
}

/// Fewest bytes of a fact.
const FEWEST: usize = 3;

impl<'a> Noted<'a> {
    pub fn encode(&self, out: &mut Vec<u8>) {
        let value_len = self.value.map_or(0, |value| 1 + value.len() as u64);
        put_numbers(out, &[self.at_ms, self.key.len() as u64, value_len]);
        out.extend_from_slice(self.key);
        out.extend_from_slice(self.value.unwrap_or_default());
    }

    /// Takes a fact from the front of `bytes`.
    pub fn decode(bytes: &mut &'a [u8]) -> Option<Noted<'a>> {
        let [at_ms, key_len, value_len] = take_numbers(bytes)?;
        let mut take = |len: u64| {
            let (taken, rest) = bytes.split_at_checked(usize::try_from(len).ok()?)?;
            *bytes = rest;
            Some(taken)
        };
        let key = take(key_len)?;
        let value = match value_len.checked_sub(1) {
            Some(len) => Some(take(len)?),
            None => None,
        };
        Some(Noted { at_ms, key, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_comes_back_whole_or_not_at_all() {
        let fact = |key, value| Noted { at_ms: 1 << 41, key, value };
        let facts = vec![fact(b"a", Some(b"value")), fact(b"", Some(b"")), fact(b"gone", None)];
        let note = Note { seq: Seq(300), at_ms: 7, released: Seq(299), facts };
        let mut bytes = Vec::new();
        note.encode(&mut bytes);
        assert_eq!(Note::decode(&bytes).as_ref(), Some(&note));
        assert!((0..bytes.len()).all(|end| Note::decode(&bytes[..end]).is_none()));
        bytes.push(0);
        assert_eq!(Note::decode(&bytes), None, "and nothing else");
        assert_eq!(
            Note::decode(&[1, 1, 0, 0xff, 0xff, 0xff, 0xff, 0x0f]),
            None,
            "no room is made for a claim"
        );
    }
}
