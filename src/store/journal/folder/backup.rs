//! Copying a folder while its owner writes.
//!
//! No lock and no help is needed: segments only grow, a batch tells by its checksums whether it is whole, and a journal up to
//! any whole batch is one that was there at some moment. Images never change at all. The copy is a data folder itself, without sled: it can be
//! verified, listed, exported from and served like any other.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::images::{self, CopiedImages};
use super::mark::mark;
use super::{FolderError, at, exists, segments, understood};
use crate::store::files::{Disk, File, Files, read_from};
use crate::store::journal::format::{SEGMENT_HEADER, SegmentHeader, VERSION};
use crate::store::journal::open::own;
use crate::store::journal::recover::Finding;
use crate::store::journal::scan::scan;
use crate::store::journal::segments::{Segment, Segments};
use crate::store::schema;
use crate::store::snapshots::Position;

/// What a copy took.
#[derive(Debug, Default)]
pub struct Copied {
    /// Segments that were written, and how many bytes.
    pub segments: usize,
    pub bytes: u64,
    /// Segments that were there already.
    pub unchanged: usize,
    /// Segments that the folder has released since the last copy, and that went from the copy too.
    pub released: usize,
    /// Where the copy ends.
    pub end: Position,
    pub images: CopiedImages,
    pub findings: Vec<Finding>,
}

/// How often listing begins again because the owner released a segment meanwhile.
const ATTEMPTS: usize = 10;

/// Copy the journal of `from` to `to`, as far as it is whole at this moment, and all images; what an earlier copy has is not copied again. The
/// owner of `from` may be at work. Damage is copied as it is and reported. Blocking.
pub fn backup(from: &Path, to: &Path) -> Result<Copied, FolderError> {
    backup_with(&(Arc::new(Disk) as Arc<dyn Files>), from, to)
}

pub fn backup_with(files: &Arc<dyn Files>, from: &Path, to: &Path) -> Result<Copied, FolderError> {
    exists(&**files, from)?;
    understood(&**files, from)?;
    std::fs::create_dir_all(to).map_err(at(to))?;
    let same = |dir: &Path| std::fs::canonicalize(dir).ok();
    if same(from).is_some_and(|from| same(to).is_some_and(|to| to.starts_with(&from))) {
        return Err(FolderError::Itself);
    }
    let _lock = own(to)?;
    let mut copied = copy(files, from, to)?;
    // After the texts: whatever image one of them shows was there before it.
    copied.images = images::copy(&**files, from, to, |_| true)?;
    mark(&**files, to, copied.end).map_err(at(to))?;
    Ok(copied)
}

/// The same, for a target that is ours.
pub fn copy(files: &Arc<dyn Files>, from: &Path, to: &Path) -> Result<Copied, FolderError> {
    let source = opened(files, from)?;
    let journal = to.join("journal");
    files.create_dir(&journal).map_err(at(to))?;
    let there = segments(files, to)?;
    foreign(&source, &there, to)?;
    if schema::read(&**files, to).map_err(at(to))? != schema::Found::Version(VERSION) {
        schema::write(&**files, to).map_err(at(to))?;
    }
    let mut copied = Copied::default();
    let all = source.all();
    // In order, so that whatever interrupts this leaves a copy of an earlier moment.
    for (place, segment) in all.iter().enumerate() {
        failpoint!("backup-segment");
        let is_head = place + 1 == all.len();
        let known = there.get(segment.number);
        let sealed = source.claimed(segment.number);
        if known.as_ref().is_some_and(|known| sealed == Some(known.len)) {
            copied.unchanged += 1;
            copied.end = Position { segment: segment.number, offset: sealed.unwrap_or_default() };
            continue;
        }
        let bytes = read_from(&*segment.file, 0).map_err(at(from))?;
        let found = scan(&bytes, segment.number, (SEGMENT_HEADER as u64).min(bytes.len() as u64), sealed);
        let lost = found.damage.len();
        if lost > 0 {
            let text = format!(
                "segment {}: {lost} places of it are damaged and were copied as they are",
                segment.number
            );
            copied.findings.push(Finding::Damage(text));
        }
        // What stands behind the claim, or behind the last whole batch, was never acknowledged.
        let len = sealed.unwrap_or(found.end).min(bytes.len() as u64) as usize;
        let end = Position { segment: segment.number, offset: len as u64 };
        if known.is_some_and(|known| known.len == len as u64) {
            copied.unchanged += 1;
            copied.end = end;
            continue;
        }
        if is_head && len < SEGMENT_HEADER {
            break; // its first bytes are being written at this moment
        }
        write(&**files, &journal, segment.number, &bytes[..len]).map_err(at(&journal))?;
        copied.end = end;
        copied.segments += 1;
        copied.bytes += len as u64;
    }
    failpoint!("backup-released");
    let oldest = all.first().map_or(0, |segment| segment.number);
    for segment in there.all().into_iter().filter(|segment| segment.number < oldest) {
        there.remove(segment.number).map_err(at(&journal))?;
        copied.released += 1;
    }
    Ok(copied)
}

/// The segments of a folder whose owner may release some at any time. Those that are open can be read to their end.
fn opened(files: &Arc<dyn Files>, from: &Path) -> Result<Segments, FolderError> {
    let gone = |error: &FolderError| matches!(error, FolderError::Io { error, .. } if error.kind() == io::ErrorKind::NotFound);
    let mut attempts = 0;
    loop {
        match segments(files, from) {
            Err(error) if gone(&error) && attempts < ATTEMPTS => attempts += 1,
            opened => return opened,
        }
    }
}

/// A copy holds the same segments as its source, or it is the copy of something else.
fn foreign(source: &Segments, there: &Segments, to: &Path) -> Result<(), FolderError> {
    let newest = source.all().last().map_or(0, |segment| segment.number);
    let differs = |theirs: &Segment| {
        let ours = source.get(theirs.number);
        let created = |header: Option<SegmentHeader>| header.map(|header| header.created_ms);
        match ours {
            // A head that held nothing is begun anew by the next start.
            Some(ours) => {
                created(ours.header) != created(theirs.header) && theirs.len > SEGMENT_HEADER as u64
            }
            None => theirs.number > newest,
        }
    };
    match there.all().iter().find(|theirs| differs(theirs)) {
        Some(theirs) => Err(FolderError::Foreign { to: to.to_owned(), segment: theirs.number }),
        None => Ok(()),
    }
}

/// Write a segment as a whole, beside the one that it replaces.
fn write(files: &dyn Files, dir: &Path, number: u64, bytes: &[u8]) -> io::Result<()> {
    let unfinished = dir.join(format!("{number:020}.part"));
    match files.remove(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file: Arc<dyn File> = files.create(&unfinished)?;
    file.append(bytes)?;
    file.sync()?;
    failpoint!("backup-rename");
    files.rename(&unfinished, &dir.join(format!("{number:020}.cwj")))?;
    files.sync_dir(dir)
}
