//! What the client says, on its way into the document: what has arrived together goes together, no faster than the client may be and
//! the disk is.

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use actix_http::ws::ProtocolError;
use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::frames::{Broken, Incoming};
use super::keeper::Tokens;
use super::pump::{Ended, Pace, Vital};
use super::reader::Reader;
use crate::document::{Attached, Line, Messages, Permit};
use crate::limits;
use crate::metrics;
use crate::protocol::close::Close;
use crate::protocol::frame::FrameError;
use crate::protocol::rate::Rate;
use crate::protocol::{CloseCode, Message, message};

/// The way of a client's frames into the document.
pub(super) struct Intake<'a> {
    pub(super) attached: &'a Attached,
    pub(super) line: &'a Line,
    pub(super) vital: &'a RefCell<Vital>,
    /// Where the client's tokens are looked at.
    tokens: &'a Tokens,
    /// Bytes of updates that may be on the way to the disk.
    unsaved: Arc<Semaphore>,
    /// One question at a time may be on the way to the document.
    asking: Arc<Semaphore>,
    updates: Rate,
    bytes: Rate,
    /// Whether the log has it that this client is too fast, or too fast for the disk.
    noted: Cell<bool>,
}

/// Frames that came together.
#[derive(Default)]
struct Batch {
    frames: Vec<Bytes>,
    bytes: usize,
    /// Whether there was any sign of life.
    heard: bool,
    /// After them it is over.
    ended: Option<Ended>,
}

impl<'a> Intake<'a> {
    pub(super) fn new(
        attached: &'a Attached,
        line: &'a Line,
        vital: &'a RefCell<Vital>,
        tokens: &'a Tokens,
        pace: Pace,
    ) -> Intake<'a> {
        let now = Instant::now();
        Intake {
            attached,
            line,
            vital,
            tokens,
            unsaved: Arc::new(Semaphore::new(limits::UNSAVED_BYTES)),
            asking: Arc::new(Semaphore::new(1)),
            updates: Rate::new(pace.updates, now),
            bytes: Rate::new(pace.bytes, now),
            noted: Cell::new(false),
        }
    }

    /// Hand everything the client says to the document, until one of them ends it.
    pub(super) async fn run(mut self, reader: &mut Reader) -> Ended {
        loop {
            let mut batch = Batch::default();
            poll_fn(|context| self.poll_batch(reader, &mut batch, context)).await;
            let ended = batch.ended.take();
            if let Err(ended) = self.take(batch).await {
                return ended;
            }
            if let Some(ended) = ended {
                return ended;
            }
        }
    }

    /// Gather what has arrived; wait for something if nothing has.
    fn poll_batch(&self, reader: &mut Reader, batch: &mut Batch, context: &mut Context<'_>) -> Poll<()> {
        while batch.has_room() {
            match reader.poll_next(context) {
                Poll::Ready(received) => batch.add(received, self.line),
                Poll::Pending if batch.heard => break,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(())
    }

    /// Hand over what was gathered, with a share of what may be unsaved.
    async fn take(&mut self, batch: Batch) -> Result<(), Ended> {
        if batch.heard {
            self.note_life().await;
        }
        if batch.frames.is_empty() {
            return Ok(());
        }
        metrics::RECEIVED_BYTES.add(batch.bytes as u64);
        let (mut messages, mut broken) = (Messages::new(), None);
        for decoded in batch.frames.into_iter().flat_map(message::decode) {
            match decoded {
                Ok(Message::Token(token)) => self.tokens.put(token.reveal()),
                Ok(message) => messages.push(message),
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        }
        let updates = messages.iter().filter(|message| message.carries_update()).count() as u64;
        let now = Instant::now();
        let wait = self.bytes.take(batch.bytes as u64, now).max(self.updates.take(updates, now));
        self.hand_over(messages).await;
        if let Some(error) = broken {
            return Err(Ended::ByServer(Close::new(CloseCode::Malformed, error.to_string())));
        }
        if !wait.is_zero() {
            metrics::SLOWED.add(1);
            self.note("the client sends more than it may and is read more slowly");
            self.paused(sleep(wait)).await;
        }
        Ok(())
    }

    /// One frame may hold more messages than a document takes at once, and a question goes alone: who does not take the answers is not
    /// asked for more.
    async fn hand_over(&self, mut messages: Messages) {
        while !messages.is_empty() {
            let end = messages.iter().position(asks).map_or(messages.len(), |at| at.max(1));
            let rest: Messages = messages.drain(end.min(limits::BATCH_UPDATES)..).collect();
            if !self.line.has_room() {
                self.paused(self.line.room()).await;
            }
            let unsaved: usize = messages.iter().filter_map(Message::update_bytes).map(share).sum();
            let permit = if unsaved > 0 {
                Some(self.permit(unsaved).await)
            } else if messages.iter().any(asks) {
                let asking = self.asking.clone().acquire_owned();
                Some(self.paused(asking).await.expect("nobody closes this semaphore"))
            } else {
                None
            };
            if self.attached.deliver(messages, permit).await.is_err() {
                // A document that is gone says itself why, and that ends the connection.
                return pending().await;
            }
            messages = rest;
        }
    }

    /// The client was heard.
    async fn note_life(&self) {
        let probed = {
            let mut vital = self.vital.borrow_mut();
            vital.heart.heard(Instant::now());
            std::mem::take(&mut vital.probed)
        };
        if probed {
            let _ = self.attached.alive().await;
        }
    }

    async fn permit(&self, bytes: usize) -> Permit {
        let share = bytes.min(limits::UNSAVED_BYTES) as u32;
        if let Ok(permit) = self.unsaved.clone().try_acquire_many_owned(share) {
            return permit;
        }
        metrics::DISK_WAITS.add(1);
        self.note("the client sends more than the disk takes and is read more slowly");
        let granted = self.paused(self.unsaved.clone().acquire_many_owned(share)).await;
        granted.expect("nobody closes this semaphore")
    }

    /// Tell the operator, once for each connection.
    fn note(&self, what: &str) {
        if !self.noted.replace(true) {
            tracing::info!("{what}");
        }
    }

    /// Wait without reading. The client's silence proves nothing meanwhile. On the heap, for few ever wait.
    async fn paused<T>(&self, what: impl Future<Output = T>) -> T {
        self.vital.borrow_mut().paused = true;
        let result = Box::pin(what).await;
        let mut vital = self.vital.borrow_mut();
        vital.paused = false;
        vital.heart.heard(Instant::now());
        result
    }
}

/// Whether the answer may be as large as the document.
fn asks(message: &Message) -> bool {
    matches!(message, Message::SyncStep1(_) | Message::QueryAwareness)
}

/// What an update counts for among those that are unsaved: even the smallest costs the memory to remember it.
fn share(update_bytes: usize) -> usize {
    update_bytes.max(64)
}

impl Batch {
    fn has_room(&self) -> bool {
        self.ended.is_none() && self.frames.len() < limits::BATCH_UPDATES && self.bytes < limits::MERGED_BYTES
    }

    fn add(&mut self, received: Option<Result<Incoming, Broken>>, line: &Line) {
        self.heard |= received.is_some();
        self.ended = match received {
            Some(Ok(Incoming::Binary(frame))) => {
                self.bytes += frame.len();
                self.frames.push(frame);
                return;
            }
            Some(Ok(Incoming::Ping(token))) => return line.pong(&token),
            Some(Ok(Incoming::Pong)) => return,
            Some(Ok(Incoming::Close(code))) => Some(Ended::ByClient(code)),
            Some(Ok(Incoming::Text)) => {
                let reason = "messages are binary, this one is text";
                Some(Ended::ByServer(Close::new(CloseCode::Malformed, reason)))
            }
            Some(Err(broken)) => Some(Ended::ByServer(refusal(&broken))),
            None => Some(Ended::Lost("the client went without a goodbye")),
        };
    }
}

/// What a client is told whose bytes break the rules.
fn refusal(broken: &Broken) -> Close {
    let code = match broken {
        Broken::Frame(FrameError::TooLarge(_)) | Broken::Protocol(ProtocolError::Overflow) => {
            CloseCode::TooLarge
        }
        _ => CloseCode::Malformed,
    };
    Close::new(code, broken.to_string())
}
