use futures_util::FutureExt;

use super::waiting::PIECE_BYTES;
use super::*;
use crate::limits;

fn frame(message: &'static [u8]) -> Frame {
    Frame::binary(Bytes::from_static(message))
}

fn push(outbox: &Outbox, frame: Frame) -> usize {
    outbox.push(frame, &mut Wakes::new())
}

fn ends() -> (Outbox, Line, Outgoing) {
    let (line, outgoing) = line(None, None);
    (line.outlet().open(), line, outgoing)
}

/// All that can be taken now, and whether that was the end.
fn taken(outgoing: &mut Outgoing) -> (Vec<u8>, bool) {
    let mut all = Vec::new();
    loop {
        match outgoing.next().now_or_never() {
            Some(Some(bytes)) => all.extend(bytes),
            Some(None) => return (all, true),
            None => return (all, false),
        }
    }
}

fn news(line: &Line) -> News {
    line.news().now_or_never().unwrap_or_default()
}

#[test]
fn what_waits_leaves_in_order_and_the_goodbye_last() {
    let (outbox, line, mut outgoing) = ends();
    outbox.answer(frame(b"1"));
    push(&outbox, frame(b"2"));
    outbox.close(Close::new(CloseCode::Restarting, "bye"));
    outbox.close(Close::new(CloseCode::Internal, "too late"));
    push(&outbox, frame(b"too late"));
    assert_eq!(news(&line).close, Some(Close::new(CloseCode::Restarting, "bye")));
    line.goodbye(wire::close(None, true));
    assert_eq!(taken(&mut outgoing), (vec![0x82, 1, b'1', 0x82, 1, b'2', 0x88, 0], true));
}

#[test]
fn control_frames_go_first_but_never_into_a_frame() {
    let (outbox, line, mut outgoing) = ends();
    let message: Bytes = vec![7; 3 * PIECE_BYTES].into();
    outbox.answer(Frame::binary(message));
    let header = outgoing.next().now_or_never().flatten().expect("something waits");
    assert_eq!(header.len(), 4);
    line.ping();
    line.pong(b"early");
    line.pong(b"late");
    let (rest, _) = taken(&mut outgoing);
    let (message, control) = rest.split_at(3 * PIECE_BYTES);
    assert!(message.iter().all(|&byte| byte == 7));
    assert_eq!(control, [&wire::ping()[..], &wire::pong(b"late")].concat(), "one pong answers both pings");
}

#[test]
fn a_frame_for_many_is_copied_for_none() {
    let message: Bytes = vec![7; 2 * PIECE_BYTES].into();
    let (outbox, _line, mut outgoing) = ends();
    push(&outbox, Frame::binary(message.clone()));
    outgoing.next().now_or_never();
    let first = outgoing.next().now_or_never().flatten().expect("the message follows its header");
    assert_eq!((first.as_ptr(), first.len()), (message.as_ptr(), PIECE_BYTES));
}

#[test]
fn only_what_was_not_asked_for_is_owed_and_only_until_it_is_taken() {
    let (outbox, _line, mut outgoing) = ends();
    outbox.answer(frame(b"asked for"));
    assert_eq!(push(&outbox, frame(b"not")), 5);
    assert_eq!(push(&outbox, frame(b"nor this")), 15);
    for _ in 0..2 {
        outgoing.next().now_or_never();
    }
    assert_eq!(push(&outbox, frame(b"")), 12);
    taken(&mut outgoing);
    assert_eq!(push(&outbox, Frame::binary(vec![7; 5_000].into())), 5_004, "with its header");
}

#[test]
fn a_laggard_is_told_about_once_it_has_taken_all() {
    let (outbox, line, mut outgoing) = ends();
    push(&outbox, frame(b"much"));
    outbox.mark_lagging();
    assert!(!news(&line).caught_up);
    taken(&mut outgoing);
    assert!(news(&line).caught_up);
    push(&outbox, frame(b"x"));
    taken(&mut outgoing);
    assert!(!news(&line).caught_up);
    outbox.mark_lagging();
    taken(&mut outgoing);
    assert!(news(&line).caught_up, "it had taken all before it was marked");
}

#[test]
fn it_is_news_that_something_waits_unless_somebody_watches_already() {
    let (outbox, line, mut outgoing) = ends();
    assert_eq!((line.taken_at(), line.waits()), (None, false));
    push(&outbox, frame(b"1"));
    push(&outbox, frame(b"2"));
    assert!(news(&line).waits);
    taken(&mut outgoing);
    push(&outbox, frame(b"3"));
    assert!(!news(&line).waits);
    assert!(line.waits() && line.taken_at().is_some());
    taken(&mut outgoing);
    assert!(!line.waits());
    push(&outbox, frame(b"4"));
    assert!(news(&line).waits);
}

#[test]
fn a_probe_is_a_ping_whose_answer_is_awaited() {
    let (outbox, line, mut outgoing) = ends();
    outbox.probe();
    assert!(news(&line).probed);
    assert_eq!(taken(&mut outgoing).0, wire::ping());
}

#[tokio::test]
async fn the_socket_sleeps_until_there_is_something() {
    let (outbox, _line, mut outgoing) = ends();
    let write = async {
        tokio::task::yield_now().await;
        push(&outbox, frame(b"1"));
    };
    assert_eq!(tokio::join!(outgoing.next(), write).0.as_deref(), Some(&[0x82, 1, b'1'][..]));
}

#[test]
fn a_document_that_vanishes_closes_its_connections() {
    let (outbox, line, _outgoing) = ends();
    drop(outbox);
    assert_eq!(news(&line).close.map(|close| close.code), Some(CloseCode::Internal));
}

#[test]
fn a_socket_that_vanishes_is_noticed_and_sent_nothing() {
    let (outbox, line, outgoing) = ends();
    drop(outgoing);
    assert!(news(&line).gone);
    assert_eq!(push(&outbox, frame(b"1")), 0);
}

#[test]
fn who_serves_nobody_any_more_leaves_no_socket_behind() {
    let (outbox, line, mut outgoing) = ends();
    push(&outbox, frame(b"1"));
    drop(line);
    assert_eq!(taken(&mut outgoing), (vec![], true));

    let (outbox, line, mut outgoing) = ends();
    push(&outbox, frame(b"1"));
    line.goodbye(wire::close(None, true));
    drop(line);
    assert_eq!(taken(&mut outgoing), (vec![0x82, 1, b'1', 0x88, 0], true), "a goodbye is said to the end");
}

#[test]
fn who_takes_nothing_has_no_room_for_more() {
    let (outbox, line, mut outgoing) = ends();
    assert!(line.has_room());
    let large = Bytes::from(vec![0; limits::UNTAKEN_BYTES]);
    outbox.answer(Frame::binary(large));
    assert!(!line.has_room() && line.room().now_or_never().is_none());
    assert!(taken(&mut outgoing).0.len() > limits::UNTAKEN_BYTES);
    assert!(line.room().now_or_never().is_some());
    assert_eq!(line.0.lock().held, 0, "all that was counted was counted off");
}
