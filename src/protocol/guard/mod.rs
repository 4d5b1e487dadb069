//! Judging updates before yrs sees them, and before peers do.
//!
//! Bytes that Yjs cannot produce make yrs 0.28.1 panic, abort or read freed memory, some of them only at the next
//! encode, and make Yjs throw in every peer. So each update is read here first, against what the document contains.
//! The answers: it can be applied now; it came *early*, for something that it builds on is missing; no Yjs has
//! written it; or it would cost more than one update may. What a [`Guard`] accepts, yrs applies completely: nothing stays pending inside it.
//!
//! This is pure: bytes in, a verdict out. It refuses to know what the text says, who wrote it and whether they may.
//!
//! - `read`: numbers, strings and values, every length held against the bytes left
//! - `parse`: the grammar of structs and delete sets
//! - `kinds`: which contents belong into which shared type
//! - `known` and `ranges`: what the document contains
//! - `neighbours`: which elements can ever have touched
//! - `order`: whether all that an update builds on is there, in an order in which it can be integrated
//! - `cost`: what is right and would cost too much
//! - `normalise`: updates that are right and yet would hurt yrs, written anew
//! - `write`: the pieces of such an update
//! - `clocks`: how far an update goes
//! - `merge`: accepted updates as one
//! - `stages`: many deletions, applied in a cheap order

mod clocks;
mod cost;
mod kinds;
mod known;
mod merge;
mod neighbours;
mod normalise;
mod order;
mod parse;
mod ranges;
mod read;
mod stages;
mod write;

use bytes::Bytes;

use crate::ids::ClientId;
use known::Known;
use order::Outcome;
use parse::Outline;

pub use clocks::clocks;
pub use merge::{Merge, merge, merge_whole};
pub(super) use read::json_depth;
pub use stages::{blocks, stages};

/// What a document contains, as far as judging updates needs it: clocks by client, where elements live, which of them
/// are shared types and which are deleted. It grows with clients, deletions, types, keys and the places where somebody
/// wrote, not with the text.
#[derive(Debug, Default)]
pub struct Guard {
    known: Known,
    /// Structs and deleted ranges taken in so far: about what yrs has to walk over at worst.
    blocks: usize,
}

/// The judgement of one update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It can be applied now, completely.
    Accept(Accepted),
    /// It builds on something that is missing. Hold it and try again once more has come.
    Early,
    /// It can never be applied.
    Malformed(Malformed),
    /// It could be applied and would cost more than one update may. Why, in words that hold nothing of the document.
    TooCostly(&'static str),
}

/// An update that can be applied now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What to apply, journal and broadcast: the client's own bytes, shared and not copied, unless they held what the
    /// document contains already, items beside forgotten ones, long runs of tiny items or hundreds of clients.
    pub update: Bytes,
    /// False when the document already contains all of it, as with empty and repeated updates: then there is nothing to
    /// apply, journal or broadcast.
    pub novel: bool,
    /// Structs and deleted ranges in it.
    pub blocks: usize,
    /// About how many steps applying it takes at worst, a step being some 20 ns: what takes many is applied where it stalls nobody.
    pub effort: usize,
}

/// Why bytes are no update that this server takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{reason} (at byte {offset} of an update)")]
pub struct Malformed {
    /// Where in the update it came out.
    pub offset: usize,
    /// What is wrong, in words that hold nothing of the document.
    pub reason: &'static str,
}

impl Guard {
    /// The guard of an empty document.
    pub fn new() -> Guard {
        Guard::default()
    }

    /// Judge an update in Yjs' v1 encoding. What an accepted update adds counts as contained from then on, so the caller
    /// applies accepted updates, all of them and in order.
    pub fn admit(&mut self, update: &Bytes) -> Verdict {
        match self.judge(update) {
            Ok(verdict) => verdict,
            Err(malformed) => Verdict::Malformed(malformed),
        }
    }

    fn judge(&mut self, update: &Bytes) -> Result<Verdict, Malformed> {
        let mut outline = Outline::read(update)?;
        if let Some(reason) = cost::too_much(&outline) {
            return Ok(Verdict::TooCostly(reason));
        }
        let allowed = cost::strangers_allowed(&outline, self.blocks);
        Ok(match order::take_in(&mut self.known, update, &mut outline, Some(allowed))? {
            Outcome::TooCostly => Verdict::TooCostly(cost::STRANGERS),
            Outcome::Early => Verdict::Early,
            Outcome::Complete { novel: false, .. } => {
                Verdict::Accept(Accepted::as_sent(update, &outline, false))
            }
            Outcome::Complete { novel: true, garbage, work } => {
                let mut accepted = self.normalised(update, &outline, garbage);
                accepted.effort = cost::steps(work, accepted.blocks, self.blocks);
                self.blocks += accepted.blocks;
                Verdict::Accept(accepted)
            }
        })
    }

    fn normalised(&self, update: &Bytes, outline: &Outline, garbage: bool) -> Accepted {
        match normalise::normalise(&self.known, update, outline, garbage) {
            Some((update, structs)) => {
                Accepted { update, novel: true, blocks: structs + outline.ranges, effort: 0 }
            }
            None => Accepted::as_sent(update, outline, true),
        }
    }

    /// Learn what a snapshot or a journalled update of our own holds, and what to apply of it. It was accepted once, so
    /// it is whole: an error means that the storage gave back other bytes than it was given.
    pub fn recall(&mut self, stored: &Bytes) -> Result<Bytes, Malformed> {
        let mut outline = Outline::read(stored)?;
        match order::take_in(&mut self.known, stored, &mut outline, None)? {
            Outcome::Complete { garbage, .. } => {
                let accepted = self.normalised(stored, &outline, garbage);
                self.blocks += accepted.blocks;
                Ok(accepted.update)
            }
            Outcome::Early | Outcome::TooCostly => {
                Err(Malformed { offset: stored.len(), reason: "stored changes are missing" })
            }
        }
    }

    /// The document was encoded and has so many blocks: yrs has joined what was typed on.
    pub fn note_blocks(&mut self, blocks: usize) {
        self.blocks = blocks;
    }

    /// First clock not contained for that client.
    pub fn clock(&self, client: ClientId) -> u32 {
        self.known.clock(client.0)
    }
}

impl Accepted {
    fn as_sent(update: &Bytes, outline: &Outline, novel: bool) -> Accepted {
        Accepted { update: update.clone(), novel, blocks: outline.structs + outline.ranges, effort: 0 }
    }
}
