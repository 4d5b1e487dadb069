//! How the rest of the program speaks to a live document. The mailbox and its commands stay in this folder.

use std::sync::Arc;

use actix::Addr;
use actix::dev::SendError;
use bytes::Bytes;
use smallvec::SmallVec;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::event::{Arrival, Person};
use super::home::Home;
use super::outbox::{Line, Outlet};
use super::session::Session;
use super::state::ContributeError;
use crate::ids::{ConnectionId, Epoch, SessionId};
use crate::protocol::close::Close;
use crate::protocol::{Message, Role};
use crate::store::{Entry, StoreError};

/// The right to have bytes on the way to the disk. Given back when they are durable, so that a writer cannot outrun it.
pub type Permit = OwnedSemaphorePermit;

/// Messages that came together. Alone is how most come.
pub type Messages = SmallVec<[Message; 1]>;

/// The document is not live any more. What was sent before is handled or was never acknowledged; open it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the document is not live any more")]
pub struct Stopped;

/// Why an update from no connection did not become durable.
#[derive(Debug, thiserror::Error)]
pub enum ContributionError {
    #[error(transparent)]
    Refused(#[from] ContributeError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It ended by accident too often; reading it still works.
    #[error("the document is read-only because handling it failed repeatedly; what was saved is kept")]
    Quarantined,
}

/// What a document is told. Answers come by oneshot, so that a document can take its time without holding anybody up.
pub(super) enum Command {
    Attach {
        arrival: Arrival,
        outlet: Outlet,
        reply: oneshot::Sender<Result<Epoch, Close>>,
    },
    Detach(ConnectionId),
    /// A connection may do something else from here on.
    Appoint {
        connection: ConnectionId,
        role: Role,
    },
    /// Messages from a connection, in order; `permit` is for the updates among them.
    Deliver {
        from: ConnectionId,
        messages: Messages,
        permit: Option<Permit>,
    },
    /// A probed connection has given a sign of life.
    Alive(ConnectionId),
    /// A connection that lagged has taken all that waited for it.
    CaughtUp(ConnectionId),
    /// An update from no connection, acknowledged when it is durable.
    Contribute {
        author: Arc<str>,
        update: Bytes,
        reply: oneshot::Sender<Result<(), ContributionError>>,
    },
    /// Who is connected.
    People {
        reply: oneshot::Sender<Vec<Person>>,
    },
    /// Close a connection, and say whether there was one of this session.
    Expel {
        session: SessionId,
        close: Close,
        reply: oneshot::Sender<bool>,
    },
    /// The whole document as one update.
    Export {
        reply: oneshot::Sender<Result<(Entry, Bytes), Close>>,
    },
    /// The catalogue says something new of the document.
    Renamed(Entry),
    /// Close every connection, forget what is in memory and stop.
    Discard(Close),
    /// Close every connection, save what is to be saved, answer and stop.
    Drain {
        close: Close,
        reply: oneshot::Sender<()>,
    },
    /// Something happened on another thread: look at what is durable.
    Wake,
}

impl actix::Message for Command {
    type Result = ();
}

/// A live document.
#[derive(Clone)]
pub struct Handle {
    pub(super) session: Addr<Session>,
    /// The thread it lives on.
    pub(super) home: Home,
}

impl Handle {
    /// Let a connection in; what the document has to say to it goes to `line`. An inner error says why the document will not have it.
    pub async fn attach(&self, arrival: Arrival, line: &Line) -> Result<Result<Attached, Close>, Stopped> {
        let outlet = line.outlet();
        let connection = arrival.connection;
        let (reply, answer) = oneshot::channel();
        self.send(Command::Attach { arrival, outlet, reply }).await?;
        // From here on the document may know the connection: whatever becomes of this future, it is to leave again.
        let leave = Leave { connection, handle: self.clone() };
        Ok(answer.await.map_err(|_| Stopped)?.map(|epoch| Attached { epoch, leave }))
    }

    /// Make a change on behalf of no connection. Returns when it is durable.
    pub async fn contribute(
        &self,
        author: Arc<str>,
        update: Bytes,
    ) -> Result<Result<(), ContributionError>, Stopped> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Contribute { author, update, reply }).await?;
        answer.await.map_err(|_| Stopped)
    }

    /// Who is connected.
    pub async fn people(&self) -> Result<Vec<Person>, Stopped> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::People { reply }).await?;
        answer.await.map_err(|_| Stopped)
    }

    /// Close a connection, and say whether there was one of this session.
    pub async fn expel(&self, session: SessionId, close: Close) -> Result<bool, Stopped> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Expel { session, close, reply }).await?;
        answer.await.map_err(|_| Stopped)
    }

    /// The document's entry and its whole state as one update.
    pub async fn export(&self) -> Result<Result<(Entry, Bytes), Close>, Stopped> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Export { reply }).await?;
        answer.await.map_err(|_| Stopped)
    }

    /// Tell connections that come from now on what the catalogue says.
    pub async fn renamed(&self, entry: Entry) -> Result<(), Stopped> {
        self.send(Command::Renamed(entry)).await
    }

    /// Close every connection and forget the document.
    pub async fn discard(&self, close: Close) -> Result<(), Stopped> {
        self.send(Command::Discard(close)).await
    }

    /// Close every connection, save everything and stop. Returns when that is done.
    pub async fn drain(&self, close: Close) {
        let (reply, answer) = oneshot::channel();
        if self.send(Command::Drain { close, reply }).await.is_ok() {
            // An error means that it stopped, which is what was asked for.
            let _ = answer.await;
        }
    }

    /// Into the mailbox; when it is full the caller waits, and with it the socket it reads.
    async fn send(&self, command: Command) -> Result<(), Stopped> {
        match self.session.try_send(command) {
            Ok(()) => Ok(()),
            // On the heap: every connection would carry room for this rare wait, several times over.
            Err(SendError::Full(command)) => Box::pin(self.session.send(command)).await.map_err(|_| Stopped),
            Err(SendError::Closed(_)) => Err(Stopped),
        }
    }
}

/// A connection's place in a document. Dropping it leaves the document.
pub struct Attached {
    epoch: Epoch,
    leave: Leave,
}

/// Takes its connection out of the document, on every way out.
struct Leave {
    connection: ConnectionId,
    handle: Handle,
}

impl Attached {
    /// Which life of the document this is.
    pub fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// Hand over what the client said: messages that came together, at most [`limits::BATCH_UPDATES`](crate::limits::BATCH_UPDATES).
    pub async fn deliver(
        &self,
        messages: impl Into<Messages>,
        permit: Option<Permit>,
    ) -> Result<(), Stopped> {
        let Leave { connection, handle } = &self.leave;
        handle.send(Command::Deliver { from: *connection, messages: messages.into(), permit }).await
    }

    /// The client may do something else from here on.
    pub async fn appoint(&self, role: Role) -> Result<(), Stopped> {
        let connection = self.leave.connection;
        self.leave.handle.send(Command::Appoint { connection, role }).await
    }

    /// The sign of life that a probe asked for.
    pub async fn alive(&self) -> Result<(), Stopped> {
        self.leave.handle.send(Command::Alive(self.leave.connection)).await
    }

    /// The client lagged and has taken all that waited for it.
    pub async fn caught_up(&self) -> Result<(), Stopped> {
        self.leave.handle.send(Command::CaughtUp(self.leave.connection)).await
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        // Past the mailbox's bound on purpose: a goodbye must not get lost, and there is one per connection.
        self.handle.session.do_send(Command::Detach(self.connection));
    }
}
