//! The decisions of a live document, pure: messages and time in, effects out.
//!
//! [`State`] knows who is connected, what they may do, what they sent and how much of it is durable. It holds no socket, no
//! mailbox and no store; the session performs what it decides.

mod connections;
mod round;
mod updates;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use yrs::StateVector;

use super::announcer::Announcer;
use super::event::{Effect, Except, Now};
use super::ledger::Ledger;
use super::peer::Peer;
use super::presence::Presence;
use super::replica::{ApplyError, LoadError, Replica};
use super::space::{Crossing, Space, deletes, inserts_nothing};
use crate::ids::{ConnectionId, Seq};
use crate::limits;
use crate::protocol::close::Close;
use crate::protocol::guard::{self, Malformed, Verdict};
use crate::protocol::message::{self};
use crate::protocol::{CloseCode, Message, awareness};
use crate::store::{Change, Entry, Stored};
pub use round::Round;

/// A live document.
pub struct State {
    entry: Entry,
    replica: Replica,
    presence: Presence,
    announcer: Announcer,
    peers: BTreeMap<ConnectionId, Peer>,
    /// Those with messages that are not acknowledged.
    unsaved: Vec<ConnectionId>,
    ledger: Ledger,
    /// Why changes cannot be saved at present.
    storage_problem: Option<String>,
    space: Space,
}

/// Why an update from no connection is not taken.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ContributeError {
    #[error("the update builds on changes that are not in the document")]
    Early,
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("{0}")]
    TooCostly(&'static str),
    #[error("the document is full: delete something, or continue in a new document")]
    Full,
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

impl State {
    /// Bring a stored document to life. Slow for large documents.
    pub fn load(entry: Entry, stored: &Stored, space: Space) -> Result<State, LoadError> {
        let replica = Replica::load(stored)?;
        let mut state = State {
            entry,
            replica,
            presence: Presence::default(),
            announcer: Announcer::default(),
            peers: BTreeMap::new(),
            unsaved: Vec::new(),
            ledger: Ledger::new(stored.last_seq()),
            storage_problem: None,
            space,
        };
        state.weigh(None)?;
        Ok(state)
    }

    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The document has another title.
    pub fn set_entry(&mut self, entry: Entry) {
        self.entry = entry;
    }

    /// The last accepted change, and the last durable one.
    pub fn accepted(&self) -> Seq {
        self.ledger.accepted()
    }

    pub fn durable(&self) -> Seq {
        self.ledger.durable()
    }

    /// Whether somebody is to be told when more becomes durable.
    pub fn awaits_durability(&self) -> bool {
        self.unsaved.iter().any(|from| self.peers.get(from).is_some_and(|peer| peer.cowrite))
    }

    /// The changes in between, and the sequence of the first.
    pub fn unsaved(&self) -> (Seq, Vec<Change>) {
        self.ledger.unsaved()
    }

    pub fn connections(&self) -> usize {
        self.peers.len()
    }

    /// The whole document as one update, containing exactly the changes up to [`State::accepted`].
    pub fn snapshot(&mut self) -> Result<Bytes, ApplyError> {
        self.replica.state()
    }

    /// About how many bytes a snapshot has.
    pub fn size(&self) -> usize {
        self.replica.size()
    }

    /// Whether these messages take long enough to be handled off the threads that serve sockets.
    pub fn is_heavy(&self, messages: &[(ConnectionId, Message)], now: Now) -> bool {
        let (mut size, mut deleted) = (self.replica.size(), false);
        let warming = self.replica.warming_is_heavy();
        let heavy = messages.iter().any(|(_, message)| match message {
            Message::SyncStep1(theirs) => self.replica.is_heavy(Some(theirs)),
            Message::SyncStep2(update) | Message::Update(update) if warming => !is_empty(update),
            Message::SyncStep2(update) | Message::Update(update) => {
                size += update.len();
                deleted |= deletes(update);
                // A block takes at least two bytes: keystrokes are not read twice.
                update.len() > limits::HEAVY_BYTES
                    || (update.len() > 2 * limits::HEAVY_BLOCKS
                        && guard::blocks(update) > limits::HEAVY_BLOCKS)
            }
            _ => false,
        });
        let measures = self.space.mistrusts(size) || deleted && self.space.may_measure(size, now.at);
        heavy || size > limits::HEAVY_BYTES && measures
    }

    /// Whether [`State::snapshot`] takes that long.
    pub fn snapshot_is_heavy(&self) -> bool {
        self.replica.is_heavy(None)
    }

    /// Handle what waited, in order. An error means that the copy in memory is not to be trusted any more; none of the
    /// effects has happened then.
    pub fn receive(
        &mut self,
        messages: Vec<(ConnectionId, Message)>,
        now: Now,
    ) -> Result<Vec<Effect>, ApplyError> {
        let round = self.judge(messages, now)?;
        self.finish(round)
    }

    /// The first half of [`State::receive`]: all that comes before what was accepted is applied. [`State::finish`] must follow.
    pub fn judge(&mut self, messages: Vec<(ConnectionId, Message)>, now: Now) -> Result<Round, ApplyError> {
        let mut round = Round::new(self.accepted().next(), now);
        for (from, message) in messages {
            if !self.peers.contains_key(&from) {
                continue; // closed or refused, while this was on its way
            }
            match message {
                Message::Update(update) | Message::SyncStep2(update) => {
                    self.receive_update(from, update, &mut round)?;
                }
                Message::SyncStep1(theirs) => {
                    self.flush(&mut round)?;
                    let update = self.replica.diff(&theirs)?;
                    round.effects.push(Effect::Sync { to: from, update });
                }
                Message::Awareness(update) => self.receive_awareness(from, update, &mut round),
                Message::QueryAwareness => {
                    let states = self.presence.all().unwrap_or(Bytes::from_static(&[0]));
                    round.effects.push(Effect::Send { to: from, frame: message::awareness(&states) });
                }
                // The pump's affair, and no document's.
                Message::Token(_) => {}
                Message::Ping(token) => {
                    round.effects.push(Effect::Send { to: from, frame: message::pong(token) });
                }
            }
        }
        Ok(round)
    }

    /// Take an update that comes from no connection: an imported text, a program's change. Returns what to wait for until it is
    /// durable.
    pub fn contribute(
        &mut self,
        author: Arc<str>,
        update: &Bytes,
        now: Now,
    ) -> Result<(Seq, Vec<Effect>), ContributeError> {
        let mut round = Round::new(self.accepted().next(), now);
        // Nobody typed it meanwhile, so nothing is lost by asking for less.
        if !inserts_nothing(update) && (self.space.is_full() || self.overflows(update.len(), &mut round)?) {
            return Err(ContributeError::Full);
        }
        self.replica.warm().map_err(ApplyError::from)?;
        let accepted = match self.replica.admit(update) {
            Verdict::Accept(accepted) => accepted,
            Verdict::Early => return Err(ContributeError::Early),
            Verdict::Malformed(malformed) => return Err(ContributeError::Malformed(malformed)),
            Verdict::TooCostly(reason) => return Err(ContributeError::TooCostly(reason)),
        };
        self.accept(None, &author, accepted, &mut round);
        self.retry_early(&mut round)?;
        Ok((self.accepted(), self.finish(round)?))
    }

    /// What the document contains.
    pub fn state_vector(&self) -> StateVector {
        self.replica.contents()
    }

    /// All that somebody missed who has `theirs`: the changes as one update, and who is here.
    pub fn catch_up(&mut self, theirs: &StateVector) -> Result<Vec<Bytes>, ApplyError> {
        let missed = message::update(&self.replica.diff(theirs)?);
        let states = self.presence.all().map(|states| message::awareness(&states));
        Ok([missed].into_iter().chain(states).collect())
    }

    /// Whether [`State::catch_up`] takes long enough to be done elsewhere.
    pub fn diff_is_heavy(&self, theirs: &StateVector) -> bool {
        self.replica.is_heavy(Some(theirs))
    }

    /// Every change up to `seq` survives a power cut.
    pub fn saved(&mut self, seq: Seq) -> Vec<Effect> {
        self.ledger.saved(seq);
        self.acknowledge()
    }

    /// Changes cannot be saved, or can be again.
    pub fn set_storage_problem(&mut self, problem: Option<String>) -> Vec<Effect> {
        if self.storage_problem == problem {
            return Vec::new();
        }
        self.storage_problem = problem;
        let frame = message::storage(self.storage_problem.as_deref());
        let told = self.peers.iter().filter(|(_, peer)| peer.cowrite);
        told.map(|(&to, _)| Effect::Send { to, frame: frame.clone() }).collect()
    }

    /// A connection that was probed lives.
    pub fn alive(&mut self, connection: ConnectionId) {
        self.presence.alive(connection);
    }

    /// Time has passed: contested clients change hands, whoever waits in vain for a missing change is asked to resync, and what
    /// deletions gave back is looked at.
    pub fn tick(&mut self, now: Now) -> Result<Vec<Effect>, ApplyError> {
        self.announcer.add(self.presence.tick(now.at));
        let mut effects = self.announce(now);
        let vain = self.holders().filter(|(_, peer)| peer.waits_in_vain(now.at));
        let late: Vec<ConnectionId> = vain.map(|(connection, _)| connection).collect();
        for connection in late {
            effects.push(self.refuse(
                connection,
                CloseCode::Resync,
                "an update builds on changes that never came",
            ));
        }
        effects.extend(self.weigh(Some(now.at))?);
        Ok(effects)
    }

    /// Whether that takes long enough to be done elsewhere.
    pub fn tick_is_heavy(&self, now: Now) -> bool {
        self.owes_measuring(now.at) && self.replica.is_heavy(None)
    }

    fn owes_measuring(&self, now: Instant) -> bool {
        self.space.owes_measuring() && self.space.may_measure(self.replica.size(), now)
    }

    /// Whether [`State::tick`] is to be called again soon.
    pub fn wants_tick(&self) -> bool {
        self.presence.wants_tick() || self.space.owes_measuring() || self.holders().next().is_some()
    }

    /// When [`State::announce`] has something to say, if it has.
    pub fn announces_at(&self, now: Now) -> Option<Instant> {
        self.announcer.due(now.at)
    }

    /// Tell everybody who has come, moved and gone, if it is time.
    pub fn announce(&mut self, now: Now) -> Vec<Effect> {
        let frame = self.announcer.take(now.at);
        frame.map(|frame| Effect::Broadcast { except: Except::new(), frame }).into_iter().collect()
    }

    /// Whether [`State::finish`] takes long enough to be done elsewhere.
    pub fn finish_is_heavy(&self) -> bool {
        self.replica.flush_is_heavy()
    }

    /// The second half of [`State::receive`]: apply what a round accepted, in one transaction, and say what follows from it.
    pub fn finish(&mut self, mut round: Round) -> Result<Vec<Effect>, ApplyError> {
        self.flush(&mut round)?;
        let now = round.now;
        let (mut effects, first, changes) = round.end();
        effects.extend(self.announce(now));
        changes.iter().for_each(|change| self.ledger.accept(change.clone()));
        if !changes.is_empty() {
            if changes.iter().any(|change| deletes(&change.update)) {
                self.space.note_deletion();
            }
            effects.extend(self.weigh(Some(now.at))?);
            // Before anybody sees them, so that not even the end of the process takes them back.
            effects.insert(0, Effect::Append { first, changes });
        }
        effects.extend(self.acknowledge());
        Ok(effects)
    }

    /// Apply what has been accepted.
    fn flush(&mut self, round: &mut Round) -> Result<(), ApplyError> {
        round.merged.extend(self.replica.flush()?);
        Ok(())
    }

    /// The number of a connection's next update-bearing message, which is to be acknowledged.
    fn number(&mut self, from: ConnectionId) -> u64 {
        if !self.unsaved.contains(&from) {
            self.unsaved.push(from);
        }
        self.peer(from).number()
    }

    /// A connection that the caller has just seen.
    fn peer(&mut self, connection: ConnectionId) -> &mut Peer {
        self.peers.get_mut(&connection).expect("a connection leaves only between messages")
    }

    fn receive_awareness(&mut self, from: ConnectionId, update: Bytes, round: &mut Round) {
        let entries = match awareness::decode(update) {
            Ok(entries) => entries,
            Err(error) => {
                return round.effects.push(self.refuse(from, CloseCode::Malformed, &error.to_string()));
            }
        };
        let entries = match &self.peer(from).stamp {
            None => entries,
            Some(stamp) => entries
                .into_iter()
                .map(|entry| awareness::Entry { state: stamp.put_on(&entry.state), ..entry })
                .collect(),
        };
        match self.presence.receive(from, entries, round.now.at) {
            Ok(outcome) => {
                self.announcer.add(outcome.changed);
                round.effects.extend(outcome.probe.into_iter().map(Effect::Probe));
            }
            Err(excess) => {
                round.effects.push(self.refuse(from, CloseCode::TooLarge, &excess.to_string()));
            }
        }
    }

    /// Those for whom early updates are held, all of which have messages that are not acknowledged: whoever only reads is not looked
    /// at for every update.
    fn holders(&self) -> impl Iterator<Item = (ConnectionId, &Peer)> {
        let unsaved = self.unsaved.iter().filter_map(|&from| Some((from, self.peers.get(&from)?)));
        unsaved.filter(|(_, peer)| peer.holds_early())
    }

    /// Acknowledge what has become durable: for each connection, up to the first message that has not.
    fn acknowledge(&mut self) -> Vec<Effect> {
        let durable = self.durable();
        let mut effects = Vec::new();
        self.unsaved.retain(|&to| {
            let Some(peer) = self.peers.get_mut(&to) else { return false };
            let acknowledged = peer.acknowledge(durable);
            effects.extend(acknowledged.map(|n| Effect::Saved { to, n, tell: peer.cowrite }));
            peer.awaits_saved()
        });
        effects
    }

    /// Compare the document's size with its limit, and tell whoever understands when that means something new. Flush first.
    fn weigh(&mut self, now: Option<Instant>) -> Result<Vec<Effect>, ApplyError> {
        if self.space.mistrusts(self.replica.size()) || now.is_some_and(|now| self.owes_measuring(now)) {
            self.replica.state()?;
            self.space.measured(now);
        }
        let bytes = self.replica.size();
        let Some(crossing) = self.space.weigh(bytes) else { return Ok(Vec::new()) };
        let mut effects = Vec::new();
        if crossing != Crossing::Near {
            effects.push(Effect::Filled { full: crossing == Crossing::Filled, bytes });
        }
        let space = message::space(bytes, self.space.limit());
        for (&to, peer) in self.peers.iter().filter(|(_, peer)| peer.cowrite) {
            effects.push(Effect::Send { to, frame: space.clone() });
            if crossing != Crossing::Near && peer.role.may_write() {
                effects.push(Effect::Send { to, frame: message::role(self.space.role(peer.role)) });
            }
        }
        Ok(effects)
    }

    /// Nothing more is taken from this connection. Its presence stays until it is really gone.
    fn refuse(&mut self, connection: ConnectionId, code: CloseCode, reason: &str) -> Effect {
        self.peers.remove(&connection);
        Effect::Close { connection, close: Close::new(code, reason) }
    }
}

/// Whether an update says nothing, as the answer of a client that has nothing new.
fn is_empty(update: &[u8]) -> bool {
    update == yrs::Update::EMPTY_V1
}

#[cfg(test)]
mod tests;
