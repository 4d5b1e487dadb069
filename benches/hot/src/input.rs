//! Somebody who writes: bursts of typing, now and then a jump to another place, now and then a word taken back.

use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use yrs::{Doc, OffsetKind, Options, Text, Transact};

/// A person at a keyboard. The same seed writes the same text.
pub struct Writer {
    doc: Doc,
    random: StdRng,
    /// Where the caret is.
    at: u32,
    length: u32,
}

impl Writer {
    pub fn new(client: u64) -> Writer {
        let options = Options {
            offset_kind: OffsetKind::Utf16,
            ..Options::with_client_id(yrs::block::ClientID::new(client))
        };
        Writer { doc: Doc::with_options(options), random: StdRng::seed_from_u64(client), at: 0, length: 0 }
    }

    /// One keystroke, as the update that a client sends for it.
    pub fn stroke(&mut self) -> Bytes {
        if self.random.random_ratio(1, 40) {
            self.at = self.random.random_range(0..=self.length);
        }
        let text = self.doc.get_or_insert_text("content");
        let mut txn = self.doc.transact_mut();
        if self.at > 0 && self.random.random_ratio(1, 6) {
            self.at -= 1;
            self.length -= 1;
            text.remove_range(&mut txn, self.at, 1);
        } else {
            let letter = char::from(b'a' + self.random.random_range(0..26));
            text.insert(&mut txn, self.at, letter.encode_utf8(&mut [0; 4]));
            self.at += 1;
            self.length += 1;
        }
        txn.encode_update_v1().into()
    }
}

/// That many keystrokes of one person.
pub fn typing(client: u64, strokes: usize) -> Vec<Bytes> {
    let mut writer = Writer::new(client);
    (0..strokes).map(|_| writer.stroke()).collect()
}
