//! Facts beside documents: together or not at all, as long as they count, and never again once they were taken back.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::releases::eventually;
use super::{JournalStore, Model, Options, facts, id, number, open, roomy, segments, small};
use crate::store::files::Files;
use crate::store::journal::folder::{repair_with, restore_with, verify_with};
use crate::store::simulated::{Failing, SimulatedDisk};
use crate::store::{Entry, Fact, Health, Store, StoreError, Stored};

fn on_disk(disk: &SimulatedDisk) -> Arc<dyn Files> {
    Arc::new(disk.clone())
}

fn readable(_: &Entry, stored: &Stored) -> Result<Vec<u8>, String> {
    Ok(stored.tail.iter().flat_map(|change| change.update.to_vec()).collect())
}

/// The offset behind which the last batch of the only segment with content stands.
fn len(disk: &SimulatedDisk) -> usize {
    segments(disk).last().unwrap().1
}

#[test]
fn facts_are_seen_once_they_are_durable() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SimulatedDisk::new();
    let store = open(&disk, dir.path(), small()).unwrap();
    disk.fail(Some(Failing { call: 1, ever_after: false, full: true })); // the append passes, the sync fails
    let mut model = Model::default();
    assert!(model.note(&store, &[("a", Some("1"))]).is_err());
    assert!(facts(&store).is_empty());
    // A refused note comes back no more than it was seen, not even once its number was given to another.
    disk.make_space();
    eventually("it writes again", || store.health() == Health::Writable);
    model.note(&store, &[("b", Some("1"))]).unwrap();
    let ends = [disk.fork(), disk.after_power_cut(&mut StdRng::seed_from_u64(1))];
    drop(store);
    for disk in ends {
        for _ in 0..2 {
            model.clone().check(&open(&disk, dir.path(), small()).unwrap());
        }
    }
}

#[test]
fn a_torn_note_is_none_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SimulatedDisk::new();
    let mut model = Model::default();
    let store = open(&disk, dir.path(), roomy()).unwrap();
    model.note(&store, &[("one", Some("1")), ("other", Some("1"))]).unwrap();
    let before = len(&disk);
    let known = model.clone();
    model.note(&store, &[("one", Some("2")), ("other", None), ("third", Some("2"))]).unwrap();
    let crashed = disk.fork();
    drop(store);
    let (path, whole) = segments(&crashed)[0].clone();
    for cut in before..=whole {
        let disk = crashed.fork();
        disk.edit(&path, |bytes| bytes.truncate(cut));
        let expected = if cut == whole { &model } else { &known };
        for _ in 0..2 {
            expected.clone().check(&open(&disk, dir.path(), roomy()).unwrap());
        }
    }
}

/// In any order, with restarts and with releases, which copy what counts while it is being changed.
#[test]
fn what_counts_outlives_its_segment_and_what_was_taken_back_does_not_return() {
    let dir = tempfile::tempdir().unwrap();
    let first = number("COWRITE_SEED", 1);
    for seed in first..first + 12 {
        println!("seed {seed}");
        let mut rng = StdRng::seed_from_u64(seed);
        let disk = SimulatedDisk::new();
        let mut model = Model::default();
        for life in 0..4 {
            let store = open(&disk, dir.path(), small()).unwrap();
            model.check(&store);
            model
                .note(&store, &[("quiet", Some("untouched")), (&format!("life-{life}"), Some("x"))])
                .unwrap();
            for _ in 0..60 {
                let value = rng.random_range(0..1_000).to_string();
                let keys: Vec<String> = (0..3).map(|_| format!("key-{}", rng.random_range(0..9))).collect();
                let fact = |key: &String, keep: bool| (key.clone(), keep);
                let note: Vec<_> = keys.iter().map(|key| fact(key, rng.random_bool(0.6))).collect();
                let note: Vec<_> =
                    note.iter().map(|(k, keep)| (&**k, Some(&*value).filter(|_| *keep))).collect();
                model.note(&store, &note).unwrap();
            }
            let oldest = segments(&disk)[0].0.clone();
            eventually("something is released", || {
                let _ = model.note(&store, &[("key-1", Some("again and again"))]);
                life > 0 || segments(&disk).iter().all(|(path, _)| *path != oldest)
            });
            model.check(&store);
            // A copy that was cut short by the end counts no less.
            let cut_short = disk.after_power_cut(&mut rng);
            drop(store);
            model.clone().check(&open(&cut_short, dir.path(), small()).unwrap());
        }
    }
}

#[test]
fn sled_has_all_of_them_and_is_not_needed() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { segment_bytes: 4_000, journal_bytes: 12_000, ..Options::default() };
    let mut model = Model::default();
    for round in 0..6 {
        let store = JournalStore::open(dir.path(), options.clone()).unwrap();
        model.check(&store);
        for n in 0..40 {
            let (key, value) = (format!("key/{}", (n + round) % 50), format!("{round}-{n}").repeat(9));
            model.note(&store, &[(&key, Some(&value)), (&format!("key/{n}"), None)]).unwrap();
        }
        drop(store);
        let saved = crate::store::journal::open::saved(&dir.path().join("sled")).unwrap();
        let (snapshots, index, ..) = saved.expect("it was saved");
        assert_eq!(index.facts.live().len(), model.facts.len(), "a start need not read the journal for them");
        drop(snapshots);
        if round % 2 == 1 {
            std::fs::remove_dir_all(dir.path().join("sled")).unwrap();
        }
    }
    model.check(&JournalStore::open(dir.path(), options).unwrap());
}

/// Three notes, the second of which is broken. What it took back counts again until a repair says so.
fn second_is_lost(dir: &Path) -> SimulatedDisk {
    let disk = SimulatedDisk::new();
    let mut model = Model::default();
    let store = open(&disk, dir, roomy()).unwrap();
    model.create(&store, "a").unwrap();
    model.write(&store, "a", "text").unwrap();
    model.note(&store, &[("link", Some("open")), ("grant", Some("reader"))]).unwrap();
    let before = len(&disk);
    model.note(&store, &[("link", None)]).unwrap();
    let behind = len(&disk);
    model.note(&store, &[("other", Some("x"))]).unwrap();
    drop(store);
    let path = segments(&disk)[0].0.clone();
    disk.edit(&path, |bytes| bytes[(before + behind) / 2 + 10] ^= 4);
    disk
}

#[test]
fn a_lost_note_is_told_and_repaired() {
    let dir = tempfile::tempdir().unwrap();
    let disk = second_is_lost(dir.path());
    let store = open(&disk.fork(), dir.path(), roomy()).unwrap();
    let Err(StoreError::Damaged(text)) = store.facts() else { panic!("a note is lost") };
    assert_eq!(&*text, "of the notes on who may do what, 2 are lost");
    assert_eq!(super::text(&store, store.find(&id("a")).unwrap().unwrap().number).unwrap(), "text");
    // It is not forgotten with the next note.
    store.note(vec![]).unwrap().blocking_recv().unwrap().unwrap();
    assert!(store.facts().is_err());
    drop(store);

    let report = verify_with(&on_disk(&disk), dir.path(), false, &mut readable).unwrap();
    assert!(report.findings.iter().any(|finding| finding.is_damage() && finding.text() == &*text));
    let repaired = repair_with(&on_disk(&disk), dir.path(), false, &mut readable).unwrap();
    assert!(
        repaired.lost.iter().any(|lost| lost.starts_with(&*text)) && repaired.intact == 1,
        "{repaired:?}"
    );
    let report = verify_with(&on_disk(&disk), dir.path(), false, &mut readable).unwrap();
    assert!(report.is_sound() && report.facts == 3, "{report:?}");
    let store = open(&disk, dir.path(), roomy()).unwrap();
    let kept = [("grant", "reader"), ("link", "open"), ("other", "x")];
    assert_eq!(facts(&store), kept.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
}

/// The last note has no later one that would show that it is missing; its own bytes say so.
#[test]
fn a_lost_end_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SimulatedDisk::new();
    let store = open(&disk, dir.path(), roomy()).unwrap();
    let mut model = Model::default();
    model.note(&store, &[("link", Some("a value of some length"))]).unwrap();
    drop(store);
    let (path, len) = segments(&disk)[0].clone();
    // Before the seal.
    disk.edit(&path, |bytes| bytes[len - 30] ^= 1);
    let store = open(&disk, dir.path(), roomy()).unwrap();
    assert!(matches!(store.facts(), Err(StoreError::Damaged(_))));
}

#[test]
fn a_restore_to_a_moment_knows_what_was_known_then() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let disk = SimulatedDisk::new();
    let mut model = Model::default();
    let store = open(&disk, from.path(), roomy()).unwrap();
    model.note(&store, &[("link", Some("open")), ("grant", Some("reader"))]).unwrap();
    let then = model.clone();
    let until_ms = crate::store::catalogue::now_ms();
    while crate::store::catalogue::now_ms() <= until_ms {
        std::thread::yield_now();
    }
    model.note(&store, &[("link", None), ("grant", Some("editor")), ("later", Some("x"))]).unwrap();
    drop(store);
    for (until, mut expected) in [(Some(until_ms), then), (None, model)] {
        let disk = disk.fork();
        restore_with(&on_disk(&disk), from.path(), to.path(), until).unwrap();
        expected.check(&open(&disk, to.path(), roomy()).unwrap());
        let mut again = expected.clone();
        let store = open(&disk, to.path(), roomy());
        again.note(&store.unwrap(), &[("grant", None)]).unwrap();
    }
}

#[test]
fn a_note_has_a_size() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&SimulatedDisk::new(), dir.path(), roomy()).unwrap();
    let fact = |len| vec![Fact { key: Bytes::new(), value: Some(vec![0; len].into()) }];
    store.note(fact(crate::limits::NOTE_BYTES)).unwrap().blocking_recv().unwrap().unwrap();
    assert!(matches!(store.note(fact(crate::limits::NOTE_BYTES + 1)), Err(StoreError::TooLarge(_))));
}
