//! What waits for one socket, in order. Pure: frames in; bytes out, or as many as a wire takes.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::task::Waker;
use std::time::Instant;

use bytes::{Buf, Bytes};

use super::{News, Wire};
use crate::limits;
use crate::protocol::wire::{self, Frame};

/// The most that is handed over as one piece, to a taker that copies it and keeps a buffer of that size.
pub(super) const PIECE_BYTES: usize = 16 * 1024;

/// So many pieces go to a wire at once.
const SLICES: usize = 64;

#[derive(Default)]
pub(super) struct Waiting {
    pub(super) pieces: VecDeque<Piece>,
    /// The front belongs to a frame whose beginning has left: nothing may come in between.
    within: bool,
    /// Control frames go between frames, ahead of all that waits. A pong answers all pings before it.
    pub(super) ping: bool,
    pub(super) pong: Option<Bytes>,
    /// The last frame.
    pub(super) goodbye: Option<Bytes>,
    /// What all the pieces take, in bytes.
    pub(super) held: usize,
    /// Bytes of frames that the reader did not ask for.
    owed: usize,
    pub(super) lagging: bool,
    /// Nothing more is taken in.
    pub(super) closed: bool,
    /// After what waits, the socket is closed.
    pub(super) ends: bool,
    pub(super) watched: bool,
    pub(super) news: News,
    /// When a message, or a part of one, was last taken.
    pub(super) taken_at: Option<Instant>,
    /// The socket's task, while it waits for something.
    pub(super) socket: Option<Waker>,
}

/// A frame or a part of one.
pub(super) struct Piece {
    bytes: Bytes,
    /// How much of it the reader did not ask for: all or nothing.
    owed: usize,
    /// The next piece goes on with the same frame.
    more: bool,
}

impl Waiting {
    pub(super) fn has_room(&self) -> bool {
        self.held <= limits::UNTAKEN_BYTES
    }

    /// Whether nothing waits, so that a frame may go straight to the wire.
    pub(super) fn is_clear(&self) -> bool {
        self.pieces.is_empty() && !self.ping && self.pong.is_none() && !self.ends
    }

    /// Take in a frame; nothing once it is closed.
    pub(super) fn queue(&mut self, frame: Frame, unasked: bool) {
        if self.closed {
            return;
        }
        let more = !frame.head.is_empty();
        if more {
            self.push(frame.head, unasked, true);
        }
        self.push(frame.body, unasked, false);
    }

    /// Take in bytes that are no frame and stand before all frames.
    pub(super) fn queue_raw(&mut self, bytes: Bytes) {
        self.push(bytes, false, false);
    }

    fn push(&mut self, bytes: Bytes, unasked: bool, more: bool) {
        let owed = if unasked { bytes.len() } else { 0 };
        self.held += bytes.len() + size_of::<Piece>();
        self.owed += owed;
        self.pieces.push_back(Piece { bytes, owed, more });
    }

    /// Bytes that wait for a reader that did not ask for them.
    pub(super) fn owed(&self) -> usize {
        self.owed
    }

    /// What goes over the wire next, in small pieces.
    pub(super) fn take(&mut self) -> Option<Bytes> {
        self.line_up();
        let front = self.pieces.front()?;
        let bytes = front.bytes.slice(..front.bytes.len().min(PIECE_BYTES));
        self.consume(bytes.len());
        Some(bytes)
    }

    /// Give the wire what it has room for. True when all has left; false when some waits until there is room again.
    pub(super) fn write_to(&mut self, wire: &dyn Wire) -> io::Result<bool> {
        loop {
            self.line_up();
            if self.pieces.is_empty() {
                return Ok(true);
            }
            let mut slices = [IoSlice::new(&[]); SLICES];
            let mut count = 0;
            for (slice, piece) in slices.iter_mut().zip(&self.pieces) {
                *slice = IoSlice::new(&piece.bytes);
                count += 1;
            }
            match wire.try_write(&slices[..count]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => self.consume(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }

    /// Put control frames where they belong: between frames, the goodbye behind them all.
    fn line_up(&mut self) {
        if !self.within {
            // The ping goes before the pong.
            let ping = std::mem::take(&mut self.ping).then(wire::ping);
            for bytes in self.pong.take().into_iter().chain(ping) {
                self.held += bytes.len() + size_of::<Piece>();
                self.pieces.push_front(Piece { bytes, owed: 0, more: false });
            }
        }
        if self.pieces.is_empty()
            && let Some(bytes) = self.goodbye.take()
        {
            self.push(bytes, false, false);
        }
    }

    /// So many bytes have left.
    fn consume(&mut self, mut bytes: usize) {
        self.taken_at = Some(Instant::now());
        while let Some(piece) = self.pieces.front_mut() {
            let taken = bytes.min(piece.bytes.len());
            piece.bytes.advance(taken);
            if piece.owed > 0 {
                piece.owed -= taken;
                self.owed -= taken;
            }
            self.held -= taken;
            bytes -= taken;
            if !piece.bytes.is_empty() {
                self.within |= taken > 0;
                return;
            }
            self.within = piece.more;
            self.held -= size_of::<Piece>();
            self.pieces.pop_front();
            if bytes == 0 {
                return;
            }
        }
    }

    /// Nothing more comes in or goes out.
    pub(super) fn shut(&mut self) {
        (self.closed, self.ends) = (true, true);
        (self.ping, self.pong, self.goodbye, self.owed, self.held) = (false, None, None, 0, 0);
        self.pieces = VecDeque::new();
    }
}
