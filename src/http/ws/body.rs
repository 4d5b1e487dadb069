//! The response whose body is everything the client hears.
//!
//! It stands in for actix-ws' own, which takes each message through a task, a queue of 32 and an encoder of its own for each
//! connection. This one hands over shared bytes when the socket asks for them, and while the socket takes none it does not ask.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use bytes::Bytes;

use crate::document::Outgoing;

struct Body {
    outgoing: Outgoing,
    /// What actix-ws would have sent. It is never asked; that it is dropped tells the stream of incoming messages that the socket is
    /// gone.
    _silent: BoxBody,
}

/// The handshake's response with that body.
pub(super) fn answer(handshake: HttpResponse, outgoing: Outgoing) -> HttpResponse {
    handshake.map_body(|_, silent| BoxBody::new(Body { outgoing, _silent: silent }))
}

impl MessageBody for Body {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        self.get_mut().outgoing.poll_next(context).map(|bytes| bytes.map(Ok))
    }
}
