//! WebSocket frames (RFC 6455), as thin as they come: no extensions, no continuation frames, which none of these servers sends.

/// What a client's bytes are masked with. Always the same, so that frames can be made before the clock starts; never zero,
/// because a server may skip the work of unmasking then.
const MASK: [u8; 4] = [0x37, 0xa1, 0x5c, 0xe9];

const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;

/// The kinds of frame that occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opcode {
    Binary,
    Close,
    Ping,
    Pong,
    /// Text, a continuation, or nonsense.
    Other(u8),
}

impl Opcode {
    fn number(self) -> u8 {
        match self {
            Opcode::Binary => 2,
            Opcode::Close => 8,
            Opcode::Ping => 9,
            Opcode::Pong => 10,
            Opcode::Other(number) => number,
        }
    }

    fn of(first: u8) -> Opcode {
        match (first & FINAL, first & 0x0f) {
            (FINAL, 2) => Opcode::Binary,
            (FINAL, 8) => Opcode::Close,
            (FINAL, 9) => Opcode::Ping,
            (FINAL, 10) => Opcode::Pong,
            _ => Opcode::Other(first),
        }
    }
}

/// Append a frame as a client sends it: masked.
pub fn put_masked(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8]) {
    put_header(out, opcode, payload.len(), MASKED);
    out.extend_from_slice(&MASK);
    out.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

/// Append a frame as a server sends it.
pub fn put_plain(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8]) {
    put_header(out, opcode, payload.len(), 0);
    out.extend_from_slice(payload);
}

fn put_header(out: &mut Vec<u8>, opcode: Opcode, length: usize, masked: u8) {
    out.push(FINAL | opcode.number());
    match length {
        0..126 => out.push(masked | length as u8),
        126..0x1_0000 => {
            out.push(masked | 126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            out.push(masked | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// The first frame in `bytes` with its payload unmasked, and the bytes it takes up. `None`: it is not whole yet.
pub fn first(bytes: &mut [u8]) -> Option<(Opcode, &[u8], usize)> {
    let (&start, &second) = (bytes.first()?, bytes.get(1)?);
    let (length, mut at) = match second & 0x7f {
        126 => (u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?) as usize, 4),
        127 => (u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize, 10),
        short => (short as usize, 2),
    };
    let mask: Option<[u8; 4]> = match second & MASKED {
        0 => None,
        _ => {
            at += 4;
            Some(bytes.get(at - 4..at)?.try_into().ok()?)
        }
    };
    let payload = bytes.get_mut(at..at.checked_add(length)?)?;
    if let Some(mask) = mask {
        payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
    }
    Some((Opcode::of(start), payload, at + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_every_length_come_back_and_only_when_whole() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload: Vec<u8> = (0..length).map(|i| i as u8).collect();
            for put in [put_masked, put_plain] {
                let mut bytes = Vec::new();
                put(&mut bytes, Opcode::Binary, &payload);
                let whole = bytes.len();
                assert!(first(&mut bytes.clone()[..whole - 1]).is_none());
                bytes.push(0x82);
                assert_eq!(first(&mut bytes), Some((Opcode::Binary, &payload[..], whole)));
            }
        }
    }
}
