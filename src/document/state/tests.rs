//! The rules of a live document, without a socket, a store or a clock.

mod space;

use std::time::{Duration, Instant};

use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, OffsetKind, Options, ReadTxn, StateVector, Text, Transact, Update};

use super::*;
use crate::document::event::Arrival;
use crate::ids::{ClientId, DocId, DocNumber, Epoch, Kind, SessionId};
use crate::protocol::Role;
use crate::protocol::awareness::Entry as Awareness;
use crate::protocol::varint;

const ANN: ConnectionId = ConnectionId(1);
const BEN: ConnectionId = ConnectionId(2);
const CAT: ConnectionId = ConnectionId(3);

/// The bounds of these documents, in bytes.
const LIMIT: usize = 10_000;
const MESSAGE: usize = 1_000;

/// A person's copy of the document, as a browser holds it.
struct Person {
    doc: Doc,
    sent: StateVector,
}

impl Person {
    fn new(client: u64) -> Person {
        let options = Options {
            offset_kind: OffsetKind::Utf16,
            ..Options::with_client_id(yrs::block::ClientID::new(client))
        };
        Person { doc: Doc::with_options(options), sent: StateVector::default() }
    }

    /// Type at the end; what is to be sent.
    fn types(&mut self, text: &str) -> Bytes {
        let content = self.doc.get_or_insert_text("content");
        let mut txn = self.doc.transact_mut();
        content.push(&mut txn, text);
        let update = txn.encode_state_as_update_v1(&self.sent);
        self.sent = txn.state_vector();
        update.into()
    }

    /// Delete at the end; what is to be sent.
    fn erases(&mut self, length: u32) -> Bytes {
        let content = self.doc.get_or_insert_text("content");
        let mut txn = self.doc.transact_mut();
        let end = content.len(&txn);
        content.remove_range(&mut txn, end - length, length);
        txn.encode_state_as_update_v1(&self.sent).into()
    }

    fn reads(&self) -> String {
        let content = self.doc.get_or_insert_text("content");
        content.get_string(&self.doc.transact())
    }
}

fn empty() -> State {
    empty_with(Space::new(LIMIT, MESSAGE))
}

fn empty_with(space: Space) -> State {
    let entry = Entry {
        number: DocNumber(1),
        id: DocId::parse("notes").unwrap(),
        epoch: Epoch("0000000000000001".into()),
        kind: Kind::Markdown,
        title: String::new(),
        created_ms: 0,
        updated_ms: 0,
        deleted_ms: None,
        tags: Vec::new(),
        trashed_ms: None,
    };
    State::load(entry, &Stored::default(), space).unwrap()
}

fn arrival(connection: ConnectionId, role: Role) -> Arrival {
    Arrival {
        connection,
        session: SessionId::random(),
        since_ms: 0,
        role,
        author: None,
        stamp: None,
        cowrite: true,
        message_bytes: MESSAGE,
    }
}

/// An empty document with Ann and Ben in it.
fn with_two() -> State {
    let mut state = empty();
    state.attach(arrival(ANN, Role::Editor));
    state.attach(arrival(BEN, Role::Editor));
    state
}

fn at(start: Now, after: Duration) -> Now {
    Now { at: start.at + after, wall_ms: start.wall_ms + after.as_millis() as u64 }
}

fn now() -> Now {
    Now { at: Instant::now(), wall_ms: 1_000 }
}

fn receive(state: &mut State, messages: Vec<(ConnectionId, Message)>) -> Vec<Effect> {
    state.receive(messages, now()).unwrap()
}

fn text(state: &mut State) -> String {
    let reader = Person::new(99);
    let update = Update::decode_v1(&state.snapshot().unwrap()).unwrap();
    reader.doc.transact_mut().apply_update(update).unwrap();
    reader.reads()
}

fn saved(effects: &[Effect]) -> Vec<(ConnectionId, u64)> {
    let saved = effects.iter().filter_map(|effect| match effect {
        Effect::Saved { to, n, .. } => Some((*to, *n)),
        _ => None,
    });
    saved.collect()
}

fn closed(effects: &[Effect]) -> Vec<(ConnectionId, CloseCode)> {
    let closed = effects.iter().filter_map(|effect| match effect {
        Effect::Close { connection, close } => Some((*connection, close.code)),
        _ => None,
    });
    closed.collect()
}

fn appended(effects: &[Effect]) -> usize {
    effects.iter().map(|e| if let Effect::Append { changes, .. } = e { changes.len() } else { 0 }).sum()
}

#[test]
fn a_change_reaches_everybody_else_and_the_journal() {
    let mut state = with_two();
    let update = Person::new(1).types("hello");
    let effects = receive(&mut state, vec![(ANN, Message::Update(update.clone()))]);
    assert!(effects.contains(&Effect::Broadcast {
        except: [ANN].into_iter().collect(),
        frame: message::update(&update)
    }));
    assert_eq!(appended(&effects), 1);
    assert_eq!(text(&mut state), "hello");
}

#[test]
fn saved_waits_for_the_disk() {
    let mut state = with_two();
    let mut ann = Person::new(1);
    for update in [ann.types("a"), ann.types("b")] {
        assert_eq!(saved(&receive(&mut state, vec![(ANN, Message::Update(update))])), []);
    }
    assert_eq!(saved(&state.saved(Seq(1))), [(ANN, 0)]);
    assert_eq!(saved(&state.saved(Seq(2))), [(ANN, 1)]);
}

#[test]
fn what_comes_together_is_journaled_and_saved_together() {
    let mut state = with_two();
    let (mut ann, mut ben) = (Person::new(1), Person::new(2));
    let typed = |from, person: &mut Person| (from, Message::Update(person.types("x")));
    let round = vec![typed(ANN, &mut ann), typed(ANN, &mut ann), typed(BEN, &mut ben)];
    assert_eq!(appended(&receive(&mut state, round)), 2, "a change of Ann's and one of Ben's");
    assert_eq!(saved(&state.saved(Seq(1))), [(ANN, 1)]);
    assert_eq!(saved(&state.saved(Seq(2))), [(BEN, 0)]);
}

#[test]
fn everybody_gets_what_the_others_wrote_in_one_frame() {
    let mut state = with_two();
    state.attach(arrival(CAT, Role::Viewer));
    let (mut ann, mut ben) = (Person::new(1), Person::new(2));
    let (a, b, c) = (ann.types("a"), ben.types("b"), ann.types("c"));
    let round =
        [(ANN, &a), (BEN, &b), (ANN, &c)].map(|(from, update)| (from, Message::Update(update.clone())));
    let news = |effect: &Effect| match effect {
        Effect::Push { to, frame } => Some((vec![*to], frame.clone())),
        Effect::Broadcast { except, frame } => {
            let everybody = [ANN, BEN, CAT].into_iter();
            Some((everybody.filter(|connection| !except.contains(connection)).collect(), frame.clone()))
        }
        _ => None,
    };
    let effects = receive(&mut state, round.to_vec());
    let news: Vec<(Vec<ConnectionId>, Bytes)> = effects.iter().filter_map(news).collect();
    let frame = |updates: &[&Bytes]| message::update(&guard::merge(updates.iter().copied())[0]);
    assert_eq!(
        news,
        [(vec![ANN], frame(&[&b])), (vec![BEN], frame(&[&a, &c])), (vec![CAT], frame(&[&a, &b, &c]))]
    );
}

#[test]
fn a_duplicate_is_saved_when_all_the_document_held_is() {
    let mut state = with_two();
    let update = Person::new(1).types("a");
    receive(&mut state, vec![(ANN, Message::Update(update.clone()))]);
    let effects = receive(&mut state, vec![(BEN, Message::SyncStep2(update))]);
    assert_eq!(appended(&effects), 0, "it is in the journal already");
    assert_eq!(saved(&effects), [], "but not yet on disk");
    assert_eq!(saved(&state.saved(Seq(1))), [(ANN, 0), (BEN, 0)]);
    let empty = Bytes::from_static(yrs::Update::EMPTY_V1);
    assert_eq!(saved(&receive(&mut state, vec![(BEN, Message::SyncStep2(empty))])), [(BEN, 1)]);
}

#[test]
fn an_early_update_waits_and_holds_the_count() {
    let mut state = with_two();
    let mut ann = Person::new(1);
    let (first, second) = (ann.types("a"), ann.types("b"));
    let effects = receive(&mut state, vec![(ANN, Message::Update(second))]);
    assert_eq!(appended(&effects), 0);
    let other = Person::new(2).types("x");
    receive(&mut state, vec![(ANN, Message::Update(other))]);
    assert_eq!(saved(&state.saved(Seq(1))), [], "message 0 is held, so 1 is not counted");
    let effects = receive(&mut state, vec![(BEN, Message::Update(first))]);
    assert_eq!(appended(&effects), 2, "the missing one, and the one that waited for it");
    assert_eq!(saved(&state.saved(Seq(3))), [(ANN, 1), (BEN, 0)]);
}

#[test]
fn who_waits_in_vain_is_asked_to_resync() {
    let mut state = with_two();
    let mut ann = Person::new(1);
    let (_lost, second) = (ann.types("a"), ann.types("b"));
    let start = now();
    state.receive(vec![(ANN, Message::Update(second))], start).unwrap();
    assert!(state.wants_tick());
    assert_eq!(state.tick(at(start, Duration::from_secs(4))), Ok(vec![]));
    assert_eq!(closed(&state.tick(at(start, limits::EARLY_FOR)).unwrap()), [(ANN, CloseCode::Resync)]);
}

#[test]
fn who_only_reads_makes_nothing_dearer() {
    let mut state = with_two();
    let mut ann = Person::new(1);
    let mut shortest = |state: &mut State| {
        let rounds = (0..50).map(|_| {
            let update = ann.types("a");
            let began = Instant::now();
            receive(state, vec![(ANN, Message::Update(update))]);
            let accepted = state.accepted();
            state.saved(accepted);
            assert!(!state.wants_tick());
            began.elapsed()
        });
        rounds.min().expect("there are some")
    };
    let alone = shortest(&mut state);
    (0..20_000).for_each(|n| drop(state.attach(arrival(ConnectionId(100 + n), Role::Editor))));
    let crowded = shortest(&mut state);
    assert!(crowded < 4 * alone, "{crowded:?} with 20,000 more, {alone:?} without");
}

#[test]
fn so_many_bytes_are_held_until_what_they_build_on_has_come() {
    const EACH: usize = limits::EARLY_BYTES / 4;
    let mut state = empty_with(Space::new(limits::DOCUMENT_BYTES, limits::MESSAGE_BYTES));
    state.attach(arrival(ANN, Role::Editor));
    let mut ann = Person::new(1);
    ann.types("which never arrives");
    for _ in 0..3 {
        let update = ann.types(&"x".repeat(EACH));
        assert_eq!(closed(&receive(&mut state, vec![(ANN, Message::Update(update))])), []);
    }
    let room = limits::EARLY_BYTES - 3 * EACH;
    let update = ann.types(&"x".repeat(room)); // with its header a little more than there is room for
    let effects = receive(&mut state, vec![(ANN, Message::Update(update))]);
    assert_eq!(closed(&effects), [(ANN, CloseCode::Resync)]);
    assert_eq!(text(&mut state), "");
}

#[test]
fn what_yjs_cannot_produce_closes_its_sender_alone() {
    let mut state = with_two();
    let garbage = Bytes::from_static(&[1, 1, 1, 0, 0x1f, 0]);
    let good = Person::new(2).types("x");
    let effects =
        receive(&mut state, vec![(ANN, Message::Update(garbage)), (BEN, Message::Update(good.clone()))]);
    assert_eq!(closed(&effects), [(ANN, CloseCode::Malformed)]);
    assert_eq!(appended(&effects), 1);
    let late = receive(&mut state, vec![(ANN, Message::Update(good))]);
    assert_eq!(late, [], "nothing more is taken from it");
}

#[test]
fn a_reader_reads_and_does_not_write() {
    let mut state = empty();
    state.attach(arrival(BEN, Role::Editor));
    let greeting = state.attach(arrival(ANN, Role::Viewer));
    let step_1 = message::sync_step_1(&[0]);
    assert!(!greeting.contains(&Effect::Send { to: ANN, frame: step_1 }), "nobody asks a reader for changes");
    let empty = Bytes::from_static(yrs::Update::EMPTY_V1);
    assert_eq!(receive(&mut state, vec![(ANN, Message::SyncStep2(empty))]), []);
    let effects = receive(&mut state, vec![(ANN, Message::Update(Person::new(1).types("no")))]);
    assert_eq!(closed(&effects), [(ANN, CloseCode::Forbidden)]);
    assert_eq!((appended(&effects), text(&mut state)), (0, String::new()));
}

#[test]
fn step_1_is_answered_with_what_is_missing() {
    let mut state = with_two();
    let mut ann = Person::new(1);
    receive(&mut state, vec![(ANN, Message::Update(ann.types("hello")))]);
    let known = ann.sent.clone();
    receive(&mut state, vec![(ANN, Message::Update(ann.types(" world")))]);
    let effects = receive(&mut state, vec![(BEN, Message::SyncStep1(known))]);
    let [Effect::Sync { to: BEN, update: diff }] = &effects[..] else { panic!("{effects:?}") };
    assert!(diff.len() < state.snapshot().unwrap().len());
    assert_eq!(text(&mut state), "hello world");
}

#[test]
fn presence_is_told_to_everybody_and_ends_with_its_connection() {
    let mut state = with_two();
    let here = Awareness { client: ClientId(5), clock: 1, state: Bytes::from_static(b"{}") };
    let update = awareness::encode([here].iter());
    let frame = message::awareness(&update);
    let effects = receive(&mut state, vec![(ANN, Message::Awareness(update))]);
    assert_eq!(effects, [Effect::Broadcast { except: Except::new(), frame }]);
    let gone = Awareness { client: ClientId(5), clock: 1, state: awareness::GONE };
    let frame = message::awareness(&awareness::encode([gone].iter()));
    let later = at(now(), limits::PRESENCE_EVERY);
    assert_eq!(state.detach(ANN, later), [Effect::Broadcast { except: Except::new(), frame }]);
}

#[test]
fn a_full_disk_does_not_fill_the_memory() {
    let mut state = empty_with(Space::new(limits::DOCUMENT_BYTES, limits::MESSAGE_BYTES));
    state.attach(arrival(ANN, Role::Editor));
    let mut ann = Person::new(1);
    let page = "x".repeat(limits::UNSAVED_DOCUMENT_BYTES / 4);
    let write = |state: &mut State, ann: &mut Person| {
        let update = Message::Update(ann.types(&page));
        closed(&receive(state, vec![(ANN, update)]))
    };
    assert!((0..5).all(|_| write(&mut state, &mut ann).is_empty()), "a slow disk is bounded by permits");
    state.set_storage_problem(Some("disk full".into()));
    assert_eq!(write(&mut state, &mut ann), [(ANN, CloseCode::Overloaded)]);
    state.saved(state.accepted());
    state.attach(arrival(ANN, Role::Editor));
    assert_eq!(write(&mut state, &mut Person::new(2)), [], "there is room again");
}

#[test]
fn a_problem_with_storage_is_told_once_to_those_who_understand() {
    let mut state = with_two();
    assert_eq!(state.set_storage_problem(Some("disk full".into())).len(), 2);
    assert_eq!(state.set_storage_problem(Some("disk full".into())), []);
    let greeting = state.attach(arrival(ConnectionId(3), Role::Editor));
    let told = Effect::Send { to: ConnectionId(3), frame: message::storage(Some("disk full")) };
    assert!(greeting.contains(&told));
}
