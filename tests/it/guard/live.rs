//! A document that lives behind a guard, as the server keeps it.

use bytes::Bytes;
use cowrite::ids::ClientId;
use cowrite::protocol::guard::{Guard, Verdict, stages};
use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, OffsetKind, Options, ReadTxn, StateVector, Transact, Update};

pub struct Live {
    pub guard: Guard,
    pub doc: Doc,
}

impl Live {
    pub fn new() -> Live {
        let options = Options { offset_kind: OffsetKind::Utf16, ..Options::default() };
        Live { guard: Guard::new(), doc: Doc::with_options(options) }
    }

    /// Judge an update and apply it when it is accepted.
    pub fn send(&mut self, update: &Bytes) -> Verdict {
        let verdict = self.guard.admit(update);
        if let Verdict::Accept(accepted) = &verdict
            && accepted.novel
        {
            self.apply(&accepted.update);
        }
        verdict
    }

    pub fn apply(&self, update: &Bytes) {
        let mut txn = self.doc.transact_mut();
        for stage in stages(update) {
            let update = Update::decode_v1(&stage).expect("yrs decodes what the guard accepts");
            txn.apply_update(update).expect("yrs applies what the guard accepts");
        }
    }

    pub fn text(&self) -> String {
        self.doc.get_or_insert_text("content").get_string(&self.doc.transact())
    }

    pub fn snapshot(&self) -> Bytes {
        self.doc.transact().encode_state_as_update_v1(&StateVector::default()).into()
    }

    /// Guard and document agree on what there is, and nothing waits inside yrs.
    pub fn check(&self) {
        let txn = self.doc.transact();
        assert!(!txn.has_missing_updates(), "yrs holds something back");
        for (client, clock) in txn.state_vector().iter() {
            assert_eq!(self.guard.clock(ClientId(client.get())), *clock, "client {client}");
        }
    }

    /// The same document from its snapshot, as after a restart.
    pub fn restarted(&self) -> Live {
        let mut next = Live::new();
        let snapshot = next.guard.recall(&self.snapshot()).expect("a guard takes back what it accepted");
        next.apply(&snapshot);
        next
    }
}
