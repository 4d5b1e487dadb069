//! A sequence of updates for one document: whatever is accepted is applied, encoded, loaded again and read.
//!
//! The input is updates, each behind two bytes of length (little-endian), as `seeds.mjs` writes them.
#![no_main]

use bytes::Bytes;
use cowrite::document::Replica;
use cowrite::protocol::guard::Verdict;
use cowrite::store::Stored;
use libfuzzer_sys::fuzz_target;
use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, ReadTxn, StateVector, Transact, Update};

fuzz_target!(|bytes: &[u8]| {
    let mut replica = Replica::default();
    for update in updates(bytes) {
        let verdict = replica.admit(&update);
        replica.flush().expect("what the guard accepts is applied");
        if let Verdict::Accept(accepted) = verdict {
            assert!(
                matches!(replica.admit(&update), Verdict::Accept(again) if !again.novel),
                "what is contained is not news: {accepted:?}"
            );
        }
    }
    let state = replica.state().expect("what is applied is encoded");
    let doc = Doc::new();
    let (text, meta) = (doc.get_or_insert_text("content"), doc.get_or_insert_map("meta"));
    let update = Update::decode_v1(&state).expect("a state is an update");
    doc.transact_mut().apply_update(update).expect("a state is applied");
    assert!(!doc.transact().has_missing_updates(), "a state is whole");
    drop(text.get_string(&doc.transact()));
    drop(yrs::types::ToJson::to_json(&meta, &doc.transact()));
    let stored = Stored { snapshot: Some(state), ..Stored::default() };
    let mut again = Replica::load(&stored).expect("a state is loaded again");
    again.warm().expect("a state comes to life again");
    let vector =
        |replica: &Replica| StateVector::decode_v1(&replica.state_vector()).expect("a vector is read");
    assert_eq!(vector(&again), vector(&replica));
});

fn updates(mut bytes: &[u8]) -> Vec<Bytes> {
    let mut updates = Vec::new();
    while let [low, high, rest @ ..] = bytes {
        let len = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        updates.push(Bytes::copy_from_slice(&rest[..len]));
        bytes = &rest[len..];
    }
    updates
}
