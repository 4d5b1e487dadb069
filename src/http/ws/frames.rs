//! A client's bytes as messages: the gate looks at the frame headers, the codec that actix-ws builds on takes the frames apart, and
//! those that continue one another are put together.

use actix_codec::Decoder;
use actix_http::ws::{Codec, Frame, Item, ProtocolError};
use actix_web::web::{Bytes, BytesMut};

use crate::protocol::frame::{FrameError, Gate};

/// What a client says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    Binary(Bytes),
    Text,
    Ping(Bytes),
    Pong,
    /// Its goodbye, with the code if it gave one.
    Close(Option<u16>),
}

/// What is wrong with a client's bytes. They are not to be read on.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("this is not WebSocket: {0}")]
    Protocol(#[from] ProtocolError),
}

/// Follows one client's bytes.
pub(super) struct Frames {
    gate: Gate,
    codec: Codec,
    /// Bytes of frames that are not whole yet.
    buffer: BytesMut,
    /// A message of which more frames are to come, and whether it is text.
    begun: Option<(BytesMut, bool)>,
}

impl Frames {
    /// `message_bytes`: the largest message, summed over its continuation frames.
    pub(super) fn new(message_bytes: usize) -> Frames {
        Frames {
            gate: Gate::new(message_bytes),
            codec: Codec::new().max_size(message_bytes),
            buffer: BytesMut::new(),
            begun: None,
        }
    }

    /// Take in the next bytes; none of them if a header among them breaks a rule.
    pub(super) fn feed(&mut self, bytes: Bytes) -> Result<(), FrameError> {
        self.gate.feed(&bytes)?;
        if self.buffer.is_empty() {
            // Without a copy, if they are nobody else's.
            self.buffer = BytesMut::from(bytes);
        } else {
            self.buffer.extend_from_slice(&bytes);
        }
        Ok(())
    }

    /// The next message that is whole.
    pub(super) fn next(&mut self) -> Result<Option<Incoming>, Broken> {
        while !self.buffer.is_empty()
            && let Some(frame) = self.codec.decode(&mut self.buffer)?
        {
            let (part, last) = match frame {
                Frame::Binary(bytes) => return Ok(Some(Incoming::Binary(bytes))),
                Frame::Text(_) => return Ok(Some(Incoming::Text)),
                Frame::Ping(token) => return Ok(Some(Incoming::Ping(token))),
                Frame::Pong(_) => return Ok(Some(Incoming::Pong)),
                Frame::Close(reason) => {
                    return Ok(Some(Incoming::Close(reason.map(|reason| reason.code.into()))));
                }
                Frame::Continuation(Item::FirstBinary(bytes)) => {
                    self.begun = Some((BytesMut::from(bytes), false));
                    continue;
                }
                Frame::Continuation(Item::FirstText(bytes)) => {
                    self.begun = Some((BytesMut::from(bytes), true));
                    continue;
                }
                Frame::Continuation(Item::Continue(bytes)) => (bytes, false),
                Frame::Continuation(Item::Last(bytes)) => (bytes, true),
            };
            let Some((message, text)) = &mut self.begun else {
                return Err(FrameError::BadContinuation.into());
            };
            message.extend_from_slice(&part);
            if last {
                let (message, text) = (std::mem::take(message).freeze(), *text);
                self.begun = None;
                return Ok(Some(if text { Incoming::Text } else { Incoming::Binary(message) }));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A masked frame (mask 0) of less than 126 bytes.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        [&[first, 0x80 | payload.len() as u8, 0, 0, 0, 0], payload].concat()
    }

    /// What comes of a stream that is cut into chunks of that many bytes.
    fn read(stream: &[u8], chunk: usize) -> Result<Vec<Incoming>, String> {
        let mut frames = Frames::new(8);
        let mut all = Vec::new();
        for bytes in stream.chunks(chunk) {
            frames.feed(Bytes::copy_from_slice(bytes)).map_err(|error| error.to_string())?;
            while let Some(incoming) = frames.next().map_err(|error| error.to_string())? {
                all.push(incoming);
            }
        }
        Ok(all)
    }

    #[test]
    fn messages_come_whole_however_they_were_cut() {
        let stream = [
            frame(0x82, b"one"),
            frame(0x02, b"t"),
            frame(0x89, b"alive?"),
            frame(0x00, b"w"),
            frame(0x80, b"o"),
            frame(0x81, b"text"),
            frame(0x8a, b""),
            frame(0x01, b"te"),
            frame(0x80, b"xt"),
            frame(0x88, &1001_u16.to_be_bytes()),
        ];
        let expected = [
            Incoming::Binary(Bytes::from_static(b"one")),
            Incoming::Ping(Bytes::from_static(b"alive?")),
            Incoming::Binary(Bytes::from_static(b"two")),
            Incoming::Text,
            Incoming::Pong,
            Incoming::Text,
            Incoming::Close(Some(1001)),
        ];
        for chunk in [1, 2, 7, 1_000] {
            assert_eq!(read(&stream.concat(), chunk).as_deref(), Ok(&expected[..]), "chunks of {chunk}");
        }
    }

    #[test]
    fn what_breaks_the_rules_says_which() {
        assert_eq!(read(&frame(0x82, b"too much."), 1_000), Err(FrameError::TooLarge(8).to_string()));
        assert_eq!(read(&frame(0x80, b"lost"), 1_000), Err(FrameError::BadContinuation.to_string()));
        let summed = [frame(0x02, b"five5"), frame(0x80, b"four")].concat();
        assert_eq!(read(&summed, 1_000), Err(FrameError::TooLarge(8).to_string()));
        assert!(read(&frame(0x83, b"?"), 1_000).is_err(), "an opcode that nobody knows");
    }
}
