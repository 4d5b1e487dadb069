//! The thread that keeps starts fast, the journal small and memory free: it saves the index into sled now and then, releases old
//! segments once everything in them stands at the head, and opens sled anew when it rests.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::bundles::{self, Bundle};
use super::format::{Note, Noted, Place, Record};
use super::index::{Doc, Index};
use super::segments::ReadError;
use super::state::State;
use super::{Nudge, Options, Shared};
use crate::ids::{DocNumber, Seq};
use crate::store::catalogue::now_ms;
use crate::store::snapshots::{Position, Save, Saved, SnapshotError, Snapshots, fingerprint};
use crate::store::{Health, StoreError};

/// The index is saved after this much journal, or after this much time if anything changed: a start after a crash
/// reads no more than what came since.
const SAVE_EVERY: Duration = Duration::from_secs(60);

/// How often the keeper looks whether sled rests.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Records are copied to the head in portions of about this size, so that nobody's "Saved" waits for long behind one.
const COPY_BYTES: usize = 1024 * 1024;

/// What sled holds, as of the last save. Whoever writes to sled holds its lock.
#[derive(Default)]
pub struct Shelf {
    fingerprints: HashMap<Bundle, u64>,
    digest: u64,
    watermark: Position,
}

impl Shelf {
    /// The shelf after a start from a saved index, and that index.
    pub fn restored(saved: Saved) -> (Shelf, Index) {
        let Saved { index, fingerprints, watermark, digest } = saved;
        (Shelf { fingerprints, digest, watermark }, index)
    }

    /// Save the index as it is now.
    pub fn save(&mut self, shared: &Shared, snapshots: &Snapshots) -> Result<(), SnapshotError> {
        snapshots.has_room()?;
        let (mut save, stateless) = {
            let mut state = shared.state();
            state.forget_superseded();
            if !state.index.is_dirty() && state.durable == self.watermark {
                return Ok(());
            }
            let changed = state.index.take_dirty();
            let mut bundles = bundles::of_changed(&state.index, &changed);
            bundles.extend(bundles::of_changed_facts(&mut state.index.facts));
            let (watermark, documents) = (state.durable, state.index.len());
            let stateless: Vec<_> =
                changed.into_iter().filter(|&number| state.index.shelve(number)).collect();
            (Save { bundles, watermark, documents, ..Save::default() }, stateless)
        };
        save.bundles.retain(|(bundle, lines)| self.note(*bundle, lines));
        save.digest = self.digest;
        snapshots.save(&save)?;
        failpoint!("index-saved");
        self.watermark = save.watermark;
        // Only now does the saved index not name them any more.
        stateless.into_iter().try_for_each(|number| snapshots.forget(number))
    }

    /// A bundle is to have these lines; false if it is without any and always was.
    fn note(&mut self, bundle: Bundle, lines: &[u8]) -> bool {
        let new = (!lines.is_empty()).then(|| fingerprint(bundle, crc32c::crc32c(lines)));
        let old = match new {
            Some(new) => self.fingerprints.insert(bundle, new),
            None => self.fingerprints.remove(&bundle),
        };
        self.digest = self.digest.wrapping_sub(old.unwrap_or(0)).wrapping_add(new.unwrap_or(0));
        old.is_some() || new.is_some()
    }
}

/// The keeper's thread.
pub struct Keeper {
    shared: Arc<Shared>,
    options: Options,
    nudges: mpsc::Receiver<Nudge>,
}

impl Keeper {
    pub fn start(
        shared: Arc<Shared>,
        options: Options,
        nudges: mpsc::Receiver<Nudge>,
    ) -> std::io::Result<thread::JoinHandle<()>> {
        let keeper = Keeper { shared, options, nudges };
        thread::Builder::new().name("cowrite-keeper".into()).spawn(move || keeper.run())
    }

    fn run(self) {
        let mut saved = Instant::now();
        loop {
            let nudge = self.nudges.recv_timeout(LOOK_EVERY);
            let orphaned = matches!(nudge, Err(mpsc::RecvTimeoutError::Disconnected));
            // One look answers all that came while the last one took place.
            let nudges: Vec<_> = nudge.into_iter().chain(self.nudges.try_iter()).collect();
            let stop = orphaned || matches!(nudges.last(), Some(Nudge::Stop));
            // sled hangs on a full disk, so it is not asked for anything once the journal has failed.
            if self.shared.queue().health() == Health::Writable {
                if stop || !nudges.is_empty() || saved.elapsed() >= SAVE_EVERY {
                    self.save();
                    saved = Instant::now();
                }
                if !stop
                    && !nudges.is_empty()
                    && let Err(error) = self.release()
                {
                    tracing::warn!(%error, "old segments of the journal could not be released");
                }
                if !stop && let Some(snapshots) = self.shared.snapshots() {
                    let _ = snapshots.renew_if_due(self.options.sled_bytes);
                }
            }
            if stop {
                return;
            }
        }
    }

    /// A failure has been logged, and costs only time at the next start.
    fn save(&self) {
        if let Some(snapshots) = self.shared.snapshots() {
            let _ = self.shared.shelf().save(&self.shared, &snapshots);
        }
    }

    /// Release the oldest segments, as far as the options ask for it.
    fn release(&self) -> Result<(), StoreError> {
        let Some(released) = self.surplus() else { return Ok(()) };
        let mut numbers: Vec<DocNumber> = Vec::new();
        let mut dead: Vec<DocNumber> = Vec::new();
        {
            let mut state = self.shared.state();
            for (number, doc) in state.index.docs() {
                if state.index.is_superseded(number) {
                    dead.push(number);
                } else if doc.oldest_segment() <= released {
                    numbers.push(number);
                }
            }
            dead.iter().for_each(|&number| state.index.remove(number));
        }
        let mut portion = Vec::new();
        for number in numbers {
            self.copy(number, released, &mut portion)?;
        }
        self.write(&mut portion)?;
        self.copy_facts(released)?;
        failpoint!("release-copied");

        let mut state = self.shared.state();
        let deleted = |&(_, doc): &(DocNumber, &Doc)| doc.is_deleted() && doc.has_content();
        let deleted: Vec<_> = state.index.docs().filter(deleted).map(|(number, _)| number).collect();
        deleted.iter().for_each(|&number| state.index.update(number).clear());
        let held =
            state.index.docs().find(|(_, doc)| doc.oldest_segment() <= released).map(|(number, _)| number);
        let held = held.map(|number| format!("document {} still needs segment {released}", number.0));
        let fact = || {
            let fact = state.index.facts.only_in(released).next();
            fact.map(|_| format!("a fact still needs segment {released}"))
        };
        if let Some(text) = held.or_else(fact) {
            return Err(StoreError::Damaged(text.into()));
        }
        state.index.facts.forget_released(released);
        drop(state);
        // The saved index must not name a place that is gone, or the next start would read the whole journal.
        self.save();
        failpoint!("release-saved");
        for segment in self.shared.segments.all().into_iter().filter(|segment| segment.number <= released) {
            let io = |error| StoreError::Io { action: "releasing a segment".into(), error: Arc::new(error) };
            self.shared.segments.remove(segment.number).map_err(io)?;
            tracing::info!(
                segment = segment.number,
                bytes = segment.len,
                "released a segment of the journal"
            );
        }
        Ok(())
    }

    /// The newest of the segments that are too many.
    fn surplus(&self) -> Option<u64> {
        let mut segments = self.shared.segments.all();
        segments.pop(); // the one that is written
        let mut bytes: u64 = segments.iter().map(|segment| segment.len).sum();
        // What is alive needs its space; below that it would only be copied round and round. Two segments in a row
        // hold more than one segment's bytes, or the second would not have been begun.
        let live = {
            let state = self.shared.state();
            let documents: u64 = state.index.docs().map(|(_, doc)| doc.live_bytes()).sum();
            documents + state.index.facts.live_bytes()
        };
        let most = self.options.journal_bytes.max(2 * live);
        let most_segments =
            self.options.journal_segments as u64 + 2 * live / self.options.segment_bytes.max(1) + 1;
        let mut count = segments.len() as u64;
        let now = now_ms();
        let mut surplus = None;
        for segment in segments {
            let old = self.options.journal_age.zip(segment.header).is_some_and(|(age, header)| {
                u128::from(now.saturating_sub(header.created_ms)) > age.as_millis()
            });
            if bytes <= most && count <= most_segments && !old {
                break;
            }
            bytes -= segment.len;
            count -= 1;
            surplus = Some(segment.number);
        }
        surplus
    }

    /// Write again at the head what a document has in segments up to `released`.
    fn copy(&self, number: DocNumber, released: u64, portion: &mut Vec<Vec<u8>>) -> Result<(), StoreError> {
        let Some(doc) = self.shared.state().index.doc(number).cloned() else { return Ok(()) };
        if doc.entry_segment() <= released {
            self.copy_entry(number)?;
        }
        if doc.is_deleted() {
            return Ok(());
        }
        if doc.needs_checkpoint(released) {
            let (document, updated_ms) = (number, doc.updated_ms());
            let (seq, state) = self.shared.start_of(number)?;
            let mut payload = Vec::with_capacity(state.len() + 32);
            Record::Checkpoint { document, seq, updated_ms, state: &state }.encode(&mut payload);
            self.push(portion, payload)?;
        }
        for &(_, place) in doc.tail.iter().filter(|(_, place)| place.segment <= released) {
            self.push(portion, self.read(number, place)?)?;
        }
        Ok(())
    }

    /// The entry is taken and queued in one step, so that a rename cannot come between and be undone by the copy.
    fn copy_entry(&self, number: DocNumber) -> Result<(), StoreError> {
        let state = self.shared.state();
        let id = state.index.doc(number).and_then(|doc| Some(doc.entry.as_ref()?.id.clone()));
        let Some(entry) = id.and_then(|id| state.entry(&id)).filter(|entry| entry.number == number) else {
            return Ok(());
        };
        let mut payload = Vec::new();
        Record::Entry(std::borrow::Cow::Owned(entry)).encode(&mut payload);
        let done = self.shared.write_records(vec![payload])?;
        drop(state);
        done.recv().unwrap_or(Err(StoreError::Closed))
    }

    /// Write again at the head the facts that only segments up to `released` have, and behind them that all of these notes can go. A fact
    /// that is on its way takes the place of the one that is there, and stands in the queue before what is copied.
    fn copy_facts(&self, released: u64) -> Result<(), StoreError> {
        let Some(last) = self.shared.state().index.facts.last_in(released) else { return Ok(()) };
        loop {
            let state = self.shared.state();
            let mut bytes = 0;
            let still_there =
                state.index.facts.only_in(released).filter(|fact| !state.is_unsettled(fact.key));
            let portion = still_there.take_while(|fact| {
                let fits = bytes < COPY_BYTES;
                bytes += fact.key.len() + fact.value.map_or(0, <[u8]>::len);
                fits
            });
            let facts: Vec<Noted<'_>> = portion.collect();
            let is_last = facts.is_empty();
            let released = if is_last { last } else { Seq(0) };
            let mut record = Vec::new();
            let note = Note { seq: state.next_note(), at_ms: now_ms(), released, facts };
            Record::Note(note).encode(&mut record);
            self.note(state, record)?;
            if is_last {
                return Ok(());
            }
        }
    }

    /// Queue a note in one step with having read what it says, and wait for it.
    fn note(&self, mut state: MutexGuard<'_, State>, record: Vec<u8>) -> Result<(), StoreError> {
        let seq = state.next_note();
        let done = self.shared.write_records(vec![record])?;
        state.note_queued(seq, &[]);
        drop(state);
        done.recv().unwrap_or(Err(StoreError::Closed))
    }

    fn read(&self, number: DocNumber, place: Place) -> Result<Vec<u8>, StoreError> {
        self.shared.segments.read(place).map_err(|error| match error {
            ReadError::Io(error) => {
                StoreError::Io { action: "reading the journal".into(), error: Arc::new(error) }
            }
            ReadError::Gone | ReadError::Broken => {
                let text = format!("a change of document {} in segment {} is lost", number.0, place.segment);
                StoreError::Damaged(text.into())
            }
        })
    }

    fn push(&self, portion: &mut Vec<Vec<u8>>, payload: Vec<u8>) -> Result<(), StoreError> {
        portion.push(payload);
        if portion.iter().map(Vec::len).sum::<usize>() >= COPY_BYTES { self.write(portion) } else { Ok(()) }
    }

    fn write(&self, portion: &mut Vec<Vec<u8>>) -> Result<(), StoreError> {
        let done = self.shared.write_records(std::mem::take(portion))?;
        done.recv().unwrap_or(Err(StoreError::Closed))
    }
}
