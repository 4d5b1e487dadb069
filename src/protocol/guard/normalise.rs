//! Updates that are right and yet would hurt yrs are written anew, meaning the same.
//!
//! *Runs of small neighbouring items become one item.* Yjs merges such items after every transaction, but
//! `Y.mergeUpdates` over an afternoon's keystrokes leaves them as they were typed, and yrs merges from the right to the
//! left, copying all it has at every step: 263 KB of one-character items took it 4.6 s and 1.1 GB.
//!
//! *Many clients' sections end with a hole.* When the items of one section pull in those of others, yrs calls itself
//! once for every section that it then finds empty, until the stack overflows. A section that ends with a hole, which
//! Yjs and yrs both pass over, is never empty.

use bytes::{BufMut, Bytes, BytesMut};

use super::known::Known;
use super::parse::{Body, Content, Deletions, Item, Outline, Section, Struct};
use super::read::{Id, Read, Reader};

/// Coalescing pays from this many items less.
const WORTH: usize = 32;

/// From this many clients in one update on, sections get their holes.
const MANY_CLIENTS: usize = 256;

/// The update written anew and how many structs it has, or nothing when it is well as it is. It has been taken in by
/// `known`.
pub(super) fn normalise(known: &Known, bytes: &[u8], outline: &Outline) -> Option<(Bytes, usize)> {
    let many = outline.sections.len() > MANY_CLIENTS;
    if outline.joinable <= WORTH && !many {
        return None;
    }
    let mut out = BytesMut::with_capacity(bytes.len());
    let (mut before, mut after) = (0, 0);
    put_var(&mut out, outline.sections.len() as u64);
    for section in &outline.sections {
        let mut rewrite = Rewrite::new(known, bytes, section);
        let deletions = outline.deletions_of(section.client);
        rewrite.section(deletions, many).expect("the outline has read these bytes before");
        put_var(&mut out, rewrite.count.into());
        put_var(&mut out, section.client);
        put_var(&mut out, section.start.into());
        out.put_slice(&rewrite.structs);
        before += section.structs as usize;
        after += rewrite.count as usize;
    }
    out.put_slice(&bytes[outline.delete_set..]);
    (many || before - after > WORTH).then(|| (out.freeze(), after))
}

/// One section on its way from many structs to few.
struct Rewrite<'a> {
    known: &'a Known,
    bytes: &'a [u8],
    section: &'a Section,
    structs: BytesMut,
    count: u32,
    /// The payloads of the present run, without their lengths.
    payload: BytesMut,
}

/// Neighbouring structs that may become one.
struct Run<'a> {
    last: Struct<'a>,
    /// Clock after the last.
    end: u32,
    /// What the delete set says about all of them.
    fate: Fate,
    /// Where the first one's bytes begin and where its content does.
    start: usize,
    content: usize,
    /// Where the last one's bytes end.
    until: usize,
    /// Bytes of text or number of values.
    total: u64,
    structs: u32,
}

impl<'a> Rewrite<'a> {
    fn new(known: &'a Known, bytes: &'a [u8], section: &'a Section) -> Rewrite<'a> {
        Rewrite { known, bytes, section, structs: BytesMut::new(), count: 0, payload: BytesMut::new() }
    }

    fn section(&mut self, deletions: Option<&Deletions>, with_hole: bool) -> Read<()> {
        let mut fates = Fates::new(self.bytes, deletions);
        let mut reader = Reader::at(self.bytes, self.section.offset);
        let mut clock = self.section.start;
        let mut run: Option<Run<'a>> = None;
        for _ in 0..self.section.structs {
            let start = reader.offset();
            let next = Struct::read(&mut reader)?;
            let end = clock + next.len;
            let fate = fates.of(clock, end);
            match &mut run {
                Some(run) if self.joins(run, clock, &next, fate) => {
                    run.total += self.gather(&next, reader.offset())?;
                    (run.last, run.end, run.until) = (next, end, reader.offset());
                    run.structs += 1;
                }
                _ => {
                    self.flush(run.take());
                    let content = if let Body::Item(item) = &next.body { item.offset } else { start };
                    let total = self.gather(&next, reader.offset())?;
                    let until = reader.offset();
                    run = Some(Run { last: next, end, fate, start, content, until, total, structs: 1 });
                }
            }
            clock = end;
        }
        let has_hole = run.as_ref().is_some_and(|run| matches!(run.last.body, Body::Skip));
        self.flush(run);
        if with_hole && !has_hole {
            self.structs.put_slice(&Struct::HOLE);
            self.count += 1;
        }
        Ok(())
    }

    /// Whether a struct may become part of a run: it continues it, nothing of the run was known before (what is known
    /// stays as it is), the same is to be deleted, and it is no map's key, where a later value replaces an earlier.
    fn joins(&self, run: &Run<'_>, clock: u32, next: &Struct<'_>, fate: Fate) -> bool {
        let last = Id { client: self.section.client, clock: clock - 1 };
        run.last.joins(last, next)
            && run.end - run.last.len >= self.section.known
            && run.fate == fate
            && fate != Fate::Mixed
            && !self.known.places.is_key(self.known.place(last))
    }

    /// Collect a struct's payload; its length is the answer.
    fn gather(&mut self, next: &Struct<'_>, until: usize) -> Read<u64> {
        let Body::Item(Item { content: Content::Text | Content::Any, offset, .. }) = next.body else {
            return Ok(0);
        };
        let mut reader = Reader::at(self.bytes, offset);
        let len = reader.clock()?;
        self.payload.put_slice(&self.bytes[reader.offset()..until]);
        Ok(len.into())
    }

    fn flush(&mut self, run: Option<Run<'_>>) {
        let Some(run) = run else { return };
        if run.structs == 1 {
            self.structs.put_slice(&self.bytes[run.start..run.until]);
        } else {
            self.structs.put_slice(&self.bytes[run.start..run.content]);
            put_var(&mut self.structs, run.total);
            self.structs.put_slice(&self.payload);
        }
        self.payload.clear();
        self.count += 1;
    }
}

/// What an update's own delete set does to a struct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Lives,
    Dies,
    Mixed,
}

/// The fates of one section's structs, asked for in order.
struct Fates<'a> {
    ranges: Box<dyn Iterator<Item = (u32, u32)> + 'a>,
    range: Option<(u32, u32)>,
}

impl<'a> Fates<'a> {
    fn new(bytes: &'a [u8], deletions: Option<&Deletions>) -> Fates<'a> {
        let mut ranges: Box<dyn Iterator<Item = (u32, u32)> + 'a> = match deletions {
            Some(deletions) => Box::new(deletions.ranges(bytes)),
            None => Box::new(std::iter::empty()),
        };
        Fates { range: ranges.next(), ranges }
    }

    fn of(&mut self, start: u32, end: u32) -> Fate {
        while self.range.is_some_and(|range| range.1 <= start) {
            self.range = self.ranges.next();
        }
        match self.range {
            Some(range) if range.0 <= start && end <= range.1 => Fate::Dies,
            Some(range) if range.0 < end => Fate::Mixed,
            _ => Fate::Lives,
        }
    }
}

fn put_var(out: &mut BytesMut, mut value: u64) {
    while value >= 0x80 {
        out.put_u8(value as u8 | 0x80);
        value >>= 7;
    }
    out.put_u8(value as u8);
}
