//! Writing documents into fresh segments, as a repair and a restore to a moment do.

use std::borrow::Cow;
use std::io;

use crate::ids::Seq;
use crate::store::catalogue::now_ms;
use crate::store::journal::facts::Facts;
use crate::store::journal::format::{Batch, Note, Noted, Record, SEGMENT_HEADER};
use crate::store::journal::segments::{Segment, Segments};
use crate::store::{Entry, Stored};

/// A batch is written once it has this many bytes.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// A segment is full with this many.
const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// So many facts share a note.
const FACTS_AT_ONCE: usize = 1_000;

/// Writes records one after the other; durable once [`Rewrite::finish`] has returned.
pub struct Rewrite<'a> {
    segments: &'a Segments,
    segment: Segment,
    waiting: Vec<Vec<u8>>,
    bytes: usize,
}

impl<'a> Rewrite<'a> {
    /// Begin after `last`, or with the first segment there is.
    pub fn after(segments: &'a Segments, last: Option<&Segment>) -> io::Result<Rewrite<'a>> {
        let (number, len) = last.map_or((0, 0), |last| (last.number, last.len));
        let segment = segments.create(number + 1, len, now_ms())?;
        Ok(Rewrite { segments, segment, waiting: Vec::new(), bytes: 0 })
    }

    /// A document and all that is stored of it.
    pub fn document(&mut self, entry: &Entry, stored: &Stored) -> io::Result<()> {
        self.push(&Record::Entry(Cow::Borrowed(entry)))?;
        let document = entry.number;
        if let Some(state) = &stored.snapshot {
            let (seq, updated_ms) = (stored.snapshot_seq, entry.updated_ms);
            self.push(&Record::Checkpoint { document, seq, updated_ms, state })?;
        }
        for (seq, change) in (stored.snapshot_seq.next().0..).zip(&stored.tail) {
            let (seq, author, update) = (Seq(seq), &*change.author, &*change.update);
            self.push(&Record::Change { document, seq, at_ms: change.at_ms, author, update })?;
        }
        Ok(())
    }

    /// All facts that count, and that the notes which held them are not needed any more.
    pub fn facts(&mut self, facts: &Facts) -> io::Result<()> {
        let last = facts.last();
        if last == Seq(0) {
            return Ok(());
        }
        let (at_ms, mut seq) = (now_ms(), last.next());
        let all: Vec<Noted<'_>> = facts.all().collect();
        for facts in all.chunks(FACTS_AT_ONCE) {
            self.push(&Record::Note(Note { seq, at_ms, released: Seq(0), facts: facts.to_vec() }))?;
            seq = seq.next();
        }
        self.push(&Record::Note(Note { seq, at_ms, released: last, facts: Vec::new() }))
    }

    fn push(&mut self, record: &Record<'_>) -> io::Result<()> {
        let mut payload = Vec::new();
        record.encode(&mut payload);
        self.bytes += payload.len();
        self.waiting.push(payload);
        if self.bytes >= BATCH_BYTES { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> io::Result<()> {
        if self.segment.len > SEGMENT_HEADER as u64 && self.segment.len + self.bytes as u64 > SEGMENT_BYTES {
            self.segment = self.segments.create(self.segment.number + 1, self.segment.len, now_ms())?;
        }
        let mut batch = Batch::new(self.segment.number, self.segment.len, Vec::new());
        self.waiting.drain(..).for_each(|payload| batch.push_payload(&payload));
        self.bytes = 0;
        let bytes = batch.finish();
        self.segment.file.append(&bytes)?;
        self.segment.file.sync()?;
        self.segment.len += bytes.len() as u64;
        self.segments.set_len(self.segment.number, self.segment.len);
        Ok(())
    }

    /// Write what waits, and a seal, so that the last batch is vouched for.
    pub fn finish(mut self) -> io::Result<()> {
        if !self.waiting.is_empty() {
            self.write()?;
        }
        self.write()
    }
}
