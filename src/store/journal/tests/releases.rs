//! Old segments go, documents stay.

use super::super::Nudge;
use super::{JournalStore, Model, Options, id, open, segments, small};
use crate::store::simulated::SimulatedDisk;
use std::time::{Duration, Instant};

/// Wait for the keeper, who works in his own time.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(10), "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn the_journal_stays_small_and_whole() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SimulatedDisk::new();
    let mut model = Model::default();
    let store = open(&disk, dir.path(), small()).unwrap();
    model.create(&store, "quiet").unwrap();
    model.write(&store, "quiet", "untouched").unwrap();
    model.create(&store, "gone").unwrap();
    model.write(&store, "gone", "secret").unwrap();
    model.delete(&store, "gone").unwrap();
    model.create(&store, "busy").unwrap();
    for round in 0..200 {
        model.write(&store, "busy", "abcdefgh").unwrap();
        if round % 10 == 0 {
            model.checkpoint(&store, "busy").unwrap();
            model.rename(&store, "quiet", &"t".repeat(round)).unwrap();
        }
    }
    let first = segments(&disk)[0].0.with_file_name("00000000000000000001.cwj");
    eventually("the first segment is released", || segments(&disk).iter().all(|(path, _)| *path != first));
    model.check(&store);
    drop(store);
    let store = open(&disk, dir.path(), small()).unwrap();
    model.check(&store);
    assert!(model.docs[&id("gone")].deleted);
}

/// What is alive is larger than the journal should be, by itself and by its number of segments.
#[test]
fn a_limit_that_cannot_be_kept_does_not_copy_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SimulatedDisk::new();
    let options = Options { journal_bytes: 0, journal_segments: 0, ..small() };
    let mut model = Model::default();
    let store = open(&disk, dir.path(), options).unwrap();
    for name in ["a", "b", "c", "d"] {
        model.create(&store, name).unwrap();
        for _ in 0..40 {
            model.write(&store, name, "abcdefghijklmnopqrstuvwxyz").unwrap();
        }
        model.checkpoint(&store, name).unwrap();
    }
    let mut before = Vec::new();
    eventually("the journal comes to rest", || {
        std::thread::sleep(Duration::from_millis(20));
        let now = segments(&disk);
        std::mem::replace(&mut before, now.clone()) == now
    });
    let written: usize = before.iter().map(|(_, len)| len).sum();
    assert!(written < 60_000, "{written} bytes for four times 1,040 letters");
    model.check(&store);
}

/// With sled, states are copied from there; without it afterwards, they are in the journal.
#[test]
fn what_was_released_does_not_need_sled() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        segment_bytes: 20_000,
        journal_bytes: 40_000,
        journal_segments: 4,
        journal_age: None,
        ..Options::default()
    };
    let mut model = Model::default();
    for round in 0..6 {
        let store = JournalStore::open(dir.path(), options.clone()).unwrap();
        if round == 0 {
            model.create(&store, "quiet").unwrap();
            model.write(&store, "quiet", "untouched").unwrap();
            model.checkpoint(&store, "quiet").unwrap();
            model.create(&store, "busy").unwrap();
        }
        model.check(&store);
        for n in 0..30 {
            model.write(&store, "busy", "abcdefghijklmnopqrstuvwxyz").unwrap();
            if n % 10 == 5 {
                model.checkpoint(&store, "busy").unwrap();
            }
        }
        drop(store);
        if round % 2 == 1 {
            std::fs::remove_dir_all(dir.path().join("sled")).unwrap();
        }
    }
    let store = JournalStore::open(dir.path(), options).unwrap();
    model.check(&store);
    let first = dir.path().join("journal/00000000000000000001.cwj");
    eventually("the first segment is released", || !first.exists());
    model.check(&store);
}

/// Whoever makes and deletes the same document all day leaves the last of them in memory, and its history in the journal.
#[test]
fn a_document_that_is_made_again_and_again_is_known_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = Model::default();
    let store = JournalStore::open(dir.path(), Options::default()).unwrap();
    for _ in 0..20 {
        model.create_again(&store, "again").unwrap();
        model.write(&store, "again", "abc").unwrap();
        model.checkpoint(&store, "again").unwrap();
        model.delete(&store, "again").unwrap();
    }
    model.create_again(&store, "again").unwrap();
    model.write(&store, "again", "abcdef").unwrap();
    store.nudge.send(Nudge::Look).unwrap();
    eventually("only the last is known", || store.shared.state().index.docs().count() == 1);
    model.check(&store);
    drop(store);

    let store = JournalStore::open(dir.path(), Options::default()).unwrap();
    assert_eq!(store.shared.state().index.docs().count(), 1, "the saved index knows no other");
    model.check(&store);
    drop(store);
    // The journal knows all of them, and that the others are of no use.
    std::fs::remove_dir_all(dir.path().join("sled")).unwrap();
    let store = JournalStore::open(dir.path(), Options::default()).unwrap();
    eventually("only the last is known", || store.shared.state().index.docs().count() == 1);
    model.check(&store);
}
