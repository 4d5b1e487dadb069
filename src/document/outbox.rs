//! What a document has to say to one connection, on its way from the document's thread to the socket's.
//!
//! Bounded by its user: once a reader owes too much it is marked as lagging, gets nothing that it did not ask for, and is
//! given one difference in place of all it missed when it has taken what waits. No update is ever dropped in silence.

use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::protocol::CloseCode;
use crate::protocol::close::Close;

/// The document's end.
pub struct Outbox(Arc<Shared>);

/// The socket's end.
pub struct Outgoing(Arc<Shared>);

/// What waited, taken all at once so that it leaves in one write.
#[derive(Debug, Default)]
pub struct Delivery {
    pub frames: Vec<Bytes>,
    /// Send a WebSocket ping and report the next sign of life.
    pub probe: bool,
    /// A lagging reader has taken all that waited: tell the document.
    pub caught_up: bool,
    /// After the frames, close.
    pub close: Option<Close>,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    wake: Notify,
}

#[derive(Default)]
struct Waiting {
    delivery: Delivery,
    /// Bytes of frames that the reader did not ask for.
    owed: usize,
    lagging: bool,
    closed: bool,
}

/// A fresh pair.
pub fn outbox() -> (Outbox, Outgoing) {
    let shared = Arc::new(Shared::default());
    (Outbox(shared.clone()), Outgoing(shared))
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().expect("nothing panics while it holds an outbox")
    }
}

impl Outbox {
    /// Queue a frame that answers a question: its size is the reader's own doing.
    pub fn answer(&self, frame: Bytes) {
        self.queue(frame, 0);
    }

    /// Queue a frame that the reader did not ask for. Returns how many bytes of such frames wait.
    pub fn push(&self, frame: Bytes) -> usize {
        let bytes = frame.len();
        self.queue(frame, bytes)
    }

    /// Ask to be told when everything that waits has been taken.
    pub fn mark_lagging(&self) {
        self.0.lock().lagging = true;
        self.0.wake.notify_one();
    }

    /// Ask for a sign of life.
    pub fn probe(&self) {
        self.0.lock().delivery.probe = true;
        self.0.wake.notify_one();
    }

    /// Close after what waits has been sent. The first reason counts.
    pub fn close(&self, close: Close) {
        let mut waiting = self.0.lock();
        if !waiting.closed {
            waiting.closed = true;
            waiting.delivery.close = Some(close);
            self.0.wake.notify_one();
        }
    }

    fn queue(&self, frame: Bytes, owed: usize) -> usize {
        let mut waiting = self.0.lock();
        if waiting.closed {
            return 0;
        }
        waiting.owed += owed;
        waiting.delivery.frames.push(frame);
        if waiting.delivery.frames.len() == 1 {
            self.0.wake.notify_one();
        }
        waiting.owed
    }
}

impl Drop for Outbox {
    /// A document that ends without a word ended by a fault of ours.
    fn drop(&mut self) {
        self.close(Close::new(
            CloseCode::Internal,
            "the document stopped unexpectedly; what was saved is kept",
        ));
    }
}

impl Outgoing {
    /// Wait until there is something, and take all of it.
    pub async fn next(&self) -> Delivery {
        loop {
            {
                let mut waiting = self.0.lock();
                let Delivery { frames, probe, close, .. } = &waiting.delivery;
                if !frames.is_empty() || *probe || close.is_some() {
                    waiting.owed = 0;
                    return std::mem::take(&mut waiting.delivery);
                }
                if std::mem::take(&mut waiting.lagging) {
                    return Delivery { caught_up: true, ..Delivery::default() };
                }
            }
            self.0.wake.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_waits_leaves_at_once_and_in_order() {
        let (outbox, outgoing) = outbox();
        outbox.answer(Bytes::from_static(b"1"));
        outbox.push(Bytes::from_static(b"2"));
        outbox.close(Close::new(CloseCode::Restarting, "bye"));
        outbox.close(Close::new(CloseCode::Internal, "too late"));
        let delivery = outgoing.next().await;
        assert_eq!(delivery.frames, ["1", "2"]);
        assert_eq!(delivery.close, Some(Close::new(CloseCode::Restarting, "bye")));
    }

    #[tokio::test]
    async fn a_laggard_is_told_about_once_it_has_taken_all() {
        let (outbox, outgoing) = outbox();
        outbox.answer(Bytes::from_static(b"asked for"));
        assert_eq!(outbox.push(Bytes::from_static(b"not")), 3, "only what was not asked for is owed");
        outbox.mark_lagging();
        let first = outgoing.next().await;
        assert!(first.frames.len() == 2 && !first.caught_up);
        assert!(outgoing.next().await.caught_up);
        assert_eq!(outbox.push(Bytes::from_static(b"x")), 1);
        assert!(!outgoing.next().await.caught_up);
    }

    #[tokio::test]
    async fn a_document_that_vanishes_closes_its_connections() {
        let (outbox, outgoing) = outbox();
        drop(outbox);
        assert_eq!(outgoing.next().await.close.map(|close| close.code), Some(CloseCode::Internal));
    }
}
