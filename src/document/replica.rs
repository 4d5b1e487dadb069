//! The server's copy of a document: yrs behind the guard, and nothing reaches the one without the other.
//!
//! A stored document stays [`Cold`] until somebody writes in it or lacks only a part of it: most joins need nothing but the bytes that
//! were stored, and for a book yrs takes a thousand times as long to make a document of them as the network to send them.

mod cold;

use bytes::Bytes;
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;
use yrs::{Doc, ReadTxn, StateVector, Transact, Update};

use crate::ids::Seq;
use crate::limits;
use crate::protocol::empty_doc;
use crate::protocol::guard::{self, Guard, Malformed, Verdict};
use crate::store::Stored;
use cold::Cold;

/// What was stored cannot be what was accepted. Nothing is served from it and nothing is written over it.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("the snapshot at change {seq} is refused: {why}", seq = .0.0, why = .1)]
    Snapshot(Seq, Malformed),
    #[error("change {seq} is refused: {why}", seq = .0.0, why = .1)]
    Change(Seq, Malformed),
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

/// yrs refused what the guard let pass, or what was stored makes no document: a defect of ours. The copy in memory is not to be
/// trusted any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an accepted update could not be applied: {0}")]
pub struct ApplyError(String);

impl From<LoadError> for ApplyError {
    fn from(error: LoadError) -> ApplyError {
        match error {
            LoadError::Apply(error) => error,
            refused => ApplyError(refused.to_string()),
        }
    }
}

/// A document in memory.
pub struct Replica {
    /// What was stored, while that is all there is.
    cold: Option<Cold>,
    doc: Doc,
    guard: Guard,
    /// Accepted and not applied yet: a transaction costs more than an update, so they share one.
    accepted: Vec<Bytes>,
    /// About how much work applying them is.
    effort: usize,
    /// The encoded state, while no update came after it.
    encoded: Option<Bytes>,
    /// About how many bytes encoding the state makes: the last encoding plus the updates since.
    size: usize,
}

impl Default for Replica {
    fn default() -> Replica {
        Replica {
            cold: None,
            doc: empty_doc(),
            guard: Guard::new(),
            accepted: Vec::new(),
            effort: 0,
            encoded: None,
            size: 0,
        }
    }
}

impl Replica {
    /// A stored document, cold.
    pub fn load(stored: &Stored) -> Result<Replica, LoadError> {
        let cold = Cold::new(stored)?;
        Ok(Replica { size: cold.size(), cold: Some(cold), ..Replica::default() })
    }

    /// Bring a cold document to life; nothing else that is called changes one. What is on disk is judged like anything else, for
    /// a flipped bit can crash yrs as well as an attacker can. Slow for large documents.
    pub fn warm(&mut self) -> Result<(), LoadError> {
        let Some(cold) = self.cold.take() else { return Ok(()) };
        cold.each(|update, refused| {
            let update = self.guard.recall(update).map_err(refused)?;
            self.accepted.push(update);
            if self.is_full() {
                self.flush()?;
            }
            Ok(())
        })?;
        self.flush()?;
        Ok(())
    }

    /// Whether warming it, which `theirs` or a change asks for, takes long enough to be done elsewhere.
    pub fn warming_is_heavy(&self) -> bool {
        self.cold.is_some() && self.size > limits::HEAVY_TO_WARM_BYTES
    }

    /// Judge an update; the document is warm. An accepted, novel one is applied by the next [`Replica::flush`]: a transaction's
    /// cost grows with the square of the updates in it, so that comes before there are more than `limits::BATCH_UPDATES`.
    pub fn admit(&mut self, update: &Bytes) -> Verdict {
        debug_assert!(self.cold.is_none(), "a document is warm before it is changed");
        let verdict = self.guard.admit(update);
        if let Verdict::Accept(accepted) = &verdict
            && accepted.novel
        {
            self.size += accepted.update.len();
            self.effort += accepted.effort;
            self.encoded = None;
            self.accepted.push(accepted.update.clone());
        }
        verdict
    }

    /// Whether as much was accepted as one transaction should carry.
    pub fn is_full(&self) -> bool {
        self.accepted.len() >= limits::BATCH_UPDATES
    }

    /// Whether applying what was accepted takes long enough to be done elsewhere than on a thread that serves sockets.
    pub fn flush_is_heavy(&self) -> bool {
        self.effort > limits::HEAVY_STEPS
    }

    /// Apply what was accepted. Returns all of it, as few updates.
    pub fn flush(&mut self) -> Result<Vec<Bytes>, ApplyError> {
        if self.accepted.is_empty() {
            return Ok(Vec::new());
        }
        let merged = guard::merge(&self.accepted);
        self.accepted.clear();
        self.effort = 0;
        let mut transaction = self.doc.transact_mut();
        for stage in merged.iter().flat_map(guard::stages) {
            let update = Update::decode_v1(&stage).map_err(|error| ApplyError(error.to_string()))?;
            transaction.apply_update(update).map_err(|error| ApplyError(error.to_string()))?;
        }
        if transaction.has_missing_updates() {
            return Err(ApplyError("something it builds on is missing".to_owned()));
        }
        Ok(merged)
    }

    /// The whole state as one update. Encoded once per version. Flush first.
    pub fn state(&mut self) -> Result<Bytes, ApplyError> {
        debug_assert!(self.accepted.is_empty(), "the state is asked for after a flush");
        if let Some(whole) = self.cold.as_mut().and_then(Cold::whole) {
            return Ok(whole);
        }
        self.warm()?;
        let (doc, guard) = (&self.doc, &mut self.guard);
        let encoded = self.encoded.get_or_insert_with(|| {
            let encoded = Bytes::from(doc.transact().encode_state_as_update_v1(&StateVector::default()));
            guard.note_blocks(guard::blocks(&encoded));
            encoded
        });
        self.size = encoded.len();
        Ok(encoded.clone())
    }

    /// What a peer with that state vector lacks, as one update. Flush first.
    pub fn diff(&mut self, theirs: &StateVector) -> Result<Bytes, ApplyError> {
        if theirs.is_empty() {
            return self.state();
        }
        self.warm()?;
        Ok(Bytes::from(self.doc.transact().encode_state_as_update_v1(theirs)))
    }

    /// What this copy has. Flush first.
    pub fn contents(&self) -> StateVector {
        match &self.cold {
            Some(cold) => cold.contents.clone(),
            None => self.doc.transact().state_vector(),
        }
    }

    /// The same, encoded for sync step 1.
    pub fn state_vector(&self) -> Vec<u8> {
        self.contents().encode_v1()
    }

    /// Whether answering that peer takes long enough to be done elsewhere than on a thread that serves sockets.
    pub fn is_heavy(&self, theirs: Option<&StateVector>) -> bool {
        let whole = theirs.is_none_or(StateVector::is_empty);
        match &self.cold {
            Some(cold) if whole => cold.is_in_parts() && self.size > limits::HEAVY_BYTES,
            Some(_) => self.warming_is_heavy(),
            None => !(whole && self.encoded.is_some()) && self.size > limits::HEAVY_BYTES,
        }
    }

    /// About how many bytes the encoded state has.
    pub fn size(&self) -> usize {
        self.size
    }
}

#[cfg(test)]
mod tests;
