//! The people around one document: who writes, who reads, what has reached whom and when.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::timeout;

use crate::client::Client;
use crate::presence::clocks;
use crate::stats::Latencies;
use crate::trace::content_of;
use crate::typist::Typist;
use crate::wire::message::Message;
use crate::wire::update::{Span, spans};

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
    /// How many updates each typist will send.
    updates: u64,
    /// When each update of each typist was sent, where latency is measured.
    sent: Vec<RefCell<Vec<Instant>>>,
    latencies: RefCell<Latencies>,
    delivered: Cell<u64>,
    /// Those who lack something.
    waiting: Cell<usize>,
    kept: RefCell<Vec<Vec<u8>>>,
    failure: RefCell<Option<anyhow::Error>>,
    changed: Notify,
}

/// A member of the crowd. Reads until it is dropped.
pub struct Member {
    pub client: Rc<Client>,
    saved: Rc<Saved>,
    reading: JoinHandle<()>,
}

/// What a `cowrite.v1` client was told is durable.
#[derive(Default)]
pub struct Saved {
    /// Updates that are.
    count: Cell<u64>,
    /// When each number of updates was told.
    told: RefCell<Vec<(u64, Instant)>>,
    changed: Notify,
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
        Rc::new(Crowd {
            sent: typists.iter().map(|_| RefCell::default()).collect(),
            typists,
            updates,
            latencies: RefCell::default(),
            delivered: Cell::default(),
            waiting: Cell::default(),
            kept: RefCell::default(),
            failure: RefCell::default(),
            changed: Notify::new(),
        })
    }

    /// Let somebody in who is connected.
    pub fn admit(self: &Rc<Crowd>, client: Client, part: Part) -> Member {
        let client = Rc::new(client);
        let saved = Rc::new(Saved::default());
        let mut reader = Reader { crowd: self.clone(), part, clocks: vec![0; self.typists.len()] };
        if let Part::Writes(own) = part {
            reader.clocks[own] = u64::MAX;
        }
        if reader.lacks() {
            self.waiting.set(self.waiting.get() + 1);
        }
        let (link, notes) = (client.clone(), saved.clone());
        let reading = spawn_local(async move {
            loop {
                let heard = link.hear(|message| match message {
                    Message::Update(update) | Message::Step2(update) => reader.take(update),
                    Message::Awareness(states) => clocks(states, |span| reader.take_span(span)),
                    Message::Saved(n) => {
                        notes.note(n, link.answers());
                        Ok(())
                    }
                    _ => Ok(()),
                });
                if let Err(error) = heard.await {
                    reader.crowd.fail(error);
                    notes.changed.notify_waiters();
                    return;
                }
            }
        });
        Member { client, saved, reading }
    }

    /// A typist's client id.
    pub fn client(&self, typist: usize) -> u64 {
        self.typists[typist].client
    }

    /// The frames of all that a typist will send, one after the other.
    pub fn frames(&self, typist: usize, client: &Client) -> Vec<u8> {
        (0..self.updates).flat_map(|n| self.frame(typist, n, client)).collect()
    }

    /// The frame of a typist's nth update.
    pub fn frame(&self, typist: usize, n: u64, client: &Client) -> Vec<u8> {
        client.frame(Message::Update(&self.typists[typist].update(n)))
    }

    /// Note that a typist's next update leaves now.
    pub fn sending(&self, typist: usize) {
        self.sent[typist].borrow_mut().push(Instant::now());
    }

    /// Wait until everybody has everything.
    pub async fn has_everything(&self, within: Duration) -> Result<()> {
        let everything = async {
            loop {
                let changed = self.changed.notified();
                if let Some(error) = self.failure.take() {
                    return Err(error);
                }
                if self.waiting.get() == 0 {
                    return Ok(());
                }
                changed.await;
            }
        };
        match timeout(within, everything).await {
            Ok(result) => result,
            Err(_) => bail!(
                "stalled: after {} s {} still lack something, {} updates were delivered",
                within.as_secs(),
                self.waiting.get(),
                self.delivered.get()
            ),
        }
    }

    /// Updates that have reached somebody other than their writer.
    pub fn delivered(&self) -> u64 {
        self.delivered.get()
    }

    /// From leaving a typist to arriving at a reader, for each delivery.
    pub fn latencies(&self) -> Latencies {
        self.latencies.borrow().clone()
    }

    /// The text that the one who checks has got.
    pub fn content(&self) -> Result<String> {
        content_of(&self.kept.borrow())
    }

    /// Compare what the one who checks has got, if anybody does, and what a newcomer is given, with what was typed.
    pub fn check(&self, newcomer: Option<&[Vec<u8>]>) -> Result<()> {
        let kept = self.kept.borrow();
        let kept = (!kept.is_empty()).then_some(&kept[..]);
        for updates in [kept, newcomer].into_iter().flatten() {
            let text = content_of(updates)?;
            let typed: Vec<String> = self.typists.iter().map(|typist| typist.text(self.updates)).collect();
            let length: usize = typed.iter().map(String::len).sum();
            ensure!(text.len() == length, "{} characters were typed, {} arrived", length, text.len());
            ensure!(typed.iter().all(|run| text.contains(run)), "the text is not what was typed");
        }
        Ok(())
    }

    fn fail(&self, error: anyhow::Error) {
        self.failure.borrow_mut().get_or_insert(error);
        self.changed.notify_waiters();
    }
}

/// What one member has got of everybody.
struct Reader {
    crowd: Rc<Crowd>,
    part: Part,
    /// Characters of each typist; of its own, more than will ever come.
    clocks: Vec<u64>,
}

impl Reader {
    fn lacks(&self) -> bool {
        self.clocks
            .iter()
            .zip(&self.crowd.typists)
            .any(|(&clock, typist)| clock < self.crowd.updates * typist.characters)
    }

    fn take(&mut self, update: &[u8]) -> Result<()> {
        if self.part == Part::Checks {
            self.crowd.kept.borrow_mut().push(update.to_vec());
        }
        spans(update, |span| self.take_span(span))
    }

    fn take_span(&mut self, span: Span) -> Result<()> {
        let Some(index) = self.crowd.typists.iter().position(|typist| typist.client == span.client) else {
            return Ok(());
        };
        let clock = &mut self.clocks[index];
        if span.to <= *clock {
            return Ok(());
        }
        ensure!(span.from <= *clock, "after {clock} of client {} came {}", span.client, span.from);
        let characters = self.crowd.typists[index].characters;
        let (had, has) = (*clock / characters, span.to / characters);
        *clock = span.to;
        if !self.lacks() {
            self.crowd.waiting.set(self.crowd.waiting.get() - 1);
            self.crowd.changed.notify_waiters();
        }
        self.crowd.delivered.set(self.crowd.delivered.get() + has - had);
        let sent = self.crowd.sent[index].borrow();
        if !sent.is_empty() {
            let now = Instant::now();
            let mut latencies = self.crowd.latencies.borrow_mut();
            sent[had as usize..has as usize].iter().for_each(|&sent| latencies.add(now - sent));
        }
        Ok(())
    }
}

impl Member {
    /// Wait until so many of its updates are durable.
    pub async fn saved(&self, updates: u64, within: Duration) -> Result<()> {
        let durable = async {
            while self.saved.count.get() < updates {
                self.saved.changed.notified().await;
                ensure!(!self.reading.is_finished(), "the connection ended before all was saved");
            }
            Ok(())
        };
        match timeout(within, durable).await {
            Ok(result) => result,
            Err(_) => bail!("stalled: {} of {updates} were saved", self.saved.count.get()),
        }
    }

    /// How many of its updates were told to be durable, and when.
    pub fn told(&self) -> Vec<(u64, Instant)> {
        self.saved.told.borrow().clone()
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

impl Saved {
    /// `n` counts from 0 and includes the sync steps a client answered with when it joined.
    fn note(&self, n: u64, answers: u64) {
        let updates = (n + 1).saturating_sub(answers);
        self.count.set(updates);
        self.told.borrow_mut().push((updates, Instant::now()));
        self.changed.notify_waiters();
    }
}
