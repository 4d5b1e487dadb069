//! GIF89a, 17 to 26: a screen, and then blocks, most of which consist of smaller ones of at most 255 bytes.

use super::{Broken, Left, Sieve};

/// What programs add that says how the pixels look or move.
const KEPT: [&[u8]; 3] = [b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"];

const TRAILER: u8 = 0x3b;

pub fn bare(bytes: &[u8]) -> Result<Left, Broken> {
    let mut sieve = Sieve::new(bytes);
    let screen = bytes.get(10).map_or(0, |&flags| 13 + table(flags));
    if screen == 0 || bytes.len() < screen {
        return Err(Broken(0));
    }
    sieve.keep(screen);
    loop {
        let rest = sieve.rest();
        match *rest {
            [TRAILER, ..] if sieve.has_pixels => {
                sieve.keep(1);
                return sieve.end();
            }
            // A frame: where it is, its colours, the size of a code, and the pixels, which may be cut off.
            [0x2c, _, _, _, _, _, _, _, _, flags, ..] => {
                let before = 11 + table(flags);
                let pixels = rest.get(before..).and_then(blocks);
                sieve.keep_pixels(pixels.map_or(rest.len(), |pixels| before + pixels));
            }
            [0x21, label, ref content @ ..] => {
                let Some(length) = blocks(content) else { break };
                let is_kept = match label {
                    // How long a frame is there; words that are drawn.
                    0xf9 | 0x01 => true,
                    0xff => content[0] == 11 && KEPT.contains(&&content[1..12]),
                    _ => false,
                };
                if is_kept { sieve.keep(2 + length) } else { sieve.leave(2 + length) }
            }
            // It was cut off within its pixels.
            [] => return sieve.end(),
            _ => break,
        }
    }
    sieve.put(&[TRAILER]);
    sieve.end()
}

/// How many bytes the table of colours takes that these flags announce.
fn table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 6 << (flags & 7) }
}

/// How many bytes smaller blocks take, with the empty one at their end. `None` if that is missing.
fn blocks(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match *bytes.get(at)? {
            0 => return Some(at + 1),
            length => at += 1 + usize::from(length),
        }
    }
}
