//! What the store knows at this moment: the durable index, and what is on its way to the disk.

use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;

use super::index::{Doc, Index};
use crate::ids::{DocId, DocNumber, Seq};
use crate::store::catalogue::follows;
use crate::store::snapshots::Position;
use crate::store::{Append, Entry, Fact, Filing, Listing, StoreError};

/// Kept under one lock, which is held for lookups and never for a disk.
#[derive(Default)]
pub struct State {
    /// What is durable, all of it up to `durable`.
    pub index: Index,
    pub durable: Position,
    /// Entries that callers see already, and how many records of each are on the way.
    pending: HashMap<DocId, (Entry, usize)>,
    /// The last change on its way, of each document that has any; 0 for a document that is on the way itself.
    queued: HashMap<DocNumber, Seq>,
    /// The last note on its way; 0 without one.
    noted: Seq,
    /// How many facts of each key are on their way.
    unsettled: HashMap<Bytes, usize>,
    /// What [`State::filing`] says, until that may be something else.
    filing: Option<Arc<Filing>>,
}

impl State {
    pub fn new(index: Index, durable: Position) -> State {
        State { index, durable, ..State::default() }
    }

    /// The entry that goes by an id, durable or on the way.
    pub fn entry(&self, id: &DocId) -> Option<Entry> {
        match self.pending.get(id) {
            Some((entry, _)) => {
                let mut entry = entry.clone();
                let updated_ms = self.index.doc(entry.number).map_or(0, |doc| doc.updated_ms());
                entry.updated_ms = entry.updated_ms.max(updated_ms);
                Some(entry)
            }
            None => self.index.by_id(id)?.current_entry(),
        }
    }

    /// Every entry that is not deleted.
    pub fn entries(&self) -> Vec<Entry> {
        let durable = self.index.docs().filter(|&(number, doc)| {
            let id = doc.entry.as_ref().map(|entry| &entry.id);
            id.is_some_and(|id| !self.pending.contains_key(id)) && !self.index.is_superseded(number)
        });
        let durable = durable.filter_map(|(_, doc)| doc.current_entry());
        let pending = self.pending.keys().filter_map(|id| self.entry(id));
        durable.chain(pending).filter(|entry| entry.deleted_ms.is_none()).collect()
    }

    /// See [`crate::store::Store::page`]. Everybody waits for this lock, so of most documents it looks at no more than their place.
    pub fn page(&self, listing: &Listing) -> Vec<Entry> {
        // What is on its way counts, whatever is durable of the same documents.
        let fresh: Vec<Entry> = self.pending.keys().filter_map(|id| self.entry(id)).collect();
        let is_fresh: HashSet<DocNumber> = fresh.iter().map(|entry| entry.number).collect();
        let durable = self.index.docs().filter(|(number, _)| !is_fresh.contains(number));
        let durable = durable.filter_map(|(_, doc)| Some((doc.entry.as_ref()?, doc.updated_ms())));
        let fresh = fresh.iter().map(|entry| (entry, entry.updated_ms));
        let places =
            durable.chain(fresh).filter(|(entry, _)| listing.has(entry)).map(|(entry, updated_ms)| {
                let place = listing.place(entry, entry.updated_ms.max(updated_ms));
                (place, &entry.id, entry.number)
            });
        let mut places: BinaryHeap<_> = places.filter(|(place, ..)| listing.reaches(place)).collect();
        std::iter::from_fn(|| places.pop())
            // A later document may have taken over the id.
            .filter_map(|(_, id, number)| self.entry(id).filter(|entry| entry.number == number))
            .take(listing.limit)
            .collect()
    }

    /// See [`crate::store::Store::filing`]. Everybody waits for this lock, and to go through all documents takes longer than to look at
    /// their places: so it is done once, and again only when a document with tags has changed its entry.
    pub fn filing(&mut self) -> Arc<Filing> {
        if self.filing.is_none() {
            let durable = self.index.docs().filter_map(|(_, doc)| doc.entry.as_ref());
            let durable = durable.filter(|entry| {
                !entry.tags.is_empty()
                    && !self.pending.contains_key(&entry.id)
                    && !self.index.is_superseded(entry.number)
            });
            let pending = self.pending.values().map(|(entry, _)| entry);
            self.filing = Some(Arc::new(Filing::of(durable.chain(pending))));
        }
        self.filing.clone().expect("it was just made")
    }

    /// An entry is on its way. It holds for every caller from now on.
    pub fn entry_queued(&mut self, entry: &Entry) {
        if self.index.doc(entry.number).is_none() {
            self.queued.entry(entry.number).or_default();
        }
        if !entry.tags.is_empty() || self.has_tags(&entry.id) {
            self.filing = None;
        }
        let (_, records) = self
            .pending
            .entry(entry.id.clone())
            .and_modify(|(pending, _)| *pending = entry.clone())
            .or_insert_with(|| (entry.clone(), 0));
        *records += 1;
    }

    /// Whether what goes by an id, durable or on the way, has tags.
    fn has_tags(&self, id: &DocId) -> bool {
        let pending = self.pending.get(id).map(|(entry, _)| entry);
        let entry = pending.or_else(|| self.index.by_id(id)?.entry.as_ref());
        entry.is_some_and(|entry| !entry.tags.is_empty())
    }

    pub fn entry_settled(&mut self, entry: &Entry) {
        if let Some((_, records)) = self.pending.get_mut(&entry.id) {
            *records -= 1;
            if *records == 0 {
                self.pending.remove(&entry.id);
            }
        }
        if self.queued.get(&entry.number) == Some(&Seq(0)) {
            self.queued.remove(&entry.number);
        }
    }

    /// Let go of documents whose id a later one took over: nobody can ask for them any more, and whoever makes and deletes the
    /// same document all day must not fill the memory. One that changes are on their way to is let go of later.
    pub fn forget_superseded(&mut self) {
        for number in self.index.take_superseded() {
            if self.queued.contains_key(&number) {
                self.index.postpone_superseded(number);
            } else if self.index.is_superseded(number) {
                self.index.remove(number);
            }
        }
    }

    /// What is durable of a document; `None` while nothing of it is.
    pub fn doc(&self, number: DocNumber) -> Result<Option<&Doc>, StoreError> {
        match self.index.doc(number) {
            None if !self.queued.contains_key(&number) => Err(StoreError::UnknownNumber(number)),
            doc => Ok(doc),
        }
    }

    /// Whether changes may be queued: their document exists, and they follow the last ones.
    pub fn check(&self, append: &Append) -> Result<(), StoreError> {
        let queued = self.queued.get(&append.document).copied();
        let durable = self.index.doc(append.document).map(|doc| doc.last);
        let last = queued.or(durable).ok_or(StoreError::UnknownNumber(append.document))?;
        follows(append.document, last, append.first)
    }

    pub fn changes_queued(&mut self, append: &Append) {
        self.queued.insert(append.document, last(append));
    }

    /// Whether changes are queued that are neither durable nor lost.
    pub fn has_changes_on_their_way(&self, document: DocNumber) -> bool {
        self.queued.get(&document).is_some_and(|&seq| seq > Seq(0))
    }

    pub fn changes_settled(&mut self, append: &Append) {
        if self.queued.get(&append.document) == Some(&last(append)) {
            self.queued.remove(&append.document);
        }
    }

    /// The sequence of the next note.
    pub fn next_note(&self) -> Seq {
        self.noted.max(self.index.facts.last()).next()
    }

    /// A note is on its way. Nobody sees its facts before they are durable.
    pub fn note_queued(&mut self, seq: Seq, facts: &[Fact]) {
        self.noted = seq;
        facts.iter().for_each(|fact| *self.unsettled.entry(fact.key.clone()).or_default() += 1);
    }

    pub fn note_settled(&mut self, facts: &[Fact]) {
        for fact in facts {
            if let Some(records) = self.unsettled.get_mut(&fact.key) {
                *records -= 1;
                if *records == 0 {
                    self.unsettled.remove(&fact.key);
                }
            }
        }
    }

    /// Whether another fact is on its way that takes the place of what is under this key.
    pub fn is_unsettled(&self, key: &[u8]) -> bool {
        self.unsettled.contains_key(key)
    }

    /// Nothing that is on its way will arrive, but for these entries.
    pub fn forget_unsettled<'a>(&mut self, kept: impl Iterator<Item = &'a Entry>) {
        self.pending.clear();
        self.queued.clear();
        self.unsettled.clear();
        self.noted = Seq(0);
        self.filing = None;
        kept.for_each(|entry| self.entry_queued(entry));
    }
}

fn last(append: &Append) -> Seq {
    Seq(append.first.0 + append.changes.len() as u64 - 1)
}
