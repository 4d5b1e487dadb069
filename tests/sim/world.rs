//! Five clients, a server and the network between them, one random event after another.

use std::collections::{BTreeMap, VecDeque};
use std::ops::AddAssign;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use cowrite::document::{Arrival, Effect};
use cowrite::ids::{ConnectionId, SessionId};
use cowrite::protocol::varint::{Reader, put_var_uint};
use cowrite::protocol::{CloseCode, Role, message};
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng, rngs::StdRng};
use yrs::updates::decoder::Decode;
use yrs::{Doc, OffsetKind, Options, ReadTxn, StateVector, Transact, Update};

use super::client::Client;
use super::server::Server;
use crate::yjs::Story;

const CLIENTS: u64 = 5;

/// How long a step takes.
const STEP: Duration = Duration::from_millis(20);

/// Rounds in which a healed world must come to rest.
const ROUNDS: usize = 60;

pub struct World {
    seed: u64,
    random: StdRng,
    steps: u64,
    server: Server,
    clients: Vec<Client>,
    wires: BTreeMap<ConnectionId, Wire>,
    connections: u64,
    /// Updates that somebody was told are saved.
    promised: Vec<Bytes>,
    pub tally: Tally,
}

/// A connection: frames on their way, in order. It outlives what either end knows of it.
struct Wire {
    client: usize,
    up: VecDeque<Bytes>,
    down: VecDeque<Bytes>,
    /// The client has given up on it; the server may not have noticed.
    abandoned: bool,
    /// Update-bearing messages that the client sent and has no `Saved` for, the first with this number.
    unsaved: VecDeque<Bytes>,
    next_saved: u64,
}

/// What happened, so that a test that no longer tries something is noticed.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    edits: u64,
    frames: u64,
    duplicates: u64,
    merged: u64,
    whispers: u64,
    lost_connections: u64,
    partitions: u64,
    restarts: u64,
    changes_lost: u64,
    resyncs: u64,
    saved: u64,
}

impl World {
    pub fn new(seed: u64) -> World {
        let mut random = StdRng::seed_from_u64(seed);
        let ids = (1..=CLIENTS).map(|i| i + u64::from(random.random::<u32>() >> 3) * 8);
        World {
            seed,
            clients: ids.collect::<Vec<_>>().into_iter().map(Client::new).collect(),
            random,
            steps: 0,
            server: Server::new(),
            wires: BTreeMap::new(),
            connections: 0,
            promised: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// One thing happens.
    pub fn step(&mut self) {
        self.steps += 1;
        self.server.pass(STEP);
        let client = self.random.random_range(0..self.clients.len());
        match self.random.random_range(0..1_000) {
            0..250 => self.edit(client),
            250..470 => self.deliver_up(),
            470..720 => self.deliver_down(),
            720..770 => self.server.sync(&mut self.random),
            770..820 => self.acknowledge(),
            820..840 => self.tick(),
            840..860 => self.send_held(client),
            860..875 => self.repeat(client),
            875..890 => self.whisper(client),
            890..908 => self.lose_connection(client),
            908..914 => self.cut_off(client),
            914..918 => self.server.checkpoint(),
            918..922 => self.restart(),
            _ => self.connect(client),
        }
    }

    fn edit(&mut self, client: usize) {
        self.tally.edits += 1;
        let update = self.clients[client].edit(&mut self.random);
        if self.clients[client].connection.is_some() {
            if self.random.random_bool(0.8) {
                self.send_update(client, update);
            } else {
                self.clients[client].held.push(update);
            }
        }
    }

    /// Send what was gathered: merged, which leaves holes where something was sent already, or in the wrong order.
    fn send_held(&mut self, client: usize) {
        let mut held = std::mem::take(&mut self.clients[client].held);
        if self.clients[client].connection.is_none() || held.is_empty() {
            return; // without a connection the next sync gives all of it
        }
        if self.random.random_bool(0.5) {
            held.shuffle(&mut self.random);
            held.into_iter().for_each(|update| self.send_update(client, update));
        } else {
            self.tally.merged += 1;
            let merged = yrs::merge_updates_v1(&held).expect("updates can be merged");
            self.send_update(client, merged.into());
        }
    }

    /// Say something again.
    fn repeat(&mut self, client: usize) {
        if let Some(update) = self.clients[client].made.choose(&mut self.random).cloned()
            && self.clients[client].connection.is_some()
        {
            self.tally.duplicates += 1;
            self.send_update(client, update);
        }
    }

    /// Two tabs of one browser talk past the server: one now builds on what the server may not have.
    fn whisper(&mut self, from: usize) {
        let to = (from + self.random.random_range(1..self.clients.len())) % self.clients.len();
        self.tally.whispers += 1;
        let update = self.clients[from].diff(&self.clients[to].state_vector());
        self.clients[to].apply(&update);
    }

    fn connect(&mut self, client: usize) {
        if self.clients[client].connection.is_some() || self.clients[client].cut_off_until > self.steps {
            return;
        }
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        let ask = message::sync_step_1(&self.clients[client].asks());
        let wire = Wire {
            client,
            up: VecDeque::from([ask]),
            down: VecDeque::new(),
            abandoned: false,
            unsaved: VecDeque::new(),
            next_saved: 0,
        };
        self.wires.insert(connection, wire);
        self.clients[client].connection = Some(connection);
        self.clients[client].held.clear();
        let session = SessionId::random();
        let arrival = Arrival {
            connection,
            session,
            role: Role::Editor,
            since_ms: 0,
            author: None,
            stamp: None,
            cowrite: true,
            message_bytes: 1 << 23,
        };
        let effects = self.server.state.attach(arrival);
        self.perform(effects);
    }

    /// The client's end is gone. Of what was on its way, some still arrives, and the server learns of the end now or later.
    fn lose_connection(&mut self, client: usize) {
        let Some(connection) = self.clients[client].connection.take() else { return };
        self.tally.lost_connections += 1;
        let wire = self.wires.get_mut(&connection).expect("a client's connection has a wire");
        wire.abandoned = true;
        wire.up.truncate(self.random.random_range(0..=wire.up.len()));
        wire.down.clear();
        if self.random.random_bool(0.5) {
            self.detach(connection);
        }
    }

    fn detach(&mut self, connection: ConnectionId) {
        self.wires.remove(&connection);
        let effects = self.server.state.detach(connection, self.server.now());
        self.perform(effects);
    }

    fn cut_off(&mut self, client: usize) {
        self.tally.partitions += 1;
        self.clients[client].cut_off_until = self.steps + self.random.random_range(20..150);
        if self.random.random_bool(0.7) {
            self.lose_connection(client);
        }
    }

    fn restart(&mut self) {
        self.tally.restarts += 1;
        self.wires.clear();
        self.clients.iter_mut().for_each(|client| client.connection = None);
        let before = self.server.state.accepted();
        self.server.restart(&mut self.random);
        self.tally.changes_lost += before.0 - self.server.state.accepted().0;
        self.check_promises();
    }

    fn tick(&mut self) {
        let effects = self.server.state.tick(self.server.now()).expect("what was accepted is applied");
        self.perform(effects);
        let abandoned = self.wires.iter().find(|(_, wire)| wire.abandoned && wire.up.is_empty());
        if let Some((&connection, _)) = abandoned {
            self.detach(connection);
        }
    }

    fn acknowledge(&mut self) {
        let effects = self.server.acknowledge();
        self.perform(effects);
    }

    /// Some frames of some connections reach the server, in one batch.
    fn deliver_up(&mut self) {
        let mut batch = Vec::new();
        for _ in 0..self.random.random_range(1..4) {
            let Some(connection) = self.some_wire(|wire| &wire.up) else { break };
            let count = self.random.random_range(1..5);
            batch.extend(self.take_up(connection, count));
        }
        let effects = self.server.receive(batch);
        self.perform(effects);
    }

    fn take_up(&mut self, connection: ConnectionId, count: usize) -> Vec<(ConnectionId, message::Message)> {
        let wire = self.wires.get_mut(&connection).expect("the caller has just seen it");
        let frames: Vec<Bytes> = wire.up.drain(..count.min(wire.up.len())).collect();
        self.tally.frames += frames.len() as u64;
        let decoded = frames.into_iter().flat_map(message::decode);
        decoded.map(|message| (connection, message.expect("a client writes messages"))).collect()
    }

    fn deliver_down(&mut self) {
        if let Some(connection) = self.some_wire(|wire| &wire.down) {
            for _ in 0..self.random.random_range(1..6) {
                self.hear(connection);
            }
        }
    }

    /// A connection with frames under way that its client can be reached on.
    fn some_wire(&mut self, frames: impl Fn(&Wire) -> &VecDeque<Bytes>) -> Option<ConnectionId> {
        let reachable = |wire: &Wire| self.clients[wire.client].cut_off_until <= self.steps || wire.abandoned;
        let waiting = self.wires.iter().filter(|(_, wire)| !frames(wire).is_empty() && reachable(wire));
        waiting.map(|(&connection, _)| connection).collect::<Vec<_>>().choose(&mut self.random).copied()
    }

    /// A client handles the next frame.
    fn hear(&mut self, connection: ConnectionId) {
        let Some(wire) = self.wires.get_mut(&connection) else { return };
        let Some(frame) = wire.down.pop_front() else { return };
        self.tally.frames += 1;
        let client = wire.client;
        let mut reader = Reader::new(frame);
        let mut number = || reader.var_uint().expect("the server writes messages");
        match (number(), number()) {
            (0, 0) => {
                let vector = reader.var_bytes().expect("sync step 1 has a body");
                let theirs = StateVector::decode_v1(&vector).expect("the server writes state vectors");
                let update = self.clients[client].diff(&theirs);
                self.post(client, connection, message::sync_step_2(&update), update);
            }
            (0, _) => self.clients[client].apply(&reader.var_bytes().expect("an update has a body")),
            _ => {} // Hello, Saved
        }
    }

    fn send_update(&mut self, client: usize, update: Bytes) {
        let connection = self.clients[client].connection.expect("only a connected client sends");
        if self.random.random_bool(0.05) {
            let mut ping = BytesMut::from(&[103][..]);
            put_var_uint(&mut ping, self.steps);
            self.wires.get_mut(&connection).expect("it has a wire").up.push_back(ping.freeze());
        }
        self.post(client, connection, message::update(&update), update);
    }

    fn post(&mut self, client: usize, connection: ConnectionId, frame: Bytes, update: Bytes) {
        debug_assert_eq!(self.clients[client].connection, Some(connection));
        let wire = self.wires.get_mut(&connection).expect("a client's connection has a wire");
        wire.up.push_back(frame);
        wire.unsaved.push_back(update);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send { to, frame } | Effect::Push { to, frame } => self.send_down(to, frame),
                Effect::Sync { to, update } => self.send_down(to, message::sync_step_2(&update)),
                Effect::Broadcast { except, frame } => {
                    let others: Vec<_> =
                        self.wires.keys().copied().filter(|to| !except.contains(to)).collect();
                    others.into_iter().for_each(|to| self.send_down(to, frame.clone()));
                }
                Effect::Saved { to, n, .. } => self.note_saved(to, n),
                Effect::Close { connection, close } => {
                    assert_eq!(close.code, CloseCode::Resync, "an honest client is refused: {close:?}");
                    self.tally.resyncs += 1;
                    let wire = self.wires.remove(&connection).expect("what is closed was open");
                    if !wire.abandoned {
                        self.clients[wire.client].connection = None;
                    }
                }
                Effect::Probe(_) => {}
                Effect::Filled { .. } => unreachable!("nobody writes that much"),
                Effect::Append { .. } => unreachable!("the store has taken it"),
            }
        }
    }

    fn send_down(&mut self, to: ConnectionId, frame: Bytes) {
        if let Some(wire) = self.wires.get_mut(&to)
            && !wire.abandoned
        {
            wire.down.push_back(frame);
        }
    }

    /// From this moment on the updates up to number `n` must survive everything.
    fn note_saved(&mut self, to: ConnectionId, n: u64) {
        let wire = self.wires.get_mut(&to).expect("only connections that are there are told");
        assert!(n >= wire.next_saved, "Saved goes forward");
        let count = (n + 1 - wire.next_saved) as usize;
        self.tally.saved += count as u64;
        wire.next_saved = n + 1;
        self.promised.extend(wire.unsaved.drain(..count));
    }

    /// The network and the disk work again. The world must come to rest, with everything acknowledged.
    pub fn heal(&mut self) {
        self.clients.iter_mut().for_each(|client| client.cut_off_until = 0);
        for _ in 0..ROUNDS {
            for client in 0..self.clients.len() {
                self.connect(client);
                self.send_held(client);
            }
            while let Some(connection) = self.some_wire(|wire| &wire.up) {
                let batch = self.take_up(connection, 4);
                let effects = self.server.receive(batch);
                self.perform(effects);
            }
            while let Some(connection) = self.some_wire(|wire| &wire.down) {
                self.hear(connection);
            }
            self.server.pass(Duration::from_secs(1));
            self.server.sync_all();
            self.acknowledge();
            self.tick();
            if self.is_at_rest() {
                return;
            }
        }
        panic!(
            "COWRITE_SEED={}: the world does not come to rest, or somebody is never acknowledged",
            self.seed
        );
    }

    fn is_at_rest(&self) -> bool {
        let quiet = |wire: &Wire| wire.up.is_empty() && wire.down.is_empty() && wire.unsaved.is_empty();
        self.server.is_idle()
            && self.wires.values().all(|wire| !wire.abandoned && quiet(wire))
            && self.clients.iter().all(|client| client.connection.is_some() && client.held.is_empty())
    }

    /// What must be true at the end.
    pub fn check(&mut self) {
        self.check_promises();
        let server = copy_of([self.server.state.snapshot().expect("it can be encoded")].iter());
        let restarted =
            copy_of([self.server.reloaded().snapshot().expect("what is stored makes a document")].iter());
        let expected = Story::tell(self.name(), &server, Vec::new());
        for (who, doc) in
            self.clients.iter().map(|client| ("a client", &client.doc)).chain([("a restart", &restarted)])
        {
            let name = self.name();
            assert!(!doc.transact().has_missing_updates(), "{name}: something waits in {who}");
            assert_eq!(doc.transact().snapshot(), server.transact().snapshot(), "{name}: the state of {who}");
            assert_eq!(Story::tell(self.name(), doc, Vec::new()), expected, "{name}: what {who} reads");
        }
    }

    /// All that was acknowledged is in the store: adding it again changes nothing. This asks yrs, not our guard.
    fn check_promises(&self) {
        let doc = copy_of(self.server.durable());
        let before = doc.transact().snapshot();
        apply(&doc, self.promised.iter());
        assert!(
            doc.transact().snapshot() == before && !doc.transact().has_missing_updates(),
            "{}: something acknowledged is lost",
            self.name()
        );
    }

    /// The journal and what came of it, for real Yjs to compute again.
    pub fn story(&self) -> Story {
        Story::tell(self.name(), &copy_of(self.server.durable()), self.server.durable().cloned().collect())
    }

    fn name(&self) -> String {
        format!("COWRITE_SEED={}", self.seed)
    }
}

fn copy_of<'a>(updates: impl Iterator<Item = &'a Bytes>) -> Doc {
    let options = Options { offset_kind: OffsetKind::Utf16, cleanup_formatting: false, ..Options::default() };
    let doc = Doc::with_options(options);
    apply(&doc, updates);
    doc
}

fn apply<'a>(doc: &Doc, updates: impl Iterator<Item = &'a Bytes>) {
    for update in updates {
        let update = Update::decode_v1(update).expect("an update is an update");
        doc.transact_mut().apply_update(update).expect("yrs applies what was accepted");
    }
}

impl Tally {
    /// Whether every kind of trouble came up.
    pub fn has_everything(&self) -> bool {
        let Tally { edits, frames, duplicates, merged, whispers, .. } = *self;
        let Tally { lost_connections, partitions, restarts, changes_lost, resyncs, saved, .. } = *self;
        let work = [edits, frames, duplicates, merged, whispers, saved];
        let trouble = [lost_connections, partitions, restarts, changes_lost, resyncs];
        work.into_iter().chain(trouble).all(|count| count > 0)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.edits += other.edits;
        self.frames += other.frames;
        self.duplicates += other.duplicates;
        self.merged += other.merged;
        self.whispers += other.whispers;
        self.lost_connections += other.lost_connections;
        self.partitions += other.partitions;
        self.restarts += other.restarts;
        self.changes_lost += other.changes_lost;
        self.resyncs += other.resyncs;
        self.saved += other.saved;
    }
}
