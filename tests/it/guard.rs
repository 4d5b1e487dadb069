//! The guard takes what Yjs sends, applies to what Yjs computes, and nothing it accepts harms yrs.

pub mod bombs;
mod foreign;
mod hazards;
mod live;
mod merged;
mod mutations;
mod wire;

use std::collections::VecDeque;

use bytes::Bytes;
use cowrite::ids::ClientId;
use cowrite::protocol::guard::{Guard, Verdict};
use rand::seq::SliceRandom;
use rand::{SeedableRng, rngs::StdRng};
use yrs::types::ToJson;
use yrs::{GetString, Transact};

use crate::fixtures::{Case, fnv1a, updates};
use crate::yjs::{self, Story};
use live::Live;

/// What a document holds is what Yjs says it holds.
fn assert_as_recorded(live: &Live, case: &Case) {
    live.check();
    let name = &case.name;
    for (root, kind) in &case.roots {
        let found = match kind.as_str() {
            "map" => {
                let map = live.doc.get_or_insert_map(root.as_str());
                serde_json::to_value(map.to_json(&live.doc.transact())).expect("a map is JSON")
            }
            "xml" => {
                let xml = live.doc.get_or_insert_xml_fragment(root.as_str());
                xml.get_string(&live.doc.transact()).into()
            }
            _ => continue,
        };
        assert_eq!(found, case.json[root], "{name}: {root}");
    }
    if let Some(text) = &case.text {
        assert_eq!(&live.text(), text, "{name}");
    }
    if let Some(hash) = &case.text_hash {
        let text = live.text();
        assert_eq!(Some(text.encode_utf16().count()), case.text_length, "{name}");
        assert_eq!(&fnv1a(text.as_bytes()), hash, "{name}");
    }
    for (client, clock) in &case.vector {
        let client = ClientId(client.parse().expect("a client id is a number"));
        assert_eq!(live.guard.clock(client), *clock, "{name}: client {client:?}");
    }
}

#[test]
fn what_yjs_sends_gets_the_expected_verdict_and_becomes_what_yjs_computes() {
    for case in updates() {
        let mut live = Live::new();
        for (i, sent) in case.updates.iter().enumerate() {
            let bytes = sent.bytes();
            match (live.send(&bytes), sent.verdict.as_str()) {
                (Verdict::Accept(accepted), "accept") => {
                    assert_eq!(accepted.novel, sent.novel, "{}: update {i}", case.name);
                }
                (Verdict::Early, "early") | (Verdict::Malformed(_), "malformed") => {}
                (verdict, expected) => panic!("{}: update {i}: {verdict:?}, not {expected}", case.name),
            }
            for held in case.updates.iter().filter(|held| held.until == Some(i)) {
                assert!(matches!(live.send(&held.bytes()), Verdict::Accept(_)), "{}: after {i}", case.name);
            }
        }
        assert_as_recorded(&live, &case);
        let restarted = live.restarted();
        assert_as_recorded(&restarted, &case);
    }
}

#[test]
fn a_document_contains_its_own_snapshot() {
    for case in updates() {
        let mut live = Live::new();
        deliver(&mut live, sendable(&case), &case.name);
        let mut restarted = live.restarted();
        for again in sendable(&case).into_iter().chain([live.snapshot()]) {
            let verdict = restarted.guard.admit(&again);
            assert!(matches!(verdict, Verdict::Accept(a) if !a.novel), "{}: sent again", case.name);
        }
    }
}

#[test]
fn nothing_that_yjs_writes_is_refused() {
    let variable = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let (first, documents) =
        (variable("COWRITE_SEED").unwrap_or(1), variable("COWRITE_HONEST").unwrap_or(20));
    println!("COWRITE_SEED={first} and the {documents} documents from it");
    let mut stories = Vec::new();
    for (name, updates) in yjs::honest(first, documents, 300) {
        let (mut live, mut story) = (Live::new(), Story::new(name.clone()));
        for (n, update) in updates.into_iter().enumerate() {
            if n % 40 == 39 {
                live = live.restarted();
            }
            match live.send(&update) {
                Verdict::Accept(accepted) if accepted.novel => {
                    story.update(&accepted.update);
                    story.look(&live.doc);
                }
                Verdict::Accept(_) => {}
                refused => panic!("{name}: {refused:?}"),
            }
        }
        live.check();
        story.look(&live.doc);
        stories.push(story);
    }
    yjs::check("honest", &stories);
}

#[test]
fn updates_may_come_in_any_order() {
    for seed in 0..5 {
        let mut random = StdRng::seed_from_u64(seed);
        for case in updates().into_iter().filter(|case| case.text_hash.is_none()) {
            let (mut live, mut updates) = (Live::new(), sendable(&case));
            updates.shuffle(&mut random);
            deliver(&mut live, updates, &format!("{}, seed {seed}", case.name));
            assert_as_recorded(&live, &case);
        }
    }
}

fn sendable(case: &Case) -> Vec<Bytes> {
    case.updates.iter().filter(|sent| sent.verdict != "malformed").map(|sent| sent.bytes()).collect()
}

/// Send updates, those that come early again after the others.
fn deliver(live: &mut Live, updates: Vec<Bytes>, what: &str) {
    let (mut waiting, mut stuck) = (VecDeque::from(updates), 0);
    while let Some(next) = waiting.pop_front() {
        match live.send(&next) {
            Verdict::Accept(_) => stuck = 0,
            Verdict::Early => {
                waiting.push_back(next);
                stuck += 1;
            }
            refused => panic!("{what}: {refused:?}"),
        }
        assert!(stuck <= waiting.len(), "{what}: stuck");
    }
}

#[test]
fn a_keystroke_is_passed_on_without_a_copy() {
    let mut guard = Guard::new();
    for case in updates().iter().filter(|case| case.name == "plain typing") {
        for sent in &case.updates {
            let bytes = sent.bytes();
            let Verdict::Accept(accepted) = guard.admit(&bytes) else { panic!("{sent:?}") };
            assert_eq!((accepted.update.as_ptr(), accepted.update.len()), (bytes.as_ptr(), bytes.len()));
        }
    }
}
