//! The steps, each with the work that prepares it, which is neither timed nor counted.

use std::time::Instant;

use bytes::Bytes;
use cowrite::document::{Arrival, Now, Replica, Space, State};
use cowrite::ids::{ConnectionId, DocId, DocNumber, Epoch, Kind, Seq, SessionId};
use cowrite::limits;
use cowrite::protocol::guard::{Guard, merge};
use cowrite::protocol::{Message, Role, message};
use cowrite::store::{Entry, Stored};
use yrs::StateVector;

use crate::typing;

/// Keystrokes that most steps are given.
const STROKES: usize = 10_000;

/// Updates that arrive together.
const ROUND: usize = 100;

/// A step to be measured.
pub struct Step {
    pub name: &'static str,
    /// How many updates (or answers) one run of it handles.
    pub count: usize,
    /// Prepares a run, which may be made once.
    pub prepare: Box<dyn Fn() -> Box<dyn FnOnce()>>,
}

fn step<P: 'static>(
    name: &'static str,
    count: usize,
    prepare: impl Fn() -> P + 'static,
    run: impl FnOnce(P) + Copy + 'static,
) -> Step {
    let prepare = move || {
        let prepared = prepare();
        Box::new(move || run(prepared)) as Box<dyn FnOnce()>
    };
    Step { name, count, prepare: Box::new(prepare) }
}

/// Every step, in the order of an update's way.
pub fn steps() -> Vec<Step> {
    let strokes = typing(1, STROKES);
    let crowd: Vec<Vec<Bytes>> = (1..=4).map(|client| typing(client, STROKES / 4)).collect();
    let frames: Vec<Bytes> = strokes.iter().map(|update| message::update(update)).collect();
    let document = written(&strokes);
    let given = |strokes: &Vec<Bytes>| {
        let strokes = strokes.clone();
        move || strokes.clone()
    };
    vec![
        step("frame: read a message", STROKES, given(&frames), |frames| {
            frames.into_iter().for_each(|frame| assert_eq!(message::decode(frame).count(), 1));
        }),
        step("guard: judge a keystroke", STROKES, given(&strokes), |strokes| {
            let mut guard = Guard::new();
            strokes.iter().for_each(|update| drop(std::hint::black_box(guard.admit(update))));
        }),
        step("merge: a hundred keystrokes into one update", STROKES, given(&strokes), |strokes| {
            strokes.chunks(ROUND).for_each(|round| assert_eq!(merge(round).len(), 1));
        }),
        step("apply: one keystroke a transaction", STROKES, given(&strokes), |strokes| apply(&strokes, 1)),
        step("apply: a hundred keystrokes a transaction", STROKES, given(&strokes), |strokes| {
            apply(&strokes, ROUND);
        }),
        step("decide: a keystroke, alone", STROKES, given(&strokes), |strokes| decide(vec![strokes], 1)),
        step("decide: a keystroke, a hundred at once of four writers", STROKES, given4(&crowd), |crowd| {
            decide(crowd, ROUND);
        }),
        step(
            "encode: the state of 10,000 keystrokes",
            1,
            move || live(&strokes),
            |mut replica| {
                replica.state().expect("what is applied is encoded");
            },
        ),
        step("open: a stored document, for a join", 1, stored(&document), |stored| {
            let mut replica = Replica::load(&stored).expect("it was stored whole");
            replica.diff(&StateVector::default()).expect("a cold document has an answer");
        }),
        step("warm: a stored document, for a change", 1, stored(&document), |stored| {
            let mut replica = Replica::load(&stored).expect("it was stored whole");
            replica.warm().expect("it was stored whole");
        }),
    ]
}

fn given4(crowd: &[Vec<Bytes>]) -> impl Fn() -> Vec<Vec<Bytes>> + 'static {
    let crowd = crowd.to_vec();
    move || crowd.clone()
}

fn live(strokes: &[Bytes]) -> Replica {
    let mut replica = Replica::default();
    for round in strokes.chunks(ROUND) {
        round.iter().for_each(|update| drop(replica.admit(update)));
        replica.flush().expect("keystrokes are applied");
    }
    replica
}

fn written(strokes: &[Bytes]) -> Bytes {
    live(strokes).state().expect("what is applied is encoded")
}

fn stored(document: &Bytes) -> impl Fn() -> Stored + 'static {
    let snapshot = document.clone();
    move || Stored { snapshot: Some(snapshot.clone()), snapshot_seq: Seq(1), tail: Vec::new() }
}

fn apply(strokes: &[Bytes], round: usize) {
    let mut replica = Replica::default();
    for round in strokes.chunks(round) {
        round.iter().for_each(|update| drop(replica.admit(update)));
        replica.flush().expect("keystrokes are applied");
    }
}

/// What a live document decides about the keystrokes of several writers and fifty readers: role, guard, apply, frames, numbers.
fn decide(writers: Vec<Vec<Bytes>>, round: usize) {
    let now = Now { at: Instant::now(), wall_ms: 0 };
    let mut state = State::load(entry(), &Stored::default(), roomy()).expect("nothing is stored");
    for connection in 0..50 {
        let session = SessionId::random();
        let connection = ConnectionId(connection);
        let (role, message_bytes) = (Role::Editor, limits::MESSAGE_BYTES);
        state.attach(Arrival { connection, session, role, since_ms: 0, author: None, stamp: None, cowrite: false, message_bytes });
    }
    let strokes = writers[0].len();
    let mut waiting = Vec::with_capacity(round);
    for i in 0..strokes {
        for (writer, updates) in writers.iter().enumerate() {
            waiting.push((ConnectionId(writer as u64), Message::Update(updates[i].clone())));
        }
        if waiting.len() >= round || i + 1 == strokes {
            let effects = state.receive(std::mem::take(&mut waiting), now).expect("keystrokes are applied");
            assert!(!effects.is_empty());
            state.saved(state.accepted());
        }
    }
}

fn roomy() -> Space {
    Space::new(limits::DOCUMENT_BYTES, limits::MESSAGE_BYTES)
}

fn entry() -> Entry {
    Entry {
        number: DocNumber(1),
        id: DocId::parse("bench").expect("a plain word is an id"),
        epoch: Epoch("0000000000000001".into()),
        kind: Kind::Text,
        title: String::new(),
        created_ms: 0,
        updated_ms: 0,
        deleted_ms: None,
        tags: Vec::new(),
        trashed_ms: None,
    }
}
