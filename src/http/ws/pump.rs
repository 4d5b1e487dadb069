//! One socket: what the client says goes to the document by the [`Intake`], what the document says leaves by the [`Flow`], and
//! what remains is done here: the heartbeat, whether the client reads, and the goodbye.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::OptionFuture;
use tokio::sync::Semaphore;
use tokio::time::{sleep, sleep_until, timeout};

use super::flow::{self, Flow};
use super::intake::Intake;
use super::keeper::{Admission, Keeper, Tokens};
use super::reader::Reader;
use crate::document::{Attached, Line, News};
use crate::limits;
use crate::metrics;
use crate::protocol::close::Close;
use crate::protocol::heartbeat::{Beat, Heartbeat, Rhythm};
use crate::protocol::wire::{self, Frame};
use crate::protocol::{CloseCode, message};

/// How long a closed peer has to take its goodbye when there is nothing to tell it, or as many as may already take longer.
const LINGER: Duration = Duration::from_secs(2);

/// One socket.
pub(super) struct Pump {
    pub(super) line: Line,
    pub(super) reader: Reader,
    /// Writes to the socket, if it is ours.
    pub(super) flow: Option<Flow>,
    /// Whether the client knows our own close codes.
    pub(super) cowrite: bool,
    pub(super) pace: Pace,
    /// Places for those that take long over their goodbye.
    pub(super) farewells: Arc<Semaphore>,
}

/// How fast a client may speak before it is read more slowly.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Updates a second.
    pub(super) updates: u64,
    /// Bytes a second.
    pub(super) bytes: u64,
}

/// How a connection ended, for its line in the log.
pub(super) enum Ended {
    /// The client said goodbye.
    ByClient(Option<u16>),
    ByServer(Close),
    /// Likewise, because somebody may not be here any more who was let in.
    PutOut(Close),
    /// The network, or the client's machine, without a word.
    Lost(&'static str),
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::ByClient(Some(code)) => write!(f, "client closed with {code}"),
            Ended::ByClient(None) => write!(f, "client closed"),
            Ended::ByServer(close) | Ended::PutOut(close) => {
                write!(f, "server closed as {:?}: {}", close.code, close.reason)
            }
            Ended::Lost(how) => write!(f, "lost: {how}"),
        }
    }
}

/// What is known of the client's life.
pub(super) struct Vital {
    pub(super) heart: Heartbeat,
    /// The document asked for a sign of life.
    pub(super) probed: bool,
    /// Reading has paused because the disk is behind or the client too fast.
    pub(super) paused: bool,
}

impl Pump {
    /// Serve until either side has had enough.
    pub(super) async fn run(&mut self, attached: Attached, watch: Option<(Keeper, Admission)>) -> Ended {
        let rhythm = Rhythm { ping_every: limits::PING_EVERY, filler_after: limits::FILLER_AFTER };
        let heart = Heartbeat::new(rhythm, Instant::now());
        let vital = RefCell::new(Vital { heart, probed: false, paused: false });
        let heard = self.reader.heard();
        let tokens = Tokens::default();
        let intake = Intake::new(&attached, &self.line, &vital, &tokens, self.pace);
        // On the heap, for where everybody is an editor nobody is watched.
        let watched: OptionFuture<_> =
            watch.map(|(keeper, admission)| Box::pin(keeper.watch(&attached, &tokens, admission))).into();
        // The client's own goodbye counts for more than that the socket is gone.
        tokio::select! {
            biased;
            ended = intake.run(&mut self.reader) => ended,
            ended = attend(&self.line, &attached, &heard, &vital) => ended,
            Some(close) = watched => Ended::PutOut(close),
            () = flow::run(&mut self.flow) => Ended::Lost("the socket is closed"),
        }
    }

    /// Put the goodbye behind all that was sent, and read on until it has left and the peer has gone: bytes left unread would reset
    /// the connection and take the close code with them. Who reads is through at once.
    pub(super) async fn part(mut self, ended: &Ended) {
        let Pump { line, reader, flow, cowrite, farewells, .. } = &mut self;
        let (close, place) = match ended {
            Ended::ByServer(close) | Ended::PutOut(close) => (Some(close), farewells.try_acquire().ok()),
            _ => (None, None),
        };
        if let Some(close) = close {
            metrics::closed(close.code.number(*cowrite));
        }
        let patience = if place.is_some() { limits::FAREWELL_FOR } else { LINGER };
        line.goodbye(wire::close(close, *cowrite));
        let gone = reader.discard();
        let Some(flow) = flow else {
            let _ = timeout(patience, gone).await;
            return;
        };
        let said = async {
            flow.finish().await;
            sleep(LINGER).await;
        };
        let parted = async {
            tokio::select! { () = gone => {}, () = said => {} }
        };
        let _ = timeout(patience, parted).await;
    }
}

/// Hear what there is of news, break long silences, and notice when nobody is there or nobody reads any more.
async fn attend(line: &Line, attached: &Attached, heard: &Cell<bool>, vital: &RefCell<Vital>) -> Ended {
    // Since when something has waited, as far as was looked.
    let mut waits_since: Option<Instant> = None;
    loop {
        let beat_at = vital.borrow().heart.wake_at();
        let wake_at = waits_since.map_or(beat_at, |since| beat_at.min(since + limits::STALLED_FOR));
        tokio::select! {
            news = line.news() => {
                let News { waits, probed, caught_up, close, gone } = news;
                if waits {
                    waits_since = Some(Instant::now());
                }
                vital.borrow_mut().probed |= probed;
                if caught_up {
                    // A document that is gone says itself why.
                    let _ = attached.caught_up().await;
                }
                if let Some(close) = close {
                    return Ended::ByServer(close);
                }
                if gone {
                    return Ended::Lost("the socket is closed");
                }
                continue;
            }
            () = sleep_until(wake_at.into()) => {}
        }
        let now = Instant::now();
        if let Some(since) = waits_since {
            waits_since = line.waits().then(|| line.taken_at().map_or(since, |taken_at| taken_at.max(since)));
        }
        if waits_since.is_some_and(|since| now >= since + limits::STALLED_FOR) {
            let reason = "this connection does not read; what it missed comes with the next sync";
            return Ended::ByServer(Close::new(CloseCode::Resync, reason));
        }
        match beat(line, heard, &mut vital.borrow_mut(), now) {
            None => {}
            Some(Beat::Dead) => return Ended::Lost("two pings stayed unanswered"),
            Some(Beat::Ping) => line.ping(),
            Some(Beat::Filler) => line.send(Frame::binary(message::filler())),
        }
    }
}

/// What the heart calls for, once it knows of everything that was read and written.
fn beat(line: &Line, heard: &Cell<bool>, vital: &mut Vital, now: Instant) -> Option<Beat> {
    if vital.paused || heard.take() {
        vital.heart.heard(now);
    }
    if let Some(taken_at) = line.taken_at() {
        vital.heart.sent(taken_at);
    }
    vital.heart.beat(now)
}
