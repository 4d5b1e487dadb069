//! The connections of a live document as its actor sees them: a way out to each, and what each has on the way to the disk.

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use bytes::Bytes;
use yrs::StateVector;

use super::handle::Permit;
use super::home::Wakes;
use super::outbox::Outbox;
use crate::ids::ConnectionId;
use crate::limits;
use crate::metrics;
use crate::protocol::CloseCode;
use crate::protocol::close::Close;
use crate::protocol::wire::Frame;

#[derive(Default)]
pub(super) struct Remotes {
    all: HashMap<ConnectionId, Remote>,
    /// Who has come to owe too much and is not marked yet.
    behind: Vec<ConnectionId>,
    laggards: usize,
    /// Bytes that the permits of all connections stand for.
    unsaved: usize,
}

struct Remote {
    outbox: Outbox,
    /// The permits of its update-bearing messages, from number `released` on.
    permits: VecDeque<Option<Permit>>,
    released: u64,
    lagging: Option<Lagging>,
}

/// A reader that does not keep up.
struct Lagging {
    since: Instant,
    /// What it will have once it has taken what waits for it.
    has: StateVector,
}

impl Remote {
    /// Queue a frame that it did not ask for, unless it lags. True when with this one it has come to owe too much.
    fn push(&self, frame: &Frame, wakes: &mut Wakes) -> bool {
        if self.lagging.is_some() {
            return false;
        }
        let owed = self.outbox.push(frame.clone(), wakes);
        owed > limits::LAGGING_BYTES && owed - frame.size() <= limits::LAGGING_BYTES
    }
}

impl Remotes {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn insert(&mut self, connection: ConnectionId, outbox: Outbox) {
        let remote = Remote { outbox, permits: VecDeque::new(), released: 0, lagging: None };
        self.all.insert(connection, remote);
    }

    pub(super) fn remove(&mut self, connection: ConnectionId) {
        self.take(connection);
    }

    /// Drop every connection without a word: each is closed with 1011.
    pub(super) fn clear(&mut self) {
        *self = Remotes::default();
    }

    /// Keep the permit of a connection's next so many update-bearing messages until all of them are durable.
    pub(super) fn keep(&mut self, connection: ConnectionId, updates: usize, permit: Option<Permit>) {
        if let Some(remote) = self.all.get_mut(&connection)
            && updates > 0
        {
            self.unsaved += bytes_of(&permit);
            remote.permits.extend(std::iter::repeat_with(|| None).take(updates - 1));
            remote.permits.push_back(permit);
        }
    }

    /// A connection's messages up to number `n` are durable: they no longer count against what may be unsaved.
    pub(super) fn release(&mut self, connection: ConnectionId, n: u64) {
        if let Some(remote) = self.all.get_mut(&connection) {
            while remote.released <= n {
                self.unsaved -= remote.permits.pop_front().as_ref().map_or(0, bytes_of);
                remote.released += 1;
            }
        }
    }

    /// Whether so much is on its way to the disk that somebody may be kept from sending more until it is there.
    pub(super) fn have_much_unsaved(&self) -> bool {
        self.unsaved >= limits::UNSAVED_BYTES / 16
    }

    /// A message for one connection that asked for it.
    pub(super) fn answer(&self, connection: ConnectionId, message: Bytes) {
        if let Some(remote) = self.all.get(&connection) {
            remote.outbox.answer(Frame::binary(message));
        }
    }

    /// A message for one connection that did not ask for it.
    pub(super) fn push(&mut self, to: ConnectionId, message: Bytes) {
        if let Some(remote) = self.all.get(&to)
            && remote.push(&Frame::binary(message), &mut Wakes::new())
        {
            self.behind.push(to);
        }
    }

    /// One shared frame for every connection but a few, and but those that lag.
    pub(super) fn broadcast(&mut self, except: &[ConnectionId], message: Bytes) {
        let (frame, mut wakes) = (Frame::binary(message), Wakes::new());
        for (&connection, remote) in &self.all {
            if !except.contains(&connection) && remote.push(&frame, &mut wakes) {
                self.behind.push(connection);
            }
        }
    }

    /// Whether somebody has come to owe too much since [`Remotes::mark_laggards`] was last called.
    pub(super) fn has_new_laggards(&self) -> bool {
        !self.behind.is_empty()
    }

    /// Let those who owe too much wait for one difference. `has` is what they have with what waits for them: everything.
    pub(super) fn mark_laggards(&mut self, has: &StateVector, now: Instant) {
        for connection in self.behind.drain(..) {
            if let Some(remote) = self.all.get_mut(&connection) {
                remote.lagging = Some(Lagging { since: now, has: has.clone() });
                remote.outbox.mark_lagging();
                self.laggards += 1;
                metrics::LAGGARDS.add(1);
            }
        }
    }

    /// A laggard has taken all that waited. Returns what it has.
    pub(super) fn caught_up(&mut self, connection: ConnectionId) -> Option<StateVector> {
        let lagging = self.all.get_mut(&connection)?.lagging.take()?;
        self.laggards -= 1;
        Some(lagging.has)
    }

    /// Whether somebody lags.
    pub(super) fn has_laggards(&self) -> bool {
        self.laggards > 0
    }

    /// Send away who has lagged for too long.
    pub(super) fn close_stalled(&mut self, now: Instant) {
        let stalled = |remote: &Remote| {
            remote.lagging.as_ref().is_some_and(|lagging| now >= lagging.since + limits::STALLED_FOR)
        };
        let stalled: Vec<_> = self
            .all
            .iter()
            .filter(|(_, remote)| stalled(remote))
            .map(|(&connection, _)| connection)
            .collect();
        for connection in stalled {
            let reason = "this connection does not keep up; what it missed comes with the next sync";
            self.close(connection, Close::new(CloseCode::Resync, reason));
        }
    }

    /// Ask a connection for a sign of life.
    pub(super) fn probe(&self, connection: ConnectionId) {
        if let Some(remote) = self.all.get(&connection) {
            remote.outbox.probe();
        }
    }

    /// Close a connection once it has got what waits for it.
    pub(super) fn close(&mut self, connection: ConnectionId, close: Close) {
        if let Some(remote) = self.take(connection) {
            remote.outbox.close(close);
        }
    }

    fn take(&mut self, connection: ConnectionId) -> Option<Remote> {
        let remote = self.all.remove(&connection)?;
        self.laggards -= usize::from(remote.lagging.is_some());
        self.unsaved -= remote.permits.iter().map(bytes_of).sum::<usize>();
        Some(remote)
    }
}

fn bytes_of(permit: &Option<Permit>) -> usize {
    permit.as_ref().map_or(0, Permit::num_permits)
}
