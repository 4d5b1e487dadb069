//! A document as it was stored: enough to answer whoever has nothing of it, without bringing it to life.

use bytes::Bytes;
use yrs::StateVector;
use yrs::block::ClientID;

use super::LoadError;
use crate::ids::Seq;
use crate::protocol::guard::{self, Malformed};
use crate::store::Stored;

/// The stored bytes, read for their grammar and for how far they go. Their checksums were right, and what they hold was accepted once;
/// whether it still makes a document shows when it comes to life.
pub(super) struct Cold {
    pub(super) snapshot: Option<Bytes>,
    pub(super) snapshot_seq: Seq,
    /// The updates after the snapshot, in order.
    pub(super) tail: Vec<Bytes>,
    pub(super) contents: StateVector,
}

impl Cold {
    pub(super) fn new(stored: &Stored) -> Result<Cold, LoadError> {
        let mut cold = Cold {
            snapshot: stored.snapshot.clone(),
            snapshot_seq: stored.snapshot_seq,
            tail: stored.tail.iter().map(|change| change.update.clone()).collect(),
            contents: StateVector::default(),
        };
        let mut contents = StateVector::default();
        cold.each(|update, refused| {
            for (client, clock) in guard::clocks(update).map_err(refused)? {
                contents.set_max(ClientID::new(client), clock);
            }
            Ok(())
        })?;
        cold.contents = contents;
        Ok(cold)
    }

    /// Hand out the snapshot and then each update after it, with the error to give if it is refused.
    pub(super) fn each(
        &self,
        mut take: impl FnMut(&Bytes, &dyn Fn(Malformed) -> LoadError) -> Result<(), LoadError>,
    ) -> Result<(), LoadError> {
        if let Some(snapshot) = &self.snapshot {
            take(snapshot, &|why| LoadError::Snapshot(self.snapshot_seq, why))?;
        }
        let mut seq = self.snapshot_seq;
        for update in &self.tail {
            seq = seq.next();
            take(update, &|why| LoadError::Change(seq, why))?;
        }
        Ok(())
    }

    /// Everything as one update, if that can be had without bringing it to life.
    pub(super) fn whole(&mut self) -> Option<Bytes> {
        if !self.tail.is_empty() {
            let whole = guard::merge_whole(self.snapshot.iter().chain(&self.tail))?;
            self.snapshot_seq = Seq(self.snapshot_seq.0 + self.tail.len() as u64);
            self.snapshot = Some(whole);
            self.tail.clear();
        }
        Some(self.snapshot.clone().unwrap_or(Bytes::from_static(yrs::Update::EMPTY_V1)))
    }

    /// Whether that takes more than looking.
    pub(super) fn is_in_parts(&self) -> bool {
        !self.tail.is_empty()
    }

    pub(super) fn size(&self) -> usize {
        self.snapshot.iter().chain(&self.tail).map(Bytes::len).sum()
    }
}
