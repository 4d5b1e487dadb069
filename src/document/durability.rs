//! News from the journal's thread: how far a document is durable. Never blocks, never queues, never gets lost.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

use actix::Addr;

use super::handle::Command;
use super::session::Session;
use crate::ids::Seq;
use crate::store::{Listener, StoreError};

/// Shared by a document and the journal's thread.
#[derive(Default)]
pub(super) struct Durability {
    durable: AtomicU64,
    failure: Mutex<Option<StoreError>>,
    session: OnceLock<Addr<Session>>,
}

impl Durability {
    /// Wake this actor when there is news.
    pub(super) fn wake_through(&self, session: Addr<Session>) {
        // A second address would be the same actor's.
        let _ = self.session.set(session);
    }

    pub(super) fn durable(&self) -> Seq {
        Seq(self.durable.load(Ordering::Acquire))
    }

    pub(super) fn failure(&self) -> Option<StoreError> {
        self.failure.lock().expect("nothing panics while it holds this").clone()
    }

    pub(super) fn note_failure(&self, error: &StoreError) {
        *self.failure.lock().expect("nothing panics while it holds this") = Some(error.clone());
        self.wake();
    }

    /// A full mailbox needs no waking: the document looks here before each command.
    fn wake(&self) {
        if let Some(session) = self.session.get() {
            let _ = session.try_send(Command::Wake);
        }
    }
}

impl Listener for Durability {
    fn durable(&self, seq: Seq) {
        self.durable.fetch_max(seq.0, Ordering::AcqRel);
        self.wake();
    }

    fn failed(&self, error: &StoreError) {
        self.note_failure(error);
    }
}
