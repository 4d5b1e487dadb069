//! How full a document is. Pure: sizes in, what they mean out.
//!
//! The document is nearly full from 90 % of its limit until it falls below 85 %, and full from 100 % until it falls below 95 %:
//! who writes at an edge is not told back and forth. A full document still takes what was typed before its writers heard of it,
//! up to a hard limit.

use std::cmp::Ordering;
use std::time::Instant;

use crate::limits;
use crate::protocol::Role;

/// The room that one document has.
#[derive(Debug, Clone)]
pub struct Space {
    limit: usize,
    /// Past this nothing is taken that inserts.
    hard_limit: usize,
    stage: Stage,
    /// Something was deleted since the last exact size.
    deleted: bool,
    /// Until then deletions are no reason to encode a large document once more.
    rests_until: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Roomy,
    Near,
    Full,
}

/// The document has come from one stage to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crossing {
    /// Between roomy and nearly full.
    Near,
    Filled,
    Unfilled,
}

impl Space {
    /// Room for documents of `limit` bytes, encoded, whose clients send messages of at most `message_bytes`.
    pub fn new(limit: usize, message_bytes: usize) -> Space {
        Space {
            limit,
            hard_limit: limit + 2 * message_bytes,
            stage: Stage::Roomy,
            deleted: false,
            rests_until: None,
        }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Whether newcomers are told how much room there is.
    pub(super) fn is_scarce(&self) -> bool {
        self.stage >= Stage::Near
    }

    pub(super) fn is_full(&self) -> bool {
        self.stage == Stage::Full
    }

    /// What a role is worth here at present.
    pub(super) fn role(&self, granted: Role) -> Role {
        if self.is_full() { granted.min(Role::Trimmer) } else { granted }
    }

    /// Whether nothing that inserts may be taken into a document of `size` bytes.
    pub(super) fn is_beyond(&self, size: usize) -> bool {
        size > self.hard_limit
    }

    /// Whether an estimate is not enough. It errs on the high side, so nobody hears of a lack of room because of one.
    pub(super) fn mistrusts(&self, estimate: usize) -> bool {
        self.judge(estimate) > self.stage || self.is_beyond(estimate)
    }

    /// What a deletion gives back shows only in an exact size.
    pub(super) fn note_deletion(&mut self) {
        self.deleted = true;
    }

    /// Whether an exact size is due sooner or later because of deletions.
    pub(super) fn owes_measuring(&self) -> bool {
        self.deleted && self.is_scarce()
    }

    /// Whether deletions are reason enough at present: who deletes key by key must not have a large document encoded for each.
    pub(super) fn may_measure(&self, estimate: usize, now: Instant) -> bool {
        self.is_scarce()
            && (estimate <= limits::HEAVY_BYTES || self.rests_until.is_none_or(|until| now >= until))
    }

    /// An exact size was taken.
    pub(super) fn measured(&mut self, now: Option<Instant>) {
        self.deleted = false;
        self.rests_until = now.map(|now| now + limits::MEASURE_EVERY);
    }

    /// The document has this size.
    pub(super) fn weigh(&mut self, size: usize) -> Option<Crossing> {
        let (before, now) = (self.stage, self.judge(size));
        self.stage = now;
        match now.cmp(&before) {
            Ordering::Equal => None,
            _ if now == Stage::Full => Some(Crossing::Filled),
            _ if before == Stage::Full => Some(Crossing::Unfilled),
            _ => Some(Crossing::Near),
        }
    }

    fn judge(&self, size: usize) -> Stage {
        let at_least = |percent: usize| size as u128 * 100 >= self.limit as u128 * percent as u128;
        match self.stage {
            _ if at_least(100) => Stage::Full,
            Stage::Full if at_least(95) => Stage::Full,
            Stage::Near | Stage::Full if at_least(85) => Stage::Near,
            _ if at_least(90) => Stage::Near,
            _ => Stage::Roomy,
        }
    }
}

/// Whether an update inserts nothing: it begins with the number of clients whose structs it brings.
pub(super) fn inserts_nothing(update: &[u8]) -> bool {
    update.first() == Some(&0)
}

/// Whether an update deletes anything: it ends with a 0 where its deletions would stand.
pub(super) fn deletes(update: &[u8]) -> bool {
    update.last().is_some_and(|&byte| byte != 0)
}
