//! Disks that are full, and have space again.

use std::sync::Arc;

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::releases::eventually;
use super::{Fate, Model, id, open, small, story};
use crate::ids::{Kind, Seq};
use crate::store::simulated::{Failing, SimulatedDisk};
use crate::store::{Append, Change, Edit, Health, Store};

/// The disk is full from the given call on.
fn full_from(call: usize) -> Option<Failing> {
    Some(Failing { call, ever_after: false, full: true })
}

/// At every call the disk is full, and later has space: the store goes on by itself, everything that was refused can be
/// given to it again, and nothing that was acknowledged before or after is lost by a restart or a power cut.
#[test]
fn whenever_the_disk_is_full_the_store_goes_on_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let mut rng = StdRng::seed_from_u64(17);
    let mut survived = false;
    for call in 0..2_000 {
        let disk = SimulatedDisk::new();
        disk.fail(full_from(call));
        let mut model = Model::default();
        if let Ok(store) = open(&disk, dir.path(), small()) {
            story(&mut model, &store);
            survived = !disk.has_failed();
            let was_full = store.health() != Health::Writable;
            disk.make_space();
            eventually("it writes again", || store.health() == Health::Writable);
            model.docs.retain(|_, doc| doc.created);
            model.give_back(&store).expect("there is space");
            if was_full {
                assert!(model.docs.values().all(|doc| doc.deleted || doc.durable == doc.text.len()));
            }
            story(&mut model, &store);
            let ends = [disk.fork(), disk.after_power_cut(&mut rng)];
            drop(store);
            for disk in ends {
                let mut model = model.clone();
                model.check(&open(&disk, dir.path(), small()).expect("it opens"));
                model.check(&open(&disk, dir.path(), small()).expect("and opens again"));
            }
        }
        if survived {
            break;
        }
    }
    assert!(survived, "the story has fewer calls than were tried");
}

/// A tag counts as soon as it is given, and no longer than until it is refused.
#[test]
fn a_tag_that_was_refused_is_not_listed() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SimulatedDisk::new();
    let store = open(&disk, dir.path(), small()).unwrap();
    Model::default().create(&store, "a").unwrap();
    let tags = || store.filing().unwrap().count(|_, _| true);
    let tag = |tag: &str| store.edit(&id("a"), Edit::Tags(vec![tag.to_owned()])).unwrap().1;
    let kept = [("kept".to_owned(), 1)];
    assert!(tag("kept").blocking_recv().unwrap().is_ok());
    assert_eq!(tags(), kept);
    disk.fail(full_from(0));
    let receipt = tag("refused");
    // Whichever of the two it is just now.
    assert_eq!(tags().len(), 1);
    assert!(receipt.blocking_recv().unwrap().is_err());
    eventually("it is as it was", || tags() == kept);
}

/// The whole batch reached the file and only its fsync failed: it was refused, so it must not come back once the journal
/// has gone on, or a restart would delete what was written meanwhile.
#[test]
fn what_was_refused_does_not_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SimulatedDisk::new();
    let mut model = Model::default();
    let store = open(&disk, dir.path(), small()).unwrap();
    model.create(&store, "a").unwrap();
    model.write(&store, "a", "before").unwrap();
    disk.fail(full_from(1)); // the append passes, the sync fails
    assert!(model.delete(&store, "a").is_err());
    assert!(store.edit(&id("a"), Edit::Title("refused".into())).is_err());
    disk.make_space();
    eventually("it writes again", || store.health() == Health::Writable);
    model.write(&store, "a", " and after").unwrap();
    let ends = [disk.fork(), disk.after_power_cut(&mut StdRng::seed_from_u64(1))];
    drop(store);
    for disk in ends {
        for _ in 0..2 {
            let store = open(&disk, dir.path(), small()).unwrap();
            let entry = store.find(&id("a")).unwrap().unwrap();
            assert_eq!((entry.deleted_ms, &*entry.title), (None, ""));
            assert_eq!(super::text(&store, entry.number).unwrap(), "before and after");
        }
    }
}

/// A document that came to be by being opened lives on: nobody was told that it was not made, and people write in it.
#[test]
fn a_document_made_by_opening_it_is_made_in_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SimulatedDisk::new();
    let store = open(&disk, dir.path(), small()).unwrap();
    disk.fail(full_from(0));
    let entry = store.create(&id("a"), Kind::Text, "", false).unwrap().0;
    let fate = Arc::new(Fate::default());
    let append = |listener| {
        let changes = vec![Change { at_ms: 1, author: "ann".into(), update: Bytes::from("x") }];
        store.append(Append { document: entry.number, first: Seq(1), changes, listener })
    };
    eventually("it is full", || store.health() != Health::Writable);
    assert!(append(fate.clone()).is_err());
    assert_eq!(store.find(&id("a")).unwrap().as_ref(), Some(&entry), "it is there for its readers");
    disk.make_space();
    fate.wait_for_recovery();
    append(fate.clone()).unwrap();
    assert_eq!(fate.wait(), Ok(Seq(1)));
    drop(store);
    let store = open(&disk, dir.path(), small()).unwrap();
    assert_eq!(store.find(&id("a")).unwrap().unwrap().epoch, entry.epoch);
    assert_eq!(super::text(&store, entry.number).unwrap(), "x");
}

/// Any other failure waits for a restart.
#[test]
fn a_disk_that_is_broken_is_not_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SimulatedDisk::new();
    let mut model = Model::default();
    let store = open(&disk, dir.path(), small()).unwrap();
    model.create(&store, "a").unwrap();
    disk.fail(Some(Failing { call: 1, ever_after: false, full: false })); // the change is kept, the append fails
    assert!(model.write(&store, "a", "x").is_err());
    let files = disk.files();
    assert!(model.write(&store, "a", "y").is_err());
    let Health::ReadOnly(reason) = store.health() else { panic!("it failed") };
    assert!(reason.contains("the simulated disk failed"), "{reason}");
    assert!(store.close().is_err());
    assert_eq!(disk.files(), files, "nothing was written any more");
    model.check(&open(&disk, dir.path(), small()).unwrap());
}
