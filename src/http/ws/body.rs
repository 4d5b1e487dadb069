//! The response whose body is everything the client hears, for a connection whose socket is not ours: inside another application,
//! or under TLS.
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

struct Body(Outgoing);

/// The handshake's response with that body.
pub(super) fn answer(handshake: HttpResponse, outgoing: Outgoing) -> HttpResponse {
    handshake.map_body(|_, _| BoxBody::new(Body(outgoing)))
}

impl MessageBody for Body {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        self.get_mut().0.poll_next(context).map(|bytes| bytes.map(Ok))
    }
}
