//! What an update contains, read without applying it: a reader that applied everything would cost more than the server.

use anyhow::{Context, Result, bail};

use super::lib0::Cursor;

/// A client's structs in an update: clocks from `from` to just before `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub client: u64,
    pub from: u64,
    pub to: u64,
}

const SKIP: u8 = 10;
const HAS_PARENT_SUB: u8 = 0x20;
const HAS_RIGHT_ORIGIN: u8 = 0x40;
const HAS_ORIGIN: u8 = 0x80;

/// Hand over every span of an update (v1). A merged update has many; a skipped clock parts two of them.
pub fn spans(update: &[u8], mut each: impl FnMut(Span) -> Result<()>) -> Result<()> {
    let mut cursor = Cursor(update);
    let clients = cursor.uint().context("an update without a count of clients")?;
    for _ in 0..clients {
        let (count, client, start) = (|| Some((cursor.uint()?, cursor.uint()?, cursor.uint()?)))()
            .context("an update that ends in a client's header")?;
        let mut span = Span { client, from: start, to: start };
        for _ in 0..count {
            let (kind, length) = block(&mut cursor)?;
            if kind == SKIP {
                each(span)?;
                span.from = span.to + length;
            }
            span.to += length;
        }
        if span.to > span.from {
            each(span)?;
        }
    }
    Ok(())
}

/// Step over one struct: its kind and its length in clocks.
fn block(cursor: &mut Cursor<'_>) -> Result<(u8, u64)> {
    let info = cursor.byte().context("an update that ends where a struct should begin")?;
    let kind = info & 0x1f;
    if !matches!(kind, 0 | 1 | 4 | SKIP) {
        bail!("a struct of kind {kind}, which none of our writers makes");
    }
    let length = (|| {
        if kind == 0 || kind == SKIP {
            return cursor.uint();
        }
        let neighbours = (info & HAS_ORIGIN != 0) as u8 + (info & HAS_RIGHT_ORIGIN != 0) as u8;
        for _ in 0..2 * neighbours {
            cursor.uint()?;
        }
        if neighbours == 0 {
            match cursor.uint()? {
                1 => drop(cursor.bytes()?),
                _ => drop((cursor.uint()?, cursor.uint()?)),
            }
            if info & HAS_PARENT_SUB != 0 {
                cursor.bytes()?;
            }
        }
        match kind {
            1 => cursor.uint(),
            _ => cursor.string().map(|text| text.encode_utf16().count() as u64),
        }
    })();
    Ok((kind, length.context("an update that ends in a struct")?))
}

#[cfg(test)]
mod tests {
    use yrs::block::ClientID;
    use yrs::updates::decoder::Decode;
    use yrs::{Doc, GetString, OffsetKind, Options, ReadTxn, StateVector, Text, Transact, Update};

    use super::*;

    fn all(update: &[u8]) -> Vec<Span> {
        let mut all = Vec::new();
        spans(update, |span| {
            all.push(span);
            Ok(())
        })
        .expect("an update of ours");
        all
    }

    #[test]
    fn the_spans_of_what_yrs_writes_are_its_state_vector() {
        let doc = Doc::with_options(Options {
            client_id: ClientID::new(7),
            offset_kind: OffsetKind::Utf16,
            ..Options::default()
        });
        let text = doc.get_or_insert_text("content");
        {
            let mut txn = doc.transact_mut();
            text.insert(&mut txn, 0, "one two three");
            text.insert(&mut txn, 3, "½");
            text.remove_range(&mut txn, 4, 5);
        }
        let state = doc.transact().encode_state_as_update_v1(&StateVector::default());
        assert_eq!(all(&state), [Span { client: 7, from: 0, to: 14 }]);

        let tail = StateVector::from_iter([(ClientID::new(7), 5)]);
        let state = doc.transact().encode_state_as_update_v1(&tail);
        assert_eq!(all(&state), [Span { client: 7, from: 5, to: 14 }]);
        assert!(text.get_string(&doc.transact()).contains('½'));
    }

    #[test]
    fn a_hole_parts_two_spans() {
        let typist = crate::typist::Typist::new(3, 1);
        let merged = Update::merge_updates(
            [0, 1, 4].map(|i| Update::decode_v1(&typist.update(i)).expect("an update")),
        );
        use yrs::updates::encoder::Encode;
        assert_eq!(
            all(&merged.encode_v1()),
            [Span { client: 3, from: 0, to: 2 }, Span { client: 3, from: 4, to: 5 }]
        );
    }
}
