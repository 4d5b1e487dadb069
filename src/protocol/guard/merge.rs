//! Several accepted updates made one, which means the same: what arrives together is applied, journaled and passed on once.
//!
//! Yjs can merge updates too, and yrs, by decoding them and at a cost that grows with the square of their number. This puts the bytes of
//! their structs one after another, client by client, and makes one item of keystrokes that follow one another. It takes small updates
//! that continue what is in it already; whatever else comes begins another.

use bytes::{BufMut, Bytes, BytesMut};
use smallvec::SmallVec;

use super::parse::{Body, Content, Item, Struct};
use super::read::{Id, Read, Reader};
use crate::limits;
use crate::protocol::varint::put_var_uint;

/// Clients are looked for one by one, which is best while they are few.
const FEW_CLIENTS: usize = 512;

/// Updates on their way to become one, in the order in which they were accepted.
#[derive(Debug)]
pub struct Merge {
    /// Bytes that may be merged.
    limit: usize,
    updates: Vec<Bytes>,
    bytes: usize,
    pieces: Vec<Piece>,
    /// Where each client's pieces end.
    clocks: SmallVec<[(u64, u32); 4]>,
    /// Deleted ranges: client, first clock, clock after the last.
    deleted: Vec<(u64, u32, u32)>,
}

/// The structs of one client in one update.
#[derive(Debug)]
struct Piece {
    client: u64,
    start: u32,
    end: u32,
    structs: u32,
    /// Which update they are in, and from where to where.
    update: usize,
    from: usize,
    until: usize,
    /// Set when this is a single item of text, which keystrokes are.
    text: Option<Text>,
}

/// A single item of text.
#[derive(Debug, Clone, Copy)]
struct Text {
    origin: Option<Id>,
    right_origin: Option<Id>,
    /// Where its length stands, and where its bytes begin.
    length: usize,
    payload: usize,
}

/// Accepted updates, in order, as few.
pub fn merge<'a>(updates: impl IntoIterator<Item = &'a Bytes>) -> Vec<Bytes> {
    let (mut merge, mut merged) = (Merge::default(), Vec::new());
    for update in updates {
        if !merge.push(update) {
            merged.extend(merge.take());
            merge.push(update);
        }
    }
    merged.extend(merge.take());
    merged
}

/// A stored state and the updates after it as one. `None` when they do not follow one another, or bring so many clients that
/// finding each would take long.
pub fn merge_whole<'a>(updates: impl IntoIterator<Item = &'a Bytes>) -> Option<Bytes> {
    let mut merge = Merge { limit: usize::MAX, ..Merge::default() };
    let fits = updates.into_iter().all(|update| merge.push(update) && merge.clocks.len() <= FEW_CLIENTS);
    if fits { merge.take() } else { None }
}

impl Default for Merge {
    /// For what arrives together.
    fn default() -> Merge {
        Merge {
            limit: limits::MERGED_BYTES,
            updates: Vec::new(),
            bytes: 0,
            pieces: Vec::new(),
            clocks: SmallVec::new(),
            deleted: Vec::new(),
        }
    }
}

impl Merge {
    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.updates.is_empty()
    }

    /// Take an accepted update in. False when it does not fit, and then nothing of it is here.
    pub fn push(&mut self, update: &Bytes) -> bool {
        if !self.is_empty() && self.bytes.saturating_add(update.len()) > self.limit {
            return false;
        }
        let (pieces, deleted) = (self.pieces.len(), self.deleted.len());
        // What is large is passed on as it is.
        let fits = update.len() <= self.limit && matches!(self.read(update), Ok(true));
        if !fits && !self.is_empty() {
            self.pieces.truncate(pieces);
            self.deleted.truncate(deleted);
            return false;
        }
        self.settle(pieces, fits, update.len());
        self.updates.push(update.clone());
        true
    }

    /// Note how far each client's pieces go, or that nothing fits beside this update.
    fn settle(&mut self, first_piece: usize, fits: bool, bytes: usize) {
        self.bytes = if fits { self.bytes + bytes } else { usize::MAX };
        for piece in &self.pieces[first_piece..] {
            match self.clocks.iter_mut().find(|(client, _)| *client == piece.client) {
                Some((_, end)) => *end = piece.end,
                None => self.clocks.push((piece.client, piece.end)),
            }
        }
    }

    /// Find an update's pieces. False when one of them does not continue what is here.
    fn read(&mut self, update: &Bytes) -> Read<bool> {
        let mut r = Reader::new(update);
        for _ in 0..r.count(5)? {
            let structs = r.count(2)? as u32;
            let (client, start, from) = (r.client()?, r.clock()?, r.offset());
            let (mut end, mut text) = (start, None);
            for _ in 0..structs {
                let next = Struct::read(&mut r)?;
                match next.body {
                    Body::Skip => return Ok(false),
                    Body::Item(item) if structs == 1 => text = Text::of(&item, update)?,
                    _ => {}
                }
                end += next.len;
            }
            if self.clocks.iter().any(|&(known, clock)| known == client && clock != start) {
                return Ok(false);
            }
            let update = self.updates.len();
            self.pieces.push(Piece { client, start, end, structs, update, from, until: r.offset(), text });
        }
        for _ in 0..r.count(2)? {
            let client = r.client()?;
            for _ in 0..r.count(2)? {
                let (start, len) = (r.clock()?, r.len()?);
                self.deleted.push((client, start, start + len));
            }
        }
        Ok(true)
    }

    /// The updates as one, and nothing is left. What was alone comes back as it was, shared and not copied.
    pub fn take(&mut self) -> Option<Bytes> {
        let merged = match self.updates.len() {
            0 => return None,
            1 => self.updates[0].clone(),
            _ => self.write(),
        };
        self.clear();
        Some(merged)
    }

    fn clear(&mut self) {
        self.updates.clear();
        self.bytes = 0;
        self.pieces.clear();
        self.clocks.clear();
        self.deleted.clear();
    }

    fn write(&mut self) -> Bytes {
        let mut out = BytesMut::with_capacity(self.bytes + 16);
        // Stable: a client's pieces stay in their order.
        self.pieces.sort_by_key(|piece| std::cmp::Reverse(piece.client));
        put_var_uint(&mut out, self.clocks.len() as u64);
        for pieces in self.pieces.chunk_by(|a, b| a.client == b.client) {
            let runs = || pieces.chunk_by(Piece::is_continued_by);
            let structs: u64 = runs().map(|run| if run.len() == 1 { run[0].structs.into() } else { 1 }).sum();
            put_var_uint(&mut out, structs);
            put_var_uint(&mut out, pieces[0].client);
            put_var_uint(&mut out, pieces[0].start.into());
            runs().for_each(|run| self.write_run(&mut out, run));
        }
        self.write_deleted(&mut out);
        out.freeze()
    }

    /// Write pieces that become one struct, or one piece as it is.
    fn write_run(&self, out: &mut BytesMut, run: &[Piece]) {
        let first = &run[0];
        let bytes = &self.updates[first.update];
        let Some(text) = first.text.filter(|_| run.len() > 1) else {
            return out.put_slice(&bytes[first.from..first.until]);
        };
        out.put_slice(&bytes[first.from..text.length]);
        let payloads = || run.iter().map(|piece| piece.payload(&self.updates));
        put_var_uint(out, payloads().map(|payload| payload.len() as u64).sum());
        payloads().for_each(|payload| out.put_slice(payload));
    }

    /// Write the delete set: by client, descending, each one's ranges ascending and apart.
    fn write_deleted(&mut self, out: &mut BytesMut) {
        self.deleted.sort_unstable_by_key(|&(client, start, _)| (std::cmp::Reverse(client), start));
        self.deleted.dedup_by(|next, last| {
            let touches = next.0 == last.0 && next.1 <= last.2;
            if touches {
                last.2 = last.2.max(next.2);
            }
            touches
        });
        let clients = || self.deleted.chunk_by(|a, b| a.0 == b.0);
        put_var_uint(out, clients().count() as u64);
        for ranges in clients() {
            put_var_uint(out, ranges[0].0);
            put_var_uint(out, ranges.len() as u64);
            for &(_, start, end) in ranges {
                put_var_uint(out, start.into());
                put_var_uint(out, (end - start).into());
            }
        }
    }
}

impl Piece {
    /// Whether the next piece of this client is text typed on after this one.
    fn is_continued_by(&self, next: &Piece) -> bool {
        let last = Id { client: self.client, clock: self.end - 1 };
        matches!((&self.text, &next.text), (Some(text), Some(on))
            if on.origin == Some(last) && on.right_origin == text.right_origin)
    }

    /// The bytes of its text.
    fn payload<'a>(&self, updates: &'a [Bytes]) -> &'a [u8] {
        let text = self.text.as_ref().expect("only text is continued");
        &updates[self.update][text.payload..self.until]
    }
}

impl Text {
    fn of(item: &Item<'_>, update: &[u8]) -> Read<Option<Text>> {
        let Item { origin, right_origin, content: Content::Text, offset, .. } = *item else {
            return Ok(None);
        };
        let mut r = Reader::at(update, offset);
        r.clock()?; // the length of the text, as long as a varString's length is
        Ok(Some(Text { origin, right_origin, length: offset, payload: r.offset() }))
    }
}
