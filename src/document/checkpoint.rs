//! When a live document's snapshot is due. Pure bookkeeping; the session encodes and the store writes.

use bytes::Bytes;

use super::registry::Options;
use crate::ids::Seq;
use crate::store::Change;

/// What stands behind the last snapshot, and the snapshot that waits for its changes to become durable.
#[derive(Debug, Default)]
pub(super) struct Checkpoints {
    bytes_since: usize,
    updates_since: usize,
    waiting: Option<(Seq, Bytes)>,
    writing: bool,
    last_written: Seq,
}

impl Checkpoints {
    /// More stands in the journal than in the snapshot.
    pub(super) fn grew(&mut self, changes: &[Change]) {
        self.updates_since += changes.len();
        self.bytes_since += changes.iter().map(|change| change.update.len()).sum::<usize>();
    }

    /// Whether to encode a snapshot now. `size` is about what it would weigh: a document is not written out again for
    /// a change that is small beside it.
    pub(super) fn is_due(&self, size: usize, options: &Options) -> bool {
        let enough = self.updates_since >= options.checkpoint_updates
            || self.bytes_since >= options.checkpoint_bytes.max(size / 2);
        enough && !self.writing && self.waiting.is_none()
    }

    /// Whether a snapshot waits for its changes to become durable.
    pub(super) fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// A snapshot is being encoded; what comes from now on counts for the next one.
    pub(super) fn taken(&mut self) {
        self.bytes_since = 0;
        self.updates_since = 0;
    }

    /// This snapshot may be written once `seq` is durable.
    pub(super) fn wait_for(&mut self, seq: Seq, snapshot: Bytes) {
        self.waiting = Some((seq, snapshot));
    }

    /// The snapshot that may be written now, if there is one.
    pub(super) fn ready(&mut self, durable: Seq) -> Option<(Seq, Bytes)> {
        if self.writing {
            return None;
        }
        let ready = self.waiting.take_if(|(seq, _)| *seq <= durable);
        self.writing = ready.is_some();
        ready
    }

    /// Writing has ended: with a snapshot at `seq`, or without one.
    pub(super) fn written(&mut self, seq: Option<Seq>) {
        self.writing = false;
        self.last_written = self.last_written.max(seq.unwrap_or_default());
    }

    pub(super) fn last_written(&self) -> Seq {
        self.last_written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{CHECKPOINT_BYTES, CHECKPOINT_UPDATES};

    fn after(updates: usize, bytes_each: usize) -> Checkpoints {
        let update = Bytes::from(vec![0; bytes_each]);
        let change = Change { at_ms: 0, author: "ann".into(), update };
        let mut checkpoints = Checkpoints::default();
        checkpoints.grew(&vec![change; updates]);
        checkpoints
    }

    #[test]
    fn a_snapshot_is_due_after_so_many_updates_or_bytes() {
        let options = Options::default();
        assert!(!after(CHECKPOINT_UPDATES - 1, 1).is_due(0, &options));
        assert!(after(CHECKPOINT_UPDATES, 1).is_due(0, &options));
        assert!(!after(1, CHECKPOINT_BYTES - 1).is_due(0, &options));
        assert!(after(1, CHECKPOINT_BYTES).is_due(0, &options));
        assert!(
            !after(1, CHECKPOINT_BYTES).is_due(3 * CHECKPOINT_BYTES, &options),
            "little beside what is there"
        );
    }

    #[test]
    fn a_snapshot_waits_for_the_disk_and_one_is_written_at_a_time() {
        let mut checkpoints = after(CHECKPOINT_UPDATES, 1);
        checkpoints.taken();
        checkpoints.wait_for(Seq(9), Bytes::new());
        assert_eq!(checkpoints.ready(Seq(8)), None);
        assert_eq!(checkpoints.ready(Seq(9)), Some((Seq(9), Bytes::new())));
        checkpoints.wait_for(Seq(10), Bytes::new());
        assert_eq!(checkpoints.ready(Seq(10)), None, "the one before is still being written");
        checkpoints.written(Some(Seq(9)));
        assert_eq!(checkpoints.ready(Seq(10)), Some((Seq(10), Bytes::new())));
    }
}
