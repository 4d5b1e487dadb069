//! What one connection has sent, and how much of it has been acknowledged. Pure bookkeeping.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;

use super::event::Arrival;
use crate::ids::{Seq, SessionId};
use crate::limits;
use crate::protocol::Role;
use crate::protocol::awareness::Stamp;

/// A connection as the state knows it.
pub(super) struct Peer {
    /// As the journal records it.
    pub(super) author: Arc<str>,
    pub(super) stamp: Option<Stamp>,
    pub(super) session: SessionId,
    /// When it came, in milliseconds since 1970.
    pub(super) since_ms: u64,
    pub(super) role: Role,
    /// Whether it understands our own messages.
    pub(super) cowrite: bool,
    /// Update-bearing messages so far: the number of the next one.
    received: u64,
    /// Those not acknowledged yet, in order.
    unsaved: VecDeque<Unsaved>,
    early: VecDeque<Early>,
    early_bytes: usize,
}

struct Unsaved {
    n: u64,
    /// What must be durable before it is acknowledged. `None` while it is held as early.
    after: Option<Seq>,
}

/// An update that came before what it builds on.
pub(super) struct Early {
    n: u64,
    pub(super) update: Bytes,
    since: Instant,
}

/// More is held for a connection than it may ask for.
#[derive(Debug)]
pub(super) struct TooManyEarly;

impl Peer {
    pub(super) fn new(arrival: &Arrival) -> Peer {
        Peer {
            author: arrival.author.clone().unwrap_or_else(|| arrival.session.as_str().into()),
            stamp: arrival.stamp.clone(),
            session: arrival.session.clone(),
            since_ms: arrival.since_ms,
            role: arrival.role,
            cowrite: arrival.cowrite,
            received: 0,
            unsaved: VecDeque::new(),
            early: VecDeque::new(),
            early_bytes: 0,
        }
    }

    /// Give the next update-bearing message its number.
    pub(super) fn number(&mut self) -> u64 {
        self.received += 1;
        self.received - 1
    }

    /// Message `n` is part of what the document contains at `seq`.
    pub(super) fn accepted(&mut self, n: u64, seq: Seq) {
        self.unsaved.push_back(Unsaved { n, after: Some(seq) });
    }

    /// Hold message `n` until what it builds on has come.
    pub(super) fn hold(&mut self, n: u64, update: Bytes, now: Instant) -> Result<(), TooManyEarly> {
        self.unsaved.push_back(Unsaved { n, after: None });
        self.early_bytes += update.len();
        self.early.push_back(Early { n, update, since: now });
        let fits = self.early.len() <= limits::EARLY_UPDATES && self.early_bytes <= limits::EARLY_BYTES;
        if fits { Ok(()) } else { Err(TooManyEarly) }
    }

    /// The updates that are held.
    pub(super) fn early(&self) -> impl Iterator<Item = &Early> {
        self.early.iter()
    }

    /// The update at `index` of [`Peer::early`] is held no longer.
    pub(super) fn release(&mut self, index: usize) -> Early {
        let early = self.early.remove(index).expect("the index comes from a look at the same queue");
        self.early_bytes -= early.update.len();
        early
    }

    /// An update that was held is part of what the document contains at `seq`.
    pub(super) fn accepted_late(&mut self, early: &Early, seq: Seq) {
        let unsaved = self.unsaved.iter_mut().find(|unsaved| unsaved.n == early.n);
        unsaved.expect("a held message is not acknowledged").after = Some(seq);
    }

    /// Whether a message is not acknowledged yet.
    pub(super) fn awaits_saved(&self) -> bool {
        !self.unsaved.is_empty()
    }

    /// Whether an update has been held for too long.
    pub(super) fn waits_in_vain(&self, now: Instant) -> bool {
        self.early.front().is_some_and(|early| now >= early.since + limits::EARLY_FOR)
    }

    pub(super) fn holds_early(&self) -> bool {
        !self.early.is_empty()
    }

    /// The highest message that is durable and was not acknowledged before, with all before it.
    pub(super) fn acknowledge(&mut self, durable: Seq) -> Option<u64> {
        let mut last = None;
        while let Some(&Unsaved { n, after: Some(after) }) = self.unsaved.front()
            && after <= durable
        {
            last = Some(n);
            self.unsaved.pop_front();
        }
        last
    }
}
