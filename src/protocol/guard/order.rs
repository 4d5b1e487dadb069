//! Taking an update's structs in, in an order in which Yjs can integrate them.
//!
//! A struct can go in once the one before it (of the same client), its origins and its parent are in. Sections of an
//! update depend on one another crosswise, so this walks them as Yjs does: with a cursor per section and a stack of
//! sections that wait for another. A section that waits for itself waits for ever. Structs are read again from the
//! bytes as their turn comes: keeping a few words for each of a million two-byte structs would be an attack.

use smallvec::SmallVec;

use super::Malformed;
use super::cost;
use super::kinds;
use super::known::{Known, Mark, Place};
use super::parse::{Body, Content, Item, Outline, Parent, Section, Struct};
use super::ranges::Ranges;
use super::read::{Id, Read, Reader};

/// An attempt to take an update in. Whatever it did to `known` is undone unless it is committed.
pub(super) struct Attempt<'a> {
    known: &'a mut Known,
    bytes: &'a [u8],
    outline: &'a Outline,
    /// Slots from here on are new with this update.
    first_new: u32,
    cursors: SmallVec<[Cursor<'a>; 1]>,
    /// Sections that are being read, each waiting for the one above it to pass a clock.
    stack: SmallVec<[(usize, u32); 1]>,
    /// Something is missing that this update does not bring.
    early: bool,
    /// Several values under one key of a map, which Yjs sends only when they are all deleted.
    must_be_deleted: Vec<(u64, u32, u32)>,
    /// Items between neighbours that nothing shows to have touched.
    strangers: usize,
    strangers_allowed: Option<usize>,
    /// Items without a place came up.
    garbage: bool,
    /// Items that are not typed on after the one before: yrs may have to cut another for them.
    jumps: usize,
}

/// What an update asks of yrs, beside reading it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work {
    /// Items that may have to be compared with all between two neighbours far apart.
    pub strangers: usize,
    /// Items and deleted ranges for which others may have to be cut.
    pub cuts: usize,
}

/// How far a section has been read.
struct Cursor<'a> {
    reader: Reader<'a>,
    slot: u32,
    mark: Mark,
    clock: u32,
    left: u32,
    /// The struct that waits for another section.
    waiting: Option<Struct<'a>>,
    on_stack: bool,
}

/// What an update would add.
pub(super) enum Outcome {
    Complete {
        novel: bool,
        /// Some of its items have no place in the document.
        garbage: bool,
        work: Work,
    },
    Early,
    /// It has more neighbours that never touched than were allowed.
    TooCostly,
}

/// Judge an update whose grammar is known to be right, and take it in if it is complete and has no more strangers (see
/// `cost`) than are allowed. Without a number it is one that was accepted before, and only what would harm is refused.
pub(super) fn take_in(
    known: &mut Known,
    bytes: &[u8],
    outline: &mut Outline,
    strangers_allowed: Option<usize>,
) -> Read<Outcome> {
    let mut attempt = Attempt::new(known, bytes, outline, strangers_allowed);
    match attempt.walk() {
        Ok(()) if !attempt.early && strangers_allowed.is_some_and(|allowed| attempt.strangers > allowed) => {
            attempt.undo();
            Ok(Outcome::TooCostly)
        }
        Ok(()) if !attempt.early => {
            let work = Work { strangers: attempt.strangers, cuts: attempt.jumps + attempt.outline.ranges };
            let garbage = attempt.garbage;
            Ok(Outcome::Complete { novel: attempt.commit(), garbage, work })
        }
        Ok(()) => {
            attempt.undo();
            Ok(Outcome::Early)
        }
        Err(malformed) => {
            attempt.undo();
            Err(malformed)
        }
    }
}

impl<'a> Attempt<'a> {
    fn new(
        known: &'a mut Known,
        bytes: &'a [u8],
        outline: &'a mut Outline,
        strangers_allowed: Option<usize>,
    ) -> Attempt<'a> {
        let first_new = known.slots();
        let cursor = |section: &mut Section| {
            let slot = known.slot(section.client);
            section.known = known.at(slot).clock;
            Cursor {
                reader: Reader::at(bytes, section.offset),
                slot,
                mark: known.at(slot).mark(),
                clock: section.start,
                left: section.structs,
                waiting: None,
                on_stack: false,
            }
        };
        let cursors = outline.sections.iter_mut().map(cursor).collect();
        Attempt {
            known,
            bytes,
            outline,
            first_new,
            cursors,
            stack: SmallVec::new(),
            early: false,
            must_be_deleted: Vec::new(),
            strangers: 0,
            strangers_allowed,
            garbage: false,
            jumps: 0,
        }
    }

    fn walk(&mut self) -> Read<()> {
        for section in 0..self.cursors.len() {
            self.push(section, u32::MAX);
            while let Some(&(section, until)) = self.stack.last() {
                self.step(section, until)?;
            }
        }
        for deletions in &self.outline.deletions {
            self.early |= deletions.end > self.known.clock(deletions.client);
        }
        if !self.early { self.check_deleted() } else { Ok(()) }
    }

    fn push(&mut self, section: usize, until: u32) {
        self.cursors[section].on_stack = true;
        self.stack.push((section, until));
    }

    fn pop(&mut self) {
        if let Some((section, _)) = self.stack.pop() {
            self.cursors[section].on_stack = false;
        }
    }

    /// Take in the next struct of a section, or let it wait.
    fn step(&mut self, section: usize, until: u32) -> Read<()> {
        let Section { client, known, .. } = self.outline.sections[section];
        let cursor = &mut self.cursors[section];
        if cursor.clock > until || (cursor.left == 0 && cursor.waiting.is_none()) {
            self.pop();
            return Ok(());
        }
        let next = match cursor.waiting.take() {
            Some(waiting) => waiting,
            None => {
                cursor.left -= 1;
                Struct::read(&mut cursor.reader)?
            }
        };
        if u64::from(cursor.clock) + u64::from(next.len) <= u64::from(known) {
            // It adds nothing, and what is applied in the end is without it: let nothing depend on what it says.
            cursor.clock += next.len;
            return Ok(());
        }
        let start = Id { client, clock: cursor.clock };
        if let Body::Item(item) = &next.body {
            let parent = if let Parent::Type(id, _) = item.parent { Some(id) } else { None };
            for needed in [item.origin, item.right_origin, parent].into_iter().flatten() {
                if let Some(other) = self.waits_for(section, start, needed)? {
                    self.cursors[section].waiting = Some(next);
                    self.push(other, needed.clock);
                    return Ok(());
                }
            }
        }
        self.cursors[section].clock += next.len;
        self.settle(section, start, &next)
    }

    /// The section to read first, if an element that is needed comes with it.
    fn waits_for(&mut self, section: usize, start: Id, needed: Id) -> Read<Option<usize>> {
        if needed.client == start.client {
            // What is before it in its own section is in or was found missing already.
            return match needed.clock < start.clock {
                true => Ok(None),
                false => self.cursors[section].reader.refuse("an item depends on itself or a later one"),
            };
        }
        if needed.clock < self.known.clock(needed.client) {
            return Ok(None);
        }
        match self.outline.section(needed.client) {
            Some(other)
                if (self.cursors[other].clock..self.outline.sections[other].end).contains(&needed.clock) =>
            {
                if self.cursors[other].on_stack {
                    return self.cursors[section].reader.refuse("items depend on one another in a circle");
                }
                Ok(Some(other))
            }
            _ => {
                self.early = true;
                Ok(None)
            }
        }
    }

    /// Record what a struct adds, now that all it needs is there.
    fn settle(&mut self, section: usize, start: Id, next: &Struct<'_>) -> Read<()> {
        let slot = self.cursors[section].slot;
        let (clock, end) = (self.known.at(slot).clock, start.clock + next.len);
        if matches!(next.body, Body::Skip) {
            return Ok(());
        }
        if start.clock > clock {
            self.early = true;
        }
        if self.early {
            // Nothing of this stays; only the order of things matters from here on.
            self.known.at(slot).clock = clock.max(end);
            return Ok(());
        }
        let place = match &next.body {
            Body::Item(item) if start.clock < clock => {
                self.settle_rest(section, Id { clock, ..start }, item)?
            }
            Body::Item(item) => self.settle_item(section, start, item)?,
            _ => Place::NOWHERE,
        };
        let is_key = self.known.places.is_key(place);
        let client = self.known.at(slot);
        client.extend(end, place);
        match &next.body {
            Body::Item(Item { content: Content::Type(kind), .. }) if place != Place::NOWHERE => {
                client.add_type(clock, *kind)
            }
            Body::Item(Item { content: Content::Deleted, .. }) | Body::Gc => client.gone.append(clock, end),
            Body::Item(_) if place == Place::NOWHERE => client.gone.append(clock, end),
            // Only the last value under a key is alive. yrs takes that for granted: a type that is deleted while
            // another value of it lives leaves that value a parent in freed memory.
            _ if is_key && end - clock > 1 => self.must_be_deleted.push((start.client, clock, end)),
            _ => {}
        }
        Ok(())
    }

    /// Record the rest of an item whose beginning is known: it goes beside that beginning, which is where the item says.
    fn settle_rest(&mut self, section: usize, start: Id, item: &Item<'_>) -> Read<Place> {
        let said = self.place(section, item)?;
        let place = self.settle_item(section, start, &item.rest_from(start))?;
        match place == said || place == Place::NOWHERE || said == Place::NOWHERE {
            true => Ok(place),
            false => self.refuse(section, "the rest of a known item is somewhere else"),
        }
    }

    /// Record between what an item was put, and tell where that is.
    fn settle_item(&mut self, section: usize, start: Id, item: &Item<'_>) -> Read<Place> {
        let place = self.place(section, item)?;
        let (slot, origins) = (self.cursors[section].slot, (item.origin, item.right_origin));
        let continues = item.continues(start);
        let typed_on = continues && self.known.is_last_put_before(slot, item.right_origin);
        if place == Place::NOWHERE {
            self.garbage = true;
        } else {
            let nested = self.known.places.kind(place).is_some();
            let touching = typed_on
                || self.known.unordered
                || if nested { !self.known.are_reversed(origins) } else { self.known.can_touch(origins) };
            self.object(place, item, touching).or_else(|reason| self.refuse(section, reason))?;
        }
        if !typed_on {
            self.strangers += usize::from(cost::are_strangers(self.known, start, item));
            self.known.put_between(slot, start, origins);
        }
        Ok(place)
    }

    /// Object to an item that cannot be there. What was accepted once, perhaps by less strict a guard, is read by everybody
    /// since: of that only what would harm is refused.
    fn object(&mut self, place: Place, item: &Item<'_>, touching: bool) -> Result<(), &'static str> {
        let (kind, keyed) = (self.known.places.kind(place), self.known.places.is_key(place));
        let harmful = kinds::harmful(keyed, item.content);
        if self.strangers_allowed.is_none() {
            self.known.unordered |= !touching;
            return harmful.map_or(Ok(()), Err);
        }
        let misplaced = harmful.or_else(|| kinds::misplaced(kind, keyed, item.content));
        match misplaced {
            Some(reason) => Err(reason),
            None if !touching => Err("the neighbours of an item have never touched"),
            None => Ok(()),
        }
    }

    /// Where an item goes: where both its neighbours are. Beside garbage it is garbage, as in Yjs; yrs would let it
    /// live beside its other neighbour.
    fn place(&mut self, section: usize, item: &Item<'_>) -> Read<Place> {
        if !matches!(item.parent, Parent::Neighbours) {
            return self.known.place_in(item.parent).or_else(|reason| self.refuse(section, reason));
        }
        let (own, slot) = (self.outline.sections[section].client, self.cursors[section].slot);
        let mut place = |id: Id| match id.client == own {
            true => self.known.at(slot).place(id.clock),
            false => self.known.place(id),
        };
        match (item.origin.map(&mut place), item.right_origin.map(&mut place)) {
            (Some(left), Some(right)) if left == right => Ok(left),
            (Some(Place::NOWHERE), _) | (_, Some(Place::NOWHERE)) | (None, None) => Ok(Place::NOWHERE),
            (Some(place), None) | (None, Some(place)) => Ok(place),
            _ => self.refuse(section, "the neighbours of an item are in different places"),
        }
    }

    fn refuse<T>(&self, section: usize, reason: &'static str) -> Read<T> {
        Err(Malformed { offset: self.cursors[section].reader.offset(), reason })
    }

    fn check_deleted(&mut self) -> Read<()> {
        self.must_be_deleted.sort_unstable();
        for values in self.must_be_deleted.chunk_by(|a, b| a.0 == b.0) {
            let mut deleted = Ranges::default();
            if let Some(deletions) = self.outline.deletions_of(values[0].0) {
                deletions.ranges(self.bytes).for_each(|(start, end)| deleted.append(start, end));
            }
            if values.iter().any(|&(_, start, end)| !deleted.cover(start, end)) {
                let offset = self.outline.delete_set;
                return Err(Malformed { offset, reason: "several live values under the key of a map" });
            }
        }
        Ok(())
    }

    /// Keep what was taken in and note what is deleted. True when any of it is news.
    fn commit(self) -> bool {
        self.known.places.keep();
        let mut novel = false;
        for (cursor, section) in self.cursors.iter().zip(&self.outline.sections) {
            let client = self.known.at(cursor.slot);
            novel |= client.clock > section.known;
            if client.gone.end() > section.known {
                let gone: Vec<_> = client.gone.from(section.known).collect();
                client.deleted.merge(gone.iter().copied(), gone.len());
            }
        }
        for deletions in self.outline.deletions.iter().filter(|deletions| deletions.ranges > 0) {
            let slot = self.known.slot(deletions.client);
            let ranges = deletions.ranges(self.bytes);
            novel |= self.known.at(slot).deleted.merge(ranges, deletions.ranges as usize);
        }
        novel
    }

    fn undo(self) {
        let clients = self.outline.sections.iter().zip(&self.cursors);
        self.known.undo(
            self.first_new,
            clients.map(|(section, cursor)| (section.client, cursor.slot, &cursor.mark)),
        );
    }
}
