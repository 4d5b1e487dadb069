//! The messages of y-protocols, and the two of `cowrite.v1` that a measurement needs.

use super::lib0::{Cursor, put_bytes};

/// An update with nothing in it: no structs, no deletions.
pub const EMPTY_UPDATE: &[u8] = &[0, 0];

/// A state vector that knows nothing.
pub const EMPTY_STATE_VECTOR: &[u8] = &[0];

/// What a server or a client says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// "Tell me what I lack": a state vector.
    Step1(&'a [u8]),
    /// "What you lack": an update.
    Step2(&'a [u8]),
    Update(&'a [u8]),
    Awareness(&'a [u8]),
    /// `cowrite.v1`: the update-bearing messages up to this one, from 0, are durable.
    Saved(u64),
    /// `cowrite.v1`: the first message.
    Hello,
}

impl<'a> Message<'a> {
    /// Append it as bytes: one that a client says.
    pub fn put(&self, out: &mut Vec<u8>) {
        let (numbers, bytes): (&[u8], _) = match self {
            Message::Step1(state_vector) => (&[0, 0], state_vector),
            Message::Step2(update) => (&[0, 1], update),
            Message::Update(update) => (&[0, 2], update),
            Message::Awareness(states) => (&[1], states),
            Message::Saved(_) | Message::Hello => unreachable!("only the server says it"),
        };
        out.extend_from_slice(numbers);
        put_bytes(out, bytes);
    }

    /// The first message in `cursor`. `None`: one we do not know, and the rest of the frame with it.
    pub fn next(cursor: &mut Cursor<'a>) -> Option<Message<'a>> {
        match cursor.uint()? {
            0 => match cursor.uint()? {
                0 => cursor.bytes().map(Message::Step1),
                1 => cursor.bytes().map(Message::Step2),
                2 => cursor.bytes().map(Message::Update),
                _ => None,
            },
            1 => cursor.bytes().map(Message::Awareness),
            100 => cursor.bytes().map(|_| Message::Hello),
            101 => cursor.uint().map(Message::Saved),
            _ => None,
        }
    }
}
