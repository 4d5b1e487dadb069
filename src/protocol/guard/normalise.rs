//! Updates that are right and yet would hurt yrs are written anew, meaning the same.
//!
//! *Runs of small neighbouring items become one item.* Yjs merges such items after every transaction, but
//! `Y.mergeUpdates` over an afternoon's keystrokes leaves them as they were typed, and yrs merges from the right to the
//! left, copying all it has at every step: 263 KB of one-character items took it 4.6 s and 1.1 GB. What something else was put between
//! stays apart: yrs would part it again, copying all that follows at every step.
//!
//! *Many clients' sections end with a hole.* When the items of one section pull in those of others, yrs calls itself
//! once for every section that it then finds empty, until the stack overflows. A section that ends with a hole, which
//! Yjs and yrs both pass over, is never empty.
//!
//! *What the document contains already is left out, and what has no place in it is written as garbage.* Yjs splits
//! items that a known one names as its neighbours, and an item beside garbage is garbage to Yjs and alive to yrs. No
//! library is to meet either.

use std::collections::HashSet;

use bytes::{BufMut, Bytes, BytesMut};

use super::known::{Known, Place};
use super::parse::{Body, Content, Deletions, Item, Outline, Section, Struct};
use super::read::{Id, Read, Reader};
use super::write::{put_garbage, put_hole, put_rest};
use crate::protocol::varint::put_var_uint;

/// Coalescing pays from this many items less.
const WORTH: usize = 32;

/// From this many clients in one update on, sections get their holes.
const MANY_CLIENTS: usize = 256;

/// The update written anew and how many structs it has, or nothing when it is well as it is. It has been taken in by
/// `known`, which tells whether there was garbage in it.
pub(super) fn normalise(
    known: &Known,
    bytes: &[u8],
    outline: &Outline,
    garbage: bool,
) -> Option<(Bytes, usize)> {
    let many = outline.sections.len() > MANY_CLIENTS;
    let must = many || garbage || outline.sections.iter().any(|section| section.start < section.known);
    if outline.joinable <= WORTH && !must {
        return None;
    }
    let parted = parted(bytes, outline).expect(READ_BEFORE);
    let mut sections = BytesMut::with_capacity(bytes.len());
    let (mut clients, mut before, mut after) = (0, 0, 0);
    for section in &outline.sections {
        let mut rewrite = Rewrite::new(known, &parted, bytes, section);
        let deletions = outline.deletions_of(section.client);
        rewrite.section(deletions, many).expect(READ_BEFORE);
        before += section.structs as usize;
        if rewrite.count == 0 {
            continue;
        }
        put_var_uint(&mut sections, rewrite.count.into());
        put_var_uint(&mut sections, section.client);
        put_var_uint(&mut sections, section.start.max(section.known).into());
        sections.put_slice(&rewrite.structs);
        clients += 1;
        after += rewrite.count as usize;
    }
    if !must && before - after <= WORTH {
        return None;
    }
    let mut out = BytesMut::with_capacity(sections.len() + bytes.len() - outline.delete_set + 8);
    put_var_uint(&mut out, clients);
    out.put_slice(&sections);
    out.put_slice(&bytes[outline.delete_set..]);
    Some((out.freeze(), after))
}

const READ_BEFORE: &str = "the outline has read these bytes before";

/// The elements that something in the update stands before, and behind the one that their author made before them: the two of them
/// are in no one item, whatever else happens, for what names both as its neighbours lies between them.
fn parted(bytes: &[u8], outline: &Outline) -> Read<HashSet<Id>> {
    let mut parted = HashSet::new();
    for section in &outline.sections {
        let mut reader = Reader::at(bytes, section.offset);
        for _ in 0..section.structs {
            if let Body::Item(Item { origin: Some(left), right_origin: Some(right), .. }) =
                Struct::read(&mut reader)?.body
                && left.client == right.client
                && left.clock + 1 == right.clock
            {
                parted.insert(right);
            }
        }
    }
    Ok(parted)
}

/// One section on its way from many structs to few.
struct Rewrite<'a> {
    known: &'a Known,
    parted: &'a HashSet<Id>,
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
    fn new(known: &'a Known, parted: &'a HashSet<Id>, bytes: &'a [u8], section: &'a Section) -> Rewrite<'a> {
        let (structs, payload) = (BytesMut::new(), BytesMut::new());
        Rewrite { known, parted, bytes, section, structs, count: 0, payload }
    }

    fn section(&mut self, deletions: Option<&Deletions>, with_hole: bool) -> Read<()> {
        let mut fates = Fates::new(self.bytes, deletions);
        let mut reader = Reader::at(self.bytes, self.section.offset);
        let mut clock = self.section.start;
        let mut run: Option<Run<'a>> = None;
        for _ in 0..self.section.structs {
            let start = reader.offset();
            let next = Struct::read(&mut reader)?;
            let (from, end) = (clock, clock + next.len);
            clock = end;
            if end <= self.section.known {
                continue;
            }
            if let Some(write) = self.differently(from, &next) {
                self.flush(run.take());
                write(&mut self.structs);
                self.count += 1;
                continue;
            }
            let fate = fates.of(from, end);
            match &mut run {
                Some(run) if self.joins(run, from, &next, fate) => {
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
        }
        let has_hole = run.as_ref().is_some_and(|run| matches!(run.last.body, Body::Skip));
        self.flush(run);
        if with_hole && !has_hole && self.count > 0 {
            put_hole(&mut self.structs, 1);
            self.count += 1;
        }
        Ok(())
    }

    /// How to write a struct that cannot stay as it is: a part of it is known, or it has no place.
    fn differently(&self, clock: u32, next: &Struct<'a>) -> Option<impl FnOnce(&mut BytesMut) + use<'a>> {
        let from = clock.max(self.section.known);
        let id = Id { client: self.section.client, clock: from };
        let garbage = matches!(next.body, Body::Item(_)) && self.known.place(id) == Place::NOWHERE;
        let (bytes, next, without) = (self.bytes, *next, from - clock);
        (without > 0 || garbage).then_some(move |out: &mut BytesMut| match next.body {
            Body::Item(item) if !garbage => put_rest(out, bytes, &item.rest_from(id), without),
            Body::Skip => put_hole(out, next.len - without),
            _ => put_garbage(out, next.len - without),
        })
    }

    /// Whether a struct may become part of a run: it continues it with nothing between, the same is to be deleted, and it is no map's
    /// key, where a later value replaces an earlier.
    fn joins(&self, run: &Run<'_>, clock: u32, next: &Struct<'_>, fate: Fate) -> bool {
        let last = Id { client: self.section.client, clock: clock - 1 };
        run.last.joins(last, next)
            && run.fate == fate
            && fate != Fate::Mixed
            && !self.parted.contains(&Id { clock, ..last })
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
            put_var_uint(&mut self.structs, run.total);
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
