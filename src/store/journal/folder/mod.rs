//! What can be done to a data folder without opening it as a store: look whether all of it is right, save what can be saved,
//! copy it while its owner writes, and bring a copy back.

mod backup;
mod images;
mod mark;
mod repair;
mod restore;
mod rewrite;
mod survey;
mod verify;

use std::io;
use std::path::{Path, PathBuf};

use super::OpenError;
use super::format::VERSION;
use super::open::own;
use super::segments::Segments;
use crate::ids::DocId;
use crate::store::files::Files;
use crate::store::lock::Lock;
use crate::store::schema::{self, Found};
use crate::store::{Entry, Stored};

pub use self::backup::{Copied, backup};
pub use self::images::CopiedImages;
pub use self::repair::{Repaired, repair};
pub use self::restore::{Rewound, restore};
pub use self::verify::{Report, verify};

#[cfg(test)]
pub use self::backup::backup_with;
#[cfg(test)]
pub use self::repair::repair_with;
#[cfg(test)]
pub use self::restore::restore_with;
#[cfg(test)]
pub use self::verify::verify_with;

/// Reads a document's bytes, which are a closed book to the store: what it says, in a form that can be compared, or why
/// it cannot be read.
pub type Check<'a> = &'a mut dyn FnMut(&Entry, &Stored) -> Result<Vec<u8>, String>;

/// Why a folder could not be worked on.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("there is no data folder at {}", .0.display())]
    Missing(PathBuf),
    #[error("{} is not empty; documents are restored into a folder of their own", .0.display())]
    NotEmpty(PathBuf),
    #[error(
        "{} is a copy of another data folder (segment {segment} is another one); back up to a folder of its own",
        .to.display()
    )]
    Foreign { to: PathBuf, segment: u64 },
    #[error("a folder cannot be copied into itself")]
    Itself,
    /// What was asked for is older than the journal. Milliseconds since 1970.
    #[error("the journal does not reach back so far")]
    TooEarly { documents: Vec<DocId>, earliest_ms: u64 },
    #[error("{}: {error}", .path.display())]
    Io { path: PathBuf, error: io::Error },
}

/// Names the folder in an error.
fn at(path: &Path) -> impl Fn(io::Error) -> FolderError + '_ {
    move |error| FolderError::Io { path: path.to_owned(), error }
}

/// Take a folder that is there and that this program understands.
fn take(files: &dyn Files, dir: &Path) -> Result<Lock, FolderError> {
    exists(files, dir)?;
    let lock = own(dir)?;
    understood(files, dir)?;
    Ok(lock)
}

fn exists(files: &dyn Files, dir: &Path) -> Result<(), FolderError> {
    match files.list(&dir.join("journal")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(FolderError::Missing(dir.to_owned())),
        listed => listed.map(drop).map_err(at(dir)),
    }
}

fn understood(files: &dyn Files, dir: &Path) -> Result<(), FolderError> {
    match schema::read(files, dir).map_err(at(dir))? {
        Found::Version(found) if found > VERSION => {
            Err(OpenError::NewerFormat { dir: dir.to_owned(), found }.into())
        }
        _ => Ok(()),
    }
}

/// The segments of a folder, which must not be those of a later version.
fn segments(files: &std::sync::Arc<dyn Files>, dir: &Path) -> Result<Segments, FolderError> {
    let segments = Segments::open(files.clone(), &dir.join("journal")).map_err(at(dir))?;
    let versions = segments.all().into_iter().filter_map(|segment| Some(segment.header?.version));
    match versions.max().filter(|&version| version > VERSION) {
        Some(found) => Err(OpenError::NewerFormat { dir: dir.to_owned(), found }.into()),
        None => Ok(segments),
    }
}
