//! An actor's place in the registry, and what becomes of it when the actor ends, on purpose or not.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Crashes, Live, lock};
use crate::ids::DocId;
use crate::limits;
use crate::metrics;
use crate::protocol::CloseCode;
use crate::protocol::close::Close;

/// An actor's place in the registry.
pub(in crate::document) struct Registration {
    pub(super) id: DocId,
    pub(super) generation: u64,
    pub(super) live: Live,
    pub(super) crashes: Crashes,
    pub(super) ended: AtomicBool,
}

impl Registration {
    /// Whether the document has ended by accident so often that nobody is to write in it any more.
    pub(in crate::document) fn is_quarantined(&self) -> bool {
        let crashes = self.crashes.lock().expect("nothing panics while it holds this");
        crashes.get(&self.id).is_some_and(|&count| count >= limits::CRASHES_BEFORE_QUARANTINE)
    }

    /// The document ends by accident: a fault of ours, which must not be repeated for ever.
    pub(in crate::document) fn note_crash(&self) {
        metrics::CRASHES.add(1);
        *self
            .crashes
            .lock()
            .expect("nothing panics while it holds this")
            .entry(self.id.clone())
            .or_default() += 1;
    }

    /// Take the document off the list. Whoever asks for it from now on starts a new actor.
    pub(in crate::document) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
        let mut live = lock(&self.live);
        if live.get(&self.id).is_some_and(|(generation, _)| *generation == self.generation) {
            live.remove(&self.id);
        }
    }

    /// What everybody is told when the server shuts down.
    pub(in crate::document) fn restarting() -> Close {
        Close::new(CloseCode::Restarting, "the server is restarting; come back in a moment")
    }
}

impl Drop for Registration {
    /// An actor that goes without having ended its registration has panicked.
    fn drop(&mut self) {
        if !self.ended.load(Ordering::Relaxed) {
            tracing::error!(document = %self.id, "the document ended by accident and will be read from disk again");
            self.note_crash();
        }
        self.end();
    }
}
