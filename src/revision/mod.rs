//! A text that somebody rewrote outside of an editor becomes one change of the document: only what is different is touched, carets
//! stay where they are, and what others have written meanwhile stays too.

mod diff;

use std::time::{Duration, Instant};

use bytes::Bytes;
use yrs::{GetString, Text, Transact};

use crate::export::{ExportError, replay};

/// How long may be spent on finding the smallest difference. It is found coarser then.
const LOOK_FOR: Duration = Duration::from_millis(500);

/// Why there is no such change.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    #[error(transparent)]
    Export(#[from] ExportError),
    /// Pictures and the like, which programs can put into a text, have no letters that could stand for them.
    #[error("the document's text holds more than letters, and cannot be rewritten as letters alone")]
    Embedded,
}

/// The update that makes `wanted` of a document, whose writer started from `base`. `None` when it is so already. `state` is the document
/// as one update of our own. Slow for large documents.
pub fn update(state: &Bytes, base: &str, wanted: &str) -> Result<Option<Bytes>, RevisionError> {
    let doc = replay([state])?;
    let content = doc.get_or_insert_text("content");
    let deadline = Some(Instant::now() + LOOK_FOR);
    let mut txn = doc.transact_mut();
    let now = content.get_string(&txn);
    if content.len(&txn) as usize != utf16(&now) {
        return Err(RevisionError::Embedded);
    }
    let mine = diff::edits(base, wanted, deadline);
    let edits = match base == now {
        true => mine,
        false => diff::rebased(&mine, &diff::edits(base, &now, deadline)),
    };
    if edits.iter().all(|edit| edit.old.is_empty() && edit.new.is_empty()) {
        return Ok(None);
    }
    let mut counted = Counted { text: &now, byte: 0, unit: 0 };
    let places: Vec<(u32, u32)> =
        edits.iter().map(|edit| (counted.unit_at(edit.old.start), counted.unit_at(edit.old.end))).collect();
    // From the end, so that places before stay what they are.
    for (edit, (from, to)) in edits.iter().zip(places).rev() {
        if to > from {
            content.remove_range(&mut txn, from, to - from);
        }
        if !edit.new.is_empty() {
            content.insert(&mut txn, from, &edit.new);
        }
    }
    Ok(Some(txn.encode_update_v1().into()))
}

/// Counts along a text, once, from bytes to UTF-16 code units.
struct Counted<'a> {
    text: &'a str,
    byte: usize,
    unit: usize,
}

impl Counted<'_> {
    /// `byte` is not before the last one asked for.
    fn unit_at(&mut self, byte: usize) -> u32 {
        self.unit += utf16(&self.text[self.byte..byte]);
        self.byte = byte;
        u32::try_from(self.unit).expect("documents are far smaller")
    }
}

fn utf16(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use yrs::updates::decoder::Decode;
    use yrs::{Doc, IndexedSequence, StickyIndex, Update};

    use super::*;
    use crate::export::encode;
    use crate::import::initial_update;
    use crate::protocol::empty_doc;

    fn doc(text: &str) -> Doc {
        let doc = empty_doc();
        apply(&doc, &initial_update(text).expect("a text"));
        doc
    }

    fn apply(doc: &Doc, update: &Bytes) {
        let update = Update::decode_v1(update).expect("an update");
        doc.transact_mut().apply_update(update).expect("it fits");
    }

    fn text(doc: &Doc) -> String {
        let content = doc.get_or_insert_text("content");
        content.get_string(&doc.transact())
    }

    #[test]
    fn a_caret_stays_where_it_was_and_others_words_stay() {
        let doc = doc("你好 🦊 one two three\nlast line\n");
        let state = Bytes::from(encode(&doc));
        let content = doc.get_or_insert_text("content");
        let caret = {
            let txn = doc.transact();
            content.sticky_index(&txn, 10, yrs::Assoc::After).expect("it is within")
        };
        // Somebody types while the new text is on its way.
        content.insert(&mut doc.transact_mut(), 0, "typed ");
        let base = "你好 🦊 one two three\nlast line\n";
        let change = update(&state, base, "你好 🦝 one two 3\nlast line\nmore\n").expect("readable");
        apply(&doc, &change.expect("a change"));
        assert_eq!(text(&doc), "typed 你好 🦝 one two 3\nlast line\nmore\n");
        let place = StickyIndex::get_offset(&caret, &doc.transact()).expect("it is there").index;
        assert_eq!(place, 16, "before the same letter");
    }

    #[test]
    fn an_old_text_is_merged_and_the_same_one_changes_nothing() {
        let doc = doc("one two three");
        let state = Bytes::from(encode(&doc));
        assert!(update(&state, "one two three", "one two three").expect("readable").is_none());
        let change = update(&state, "two three", "two and three").expect("readable").expect("a change");
        apply(&doc, &change);
        assert_eq!(text(&doc), "one two and three");
    }

    #[test]
    fn a_text_with_more_than_letters_is_left_alone() {
        let doc = doc("ab");
        let content = doc.get_or_insert_text("content");
        content.insert_embed(&mut doc.transact_mut(), 1, yrs::Any::from("picture"));
        let state = Bytes::from(encode(&doc));
        assert!(matches!(update(&state, "ab", "abc"), Err(RevisionError::Embedded)));
    }

    #[test]
    fn two_large_texts_that_have_nothing_in_common_take_no_longer_than_others() {
        let line = |n: usize, salt: usize| format!("{} {}\n", n * 7919 % 10_007 + salt, "x".repeat(60));
        let old: String = (0..20_000).map(|n| line(n, 0)).collect();
        let new: String = (0..20_000).map(|n| line(n, 20_000)).collect();
        let since = Instant::now();
        let edits = diff::edits(&old, &new, Some(Instant::now() + LOOK_FOR));
        assert!(since.elapsed() < 10 * LOOK_FOR, "{:?}", since.elapsed());
        assert!(!edits.is_empty());
    }
}
