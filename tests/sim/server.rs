//! The real `State` over a store that forgets what it was not given time to sync.

use std::time::{Duration, Instant};

use bytes::Bytes;
use cowrite::document::{Effect, Now, Space, State};
use cowrite::ids::{ConnectionId, DocId, DocNumber, Epoch, Kind, Seq};
use cowrite::limits;
use cowrite::protocol::Message;
use cowrite::store::{Change, Entry, Stored};
use rand::{Rng, rngs::StdRng};

pub struct Server {
    pub state: State,
    store: Store,
    born: Instant,
    elapsed: Duration,
}

/// Every change ever appended, and how many of them a power cut would leave.
#[derive(Default)]
struct Store {
    changes: Vec<Change>,
    durable: usize,
    snapshot: Option<(Seq, Bytes)>,
    /// A snapshot whose changes are not durable yet.
    waiting: Option<(Seq, Bytes)>,
}

/// More than these documents will ever fill.
fn space() -> Space {
    Space::new(limits::DOCUMENT_BYTES, limits::MESSAGE_BYTES)
}

impl Server {
    pub fn new() -> Server {
        let state = State::load(entry(), &Stored::default(), space()).expect("nothing is easily loaded");
        // The only look at a clock: an `Instant` cannot be made from nothing, and only differences count.
        Server { state, store: Store::default(), born: Instant::now(), elapsed: Duration::ZERO }
    }

    pub fn pass(&mut self, time: Duration) {
        self.elapsed += time;
    }

    pub fn now(&self) -> Now {
        Now { at: self.born + self.elapsed, wall_ms: self.elapsed.as_millis() as u64 }
    }

    /// Handle messages; what is left to the network.
    pub fn receive(&mut self, messages: Vec<(ConnectionId, Message)>) -> Vec<Effect> {
        let now = self.now();
        let effects = self.state.receive(messages, now).expect("what the guard accepts is applied");
        effects.into_iter().filter_map(|effect| self.store.keep(effect)).collect()
    }

    /// The disk has done some of its work, or all of it.
    pub fn sync(&mut self, random: &mut StdRng) {
        let pending = self.store.changes.len() - self.store.durable;
        self.store.durable += random.random_range(0..=pending);
        self.store.release_snapshot();
    }

    pub fn sync_all(&mut self) {
        self.store.durable = self.store.changes.len();
        self.store.release_snapshot();
    }

    /// The session hears from the disk.
    pub fn acknowledge(&mut self) -> Vec<Effect> {
        self.state.saved(Seq(self.store.durable as u64))
    }

    pub fn checkpoint(&mut self) {
        self.store.waiting = Some((self.state.accepted(), self.state.snapshot().expect("it is warm")));
    }

    /// The power fails: of what was not synced, a beginning may have reached the disk all the same.
    pub fn restart(&mut self, random: &mut StdRng) {
        let pending = self.store.changes.len() - self.store.durable;
        self.store.durable += random.random_range(0..=pending);
        self.store.changes.truncate(self.store.durable);
        self.store.waiting = None;
        self.state = self.reloaded();
    }

    /// The document as a start of the server finds it now.
    pub fn reloaded(&self) -> State {
        State::load(entry(), &self.store.stored(), space()).expect("what was accepted is loaded again")
    }

    /// Every durable change, in order.
    pub fn durable(&self) -> impl Iterator<Item = &Bytes> {
        self.store.changes[..self.store.durable].iter().map(|change| &change.update)
    }

    pub fn is_idle(&self) -> bool {
        self.store.durable == self.store.changes.len()
    }
}

impl Store {
    fn keep(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::Append { first, changes } => {
                assert_eq!(first.0, self.changes.len() as u64 + 1, "the journal has no gaps");
                self.changes.extend(changes);
                None
            }
            other => Some(other),
        }
    }

    fn release_snapshot(&mut self) {
        let durable = Seq(self.durable as u64);
        if let Some(ready) = self.waiting.take_if(|(seq, _)| *seq <= durable) {
            self.snapshot = Some(ready);
        }
    }

    fn stored(&self) -> Stored {
        let (snapshot_seq, snapshot) = match &self.snapshot {
            Some((seq, bytes)) => (*seq, Some(bytes.clone())),
            None => (Seq(0), None),
        };
        let tail = self.changes[snapshot_seq.0 as usize..self.durable].to_vec();
        Stored { snapshot, snapshot_seq, tail }
    }
}

fn entry() -> Entry {
    Entry {
        number: DocNumber(1),
        id: DocId::parse("notes").expect("a good name"),
        epoch: Epoch("0000000000000001".into()),
        kind: Kind::Markdown,
        title: String::new(),
        created_ms: 0,
        updated_ms: 0,
        deleted_ms: None,
        tags: Vec::new(),
        trashed_ms: None,
    }
}
