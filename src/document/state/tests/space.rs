//! What happens as a document becomes full, and as it is emptied again.

use super::*;

fn told(effects: &[Effect], to: ConnectionId) -> Vec<&Bytes> {
    let told = effects.iter().filter_map(|effect| match effect {
        Effect::Send { to: receiver, frame } if *receiver == to => Some(frame),
        _ => None,
    });
    told.collect()
}

/// How much room those numbers on the wire speak of, in percent.
fn percent(frame: &Bytes) -> u64 {
    let mut numbers = varint::Reader::new(frame.slice(1..));
    assert_eq!(frame[0], 106, "Space");
    let (used, limit) = (numbers.var_uint().unwrap(), numbers.var_uint().unwrap());
    assert_eq!(limit, LIMIT as u64);
    used * 100 / limit
}

fn filled(effects: &[Effect]) -> Vec<bool> {
    let filled = effects.iter().filter_map(|effect| match effect {
        Effect::Filled { full, .. } => Some(*full),
        _ => None,
    });
    filled.collect()
}

/// Ann writes that much, or takes it away again.
fn writes(state: &mut State, ann: &mut Person, length: usize) -> Vec<Effect> {
    let update = ann.types(&"x".repeat(length));
    receive(state, vec![(ANN, Message::Update(update))])
}

fn erases(state: &mut State, ann: &mut Person, length: u32) -> Vec<Effect> {
    let update = ann.erases(length);
    receive(state, vec![(ANN, Message::Update(update))])
}

#[test]
fn near_its_limit_a_document_says_so_once_and_once_more_when_there_is_room_again() {
    let (mut state, mut ann) = (with_two(), Person::new(1));
    assert_eq!(told(&writes(&mut state, &mut ann, 8_900), ANN), [] as [&Bytes; 0]);
    let effects = writes(&mut state, &mut ann, 200);
    assert_eq!(told(&effects, ANN).iter().map(|frame| percent(frame)).collect::<Vec<_>>(), [91]);
    assert_eq!(told(&effects, ANN), told(&effects, BEN));
    assert_eq!(told(&writes(&mut state, &mut ann, 200), BEN), [] as [&Bytes; 0]);
    assert_eq!(told(&erases(&mut state, &mut ann, 600), BEN), [] as [&Bytes; 0], "87 % is near enough");
    let effects = erases(&mut state, &mut ann, 500);
    assert_eq!(told(&effects, BEN).iter().map(|frame| percent(frame)).collect::<Vec<_>>(), [82]);
    assert!(filled(&effects).is_empty());
}

#[test]
fn only_those_who_understand_hear_of_the_room() {
    let (mut state, mut ann) = (with_two(), Person::new(1));
    let stock = ConnectionId(3);
    state.attach(Arrival { cowrite: false, ..arrival(stock, Role::Editor) });
    assert_eq!(told(&writes(&mut state, &mut ann, 10_100), stock), [] as [&Bytes; 0]);
}

#[test]
fn many_small_updates_do_not_count_for_more_than_they_leave() {
    let (mut state, mut ann) = (with_two(), Person::new(1));
    for _ in 0..1_000 {
        let effects = writes(&mut state, &mut ann, 1);
        assert_eq!((told(&effects, ANN), closed(&effects)), (vec![], vec![]));
    }
    assert!(state.size() < LIMIT / 2, "what was sent would have filled it twice");
}

#[test]
fn a_full_document_lets_its_editors_only_delete_and_takes_what_is_on_its_way() {
    let (mut state, mut ann) = (with_two(), Person::new(1));
    let reader = ConnectionId(3);
    state.attach(arrival(reader, Role::Viewer));
    let effects = writes(&mut state, &mut ann, 10_100);
    let [space, role] = told(&effects, BEN)[..] else { panic!("{effects:?}") };
    assert_eq!((percent(space), role), (101, &message::role(Role::Trimmer)));
    assert_eq!(told(&effects, reader), [space], "whoever may not write loses nothing");
    assert_eq!(filled(&effects), [true]);

    let in_flight = writes(&mut state, &mut ann, 100);
    assert_eq!((appended(&in_flight), closed(&in_flight)), (1, vec![]));
    let deletion = erases(&mut state, &mut ann, 300);
    assert_eq!((appended(&deletion), told(&deletion, BEN)), (1, vec![]), "it is not below 95 % yet");

    let effects = erases(&mut state, &mut ann, 600);
    let [space, role] = told(&effects, BEN)[..] else { panic!("{effects:?}") };
    assert_eq!((percent(space), role), (93, &message::role(Role::Editor)));
    assert_eq!(filled(&effects), [false]);
    assert_eq!(told(&erases(&mut state, &mut ann, 2_000), BEN).len(), 1, "and in the end there is room");
}

#[test]
fn a_newcomer_hears_in_hello_that_it_may_only_delete() {
    let (mut state, mut ann) = (with_two(), Person::new(1));
    writes(&mut state, &mut ann, 10_100);
    let greeting = state.attach(arrival(ConnectionId(3), Role::Owner));
    let [hello, space, step_1] = told(&greeting, ConnectionId(3))[..] else { panic!("{greeting:?}") };
    assert!(String::from_utf8_lossy(hello).contains(r#""role":"trimmer""#));
    assert_eq!(percent(space), 101);
    assert_eq!(step_1[..2], [0, 0], "it is asked for its changes");
}

#[test]
fn a_document_that_was_stored_full_is_full() {
    let (mut state, mut ann) = (with_two(), Person::new(1));
    writes(&mut state, &mut ann, 10_100);
    let stored = Stored { snapshot: Some(state.snapshot().unwrap()), ..Stored::default() };
    let mut again = State::load(state.entry().clone(), &stored, Space::new(LIMIT, MESSAGE)).unwrap();
    let greeting = again.attach(arrival(BEN, Role::Editor));
    assert!(String::from_utf8_lossy(told(&greeting, BEN)[0]).contains("trimmer"));
}

#[test]
fn beyond_the_hard_limit_only_deletions_are_taken() {
    let (mut state, mut ann) = (with_two(), Person::new(1));
    let stock = ConnectionId(3);
    state.attach(Arrival { cowrite: false, ..arrival(stock, Role::Editor) });
    writes(&mut state, &mut ann, 11_900);
    let mut carl = Person::new(3);
    let too_much = carl.types(&"y".repeat(200));
    let effects = receive(&mut state, vec![(stock, Message::Update(too_much))]);
    assert_eq!((closed(&effects), appended(&effects)), (vec![(stock, CloseCode::TooLarge)], 0));
    let deletion = erases(&mut state, &mut ann, 10);
    assert_eq!((closed(&deletion), appended(&deletion)), (vec![], 1));
}

#[test]
fn a_program_is_refused_at_the_limit() {
    let (mut state, mut ann) = (with_two(), Person::new(1));
    writes(&mut state, &mut ann, 10_100);
    let more = Person::new(2).types("more");
    let refused = state.contribute("program".into(), &more, now());
    assert!(matches!(refused, Err(ContributeError::Full)));
    assert!(state.contribute("program".into(), &ann.erases(5_000), now()).is_ok());
    assert!(state.contribute("program".into(), &more, now()).is_ok());
}

/// Estimates only grow: a size that fell is one that was measured.
#[test]
fn who_deletes_key_by_key_in_a_large_document_has_it_measured_once_a_second() {
    const LARGE: usize = 2 * limits::HEAVY_BYTES;
    let mut state = empty_with(Space::new(LARGE, MESSAGE));
    state.attach(arrival(ANN, Role::Editor));
    let mut ann = Person::new(1);
    writes(&mut state, &mut ann, LARGE * 92 / 100);
    let start = at(now(), 2 * limits::MEASURE_EVERY);
    let mut measured = Vec::new();
    for n in 0..150 {
        let now = at(start, Duration::from_millis(20 * n));
        let before = state.size();
        let messages = vec![(ANN, Message::Update(ann.erases(100)))];
        let heavy = state.is_heavy(&messages, now);
        state.receive(messages, now).unwrap();
        assert!(state.wants_tick() || state.size() < before);
        if state.size() < before {
            measured.push(n);
            assert!(heavy, "it was known before");
        }
    }
    assert_eq!(measured, [0, 50, 100]);

    let before = state.size();
    let early = at(start, Duration::from_millis(2_990));
    assert!(!state.tick_is_heavy(early) && state.tick(early).is_ok() && state.size() == before);
    let late = at(start, Duration::from_millis(3_000));
    assert!(state.tick_is_heavy(late));
    state.tick(late).unwrap();
    assert!(state.size() < before - 40 * 100, "what came last is not forgotten");
    assert!(!state.wants_tick());
}
