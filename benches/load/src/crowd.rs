//! The people around one document: who writes, who reads, what has reached whom and when.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::timeout;

use crate::client::Client;
use crate::flight::Flight;
use crate::presence::clocks;
use crate::saved::Saved;
use crate::stats::Latencies;
use crate::tally::{Tally, Want};
use crate::typist::Typist;
use crate::wire::message::Message;
use crate::wire::update::{Span, spans};

/// How long a server may take for what others do in seconds. It counts as stalled then.
pub const STALLED_AFTER: Duration = Duration::from_secs(60);

/// Nothing more comes after so much silence.
const SILENCE: Duration = Duration::from_secs(5);

/// Why somebody is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Reads,
    /// Writes as the typist of this number and reads what the others write.
    Writes(usize),
    /// Reads and keeps every update, so that the content can be compared at the end.
    Checks,
}

/// One document's people.
pub struct Crowd {
    typists: Vec<Typist>,
    wants: Rc<[Want]>,
    /// How many updates each typist will send.
    updates: u64,
    /// When each update of each typist was sent, where latency is measured.
    sent: Vec<RefCell<Vec<Instant>>>,
    latencies: RefCell<Latencies>,
    flights: Vec<Flight>,
    /// Updates that are to reach somebody other than their writer, and those that have.
    expected: Cell<u64>,
    delivered: Cell<u64>,
    last_arrival: Cell<Instant>,
    /// Those who lack something.
    waiting: Cell<usize>,
    /// Somebody was given an update without the one before it.
    passed_over: Cell<bool>,
    kept: RefCell<Vec<Vec<u8>>>,
    failure: RefCell<Option<anyhow::Error>>,
    changed: Notify,
}

/// A member of the crowd. Reads until it is dropped.
pub struct Member {
    pub client: Rc<Client>,
    /// What it was told is durable.
    pub saved: Rc<Saved>,
    reading: JoinHandle<()>,
}

impl Crowd {
    /// `writers` typists who type `characters` in each of their `updates`.
    pub fn new(writers: usize, updates: u64, characters: u64) -> Rc<Crowd> {
        let typists = (0..writers as u64).map(|n| Typist::new(1_000 + n, characters)).collect();
        Crowd::of(typists, updates)
    }

    /// Around somebody whose updates were recorded: they end at `clock`.
    pub fn following(author: u64, clock: u64) -> Rc<Crowd> {
        Crowd::of(vec![Typist::new(author, clock)], 1)
    }

    fn of(typists: Vec<Typist>, updates: u64) -> Rc<Crowd> {
        let want = |typist: &Typist| Want { client: typist.client, clock: updates * typist.characters };
        Rc::new(Crowd {
            sent: typists.iter().map(|_| RefCell::default()).collect(),
            flights: typists.iter().map(|_| Flight::default()).collect(),
            wants: typists.iter().map(want).collect(),
            typists,
            updates,
            latencies: RefCell::default(),
            expected: Cell::default(),
            delivered: Cell::default(),
            last_arrival: Cell::new(Instant::now()),
            waiting: Cell::default(),
            passed_over: Cell::default(),
            kept: RefCell::default(),
            failure: RefCell::default(),
            changed: Notify::new(),
        })
    }

    /// Let somebody in who is connected.
    pub fn admit(self: &Rc<Crowd>, client: Client, part: Part) -> Member {
        let mut reader = Reader { crowd: self.clone(), part, tally: Tally::new(self.wants.clone()) };
        for (typist, flight) in self.flights.iter().enumerate() {
            if part == Part::Writes(typist) {
                reader.tally.has_own(typist);
            } else {
                flight.add_reader();
                self.expected.set(self.expected.get() + self.updates);
            }
        }
        if !reader.tally.is_complete() {
            self.waiting.set(self.waiting.get() + 1);
        }
        let (client, saved) = (Rc::new(client), Rc::new(Saved::default()));
        let (link, notes) = (client.clone(), saved.clone());
        let reading = spawn_local(async move {
            let crowd = reader.crowd.clone();
            let error = loop {
                let heard = link.hear(|message| match message {
                    Message::Saved(n) => {
                        notes.note(n, link.answers());
                        Ok(())
                    }
                    message => reader.take(message),
                });
                match heard.await {
                    Ok(()) => crowd.last_arrival.set(Instant::now()),
                    Err(error) => break error,
                }
            };
            notes.fail(&error);
            crowd.failure.borrow_mut().get_or_insert(error);
            crowd.changed.notify_waiters();
        });
        Member { client, saved, reading }
    }

    /// A typist's client id.
    pub fn client(&self, typist: usize) -> u64 {
        self.typists[typist].client
    }

    /// What everybody is to have in the end.
    pub fn wants(&self) -> Rc<[Want]> {
        self.wants.clone()
    }

    /// Write all of a typist's updates without a pause, but never more than `window` ahead of what everybody has got.
    pub async fn write_all(&self, typist: usize, writer: &Client, window: u64) -> Result<()> {
        let frames: Vec<Vec<u8>> = (0..self.updates).map(|n| self.frame(typist, n, writer)).collect();
        let mut sent = 0;
        while sent < self.updates {
            let next = self.updates.min(sent + self.flights[typist].room(sent, window).await);
            writer.write(&frames[sent as usize..next as usize].concat()).await?;
            sent = next;
        }
        Ok(())
    }

    /// The frame of a typist's nth update.
    pub fn frame(&self, typist: usize, n: u64, client: &Client) -> Vec<u8> {
        client.frame(Message::Update(&self.typists[typist].update(n)))
    }

    /// Note that a typist's next update leaves now.
    pub fn sending(&self, typist: usize) {
        self.sent[typist].borrow_mut().push(Instant::now());
    }

    /// Do the writing, and wait until everybody has everything. A writer that waits for somebody to get what was lost is not waited for.
    pub async fn everybody_gets(&self, writing: impl Future<Output = Result<()>>) -> Result<()> {
        let mut everything = pin!(self.has_everything());
        tokio::select! {
            written = writing => written?,
            everything = &mut everything => return everything,
        }
        everything.await
    }

    /// Wait until everybody has everything, or nothing more comes from a server that has passed something over.
    pub async fn has_everything(&self) -> Result<()> {
        let began = Instant::now();
        while self.waiting.get() > 0 {
            let changed = self.changed.notified();
            if let Some(error) = self.failure.take() {
                return Err(error);
            }
            // It wakes up now and then to see whether anything still comes.
            let _ = timeout(Duration::from_secs(1), changed).await;
            if self.passed_over.get() && self.last_arrival.get().elapsed() > SILENCE {
                return Ok(());
            }
            if began.elapsed() > STALLED_AFTER {
                bail!(
                    "stalled: after {} s {} members still lack something",
                    STALLED_AFTER.as_secs(),
                    self.waiting.get()
                );
            }
        }
        Ok(())
    }

    /// Updates that have reached somebody other than their writer.
    pub fn delivered(&self) -> u64 {
        self.delivered.get()
    }

    /// When something last came.
    pub fn last_arrival(&self) -> Instant {
        self.last_arrival.get()
    }

    /// From leaving a typist to arriving at a reader, for each delivery.
    pub fn latencies(&self) -> Latencies {
        self.latencies.borrow().clone()
    }

    /// What did not arrive though somebody waited for it, in words.
    pub fn loss(&self) -> Option<String> {
        let (expected, delivered) = (self.expected.get(), self.delivered.get());
        (delivered < expected)
            .then(|| format!("{} of {expected} deliveries never came", expected - delivered))
    }

    /// What the one who checks has been given.
    pub fn kept(&self) -> Vec<Vec<u8>> {
        self.kept.borrow().clone()
    }

    /// Whether this is the text that was typed: each typist's whole, in whatever order.
    pub fn check(&self, text: &str) -> Result<()> {
        let typed: Vec<String> = self.typists.iter().map(|typist| typist.text(self.updates)).collect();
        let length: usize = typed.iter().map(String::len).sum();
        ensure!(text.len() == length, "{length} characters were typed, {} arrived", text.len());
        ensure!(typed.iter().all(|run| text.contains(run)), "the text is not what was typed");
        Ok(())
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

/// One member's reading.
struct Reader {
    crowd: Rc<Crowd>,
    part: Part,
    tally: Tally,
}

impl Reader {
    fn take(&mut self, message: Message<'_>) -> Result<()> {
        match message {
            Message::Update(update) | Message::Step2(update) => {
                if self.part == Part::Checks {
                    self.crowd.kept.borrow_mut().push(update.to_vec());
                }
                spans(update, |span| self.take_span(span))
            }
            Message::Awareness(states) => clocks(states, |span| self.take_span(span)),
            _ => Ok(()),
        }
    }

    fn take_span(&mut self, span: Span) -> Result<()> {
        let Some(advance) = self.tally.take(span) else { return Ok(()) };
        let crowd = &self.crowd;
        let characters = crowd.typists[advance.index].characters;
        let (had, has) = (advance.from / characters, advance.to / characters);
        crowd.flights[advance.index].arrived((advance.from - advance.hole) / characters, has);
        crowd.delivered.set(crowd.delivered.get() + has - had);
        if self.tally.holes() > 0 {
            crowd.passed_over.set(true);
        }
        if self.tally.is_complete() {
            crowd.waiting.set(crowd.waiting.get() - 1);
            crowd.changed.notify_waiters();
        }
        let sent = crowd.sent[advance.index].borrow();
        if !sent.is_empty() {
            let now = Instant::now();
            let mut latencies = crowd.latencies.borrow_mut();
            sent[had as usize..has as usize].iter().for_each(|&sent| latencies.add(now - sent));
        }
        Ok(())
    }
}
