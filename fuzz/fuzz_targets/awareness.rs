//! What connections say of who is here: each client has one owner at most, and states come back as they were written.
//!
//! The input is messages, each behind a byte that names its connection (or lets time pass) and a byte of length.
#![no_main]

use std::time::{Duration, Instant};

use bytes::Bytes;
use cowrite::document::{Arrival, Effect, Now, Space, State};
use cowrite::ids::{ConnectionId, DocId, DocNumber, Epoch, Kind, SessionId};
use cowrite::limits;
use cowrite::protocol::{Message, Role, awareness, message};
use cowrite::store::{Entry, Stored};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let space = Space::new(limits::DOCUMENT_BYTES, limits::MESSAGE_BYTES);
    let mut state = State::load(entry(), &Stored::default(), space).expect("nothing is easily loaded");
    let start = Instant::now();
    let mut seconds = 0;
    for id in 0..4 {
        state.attach(arrival(ConnectionId(id)));
    }
    let mut rest = bytes;
    while let [who, len, tail @ ..] = rest {
        let now = Now { at: start + Duration::from_secs(seconds), wall_ms: 0 };
        let len = usize::from(*len).min(tail.len());
        let from = ConnectionId(u64::from(who & 3));
        let effects = match who >> 2 {
            0 => {
                seconds += 1;
                state.tick(now).expect("time changes no document")
            }
            1 => {
                let effects = state.detach(from, now);
                state.attach(arrival(from));
                effects
            }
            2 => {
                state.alive(from);
                Vec::new()
            }
            _ => {
                let update = Bytes::copy_from_slice(&tail[..len]);
                let messages = vec![(from, Message::Awareness(update)), (from, Message::QueryAwareness)];
                state.receive(messages, now).expect("awareness changes no document")
            }
        };
        effects.iter().for_each(check);
        rest = &tail[len..];
    }
});

/// Whatever awareness goes out, a client can read.
fn check(effect: &Effect) {
    let (Effect::Send { frame, .. } | Effect::Broadcast { frame, .. }) = effect else { return };
    for message in message::decode(frame.clone()) {
        if let Ok(Message::Awareness(update)) = message {
            let entries = awareness::decode(update).expect("what is sent can be read");
            assert_eq!(awareness::encode(entries.iter()).len(), frame.len() - header(frame.len()));
        }
    }
}

/// Bytes of a frame before the awareness update in it: the type and a length.
fn header(frame: usize) -> usize {
    1 + (1..5).find(|bytes| (frame - 1 - bytes) < 1 << (7 * bytes)).expect("frames are small")
}

fn arrival(connection: ConnectionId) -> Arrival {
    Arrival {
        connection,
        session: SessionId::random(),
        role: Role::Editor,
        cowrite: true,
        message_bytes: 1_000,
    }
}

fn entry() -> Entry {
    Entry {
        number: DocNumber(1),
        id: DocId::parse("notes").expect("a good name"),
        epoch: Epoch("0000000000000001".into()),
        kind: Kind::Markdown,
        title: String::new(),
        created_ms: 0,
        updated_ms: 0,
        deleted_ms: None,
        tags: Vec::new(),
        trashed_ms: None,
    }
}
