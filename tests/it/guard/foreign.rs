//! Updates that yrs and Yjs would understand differently, one by one: refused, or written in words that both
//! understand. What is passed on is computed again by the real Yjs.

use cowrite::protocol::guard::Verdict;

use super::live::Live;
use super::wire::{Content, Parent, Struct, Wire};
use crate::yjs::{self, Story};

const ARRAY: u8 = 0;
const MAP: u8 = 1;
const TEXT: u8 = 2;
const ELEMENT: u8 = 3;
const FRAGMENT: u8 = 4;
const XML_TEXT: u8 = 6;

/// A document and what was made known of it.
struct Told {
    live: Live,
    story: Story,
}

impl Told {
    fn new(name: &str) -> Told {
        Told { live: Live::new(), story: Story::new(name.into()) }
    }

    fn takes(&mut self, wire: Wire) {
        match self.live.send(&wire.bytes()) {
            Verdict::Accept(accepted) if accepted.novel => self.story.update(&accepted.update),
            other => panic!("{other:?} for {wire:?}"),
        }
        self.story.look(&self.live.doc);
    }

    fn refuses(&mut self, wire: Wire, reason: &str) {
        match self.live.send(&wire.bytes()) {
            Verdict::Malformed(malformed) => assert_eq!(malformed.reason, reason, "{wire:?}"),
            other => panic!("{other:?} for {wire:?}"),
        }
    }

    /// Yjs makes the same of it, on the way and from the snapshot.
    fn ends(mut self) {
        self.live.check();
        let snapshot = Story::tell("its snapshot".into(), &self.live.doc, vec![self.live.snapshot()]);
        self.story.look(&self.live.doc);
        yjs::check("foreign", &[self.story, snapshot]);
    }
}

fn embedded(kind: u8) -> Struct {
    Struct::item(None, Content::Type(kind))
}

#[test]
fn what_is_known_is_left_out() {
    let mut told = Told::new("known");
    told.takes(Wire::new().section(1, 0, [Struct::text(None, "a😀b")]));
    // Yjs would split the emoji for a neighbour of something that it has already.
    told.takes(Wire::new().section(2, 0, [Struct::text((1, 3), "x")]).section(
        1,
        0,
        [Struct::text(None, "a"), Struct::text((1, 1), "??b")],
    ));
    assert_eq!(told.live.text(), "a😀bx");
    // Half a character is replaced, as Yjs does it.
    told.takes(Wire::new().section(1, 0, [Struct::text(None, "a😀😀c")]));
    assert_eq!(told.live.text(), "a😀b\u{fffd}cx");
    let values = |len| Struct::within(Parent::Root("list".into()), None, Content::Any(len));
    told.takes(Wire::new().section(3, 0, [values(3)]));
    told.takes(Wire::new().section(3, 1, [values(5), Struct::Skip(2)]));
    told.takes(Wire::new().section(4, 0, [Struct::item(None, Content::Deleted(2))]));
    told.takes(Wire::new().section(4, 0, [Struct::item(None, Content::Deleted(4))]));
    told.ends();
}

#[test]
fn beside_garbage_all_is_garbage() {
    let mut told = Told::new("garbage");
    told.takes(Wire::new().section(1, 0, [Struct::text(None, "abc")]).section(2, 0, [Struct::Gc(3)]));
    // yrs would let these live beside their other neighbour.
    told.takes(Wire::new().section(3, 0, [Struct::text((2, 0), "left").before((1, 1))]));
    told.takes(Wire::new().section(4, 0, [Struct::text((1, 0), "right").before((2, 1))]));
    told.takes(Wire::new().section(5, 0, [Struct::text((4, 2), "beside").before((1, 1))]));
    // Yjs would throw for the rest of an item that lives while its beginning is garbage.
    told.takes(Wire::new().section(2, 0, [Struct::text(None, "abcdef")]));
    told.takes(Wire::new().section(3, 0, [Struct::text((1, 2), "longer than before")]));
    assert_eq!(told.live.text(), "abc");
    told.ends();
}

#[test]
fn every_shared_type_holds_what_yjs_puts_there() {
    let mut told = Told::new("kinds");
    let kinds = [ARRAY, MAP, TEXT, ELEMENT, FRAGMENT, XML_TEXT];
    told.takes(Wire::new().section(1, 0, kinds.map(embedded)));
    let held =
        |kind: u8| Parent::Type((1, kinds.iter().position(|&other| other == kind).expect("a kind") as u32));
    let into = |kind, content| Wire::new().section(2, 0, [Struct::within(held(kind), None, content)]);
    let under = |kind, content| Wire::new().section(2, 0, [Struct::within(held(kind), Some("k"), content)]);
    let text = || Content::Text("ab".into());
    let mark = || Content::Format("bold".into(), "true".into());
    for kind in [ARRAY, ELEMENT, FRAGMENT] {
        told.refuses(into(kind, text()), "text in a list");
        told.refuses(into(kind, mark()), "text in a list");
    }
    for kind in [ELEMENT, FRAGMENT] {
        told.refuses(into(kind, Content::Any(1)), "something else among XML nodes");
        told.refuses(into(kind, Content::Type(MAP)), "something else among XML nodes");
    }
    for kind in [TEXT, XML_TEXT] {
        told.refuses(into(kind, Content::Any(1)), "values in a text");
        told.refuses(into(kind, Content::Binary(vec![1])), "values in a text");
    }
    for content in [Content::Any(1), Content::Type(ARRAY), Content::Deleted(1), text()] {
        told.refuses(into(MAP, content), "a list in a map");
    }
    for kind in [ARRAY, FRAGMENT] {
        told.refuses(under(kind, Content::Any(1)), "a key in a list");
    }
    let mut client = 3;
    let mut take = |parent, key, content| {
        told.takes(Wire::new().section(client, 0, [Struct::within(parent, key, content)]));
        client += 1;
    };
    take(held(ARRAY), None, Content::Any(2));
    take(held(ARRAY), None, Content::Type(MAP));
    take(held(MAP), Some("k"), Content::Binary(vec![1]));
    take(held(MAP), Some("t"), Content::Type(TEXT));
    take(held(TEXT), None, Content::Embed("{\"a\":[1]}".into()));
    take(held(TEXT), None, Content::Type(ARRAY));
    take(held(TEXT), Some("k"), Content::Any(1));
    take(held(ELEMENT), None, Content::Type(XML_TEXT));
    take(held(ELEMENT), Some("k"), Content::Any(1));
    take(held(FRAGMENT), None, Content::Type(ELEMENT));
    take(held(XML_TEXT), None, Content::Format("bold".into(), "true".into()));
    take(held(XML_TEXT), None, text());
    told.ends();
}

#[test]
fn neighbours_have_touched() {
    let mut told = Told::new("neighbours");
    let put = |client, left, right: (u64, u32)| {
        Wire::new().section(client, 0, [Struct::text(left, "x").before(right)])
    };
    let last = |client, left| Wire::new().section(client, 0, [Struct::text(left, "x")]);
    told.takes(Wire::new().section(1, 0, [Struct::text(None, "abcdef")]));
    // abc 2 def, and concurrently abc 3 def, then 4 behind 2, and 5 between 2 and its right neighbour.
    told.takes(put(2, (1, 2), (1, 3)));
    told.takes(put(3, (1, 2), (1, 3)));
    told.takes(put(4, (2, 0), (1, 3)));
    told.takes(put(5, (2, 0), (4, 0)));
    told.takes(put(6, (2, 0), (3, 0)));
    let reason = "the neighbours of an item have never touched";
    let never = [
        ((1, 4), (1, 1)), // the wrong way round
        ((1, 4), (1, 4)),
        ((3, 0), (2, 0)),
        ((4, 0), (2, 0)),
        ((1, 1), (1, 4)), // with something between them that the right one stands on
        ((1, 0), (2, 0)),
        ((1, 2), (1, 4)),
        ((2, 0), (1, 4)), // beyond what the left one was put before
        ((5, 0), (1, 3)),
    ];
    for (left, right) in never {
        told.refuses(put(9, left, right), reason);
    }
    let first = |client, right| Wire::new().section(client, 0, [Struct::text(None, "x").before(right)]);
    told.refuses(first(9, (1, 1)), reason);
    told.refuses(last(9, (2, 0)), reason);
    told.takes(first(9, (1, 0)));
    told.takes(last(10, (1, 5)));
    told.ends();
}

#[test]
fn what_was_stored_by_a_less_strict_guard_is_read() {
    let mut live = Live::new();
    let list = Struct::within(Parent::Root("meta".into()), Some("list"), Content::Type(ARRAY));
    let text = Struct::within(Parent::Type((1, 0)), None, Content::Text("ab".into()));
    let odd = Struct::text((1, 5), "x").before((1, 3));
    let stored = Wire::new().section(1, 0, [list, text, Struct::text(None, "abc"), odd]).bytes();
    assert!(matches!(live.send(&stored), Verdict::Malformed(_)));
    assert_eq!(live.guard.recall(&stored).as_ref(), Ok(&stored));
    live.apply(&stored);
    // Who writes beside what nobody should have written does no wrong.
    let text = live.text();
    let beside = Wire::new().section(2, 0, [Struct::text((1, 6), "y").before((1, 4))]);
    assert!(matches!(live.send(&beside.bytes()), Verdict::Accept(_)));
    assert_eq!(live.text().len(), text.len() + 1);
}
