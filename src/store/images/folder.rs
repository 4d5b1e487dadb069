//! The images of a data folder that is open.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::layout::Layout;
use super::{Images, Kept, damaged, fits};
use crate::ids::{DocNumber, ImageName};
use crate::limits;
use crate::store::StoreError;
use crate::store::files::{Files, is_full};

/// Images as files. Whoever has it has the data folder.
pub struct ImageFolder {
    files: Arc<dyn Files>,
    data: PathBuf,
    /// Held by whoever changes something: one image is counted and written at a time. Whether it is over with changes.
    closed: Mutex<bool>,
}

impl ImageFolder {
    /// Open the images of the data folder `data`, where there may be none.
    pub fn open(files: Arc<dyn Files>, data: &Path) -> ImageFolder {
        ImageFolder { files, data: data.to_owned(), closed: Mutex::new(false) }
    }

    /// The documents that have images.
    pub fn documents(&self) -> io::Result<Vec<DocNumber>> {
        Ok(self.layout().documents()?.unwrap_or_default())
    }

    /// Remove what an earlier run left behind: what was not written to its end, and the images of documents that are gone. Those of which
    /// nobody knows whether they are gone stay.
    pub fn sweep(&self, is_gone: impl Fn(DocNumber) -> bool) -> io::Result<()> {
        let layout = self.layout();
        layout.tidy()?;
        let gone = self.documents()?.into_iter().filter(|&document| is_gone(document));
        gone.into_iter().try_for_each(|document| layout.remove(document))
    }

    /// Keep and remove nothing more. Who is at it is waited for.
    pub fn close(&self) {
        *self.changing() = true;
    }

    fn layout(&self) -> Layout<'_> {
        Layout::of(&*self.files, &self.data)
    }

    /// A panic leaves nothing half-changed in memory, for there is nothing.
    fn changing(&self) -> MutexGuard<'_, bool> {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Change something, as the only one who does.
    fn change<T>(
        &self,
        action: &str,
        change: impl FnOnce(&Layout<'_>) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let closed = self.changing();
        if *closed {
            return Err(StoreError::Closed);
        }
        change(&self.layout()).map_err(|failure| failure.told(action))
    }

    fn has_room(&self, bytes: usize) -> Result<(), Failure> {
        let free = self.files.free_bytes(&self.data)?;
        let enough = free >= limits::IMAGES_LEAVE_BYTES.saturating_add(bytes as u64);
        if enough { Ok(()) } else { Err(Failure::Told(StoreError::DiskFull)) }
    }
}

impl Images for ImageFolder {
    fn keep(&self, document: DocNumber, name: ImageName, bytes: &[u8]) -> Result<Kept, StoreError> {
        self.change("keeping an image", |layout| {
            let there = layout.images(document)?;
            // If it is there and damaged, this is what mends it.
            if there.contains(&name) && layout.read(document, name)?.is_some_and(|known| known == bytes) {
                layout.settle(document)?;
                return Ok(Kept::Known);
            }
            let others = there.into_iter().filter(|known| *known != name);
            let sizes: Vec<u64> = others
                .filter_map(|known| layout.size(document, known).transpose())
                .collect::<io::Result<_>>()?;
            fits(sizes.into_iter(), bytes.len()).map_err(Failure::Told)?;
            self.has_room(bytes.len())?;
            layout.make(document)?;
            layout.write(document, name, bytes)?;
            if let Err(error) = layout.settle(document) {
                // After a failed fsync, trying again would say "durable" of something that is not.
                let _ = self.files.remove(&layout.path(document, name));
                return Err(error.into());
            }
            Ok(Kept::New)
        })
    }

    fn read(&self, document: DocNumber, name: ImageName) -> Result<Option<Bytes>, StoreError> {
        let found = self.layout().read(document, name);
        match found.map_err(|error| Failure::from(error).told("reading an image"))? {
            Some(bytes) if !name.is_of(&bytes) => Err(damaged(document, name)),
            found => Ok(found.map(Bytes::from)),
        }
    }

    fn copy(&self, from: DocNumber, to: DocNumber) -> Result<(), StoreError> {
        self.change("copying images", |layout| {
            let names = layout.images(from)?;
            if names.is_empty() {
                return Ok(());
            }
            let copied = || -> Result<(), Failure> {
                layout.make(to)?;
                for &name in &names {
                    // The same file under a second name, where the file system can do that: neither is ever written to.
                    match self.files.link(&layout.path(from, name), &layout.path(to, name)) {
                        Ok(()) => {}
                        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                        Err(_) => {
                            let Some(bytes) = layout.read(from, name)? else { continue };
                            self.has_room(bytes.len())?;
                            layout.write(to, name, &bytes)?;
                        }
                    }
                }
                Ok(layout.settle(to)?)
            };
            copied().inspect_err(|_| drop(layout.remove(to)))
        })
    }

    fn remove(&self, document: DocNumber) -> Result<(), StoreError> {
        self.change("removing images", |layout| Ok(layout.remove(document)?))
    }
}

/// Why a change came to nothing.
enum Failure {
    /// In the words of the contract.
    Told(StoreError),
    Io(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Io(error)
    }
}

impl Failure {
    fn told(self, action: &str) -> StoreError {
        match self {
            Failure::Told(error) => error,
            Failure::Io(error) if is_full(&error) => StoreError::DiskFull,
            Failure::Io(error) => StoreError::Io { action: action.into(), error: Arc::new(error) },
        }
    }
}
