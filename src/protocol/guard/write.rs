//! Writing what an update says in other words.

use bytes::{BufMut, BytesMut};

use super::parse::{Content, Item, ORIGIN, RIGHT_ORIGIN, SKIP};
use super::read::{Id, Reader};
use crate::protocol::varint::put_var_uint;

/// Garbage of that many clocks.
pub(super) fn put_garbage(out: &mut BytesMut, len: u32) {
    out.put_u8(0);
    put_var_uint(out, len.into());
}

/// A hole of that many clocks.
pub(super) fn put_hole(out: &mut BytesMut, len: u32) {
    out.put_u8(SKIP);
    put_var_uint(out, len.into());
}

/// An item without the first elements of its content. It has a left neighbour.
pub(super) fn put_rest(out: &mut BytesMut, bytes: &[u8], item: &Item<'_>, without: u32) {
    let kind = match item.content {
        Content::Deleted => 1,
        Content::Text => 4,
        Content::Any => 8,
        Content::Rich | Content::Type(_) | Content::Binary => unreachable!("one element has no rest"),
    };
    out.put_u8(kind | ORIGIN | if item.right_origin.is_some() { RIGHT_ORIGIN } else { 0 });
    for Id { client, clock } in [item.origin, item.right_origin].into_iter().flatten() {
        put_var_uint(out, client);
        put_var_uint(out, clock.into());
    }
    put_rest_of_content(out, &mut Reader::at(bytes, item.offset), item.content, without as usize);
}

fn put_rest_of_content(out: &mut BytesMut, reader: &mut Reader<'_>, content: Content, without: usize) {
    const READ: &str = "the outline has read these bytes before";
    match content {
        Content::Text => {
            let (lost, rest) = cut(reader.string().expect(READ), without);
            put_var_uint(out, (lost.len() + rest.len()) as u64);
            out.put_slice(lost.as_bytes());
            out.put_slice(rest.as_bytes());
        }
        Content::Any => {
            let count = reader.count(1).expect(READ);
            put_var_uint(out, (count - without) as u64);
            (0..without).for_each(|_| reader.any(0).expect(READ));
            let from = reader.offset();
            (without..count).for_each(|_| reader.any(0).expect(READ));
            out.put_slice(reader.since(from));
        }
        _ => put_var_uint(out, u64::from(reader.len().expect(READ)) - without as u64),
    }
}

/// A text without its first UTF-16 units, and what Yjs puts in the place of half a character.
fn cut(text: &str, without: usize) -> (&'static str, &str) {
    let mut units = 0;
    for (at, character) in text.char_indices() {
        match units.cmp(&without) {
            std::cmp::Ordering::Less => units += character.len_utf16(),
            std::cmp::Ordering::Equal => return ("", &text[at..]),
            std::cmp::Ordering::Greater => return ("\u{fffd}", &text[at..]),
        }
    }
    if units > without { ("\u{fffd}", "") } else { ("", "") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_is_replaced() {
        assert_eq!(cut("a😀b", 1), ("", "😀b"));
        assert_eq!(cut("a😀b", 2), ("\u{fffd}", "b"));
        assert_eq!(cut("a😀b", 3), ("", "b"));
        assert_eq!(cut("a😀", 2), ("\u{fffd}", ""));
    }
}
