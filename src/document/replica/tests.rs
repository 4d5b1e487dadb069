//! What a copy of a document does without being asked twice, and what it leaves undone.

use std::sync::{Arc, Mutex};

use yrs::updates::decoder::Decode;
use yrs::{GetString, Text};

use super::*;
use crate::store::Change;

/// A text of that many letters, and the letter typed after it, as updates.
fn written(letters: usize) -> (Bytes, Bytes) {
    let doc = Doc::with_client_id(1);
    let text = doc.get_or_insert_text("content");
    let typed = |more: &str| {
        let mut txn = doc.transact_mut();
        let before = txn.state_vector();
        text.push(&mut txn, more);
        Bytes::from(txn.encode_state_as_update_v1(&before))
    };
    (typed(&"x".repeat(letters)), typed("!"))
}

fn stored(snapshot: &Bytes, tail: &[&Bytes]) -> Stored {
    let change = |update: &&Bytes| Change { at_ms: 0, author: "ann".into(), update: (*update).clone() };
    let tail = tail.iter().map(change).collect();
    Stored { snapshot: Some(snapshot.clone()), snapshot_seq: Seq(1), tail }
}

fn read(updates: &[Bytes]) -> String {
    let doc = empty_doc();
    for update in updates {
        doc.transact_mut().apply_update(Update::decode_v1(update).unwrap()).unwrap();
    }
    doc.get_or_insert_text("content").get_string(&doc.transact())
}

#[test]
fn a_stored_document_stays_cold_until_somebody_writes() {
    let (text, mark) = written(20_000);
    let mut replica = Replica::load(&stored(&text, &[&mark])).unwrap();
    let nothing = StateVector::default();
    assert!(!replica.is_heavy(Some(&nothing)), "a join is answered with the bytes that were stored");
    let answer = replica.diff(&nothing).unwrap();
    assert_eq!(read(std::slice::from_ref(&answer)).len(), 20_001, "all of it in one update");
    assert_eq!(replica.diff(&nothing).unwrap().as_ptr(), answer.as_ptr(), "which is kept");
    let contents = replica.contents();
    assert!(replica.cold.is_some() && replica.warming_is_heavy());
    replica.warm().unwrap();
    assert!(replica.cold.is_none() && !replica.warming_is_heavy());
    assert_eq!(replica.contents(), contents);
    assert_eq!(read(&[replica.state().unwrap()]), read(&[answer]));
}

#[test]
fn who_has_a_part_of_it_gets_the_rest() {
    let (text, mark) = written(10);
    let part = Replica::load(&stored(&text, &[])).unwrap().contents();
    let mut replica = Replica::load(&stored(&text, &[&mark])).unwrap();
    assert_eq!(read(&[text, replica.diff(&part).unwrap()]), "xxxxxxxxxx!");
}

#[test]
fn stored_bytes_that_are_no_update_are_refused_at_once() {
    let (text, mark) = written(10);
    let torn = text.slice(..text.len() - 1);
    assert!(matches!(Replica::load(&stored(&torn, &[])), Err(LoadError::Snapshot(Seq(1), _))));
    let torn = mark.slice(..mark.len() - 1);
    assert!(matches!(Replica::load(&stored(&text, &[&torn])), Err(LoadError::Change(Seq(2), _))));
}

#[test]
fn stored_changes_that_are_missing_show_when_it_comes_to_life() {
    let (_, mark) = written(10);
    let mut replica = Replica::load(&stored(&mark, &[])).unwrap();
    assert!(matches!(replica.warm(), Err(LoadError::Snapshot(Seq(1), _))));
}

#[test]
fn what_is_dear_to_apply_is_known_before() {
    let (text, mark) = written(100_000);
    let mut replica = Replica::default();
    replica.admit(&text);
    assert!(!replica.flush_is_heavy());
    replica.flush().unwrap();
    replica.guard.note_blocks(200_000);
    replica.admit(&mark);
    assert!(!replica.flush_is_heavy(), "typing on cuts nothing");
    // No structs; of one client, the first, sixty ranges: every second letter.
    let apart: Vec<u8> = [0, 1, 1, 60].into_iter().chain((0..60).flat_map(|i| [2 * i, 1])).collect();
    assert!(matches!(replica.admit(&apart.into()), Verdict::Accept(accepted) if accepted.novel));
    assert!(replica.flush_is_heavy(), "sixty cuts in a list of 200,000");
}

#[test]
fn many_stored_changes_are_applied_in_batches() {
    const CHANGES: usize = 3 * limits::BATCH_UPDATES + 1;
    let doc = Doc::with_client_id(1);
    let text = doc.get_or_insert_text("content");
    let typed = || {
        let mut txn = doc.transact_mut();
        let before = txn.state_vector();
        text.push(&mut txn, "x");
        Bytes::from(txn.encode_state_as_update_v1(&before))
    };
    let updates: Vec<Bytes> = (0..=CHANGES).map(|_| typed()).collect();
    let mut replica = Replica::load(&stored(&updates[0], &updates[1..].iter().collect::<Vec<_>>())).unwrap();
    let transactions = Arc::new(Mutex::new(Vec::new()));
    let counted = transactions.clone();
    let count = move |txn: &mut yrs::TransactionMut| {
        let letters = |vector: &StateVector| vector.iter().map(|(_, clock)| *clock as usize).sum::<usize>();
        let applied = letters(&txn.state_vector()) - letters(txn.before_state());
        counted.lock().unwrap().extend((applied > 0).then_some(applied));
    };
    replica.doc.observe_after_transaction("counting", count).unwrap();
    replica.warm().unwrap();
    let full = limits::BATCH_UPDATES;
    assert_eq!(*transactions.lock().unwrap(), [full, full, full, 2]);
    assert_eq!(read(&[replica.state().unwrap()]).len(), CHANGES + 1);
}
