//! Somebody who types at the end of what they typed before: updates as Yjs writes them for it, made by hand, because making
//! them must cost nothing while a server is measured.

use crate::wire::lib0::{put_bytes, put_uint};

/// The shared type of the document's text.
pub const CONTENT: &str = "content";

const STRING: u8 = 4;
const HAS_ORIGIN: u8 = 0x80;
const PARENT_IS_A_NAME: u8 = 1;

/// One writer of a document.
#[derive(Debug, Clone, Copy)]
pub struct Typist {
    /// Its Yjs client id.
    pub client: u64,
    /// Characters in each of its updates.
    pub characters: u64,
}

impl Typist {
    pub fn new(client: u64, characters: u64) -> Typist {
        Typist { client, characters }
    }

    /// Its nth update, counted from 0.
    pub fn update(&self, n: u64) -> Vec<u8> {
        let clock = n * self.characters;
        let mut out = vec![1, 1];
        put_uint(&mut out, self.client);
        put_uint(&mut out, clock);
        if clock == 0 {
            out.extend([STRING, PARENT_IS_A_NAME]);
            put_bytes(&mut out, CONTENT.as_bytes());
        } else {
            out.push(STRING | HAS_ORIGIN);
            put_uint(&mut out, self.client);
            put_uint(&mut out, clock - 1);
        }
        put_bytes(&mut out, self.typed(n).as_bytes());
        out.push(0);
        out
    }

    /// What it types in its nth update.
    pub fn typed(&self, n: u64) -> String {
        (n * self.characters..(n + 1) * self.characters).map(|clock| letter(self.client, clock)).collect()
    }

    /// All it has typed after so many updates.
    pub fn text(&self, updates: u64) -> String {
        (0..updates).map(|n| self.typed(n)).collect()
    }
}

/// Different for neighbours in clock and in client, so that a swap or a hole shows.
fn letter(client: u64, clock: u64) -> char {
    char::from(b'a' + ((client * 7 + clock * 11 + clock / 26) % 26) as u8)
}

#[cfg(test)]
mod tests {
    use yrs::updates::decoder::Decode;
    use yrs::{Doc, GetString, Transact, Update};

    use super::*;

    #[test]
    fn yrs_reads_what_was_typed() {
        let typist = Typist::new(1_000, 3);
        let doc = Doc::new();
        let content = doc.get_or_insert_text(CONTENT);
        for n in 0..50 {
            let update = Update::decode_v1(&typist.update(n)).expect("an update");
            doc.transact_mut().apply_update(update).expect("it applies");
        }
        assert_eq!(content.get_string(&doc.transact()), typist.text(50));
    }
}
