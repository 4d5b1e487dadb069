//! What the journal keeps when its disk does not.

mod backups;
mod damage;
mod faults;
mod full;
mod gathering;
mod notes;
mod releases;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use bytes::Bytes;

use super::{JournalStore, OpenError, Options};
use crate::ids::{DocId, DocNumber, Kind, Seq};
use crate::store::simulated::SimulatedDisk;
use crate::store::{Append, Change, Edit, Entry, Fact, Listener, Receipt, Store, StoreError};

/// Small segments, so that a short story fills several.
pub fn small() -> Options {
    Options {
        segment_bytes: 600,
        journal_bytes: 1_200,
        journal_segments: 5,
        commit_every: Duration::ZERO,
        commit_unawaited_every: Duration::ZERO,
        look_for_space: Duration::from_millis(1),
        ..Options::default()
    }
}

/// How much of a long test to do, or where to begin: the defaults suit `make test`, `make soak` asks for more.
pub fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

/// Everything is kept.
pub fn roomy() -> Options {
    Options::default()
}

/// A store on a simulated disk, without sled. Only its lock is a real file.
pub fn open(disk: &SimulatedDisk, dir: &Path, options: Options) -> Result<JournalStore, OpenError> {
    JournalStore::open_with(Arc::new(disk.clone()), dir, options, false)
}

pub fn segments(disk: &SimulatedDisk) -> Vec<(PathBuf, usize)> {
    disk.files().into_iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "cwj")).collect()
}

/// The fate of one append.
#[derive(Default)]
pub struct Fate {
    told: Mutex<Option<Result<Seq, ()>>>,
    recovered: Mutex<bool>,
    news: Condvar,
}

impl Listener for Fate {
    fn durable(&self, seq: Seq) {
        *self.told.lock().unwrap() = Some(Ok(seq));
        self.news.notify_all();
    }

    fn failed(&self, _: &StoreError) {
        *self.told.lock().unwrap() = Some(Err(()));
        self.news.notify_all();
    }

    fn recovered(&self) {
        *self.recovered.lock().unwrap() = true;
        self.news.notify_all();
    }
}

impl Fate {
    pub fn wait(&self) -> Result<Seq, ()> {
        let told = self.told.lock().unwrap();
        let (told, late) =
            self.news.wait_timeout_while(told, Duration::from_secs(20), |t| t.is_none()).unwrap();
        assert!(!late.timed_out(), "an append was never answered");
        told.expect("it was told")
    }

    /// Wait until the store writes again.
    pub fn wait_for_recovery(&self) {
        let recovered = self.recovered.lock().unwrap();
        let (_recovered, late) =
            self.news.wait_timeout_while(recovered, Duration::from_secs(20), |done| !*done).unwrap();
        assert!(!late.timed_out(), "the store never recovered");
    }
}

/// What a user was told, per document: whether it was made, its text, and how much of that is durable. Changes
/// append a letter each; a document's state is its text.
#[derive(Debug, Clone, Default)]
pub struct Model {
    pub docs: BTreeMap<DocId, Expected>,
    /// The facts that were acknowledged.
    pub facts: Facts,
    /// What they may be besides: with some of the notes that were refused since.
    pub perhaps: Vec<Facts>,
}

/// Facts as text.
pub type Facts = BTreeMap<String, String>;

/// What a store knows, as text.
pub fn facts(store: &dyn Store) -> Facts {
    let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).expect("text was noted");
    let facts = store.facts().expect("no note is lost").into_iter();
    facts.map(|fact| (text(fact.key), text(fact.value.expect("it counts")))).collect()
}

/// Facts after a note.
fn after(mut facts: Facts, note: &[(&str, Option<&str>)]) -> Facts {
    for &(key, value) in note {
        match value {
            Some(value) => drop(facts.insert(key.to_owned(), value.to_owned())),
            None => drop(facts.remove(key)),
        }
    }
    facts
}

#[derive(Debug, Clone)]
pub struct Expected {
    pub number: DocNumber,
    pub created: bool,
    pub deleted: bool,
    pub title: String,
    pub text: String,
    pub durable: usize,
}

pub fn id(text: &str) -> DocId {
    DocId::parse(text).unwrap()
}

fn answered<T>((value, receipt): (T, Receipt)) -> Result<T, StoreError> {
    receipt.blocking_recv().expect("every receipt is answered").map(|()| value)
}

impl Model {
    pub fn create(&mut self, store: &dyn Store, name: &str) -> Result<(), StoreError> {
        self.made(name, store.create(&id(name), Kind::Text, "", false)?)
    }

    /// Also where one was deleted.
    pub fn create_again(&mut self, store: &dyn Store, name: &str) -> Result<(), StoreError> {
        self.made(name, store.create(&id(name), Kind::Text, "", true)?)
    }

    fn made(&mut self, name: &str, (entry, receipt): (Entry, Receipt)) -> Result<(), StoreError> {
        let expected = Expected {
            number: entry.number,
            created: false,
            deleted: false,
            title: String::new(),
            text: String::new(),
            durable: 0,
        };
        self.docs.insert(id(name), expected);
        answered((entry, receipt))?;
        self.docs.get_mut(&id(name)).unwrap().created = true;
        Ok(())
    }

    pub fn rename(&mut self, store: &dyn Store, name: &str, title: &str) -> Result<(), StoreError> {
        answered(store.edit(&id(name), Edit::Title(title.into()))?)?;
        self.docs.get_mut(&id(name)).unwrap().title = title.to_owned();
        Ok(())
    }

    pub fn delete(&mut self, store: &dyn Store, name: &str) -> Result<(), StoreError> {
        answered(store.edit(&id(name), Edit::Delete)?)?;
        self.docs.get_mut(&id(name)).unwrap().deleted = true;
        Ok(())
    }

    /// Write letters, each its own change, and wait for the disk.
    pub fn write(&mut self, store: &dyn Store, name: &str, letters: &str) -> Result<(), StoreError> {
        let doc = self.docs.get_mut(&id(name)).unwrap();
        let change =
            |letter: char| Change { at_ms: 1, author: "ann".into(), update: Bytes::from(letter.to_string()) };
        let fate = Arc::new(Fate::default());
        let first = Seq(doc.text.len() as u64 + 1);
        let changes = letters.chars().map(change).collect();
        store.append(Append { document: doc.number, first, changes, listener: fate.clone() })?;
        doc.text.push_str(letters);
        match fate.wait() {
            Ok(seq) => doc.durable = seq.0 as usize,
            Err(()) => return Err(StoreError::ReadOnly("told so".into())),
        }
        Ok(())
    }

    /// What a live document does when the store has recovered: journal again what memory holds beyond the disk.
    pub fn give_back(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        let names: Vec<_> = self.docs.iter().filter(|(_, doc)| doc.created && !doc.deleted).collect();
        let names: Vec<_> = names.into_iter().map(|(id, _)| id.to_string()).collect();
        for name in names {
            let doc = self.docs.get_mut(&id(&name)).unwrap();
            let unsaved = doc.text.split_off(doc.durable);
            if !unsaved.is_empty() {
                self.write(store, &name, &unsaved)?;
            }
        }
        Ok(())
    }

    /// Note facts, and wait for the disk.
    pub fn note(&mut self, store: &dyn Store, note: &[(&str, Option<&str>)]) -> Result<(), StoreError> {
        let bytes = |text: &str| Bytes::copy_from_slice(text.as_bytes());
        let fact = |&(key, value): &(&str, Option<&str>)| Fact { key: bytes(key), value: value.map(bytes) };
        let answer = store.note(note.iter().map(fact).collect()).and_then(|receipt| answered(((), receipt)));
        if answer.is_ok() {
            self.facts = after(std::mem::take(&mut self.facts), note);
            self.perhaps.clear();
        } else {
            let before: Vec<_> = [&self.facts].into_iter().chain(&self.perhaps).cloned().collect();
            self.perhaps.extend(before.into_iter().map(|facts| after(facts, note)));
        }
        answer
    }

    pub fn checkpoint(&self, store: &dyn Store, name: &str) -> Result<(), StoreError> {
        let doc = &self.docs[&id(name)];
        let state = Bytes::from(doc.text[..doc.durable].to_owned());
        store.checkpoint(doc.number, Seq(doc.durable as u64), state)
    }

    /// Nothing that was acknowledged is missing and nothing is there that was never written. What is there becomes
    /// what is expected from now on.
    pub fn check(&mut self, store: &dyn Store) {
        self.docs.retain(|id, doc| {
            let Some(entry) = store.find(id).unwrap() else {
                assert!(!doc.created && doc.durable == 0, "{id} is gone: {doc:?}");
                return false;
            };
            assert_eq!(entry.number, doc.number, "{id}");
            doc.created = true;
            assert!(entry.deleted_ms.is_some() || !doc.deleted, "{id} is alive again");
            doc.deleted = entry.deleted_ms.is_some();
            if doc.deleted {
                return true;
            }
            let text = text(store, doc.number).unwrap();
            assert!(doc.text.starts_with(&text), "{id} has {text:?}, written was {:?}", doc.text);
            assert!(text.len() >= doc.durable, "{id} lost acknowledged text: {text:?} of {doc:?}");
            assert!(entry.title.len() >= doc.title.len(), "{id} lost its title");
            (doc.durable, doc.title) = (text.len(), entry.title);
            doc.text = text;
            true
        });
        let facts = facts(store);
        assert!(
            facts == self.facts || self.perhaps.contains(&facts),
            "{facts:?} instead of {:?}",
            self.facts
        );
        (self.facts, self.perhaps) = (facts, Vec::new());
        let alive = self.docs.values().filter(|doc| !doc.deleted).count();
        assert_eq!(store.list().unwrap().len(), alive, "a document appeared");
    }
}

/// A document's text: its state and the changes after it.
pub fn text(store: &dyn Store, document: DocNumber) -> Result<String, StoreError> {
    let stored = store.load(document)?;
    let mut bytes = stored.snapshot.map(|state| state.to_vec()).unwrap_or_default();
    assert_eq!(bytes.len() as u64, stored.snapshot_seq.0);
    stored.tail.iter().for_each(|change| bytes.extend_from_slice(&change.update));
    Ok(String::from_utf8(bytes).expect("letters were written"))
}

/// A short life with everything in it. It goes on after failures, as users do.
pub fn story(model: &mut Model, store: &dyn Store) {
    let _ = model.create(store, "a");
    let _ = model.create(store, "b");
    for round in 0..6 {
        for (name, letters) in [("a", "xyz"), ("b", "q")] {
            if model.docs.get(&id(name)).is_some_and(|doc| doc.created) {
                let _ = model.write(store, name, letters);
            }
        }
        let (key, value) = (["x", "y", "z"][round % 3], round.to_string());
        let taken_back = ("y", Some("4").filter(|_| round != 5));
        let _ = model.note(store, &[("round", Some(&value)), (key, Some(&value)), taken_back]);
        if round == 2 && model.docs.contains_key(&id("a")) {
            let _ = model.checkpoint(store, "a");
            let _ = model.rename(store, "a", "T");
        }
    }
    let _ = model.create(store, "c");
    if model.docs.contains_key(&id("c")) {
        let _ = model.delete(store, "c");
    }
}
