//! Files that are not what was written.

use std::fs;
use std::path::Path;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::{JournalStore, Model, OpenError, Options, id, open, roomy, segments, story, text};
use crate::store::journal::bundles::each_document;
use crate::store::journal::format::{Record, SegmentHeader, VERSION};
use crate::store::journal::scan::scan;
use crate::store::simulated::SimulatedDisk;
use crate::store::{Store, StoreError};

/// A journal whose last run ended in a crash: no seal, nothing after the last batch.
fn crashed(dir: &Path) -> (SimulatedDisk, Vec<(usize, Model)>) {
    let disk = SimulatedDisk::new();
    let store = open(&disk, dir, roomy()).unwrap();
    let mut model = Model::default();
    let mut durable = Vec::new();
    let mut reached = |model: &Model| durable.push((segments(&disk)[0].1, model.clone()));
    reached(&model);
    model.create(&store, "a").unwrap();
    reached(&model);
    model.create(&store, "b").unwrap();
    reached(&model);
    for (name, letters) in [("a", "xyz"), ("b", "q"), ("b", "rs"), ("a", "!")] {
        model.write(&store, name, letters).unwrap();
        reached(&model);
    }
    model.checkpoint(&store, "b").unwrap();
    model.write(&store, "b", "t").unwrap();
    reached(&model);
    for value in ["1", "2"] {
        model.note(&store, &[("one", Some(value)), ("other", Some(value))]).unwrap();
        reached(&model);
    }
    let crashed = disk.fork();
    (crashed, durable)
}

/// Cut at every byte, up to the last whole batch everything is there.
#[test]
fn a_torn_tail_costs_what_was_never_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let (disk, durable) = crashed(dir.path());
    let (path, len) = segments(&disk)[0].clone();
    for cut in 0..=len {
        for filled in [false, true] {
            let disk = disk.fork();
            disk.edit(&path, |bytes| {
                bytes.truncate(cut);
                bytes.resize(if filled { len } else { cut }, 0);
            });
            let reached = durable.iter().rev().find(|(len, _)| *len <= cut);
            let mut model = reached.map_or_else(Model::default, |(_, model)| model.clone());
            let all = durable.last().unwrap().1.docs.clone();
            for (name, doc) in all {
                let known = model.docs.entry(name).or_insert_with(|| super::Expected {
                    created: false,
                    title: String::new(),
                    durable: 0,
                    ..doc.clone()
                });
                known.text = doc.text;
            }
            model.check(&open(&disk, dir.path(), roomy()).expect("a torn tail opens"));
            model.check(&open(&disk, dir.path(), roomy()).expect("and opens again"));
        }
    }
}

/// Flip a bit in every byte. A document is then what was written, a beginning of it, damaged or missing, and if it is
/// less than what was acknowledged no more than that one document suffers.
#[test]
fn a_flipped_bit_costs_one_document_at_most() {
    let dir = tempfile::tempdir().unwrap();
    let mut rng = StdRng::seed_from_u64(3);
    let disk = SimulatedDisk::new();
    let mut model = Model::default();
    // What was known after each note, the last of which may be lost without anybody missing it.
    let mut notes = vec![super::Facts::new()];
    for _ in 0..2 {
        let store = open(&disk, dir.path(), roomy()).unwrap();
        story(&mut model, &store);
        notes.push(model.facts.clone());
    }
    notes.push(without_the_last_note(&notes[1]));
    for (path, len) in segments(&disk) {
        for at in 0..len {
            let disk = disk.fork();
            let bit = 1 << rng.random_range(0..8);
            disk.edit(&path, |bytes| bytes[at] ^= bit);
            let store = open(&disk, dir.path(), roomy()).expect("damage opens");
            let mut suffering = 0;
            for (id, doc) in &model.docs {
                let Some(entry) = store.find(id).unwrap() else {
                    suffering += 1;
                    continue;
                };
                if entry.deleted_ms.is_some() {
                    assert!(doc.deleted);
                    continue;
                }
                match text(&store, doc.number) {
                    Ok(text) if text == doc.text && !doc.deleted => {}
                    Ok(text) => {
                        assert!(doc.text.starts_with(&text), "byte {at}: {text:?} of {:?}", doc.text);
                        suffering += 1;
                    }
                    Err(StoreError::Damaged(_)) => suffering += 1,
                    Err(error) => panic!("byte {at}: {error}"),
                }
            }
            match store.facts() {
                Ok(_) => {
                    assert!(notes.contains(&super::facts(&store)), "byte {at}: {:?}", super::facts(&store))
                }
                Err(StoreError::Damaged(_)) => suffering += 1,
                Err(error) => panic!("byte {at}: {error}"),
            }
            assert!(suffering <= 1, "byte {at} of {} costs {suffering} documents", path.display());
        }
    }
}

/// A story's facts before its last note.
fn without_the_last_note(before: &super::Facts) -> super::Facts {
    let round = [("round", "4"), ("x", "3"), ("y", "4"), ("z", "2")];
    let mut facts = before.clone();
    facts.extend(round.map(|(key, value)| (key.to_owned(), value.to_owned())));
    facts
}

/// A lost change in the middle is told, and so is a lost end.
#[test]
fn a_document_with_a_lost_change_is_damaged_and_others_are_not() {
    let dir = tempfile::tempdir().unwrap();
    for letter in ["x", "y", "z"] {
        let disk = SimulatedDisk::new();
        let mut model = Model::default();
        let store = open(&disk, dir.path(), roomy()).unwrap();
        model.create(&store, "a").unwrap();
        model.create(&store, "b").unwrap();
        for letter in ["x", "y", "z"] {
            model.write(&store, "a", &format!("<{letter}")).unwrap();
            model.write(&store, "b", "q").unwrap();
        }
        drop(store);
        let (path, _) = segments(&disk)[0].clone();
        disk.edit(&path, |bytes| {
            let at = bytes.windows(4).position(|w| w == [b'a', b'n', b'n', letter.as_bytes()[0]]).unwrap();
            bytes[at + 3] ^= 1;
        });
        let store = open(&disk, dir.path(), roomy()).unwrap();
        let a = &model.docs[&id("a")];
        assert!(matches!(store.load(a.number), Err(StoreError::Damaged(_))), "{letter} is lost");
        assert_eq!(text(&store, model.docs[&id("b")].number).unwrap(), "qqq");
    }
}

/// Whatever happens to sled's files, all is there.
#[test]
fn sled_can_be_damaged_anywhere() {
    let dir = tempfile::tempdir().unwrap();
    let mut rng = StdRng::seed_from_u64(5);
    let mut model = Model::default();
    for _ in 0..3 {
        let store = JournalStore::open(dir.path(), roomy()).unwrap();
        story(&mut model, &store);
        if model.docs[&id("b")].text.len() > 15 {
            continue;
        }
        model.write(&store, "a", &"long ".repeat(500)).unwrap();
        model.checkpoint(&store, "a").unwrap();
        model.checkpoint(&store, "b").unwrap();
    }
    let pristine = tempfile::tempdir().unwrap();
    copy(dir.path(), pristine.path());
    for round in 0..20 {
        let _ = fs::remove_dir_all(dir.path());
        copy(pristine.path(), dir.path());
        let mut names: Vec<_> =
            fs::read_dir(dir.path().join("sled")).unwrap().map(|e| e.unwrap().path()).collect();
        names.retain(|path| path.is_file());
        names.sort();
        let path = &names[round % names.len()];
        let mut bytes = fs::read(path).unwrap();
        let used = bytes.iter().rposition(|&b| b != 0).unwrap_or(0) + 1;
        match round % 5 {
            0 => bytes.truncate(rng.random_range(0..used)),
            1 => bytes[..used].fill(0xff),
            2 => fs::write(path.with_file_name("snap.00000000000001.generating"), "unfinished").unwrap(),
            _ => (0..round).for_each(|_| bytes[rng.random_range(0..used)] ^= 1 << rng.random_range(0..8)),
        }
        fs::write(path, bytes).unwrap();
        println!("round {round}: {}", path.display());
        for _ in 0..2 {
            let store = JournalStore::open(dir.path(), roomy()).expect("it opens without sled's help");
            let mut model = model.clone();
            model.check(&store);
            model.write(&store, "a", "more").unwrap();
            model.checkpoint(&store, "a").unwrap();
            model.check(&store);
            drop(store);
            let _ = fs::remove_dir_all(dir.path().join("journal"));
            copy(&pristine.path().join("journal"), &dir.path().join("journal"));
        }
    }
}

/// A sled from an earlier day, as a backup may bring back, is brought up to date or found out.
#[test]
fn an_old_sled_does_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let old = tempfile::tempdir().unwrap();
    let options = Options {
        segment_bytes: 4_000,
        journal_bytes: 8_000,
        journal_segments: 4,
        journal_age: None,
        ..Options::default()
    };
    let reopen = || JournalStore::open(dir.path(), options.clone()).unwrap();
    let mut model = Model::default();
    story(&mut model, &reopen());
    copy(&dir.path().join("sled"), old.path());
    // First a little later; then after the segments that it names were released.
    for rounds in [1, 60] {
        let store = reopen();
        for _ in 0..rounds {
            model.write(&store, "a", &"later ".repeat(20)).unwrap();
        }
        model.checkpoint(&store, "a").unwrap();
        model.write(&store, "b", "!").unwrap();
        drop(store);
        fs::remove_dir_all(dir.path().join("sled")).unwrap();
        copy(old.path(), &dir.path().join("sled"));
        model.check(&reopen());
    }
    model.check(&reopen());
}

/// Without `FORMAT`, the segments say which version wrote them.
#[test]
fn a_newer_segment_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SimulatedDisk::new();
    drop(open(&disk, dir.path(), roomy()).unwrap());
    let (path, _) = segments(&disk)[0].clone();
    let newer = SegmentHeader { version: VERSION + 1, number: 1, previous_len: 0, created_ms: 1 };
    disk.edit(&path, |bytes| *bytes = newer.encode().to_vec());
    disk.edit(&dir.path().join("FORMAT"), |bytes| bytes.clear());
    let error = open(&disk, dir.path(), roomy()).err().expect("it is newer");
    assert!(matches!(error, OpenError::NewerFormat { found, .. } if found == VERSION + 1), "{error}");
    disk.edit(&path, |bytes| assert_eq!(*bytes, newer.encode()));
}

/// Bytes that never were a journal.
#[test]
fn noise_is_no_journal() {
    let mut rng = StdRng::seed_from_u64(11);
    for round in 0..300 {
        let mut bytes = vec![0; rng.random_range(0..600)];
        rng.fill(&mut bytes[..]);
        if round % 3 == 0 {
            bytes.iter_mut().for_each(|byte| *byte &= 1);
        }
        let claimed = rng.random_bool(0.5).then(|| rng.random_range(0..1_000));
        let found = scan(&bytes, 1, rng.random_range(0..80), claimed);
        assert!(found.records.is_empty() && found.last_batch.is_none());
        let _ = (Record::decode(&bytes), each_document(&bytes, |_, _| {}));
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
