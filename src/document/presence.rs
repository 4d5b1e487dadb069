//! Who is here: the awareness states of one document, and which connection may speak for which client.
//!
//! A client id belongs to one connection. Stock clients pass on what they hear of others, so an entry about somebody
//! else's client is an echo and ignored, unless it is *newer* than what the owner said: then its client has come back on a new
//! connection before the old one is known to be dead. The old one is probed and keeps the id only if it
//! gives a sign of life within [`PROBE_FOR`].

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::ids::{ClientId, ConnectionId};
use crate::limits;
use crate::protocol::awareness::{Entry, GONE, encode};

/// How long a connection that was probed has to answer before another may take over its client id.
pub const PROBE_FOR: Duration = Duration::from_secs(2);

/// How long the clock of a client that left is remembered, so that a late echo does not bring back its ghost.
const REMEMBER_FOR: Duration = Duration::from_secs(60);

/// The awareness states of a document.
#[derive(Debug, Default)]
pub struct Presence {
    present: BTreeMap<ClientId, Present>,
    claims: Vec<Claim>,
    departed: BTreeMap<ClientId, Departed>,
}

#[derive(Debug)]
struct Present {
    owner: ConnectionId,
    entry: Entry,
}

/// A wish to speak for a client id that another connection still holds.
#[derive(Debug)]
struct Claim {
    by: ConnectionId,
    since: Instant,
    entry: Entry,
}

#[derive(Debug)]
struct Departed {
    clock: u64,
    at: Instant,
}

/// What an awareness update or the passing of time led to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// States that everybody is to hear of.
    pub changed: Vec<Entry>,
    /// Connections that must give a sign of life.
    pub probe: Vec<ConnectionId>,
}

/// A connection asked for more presence than one person has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Excess {
    #[error("an awareness state is larger than {} bytes", limits::AWARENESS_BYTES)]
    Bytes,
    #[error("one connection speaks for more than {} awareness clients", limits::AWARENESS_CLIENTS)]
    Clients,
}

impl Presence {
    /// Take what a connection says about who is here.
    pub fn receive(
        &mut self,
        from: ConnectionId,
        entries: Vec<Entry>,
        now: Instant,
    ) -> Result<Outcome, Excess> {
        let mut outcome = Outcome::default();
        for entry in entries {
            match self.present.get_mut(&entry.client) {
                Some(present) if present.owner == from => {
                    if !supersedes(&entry, &present.entry) {
                        continue;
                    }
                    check_size(&entry)?;
                    if entry.is_gone() {
                        self.depart(entry.client, entry.clock, now);
                    } else {
                        present.entry = entry.clone();
                    }
                    outcome.changed.push(entry);
                }
                Some(present) => {
                    if entry.is_gone() || entry.clock <= present.entry.clock {
                        continue;
                    }
                    check_size(&entry)?;
                    outcome.probe.extend(self.claim(from, entry, now));
                }
                None => {
                    let late = self.departed.get(&entry.client).is_some_and(|d| entry.clock <= d.clock);
                    if entry.is_gone() || late {
                        continue;
                    }
                    check_size(&entry)?;
                    if self.spoken_for_by(from) >= limits::AWARENESS_CLIENTS {
                        return Err(Excess::Clients);
                    }
                    self.departed.remove(&entry.client);
                    self.present.insert(entry.client, Present { owner: from, entry: entry.clone() });
                    outcome.changed.push(entry);
                }
            }
        }
        Ok(outcome)
    }

    /// A connection has gone: its states go with it, except where another connection was waiting for them.
    pub fn leave(&mut self, gone: ConnectionId, now: Instant) -> Vec<Entry> {
        self.claims.retain(|claim| claim.by != gone);
        let owned: Vec<ClientId> =
            self.present.iter().filter(|(_, p)| p.owner == gone).map(|(client, _)| *client).collect();
        owned
            .into_iter()
            .map(|client| match self.claims.iter().position(|claim| claim.entry.client == client) {
                Some(index) => {
                    let claim = self.claims.swap_remove(index);
                    self.grant(claim)
                }
                None => {
                    let clock = self.present[&client].entry.clock;
                    self.depart(client, clock, now);
                    Entry { client, clock, state: GONE }
                }
            })
            .collect()
    }

    /// The probed connection lives: whoever wanted its client ids does not get them.
    pub fn alive(&mut self, connection: ConnectionId) {
        let present = &self.present;
        self.claims.retain(|claim| present.get(&claim.entry.client).is_none_or(|p| p.owner != connection));
    }

    /// Time has passed: grant the claims that nobody contested and forget old departures.
    pub fn tick(&mut self, now: Instant) -> Vec<Entry> {
        self.departed.retain(|_, departed| now < departed.at + REMEMBER_FOR);
        let (due, waiting) =
            std::mem::take(&mut self.claims).into_iter().partition(|claim| now >= claim.since + PROBE_FOR);
        self.claims = waiting;
        let due: Vec<Claim> = due;
        due.into_iter().map(|claim| self.grant(claim)).collect()
    }

    /// Whether time alone can change anything here.
    pub fn wants_tick(&self) -> bool {
        !self.claims.is_empty() || !self.departed.is_empty()
    }

    /// Every state, as one awareness update. `None` when nobody is here.
    pub fn all(&self) -> Option<Bytes> {
        let entries: Vec<&Entry> = self.present.values().map(|present| &present.entry).collect();
        (!entries.is_empty()).then(|| encode(entries.into_iter()))
    }

    /// What a connection says that its person is called.
    pub fn name_of(&self, connection: ConnectionId) -> Option<String> {
        let mut states = self.present.values().filter(|present| present.owner == connection);
        let name = |state: &[u8]| {
            let state: serde_json::Value = serde_json::from_slice(state).ok()?;
            Some(state["user"]["name"].as_str()?.to_owned())
        };
        states.find_map(|present| name(&present.entry.state))
    }

    fn claim(&mut self, by: ConnectionId, entry: Entry, now: Instant) -> Option<ConnectionId> {
        if let Some(claim) = self.claims.iter_mut().find(|c| c.by == by && c.entry.client == entry.client) {
            claim.entry = entry;
            return None;
        }
        let mine = self.claims.iter().filter(|claim| claim.by == by).count();
        if mine >= limits::AWARENESS_CLIENTS {
            return None;
        }
        let owner = self.present.get(&entry.client).map(|present| present.owner);
        self.claims.push(Claim { by, since: now, entry });
        owner
    }

    fn grant(&mut self, claim: Claim) -> Entry {
        let present = Present { owner: claim.by, entry: claim.entry.clone() };
        self.present.insert(claim.entry.client, present);
        claim.entry
    }

    fn depart(&mut self, client: ClientId, clock: u64, now: Instant) {
        self.present.remove(&client);
        self.departed.insert(client, Departed { clock, at: now });
    }

    fn spoken_for_by(&self, connection: ConnectionId) -> usize {
        self.present.values().filter(|present| present.owner == connection).count()
    }
}

/// Yjs' rule: the higher clock wins, and at the same clock a departure wins over a state.
fn supersedes(new: &Entry, old: &Entry) -> bool {
    new.clock > old.clock || (new.clock == old.clock && new.is_gone() && !old.is_gone())
}

fn check_size(entry: &Entry) -> Result<(), Excess> {
    if entry.state.len() > limits::AWARENESS_BYTES { Err(Excess::Bytes) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ConnectionId = ConnectionId(1);
    const B: ConnectionId = ConnectionId(2);

    fn entry(client: u64, clock: u64, state: &'static str) -> Entry {
        Entry { client: ClientId(client), clock, state: Bytes::from_static(state.as_bytes()) }
    }

    /// Presence in which connection `A` speaks for client 7 at clock 5.
    fn with_a(now: Instant) -> Presence {
        let mut presence = Presence::default();
        presence.receive(A, vec![entry(7, 5, "{}")], now).expect("one small state");
        presence
    }

    #[test]
    fn the_newest_state_of_a_client_counts() {
        let now = Instant::now();
        let mut presence = with_a(now);
        let stale = presence.receive(A, vec![entry(7, 4, "1")], now).unwrap();
        assert_eq!(stale, Outcome::default());
        let fresh = presence.receive(A, vec![entry(7, 6, "2")], now).unwrap();
        assert_eq!(fresh.changed, [entry(7, 6, "2")]);
        assert_eq!(presence.all(), Some(encode([entry(7, 6, "2")].iter())));
    }

    #[test]
    fn an_echo_neither_removes_nor_revives_nor_takes_over() {
        let now = Instant::now();
        let mut presence = with_a(now);
        for echo in [entry(7, 5, "{}"), entry(7, 5, "null"), entry(7, 9, "null")] {
            assert_eq!(presence.receive(B, vec![echo], now).unwrap(), Outcome::default());
        }
        assert_eq!(presence.leave(A, now), [entry(7, 5, "null")]);
        assert_eq!(presence.receive(B, vec![entry(7, 5, "{}")], now).unwrap(), Outcome::default());
        assert_eq!(presence.all(), None);
    }

    #[test]
    fn a_client_that_came_back_takes_over_from_a_dead_connection() {
        let now = Instant::now();
        let mut presence = with_a(now);
        let outcome = presence.receive(B, vec![entry(7, 6, "2")], now).unwrap();
        assert_eq!(outcome, Outcome { changed: vec![], probe: vec![A] });
        assert_eq!(presence.tick(now + Duration::from_secs(1)), []);
        assert_eq!(presence.tick(now + PROBE_FOR), [entry(7, 6, "2")]);
        assert_eq!(presence.leave(A, now), [], "the id belongs to B now");
    }

    #[test]
    fn a_living_connection_keeps_its_client() {
        let now = Instant::now();
        let mut presence = with_a(now);
        presence.receive(B, vec![entry(7, 6, "2")], now).unwrap();
        presence.alive(A);
        assert_eq!(presence.tick(now + PROBE_FOR), []);
        assert_eq!(presence.all(), Some(encode([entry(7, 5, "{}")].iter())));
    }

    #[test]
    fn a_claim_is_granted_when_the_owner_leaves() {
        let now = Instant::now();
        let mut presence = with_a(now);
        presence.receive(B, vec![entry(7, 6, "2")], now).unwrap();
        assert_eq!(presence.leave(A, now), [entry(7, 6, "2")]);
    }

    #[test]
    fn one_connection_is_not_a_crowd() {
        let now = Instant::now();
        let mut presence = Presence::default();
        let crowd: Vec<Entry> = (0..9).map(|client| entry(client, 1, "{}")).collect();
        assert_eq!(presence.receive(A, crowd, now), Err(Excess::Clients));
        let large = Entry { state: Bytes::from(vec![b' '; limits::AWARENESS_BYTES + 1]), ..entry(1, 9, "") };
        assert_eq!(presence.receive(A, vec![large], now), Err(Excess::Bytes));
    }
}
