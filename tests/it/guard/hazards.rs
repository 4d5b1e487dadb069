//! Updates that no Yjs writes, one by one: each would make yrs panic, corrupt itself or never end.

use cowrite::protocol::guard::{Accepted, Verdict};

use super::live::Live;
use super::wire::{Content, Parent, Struct, Wire};

fn root(name: &str) -> Parent {
    Parent::Root(name.into())
}

fn accepted(live: &mut Live, wire: Wire) -> Accepted {
    match live.send(&wire.bytes()) {
        Verdict::Accept(accepted) => accepted,
        other => panic!("{other:?} for {wire:?}"),
    }
}

fn refused(live: &mut Live, wire: Wire) -> &'static str {
    match live.send(&wire.bytes()) {
        Verdict::Malformed(malformed) => malformed.reason,
        other => panic!("{other:?} for {wire:?}"),
    }
}

fn early(live: &mut Live, wire: &Wire) {
    assert_eq!(live.send(&wire.bytes()), Verdict::Early, "{wire:?}");
}

/// A document with the text `abc` of client 1 and a map of client 2 under the key `t` of the root `meta`.
fn document() -> Live {
    let mut live = Live::new();
    accepted(&mut live, Wire::new().section(1, 0, [Struct::text(None, "abc")]));
    let map = Struct::within(root("meta"), Some("t"), Content::Type(1));
    accepted(&mut live, Wire::new().section(2, 0, [map]));
    live
}

#[test]
fn a_parent_is_a_type_or_something_forgotten() {
    let mut live = document();
    let into = |id| Struct::within(Parent::Type(id), Some("k"), Content::Any(1));
    assert_eq!(
        refused(&mut live, Wire::new().section(3, 0, [into((1, 1))])),
        "a parent is not a shared type"
    );
    // Being deleted does not make text a type.
    accepted(&mut live, Wire::new().delete(1, [(0, 2)]));
    assert_eq!(
        refused(&mut live, Wire::new().section(3, 0, [into((1, 1))])),
        "a parent is not a shared type"
    );
    accepted(&mut live, Wire::new().section(3, 0, [into((2, 0))]));
    accepted(&mut live, Wire::new().section(4, 0, [Struct::Gc(3)]));
    accepted(&mut live, Wire::new().section(3, 1, [into((4, 1))]));
    live.check();
    live.restarted().check();
}

#[test]
fn neighbours_live_in_one_place() {
    let mut live = document();
    let crossing = Struct::text((1, 1), "x").before((2, 0));
    let reason = "the neighbours of an item are in different places";
    assert_eq!(refused(&mut live, Wire::new().section(3, 0, [crossing])), reason);
    // The rest of an item goes where its beginning went.
    let elsewhere = Struct::within(root("other"), None, Content::Text("abcdef".into()));
    let reason = "the rest of a known item is somewhere else";
    assert_eq!(refused(&mut live, Wire::new().section(1, 0, [elsewhere])), reason);
    accepted(&mut live, Wire::new().section(1, 0, [Struct::text(None, "abcdef")]));
    assert_eq!(live.text(), "abcdef");
}

#[test]
fn only_the_last_value_under_a_key_lives() {
    let mut live = document();
    let two = || Struct::within(Parent::Type((2, 0)), Some("k"), Content::Any(2));
    let reason = "several live values under the key of a map";
    assert_eq!(refused(&mut live, Wire::new().section(3, 0, [two()])), reason);
    assert_eq!(refused(&mut live, Wire::new().section(3, 0, [two()]).delete(3, [(1, 1)])), reason);
    accepted(&mut live, Wire::new().section(3, 0, [two()]).delete(3, [(0, 2)]));
    accepted(&mut live, Wire::new().delete(2, [(0, 1)]));
    live.restarted().check();
    let text = Struct::within(root("meta"), Some("k"), Content::Text("ab".into()));
    assert_eq!(refused(&mut live, Wire::new().section(4, 0, [text])), "text under the key of a map");
}

#[test]
fn what_waits_for_itself_is_refused_and_what_waits_for_others_is_early() {
    let mut live = document();
    let own = Wire::new().section(3, 0, [Struct::text((3, 0), "x")]);
    assert_eq!(refused(&mut live, own), "an item depends on itself or a later one");
    let circle =
        Wire::new().section(4, 0, [Struct::text((3, 0), "x")]).section(3, 0, [Struct::text((4, 0), "y")]);
    assert_eq!(refused(&mut live, circle), "items depend on one another in a circle");
    let crosswise = |first| {
        Wire::new().section(4, 0, [Struct::text(first, "a"), Struct::text((3, 0), "b")]).section(
            3,
            0,
            [Struct::text((4, 0), "c"), Struct::text((4, 1), "d")],
        )
    };
    early(&mut live, &crosswise((5, 0)));
    accepted(&mut live, crosswise((1, 2)));
    assert_eq!(live.text(), "abcacbd");
    let gap = Wire::new().section(5, 1, [Struct::text((1, 0), "x")]);
    early(&mut live, &gap);
    early(&mut live, &Wire::new().delete(5, [(0, 1)]));
    early(&mut live, &Wire::new().section(6, 0, [Struct::text((1, 2), "x")]).delete(1, [(0, 4)]));
    accepted(&mut live, Wire::new().section(5, 0, [Struct::text((1, 0), "y")]));
    accepted(&mut live, gap);
    live.check();
}

#[test]
fn a_hole_matters_only_while_it_is_one() {
    let mut live = document();
    let holed =
        Wire::new().section(3, 0, [Struct::text((1, 2), "1"), Struct::Skip(1), Struct::text((3, 1), "3")]);
    early(&mut live, &holed);
    accepted(&mut live, Wire::new().section(3, 0, [Struct::text((1, 2), "1"), Struct::text((3, 0), "2")]));
    assert!(accepted(&mut live, holed.clone()).novel);
    assert!(!accepted(&mut live, holed).novel);
    assert_eq!(live.text(), "abc123");
}

#[test]
fn a_refused_or_early_update_leaves_nothing_behind() {
    let mut live = document();
    let bad = Wire::new()
        .section(9, 0, [Struct::within(root("x"), Some("y"), Content::Type(1)), Struct::Gc(4)])
        .section(1, 3, [Struct::text((1, 2), "d"), Struct::text((1, 0), "e").before((2, 0))]);
    refused(&mut live, bad);
    early(&mut live, &Wire::new().section(9, 0, [Struct::Gc(4)]).section(8, 5, [Struct::Gc(1)]));
    live.check();
    assert_eq!(live.guard.clock(cowrite::ids::ClientId(9)), 0);
    accepted(&mut live, Wire::new().section(1, 3, [Struct::text((1, 2), "d")]));
    assert_eq!(live.text(), "abcd");
}

#[test]
fn types_are_nested_only_so_deep() {
    let mut live = Live::new();
    let mut tower = vec![Struct::within(root("meta"), None, Content::Type(0))];
    tower.extend((0..300).map(|i| Struct::within(Parent::Type((1, i)), None, Content::Type(0))));
    assert_eq!(
        refused(&mut live, Wire::new().section(1, 0, tower.clone())),
        "shared types are nested too deeply"
    );
    tower.truncate(200);
    accepted(&mut live, Wire::new().section(1, 0, tower));
    accepted(&mut live, Wire::new().delete(1, [(0, 1)]));
    live.restarted().check();
}

#[test]
fn runs_of_tiny_items_are_coalesced_where_that_changes_nothing() {
    let mut live = document();
    let typed = |n: u32| (0..n).map(|i| Struct::text(if i == 0 { (1, 2) } else { (3, i - 1) }, "é"));
    let run = accepted(&mut live, Wire::new().section(3, 0, typed(50_000)));
    assert_eq!(run.blocks, 1);
    assert_eq!(live.text(), format!("abc{}", "é".repeat(50_000)));
    // What was known before is left out.
    assert_eq!(accepted(&mut live, Wire::new().section(3, 0, typed(50_100))).blocks, 1);
    assert_eq!(live.text(), format!("abc{}", "é".repeat(50_100)));
    // Deleted differently, under one key: none of these may become one.
    let evens: Vec<_> = (0..50).map(|i| (2 * i, 1)).collect();
    let mixed = (0..100).map(|i| Struct::text(if i == 0 { (1, 2) } else { (4, i - 1) }, "x"));
    assert_eq!(accepted(&mut live, Wire::new().section(4, 0, mixed).delete(4, evens)).blocks, 150);
    let values = (0..100).map(|i| match i {
        0 => Struct::within(root("meta"), Some("k"), Content::Any(1)),
        _ => Struct::item((5, i - 1), Content::Any(1)),
    });
    assert_eq!(accepted(&mut live, Wire::new().section(5, 0, values)).blocks, 100);
    let listed = (0..20_000).map(|i| match i {
        0 => Struct::within(root("list"), None, Content::Any(1)),
        _ => Struct::item((6, i - 1), Content::Any(1)),
    });
    assert_eq!(accepted(&mut live, Wire::new().section(6, 0, listed)).blocks, 1);
    live.check();
    assert_eq!(live.restarted().text(), live.text());
}

/// A text that was pasted and corrected in a thousand places, from the first on.
#[test]
fn what_was_parted_stays_apart() {
    const PLACES: u32 = 1_000;
    let paste = (0..=PLACES).map(|i| match i {
        0 => Struct::text(None, &"x".repeat(100)),
        _ => Struct::text((1, 100 * i - 1), &"x".repeat(100)),
    });
    let corrections = (1..=PLACES).map(|i| Struct::text((1, 100 * i - 1), "y").before((1, 100 * i)));
    let mut live = Live::new();
    let wire = Wire::new().section(1, 0, paste.clone()).section(2, 0, corrections.clone());
    let update = accepted(&mut live, wire.clone());
    assert_eq!(update.blocks, 2 * PLACES as usize + 1);
    assert_eq!(update.update, wire.bytes());
    let line = "x".repeat(100);
    assert_eq!(live.text(), vec![&*line; PLACES as usize + 1].join("y"));
    live.check();
    assert_eq!(live.restarted().text(), live.text());

    // One of the places with nothing in it is none.
    let fewer = Wire::new().section(1, 0, paste.clone()).section(2, 0, corrections.take(100));
    assert_eq!(accepted(&mut Live::new(), fewer).blocks, 201);
    // Somebody who wrote at the end of the first part, before the second was there, may be behind both.
    let beside = (1..=PLACES).map(|i| Struct::text((1, 100 * i - 1), "y"));
    let beside = Wire::new().section(1, 0, paste).section(2, 0, beside);
    assert_eq!(accepted(&mut Live::new(), beside).blocks, 1 + PLACES as usize);
}

#[test]
fn thousands_of_clients_do_not_exhaust_the_stack() {
    let after = |client: u64| Struct::text(client.checked_sub(1).map(|before| (before, 0)), "x");
    let chain = (0..3_000).rev().fold(Wire::new(), |wire, client| wire.section(client, 0, [after(client)]));
    let small_stack = std::thread::Builder::new().stack_size(256 * 1024);
    let apply = move || {
        let mut live = Live::new();
        let update = accepted(&mut live, chain).update;
        assert_eq!(live.text().len(), 3_000);
        // What was written anew is an update like any other.
        assert!(matches!(live.send(&update), Verdict::Accept(accepted) if !accepted.novel));
        assert_eq!(Live::new().guard.recall(&update).as_ref(), Ok(&update));
        live.restarted().check();
    };
    small_stack.spawn(apply).expect("a thread starts").join().expect("yrs does not recurse");
}

#[test]
fn an_update_brings_only_so_many_clients() {
    let crowd = (0..70_000).rev().fold(Wire::new(), |wire, client| wire.section(client, 0, [Struct::Gc(1)]));
    let reason = "more clients than one update may bring";
    assert_eq!(Live::new().send(&crowd.bytes()), Verdict::TooCostly(reason));
}
