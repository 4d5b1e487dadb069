//! Opening a data folder.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, OnceLock, mpsc};

use super::format::{SEGMENT_HEADER, VERSION};
use super::index::Index;
use super::keeper::{Keeper, Shelf};
use super::recover::{End, Finding, bring_up_to_date, is_consistent};
use super::segments::{Segment, Segments};
use super::state::State;
use super::writer::{Queue, Work, Writer};
use super::{JournalStore, Nudge, Options, Shared, Threads};
use crate::store::catalogue::now_ms;
use crate::store::files::Files;
use crate::store::images::ImageFolder;
use crate::store::lock::{Lock, LockError};
use crate::store::schema::{self, Found};
use crate::store::snapshots::{Position, Snapshots};

/// Why a data folder cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "{dir} is in use by process {owner}: stop that first, or ask it with --server; of the commands on folders only `cowrite backup` works beside a running server",
        dir = .dir.display()
    )]
    InUse { dir: PathBuf, owner: String },
    #[error(
        "{dir} was written by a newer Cowrite: its format is {found}, this program knows formats up to {VERSION}",
        dir = .dir.display()
    )]
    NewerFormat { dir: PathBuf, found: u32 },
    #[error("{dir} cannot be opened: {error}", dir = .dir.display())]
    Io { dir: PathBuf, error: io::Error },
}

pub fn open(
    files: Arc<dyn Files>,
    dir: &Path,
    options: Options,
    with_sled: bool,
) -> Result<JournalStore, OpenError> {
    let io = |error| OpenError::Io { dir: dir.to_owned(), error };
    let newer = |found| OpenError::NewerFormat { dir: dir.to_owned(), found };
    std::fs::create_dir_all(dir).map_err(io)?;
    files.create_dir(dir).map_err(io)?;
    let lock = own(dir)?;
    let found = schema::read(&*files, dir).map_err(io)?;
    if let Found::Version(found) = found
        && found > VERSION
    {
        return Err(newer(found));
    }
    let segments = Segments::open(files.clone(), &dir.join("journal")).map_err(io)?;
    let headers = segments.all().into_iter().filter_map(|segment| segment.header);
    if let Some(found) = headers.map(|header| header.version).max().filter(|&found| found > VERSION) {
        return Err(newer(found));
    }
    // An earlier format is read as it is; what is written from now on is for programs that know this one.
    if found != Found::Version(VERSION) {
        schema::write(&*files, dir).map_err(io)?;
    }

    let sled = dir.join("sled");
    let Restored { snapshots, mut index, shelf, end } =
        restore(&segments, with_sled.then_some(&*sled)).map_err(io)?;
    failpoint!("open-replayed");
    for finding in &end.findings {
        match finding {
            Finding::Damage(text) => tracing::error!("the journal is damaged: {text}"),
            Finding::Note(text) => tracing::warn!("the journal: {text}"),
        }
    }
    let images = Arc::new(ImageFolder::open(files, dir));
    // The document of some may never have become durable, or be lost. Whatever got its number would have them too.
    images.documents().map_err(io)?.into_iter().for_each(|document| index.reserve(document));
    let left = segments.left_inflight(&index).map_err(io)?;
    let segment = begin_segment(&segments, &end).map_err(io)?;
    failpoint!("open-begun");
    let durable = Position { segment: segment.number, offset: segment.len };
    let shared = Arc::new(Shared {
        state: Mutex::new(State::new(index, durable)),
        queue: Mutex::new(Queue::default()),
        wake: Condvar::new(),
        shelf: Mutex::new(shelf),
        snapshots: Mutex::new(snapshots.map(Arc::new)),
        segments,
        inflight: OnceLock::new(),
    });

    let (nudge, nudges) = mpsc::channel();
    let mut writer = Writer::new(shared.clone(), segment, &options, nudge.clone());
    if !left.is_empty() {
        let changes = left.len();
        tracing::info!(
            changes,
            "what was on its way to the disk when the last run ended is in the journal now"
        );
    }
    let unfinished: Vec<_> = end.unconfirmed.into_iter().chain(left).collect();
    if !unfinished.is_empty() {
        let (done, _) = mpsc::sync_channel(1);
        writer.commit(&[Work::Records(unfinished, done)]).map_err(io)?;
    }
    failpoint!("open-confirmed");
    sweep(&images, &shared.state().index);
    let _ = shared.inflight.set(shared.segments.begin_inflight().map_err(io)?);
    failpoint!("open-inflight");
    let writer = writer.start().map_err(io)?;
    let keeper = Keeper::start(shared.clone(), options, nudges).map_err(io)?;
    let _ = nudge.send(Nudge::Look);
    Ok(JournalStore { shared, images, nudge, threads: Mutex::new(Some(Threads { writer, keeper, lock })) })
}

/// Take a folder that exists, or say who has it.
pub fn own(dir: &Path) -> Result<Lock, OpenError> {
    Lock::take(dir).map_err(|error| match error {
        LockError::Held(owner) => OpenError::InUse { dir: dir.to_owned(), owner },
        LockError::Io(error) => OpenError::Io { dir: dir.to_owned(), error },
    })
}

/// Remove the images of documents that are gone for good, which the deletion itself may have left. That it is durable must be certain.
fn sweep(images: &ImageFolder, index: &Index) {
    let is_gone =
        |number| index.is_superseded(number) || index.doc(number).is_some_and(|doc| doc.is_deleted());
    if let Err(error) = images.sweep(is_gone) {
        tracing::warn!(%error, "images that nobody needs could not be removed; the next start tries again");
    }
}

struct Restored {
    snapshots: Option<Snapshots>,
    index: Index,
    shelf: Shelf,
    end: End,
}

/// The index as of the journal's end: the saved one and what came after it, or the whole journal.
fn restore(segments: &Segments, sled: Option<&Path>) -> io::Result<Restored> {
    let Some(sled) = sled else {
        let mut index = Index::default();
        let end = bring_up_to_date(segments, &mut index, Position::default())?;
        return Ok(Restored { snapshots: None, index, shelf: Shelf::default(), end });
    };
    match saved(sled) {
        Ok(Some((.., watermark))) if is_behind(segments, watermark) => {
            tracing::warn!("the saved index is ahead of the journal: the journal's end is lost");
        }
        Ok(Some((snapshots, mut index, shelf, watermark))) => {
            let end = bring_up_to_date(segments, &mut index, watermark)?;
            if is_consistent(&index, segments) {
                return Ok(Restored { snapshots: Some(snapshots), index, shelf, end });
            }
            tracing::warn!("the saved index names segments that do not exist");
        }
        Ok(None) => {}
        Err(reason) => tracing::warn!(%reason, "the saved index is of no use"),
    }
    if !segments.all().is_empty() {
        tracing::info!("rebuilding the index from the whole journal");
    }
    let mut index = Index::default();
    let end = bring_up_to_date(segments, &mut index, Position::default())?;
    let snapshots = remove_all(sled)
        .map_err(|error| error.to_string())
        .and_then(|()| Snapshots::open(sled).map_err(|error| error.to_string()));
    if let Err(error) = &snapshots {
        tracing::error!(error, "sled cannot be opened; states go to the journal and the next start is slow");
    }
    Ok(Restored { snapshots: snapshots.ok(), index, shelf: Shelf::default(), end })
}

/// Whether the journal ends before a place up to which it was durable once.
pub fn is_behind(segments: &Segments, place: Position) -> bool {
    segments.get(place.segment).is_none_or(|segment| segment.len < place.offset)
}

type Saved = (Snapshots, Index, Shelf, Position);

/// What sled holds, if it is whole. `None` for a sled that is new.
pub fn saved(sled: &Path) -> Result<Option<Saved>, String> {
    if !sled.exists() {
        return Ok(None);
    }
    let snapshots = Snapshots::open(sled).map_err(|error| error.to_string())?;
    if snapshots.is_new().map_err(|error| error.to_string())? {
        return Ok(None);
    }
    let found = snapshots.index().map_err(|error| error.to_string())?;
    let found = found.ok_or("it is not whole")?;
    let watermark = found.watermark;
    let (shelf, index) = Shelf::restored(found);
    Ok(Some((snapshots, index, shelf, watermark)))
}

fn remove_all(dir: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A file that an earlier run wrote to is never written to again: its fsyncs may have failed without our knowing. Only
/// one that holds nothing is replaced, or a thousand restarts would leave a thousand of them.
fn begin_segment(segments: &Segments, end: &End) -> io::Result<Segment> {
    match &end.last {
        None => segments.create(1, 0, now_ms()),
        Some(last) if last.len <= SEGMENT_HEADER as u64 => {
            let claimed = last.header.map_or(0, |header| header.previous_len);
            segments.replace(last.number, claimed.max(end.before_len), now_ms())
        }
        Some(last) => segments.create(last.number + 1, end.confirmed_len, now_ms()),
    }
}
