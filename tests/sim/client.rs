//! A simulated Yjs client: a copy of the document, and edits as people make them.

use bytes::Bytes;
use cowrite::ids::ConnectionId;
use rand::seq::IndexedRandom;
use rand::{Rng, rngs::StdRng};
use yrs::block::ClientID;
use yrs::types::Attrs;
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;
use yrs::{
    Any, Doc, GetString, Map, MapRef, OffsetKind, Options, ReadTxn, StateVector, Text, TextRef, Transact,
    TransactionMut, Update,
};

/// What people type: ASCII, other scripts, surrogate pairs, clusters of them, lines.
const WORDS: [&str; 9] =
    ["a", "the ", "naïve", "漢字", "😀", "👩‍👩‍👧", "𝕏y", "\n", "a longer piece of text, as if pasted. "];

/// Longest text before people prefer deleting.
const LONG: usize = 600;

pub struct Client {
    pub doc: Doc,
    text: TextRef,
    meta: MapRef,
    pub connection: Option<ConnectionId>,
    /// Local changes that wait to be sent, as in a provider that gathers them.
    pub held: Vec<Bytes>,
    /// Changes of its own that it may send again.
    pub made: Vec<Bytes>,
    /// Until this step it reaches nobody.
    pub cut_off_until: u64,
    /// What it deleted last and may put back.
    deleted: Option<(u32, String)>,
}

impl Client {
    pub fn new(id: u64) -> Client {
        // Yjs sends what its clean-up of formatting deletes; yrs would do that in silence.
        let options = Options {
            offset_kind: OffsetKind::Utf16,
            cleanup_formatting: false,
            ..Options::with_client_id(ClientID::new(id))
        };
        let doc = Doc::with_options(options);
        let (text, meta) = (doc.get_or_insert_text("content"), doc.get_or_insert_map("meta"));
        Client {
            doc,
            text,
            meta,
            connection: None,
            held: Vec::new(),
            made: Vec::new(),
            cut_off_until: 0,
            deleted: None,
        }
    }

    /// Change something, in one transaction; what a provider would send.
    pub fn edit(&mut self, random: &mut StdRng) -> Bytes {
        let doc = self.doc.clone();
        let mut txn = doc.transact_mut();
        for _ in 0..random.random_range(1..4) {
            self.edit_once(&mut txn, random);
        }
        let update = Bytes::from(txn.encode_update_v1());
        self.made.push(update.clone());
        update
    }

    fn edit_once(&mut self, txn: &mut TransactionMut<'_>, random: &mut StdRng) {
        let text = self.text.get_string(txn);
        let bounds = boundaries(&text);
        let end = bounds.len() - 1;
        let deleting = if bounds.len() > LONG { 6 } else { 3 };
        match random.random_range(0..14) {
            kind if kind < deleting && end > 0 => {
                let from = random.random_range(0..end);
                let until = (from + random.random_range(1..=12)).min(end);
                let (start, len) = (bounds[from].utf16, bounds[until].utf16 - bounds[from].utf16);
                self.text.remove_range(txn, start, len);
                self.deleted = Some((start, text[bounds[from].byte..bounds[until].byte].to_owned()));
            }
            10 if end > 0 => {
                let from = random.random_range(0..end);
                let until = (from + random.random_range(1..=20)).min(end);
                let value = [Any::Bool(true), Any::Null, Any::from("#f00")].choose(random).cloned();
                let attributes = Attrs::from([("bold".into(), value.expect("there are values"))]);
                self.text.format(
                    txn,
                    bounds[from].utf16,
                    bounds[until].utf16 - bounds[from].utf16,
                    attributes,
                );
            }
            11 => {
                let key = ["title", "lang", ""].choose(random).copied().expect("there are keys");
                self.meta.insert(txn, key, i64::from(random.random::<i32>()));
            }
            12 => drop(self.meta.remove(txn, "title")),
            // Undo puts back what was deleted, as new elements.
            13 if self.deleted.is_some() => {
                let (at, text) = self.deleted.take().expect("it was there a moment ago");
                let at = bounds.iter().rev().find(|bound| bound.utf16 <= at).map_or(0, |bound| bound.utf16);
                self.text.insert(txn, at, &text);
            }
            _ => {
                let at = bounds[random.random_range(0..bounds.len())].utf16;
                self.text.insert(txn, at, WORDS.choose(random).expect("there are words"));
            }
        }
    }

    pub fn apply(&self, update: &[u8]) {
        let update = Update::decode_v1(update).expect("a peer sends updates");
        self.doc.transact_mut().apply_update(update).expect("a peer's update is applied or waits");
    }

    /// Everything this client can give to whoever has that.
    pub fn diff(&self, theirs: &StateVector) -> Bytes {
        self.doc.transact().encode_state_as_update_v1(theirs).into()
    }

    pub fn state_vector(&self) -> StateVector {
        self.doc.transact().state_vector()
    }

    /// The body of sync step 1.
    pub fn asks(&self) -> Vec<u8> {
        self.state_vector().encode_v1()
    }
}

/// A place between two characters.
struct Boundary {
    byte: usize,
    utf16: u32,
}

fn boundaries(text: &str) -> Vec<Boundary> {
    let mut utf16 = 0;
    let mut bounds: Vec<Boundary> = Vec::with_capacity(text.len() + 1);
    for (byte, char) in text.char_indices() {
        bounds.push(Boundary { byte, utf16 });
        utf16 += char.len_utf16() as u32;
    }
    bounds.push(Boundary { byte: text.len(), utf16 });
    bounds
}
