//! The frame gate, placed in the stream of a request's bytes before actix-ws sees them.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;

use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, dev, web};
use futures_util::{Stream, StreamExt};

use crate::http::error::Problem;
use crate::protocol::frame::{FrameError, Gate};

/// What the gate has seen, for the pump.
#[derive(Default)]
pub(super) struct Seen {
    /// What it found wrong, for whoever sees the stream end.
    pub(super) violation: Cell<Option<FrameError>>,
    /// Whether bytes came since somebody last asked: a large message on a slow line is a sign of life long before
    /// it is whole.
    pub(super) bytes: Cell<bool>,
}

/// The same bytes, up to the first frame header that breaks a rule.
pub(super) async fn gated(
    payload: web::Payload,
    request: &HttpRequest,
    message_bytes: usize,
) -> Result<(web::Payload, Rc<Seen>), Problem> {
    let seen = Rc::new(Seen::default());
    let notes = seen.clone();
    let mut gate = Gate::new(message_bytes);
    let stream = payload.map(move |chunk| {
        let chunk = chunk?;
        notes.bytes.set(true);
        match gate.feed(&chunk) {
            Ok(()) => Ok(chunk),
            Err(error) => {
                notes.violation.set(Some(error));
                Err(PayloadError::Overflow)
            }
        }
    });
    let stream: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(stream);
    let mut boxed = dev::Payload::from(stream);
    let payload = web::Payload::from_request(request, &mut boxed)
        .await
        .map_err(|error| Problem::bad_request(error.to_string()))?;
    Ok((payload, seen))
}
