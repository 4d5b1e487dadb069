//! What one round of messages adds: gathered, so that it is applied in one transaction, journaled in one append and leaves in one
//! frame.

use std::sync::Arc;

use bytes::Bytes;

use crate::document::event::{Effect, Except, Now};
use crate::ids::{ConnectionId, Seq};
use crate::protocol::guard::{Merge, merge};
use crate::protocol::message;
use crate::store::Change;

/// With more writers than these in one round, each gets all that was written, its own too: Yjs passes over what it has, and to leave
/// it out takes a merging for each of them.
const FEW_WRITERS: usize = 4;

/// A round in the making.
pub struct Round {
    pub(super) effects: Vec<Effect>,
    pub(super) now: Now,
    /// The sequence of the first change.
    first: Seq,
    accepted: Vec<Accepted>,
    /// The same as few updates, those that are applied already.
    pub(super) merged: Vec<Bytes>,
    /// Where among the effects the first accepted update stands: answers before it do not know of it.
    news_at: usize,
    changes: Vec<Change>,
    /// The updates of one author after another, which become one change.
    open: Merge,
    author: Arc<str>,
}

/// An update that everybody else is to have.
struct Accepted {
    from: Option<ConnectionId>,
    update: Bytes,
}

impl Round {
    pub(super) fn new(first: Seq, now: Now) -> Round {
        Round {
            effects: Vec::new(),
            now,
            first,
            accepted: Vec::new(),
            merged: Vec::new(),
            news_at: 0,
            changes: Vec::new(),
            open: Merge::default(),
            author: "".into(),
        }
    }

    /// Add an accepted update.
    pub(super) fn add(&mut self, from: Option<ConnectionId>, author: &Arc<str>, update: Bytes) {
        if self.accepted.is_empty() {
            self.news_at = self.effects.len();
        }
        if self.author != *author || !self.open.push(&update) {
            self.close();
            self.author = author.clone();
            self.open.push(&update);
        }
        self.accepted.push(Accepted { from, update });
    }

    /// The change that holds the last accepted update; before the first, the last change before this round.
    pub(super) fn seq(&self) -> Seq {
        Seq(self.first.0 + self.changes.len() as u64 - u64::from(self.open.is_empty()))
    }

    fn close(&mut self) {
        if let Some(update) = self.open.take() {
            let author = self.author.clone();
            self.changes.push(Change { at_ms: self.now.wall_ms, author, update });
        }
    }

    /// The effects with the accepted updates among them, all of which are applied, and what to journal from which sequence on.
    pub(super) fn end(mut self) -> (Vec<Effect>, Seq, Vec<Change>) {
        self.close();
        let news = self.news();
        self.effects.splice(self.news_at..self.news_at, news);
        (self.effects, self.first, self.changes)
    }

    /// Who wrote in this round; nobody when they are many.
    fn few_writers(&self) -> Except {
        let mut writers = Except::new();
        for from in self.accepted.iter().filter_map(|accepted| accepted.from) {
            if !writers.contains(&from) {
                writers.push(from);
            }
            if writers.len() > FEW_WRITERS {
                return Except::new();
            }
        }
        writers
    }

    /// Every writer gets what the others wrote, and everybody else all of it.
    fn news(&self) -> Vec<Effect> {
        let writers = self.few_writers();
        let mut news = Vec::with_capacity(self.merged.len());
        if self.accepted.iter().any(|accepted| accepted.from != writers.first().copied()) {
            for &writer in &writers {
                let others = self.accepted.iter().filter(|accepted| accepted.from != Some(writer));
                let frames = merge(others.map(|accepted| &accepted.update));
                news.extend(
                    frames.iter().map(|update| Effect::Push { to: writer, frame: message::update(update) }),
                );
            }
        }
        news.extend(
            self.merged
                .iter()
                .map(|update| Effect::Broadcast { except: writers.clone(), frame: message::update(update) }),
        );
        news
    }
}
