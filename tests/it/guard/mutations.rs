//! Hostile updates by the hundred thousand: whatever the guard accepts, yrs applies, encodes and reads without harm, and
//! Yjs makes the same of it.
//!
//! A crash inside yrs may take the whole process, so the test is to be alive at the end. The seed of every world is
//! printed before it starts: run one again with `COWRITE_SEED`, and more of them with `COWRITE_MUTATIONS`.

use bytes::Bytes;
use cowrite::ids::ClientId;
use cowrite::protocol::guard::Verdict;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::live::Live;
use super::wire::{Content, Id, Parent, Struct, Wire};
use crate::fixtures::updates;
use crate::yjs::{self, Story};

/// Inputs to one document before another begins.
const INPUTS_PER_WORLD: u64 = 250;

/// Worlds that Yjs computes again: so many, and one more for so many inputs.
const WORLDS_TOLD: u64 = 80;
const TOLD: u64 = 10_000;

/// Clients that made-up updates speak for: few, so that they meet.
const CLIENTS: [u64; 4] = [1, 2, 3, 1 << 40];

#[test]
fn hostile_updates_do_no_harm() {
    let variable = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let inputs: u64 = variable("COWRITE_MUTATIONS").unwrap_or(200_000);
    let first: u64 = variable("COWRITE_SEED").unwrap_or(1);
    let told = (inputs / TOLD).max(WORLDS_TOLD) as usize;
    let corpus = corpus();
    let mut tally = Tally::default();
    let mut stories = Vec::new();
    for seed in first..first + inputs.div_ceil(INPUTS_PER_WORLD) {
        if seed % 100 == 1 || seed == first {
            println!("COWRITE_SEED={seed} and the worlds after it; so far {tally:?}");
        }
        let story = world(seed, &corpus, &mut tally);
        if stories.len() < told {
            stories.push(story);
        }
    }
    println!("{tally:?}");
    yjs::check("mutations", &stories);
    assert!(tally.novel > inputs / 50 && tally.early > 0 && tally.malformed > inputs / 10, "{tally:?}");
}

#[derive(Debug, Default)]
struct Tally {
    novel: u64,
    known: u64,
    early: u64,
    malformed: u64,
}

/// Recorded updates, document by document, small ones: a long one takes long to mutate into something new.
fn corpus() -> Vec<Vec<Bytes>> {
    let small = |case: &crate::fixtures::Case| -> Vec<Bytes> {
        case.updates.iter().map(|sent| sent.bytes()).filter(|bytes| bytes.len() < 2_000).collect()
    };
    updates().iter().map(small).filter(|updates| !updates.is_empty()).collect()
}

fn world(seed: u64, corpus: &[Vec<Bytes>], tally: &mut Tally) -> Story {
    let mut story = Story::new(format!("COWRITE_SEED={seed}"));
    let mut random = StdRng::seed_from_u64(seed);
    let mut live = Live::new();
    let document = corpus.choose(&mut random).expect("there are recordings");
    let made_up = random.random_bool(0.5);
    if !made_up {
        for update in &document[..random.random_range(0..=document.len())] {
            if let Verdict::Accept(accepted) = live.send(update) {
                story.update(&accepted.update);
            }
        }
    }
    let mut sent: Vec<Bytes> = document.clone();
    let mut made = Made::default();
    for i in 0..INPUTS_PER_WORLD {
        let update = match random.random_range(0..10) {
            0 => sent.choose(&mut random).expect("something was sent").clone(),
            1..7 if made_up => make_up(&mut random, &live, &mut made),
            _ => mutate(&mut random, &sent),
        };
        match live.send(&update) {
            Verdict::Accept(accepted) if accepted.novel => {
                story.update(&accepted.update);
                story.look(&live.doc);
                tally.novel += 1;
                sent.push(update);
                live.text();
                if i % 8 == 0 {
                    look_at(&live);
                }
            }
            Verdict::Accept(_) => tally.known += 1,
            Verdict::Early => tally.early += 1,
            Verdict::Malformed(_) | Verdict::TooCostly(_) => tally.malformed += 1,
        }
    }
    look_at(&live);
    story.look(&live.doc);
    story
}

/// What the server does with a document: agree with its guard, encode it, load it again, read the same.
fn look_at(live: &Live) {
    live.check();
    let restarted = live.restarted();
    restarted.check();
    assert_eq!(restarted.text(), live.text());
}

/// Bytes that were an update once.
fn mutate(random: &mut StdRng, sent: &[Bytes]) -> Bytes {
    let mut bytes = sent.choose(random).expect("something was sent").to_vec();
    for _ in 0..random.random_range(1..4) {
        let at = random.random_range(0..bytes.len().max(1)).min(bytes.len().saturating_sub(1));
        let end = (at + random.random_range(1..16)).min(bytes.len());
        match random.random_range(0..8) {
            _ if bytes.is_empty() => bytes.push(random.random()),
            0 => bytes[at] ^= 1 << random.random_range(0..8),
            1 => {
                bytes[at] = *[0, 1, 2, 4, 10, 0x7f, 0x80, 0xff, 0x84, 0xc4].choose(random).expect("not empty")
            }
            2 => bytes[at] = bytes[at].wrapping_add(1),
            3 => bytes[at] = bytes[at].wrapping_sub(1),
            4 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
            5 => drop(bytes.drain(at..end)),
            6 => {
                let other = sent.choose(random).expect("something was sent");
                let from = random.random_range(0..other.len());
                let part = other[from..(from + 16).min(other.len())].to_vec();
                drop(bytes.splice(at..end, part));
            }
            _ => {
                let from = random.random_range(0..bytes.len());
                bytes[at] = bytes[from];
            }
        }
    }
    bytes.into()
}

/// What was made up before, whatever became of it.
#[derive(Default)]
struct Made {
    types: Vec<Id>,
    /// Items: the first and the last element, and the neighbours.
    items: Vec<(Id, Id, Option<Id>, Option<Id>)>,
}

/// An update whose grammar is right and whose sense is not, built from what the document contains.
fn make_up(random: &mut StdRng, live: &Live, made: &mut Made) -> Bytes {
    let mut clocks = CLIENTS.map(|client| live.guard.clock(ClientId(client)));
    let mut wire = Wire::new();
    for (i, client) in CLIENTS.into_iter().enumerate() {
        if random.random_bool(0.6) {
            continue;
        }
        let back = random.random_range(0..4) * u32::from(random.random_bool(0.2));
        let start = clocks[i].saturating_sub(back);
        let mut structs = Vec::new();
        let mut clock = start;
        let typing = random.random_bool(0.05);
        for _ in 0..if typing { 60 } else { random.random_range(1..6) } {
            let next = match clock.checked_sub(1) {
                Some(before) if typing && random.random_bool(0.97) => Struct::text((client, before), "t"),
                _ => make_up_struct(random, &clocks, (client, clock), made),
            };
            clock += next.len();
            structs.push(next);
            clocks[i] = clocks[i].max(clock);
        }
        wire = wire.section(client, start, structs);
    }
    for (i, client) in CLIENTS.into_iter().enumerate() {
        if random.random_bool(0.7) || clocks[i] == 0 {
            continue;
        }
        let (mut ranges, mut at) = (Vec::new(), random.random_range(0..clocks[i]));
        while at < clocks[i] && ranges.len() < 4 {
            let len = random.random_range(1..=(clocks[i] - at).min(6));
            ranges.push((at, len));
            at += len + random.random_range(0..5);
        }
        wire = wire.delete(client, ranges);
    }
    wire.bytes()
}

fn make_up_struct(random: &mut StdRng, clocks: &[u32; 4], id: Id, made: &mut Made) -> Struct {
    match random.random_range(0..40) {
        0 => return Struct::Gc(random.random_range(1..4)),
        1 => return Struct::Skip(random.random_range(1..3)),
        _ => {}
    }
    let element = |random: &mut StdRng| -> Option<Id> {
        let i = random.random_range(0..CLIENTS.len());
        (clocks[i] > 0).then(|| (CLIENTS[i], random.random_range(0..clocks[i])))
    };
    let previous = id.1.checked_sub(1).map(|clock| (id.0, clock));
    let (origin, right) = match (made.items.choose(random), random.random_range(0..10)) {
        // Where it may have been put: in the place of another, or beside it.
        (Some(&(_, _, left, right)), 0) => (left, right),
        (Some(&(first, _, left, _)), 1) => (left, Some(first)),
        (Some(&(_, last, _, right)), 2) => (Some(last), right),
        (_, 0..5) => (previous, None),
        (_, 5..7) => (element(random), None),
        (_, 7) => (element(random), element(random)),
        (_, 8) => (None, element(random)),
        _ => (None, None),
    };
    let parent = match (made.types.choose(random), random.random_range(0..10)) {
        (Some(&id), 0..6) => Parent::Type(id),
        (_, 6) => Parent::Type(element(random).unwrap_or((1, 0))),
        (_, 7) => Parent::Root("meta".into()),
        _ => Parent::Root("content".into()),
    };
    let key = random.random_bool(0.4).then(|| ["", "k", "key"][random.random_range(0..3)].to_owned());
    let content = match random.random_range(0..16) {
        0 => Content::Deleted(random.random_range(1..4)),
        1 => Content::Binary(vec![1, 2]),
        2..6 => Content::Text(["a", "é", "😀", "hello", "a😀b"][random.random_range(0..5)].into()),
        6 => Content::Embed("{\"a\":[1]}".into()),
        7 | 8 => Content::Format("bold".into(), ["true", "null"][random.random_range(0..2)].into()),
        9..13 => {
            made.types.push(id);
            Content::Type(*[0, 1, 2, 3, 4, 6].choose(random).expect("not empty"))
        }
        _ => Content::Any(random.random_range(1..4)),
    };
    let item = Struct::Item { origin, right, parent, key, content };
    made.items.push((id, (id.0, id.1 + item.len() - 1), origin, right));
    item
}
