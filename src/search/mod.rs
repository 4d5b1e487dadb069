//! Which documents have these words, in their title or their text.
//!
//! The index is derived: everything in it is in the documents, and it may be deleted at any time. This part knows how to keep it and
//! how to ask it, and not where documents come from: whoever carries the service puts them in.

mod index;
mod snippet;
#[cfg(test)]
mod tests;
mod words;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

pub use index::Index;
pub use snippet::Snippet;
pub use words::Query;

use crate::ids::{DocId, DocNumber};
use crate::limits;
use index::Reader;

/// A document for the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub number: DocNumber,
    pub id: DocId,
    /// What the catalogue says: when it was changed last.
    pub updated_ms: u64,
    pub title: String,
    pub text: String,
}

/// What a document is recognised by as the same that is in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    updated_ms: u64,
    title: u64,
}

impl Stamp {
    pub fn of(updated_ms: u64, title: &str) -> Stamp {
        let mut hasher = DefaultHasher::new();
        title.hash(&mut hasher);
        Stamp { updated_ms, title: hasher.finish() }
    }
}

/// A document that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub number: DocNumber,
    pub id: DocId,
    /// The lower, the better it fits.
    pub rank: f64,
}

/// Why the index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// It has to be made anew.
    #[error("the search index is damaged: {0}")]
    Damaged(String),
    #[error("the search index cannot be used: {0}")]
    Failed(String),
}

impl SearchError {
    fn failed(error: impl std::fmt::Display) -> SearchError {
        SearchError::Failed(error.to_string())
    }
}

/// As much of a text as goes into the index, whole characters.
pub fn indexed(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(limits::SEARCH_TEXT_BYTES));
    text
}

/// The way to the index for whoever asks. Clones share it. Until it is open, nothing is found.
#[derive(Clone, Default)]
pub struct Search(Arc<Shared>);

#[derive(Default)]
struct Shared {
    reader: Mutex<Option<Reader>>,
    /// Whether all that there was when the index was opened is in it.
    is_complete: AtomicBool,
}

impl Search {
    /// Open the index in that folder, for whoever keeps it current. Whatever was open is left. Blocking.
    pub fn open(&self, folder: &Path) -> Result<Index, SearchError> {
        self.close();
        let index = Index::open(folder)?;
        *self.reader() = Some(Reader::open(folder)?);
        Ok(index)
    }

    /// Find nothing any more, until the index is opened again.
    pub fn close(&self) {
        self.0.is_complete.store(false, Ordering::Release);
        *self.reader() = None;
    }

    /// Whether the index is open and was not found to be damaged.
    pub fn is_open(&self) -> bool {
        self.reader().is_some()
    }

    /// All that there was is in the index.
    pub fn complete(&self) {
        self.0.is_complete.store(true, Ordering::Release);
    }

    /// Whether documents may be missing because the index is being made.
    pub fn is_indexing(&self) -> bool {
        !self.0.is_complete.load(Ordering::Acquire)
    }

    /// The documents that have all words of the query, the best first and of equals the oldest, without the first `skip`. Blocking. What
    /// changes between two pages may be missing or come twice.
    pub fn find(&self, query: &Query, skip: usize, limit: usize) -> Result<Vec<Hit>, SearchError> {
        if query.is_empty() {
            return Ok(Vec::new());
        }
        self.read(|reader| reader.find(query, skip, limit))
    }

    /// Where the query's words stand in a document's text. Blocking.
    pub fn snippet(&self, query: &Query, number: DocNumber) -> Result<Snippet, SearchError> {
        let text = self.read(|reader| reader.text(number))?.unwrap_or_default();
        Ok(snippet::snippet(&text, query))
    }

    /// Nobody is told of damage: the index is closed then, and whoever keeps it current makes it anew.
    fn read<T: Default>(
        &self,
        ask: impl FnOnce(&Reader) -> Result<T, SearchError>,
    ) -> Result<T, SearchError> {
        let mut reader = self.reader();
        let Some(open) = reader.as_ref() else { return Ok(T::default()) };
        match ask(open) {
            Err(error @ SearchError::Damaged(_)) => {
                tracing::warn!(%error, "the search finds nothing until its index is made anew");
                self.0.is_complete.store(false, Ordering::Release);
                *reader = None;
                Ok(T::default())
            }
            answer => answer,
        }
    }

    fn reader(&self) -> std::sync::MutexGuard<'_, Option<Reader>> {
        self.0.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
