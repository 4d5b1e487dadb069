//! Why a document is not to be had, for a program and for somebody at a socket.

use super::Registration;
use crate::document::handle::ContributionError;
use crate::document::replica::LoadError;
use crate::protocol::CloseCode;
use crate::protocol::close::Close;
use crate::store::{Entry, StoreError};

/// Why a document could not be opened or changed.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Stored bytes are not what was accepted. They are left as they are.
    #[error("the stored document is damaged and was left as it is: {0}")]
    Load(#[from] LoadError),
    #[error(transparent)]
    Contribution(ContributionError),
    /// The document will not have it, and says why in the words of the wire.
    #[error("{}", .0.reason)]
    Closed(Close),
    #[error("opening the document failed in an unexpected way: {0}")]
    Panicked(String),
    #[error("the server is shutting down")]
    Draining,
}

impl DocumentError {
    /// Why a document that the catalogue knows is not there for anybody, if it is not.
    pub(in crate::document) fn of_absent(entry: &Entry) -> Option<DocumentError> {
        let absent = match (entry.deleted_ms, entry.trashed_ms) {
            (Some(_), _) => StoreError::Deleted,
            (None, Some(_)) => StoreError::Trashed,
            (None, None) => return None,
        };
        Some(absent(entry.id.clone()).into())
    }

    /// The same for somebody at the other end of a socket.
    pub fn close(&self) -> Close {
        match self {
            DocumentError::Closed(close) => close.clone(),
            DocumentError::Store(StoreError::Deleted(_)) => {
                Close::new(CloseCode::Gone, "this document was deleted")
            }
            DocumentError::Store(StoreError::Trashed(_)) => {
                Close::new(CloseCode::Gone, "this document is in the trash")
            }
            DocumentError::Store(StoreError::Unknown(_)) => {
                Close::new(CloseCode::Gone, "there is no such document")
            }
            DocumentError::Store(StoreError::ReadOnly(_)) => Close::new(
                CloseCode::Overloaded,
                "storage takes no new documents at present; come back later",
            ),
            DocumentError::Draining => Registration::restarting(),
            _ => Close::new(CloseCode::Internal, "the document could not be opened; what was saved is kept"),
        }
    }
}
