//! What an operator may set about live documents.

use std::time::Duration;

use crate::ids::Kind;
use crate::limits;
use crate::protocol::CloseCode;
use crate::protocol::close::Close;

/// What an operator may set about live documents.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connections one document takes.
    pub connections_per_document: usize,
    /// How long a document without connections stays in memory.
    pub idle_for: Duration,
    /// A snapshot is due after this many updates …
    pub checkpoint_updates: usize,
    /// … or this many bytes of them.
    pub checkpoint_bytes: usize,
    /// Largest message a socket takes; told to clients.
    pub message_bytes: usize,
    /// Largest document, in bytes of its encoded state.
    pub document_bytes: usize,
    /// Connections one address may have.
    pub connections_per_address: usize,
    /// Updates a second that one connection may send for long.
    pub updates_per_second: u64,
    /// Bytes of messages a second, likewise.
    pub bytes_per_second: u64,
    /// The kind of a document that comes to be because somebody opened its address. `None`: none does.
    pub created_kind: Option<Kind>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            connections_per_document: limits::CONNECTIONS_PER_DOCUMENT,
            idle_for: limits::IDLE_FOR,
            checkpoint_updates: limits::CHECKPOINT_UPDATES,
            checkpoint_bytes: limits::CHECKPOINT_BYTES,
            message_bytes: limits::MESSAGE_BYTES,
            document_bytes: limits::DOCUMENT_BYTES,
            connections_per_address: limits::CONNECTIONS_PER_ADDRESS,
            updates_per_second: limits::UPDATES_PER_SECOND,
            bytes_per_second: limits::BYTES_PER_SECOND,
            created_kind: Some(Kind::Markdown),
        }
    }
}

impl Options {
    /// What somebody is told for whom there is no room.
    pub(in crate::document) fn full(&self) -> Close {
        let limit = self.connections_per_document;
        Close::new(
            CloseCode::Overloaded,
            format!("the document has {limit} connections already; try again later"),
        )
    }
}
