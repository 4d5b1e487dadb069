//! Where a client's messages come from: its socket, or the body of its request where the socket is somebody else's.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::web::{Bytes, Payload};
use futures_util::Stream;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::tcp::OwnedReadHalf;

use super::frames::{Broken, Frames, Incoming};

/// What one read takes from the kernel.
const READ_BYTES: usize = 64 * 1024;

thread_local! {
    /// Read into, and copied from at once: connections that rest keep no buffer.
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into());
}

/// Whether bytes came since somebody last asked: a large message on a slow line is a sign of life long before it is whole.
pub(super) type Heard = Rc<Cell<bool>>;

/// What one client says.
pub(super) struct Reader {
    source: Source,
    frames: Frames,
    heard: Heard,
}

pub(super) enum Source {
    /// `received`: what came with the request and stands before all that is still to come.
    Socket {
        socket: OwnedReadHalf,
        received: Bytes,
    },
    Body(Payload),
}

impl Reader {
    /// `message_bytes`: the largest message.
    pub(super) fn new(source: Source, message_bytes: usize) -> Reader {
        Reader { source, frames: Frames::new(message_bytes), heard: Heard::default() }
    }

    pub(super) fn heard(&self) -> Heard {
        self.heard.clone()
    }

    /// The next message; `None` when the client is gone.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Incoming, Broken>>> {
        loop {
            match self.frames.next() {
                Ok(None) => {}
                Ok(Some(incoming)) => return Poll::Ready(Some(Ok(incoming))),
                Err(broken) => return Poll::Ready(Some(Err(broken))),
            }
            let Some(bytes) = ready!(self.source.poll(context)) else { return Poll::Ready(None) };
            self.heard.set(true);
            if let Err(error) = self.frames.feed(bytes) {
                return Poll::Ready(Some(Err(error.into())));
            }
        }
    }

    /// Read to the end and listen to none of it.
    pub(super) async fn discard(&mut self) {
        while poll_fn(|context| self.source.poll(context)).await.is_some() {}
    }
}

impl Source {
    /// The next bytes; `None` after the last, and when the network failed.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match self {
            Source::Socket { received, .. } if !received.is_empty() => {
                Poll::Ready(Some(std::mem::take(received)))
            }
            Source::Socket { socket, .. } => BUFFER.with_borrow_mut(|buffer| {
                let mut read = ReadBuf::new(buffer);
                let came = ready!(Pin::new(socket).poll_read(context, &mut read));
                let bytes = Some(read.filled()).filter(|bytes| came.is_ok() && !bytes.is_empty());
                Poll::Ready(bytes.map(Bytes::copy_from_slice))
            }),
            Source::Body(payload) => {
                Pin::new(payload).poll_next(context).map(|bytes| bytes.and_then(Result::ok))
            }
        }
    }
}
