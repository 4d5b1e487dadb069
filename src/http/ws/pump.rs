//! Two loops on one socket: what the client says goes to the document, what the document says goes to the client.
//! Whichever ends first ends both.
//!
//! The last word has a place of its own in the socket's queue, kept free from the start: a client that reads nothing fills every
//! other place, and is told why it was sent away all the same once it reads again.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseReason, ProtocolError, Session};
use bytes::Bytes;
use futures_util::Sink;
use tokio::sync::Semaphore;
use tokio::time::{sleep, sleep_until, timeout};

use super::gate::Seen;
use crate::document::{Attached, Permit};
use crate::limits;
use crate::metrics;
use crate::protocol::close::Close;
use crate::protocol::frame::FrameError;
use crate::protocol::heartbeat::{Beat, Heartbeat, Rhythm};
use crate::protocol::rate::Rate;
use crate::protocol::{CloseCode, Message, message};

/// How long a closed peer has to take its goodbye when there is nothing to tell it, or as many as may already take longer.
const LINGER: Duration = Duration::from_secs(2);

/// How long a ping or a filler may wait for room in the socket's queue.
const PUSH_FOR: Duration = Duration::from_millis(100);

/// One socket.
pub(super) struct Pump {
    socket: Session,
    /// The same, with a place in the queue that nothing but the goodbye takes.
    farewell: Session,
    stream: AggregatedMessageStream,
    seen: Rc<Seen>,
    /// Whether the client knows our own close codes.
    cowrite: bool,
    pace: Pace,
    /// Places for those that take long over their goodbye.
    farewells: Arc<Semaphore>,
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
    /// The network, or the client's machine, without a word.
    Lost(&'static str),
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::ByClient(Some(code)) => write!(f, "client closed with {code}"),
            Ended::ByClient(None) => write!(f, "client closed"),
            Ended::ByServer(close) => {
                write!(f, "server closed as {:?}: {}", close.code, close.reason)
            }
            Ended::Lost(how) => write!(f, "lost: {how}"),
        }
    }
}

/// What the reading and the writing loop both touch.
struct Vital {
    heart: Heartbeat,
    /// The document asked for a sign of life.
    probed: bool,
    /// Reading has paused because the disk is behind or the client too fast.
    paused: bool,
}

impl Pump {
    /// A pump on a socket that nothing was sent to yet.
    pub(super) async fn new(
        socket: Session,
        stream: AggregatedMessageStream,
        seen: Rc<Seen>,
        cowrite: bool,
        pace: Pace,
        farewells: Arc<Semaphore>,
    ) -> Pump {
        let mut farewell = socket.clone();
        // A socket that is gone already refuses, and then nobody is there to be told anything.
        let _ = poll_fn(|context| Pin::new(&mut farewell).poll_ready(context)).await;
        Pump { socket, farewell, stream, seen, cowrite, pace, farewells }
    }

    /// Serve until either side has had enough.
    pub(super) async fn run(&mut self, attached: Attached) -> Ended {
        let rhythm = Rhythm { ping_every: limits::PING_EVERY, filler_after: limits::FILLER_AFTER };
        let heart = Heartbeat::new(rhythm, Instant::now());
        let vital = RefCell::new(Vital { heart, probed: false, paused: false });
        let intake = Intake::new(&attached, &vital, self.pace);
        let read = read(&mut self.stream, &self.seen, self.socket.clone(), intake);
        let write = write(self.socket.clone(), &attached, &vital);
        let pulse = pulse(self.socket.clone(), &self.seen, &vital);
        tokio::select! {
            ended = read => ended,
            ended = write => ended,
            ended = pulse => ended,
        }
    }

    /// Put the goodbye behind all that was sent, and read on until it has left: bytes left unread would reset the
    /// connection and take the close code with them. Who reads is through at once.
    pub(super) async fn part(mut self, ended: &Ended) {
        let (reason, place) = match ended {
            Ended::ByServer(close) => (Some(self.reason(close)), self.farewells.try_acquire().ok()),
            _ => (None, None),
        };
        let patience = if place.is_some() { limits::FAREWELL_FOR } else { LINGER };
        if Pin::new(&mut self.farewell).start_send(actix_ws::Message::Close(reason)).is_ok() {
            let left = async { while let Some(Ok(_)) = self.stream.recv().await {} };
            let _ = timeout(patience, left).await;
        }
    }

    /// Why the client is sent away, in the code it knows; counted.
    fn reason(&self, close: &Close) -> CloseReason {
        let code = close.code.number(self.cowrite);
        metrics::closed(code);
        CloseReason { code: code.into(), description: Some(close.reason.clone()) }
    }
}

/// Hand everything the client says to the document.
async fn read(
    stream: &mut AggregatedMessageStream,
    seen: &Seen,
    mut socket: Session,
    mut intake: Intake<'_>,
) -> Ended {
    loop {
        let received = stream.recv().await;
        if received.is_some()
            && let Err(ended) = intake.note_life().await
        {
            return ended;
        }
        let frame = match received {
            Some(Ok(AggregatedMessage::Binary(frame))) => frame,
            Some(Ok(AggregatedMessage::Ping(token))) => match socket.pong(&token).await {
                Ok(()) => continue,
                Err(_) => return Ended::Lost("the socket is closed"),
            },
            Some(Ok(AggregatedMessage::Pong(_))) => continue,
            Some(Ok(AggregatedMessage::Close(reason))) => {
                return Ended::ByClient(reason.map(|reason| reason.code.into()));
            }
            Some(Ok(AggregatedMessage::Text(_))) => {
                return Ended::ByServer(Close::new(
                    CloseCode::Malformed,
                    "messages are binary, this one is text",
                ));
            }
            Some(Err(error)) => return broken(error, seen.violation.get()),
            None => return Ended::Lost("the client went without a goodbye"),
        };
        if let Err(ended) = intake.take(frame).await {
            return ended;
        }
    }
}

/// The way of a client's frames into the document, no faster than the client may be and the disk is.
struct Intake<'a> {
    attached: &'a Attached,
    vital: &'a RefCell<Vital>,
    /// Bytes of updates that may be on the way to the disk.
    unsaved: Arc<Semaphore>,
    updates: Rate,
    bytes: Rate,
    /// Whether the log has it that this client is too fast, or too fast for the disk.
    noted: Cell<bool>,
}

impl<'a> Intake<'a> {
    fn new(attached: &'a Attached, vital: &'a RefCell<Vital>, pace: Pace) -> Intake<'a> {
        let now = Instant::now();
        Intake {
            attached,
            vital,
            unsaved: Arc::new(Semaphore::new(limits::UNSAVED_BYTES)),
            updates: Rate::new(pace.updates, now),
            bytes: Rate::new(pace.bytes, now),
            noted: Cell::new(false),
        }
    }

    /// The client was heard.
    async fn note_life(&self) -> Result<(), Ended> {
        let probed = {
            let mut vital = self.vital.borrow_mut();
            vital.heart.heard(Instant::now());
            std::mem::take(&mut vital.probed)
        };
        if probed {
            self.attached.alive().await.map_err(|_| stopped())?;
        }
        Ok(())
    }

    /// Hand over the messages of one frame, each update with its share of what may be unsaved.
    async fn take(&mut self, frame: Bytes) -> Result<(), Ended> {
        metrics::RECEIVED_BYTES.add(frame.len() as u64);
        let now = Instant::now();
        let mut wait = self.bytes.take(frame.len() as u64, now);
        for message in message::decode(frame) {
            let message = message
                .map_err(|error| Ended::ByServer(Close::new(CloseCode::Malformed, error.to_string())))?;
            let permit = match &message {
                Message::Update(update) | Message::SyncStep2(update) => {
                    wait = wait.max(self.updates.take(1, now));
                    Some(self.permit(update.len()).await)
                }
                _ => None,
            };
            self.attached.deliver(message, permit).await.map_err(|_| stopped())?;
        }
        if !wait.is_zero() {
            metrics::SLOWED.add(1);
            self.note("the client sends more than it may and is read more slowly");
            self.paused(sleep(wait)).await;
        }
        Ok(())
    }

    async fn permit(&self, bytes: usize) -> Permit {
        let share = bytes.clamp(64, limits::UNSAVED_BYTES) as u32;
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

    /// Wait without reading. The client's silence proves nothing meanwhile.
    async fn paused<T>(&self, what: impl Future<Output = T>) -> T {
        self.vital.borrow_mut().paused = true;
        let result = what.await;
        let mut vital = self.vital.borrow_mut();
        vital.paused = false;
        vital.heart.heard(Instant::now());
        result
    }
}

/// Send the client everything the document has to say.
async fn write(mut socket: Session, attached: &Attached, vital: &RefCell<Vital>) -> Ended {
    loop {
        let delivery = attached.outgoing().next().await;
        for frame in delivery.frames {
            match timeout(limits::STALLED_FOR, socket.binary(frame)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Ended::Lost("the socket is closed"),
                Err(_) => {
                    let reason = "this connection does not read; what it missed comes with the next sync";
                    return Ended::ByServer(Close::new(CloseCode::Resync, reason));
                }
            }
        }
        vital.borrow_mut().heart.sent(Instant::now());
        if delivery.caught_up && attached.caught_up().await.is_err() {
            return stopped();
        }
        if let Some(close) = delivery.close {
            return Ended::ByServer(close);
        }
        if delivery.probe {
            vital.borrow_mut().probed = true;
            ping(&mut socket).await;
        }
    }
}

/// Break long silences, and notice when nobody is there any more. A loop of its own, because the one that writes stands
/// still before a peer that does not read.
async fn pulse(mut socket: Session, seen: &Seen, vital: &RefCell<Vital>) -> Ended {
    loop {
        let wake_at = vital.borrow().heart.wake_at();
        sleep_until(wake_at.into()).await;
        let now = Instant::now();
        let beat = {
            let mut vital = vital.borrow_mut();
            if vital.paused || seen.bytes.take() {
                vital.heart.heard(now);
            }
            vital.heart.beat(now)
        };
        match beat {
            None => {}
            Some(Beat::Dead) => return Ended::Lost("two pings stayed unanswered"),
            Some(Beat::Ping) => ping(&mut socket).await,
            Some(Beat::Filler) => {
                let _ = timeout(PUSH_FOR, socket.binary(message::filler())).await;
            }
        }
    }
}

/// A ping that finds no room in the queue is as good as sent: it will count as unanswered.
async fn ping(socket: &mut Session) {
    let _ = timeout(PUSH_FOR, socket.ping(b"")).await;
}

fn stopped() -> Ended {
    let reason = "the document stopped unexpectedly; what was saved is kept";
    Ended::ByServer(Close::new(CloseCode::Internal, reason))
}

/// What a broken stream of frames means.
fn broken(error: ProtocolError, violation: Option<FrameError>) -> Ended {
    let close = match (violation, &error) {
        (Some(violation @ FrameError::TooLarge(_)), _) => {
            Close::new(CloseCode::TooLarge, violation.to_string())
        }
        (Some(violation), _) => Close::new(CloseCode::Malformed, violation.to_string()),
        (None, ProtocolError::Io(_)) => return Ended::Lost("the network failed"),
        (None, ProtocolError::Overflow) => Close::new(CloseCode::TooLarge, "a message is too large"),
        (None, _) => Close::new(CloseCode::Malformed, format!("this is not WebSocket: {error}")),
    };
    Ended::ByServer(close)
}
