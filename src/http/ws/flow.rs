//! Writing to a socket of our own: what can leave at once is written by whoever sends it, from whichever thread; what cannot waits for the
//! connection's task.

use std::future::{pending, poll_fn};
use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::sync::Arc;
use std::task::{Context, Poll};

use socket2::SockRef;
use tokio::net::tcp::OwnedWriteHalf;

use crate::document::{Outgoing, Wire};

impl Wire for OwnedWriteHalf {
    fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match slices {
            // A plain `send` takes the kernel less than a `writev` of one.
            [only] => OwnedWriteHalf::try_write(self, only),
            _ => self.try_write_vectored(slices),
        }
    }

    fn poll_room(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.as_ref().poll_write_ready(context)
    }
}

/// The task's end of it.
pub(super) struct Flow {
    pub(super) outgoing: Outgoing,
    pub(super) socket: Arc<OwnedWriteHalf>,
}

impl Flow {
    /// Write what waits, whenever there is room. Ends with the last of it, or with the socket.
    pub(super) async fn run(&mut self) {
        let Flow { outgoing, socket } = self;
        let _ = poll_fn(|context| outgoing.poll_drain(&**socket, context)).await;
    }

    /// The same to the end: the peer hears that nothing more comes.
    pub(super) async fn finish(&mut self) {
        self.run().await;
        // It fails when the peer is gone already.
        let _ = SockRef::from((*self.socket).as_ref()).shutdown(Shutdown::Write);
    }
}

/// As long as the socket of a connection is somebody else's, its writing never ends here.
pub(super) async fn run(flow: &mut Option<Flow>) {
    match flow {
        Some(flow) => flow.run().await,
        None => pending().await,
    }
}
