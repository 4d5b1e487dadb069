//! What comes to a live document, and what it decides: plain values.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use smallvec::SmallVec;

use crate::ids::{ConnectionId, Seq, SessionId};
use crate::protocol::Role;
use crate::protocol::awareness::Stamp;
use crate::protocol::close::Close;
use crate::store::Change;

/// One moment, on both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    pub at: Instant,
    /// Milliseconds since 1970.
    pub wall_ms: u64,
}

/// Who comes to a document.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub connection: ConnectionId,
    pub session: SessionId,
    /// When it came, in milliseconds since 1970.
    pub since_ms: u64,
    pub role: Role,
    /// Who makes its changes, for the journal; the session where nobody is known.
    pub author: Option<Arc<str>>,
    /// What its presence says of who it is; where nobody is known, what the client says.
    pub stamp: Option<Stamp>,
    /// Whether the client offered `cowrite.v1` and so understands our own messages.
    pub cowrite: bool,
    /// Largest message its socket takes, for `Hello`.
    pub message_bytes: usize,
}

/// Somebody who is connected, for others to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub session: SessionId,
    /// What their presence says; `None` when it says nothing.
    pub name: Option<String>,
    pub role: Role,
    /// Since when, in milliseconds since 1970.
    pub since_ms: u64,
}

/// Whom a broadcast leaves out.
pub type Except = SmallVec<[ConnectionId; 4]>;

/// What is to be done. Effects are performed in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// A frame for one connection, which asked for it.
    Send {
        to: ConnectionId,
        frame: Bytes,
    },
    /// The answer to a connection's sync step 1: all that it lacks, as one update.
    Sync {
        to: ConnectionId,
        update: Bytes,
    },
    /// A frame for one connection, which did not ask for it.
    Push {
        to: ConnectionId,
        frame: Bytes,
    },
    /// One shared frame for every connection but a few.
    Broadcast {
        except: Except,
        frame: Bytes,
    },
    /// The connection's update-bearing messages up to number `n` are durable.
    Saved {
        to: ConnectionId,
        n: u64,
        tell: bool,
    },
    /// Changes for the journal; the first has the sequence `first`.
    Append {
        first: Seq,
        changes: Vec<Change>,
    },
    /// The document became full, or is full no more.
    Filled {
        full: bool,
        bytes: usize,
    },
    /// The connection must give a sign of life.
    Probe(ConnectionId),
    Close {
        connection: ConnectionId,
        close: Close,
    },
}
