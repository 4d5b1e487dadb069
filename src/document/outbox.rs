//! What a document has to say to one connection, on its way from the document's thread to the socket: frames as they go over the
//! wire.
//!
//! Three hold it. The document's [`Outbox`] fills it, the socket's [`Outgoing`] empties it, and the [`Line`] of whoever serves the
//! connection adds pings and the goodbye and hears what the other two have to tell. Where the socket can be written to from any
//! thread (a [`Wire`]), a frame before which nothing waits goes straight to it, and nobody is woken.
//!
//! Bounded by its user: once a reader owes too much it is marked as lagging, gets nothing that it did not ask for, and is
//! given one difference in place of all it missed when it has taken what waits. No update is ever dropped in silence.

mod waiting;

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker, ready};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::Notify;

use self::waiting::Waiting;
use super::home::{Home, Wakes};
use crate::protocol::CloseCode;
use crate::protocol::close::Close;
use crate::protocol::wire::{self, Frame};

/// A socket that takes what it has room for at once, from whichever thread.
pub trait Wire: Send + Sync {
    /// Take as much of these bytes as there is room for, in order, and say how much that was.
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none.
    fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Wait for room, after there was none.
    fn poll_room(&self, context: &mut Context<'_>) -> Poll<io::Result<()>>;
}

/// A larger frame waits for the socket's own task: whoever sends it does not stand still while it is copied.
const DIRECT_BYTES: usize = 16 * 1024;

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
    /// Of the task whose socket it is.
    home: Option<Home>,
    wire: Option<Arc<dyn Wire>>,
}

/// The ways to and from one connection, before a document knows it. `home`: of the task whose socket it is; `wire`: the socket, if it
/// can be written to from elsewhere.
pub fn line(home: Option<Home>, wire: Option<Arc<dyn Wire>>) -> (Line, Outgoing) {
    let shared = Arc::new(Shared {
        waiting: Mutex::default(),
        news: Notify::default(),
        room: Notify::default(),
        home,
        wire,
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

    /// Send a frame, or queue it behind what waits. Returns how much is owed, and the task to be woken.
    fn queue(&self, frame: Frame, unasked: bool) -> (usize, Option<Waker>) {
        let mut waiting = self.lock();
        let direct = waiting.is_clear() && frame.size() <= DIRECT_BYTES;
        waiting.queue(frame, unasked);
        if direct
            && let Some(wire) = &self.wire
            // What is wrong with the socket its task will find out.
            && waiting.write_to(&**wire).unwrap_or(false)
        {
            return (0, None);
        }
        let watch = !waiting.closed && !std::mem::replace(&mut waiting.watched, true);
        let (owed, socket) = (waiting.owed(), waiting.socket.take());
        drop(waiting);
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

    /// Something was taken: more may be asked for if there was no room before it.
    fn note_room(&self, had_room: bool, waiting: &Waiting) {
        if !had_room && waiting.has_room() {
            self.room.notify_one();
        }
    }

    /// All that waited has been taken: wait for more, unless that was the end.
    fn poll_more(&self, mut waiting: MutexGuard<'_, Waiting>, context: &mut Context<'_>) -> Poll<()> {
        if waiting.ends {
            return Poll::Ready(());
        }
        waiting.socket = Some(context.waker().clone());
        if std::mem::take(&mut waiting.lagging) {
            waiting.news.caught_up = true;
            self.news.notify_one();
        }
        Poll::Pending
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
            wakes.add(socket, self.0.home.as_ref());
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
    /// The next bytes, for whoever writes them; `None` after the last.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut waiting = self.0.lock();
        let had_room = waiting.has_room();
        if let Some(bytes) = waiting.take() {
            self.0.note_room(had_room, &waiting);
            return Poll::Ready(Some(bytes));
        }
        ready!(self.0.poll_more(waiting, context));
        Poll::Ready(None)
    }

    /// Wait for the next bytes.
    pub async fn next(&mut self) -> Option<Bytes> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// Write what waits to the wire, as it has room; ready after the last.
    pub fn poll_drain(&mut self, wire: &dyn Wire, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut waiting = self.0.lock();
            let had_room = waiting.has_room();
            let all = waiting.write_to(wire)?;
            self.0.note_room(had_room, &waiting);
            if all {
                return self.0.poll_more(waiting, context).map(Ok);
            }
            drop(waiting);
            ready!(wire.poll_room(context))?;
        }
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

    /// Send bytes before all frames: the answer to the handshake.
    pub fn open(&self, head: Bytes) {
        self.0.say(|waiting| waiting.queue_raw(head));
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

#[cfg(test)]
mod tests;
