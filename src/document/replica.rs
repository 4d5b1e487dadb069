//! The server's copy of a document: yrs behind the guard, and nothing reaches the one without the other.

use bytes::Bytes;
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;
use yrs::{Doc, ReadTxn, StateVector, Transact, Update};

use crate::ids::Seq;
use crate::limits;
use crate::protocol::empty_doc;
use crate::protocol::guard::{self, Guard, Malformed, Verdict};
use crate::store::Stored;

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

/// yrs refused what the guard let pass: a defect of ours. The copy in memory is not to be trusted any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an accepted update could not be applied: {0}")]
pub struct ApplyError(String);

/// A document in memory.
pub struct Replica {
    doc: Doc,
    guard: Guard,
    /// Accepted and not applied yet: a transaction costs more than an update, so they share one.
    accepted: Vec<Bytes>,
    /// The encoded state, while no update came after it.
    encoded: Option<Bytes>,
    /// About how many bytes encoding the state makes: the last encoding plus the updates since.
    size: usize,
}

impl Default for Replica {
    fn default() -> Replica {
        Replica { doc: empty_doc(), guard: Guard::new(), accepted: Vec::new(), encoded: None, size: 0 }
    }
}

impl Replica {
    /// Bring a stored document to life. What is on disk is judged like anything else, for a flipped bit can crash
    /// yrs as well as an attacker can. Slow for large documents.
    pub fn load(stored: &Stored) -> Result<Replica, LoadError> {
        let mut replica = Replica::default();
        if let Some(snapshot) = &stored.snapshot {
            replica.recall(snapshot, |why| LoadError::Snapshot(stored.snapshot_seq, why))?;
        }
        let mut seq = stored.snapshot_seq;
        for change in &stored.tail {
            seq = seq.next();
            replica.recall(&change.update, |why| LoadError::Change(seq, why))?;
        }
        replica.flush()?;
        Ok(replica)
    }

    fn recall(
        &mut self,
        stored: &Bytes,
        refused: impl FnOnce(Malformed) -> LoadError,
    ) -> Result<(), LoadError> {
        let update = self.guard.recall(stored).map_err(refused)?;
        self.size += update.len();
        self.accepted.push(update);
        if self.is_full() {
            self.flush()?;
        }
        Ok(())
    }

    /// Judge an update. An accepted, novel one is applied by the next [`Replica::flush`]: a transaction's cost grows with the
    /// square of the updates in it, so that comes before there are more than `limits::BATCH_UPDATES`.
    pub fn admit(&mut self, update: &Bytes) -> Verdict {
        let verdict = self.guard.admit(update);
        if let Verdict::Accept(accepted) = &verdict
            && accepted.novel
        {
            self.size += accepted.update.len();
            self.encoded = None;
            self.accepted.push(accepted.update.clone());
        }
        verdict
    }

    /// Whether as much was accepted as one transaction should carry.
    pub fn is_full(&self) -> bool {
        self.accepted.len() >= limits::BATCH_UPDATES
    }

    /// Apply what was accepted. Returns all of it, as few updates.
    pub fn flush(&mut self) -> Result<Vec<Bytes>, ApplyError> {
        if self.accepted.is_empty() {
            return Ok(Vec::new());
        }
        let merged = guard::merge(&self.accepted);
        self.accepted.clear();
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
    pub fn state(&mut self) -> Bytes {
        debug_assert!(self.accepted.is_empty(), "the state is asked for after a flush");
        let doc = &self.doc;
        let encoded = self.encoded.get_or_insert_with(|| {
            Bytes::from(doc.transact().encode_state_as_update_v1(&StateVector::default()))
        });
        self.size = encoded.len();
        encoded.clone()
    }

    /// What a peer with that state vector lacks, as one update. Flush first.
    pub fn diff(&mut self, theirs: &StateVector) -> Bytes {
        if theirs.is_empty() {
            return self.state();
        }
        Bytes::from(self.doc.transact().encode_state_as_update_v1(theirs))
    }

    /// What this copy has. Flush first.
    pub fn contents(&self) -> StateVector {
        self.doc.transact().state_vector()
    }

    /// The same, encoded for sync step 1.
    pub fn state_vector(&self) -> Vec<u8> {
        self.contents().encode_v1()
    }

    /// Whether answering that peer takes long enough to be done elsewhere than on a thread that serves sockets.
    pub fn is_heavy(&self, theirs: Option<&StateVector>) -> bool {
        let cached = self.encoded.is_some() && theirs.is_none_or(StateVector::is_empty);
        !cached && self.size > limits::HEAVY_BYTES
    }

    /// About how many bytes the encoded state has.
    pub fn size(&self) -> usize {
        self.size
    }
}
