//! Keeps the search index current, on a thread of its own that gives way to all others.
//!
//! It looks at the catalogue, which knows when each document was changed last, and compares that with what the index holds. So nothing
//! waits for it, a restart indexes only what has changed, and what was missed once is found at the next look.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use actix_web::web;
use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::access::now_ms;
use crate::document::{DocumentError, Registry};
use crate::export::{Content, replay};
use crate::ids::DocNumber;
use crate::search::{Document, Index, Search, SearchError, Stamp, indexed};
use crate::store::{Entry, Rank};

/// How often it is looked for what has changed.
const LOOK_EVERY: Duration = Duration::from_millis(700);

/// How often the whole catalogue is compared with the index, beside the start and whenever a title or a deletion asks for it.
const LOOK_AT_ALL_EVERY: Duration = Duration::from_mins(1);

/// How long after its time stamp a change may become visible in the catalogue, and be found without looking at all of it.
const STAMP_LAG_MS: u64 = 10_000;

/// Entries that are looked at in one go.
const PAGE: usize = 500;

/// How long documents are worked on before what was made of them is written down …
const SLICE: Duration = Duration::from_millis(100);

/// … and how many bytes of text that may be.
const SLICE_BYTES: usize = 4 * 1024 * 1024;

/// A document that changes all the time is indexed again after this long, once more for every [`REST_BYTES`] that it has. By its
/// size and not by the time it took, which is long for everybody on a machine that has much to do.
const REST: Duration = Duration::from_millis(500);

/// See [`REST`].
const REST_BYTES: usize = 32 * 1024;

/// … but not longer than this.
const LONGEST_REST: Duration = Duration::from_mins(2);

/// How long it rests after an error that is not damage: the disk is full, perhaps.
const TROUBLE_FOR: Duration = Duration::from_secs(15);

/// By how much its thread is nicer than those that serve.
const NICENESS: i32 = 10;

/// The thread, which ends with this.
pub struct Indexing {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Indexing {
    /// Begin, in that folder. Returns at once.
    pub fn start(
        folder: PathBuf,
        search: Search,
        registry: web::Data<Registry>,
    ) -> std::io::Result<Indexing> {
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let thread = thread::Builder::new().name("search".into()).spawn(move || {
            // Without it the work is done as well, only less politely. What the runtime starts inherits it.
            let _ = rustix::process::nice(NICENESS);
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = keep(&folder, &search, &registry) => {}
                }
            });
            search.close();
        })?;
        Ok(Indexing { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Indexing {
    /// Waits for the document that is being worked on.
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Why the index does not follow the documents at present.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// Open the index and keep it current; begin anew whenever that cannot go on. Ends when the server does.
async fn keep(folder: &Path, search: &Search, registry: &Registry) {
    loop {
        match follow(folder, search, registry).await {
            Ok(()) | Err(Trouble::Document(DocumentError::Draining)) => return,
            Err(Trouble::Search(SearchError::Damaged(reason))) => {
                tracing::warn!(reason, "the search index is damaged and will be made anew");
                search.close();
                if let Err(error) = Index::delete(folder) {
                    tracing::warn!(%error, "the damaged search index is in the way");
                    sleep(TROUBLE_FOR).await;
                }
            }
            Err(trouble) => {
                tracing::warn!(error = %trouble, "the search index does not follow the documents at present");
                sleep(TROUBLE_FOR).await;
            }
        }
    }
}

async fn follow(folder: &Path, search: &Search, registry: &Registry) -> Result<(), Trouble> {
    let mut index = search.open(folder)?;
    let mut backlog = Backlog::knowing(index.known()?);
    let (mut looked_ms, mut looked_at_all, mut version) = (0, None::<Instant>, 0);
    while !registry.is_draining() {
        if !search.is_open() {
            return Err(SearchError::Damaged("somebody who asked met it".into()).into());
        }
        let now = now_ms();
        let is_due = looked_at_all.is_none_or(|at| at.elapsed() >= LOOK_AT_ALL_EVERY);
        if is_due || registry.catalogue_version() != version {
            version = registry.catalogue_version();
            look_at_all(&mut index, &mut backlog, registry).await?;
            looked_at_all = Some(Instant::now());
        } else {
            look(&mut backlog, registry, looked_ms - STAMP_LAG_MS.min(looked_ms)).await?;
        }
        looked_ms = now;
        let began = Instant::now();
        let has_more = work(&mut index, &mut backlog, registry).await?;
        if has_more {
            // As long as others have had to do with less of the machine.
            sleep(began.elapsed()).await;
        } else {
            search.complete();
            sleep(LOOK_EVERY).await;
        }
    }
    Ok(())
}

/// Note what was changed since then.
async fn look(backlog: &mut Backlog, registry: &Registry, since_ms: u64) -> Result<(), Trouble> {
    let mut behind = None;
    loop {
        let page = registry.page(behind, PAGE).await?;
        behind = page.last().map(Entry::rank);
        let looked_at = page.len();
        let is_last = looked_at < PAGE || behind.is_some_and(|Rank(updated_ms, _)| updated_ms < since_ms);
        page.into_iter().filter(|entry| entry.updated_ms >= since_ms).for_each(|entry| backlog.see(entry));
        if is_last {
            return Ok(());
        }
    }
}

/// Note everything that the index does not hold as it is, and take out what is not there any more.
async fn look_at_all(index: &mut Index, backlog: &mut Backlog, registry: &Registry) -> Result<(), Trouble> {
    let mut seen = HashSet::new();
    let mut behind = None;
    loop {
        let page = registry.page(behind, PAGE).await?;
        behind = page.last().map(Entry::rank);
        let is_last = page.len() < PAGE;
        for entry in page.into_iter().filter(Entry::is_findable) {
            seen.insert(entry.number);
            backlog.see(entry);
        }
        if is_last {
            break;
        }
    }
    let mut gone = Vec::new();
    for number in backlog.known.keys().copied().filter(|number| !seen.contains(number)) {
        // One that was changed while the pages were turned has moved to the front, and was not seen.
        let entry = match index.id(number)? {
            Some(id) => registry.entry(&id).await?,
            None => None,
        };
        if !entry.is_some_and(|entry| entry.number == number && entry.is_findable()) {
            gone.push(number);
        }
    }
    index.remove(&gone)?;
    gone.iter().for_each(|number| backlog.forget(*number));
    Ok(())
}

/// Bring documents up to date for a while. Whether more are due.
async fn work(index: &mut Index, backlog: &mut Backlog, registry: &Registry) -> Result<bool, Trouble> {
    let began = Instant::now();
    let (mut made, mut bytes) = (Vec::new(), 0);
    while began.elapsed() < SLICE && bytes < SLICE_BYTES {
        let Some(entry) = backlog.next(Instant::now()) else { break };
        let mut size = 0;
        let text = match registry.updates(&entry).await {
            Ok(updates) => {
                size = updates.iter().map(Bytes::len).sum();
                match replay(&updates) {
                    Ok(doc) => Content::of_doc(&doc).text,
                    Err(error) => unreadable(&entry, &error),
                }
            }
            Err(DocumentError::Draining) => return Err(DocumentError::Draining.into()),
            Err(error) => unreadable(&entry, &error),
        };
        let text = indexed(text);
        bytes += text.len();
        let (number, updated_ms) = (entry.number, entry.updated_ms);
        made.push((size, Document { number, id: entry.id, updated_ms, title: entry.title, text }));
    }
    let (sizes, documents): (Vec<_>, Vec<_>) = made.into_iter().unzip();
    index.put(&documents)?;
    let now = Instant::now();
    for (size, document) in sizes.into_iter().zip(documents) {
        backlog.done(document.number, Stamp::of(document.updated_ms, &document.title), size, now);
    }
    Ok(backlog.is_due(now))
}

/// A document that cannot be read is found by its title.
fn unreadable(entry: &Entry, error: &dyn std::fmt::Display) -> String {
    tracing::warn!(document = %entry.id, %error, "the document's text cannot be read for the search");
    String::new()
}

/// What the index holds, and what waits to be put into it. Knows no clock and no disk.
#[derive(Default)]
struct Backlog {
    known: HashMap<DocNumber, Known>,
    /// The last changed last.
    waiting: BTreeMap<Rank, Entry>,
    /// Where each of them waits.
    ranks: HashMap<DocNumber, Rank>,
}

struct Known {
    stamp: Stamp,
    /// Until then it is left alone, whatever happens to it.
    rests_until: Option<Instant>,
}

impl Backlog {
    fn knowing(known: Vec<(DocNumber, Stamp)>) -> Backlog {
        let known = known.into_iter().map(|(number, stamp)| (number, Known { stamp, rests_until: None }));
        Backlog { known: known.collect(), ..Backlog::default() }
    }

    /// The catalogue says this of a document. It waits unless the index holds it so.
    fn see(&mut self, entry: Entry) {
        let (rank, stamp) = (entry.rank(), Stamp::of(entry.updated_ms, &entry.title));
        let is_known = self.known.get(&entry.number).is_some_and(|known| known.stamp == stamp);
        self.take(entry.number);
        if !is_known && entry.is_findable() {
            self.ranks.insert(entry.number, rank);
            self.waiting.insert(rank, entry);
        }
    }

    /// The document that is the next to be indexed: the last changed of those that are not at rest.
    fn next(&mut self, now: Instant) -> Option<Entry> {
        let number = self.waiting.values().rev().find(|entry| !self.rests(entry, now))?.number;
        self.take(number)
    }

    fn is_due(&self, now: Instant) -> bool {
        self.waiting.values().any(|entry| !self.rests(entry, now))
    }

    fn rests(&self, entry: &Entry, now: Instant) -> bool {
        let until = self.known.get(&entry.number).and_then(|known| known.rests_until);
        until.is_some_and(|until| now < until)
    }

    fn take(&mut self, number: DocNumber) -> Option<Entry> {
        let rank = self.ranks.remove(&number)?;
        self.waiting.remove(&rank)
    }

    /// The index holds it as it was then, made of so many bytes.
    fn done(&mut self, number: DocNumber, stamp: Stamp, size: usize, now: Instant) {
        let times = u32::try_from(1 + size / REST_BYTES).unwrap_or(u32::MAX);
        let rest = REST.saturating_mul(times).min(LONGEST_REST);
        self.known.insert(number, Known { stamp, rests_until: Some(now + rest) });
    }

    /// It is not in the index any more.
    fn forget(&mut self, number: DocNumber) {
        self.known.remove(&number);
        self.take(number);
    }
}

#[cfg(test)]
mod tests;
