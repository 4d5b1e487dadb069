//! What a document has to say to one connection, on its way from the document's thread to the socket: frames as they go over the
//! wire, taken by the socket itself when it has room.
//!
//! Three hold it. The document's [`Outbox`] fills it, the socket's [`Outgoing`] empties it, and the [`Line`] of whoever serves the
//! connection adds pings and the goodbye and hears what the other two have to tell.
//!
//! Bounded by its user: once a reader owes too much it is marked as lagging, gets nothing that it did not ask for, and is
//! given one difference in place of all it missed when it has taken what waits. No update is ever dropped in silence.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::Notify;

use super::bell::{Bell, Wakes};
use crate::limits;
use crate::protocol::CloseCode;
use crate::protocol::close::Close;
use crate::protocol::wire::{self, Frame};

/// The most that is handed over at once. The socket copies it, and keeps a buffer of that size.
const PIECE_BYTES: usize = 16 * 1024;

/// The document's end.
pub struct Outbox(Arc<Shared>);

/// The socket's end.
pub struct Outgoing(Arc<Shared>);

/// The end of whoever serves the connection. Dropping it ends the connection, without a goodbye if none was said.
pub struct Line(Arc<Shared>);

/// What an [`Outbox`] is made of, once the document has let the connection in.
#[derive(Clone)]
pub(super) struct Outlet(Arc<Shared>);

/// What has happened since it was last asked.
#[derive(Debug, Default, PartialEq)]
pub struct News {
    /// Something waits where nothing did: from now on it is worth watching whether it moves.
    pub waits: bool,
    /// A ping is on its way: report the next sign of life.
    pub probed: bool,
    /// A lagging reader has taken all that waited: tell the document.
    pub caught_up: bool,
    /// The document says goodbye.
    pub close: Option<Close>,
    /// The socket is gone.
    pub gone: bool,
}

struct Shared {
    waiting: Mutex<Waiting>,
    news: Notify,
    /// So much was taken that more may be asked for.
    room: Notify,
    /// Of the thread whose socket it is.
    bell: Option<Bell>,
}

#[derive(Default)]
struct Waiting {
    pieces: VecDeque<Piece>,
    /// The front belongs to a frame whose beginning has left: nothing may come in between.
    within: bool,
    /// Control frames go between frames, ahead of all that waits. A pong answers all pings before it.
    ping: bool,
    pong: Option<Bytes>,
    /// The last frame.
    goodbye: Option<Bytes>,
    /// What all the pieces take, in bytes.
    held: usize,
    /// Bytes of frames that the reader did not ask for.
    owed: usize,
    lagging: bool,
    /// Nothing more is taken in.
    closed: bool,
    /// After what waits, the socket is closed.
    ends: bool,
    watched: bool,
    news: News,
    /// When a message, or a part of one, was last taken.
    taken_at: Option<Instant>,
    /// The socket, while it waits for something.
    socket: Option<Waker>,
}

/// A frame or a part of one.
struct Piece {
    bytes: Bytes,
    /// How much of it the reader did not ask for: all or nothing.
    owed: usize,
    /// The next piece goes on with the same frame.
    more: bool,
}

/// The ways to and from one connection, before a document knows it. `bell`: of the thread whose socket it is.
pub fn line(bell: Option<Bell>) -> (Line, Outgoing) {
    let shared = Arc::new(Shared {
        waiting: Mutex::default(),
        news: Notify::default(),
        room: Notify::default(),
        bell,
    });
    (Line(shared.clone()), Outgoing(shared))
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().expect("nothing panics while it holds an outbox")
    }

    /// Change what waits. Returns the socket if it waits for that and is to be woken.
    fn change<T>(&self, change: impl FnOnce(&mut Waiting) -> T) -> (T, Option<Waker>) {
        let mut waiting = self.lock();
        (change(&mut waiting), waiting.socket.take())
    }

    /// Change what waits, and wake the socket.
    fn say(&self, change: impl FnOnce(&mut Waiting)) {
        if let ((), Some(socket)) = self.change(change) {
            socket.wake();
        }
    }

    /// Queue a frame. Returns how much is owed, and the socket to be woken.
    fn queue(&self, frame: Frame, unasked: bool) -> (usize, Option<Waker>) {
        let ((owed, watch), socket) = self.change(|waiting| {
            let owed = waiting.queue(frame, unasked);
            (owed, !waiting.closed && !std::mem::replace(&mut waiting.watched, true))
        });
        if watch {
            self.tell(|news| news.waits = true);
        }
        (owed, socket)
    }

    /// Queue a frame that is asked for.
    fn answer(&self, frame: Frame) {
        if let (_, Some(socket)) = self.queue(frame, false) {
            socket.wake();
        }
    }

    fn tell(&self, news: impl FnOnce(&mut News)) {
        news(&mut self.lock().news);
        self.news.notify_one();
    }
}

impl Outlet {
    pub(super) fn open(self) -> Outbox {
        Outbox(self.0)
    }
}

impl Outbox {
    /// Queue a frame that answers a question: its size is the reader's own doing.
    pub fn answer(&self, frame: Frame) {
        self.0.answer(frame);
    }

    /// Queue a frame that the reader did not ask for. Returns how many bytes of such frames wait.
    pub(super) fn push(&self, frame: Frame, wakes: &mut Wakes) -> usize {
        let (owed, socket) = self.0.queue(frame, true);
        if let Some(socket) = socket {
            wakes.add(socket, self.0.bell.as_ref());
        }
        owed
    }

    /// Ask to be told when everything that waits has been taken.
    pub fn mark_lagging(&self) {
        self.0.say(|waiting| waiting.lagging = true);
    }

    /// Ask for a sign of life.
    pub fn probe(&self) {
        self.0.say(|waiting| waiting.ping = true);
        self.0.tell(|news| news.probed = true);
    }

    /// Close after what waits has been sent. The first reason counts.
    pub fn close(&self, close: Close) {
        let first = !std::mem::replace(&mut self.0.lock().closed, true);
        if first {
            self.0.tell(|news| news.close = Some(close));
        }
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
    /// The next bytes for the wire; `None` after the last.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut waiting = self.0.lock();
        let had_room = waiting.has_room();
        if let Some(bytes) = waiting.take() {
            if !had_room && waiting.has_room() {
                self.0.room.notify_one();
            }
            return Poll::Ready(Some(bytes));
        }
        if waiting.ends {
            return Poll::Ready(None);
        }
        waiting.socket = Some(context.waker().clone());
        if std::mem::take(&mut waiting.lagging) {
            waiting.news.caught_up = true;
            self.0.news.notify_one();
        }
        Poll::Pending
    }

    /// Wait for the next bytes.
    pub async fn next(&mut self) -> Option<Bytes> {
        poll_fn(|context| self.poll_next(context)).await
    }
}

impl Drop for Outgoing {
    /// Nobody is there to be told anything.
    fn drop(&mut self) {
        let mut waiting = self.0.lock();
        waiting.shut();
        waiting.news.gone = true;
        self.0.news.notify_one();
    }
}

impl Line {
    pub(super) fn outlet(&self) -> Outlet {
        Outlet(self.0.clone())
    }

    /// Wait until something has happened.
    pub async fn news(&self) -> News {
        loop {
            let news = std::mem::take(&mut self.0.lock().news);
            if news != News::default() {
                return news;
            }
            self.0.news.notified().await;
        }
    }

    /// Whether the client may ask for more: it has taken most of what it was given.
    pub fn has_room(&self) -> bool {
        self.0.lock().has_room()
    }

    /// Wait until it may.
    pub async fn room(&self) {
        while !self.has_room() {
            self.0.room.notified().await;
        }
    }

    /// When a message, or a part of one, was last taken.
    pub fn taken_at(&self) -> Option<Instant> {
        self.0.lock().taken_at
    }

    /// Whether a message waits. If not, it is news when one does.
    pub fn waits(&self) -> bool {
        let mut waiting = self.0.lock();
        waiting.watched = !waiting.pieces.is_empty();
        waiting.watched
    }

    /// Send a frame of our own.
    pub fn send(&self, frame: Frame) {
        self.0.answer(frame);
    }

    pub fn ping(&self) {
        self.0.say(|waiting| waiting.ping = true);
    }

    /// Answer a ping. The answer to an earlier one that still waits is not needed any more.
    pub fn pong(&self, token: &[u8]) {
        self.0.say(|waiting| waiting.pong = Some(wire::pong(token)));
    }

    /// Send that as the last frame, after all that waits.
    pub fn goodbye(&self, frame: Bytes) {
        self.0.say(|waiting| {
            (waiting.closed, waiting.ends) = (true, true);
            waiting.goodbye = Some(frame);
        });
    }
}

impl Drop for Line {
    /// A goodbye that still waits goes out, and with it all before it.
    fn drop(&mut self) {
        self.0.say(|waiting| {
            if waiting.goodbye.is_none() {
                waiting.shut();
            }
        });
    }
}

impl Waiting {
    fn has_room(&self) -> bool {
        self.held <= limits::UNTAKEN_BYTES
    }

    fn queue(&mut self, frame: Frame, unasked: bool) -> usize {
        if self.closed {
            return 0;
        }
        self.held += frame.head.len() + frame.body.len() + size_of::<Piece>();
        let owed = |bytes: &Bytes| if unasked { bytes.len() } else { 0 };
        if !frame.head.is_empty() {
            self.owed += owed(&frame.head);
            self.pieces.push_back(Piece { owed: owed(&frame.head), bytes: frame.head, more: true });
        }
        self.owed += owed(&frame.body);
        self.pieces.push_back(Piece { owed: owed(&frame.body), bytes: frame.body, more: false });
        self.owed
    }

    /// What goes over the wire next.
    fn take(&mut self) -> Option<Bytes> {
        if !self.within {
            if std::mem::take(&mut self.ping) {
                return Some(wire::ping());
            }
            if let Some(pong) = self.pong.take() {
                return Some(pong);
            }
        }
        let Some(piece) = self.pieces.front_mut() else { return self.goodbye.take() };
        self.taken_at = Some(Instant::now());
        let bytes = piece.bytes.split_to(piece.bytes.len().min(PIECE_BYTES));
        if piece.owed > 0 {
            piece.owed -= bytes.len();
            self.owed -= bytes.len();
        }
        self.held -= bytes.len();
        self.within = piece.more || !piece.bytes.is_empty();
        if piece.bytes.is_empty() {
            // The overhead is counted once a frame.
            self.held -= if piece.more { 0 } else { size_of::<Piece>() };
            self.pieces.pop_front();
        }
        Some(bytes)
    }

    /// Nothing more comes in or goes out.
    fn shut(&mut self) {
        (self.closed, self.ends) = (true, true);
        (self.ping, self.pong, self.goodbye, self.owed, self.held) = (false, None, None, 0, 0);
        self.pieces = VecDeque::new();
    }
}

#[cfg(test)]
mod tests;
