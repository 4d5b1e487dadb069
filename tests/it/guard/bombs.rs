//! Small inputs that would be dear: each is refused or handled within bounds of CPU and memory.
//!
//! A table, a line a bomb. It goes the server's way, through guard and replica, to the encoded state.

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use cowrite::document::Replica;
use cowrite::protocol::awareness;
use cowrite::protocol::guard::Verdict;
use cowrite::protocol::varint::put_var_uint;

use super::wire::{Content, Parent, Struct, Wire};
use crate::meter::{Cost, measure};

/// What debug builds may take of what release builds may.
const SLOWER: u32 = if cfg!(debug_assertions) { 20 } else { 1 };

const MIB: usize = 1 << 20;

/// What the server says to the last of a bomb's updates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answer {
    Taken,
    Early,
    Refused,
    TooCostly,
}

pub struct Bomb {
    pub name: &'static str,
    /// What comes before, unmeasured.
    pub before: Vec<Bytes>,
    pub update: Bytes,
    pub answer: Answer,
    cpu: Duration,
    peak: usize,
}

fn bomb(name: &'static str, answer: Answer, update: Wire) -> Bomb {
    let (before, update) = (Vec::new(), update.bytes());
    Bomb { name, before, update, answer, cpu: Duration::from_millis(50), peak: 16 * MIB }
}

impl Bomb {
    fn after(mut self, before: Wire) -> Bomb {
        self.before.push(before.bytes());
        self
    }

    /// For what is legitimate and dear: it runs where it stalls nobody else.
    fn costing(mut self, cpu_ms: u64, mib: usize) -> Bomb {
        (self.cpu, self.peak) = (Duration::from_millis(cpu_ms), mib * MIB);
        self
    }
}

/// Many clients insert at one place; in which order their ids come decides what yrs has to compare.
fn crowd(clients: u64, id: impl Fn(u64) -> u64) -> Wire {
    (0..clients).fold(Wire::new(), |wire, i| wire.section(id(i), 0, [Struct::text(None, "x")]))
}

/// The same with ids that are made to come ascending, each waiting for the one before: then yrs compares all with all.
fn queue(clients: u64) -> Wire {
    (0..clients).fold(Wire::new(), |wire, i| {
        let first = Struct::within(root("queue"), None, Content::Any(1));
        let waiting = i.checked_sub(1).map_or(first, |before| Struct::item((before, 0), Content::Any(1)));
        wire.section(i, 0, [waiting, Struct::text(None, "x")])
    })
}

/// Items that all claim the end for a right neighbour and are put after one character each, last first.
fn comb(teeth: u32) -> Wire {
    Wire::new().section(2, 0, (0..teeth).map(|i| Struct::text((1, teeth - i), "y")))
}

/// A text of which every second character will be deleted.
fn halves(pieces: u32) -> Vec<(u32, u32)> {
    (0..pieces).map(|i| (2 * i, 1)).collect()
}

fn root(name: &str) -> Parent {
    Parent::Root(name.into())
}

fn text(len: usize) -> Wire {
    Wire::new().section(1, 0, [Struct::text(None, &"x".repeat(len))])
}

fn tower(depth: u32) -> Wire {
    let mut tower = vec![Struct::within(root("meta"), None, Content::Type(0))];
    tower.extend((0..depth).map(|i| Struct::within(Parent::Type((1, i)), None, Content::Type(0))));
    Wire::new().section(1, 0, tower)
}

pub fn bombs() -> Vec<Bomb> {
    use Answer::{Early, Refused, Taken, TooCostly};
    let typed = |n: u32| (0..n).map(|i| Struct::text(i.checked_sub(1).map(|before| (1, before)), "x"));
    let prepended = |n: u32| {
        (0..n).map(|i| match i {
            0 => Struct::text(None, "x"),
            _ => Struct::text(None, "x").before((1, i - 1)),
        })
    };
    // Each begins at the same place and claims another right neighbour, so that yrs looks at all between.
    let fan = |n: u32| (0..n).map(|i| Struct::text((1, 0), "y").before((1, 2 + i)));
    let keys = (0..10_000).map(|i| Struct::within(root("meta"), Some(&format!("{i}")), Content::Any(1)));
    let one_key = (0..10_000).map(|i| match i {
        0 => Struct::within(root("meta"), Some("k"), Content::Any(1)),
        _ => Struct::item((1, i - 1), Content::Any(1)),
    });
    let garbage = |n: u64| (0..n).fold(Wire::new(), |wire, i| wire.section(i, 0, [Struct::Gc(1)]));
    let forgotten = (0..50_000).fold(Wire::new(), |wire, i| wire.delete(i, [(0, 1)]));
    let giant = (1 << 31) - 3;
    let section = |structs: Vec<Struct>| Wire::new().section(1, 0, structs);
    let fan = |n: u32| Wire::new().section(2, 0, fan(n));
    vec![
        bomb("60,000 one-character items", Taken, section(typed(60_000).collect())),
        bomb("10,000 characters, each before the last", Taken, section(prepended(10_000).collect())),
        bomb("4,000 clients at one place", Taken, crowd(4_000, |i| i)),
        bomb("10,000 clients at one place", TooCostly, crowd(10_000, |i| i)),
        bomb("1,000 clients at one place, lowest first", Taken, queue(1_000)),
        bomb("8,000 clients at one place, lowest first", TooCostly, queue(8_000)),
        bomb("10,000 clients whose ids collide", TooCostly, crowd(10_000, |i| i << 32)),
        bomb("400 items with far right neighbours", Refused, fan(400)).after(text(21_000)),
        bomb("20,000 items with far right neighbours", Refused, fan(20_000)).after(text(21_000)),
        bomb("20,000 items with far left neighbours", TooCostly, comb(20_000)).after(text(21_000)),
        bomb("100,000 alternating deletions in 200 KB", Taken, Wire::new().delete(1, halves(100_000)))
            .after(text(200_000))
            .costing(150, 64),
        bomb("50,000 deletions in 4 MB", Taken, Wire::new().delete(1, (0..50_000).map(|i| (80 * i, 1))))
            .after(text(4_000_000))
            .costing(150, 48),
        bomb("10,000 keys", Taken, section(keys.collect())),
        bomb("10,000 values of one key", Taken, section(one_key.collect())),
        bomb("a tower of 10,000 types", Refused, tower(10_000)),
        bomb("a tower of 250 types falls", Taken, Wire::new().delete(1, [(0, 1)])).after(tower(250)),
        bomb("a giant of garbage", Taken, section(vec![Struct::Gc(giant)])),
        bomb("a hole as wide as clocks go", Early, section(vec![Struct::Skip(giant), Struct::Gc(1)])),
        bomb("a deleted giant", Taken, section(vec![Struct::item(None, Content::Deleted(giant))])),
        bomb("300,000 pieces", TooCostly, section(vec![Struct::Gc(1); 300_000])),
        bomb("100,000 clients' garbage", TooCostly, garbage(100_000)),
        bomb("a client twice", Refused, garbage(1).section(0, 1, [Struct::Gc(1)])),
        bomb("deletions of 50,000 unknown clients", Early, forgotten),
    ]
}

#[test]
fn no_update_costs_more_than_it_may() {
    let mut dear = Vec::new();
    for bomb in bombs() {
        let mut replica = Replica::default();
        for update in &bomb.before {
            replica.admit(update);
            replica.flush().expect("what is accepted is applied");
        }
        let (verdict, judged) = measure(|| replica.admit(&bomb.update));
        let (_, applied) = measure(|| replica.flush().expect("what is accepted is applied"));
        let (_, encoded) = measure(|| replica.state());
        let (answer, blocks) = match &verdict {
            Verdict::Accept(accepted) => (Answer::Taken, accepted.blocks),
            Verdict::Early => (Answer::Early, 0),
            Verdict::Malformed(_) => (Answer::Refused, 0),
            Verdict::TooCostly(_) => (Answer::TooCostly, 0),
        };
        println!(
            "{:48} {:>8} B {:>8} {blocks:>7} blocks: judged {}, applied {}, encoded {}",
            bomb.name,
            bomb.update.len(),
            format!("{answer:?}"),
            figures(judged),
            figures(applied),
            figures(encoded)
        );
        let cpu = judged.cpu + applied.cpu;
        let peak = judged.peak.max(applied.peak);
        if cpu > bomb.cpu * SLOWER || peak > bomb.peak || answer != bomb.answer {
            dear.push(format!("{}: {answer:?} at {cpu:?} and {} KiB", bomb.name, peak >> 10));
        }
    }
    assert!(dear.is_empty(), "{dear:#?}");
}

fn figures(cost: Cost) -> String {
    format!("{:.1} ms {} KiB", cost.cpu.as_secs_f64() * 1e3, cost.peak >> 10)
}

/// An awareness update about that many clients.
fn flood(clients: u64, state: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    put_var_uint(&mut out, clients);
    for client in 0..clients {
        put_var_uint(&mut out, client);
        put_var_uint(&mut out, 1);
        put_var_uint(&mut out, state.len() as u64);
        out.put_slice(state);
    }
    out.freeze()
}

#[test]
fn no_awareness_update_costs_more_than_it_may() {
    let deep = [b"[".repeat(4_000), b"]".repeat(4_000)].concat();
    let large = format!("\"{}\"", "x".repeat(7_000_000));
    let floods = [
        ("100,000 clients", flood(100_000, b"{}"), true),
        ("deep JSON", flood(1, &deep), false),
        ("a long string", flood(1, large.as_bytes()), true),
        ("a count of everything", Bytes::from_static(&[0xff, 0xff, 0xff, 0xff, 0x7f]), false),
    ];
    for (name, update, taken) in floods {
        let (entries, cost) = measure(|| awareness::decode(update));
        println!("{name:24} {}", figures(cost));
        assert_eq!(entries.is_ok(), taken, "{name}");
        assert!(cost.cpu < Duration::from_millis(50) * SLOWER && cost.peak < 16 * MIB, "{name}: {cost:?}");
    }
}
