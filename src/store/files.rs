//! The one seam through which the journal touches a disk.
//!
//! Everything that a promise rests on goes through here, so that tests can fail any single call and cut the power
//! between any two. sled is outside of it: what sled holds can be lost without losing anything.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

/// What the journal asks of a file system.
pub trait Files: Send + Sync + 'static {
    /// Make a folder and those above it. One that exists is fine.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;
    /// Make a new file. One that exists is an error: nothing durable is ever written over.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>>;
    /// Make a new file that is written at any place, and whose content need not outlive a power cut.
    fn create_for_rewriting(&self, path: &Path) -> io::Result<Arc<dyn File>>;
    /// Open a file for reading.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>>;
    /// Move a file over whatever has that name, or a folder to a name that nothing has.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Give a file another name besides its own. A file that has that name is an error.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Remove a folder that holds nothing.
    fn remove_dir(&self, dir: &Path) -> io::Result<()>;
    /// The names of files and folders in a folder, in no particular order. Names that are not UTF-8 are not ours and left out.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;
    /// Bytes that may still be written to the file system of a folder, as far as it tells.
    fn free_bytes(&self, dir: &Path) -> io::Result<u64>;
    /// Make creations, renames and removals in a folder durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// One file of the journal: written at its end, unless it was made for rewriting, and read anywhere.
pub trait File: Send + Sync {
    fn append(&self, bytes: &[u8]) -> io::Result<()>;
    /// Write at `offset`, over what stands there.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Make what was appended durable (`fdatasync`).
    fn sync(&self) -> io::Result<()>;
    /// Its length in bytes.
    fn size(&self) -> io::Result<u64>;
    /// Fill `buffer` from `offset`, or fail.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
}

/// Whether an error says that there is no room: the disk or a quota is full, or a write came to nothing.
pub fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, StorageFull, WriteZero};
    matches!(error.kind(), StorageFull | QuotaExceeded | WriteZero)
}

/// Reads a file from `offset` to its end.
pub fn read_from(file: &dyn File, offset: u64) -> io::Result<Vec<u8>> {
    let mut bytes =
        vec![0; usize::try_from(file.size()?.saturating_sub(offset)).expect("a file fits in memory")];
    file.read_at(&mut bytes, offset)?;
    Ok(bytes)
}

/// The operating system's files.
pub struct Disk;

impl Files for Disk {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        Ok(Arc::new(fs::OpenOptions::new().read(true).append(true).create_new(true).open(path)?))
    }

    fn create_for_rewriting(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        Ok(Arc::new(fs::OpenOptions::new().read(true).write(true).create_new(true).open(path)?))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        Ok(Arc::new(fs::File::open(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        fs::remove_dir(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(dir)? {
            names.extend(entry?.file_name().into_string());
        }
        Ok(names)
    }

    fn free_bytes(&self, dir: &Path) -> io::Result<u64> {
        let disk = rustix::fs::statvfs(dir)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        fs::File::open(dir)?.sync_all()
    }
}

impl File for fs::File {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        (&*self).write_all(bytes)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.read_exact_at(buffer, offset)
    }
}
