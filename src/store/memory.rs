//! A store that forgets everything when it goes, for tests and trials.
//!
//! It keeps the contract's order of events and adds none of the disk's delays: listeners are called before `append`
//! returns, on the caller's thread and with no lock held, unless the store is told to [`MemoryStore::hold`].

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::catalogue::{self, now_ms};
use super::stranded::Stranded;
use super::{Append, Edit, Entry, Fact, Health, Images, MemoryImages, Receipt, Store, StoreError, Stored};
use crate::ids::{DocId, DocNumber, Kind, Seq};

/// The store in memory.
#[derive(Default)]
pub struct MemoryStore {
    state: Mutex<State>,
    images: Arc<MemoryImages>,
}

#[derive(Default)]
struct State {
    ids: HashMap<DocId, DocNumber>,
    docs: HashMap<DocNumber, Doc>,
    facts: BTreeMap<Bytes, Bytes>,
    held: bool,
    waiting: Vec<Waiting>,
    failed: Option<Arc<str>>,
    stranded: Stranded,
    closed: bool,
}

struct Doc {
    entry: Entry,
    stored: Stored,
    queued: Seq,
}

enum Waiting {
    Changes(Append),
    Entry(oneshot::Sender<Result<(), StoreError>>),
    Note(Vec<Fact>, oneshot::Sender<Result<(), StoreError>>),
}

impl MemoryStore {
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    /// Make nothing durable until [`MemoryStore::release`], as a slow disk would.
    pub fn hold(&self) {
        self.state().held = true;
    }

    /// Make durable what waits, and what comes.
    pub fn release(&self) {
        self.state().held = false;
        self.settle();
    }

    /// Fail what waits, and be read-only from now on, as on a full disk.
    pub fn fail(&self, reason: &str) {
        self.state().failed = Some(reason.into());
        self.settle();
    }

    /// Take writes again, as when a full disk has space.
    pub fn recover(&self) {
        let stranded = {
            let mut state = self.state();
            state.failed = None;
            state.stranded.take()
        };
        stranded.iter().for_each(|listener| listener.recovered());
    }

    /// How many images there are, in all documents.
    pub fn count_images(&self) -> usize {
        self.images.count()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decide what waits, and tell those concerned once the lock is let go.
    fn settle(&self) {
        let (waiting, fate) = {
            let mut state = self.state();
            if state.held && state.failed.is_none() {
                return;
            }
            let waiting = std::mem::take(&mut state.waiting);
            if state.failed.is_some() {
                for waiting in &waiting {
                    if let Waiting::Changes(append) = waiting {
                        state.stranded.add(&append.listener);
                    }
                }
                state.docs.values_mut().for_each(|doc| doc.queued = doc.stored.last_seq());
            } else {
                waiting.iter().for_each(|waiting| state.take_in(waiting));
            }
            (waiting, state.failed.clone().map_or(Ok(()), |reason| Err(StoreError::ReadOnly(reason))))
        };
        for waiting in waiting {
            match (waiting, &fate) {
                (Waiting::Entry(receipt) | Waiting::Note(_, receipt), _) => drop(receipt.send(fate.clone())),
                (Waiting::Changes(append), Err(error)) => append.listener.failed(error),
                (Waiting::Changes(append), Ok(())) => {
                    append.listener.durable(Seq(append.first.0 + append.changes.len() as u64 - 1));
                }
            }
        }
    }

    fn change(
        &self,
        id: &DocId,
        change: impl FnOnce(Option<Entry>, DocNumber) -> Result<Entry, StoreError>,
    ) -> Result<(Entry, Receipt), StoreError> {
        let (sender, receipt) = oneshot::channel();
        let entry = {
            let mut state = self.state();
            state.writable()?;
            let existing = state.entry(id).cloned();
            let entry = change(existing, DocNumber(state.docs.len() as u64 + 1))?;
            state.ids.insert(id.clone(), entry.number);
            let doc = Doc { entry: entry.clone(), stored: Stored::default(), queued: Seq(0) };
            state.docs.entry(entry.number).or_insert(doc).entry = entry.clone();
            state.waiting.push(Waiting::Entry(sender));
            entry
        };
        self.settle();
        Ok((entry, receipt))
    }
}

impl State {
    fn take_in(&mut self, waiting: &Waiting) {
        match waiting {
            Waiting::Changes(append) => {
                let doc = self.docs.get_mut(&append.document).expect("append checked it");
                let times = append.changes.iter().map(|change| change.at_ms);
                doc.entry.updated_ms = times.fold(doc.entry.updated_ms, u64::max);
                doc.stored.tail.extend_from_slice(&append.changes);
            }
            Waiting::Note(facts, _) => facts.iter().for_each(|Fact { key, value }| match value {
                Some(value) => drop(self.facts.insert(key.clone(), value.clone())),
                None => drop(self.facts.remove(key)),
            }),
            Waiting::Entry(_) => {}
        }
    }

    fn entry(&self, id: &DocId) -> Option<&Entry> {
        Some(&self.docs[self.ids.get(id)?].entry)
    }

    fn readable(&self) -> Result<(), StoreError> {
        if self.closed { Err(StoreError::Closed) } else { Ok(()) }
    }

    fn writable(&self) -> Result<(), StoreError> {
        self.readable()?;
        self.failed.clone().map_or(Ok(()), |reason| Err(StoreError::ReadOnly(reason)))
    }
}

impl Store for MemoryStore {
    fn find(&self, id: &DocId) -> Result<Option<Entry>, StoreError> {
        let state = self.state();
        state.readable()?;
        Ok(state.entry(id).cloned())
    }

    fn list(&self) -> Result<Vec<Entry>, StoreError> {
        let state = self.state();
        state.readable()?;
        let entries = state.ids.values().map(|number| &state.docs[number].entry);
        Ok(entries.filter(|entry| entry.deleted_ms.is_none()).cloned().collect())
    }

    fn create(
        &self,
        id: &DocId,
        kind: Kind,
        title: &str,
        again: bool,
    ) -> Result<(Entry, Receipt), StoreError> {
        self.change(id, |existing, number| {
            catalogue::created(existing.as_ref(), (number, id, kind, title), again, now_ms())
        })
    }

    fn edit(&self, id: &DocId, edit: Edit) -> Result<(Entry, Receipt), StoreError> {
        self.change(id, |existing, _| catalogue::edited(existing, id, edit, now_ms()))
    }

    fn append(&self, append: Append) -> Result<(), StoreError> {
        {
            let mut state = self.state();
            if let Err(error) = state.writable() {
                if let StoreError::ReadOnly(_) = &error {
                    state.stranded.add(&append.listener);
                }
                return Err(error);
            }
            let doc =
                state.docs.get_mut(&append.document).ok_or(StoreError::UnknownNumber(append.document))?;
            catalogue::follows(append.document, doc.queued, append.first)?;
            doc.queued = Seq(doc.queued.0 + append.changes.len() as u64);
            state.waiting.push(Waiting::Changes(append));
        }
        self.settle();
        Ok(())
    }

    fn load(&self, document: DocNumber) -> Result<Stored, StoreError> {
        let state = self.state();
        state.readable()?;
        let doc = state.docs.get(&document).ok_or(StoreError::UnknownNumber(document))?;
        if doc.entry.deleted_ms.is_some() {
            return Err(StoreError::Deleted(doc.entry.id.clone()));
        }
        Ok(doc.stored.clone())
    }

    fn checkpoint(&self, document: DocNumber, seq: Seq, snapshot: Bytes) -> Result<(), StoreError> {
        let mut state = self.state();
        state.writable()?;
        let doc = state.docs.get_mut(&document).ok_or(StoreError::UnknownNumber(document))?;
        catalogue::durable(document, doc.stored.last_seq(), seq)?;
        if seq > doc.stored.snapshot_seq {
            doc.stored.tail.drain(..(seq.0 - doc.stored.snapshot_seq.0) as usize);
            doc.stored.snapshot_seq = seq;
            doc.stored.snapshot = Some(snapshot);
        }
        Ok(())
    }

    fn note(&self, facts: Vec<Fact>) -> Result<Receipt, StoreError> {
        catalogue::fits(&facts)?;
        let (sender, receipt) = oneshot::channel();
        {
            let mut state = self.state();
            state.writable()?;
            state.waiting.push(Waiting::Note(facts, sender));
        }
        self.settle();
        Ok(receipt)
    }

    fn facts(&self) -> Result<Vec<Fact>, StoreError> {
        let state = self.state();
        state.readable()?;
        let fact = |(key, value): (&Bytes, &Bytes)| Fact { key: key.clone(), value: Some(value.clone()) };
        Ok(state.facts.iter().map(fact).collect())
    }

    fn images(&self) -> Arc<dyn Images> {
        self.images.clone()
    }

    fn health(&self) -> Health {
        self.state().failed.clone().map_or(Health::Writable, Health::ReadOnly)
    }

    fn close(&self) -> Result<(), StoreError> {
        self.release();
        self.state().closed = true;
        match self.health() {
            Health::Writable => Ok(()),
            Health::ReadOnly(reason) => Err(StoreError::ReadOnly(reason)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Change, Listener};

    #[derive(Default)]
    struct Ear(Mutex<Vec<Result<Seq, String>>>);

    impl Listener for Ear {
        fn durable(&self, seq: Seq) {
            self.0.lock().unwrap().push(Ok(seq));
        }

        fn failed(&self, error: &StoreError) {
            self.0.lock().unwrap().push(Err(error.to_string()));
        }

        fn recovered(&self) {
            self.0.lock().unwrap().push(Err("recovered".to_owned()));
        }
    }

    #[test]
    fn a_held_store_says_nothing_until_it_is_released_or_fails() {
        let store = MemoryStore::new();
        let ear = Arc::new(Ear::default());
        let heard = || std::mem::take(&mut *ear.0.lock().unwrap());
        let (entry, _) = store.create(&DocId::random(), Kind::Text, "", false).unwrap();
        let append = |seq| {
            let changes = vec![Change { at_ms: 1, author: "ann".into(), update: Bytes::new() }];
            store.append(Append { document: entry.number, first: Seq(seq), changes, listener: ear.clone() })
        };
        store.hold();
        append(1).unwrap();
        assert!(heard().is_empty() && store.load(entry.number).unwrap().tail.is_empty());
        store.release();
        append(2).unwrap();
        assert_eq!(heard(), [Ok(Seq(1)), Ok(Seq(2))]);

        store.hold();
        append(3).unwrap();
        store.fail("the disk is full");
        assert!(append(4).is_err());
        assert_eq!(heard(), [Err("storage is read-only: the disk is full".to_owned())]);
        assert_eq!(store.health(), Health::ReadOnly("the disk is full".into()));
        assert_eq!(store.load(entry.number).unwrap().last_seq(), Seq(2));
        store.recover();
        append(3).unwrap();
        assert_eq!(
            heard(),
            [Err("recovered".to_owned())],
            "told once, and nothing is durable while it holds"
        );
        store.release();
        assert_eq!(heard(), [Ok(Seq(3))]);
    }
}
