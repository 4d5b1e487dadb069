//! The way of one update through the state: role, room, guard, number.

use std::sync::Arc;

use bytes::Bytes;

use super::round::Round;
use super::{State, is_empty};
use crate::document::event::Effect;
use crate::document::replica::ApplyError;
use crate::document::space::inserts_nothing;
use crate::ids::ConnectionId;
use crate::protocol::guard::{Accepted, Verdict};
use crate::protocol::{CloseCode, message};

impl State {
    /// Judge an update from a connection and, when it is accepted, pass it on.
    pub(super) fn receive_update(
        &mut self,
        from: ConnectionId,
        update: Bytes,
        round: &mut Round,
    ) -> Result<(), ApplyError> {
        let n = self.number(from);
        let peer = self.peer(from);
        let (role, author) = (peer.role, peer.author.clone());
        if !role.may_write() {
            // A reader answers sync step 1 with nothing; that is no attempt to write.
            if !is_empty(&update) {
                let reason = "this connection may read the document, not change it";
                round.effects.push(Effect::Send { to: from, frame: message::denied(reason) });
                round.effects.push(self.refuse(from, CloseCode::Forbidden, reason));
            }
            return Ok(());
        }
        if self.storage_problem.is_some() && self.ledger.is_full() {
            let reason = "changes cannot be saved at present, and the server has no room for more of them";
            round.effects.push(self.refuse(from, CloseCode::Overloaded, reason));
            return Ok(());
        }
        if !inserts_nothing(&update) && self.overflows(update.len(), round)? {
            let reason = "the document is full: delete something, or continue in a new document";
            round.effects.push(self.refuse(from, CloseCode::TooLarge, reason));
            return Ok(());
        }
        if is_empty(&update) {
            self.peer(from).accepted(n, round.seq());
            return Ok(());
        }
        self.replica.warm()?;
        match self.replica.admit(&update) {
            Verdict::Accept(accepted) => {
                let novel = accepted.novel;
                self.accept(Some(from), &author, accepted, round);
                self.peer(from).accepted(n, round.seq());
                if novel {
                    self.retry_early(round)?;
                }
            }
            Verdict::Early => {
                if self.peer(from).hold(n, update, round.now.at).is_err() {
                    let reason = "too many updates build on changes that are missing here";
                    round.effects.push(self.refuse(from, CloseCode::Resync, reason));
                }
            }
            Verdict::Malformed(malformed) => {
                round.effects.push(self.refuse(from, CloseCode::Malformed, &malformed.to_string()));
            }
            Verdict::TooCostly(reason) => {
                round.effects.push(self.refuse(from, CloseCode::TooLarge, reason));
            }
        }
        Ok(())
    }

    /// Number an accepted update, and pass it on.
    pub(super) fn accept(
        &mut self,
        from: Option<ConnectionId>,
        author: &Arc<str>,
        accepted: Accepted,
        round: &mut Round,
    ) {
        if accepted.novel {
            round.add(from, author, accepted.update);
        }
    }

    /// Something new is here: perhaps it is what held updates were waiting for.
    pub(super) fn retry_early(&mut self, round: &mut Round) -> Result<(), ApplyError> {
        while let Some((from, index, verdict)) = self.next_timely() {
            let peer = self.peer(from);
            let (early, author) = (peer.release(index), peer.author.clone());
            match verdict {
                Verdict::Accept(accepted) => {
                    self.accept(Some(from), &author, accepted, round);
                    self.peer(from).accepted_late(&early, round.seq());
                    if self.replica.is_full() {
                        self.flush(round)?;
                    }
                }
                Verdict::Malformed(malformed) => {
                    round.effects.push(self.refuse(from, CloseCode::Malformed, &malformed.to_string()));
                }
                Verdict::TooCostly(reason) => {
                    round.effects.push(self.refuse(from, CloseCode::TooLarge, reason));
                }
                Verdict::Early => unreachable!("only a settled verdict is returned"),
            }
        }
        Ok(())
    }

    /// The first held update that is not early any more, and what the guard now says of it.
    fn next_timely(&mut self) -> Option<(ConnectionId, usize, Verdict)> {
        for (&connection, peer) in &self.peers {
            for (index, early) in peer.early().enumerate() {
                match self.replica.admit(&early.update) {
                    Verdict::Early => {}
                    settled => return Some((connection, index, settled)),
                }
            }
        }
        None
    }

    /// Whether the document would be so far beyond its limit with that many bytes more that it takes no insertions.
    pub(super) fn overflows(&mut self, bytes: usize, round: &mut Round) -> Result<bool, ApplyError> {
        if !self.space.is_beyond(self.replica.size() + bytes) {
            return Ok(false);
        }
        self.flush(round)?;
        self.replica.state()?;
        Ok(self.space.is_beyond(self.replica.size() + bytes))
    }
}
