//! The connections of a live document as its actor sees them: a way out to each, and what each has on the way to the disk.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

use super::handle::Permit;
use super::outbox::Outbox;
use crate::ids::ConnectionId;
use crate::protocol::CloseCode;
use crate::protocol::close::Close;

#[derive(Default)]
pub(super) struct Remotes(HashMap<ConnectionId, Remote>);

struct Remote {
    outbox: Outbox,
    /// The permits of its update-bearing messages, from number `released` on.
    permits: VecDeque<Option<Permit>>,
    released: u64,
}

impl Remotes {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn insert(&mut self, connection: ConnectionId, outbox: Outbox) {
        self.0.insert(connection, Remote { outbox, permits: VecDeque::new(), released: 0 });
    }

    pub(super) fn remove(&mut self, connection: ConnectionId) {
        self.0.remove(&connection);
    }

    /// Drop every connection without a word: each is closed with 1011.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Keep the permit of a connection's next update-bearing message until that is durable.
    pub(super) fn keep(&mut self, connection: ConnectionId, permit: Option<Permit>) {
        if let Some(remote) = self.0.get_mut(&connection) {
            remote.permits.push_back(permit);
        }
    }

    /// A connection's messages up to number `n` are durable: they no longer count against what may be unsaved.
    pub(super) fn release(&mut self, connection: ConnectionId, n: u64) {
        if let Some(remote) = self.0.get_mut(&connection) {
            while remote.released <= n {
                remote.permits.pop_front();
                remote.released += 1;
            }
        }
    }

    /// A frame for one connection that asked for it.
    pub(super) fn answer(&self, connection: ConnectionId, frame: Bytes) {
        if let Some(remote) = self.0.get(&connection) {
            remote.outbox.answer(frame);
        }
    }

    /// One shared frame for every connection but one. Whoever has fallen behind is sent away to resync.
    pub(super) fn broadcast(&mut self, except: Option<ConnectionId>, frame: &Bytes) {
        self.0.retain(|connection, remote| {
            if Some(*connection) == except {
                return true;
            }
            let keeps_up = remote.outbox.push(frame.clone()).is_ok();
            if !keeps_up {
                let reason = "this connection fell behind; what it missed comes with the next sync";
                remote.outbox.close(Close::new(CloseCode::Resync, reason));
            }
            keeps_up
        });
    }

    /// Ask a connection for a sign of life.
    pub(super) fn probe(&self, connection: ConnectionId) {
        if let Some(remote) = self.0.get(&connection) {
            remote.outbox.probe();
        }
    }

    /// Close a connection once it has got what waits for it.
    pub(super) fn close(&mut self, connection: ConnectionId, close: Close) {
        if let Some(remote) = self.0.remove(&connection) {
            remote.outbox.close(close);
        }
    }
}
