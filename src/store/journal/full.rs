//! When the journal cannot be written: stop at once, and go on when the reason was a full disk and there is space again.
//!
//! The file that failed is never written to again, for nobody can tell what its failed write or fsync left. A new segment
//! begins after the last durable byte, its header says where that is, and whatever stands behind it is void.

use std::io;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use super::format::SEGMENT_HEADER;
use super::writer::{Queue, Work, Writer, caught, told};
use super::{Nudge, Shared};
use crate::store::StoreError;
use crate::store::catalogue::now_ms;
use crate::store::files::is_full;

/// Less than this is no space: it would be used up by what waits, and the store would go to and fro.
const SPACE_BYTES: u64 = 16 * 1024 * 1024;

impl Writer {
    /// Stop writing and tell everybody. Returns what is to be written first of all if there is space again: entries whose
    /// askers have gone, so that nobody was told that they failed. A document that came to be by being opened is one.
    pub(super) fn halt(&self, work: Vec<Work>, error: &io::Error) -> Vec<Work> {
        let segment = self.segment.number;
        tracing::error!(%error, segment, "the journal cannot be written; storage is read-only now");
        let reason: Arc<str> = match is_full(error) {
            true => format!("the disk is full ({error}); saving goes on once there is space").into(),
            false => format!("the journal cannot be written: {error}").into(),
        };
        let failure = StoreError::ReadOnly(reason.clone());
        let waiting = {
            let mut queue = self.shared.queue();
            queue.halted = Some(reason);
            queue.take_all()
        };
        let (mut kept, mut listeners) = (Vec::new(), Vec::new());
        for work in work.into_iter().chain(waiting) {
            match work {
                Work::Changes(append) => listeners.push(append.listener),
                Work::Entry(entry, receipt) if receipt.is_closed() => kept.push(Work::Entry(entry, receipt)),
                // A note whose asker has gone was seen by nobody, so nothing is to be kept of it.
                Work::Entry(_, receipt) | Work::Note(.., receipt) => drop(receipt.send(Err(failure.clone()))),
                Work::Records(_, done) => drop(done.send(Err(failure.clone()))),
            }
        }
        self.shared.state().forget_unsettled(kept.iter().filter_map(Work::entry));
        for listener in listeners {
            self.shared.queue().stranded.add(&listener);
            told(|| listener.failed(&failure));
        }
        failpoint!("full-halted");
        kept
    }

    /// Look for space until there is some, and go on; false if the store is closed before, or the disk fails in another way.
    pub(super) fn wait_for_space(&mut self, kept: &[Work]) -> bool {
        loop {
            if self.shared.pause(self.look_for_space).is_closed() {
                return false;
            }
            match caught(|| self.begin_again(kept)) {
                Ok(()) => break,
                Err(error) if is_full(&error) => tracing::debug!(%error, "there is no space yet"),
                Err(error) => {
                    tracing::error!(%error, "the journal cannot go on, space or not; storage stays read-only");
                    let reason = format!("the journal cannot be written: {error}");
                    self.shared.queue().halted = Some(reason.into());
                    return false;
                }
            }
        }
        let stranded = {
            let mut queue = self.shared.queue();
            queue.halted = None;
            queue.stranded.take()
        };
        let (segment, documents) = (self.segment.number, stranded.len());
        tracing::info!(segment, documents, "there is space again; what memory holds is written now");
        failpoint!("full-gone-on");
        stranded.iter().for_each(|listener| told(|| listener.recovered()));
        failpoint!("full-told");
        let _ = self.nudge.send(Nudge::Look);
        true
    }

    /// Begin a segment and write a batch to it, be it an empty one: from then on nothing behind the last durable byte counts.
    fn begin_again(&mut self, kept: &[Work]) -> io::Result<()> {
        let segments = &self.shared.segments;
        if segments.free_bytes()? < SPACE_BYTES {
            return Err(io::ErrorKind::StorageFull.into());
        }
        failpoint!("full-space");
        let (number, len) = (self.segment.number, self.segment.len);
        self.segment = match self.segment.header {
            // A segment without a batch is a beginning that failed. The claim in its header still holds.
            Some(header) if len <= SEGMENT_HEADER as u64 => {
                segments.replace(number, header.previous_len, now_ms())?
            }
            _ => segments.replace(number + 1, len, now_ms())?,
        };
        failpoint!("full-replaced");
        self.commit(kept)
    }
}

impl Shared {
    /// Sleep for so long, or until the store is closed.
    fn pause(&self, how_long: Duration) -> MutexGuard<'_, Queue> {
        let awake = |queue: &mut Queue| !queue.is_closed();
        let (queue, _) = self
            .wake
            .wait_timeout_while(self.queue(), how_long, awake)
            .unwrap_or_else(PoisonError::into_inner);
        queue
    }
}
