//! The one thread that writes: it takes all that waits, whichever document it belongs to, and makes it durable with
//! one write and one fdatasync. The more there is to do, the more each fsync carries.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::format::{BATCH_HEADER, Batch, FRAME, Record, SEGMENT_HEADER, records};
use super::segments::Segment;
use super::{Nudge, Options, SAVE_BYTES, Shared};
use crate::ids::Seq;
use crate::store::catalogue::now_ms;
use crate::store::files::is_full;
use crate::store::snapshots::Position;
use crate::store::stranded::Stranded;
use crate::store::{Append, Entry, Fact, Health, Listener, StoreError};

/// A batch is closed once it has this many bytes, so that a flood does not delay everybody's "Saved" behind one write.
/// What is queued at once stays together, so that a batch may be larger by one append.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// How many records are taken into the index under one lock: some 100 microseconds' worth.
const PUBLISH_AT_ONCE: usize = 512;

/// More than a change's or an entry's header can take.
const OVERHEAD: usize = FRAME + 64;

/// What the writer is asked to make durable.
pub enum Work {
    Changes(Append),
    Entry(Entry, oneshot::Sender<Result<(), StoreError>>),
    /// Facts, and the record that holds all of them.
    Note(Vec<Fact>, Vec<u8>, oneshot::Sender<Result<(), StoreError>>),
    /// Records that are encoded already: copies of older ones, and states.
    Records(Vec<Vec<u8>>, mpsc::SyncSender<Result<(), StoreError>>),
}

impl Work {
    fn bytes(&self) -> usize {
        match self {
            Work::Changes(append) => {
                append.changes.iter().map(|c| c.update.len() + c.author.len() + OVERHEAD).sum::<usize>()
            }
            Work::Entry(entry, _) => entry.title.len() + 512,
            Work::Note(_, record, _) => record.len() + FRAME,
            Work::Records(records, _) => records.iter().map(|r| r.len() + FRAME).sum(),
        }
    }

    pub fn entry(&self) -> Option<&Entry> {
        match self {
            Work::Entry(entry, _) => Some(entry),
            Work::Changes(_) | Work::Note(..) | Work::Records(..) => None,
        }
    }

    /// What is new in it, and not encoded yet.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let append = match self {
            Work::Changes(append) => Some(append),
            Work::Entry(..) | Work::Note(..) | Work::Records(..) => None,
        };
        let changes = append.into_iter().flat_map(|append| {
            (append.first.0..).zip(&append.changes).map(|(seq, change)| Record::Change {
                document: append.document,
                seq: Seq(seq),
                at_ms: change.at_ms,
                author: &change.author,
                update: &change.update,
            })
        });
        changes.chain(self.entry().map(|entry| Record::Entry(Cow::Borrowed(entry))))
    }

    fn push_to(&self, batch: &mut Batch) {
        self.records().for_each(|record| batch.push(&record));
        match self {
            Work::Note(_, record, _) => batch.push_payload(record),
            Work::Records(records, _) => records.iter().for_each(|record| batch.push_payload(record)),
            Work::Changes(_) | Work::Entry(..) => {}
        }
    }
}

/// Whether the writer waits for company for what waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Lingering {
    #[default]
    No,
    /// For so short a time that nobody wakes it for a change.
    Briefly,
    /// Until somebody waits to hear of a change.
    Unawaited,
}

/// What waits for the writer. Its length is bounded by its callers, who let no connection have more than
/// `limits::UNSAVED_BYTES` on the way.
#[derive(Default)]
pub struct Queue {
    waiting: VecDeque<Work>,
    /// Somebody stands still until what waits is durable.
    urgent: bool,
    /// Somebody waits to hear that it is.
    awaited: bool,
    lingering: Lingering,
    closing: bool,
    /// Why nothing is written at present.
    pub(super) halted: Option<Arc<str>>,
    /// Who has changes in memory that were refused or lost since then.
    pub(super) stranded: Stranded,
}

impl Queue {
    /// Queue work. True when the writer is to be woken for it.
    pub fn push(&mut self, work: Work) -> Result<bool, StoreError> {
        self.open()?;
        match &work {
            Work::Changes(append) => self.awaited |= append.listener.is_awaited(),
            Work::Entry(..) | Work::Note(..) | Work::Records(..) => self.urgent = true,
        }
        self.waiting.push_back(work);
        Ok(self.urgent
            || match self.lingering {
                Lingering::No => true,
                Lingering::Briefly => false,
                Lingering::Unawaited => self.awaited,
            })
    }

    /// Whether what waits is to be written without waiting for more.
    fn is_pressing(&self) -> bool {
        self.urgent || self.closing
    }

    /// Whether work is still taken.
    pub fn open(&self) -> Result<(), StoreError> {
        match &self.halted {
            _ if self.closing => Err(StoreError::Closed),
            Some(reason) => Err(StoreError::ReadOnly(reason.clone())),
            None => Ok(()),
        }
    }

    /// The same, for changes: whoever is refused for now will hear when that has passed.
    pub fn open_to(&mut self, listener: &Arc<dyn Listener>) -> Result<(), StoreError> {
        let open = self.open();
        if let Err(StoreError::ReadOnly(_)) = &open {
            self.stranded.add(listener);
        }
        open
    }

    pub fn take_all(&mut self) -> VecDeque<Work> {
        std::mem::take(&mut self.waiting)
    }

    pub fn health(&self) -> Health {
        self.halted.clone().map_or(Health::Writable, Health::ReadOnly)
    }

    pub fn is_closed(&self) -> bool {
        self.closing
    }

    /// Take no more; false if that was so already.
    pub fn close(&mut self) -> bool {
        !std::mem::replace(&mut self.closing, true)
    }
}

/// The writing end of the journal.
pub struct Writer {
    pub(super) shared: Arc<Shared>,
    /// The segment that is written. Its length is where the next batch goes.
    pub(super) segment: Segment,
    segment_bytes: u64,
    commit_every: Duration,
    commit_unawaited_every: Duration,
    /// When the last commit began.
    committed: Option<Instant>,
    pub(super) look_for_space: Duration,
    /// Whether the last batch carries nothing, and all before it is vouched for.
    sealed: bool,
    unsaved: usize,
    pub(super) nudge: mpsc::Sender<Nudge>,
    buffer: Vec<u8>,
}

impl Writer {
    pub fn new(
        shared: Arc<Shared>,
        segment: Segment,
        options: &Options,
        nudge: mpsc::Sender<Nudge>,
    ) -> Writer {
        Writer {
            shared,
            segment,
            segment_bytes: options.segment_bytes,
            commit_every: options.commit_every,
            commit_unawaited_every: options.commit_unawaited_every.max(options.commit_every),
            committed: None,
            look_for_space: options.look_for_space,
            sealed: true,
            unsaved: 0,
            nudge,
            buffer: Vec::new(),
        }
    }

    pub fn start(self) -> io::Result<thread::JoinHandle<()>> {
        thread::Builder::new().name("cowrite-journal".into()).spawn(move || self.run())
    }

    fn run(mut self) {
        while let Some(work) = self.take() {
            self.committed = Some(Instant::now());
            match caught(|| self.commit(&work)) {
                Ok(()) => tell_durable(work),
                Err(error) => {
                    let kept = self.halt(work, &error);
                    if !is_full(&error) || !self.wait_for_space(&kept) {
                        return;
                    }
                }
            }
        }
        if !self.sealed
            && let Err(error) = self.commit(&[])
        {
            // Nobody waits for the seal. Without it the last batch is written once more at the next start.
            tracing::warn!(%error, "the journal could not be sealed");
        }
    }

    /// All that waits, up to a batch's size, once it has had time to gather; `None` once closed and done.
    fn take(&self) -> Option<Vec<Work>> {
        let mut queue = self.shared.queue();
        loop {
            // Begun before there is anything: whoever comes meanwhile need not wake anybody.
            if !queue.is_pressing()
                && let Some((gather, how)) = self.gathering(queue.awaited)
            {
                queue = self.shared.linger(queue, gather, how);
                continue;
            }
            let mut taken = Vec::new();
            let mut bytes = 0;
            while bytes < BATCH_BYTES
                && let Some(work) = queue.waiting.pop_front()
            {
                bytes += work.bytes();
                taken.push(work);
            }
            if !taken.is_empty() {
                let all = queue.waiting.is_empty();
                queue.urgent &= !all;
                queue.awaited &= !all;
                if let Some(inflight) = self.shared.inflight.get().filter(|_| all) {
                    inflight.turn();
                }
                return Some(taken);
            }
            if queue.closing {
                return None;
            }
            queue = self.shared.wait(queue);
        }
    }

    /// How long changes that wait are still given to gather, if they are.
    fn gathering(&self, awaited: bool) -> Option<(Duration, Lingering)> {
        let since = self.committed?.elapsed();
        let briefly = self.commit_every.saturating_sub(since);
        let unawaited = self.commit_unawaited_every.saturating_sub(since);
        if !briefly.is_zero() {
            Some((briefly, Lingering::Briefly))
        } else if !awaited && !unawaited.is_zero() {
            Some((unawaited, Lingering::Unawaited))
        } else {
            None
        }
    }

    /// Make a batch durable and then known. A failure leaves the file in a state that nobody can tell, so
    /// nothing may be written to it after one.
    pub fn commit(&mut self, work: &[Work]) -> io::Result<()> {
        let estimate = BATCH_HEADER + work.iter().map(Work::bytes).sum::<usize>();
        if self.segment.len > SEGMENT_HEADER as u64 && self.segment.len + estimate as u64 > self.segment_bytes
        {
            self.segment =
                self.shared.segments.create(self.segment.number + 1, self.segment.len, now_ms())?;
            failpoint!("rotated");
            let _ = self.nudge.send(Nudge::Look);
        }
        let (number, offset) = (self.segment.number, self.segment.len);
        let mut batch = Batch::new(number, offset, std::mem::take(&mut self.buffer));
        work.iter().for_each(|work| work.push_to(&mut batch));
        let bytes = batch.finish();
        failpoint!("append");
        self.segment.file.append(&bytes)?;
        failpoint!("appended");
        failure!("disk-full", io::ErrorKind::StorageFull.into());
        self.segment.file.sync()?;
        failpoint!("synced");

        self.segment.len += bytes.len() as u64;
        self.sealed = work.is_empty();
        self.shared.segments.set_len(number, self.segment.len);
        self.publish(&bytes, offset, work);
        failpoint!("published");

        self.unsaved += bytes.len();
        if self.unsaved > SAVE_BYTES {
            self.unsaved = 0;
            let _ = self.nudge.send(Nudge::Look);
        }
        // One large paste must not hold its memory for good.
        if bytes.capacity() <= 2 * BATCH_BYTES {
            self.buffer = bytes;
        }
        Ok(())
    }

    /// Let everybody find what is durable now. In steps, since those who append wait for the same lock.
    fn publish(&self, bytes: &[u8], offset: u64, work: &[Work]) {
        let number = self.segment.number;
        let mut records = records(bytes, number, offset).peekable();
        while records.peek().is_some() {
            let mut state = self.shared.state();
            for (place, payload) in records.by_ref().take(PUBLISH_AT_ONCE) {
                let record = Record::decode(payload).expect("the record was encoded a moment ago");
                state.index.apply(place, &record);
            }
        }
        for work in work.chunks(PUBLISH_AT_ONCE) {
            let mut state = self.shared.state();
            for work in work {
                match work {
                    Work::Changes(append) => state.changes_settled(append),
                    Work::Entry(entry, _) => state.entry_settled(entry),
                    Work::Note(facts, ..) => state.note_settled(facts),
                    Work::Records(..) => {}
                }
            }
        }
        self.shared.state().durable = Position { segment: number, offset: self.segment.len };
    }
}

/// A panic is one more way to fail.
pub(super) fn caught(work: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let panicked = |_| Err(io::Error::other("the journal's thread panicked"));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(panicked)
}

/// Each listener hears once of all that became durable, in whatever order documents come.
fn tell_durable(work: Vec<Work>) {
    let mut listeners: HashMap<*const (), (Arc<dyn Listener>, Seq)> = HashMap::new();
    for work in work {
        match work {
            Work::Changes(append) => {
                let last = Seq(append.first.0 + append.changes.len() as u64 - 1);
                let key = Arc::as_ptr(&append.listener).cast::<()>();
                let (_, seq) = listeners.entry(key).or_insert((append.listener, last));
                *seq = last.max(*seq);
            }
            // Whoever asked may be gone by now.
            Work::Entry(_, receipt) | Work::Note(.., receipt) => drop(receipt.send(Ok(()))),
            Work::Records(_, done) => drop(done.send(Ok(()))),
        }
    }
    for (listener, seq) in listeners.into_values() {
        told(|| listener.durable(seq));
    }
}

/// A listener that panics must not take the journal with it.
pub(super) fn told(tell: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(tell)).is_err() {
        tracing::error!("a listener of the journal panicked");
    }
}

impl Shared {
    fn wait<'a>(&self, queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
        self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner)
    }

    /// Wait for company for what waits, but no longer than that.
    fn linger<'a>(
        &self,
        mut queue: MutexGuard<'a, Queue>,
        gather: Duration,
        how: Lingering,
    ) -> MutexGuard<'a, Queue> {
        queue.lingering = how;
        let (mut queue, _) = self.wake.wait_timeout(queue, gather).unwrap_or_else(PoisonError::into_inner);
        queue.lingering = Lingering::No;
        queue
    }
}
