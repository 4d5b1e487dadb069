//! Who is connected, from the first to the last word, and what they may do.

use super::State;
use crate::document::event::{Arrival, Effect, Now, Person};
use crate::document::peer::Peer;
use crate::ids::{ConnectionId, SessionId};
use crate::protocol::close::Close;
use crate::protocol::message::{self, Hello, HelloLimits};
use crate::protocol::{CloseCode, Role};

impl State {
    /// Let a connection in. It hears every change from here on; what came before it gets by sync.
    pub fn attach(&mut self, arrival: Arrival) -> Vec<Effect> {
        let to = arrival.connection;
        let mut effects = Vec::new();
        let mut send = |frame| effects.push(Effect::Send { to, frame });
        if arrival.cowrite {
            send(message::hello(&Hello {
                epoch: &self.entry.epoch,
                role: self.space.role(arrival.role),
                session: arrival.session.as_str(),
                person: arrival.stamp.as_ref().and_then(|stamp| stamp.id.as_deref()),
                kind: self.entry.kind,
                title: &self.entry.title,
                limits: HelloLimits { message_bytes: arrival.message_bytes },
            }));
            if self.space.is_scarce() {
                send(message::space(self.replica.size(), self.space.limit()));
            }
            if let Some(problem) = &self.storage_problem {
                send(message::storage(Some(problem)));
            }
        }
        if arrival.role.may_write() {
            send(message::sync_step_1(&self.replica.state_vector()));
        }
        if let Some(states) = self.presence.all() {
            send(message::awareness(&states));
        }
        self.peers.insert(to, Peer::new(&arrival));
        effects
    }

    /// Who is connected, whoever came first first.
    pub fn people(&self) -> Vec<Person> {
        let people = self.peers.iter().map(|(&connection, peer)| Person {
            session: peer.session.clone(),
            name: self.presence.name_of(connection),
            role: self.space.role(peer.role),
            since_ms: peer.since_ms,
        });
        people.collect()
    }

    /// Close the connection of a session, if there is one.
    pub fn expel(&mut self, session: &SessionId, close: &Close) -> Vec<Effect> {
        let found = self.peers.iter().find(|(_, peer)| peer.session == *session);
        let Some((&connection, _)) = found else { return Vec::new() };
        self.peers.remove(&connection);
        vec![Effect::Close { connection, close: close.clone() }]
    }

    /// A connection may do something else from here on. What it sent before and was not taken yet is judged by the new role.
    pub fn appoint(&mut self, connection: ConnectionId, role: Role) -> Vec<Effect> {
        let Some(peer) = self.peers.get_mut(&connection) else { return Vec::new() };
        let before = std::mem::replace(&mut peer.role, role);
        if before == role {
            return Vec::new();
        }
        let (cowrite, holds_early) = (peer.cowrite, peer.holds_early());
        if !role.may_write() && holds_early {
            let reason =
                "your role changed while some of your changes were on their way; they are with you still";
            return vec![self.refuse(connection, CloseCode::Resync, reason)];
        }
        let mut effects = Vec::new();
        let mut send = |frame| effects.push(Effect::Send { to: connection, frame });
        if cowrite {
            send(message::role(self.space.role(role)));
        }
        if role.may_write() && !before.may_write() {
            // It may have something to give now.
            send(message::sync_step_1(&self.replica.state_vector()));
        }
        effects
    }

    /// A connection is gone, and with it everything it said about who is here.
    pub fn detach(&mut self, connection: ConnectionId, now: Now) -> Vec<Effect> {
        self.peers.remove(&connection);
        let departed = self.presence.leave(connection, now.at);
        self.announcer.add(departed);
        self.announce(now)
    }

    /// Close every connection for the same reason.
    pub fn close_all(&mut self, close: &Close) -> Vec<Effect> {
        let peers = std::mem::take(&mut self.peers);
        peers.into_keys().map(|connection| Effect::Close { connection, close: close.clone() }).collect()
    }
}
