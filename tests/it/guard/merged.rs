//! Updates that are merged mean what they meant apart.

use bytes::Bytes;
use cowrite::protocol::guard::{Verdict, merge, merge_whole};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::live::Live;
use super::wire::{Struct, Wire};
use super::{assert_as_recorded, sendable};
use crate::fixtures::updates;

/// What a guard accepts of these updates, however early they come.
fn accepted(mut waiting: Vec<Bytes>) -> Vec<Bytes> {
    let (mut live, mut accepted) = (Live::new(), Vec::new());
    while !waiting.is_empty() {
        let before = waiting.len();
        waiting.retain(|update| match live.send(update) {
            Verdict::Accept(news) => {
                accepted.extend(news.novel.then_some(news.update));
                false
            }
            _ => true,
        });
        assert!(waiting.len() < before, "these updates wait for one another");
    }
    accepted
}

#[test]
fn what_is_merged_means_what_it_meant_apart() {
    for seed in 0..5 {
        let mut random = StdRng::seed_from_u64(seed);
        for case in updates().into_iter().filter(|case| seed == 0 || case.text_hash.is_none()) {
            let mut sent = sendable(&case);
            if seed > 0 {
                sent.shuffle(&mut random);
            }
            let mut live = Live::new();
            let mut rest = &accepted(sent)[..];
            while !rest.is_empty() {
                let (round, later) = rest.split_at(random.random_range(1..=rest.len().min(100)));
                for merged in merge(round) {
                    let verdict = live.send(&merged);
                    assert!(matches!(verdict, Verdict::Accept(_)), "{}, seed {seed}: {verdict:?}", case.name);
                }
                rest = later;
            }
            assert_as_recorded(&live, &case);
        }
    }
}

#[test]
fn a_stored_state_and_what_came_after_it_are_one_update() {
    let mut random = StdRng::seed_from_u64(1);
    let mut merged = 0;
    for case in updates() {
        let accepted = accepted(sendable(&case));
        let (before, after) = accepted.split_at(random.random_range(0..=accepted.len()));
        let mut live = Live::new();
        before.iter().for_each(|update| drop(live.send(update)));
        let stored = [&[live.snapshot()], after].concat();
        let Some(whole) = merge_whole(&stored) else { continue };
        merged += 1;
        let mut joined = Live::new();
        let whole = joined.guard.recall(&whole).expect("what is merged is whole");
        joined.apply(&whole);
        assert_as_recorded(&joined, &case);
    }
    assert!(merged > 20, "{merged} of them were merged");
}

#[test]
fn keystrokes_become_one_item() {
    let typed = |i: u32| Struct::text(i.checked_sub(1).map(|before| (1, before)), "x");
    let keystrokes: Vec<_> = (0..20).map(|i| Wire::new().section(1, i, [typed(i)]).bytes()).collect();
    let at_once = Wire::new().section(1, 0, [Struct::text(None, &"x".repeat(20))]);
    assert_eq!(merge(&keystrokes), [at_once.bytes()]);
}

#[test]
fn what_does_not_follow_stays_apart() {
    let at = |clock| Wire::new().section(1, clock, [Struct::Gc(1)]).bytes();
    assert_eq!(merge(&[at(0), at(2)]).len(), 2, "a gap");
    assert_eq!(merge(&[at(0), at(0)]).len(), 2, "the same again");
    let hole = Wire::new().section(1, 1, [Struct::Gc(1), Struct::Skip(1)]).bytes();
    assert_eq!(merge(&[at(0), hole, at(2)]).len(), 3, "a hole");
    let large = Wire::new().section(2, 0, [Struct::text(None, &"x".repeat(100_000))]).bytes();
    let merged = merge(&[at(0), at(1), large.clone(), at(2)]);
    assert_eq!(merged.len(), 3);
    assert_eq!(merged[1].as_ptr(), large.as_ptr(), "what is large is not copied");
}

#[test]
fn deletions_are_told_once_and_in_order() {
    let updates = [
        Wire::new().delete(1, [(5, 2), (9, 1)]).bytes(),
        Wire::new().delete(2, [(0, 1)]).bytes(),
        Wire::new().delete(1, [(3, 3), (7, 2)]).bytes(),
    ];
    assert_eq!(merge(&updates), [Wire::new().delete(2, [(0, 1)]).delete(1, [(3, 7)]).bytes()]);
}
