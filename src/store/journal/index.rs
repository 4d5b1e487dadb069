//! Where everything is: per document its entry, its newest full state and the changes after that. Pure.
//!
//! The index is a function of the journal's records, whatever their order and however often one is applied: the record
//! of the highest sequence wins, and among equals the one applied last. So it can be saved now and then, and brought
//! up to date from the journal.

mod line;

use std::collections::{HashMap, HashSet};

use super::facts::Facts;
use super::format::{Place, Record};
use super::scan::Suspect;
use crate::ids::{DocId, DocNumber, Seq};
use crate::store::Entry;

/// A document's state in sled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot {
    pub seq: Seq,
    pub len: u64,
    pub crc: u32,
}

/// What storage knows of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doc {
    /// As the catalogue's last durable record has it. `None` only when that record is damaged.
    pub entry: Option<Entry>,
    entry_segment: u64,
    /// The last change, and when it was accepted.
    pub last: Seq,
    updated_ms: u64,
    pub snapshot: Option<Snapshot>,
    /// The state that the index named when it was last saved. It stays in sled until another is saved.
    shelved: Option<Seq>,
    /// The newest checkpoint record in the journal: with the changes after it, the document can be rebuilt.
    pub base: Option<(Seq, Place)>,
    /// The oldest segment with changes that the snapshot contains and the base does not; `NONE` without any.
    behind: u64,
    /// The changes after both, in order.
    pub tail: Vec<(Seq, Place)>,
}

const NONE: u64 = u64::MAX;

impl Default for Doc {
    fn default() -> Doc {
        Doc {
            entry: None,
            entry_segment: NONE,
            last: Seq(0),
            updated_ms: 0,
            snapshot: None,
            shelved: None,
            base: None,
            behind: NONE,
            tail: Vec::new(),
        }
    }
}

impl Doc {
    /// The sequence of the newest full state; 0 without one.
    pub fn start(&self) -> Seq {
        self.snapshot.map_or(Seq(0), |snapshot| snapshot.seq).max(self.base_seq())
    }

    fn base_seq(&self) -> Seq {
        self.base.map_or(Seq(0), |(seq, _)| seq)
    }

    /// The first change that is missing, if one is.
    pub fn gap(&self) -> Option<Seq> {
        let mut expected = self.start();
        for &(seq, _) in &self.tail {
            expected = expected.next();
            if seq != expected {
                return Some(expected);
            }
        }
        (expected < self.last).then(|| expected.next())
    }

    pub fn is_deleted(&self) -> bool {
        self.entry.as_ref().is_some_and(|entry| entry.deleted_ms.is_some())
    }

    /// The entry with the time of the last change in it.
    pub fn current_entry(&self) -> Option<Entry> {
        let mut entry = self.entry.clone()?;
        entry.updated_ms = entry.updated_ms.max(self.updated_ms);
        Some(entry)
    }

    pub fn updated_ms(&self) -> u64 {
        self.updated_ms
    }

    pub fn shelved(&self) -> Option<Seq> {
        self.shelved
    }

    /// The index is being saved with this document as it is now. True if sled then holds a state that nothing names any more.
    pub fn shelve(&mut self) -> bool {
        let state = self.snapshot.map(|snapshot| snapshot.seq);
        std::mem::replace(&mut self.shelved, state).is_some() && state.is_none()
    }

    /// The oldest segment that is needed to rebuild this document from the journal alone. Of a deleted one, only
    /// the tombstone is.
    pub fn oldest_segment(&self) -> u64 {
        if self.is_deleted() {
            return self.entry_segment;
        }
        let base = self.base.map_or(NONE, |(_, place)| place.segment);
        let tail = self.tail.iter().map(|(_, place)| place.segment).min().unwrap_or(NONE);
        self.entry_segment.min(base).min(self.behind).min(tail)
    }

    pub fn entry_segment(&self) -> u64 {
        self.entry_segment
    }

    /// Whether segments up to this one may go only after the full state was written again.
    pub fn needs_checkpoint(&self, released: u64) -> bool {
        self.behind <= released || self.base.is_some_and(|(_, place)| place.segment <= released)
    }

    /// A snapshot is whole. The changes it contains are not looked up any more.
    pub fn set_snapshot(&mut self, snapshot: Snapshot) {
        if snapshot.seq < self.start() {
            return;
        }
        self.snapshot = Some(snapshot);
        self.drop_tail(snapshot.seq);
    }

    fn drop_tail(&mut self, upto: Seq) {
        let kept = self.tail.partition_point(|&(seq, _)| seq <= upto);
        let base = self.base_seq();
        for (seq, place) in self.tail.drain(..kept) {
            if seq > base {
                self.behind = self.behind.min(place.segment);
            }
        }
        // A document that was edited once holds no room for edits ever after.
        if self.tail.is_empty() {
            self.tail = Vec::new();
        }
    }

    fn change(&mut self, seq: Seq, at_ms: u64, place: Place) {
        self.last = self.last.max(seq);
        self.updated_ms = self.updated_ms.max(at_ms);
        if seq > self.start() {
            match self.tail.binary_search_by_key(&seq, |&(seq, _)| seq) {
                Ok(at) => self.tail[at].1 = place,
                Err(at) => self.tail.insert(at, (seq, place)),
            }
        } else if seq > self.base_seq() {
            self.behind = self.behind.min(place.segment);
        }
    }

    fn checkpoint(&mut self, seq: Seq, updated_ms: u64, place: Place) {
        self.last = self.last.max(seq);
        self.updated_ms = self.updated_ms.max(updated_ms);
        if seq < self.base_seq() {
            return;
        }
        self.base = Some((seq, place));
        if seq >= self.snapshot.map_or(Seq(0), |snapshot| snapshot.seq) {
            self.drop_tail(seq);
            self.behind = NONE;
        }
    }

    /// Take places from a fresh look at the whole journal, when the snapshot turned out to be lost. Newer ones stay.
    pub fn rebuild(&mut self, found: Doc) {
        let old = std::mem::replace(self, found);
        self.entry = old.entry;
        self.entry_segment = old.entry_segment;
        self.shelved = old.shelved;
        self.last = self.last.max(old.last);
        self.updated_ms = self.updated_ms.max(old.updated_ms);
        if let Some((seq, place)) = old.base {
            self.checkpoint(seq, 0, place);
        }
        for (seq, place) in old.tail {
            self.change(seq, 0, place);
        }
    }

    /// Whether anything but the entry is kept.
    pub fn has_content(&self) -> bool {
        self.last > Seq(0)
    }

    /// About how many bytes of journal it would take to write this document anew.
    pub fn live_bytes(&self) -> u64 {
        const ENTRY: u64 = 512;
        if self.is_deleted() {
            return ENTRY;
        }
        let base = self.base.map_or(0, |(_, place)| u64::from(place.len));
        let state = self.snapshot.map_or(base, |snapshot| snapshot.len);
        ENTRY + state + self.tail.iter().map(|(_, place)| u64::from(place.len)).sum::<u64>()
    }

    /// Forget the state, for a deleted document whose records are released.
    pub fn clear(&mut self) {
        let entry = self.entry.take();
        let Doc { entry_segment, updated_ms, shelved, .. } = *self;
        *self = Doc { entry, entry_segment, updated_ms, shelved, ..Doc::default() };
    }
}

/// Every document, by number and by id, and every fact.
#[derive(Debug, Default)]
pub struct Index {
    /// Each on its own: a table half empty is to be small, and to grow without moving them.
    docs: HashMap<DocNumber, Box<Doc>>,
    ids: HashMap<DocId, DocNumber>,
    /// Those that changed since they were last saved.
    dirty: HashSet<DocNumber>,
    /// Those whose id a later document took over, since this was last asked for.
    superseded: Vec<DocNumber>,
    highest: u64,
    /// What is not a document's.
    pub facts: Facts,
}

impl Index {
    /// An empty one with room for so many documents.
    pub fn with_capacity(documents: usize) -> Index {
        let (docs, ids) = (HashMap::with_capacity(documents), HashMap::with_capacity(documents));
        Index { docs, ids, ..Index::default() }
    }

    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.docs.len()
    }

    pub fn doc(&self, number: DocNumber) -> Option<&Doc> {
        self.docs.get(&number).map(Box::as_ref)
    }

    pub fn docs(&self) -> impl Iterator<Item = (DocNumber, &Doc)> {
        self.docs.iter().map(|(&number, doc)| (number, doc.as_ref()))
    }

    /// The document that goes by this id today.
    pub fn by_id(&self, id: &DocId) -> Option<&Doc> {
        self.doc(*self.ids.get(id)?)
    }

    /// Whether a later document took over this one's id.
    pub fn is_superseded(&self, number: DocNumber) -> bool {
        let entry = self.doc(number).and_then(|doc| doc.entry.as_ref());
        entry.is_some_and(|entry| self.ids.get(&entry.id) != Some(&number))
    }

    /// The documents that were superseded since this was last called, some perhaps more than once.
    pub fn take_superseded(&mut self) -> Vec<DocNumber> {
        std::mem::take(&mut self.superseded)
    }

    /// Ask for this one again.
    pub fn postpone_superseded(&mut self, number: DocNumber) {
        self.superseded.push(number);
    }

    /// A number that no document ever had.
    pub fn take_number(&mut self) -> DocNumber {
        self.highest += 1;
        DocNumber(self.highest)
    }

    /// A document had this number once, whether anything is known of it or not.
    pub fn reserve(&mut self, number: DocNumber) {
        self.highest = self.highest.max(number.0);
    }

    /// Change what is known of a document.
    pub fn update(&mut self, number: DocNumber) -> &mut Doc {
        self.highest = self.highest.max(number.0);
        self.dirty.insert(number);
        self.docs.entry(number).or_default()
    }

    pub fn remove(&mut self, number: DocNumber) {
        self.docs.remove(&number);
        self.dirty.insert(number);
    }

    /// The documents that changed since this was last called.
    pub fn take_dirty(&mut self) -> HashSet<DocNumber> {
        std::mem::take(&mut self.dirty)
    }

    pub fn is_dirty(&self) -> bool {
        !self.dirty.is_empty() || self.facts.is_dirty()
    }

    /// A document is being saved: see [`Doc::shelve`].
    pub fn shelve(&mut self, number: DocNumber) -> bool {
        // Of one that is gone, nobody knows any more what sled holds.
        self.docs.get_mut(&number).is_none_or(|doc| doc.shelve())
    }

    /// Take in a document as it was saved.
    pub fn restore(&mut self, number: DocNumber, doc: Doc) {
        self.highest = self.highest.max(number.0);
        self.name(number, doc.entry.as_ref());
        self.docs.insert(number, Box::new(doc));
    }

    /// Take in one record of the journal.
    pub fn apply(&mut self, place: Place, record: &Record<'_>) {
        match record {
            Record::Change { document, seq, at_ms, .. } => self.update(*document).change(*seq, *at_ms, place),
            Record::Checkpoint { document, seq, updated_ms, .. } => {
                self.update(*document).checkpoint(*seq, *updated_ms, place);
            }
            Record::Entry(entry) => {
                let number = entry.number;
                self.name(number, Some(entry));
                let doc = self.update(number);
                doc.entry = Some(entry.clone().into_owned());
                doc.entry_segment = place.segment;
            }
            Record::Note(note) => self.facts.apply(place, note),
        }
    }

    /// Something is lost, and this may be what. Believed only if it comes next, since the bytes that say so are broken.
    pub fn suspect(&mut self, suspect: Suspect) {
        match suspect {
            Suspect::Change(document, seq) => {
                if self.doc(document).is_some_and(|doc| doc.last.next() == seq) {
                    self.update(document).last = seq;
                }
            }
            Suspect::Note(seq) => self.facts.suspect(seq),
        }
    }

    fn name(&mut self, number: DocNumber, entry: Option<&Entry>) {
        if let Some(entry) = entry {
            let holder = self.ids.entry(entry.id.clone()).or_insert(number);
            if *holder != number {
                self.superseded.push(number.min(*holder));
                *holder = number.max(*holder);
            }
        }
    }
}
