//! Bytes from a socket: the frame gate says the same however they are cut, and messages are read or refused.
#![no_main]

use bytes::Bytes;
use cowrite::protocol::frame::Gate;
use cowrite::protocol::message;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    const LIMIT: usize = 1_000;
    let whole = Gate::new(LIMIT).feed(bytes);
    let mut gate = Gate::new(LIMIT);
    assert_eq!(bytes.iter().try_for_each(|byte| gate.feed(&[*byte])), whole);
    let messages =
        message::decode(Bytes::copy_from_slice(bytes)).inspect(|message| drop(format!("{message:?}")));
    assert!(messages.count() <= bytes.len().max(1), "a message takes at least a byte");
});
