//! Frames as a server writes them (RFC 6455, section 5.2): never masked, never in parts.
//!
//! A frame is made once and shared by all who get it: nobody's copy differs from anybody else's.

use bytes::{BufMut, Bytes, BytesMut};

use super::close::Close;

const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

/// Messages up to this size are copied behind their header, for they then leave in one piece; larger ones stay where they are.
const COPIED_BYTES: usize = 4 * 1024;

/// Longest payload of a control frame.
const CONTROL_BYTES: usize = 125;

/// A message in its frame. Clones share it.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The header of a large message; empty where it stands in `body`.
    pub(crate) head: Bytes,
    pub(crate) body: Bytes,
}

impl Frame {
    /// A binary message.
    pub fn binary(message: Bytes) -> Frame {
        Frame::binary_of(&[], message)
    }

    /// A binary message whose beginning stands apart.
    pub fn binary_of(beginning: &[u8], rest: Bytes) -> Frame {
        let copied = rest.len() <= COPIED_BYTES;
        let room = 10 + beginning.len() + if copied { rest.len() } else { 0 };
        let mut head = BytesMut::with_capacity(room);
        put_header(&mut head, BINARY, beginning.len() + rest.len());
        head.put_slice(beginning);
        if copied {
            head.put_slice(&rest);
            return Frame { head: Bytes::new(), body: head.freeze() };
        }
        Frame { head: head.freeze(), body: rest }
    }

    /// Bytes on the wire.
    pub fn size(&self) -> usize {
        self.head.len() + self.body.len()
    }
}

/// "Are you there?"
pub fn ping() -> Bytes {
    Bytes::from_static(&[PING, 0])
}

/// The answer to a client's ping, with its payload.
pub fn pong(token: &[u8]) -> Bytes {
    control(PONG, &token[..token.len().min(CONTROL_BYTES)])
}

/// The last frame: with a reason when the server ends it, without one as the answer to a client's goodbye. `cowrite`: whether the client
/// knows our own close codes.
pub fn close(close: Option<&Close>, cowrite: bool) -> Bytes {
    let mut payload = Vec::new();
    if let Some(close) = close {
        payload.put_u16(close.code.number(cowrite));
        payload.put_slice(close.reason.as_bytes());
    }
    control(CLOSE, &payload)
}

fn control(opcode: u8, payload: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(2 + payload.len());
    put_header(&mut frame, opcode, payload.len());
    frame.put_slice(payload);
    frame.freeze()
}

/// `first`: the opcode with the bit that says that nothing follows.
fn put_header(out: &mut BytesMut, first: u8, length: usize) {
    out.put_u8(first);
    match length {
        0..=125 => out.put_u8(length as u8),
        126..=0xffff => {
            out.put_u8(126);
            out.put_u16(length as u16);
        }
        _ => {
            out.put_u8(127);
            out.put_u64(length as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::CloseCode;

    /// The header of a message of that length, and what follows it.
    fn header(length: usize) -> (Vec<u8>, usize) {
        let frame = Frame::binary(Bytes::from(vec![7; length]));
        let all = [frame.head.clone(), frame.body.clone()].concat();
        assert_eq!(all.len(), frame.size());
        let split = all.len() - length;
        assert!(all[split..].iter().all(|&byte| byte == 7));
        (all[..split].to_vec(), frame.body.len())
    }

    #[test]
    fn a_length_takes_as_few_bytes_as_it_can() {
        assert_eq!(header(0).0, [0x82, 0]);
        assert_eq!(header(125).0, [0x82, 125]);
        assert_eq!(header(126).0, [0x82, 126, 0, 126]);
        assert_eq!(header(0xffff).0, [0x82, 126, 0xff, 0xff]);
        assert_eq!(header(0x1_0000).0, [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn a_large_message_is_not_copied() {
        let message = Bytes::from(vec![7; COPIED_BYTES + 1]);
        assert_eq!(Frame::binary(message.clone()).body.as_ptr(), message.as_ptr());
    }

    #[test]
    fn a_message_in_two_parts_is_one_message() {
        for length in [3, COPIED_BYTES, COPIED_BYTES + 1] {
            let rest = Bytes::from(vec![7; length]);
            let (apart, whole) = (Frame::binary_of(b"head", rest.clone()), [b"head", &rest[..]].concat());
            let bytes = |frame: &Frame| [frame.head.clone(), frame.body.clone()].concat();
            assert_eq!(bytes(&apart), bytes(&Frame::binary(whole.into())));
        }
    }

    #[test]
    fn a_close_frame_says_why() {
        let full = Close::new(CloseCode::Resync, "é".repeat(100));
        assert_eq!(close(Some(&full), true)[..4], [0x88, 124, 0x11, 0x38]);
        assert_eq!(close(Some(&full), false)[2..4], 1013_u16.to_be_bytes());
        assert_eq!(close(None, true)[..], [0x88, 0]);
    }

    #[test]
    fn a_pong_is_never_longer_than_a_control_frame() {
        assert_eq!(pong(b"hi")[..], [0x8a, 2, b'h', b'i']);
        assert_eq!(pong(&[0; 126]).len(), 2 + 125);
    }
}
