//! The journal's files: which there are, how much of each is durable, and reading one record from them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::format::{FRAME, Place, SEGMENT_HEADER, SegmentHeader, VERSION, framed};
use super::index::Index;
use super::inflight::{self, InFlight};
use crate::store::files::{File, Files, read_from};

/// One file of the journal.
#[derive(Clone)]
pub struct Segment {
    pub number: u64,
    pub file: Arc<dyn File>,
    /// Bytes of it that are durable. For a segment from an earlier run, its size until it was scanned.
    pub len: u64,
    /// `None` when it is damaged.
    pub header: Option<SegmentHeader>,
}

/// All of them.
pub struct Segments {
    files: Arc<dyn Files>,
    dir: PathBuf,
    known: RwLock<BTreeMap<u64, Segment>>,
}

/// Why a record could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// Its segment was released, or lost.
    Gone,
    /// What stands there is not what was written.
    Broken,
    Io(io::Error),
}

impl Segments {
    /// Open every segment in `dir` for reading.
    pub fn open(files: Arc<dyn Files>, dir: &Path) -> io::Result<Segments> {
        files.create_dir(dir)?;
        let mut known = BTreeMap::new();
        for name in files.list(dir)? {
            let Some(number) = number(&name) else { continue };
            let file = files.open(&dir.join(name))?;
            let len = file.size()?;
            let mut header = vec![0; SEGMENT_HEADER.min(len as usize)];
            file.read_at(&mut header, 0)?;
            known.insert(number, Segment { number, file, len, header: SegmentHeader::decode(&header) });
        }
        Ok(Segments { files, dir: dir.to_owned(), known: RwLock::new(known) })
    }

    /// Those there are, the oldest first.
    pub fn all(&self) -> Vec<Segment> {
        self.known().values().cloned().collect()
    }

    pub fn get(&self, number: u64) -> Option<Segment> {
        self.known().get(&number).cloned()
    }

    /// What the header after segment `number` says of its durable length.
    pub fn claimed(&self, number: u64) -> Option<u64> {
        self.known().get(&(number + 1)).and_then(|next| next.header).map(|header| header.previous_len)
    }

    /// Begin a segment. It is durable, name and header, before this returns.
    pub fn create(&self, number: u64, previous_len: u64, created_ms: u64) -> io::Result<Segment> {
        let header = SegmentHeader { version: VERSION, number, previous_len, created_ms };
        let file = self.files.create(&self.path(number))?;
        failpoint!("segment-created");
        file.append(&header.encode())?;
        failpoint!("segment-header");
        file.sync()?;
        failpoint!("segment-synced");
        self.files.sync_dir(&self.dir)?;
        let segment = Segment { number, file, len: SEGMENT_HEADER as u64, header: Some(header) };
        self.known_mut().insert(number, segment.clone());
        Ok(segment)
    }

    /// Begin a segment in place of one that holds nothing, or of what a failed beginning left. That the old file is gone becomes
    /// durable with the new one: a power cut leaves one of the two, or none, and they say the same.
    pub fn replace(&self, number: u64, previous_len: u64, created_ms: u64) -> io::Result<Segment> {
        self.known_mut().remove(&number);
        match self.files.remove(&self.path(number)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => {
                failpoint!("segment-removed");
                self.create(number, previous_len, created_ms)
            }
        }
    }

    /// Room for more segments, in bytes.
    pub fn free_bytes(&self) -> io::Result<u64> {
        self.files.free_bytes(&self.dir)
    }

    /// So much of a segment is durable now.
    pub fn set_len(&self, number: u64, len: u64) {
        if let Some(segment) = self.known_mut().get_mut(&number) {
            segment.len = len;
        }
    }

    /// Delete a segment. Whoever reads it at this moment reads on: the file lives until the last handle is closed.
    pub fn remove(&self, number: u64) -> io::Result<()> {
        self.known_mut().remove(&number);
        self.files.remove(&self.path(number))?;
        failpoint!("segment-removed");
        self.files.sync_dir(&self.dir)
    }

    /// The payload of the record at `place`, checked.
    pub fn read(&self, place: Place) -> Result<Vec<u8>, ReadError> {
        let segment = self.get(place.segment).ok_or(ReadError::Gone)?;
        let size = FRAME + place.len as usize;
        if place.offset.saturating_add(size as u64) > segment.len {
            return Err(ReadError::Broken);
        }
        let mut bytes = vec![0; size];
        segment.file.read_at(&mut bytes, place.offset).map_err(ReadError::Io)?;
        if framed(&bytes, place.segment, place.offset) != Some(place) {
            return Err(ReadError::Broken);
        }
        bytes.drain(..FRAME);
        Ok(bytes)
    }

    /// The durable bytes of a segment.
    pub fn read_all(&self, segment: &Segment) -> io::Result<Vec<u8>> {
        let mut bytes = read_from(&*segment.file, 0)?;
        bytes.truncate(segment.len as usize);
        Ok(bytes)
    }

    /// What an earlier run left on its way to the journal, as far as it is not in it.
    pub fn left_inflight(&self, index: &Index) -> io::Result<Vec<Vec<u8>>> {
        inflight::left(&*self.files, &self.dir, index)
    }

    /// Begin to keep what is on its way. What was left must be in the journal by now.
    pub fn begin_inflight(&self) -> io::Result<InFlight> {
        InFlight::begin(&*self.files, &self.dir)
    }

    /// Nothing is on its way any more.
    pub fn forget_inflight(&self) -> io::Result<()> {
        inflight::clear(&*self.files, &self.dir).map(drop)
    }

    fn path(&self, number: u64) -> PathBuf {
        self.dir.join(format!("{number:020}.cwj"))
    }

    // A panic elsewhere leaves the map whole: each change of it is one insertion or removal.
    fn known(&self) -> RwLockReadGuard<'_, BTreeMap<u64, Segment>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn known_mut(&self) -> RwLockWriteGuard<'_, BTreeMap<u64, Segment>> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".cwj").filter(|digits| digits.len() == 20)?;
    digits.parse().ok().filter(|&number| number < u64::MAX)
}
