//! News from the journal's thread: how far a document is durable. Never blocks, never queues, never gets lost.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock};

use actix::Addr;

use super::handle::Command;
use super::session::Session;
use crate::ids::Seq;
use crate::store::{Listener, StoreError};

/// Shared by a document and the journal's thread.
#[derive(Default)]
pub(super) struct Durability {
    durable: AtomicU64,
    /// Whether the document wants to be woken when more has become durable. Otherwise it looks when it has something else to do.
    awaited: AtomicBool,
    writing: Mutex<Writing>,
    session: OnceLock<Addr<Session>>,
}

/// Whether the store takes this document's changes.
#[derive(Debug, Clone, Default)]
pub(super) enum Writing {
    #[default]
    Fine,
    /// It does not, and has lost those after the last durable one.
    Failed(StoreError),
    /// It does again, once it was given those after the last durable one again: until then others would leave a gap.
    Recovered,
}

impl Durability {
    /// Wake this actor when there is news.
    pub(super) fn wake_through(&self, session: Addr<Session>) {
        // A second address would be the same actor's.
        let _ = self.session.set(session);
    }

    pub(super) fn durable(&self) -> Seq {
        Seq(self.durable.load(Ordering::SeqCst))
    }

    /// Say whether it is worth a wake-up that more is durable. Look at [`Durability::durable`] afterwards: what came just before is not told.
    pub(super) fn set_awaited(&self, awaited: bool) {
        self.awaited.store(awaited, Ordering::SeqCst);
    }

    pub(super) fn writing(&self) -> Writing {
        self.lock().clone()
    }

    /// Why nothing can be saved at present.
    pub(super) fn failure(&self) -> Option<StoreError> {
        match self.writing() {
            Writing::Failed(error) => Some(error),
            Writing::Fine | Writing::Recovered => None,
        }
    }

    /// An append was refused. If the store has recovered meanwhile, that is the later news.
    pub(super) fn note_refusal(&self, error: &StoreError) {
        let mut writing = self.lock();
        if let Writing::Fine = *writing {
            *writing = Writing::Failed(error.clone());
        }
        drop(writing);
        self.wake();
    }

    /// What the store lost is about to be given to it again.
    pub(super) fn resume(&self) {
        *self.lock() = Writing::Fine;
    }

    fn lock(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().expect("nothing panics while it holds this")
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
        self.durable.fetch_max(seq.0, Ordering::SeqCst);
        if self.awaited.load(Ordering::SeqCst) {
            self.wake();
        }
    }

    fn failed(&self, error: &StoreError) {
        *self.lock() = Writing::Failed(error.clone());
        self.wake();
    }

    fn recovered(&self) {
        *self.lock() = Writing::Recovered;
        self.wake();
    }
}
