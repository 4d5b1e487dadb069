//! A data folder as its operator sees it: verified, repaired, backed up while in use, and restored.

mod damage;
mod frozen;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use cowrite::cli::{Backup, Restore, folder};
use cowrite::config::DataFlags;
use cowrite::export::{self, Content};
use cowrite::ids::{DocId, Epoch, Kind, Seq};
use cowrite::store::{Append, Change, Edit, JournalStore, Listener, Options, Store, StoreError};
use yrs::{Doc, ReadTxn, StateVector, Text, Transact};

/// Told when an append is durable.
struct Told(Sender<Seq>);

impl Listener for Told {
    fn durable(&self, seq: Seq) {
        let _ = self.0.send(seq);
    }
    fn failed(&self, error: &StoreError) {
        panic!("{error}");
    }
    fn recovered(&self) {
        unreachable!("no disk of these tests is full");
    }
}

fn id(text: &str) -> DocId {
    DocId::parse(text).unwrap()
}

/// Segments so small that a few documents fill several.
fn options() -> Options {
    Options { segment_bytes: 4_000, ..Options::default() }
}

fn open(dir: &Path) -> JournalStore {
    JournalStore::open(dir, options()).expect("it opens")
}

/// Somebody who writes in one document.
struct Author {
    id: DocId,
    doc: Doc,
    sent: StateVector,
    seq: Seq,
}

impl Author {
    fn of(store: &JournalStore, name: &str) -> Author {
        let receipt = store.create(&id(name), Kind::Text, name, false).unwrap().1;
        receipt.blocking_recv().unwrap().unwrap();
        Author {
            id: id(name),
            doc: cowrite::protocol::empty_doc(),
            sent: StateVector::default(),
            seq: Seq(0),
        }
    }

    /// Write at the end, and wait until it is durable.
    fn writes(&mut self, store: &JournalStore, text: &str, at_ms: u64) {
        let content = self.doc.get_or_insert_text("content");
        let mut txn = self.doc.transact_mut();
        content.push(&mut txn, text);
        let update = txn.encode_state_as_update_v1(&self.sent).into();
        self.sent = txn.state_vector();
        self.seq = self.seq.next();
        let (told, wait) = channel();
        let document = store.find(&self.id).unwrap().unwrap().number;
        let changes = vec![Change { at_ms, author: "ann".into(), update }];
        store.append(Append { document, first: self.seq, changes, listener: Arc::new(Told(told)) }).unwrap();
        assert_eq!(wait.recv_timeout(Duration::from_secs(10)), Ok(self.seq));
    }

    fn checkpoint(&self, store: &JournalStore) {
        let document = store.find(&self.id).unwrap().unwrap().number;
        store.checkpoint(document, self.seq, export::encode(&self.doc).into()).unwrap();
    }
}

/// What a document says, or why it cannot be read.
fn read(store: &JournalStore, id: &DocId) -> Result<String, String> {
    let entry = store.find(id).unwrap().ok_or("it is gone")?;
    let stored = store.load(entry.number).map_err(|error| error.to_string())?;
    let changes = stored.tail.iter().map(|change| &change.update);
    let doc = export::replay(stored.snapshot.iter().chain(changes)).map_err(|error| error.to_string())?;
    Ok(Content::of_doc(&doc).text)
}

/// Every document of a folder that can be read.
fn texts(dir: &Path) -> BTreeMap<DocId, String> {
    let store = open(dir);
    let ids = store.list().unwrap().into_iter().map(|entry| entry.id);
    ids.filter_map(|id| Some((id.clone(), read(&store, &id).ok()?))).collect()
}

fn epoch(dir: &Path, name: &str) -> Epoch {
    open(dir).find(&id(name)).unwrap().unwrap().epoch
}

/// Five documents, 60 changes each, one a second from `BEGIN_MS` on: two checkpointed, and a deleted one.
fn written(dir: &Path) {
    let store = open(dir);
    let mut authors = ["a", "b", "c", "d", "e"].map(|name| Author::of(&store, name));
    for round in 0..60 {
        for author in &mut authors {
            author.writes(&store, &format!("{round} "), BEGIN_MS + round * 1000);
        }
        if round == 30 {
            authors[0].checkpoint(&store);
        }
    }
    authors[1].checkpoint(&store);
    drop(Author::of(&store, "deleted"));
    store.edit(&id("deleted"), Edit::Delete).unwrap().1.blocking_recv().unwrap().unwrap();
}

/// After the present of any machine that runs this, so that a document's creation comes before its changes.
const BEGIN_MS: u64 = 4_000_000_000_000;

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        match entry.path().is_dir() {
            true => copy_folder(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

fn segments(dir: &Path) -> Vec<PathBuf> {
    let names = fs::read_dir(dir.join("journal")).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<_> = names.filter(|path| path.extension().is_some_and(|e| e == "cwj")).collect();
    names.sort();
    names
}

fn verify(dir: &Path) -> (bool, String) {
    let mut out = Vec::new();
    let sound = folder::verify(dir, &mut out).map_err(|error| error.to_string());
    (sound == Ok(true), format!("{}{sound:?}", String::from_utf8(out).unwrap()))
}

fn backup(from: &Path, to: &Path) -> String {
    let mut out = Vec::new();
    let command = Backup { to: to.to_owned(), data: DataFlags::default() };
    assert!(folder::backup(from, &command, &mut out).expect("a backup"), "nothing is damaged");
    String::from_utf8(out).unwrap()
}

fn restore(from: &Path, to: &Path, until: Option<u64>) -> Result<String, String> {
    let mut out = Vec::new();
    let command = Restore { from: from.to_owned(), until, data: DataFlags::default() };
    folder::restore(to, &command, &mut out).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn what_is_right_is_verified_and_needs_no_repair() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path());
    let (sound, report) = verify(dir.path());
    assert!(sound, "{report}");
    assert!(
        report.contains("documents  5, and 1 deleted") && report.contains("snapshots  2 say"),
        "{report}"
    );
    let mut out = Vec::new();
    assert!(folder::repair(dir.path(), &mut out).unwrap());
    assert!(String::from_utf8(out).unwrap().contains("nothing was changed"));
}

#[test]
fn offline_commands_leave_a_running_server_alone_and_say_who_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let (target, empty) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    written(dir.path());
    let _server = open(dir.path());
    let owner = format!("is in use by process {}: stop that first", std::process::id());
    let refusals = [
        folder::verify(dir.path(), &mut Vec::new()).unwrap_err().to_string(),
        folder::repair(dir.path(), &mut Vec::new()).unwrap_err().to_string(),
        JournalStore::open(dir.path(), options()).err().unwrap().to_string(),
    ];
    refusals.iter().for_each(|refusal| assert!(refusal.contains(&owner), "{refusal}"));
    let refused = restore(empty.path(), dir.path(), None).unwrap_err();
    assert!(refused.contains("no data folder at"), "{refused}");
    backup(dir.path(), target.path());
    let refused = restore(target.path(), dir.path(), None).unwrap_err();
    assert!(refused.contains("is not empty"), "{refused}");
}

#[test]
fn a_backup_is_taken_while_people_write_and_again_for_little() {
    let dir = tempfile::tempdir().unwrap();
    let target = tempfile::tempdir().unwrap();
    written(dir.path());
    let store = open(dir.path());
    let mut f = Author::of(&store, "f");
    f.writes(&store, "before ", BEGIN_MS);
    let first = backup(dir.path(), target.path());
    assert!(verify(target.path()).0, "{}", verify(target.path()).1);

    let before = texts(target.path());
    assert_eq!((before.len(), &*before[&id("f")]), (6, "before "));
    // Opening it began a segment: it is not the same folder any more, and says so.
    let other = tempfile::tempdir().unwrap();
    backup(dir.path(), other.path());
    f.writes(&store, "after ", BEGIN_MS);
    let again = backup(dir.path(), other.path());
    assert!(again.contains("in 1 segments"), "{first}{again}");
    assert!(verify(other.path()).0);
    assert_eq!(texts(other.path())[&id("f")], "before after ");

    // While somebody writes without a pause, every copy is one of some moment.
    let stop = std::sync::atomic::AtomicBool::new(false);
    let target = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                f.writes(&store, "x", BEGIN_MS);
            }
        });
        for _ in 0..20 {
            backup(dir.path(), target.path());
            let (sound, report) = verify(target.path());
            assert!(sound, "{report}");
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    backup(dir.path(), target.path());
    let written = f.seq;
    assert_eq!(texts(target.path())[&id("f")].matches('x').count() as u64, written.0 - 2);
}

#[test]
fn a_backup_of_another_folder_is_not_written_over() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let target = tempfile::tempdir().unwrap();
    written(one.path());
    std::thread::sleep(Duration::from_millis(2)); // segments are told apart by when they were begun
    written(two.path());
    backup(one.path(), target.path());
    let command = Backup { to: target.path().to_owned(), data: DataFlags::default() };
    let refused = folder::backup(two.path(), &command, &mut Vec::new()).unwrap_err().to_string();
    assert!(refused.contains("a copy of another data folder"), "{refused}");
    let inside = Backup { to: one.path().join("backup"), data: DataFlags::default() };
    let refused = folder::backup(one.path(), &inside, &mut Vec::new()).unwrap_err().to_string();
    assert!(refused.contains("into itself"), "{refused}");
}

#[test]
fn all_comes_back_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let (target, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    written(dir.path());
    backup(dir.path(), target.path());
    let said = restore(target.path(), fresh.path(), None).unwrap();
    assert!(said.contains("restored 5 documents"), "{said}");
    assert!(verify(fresh.path()).0);
    assert_eq!(texts(fresh.path()), texts(dir.path()));
    assert_eq!(
        epoch(fresh.path(), "a"),
        epoch(dir.path(), "a"),
        "later copies may give back what is missing"
    );
}

#[test]
fn a_moment_comes_back_and_later_copies_are_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let target = tempfile::tempdir().unwrap();
    written(dir.path());
    backup(dir.path(), target.path());
    let all = texts(dir.path());
    for second in [0, 1, 29, 30, 59] {
        let fresh = tempfile::tempdir().unwrap();
        restore(target.path(), fresh.path(), Some(BEGIN_MS + second * 1000)).unwrap();
        assert!(verify(fresh.path()).0, "{}", verify(fresh.path()).1);
        let expected: String = (0..=second).map(|round| format!("{round} ")).collect();
        let found = texts(fresh.path());
        assert_eq!(found.len(), all.len());
        assert!(found.values().all(|text| *text == expected), "{second}: {found:?}");
        let is_last = second == 59;
        assert_eq!(epoch(fresh.path(), "a") == epoch(dir.path(), "a"), is_last, "{second}");
    }
    let fresh = tempfile::tempdir().unwrap();
    let said = restore(target.path(), fresh.path(), Some(1_000)).unwrap();
    assert!(said.contains("restored 0 documents") && said.contains("not there yet"), "{said}");
}
