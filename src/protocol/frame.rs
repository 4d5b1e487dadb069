//! Watches WebSocket frame headers go by, so that a frame is refused by what it declares and not after it has arrived.
//!
//! actix-ws checks its limit only once a whole frame is in memory; a peer that declares 8 GiB would be believed. The
//! gate sees the raw bytes first (RFC 6455, section 5.2) and keeps nothing of them.

/// What a client's bytes may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("a message is larger than the limit of {0} bytes")]
    TooLarge(usize),
    #[error("a frame from a client is not masked")]
    NotMasked,
    #[error("a frame uses reserved bits")]
    Reserved,
    #[error("a control frame is fragmented or longer than 125 bytes")]
    BadControl,
    #[error("continuation frames are out of order")]
    BadContinuation,
}

/// Follows one client's byte stream from frame header to frame header.
#[derive(Debug)]
pub struct Gate {
    limit: usize,
    /// Header bytes of a frame whose header is not complete.
    header: [u8; 14],
    header_len: usize,
    /// Payload bytes of the present frame that are still to come.
    payload_left: u64,
    /// Bytes of the present message in earlier frames; `None` between messages.
    message: Option<u64>,
}

impl Gate {
    /// `limit`: the largest message, in bytes, summed over its continuation frames.
    pub fn new(limit: usize) -> Gate {
        Gate { limit, header: [0; 14], header_len: 0, payload_left: 0, message: None }
    }

    /// Look at the next bytes of the stream. After an error the stream is not to be read on.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<(), FrameError> {
        while !bytes.is_empty() {
            if self.payload_left > 0 {
                let skipped = self.payload_left.min(bytes.len() as u64);
                self.payload_left -= skipped;
                bytes = &bytes[skipped as usize..];
                continue;
            }
            self.header[self.header_len] = bytes[0];
            self.header_len += 1;
            bytes = &bytes[1..];
            if self.header_len >= 2 && self.header_len == header_length(self.header[1]) {
                self.enter_frame()?;
                self.header_len = 0;
            }
        }
        Ok(())
    }

    fn enter_frame(&mut self) -> Result<(), FrameError> {
        let (first, second) = (self.header[0], self.header[1]);
        let (last, opcode) = (first & 0x80 != 0, first & 0x0f);
        if first & 0x70 != 0 {
            return Err(FrameError::Reserved);
        }
        if second & 0x80 == 0 {
            return Err(FrameError::NotMasked);
        }
        let length = match second & 0x7f {
            126 => u64::from(u16::from_be_bytes([self.header[2], self.header[3]])),
            127 => u64::from_be_bytes(self.header[2..10].try_into().expect("eight bytes are eight bytes")),
            short => u64::from(short),
        };
        if opcode >= 8 {
            if !last || length > 125 {
                return Err(FrameError::BadControl);
            }
        } else {
            let before = match (opcode, self.message) {
                (0, Some(before)) => before,
                (1 | 2, None) => 0,
                _ => return Err(FrameError::BadContinuation),
            };
            let total = before.saturating_add(length);
            if total > self.limit as u64 {
                return Err(FrameError::TooLarge(self.limit));
            }
            self.message = (!last).then_some(total);
        }
        self.payload_left = length;
        Ok(())
    }
}

/// Bytes of a header whose second byte is known: with the extended length and the mask.
fn header_length(second: u8) -> usize {
    let extended = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let mask = if second & 0x80 != 0 { 4 } else { 0 };
    2 + extended + mask
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A masked frame header (mask 0) and, unless `declared` is larger, its payload.
    fn frame(first: u8, declared: u64, sent: usize) -> Vec<u8> {
        let mut bytes = vec![first];
        match declared {
            0..=125 => bytes.push(0x80 | declared as u8),
            126..=0xffff => {
                bytes.push(0x80 | 126);
                bytes.extend((declared as u16).to_be_bytes());
            }
            _ => {
                bytes.push(0x80 | 127);
                bytes.extend(declared.to_be_bytes());
            }
        }
        bytes.extend([0; 4]);
        bytes.resize(bytes.len() + sent, b'x');
        bytes
    }

    /// However the network cuts the stream, the verdict is the same.
    fn feed(stream: &[u8]) -> Result<(), FrameError> {
        let whole = Gate::new(1000).feed(stream);
        let mut gate = Gate::new(1000);
        assert_eq!(stream.iter().try_for_each(|byte| gate.feed(&[*byte])), whole);
        whole
    }

    #[test]
    fn ordinary_frames_pass() {
        let stream = [frame(0x82, 5, 5), frame(0x89, 0, 0), frame(0x82, 1000, 1000), frame(0x88, 2, 2)];
        assert_eq!(feed(&stream.concat()), Ok(()));
    }

    #[test]
    fn a_declared_giant_is_refused_at_its_header() {
        assert_eq!(feed(&frame(0x82, 8 << 30, 0)), Err(FrameError::TooLarge(1000)));
        assert_eq!(feed(&frame(0x82, 1001, 0)), Err(FrameError::TooLarge(1000)));
    }

    #[test]
    fn continuation_frames_are_summed() {
        let good = [frame(0x02, 500, 500), frame(0x89, 3, 3), frame(0x80, 500, 500), frame(0x82, 900, 900)];
        assert_eq!(feed(&good.concat()), Ok(()));
        let bad = [frame(0x02, 500, 500), frame(0x80, 501, 0)];
        assert_eq!(feed(&bad.concat()), Err(FrameError::TooLarge(1000)));
    }

    #[test]
    fn broken_framing_is_refused() {
        assert_eq!(feed(&[0x82, 0x05]), Err(FrameError::NotMasked));
        assert_eq!(feed(&frame(0xc2, 5, 5)), Err(FrameError::Reserved));
        assert_eq!(feed(&frame(0x89, 126, 0)), Err(FrameError::BadControl));
        assert_eq!(feed(&frame(0x09, 1, 1)), Err(FrameError::BadControl));
        assert_eq!(feed(&frame(0x80, 1, 1)), Err(FrameError::BadContinuation));
        assert_eq!(feed(&frame(0x83, 1, 1)), Err(FrameError::BadContinuation));
    }
}
