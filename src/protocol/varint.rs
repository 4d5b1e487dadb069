//! lib0's variable-length integers and the byte strings built on them, read from bytes that nobody vouches for.

use bytes::{BufMut, Bytes, BytesMut};

/// The bytes end before the value does, or the value is larger than a JavaScript number holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message ends in the middle of a value or holds a number that is too large")]
pub struct Truncated;

/// Largest integer that survives a JavaScript number: 2^53 - 1.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// A position in shared bytes. What it reads shares them; nothing is copied.
#[derive(Debug, Clone)]
pub struct Reader {
    bytes: Bytes,
    at: usize,
}

impl Reader {
    pub fn new(bytes: Bytes) -> Reader {
        Reader { bytes, at: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// Bytes not read yet. No count in a well-formed message is larger.
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// An unsigned integer, seven bits a byte, low bits first.
    pub fn var_uint(&mut self) -> Result<u64, Truncated> {
        let mut value = 0u64;
        for shift in (0..56).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or(Truncated)?;
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return if value <= MAX_SAFE_INTEGER { Ok(value) } else { Err(Truncated) };
            }
        }
        Err(Truncated)
    }

    /// A length and that many bytes.
    pub fn var_bytes(&mut self) -> Result<Bytes, Truncated> {
        let length = usize::try_from(self.var_uint()?).map_err(|_| Truncated)?;
        if length > self.remaining() {
            return Err(Truncated);
        }
        let bytes = self.bytes.slice(self.at..self.at + length);
        self.at += length;
        Ok(bytes)
    }
}

/// Append an unsigned integer.
pub fn put_var_uint(out: &mut BytesMut, mut value: u64) {
    while value > 0x7f {
        out.put_u8((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.put_u8(value as u8);
}

/// Append a length and the bytes.
pub fn put_var_bytes(out: &mut BytesMut, bytes: &[u8]) {
    put_var_uint(out, bytes.len() as u64);
    out.put_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_come_back_as_they_were_written() {
        for value in [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), MAX_SAFE_INTEGER] {
            let mut out = BytesMut::new();
            put_var_uint(&mut out, value);
            assert_eq!(Reader::new(out.freeze()).var_uint(), Ok(value));
        }
    }

    #[test]
    fn short_and_endless_input_is_refused() {
        assert_eq!(Reader::new(Bytes::new()).var_uint(), Err(Truncated));
        assert_eq!(Reader::new(Bytes::from_static(&[0x80])).var_uint(), Err(Truncated));
        assert_eq!(Reader::new(Bytes::from_static(&[0xff; 64])).var_uint(), Err(Truncated));
        assert_eq!(Reader::new(Bytes::from_static(&[5, 1, 2])).var_bytes(), Err(Truncated));
    }
}
