//! PNG, third edition, 5.3 and 11: chunks, each with its length, its kind and a checksum.

use super::{Broken, Left, Sieve, be};

/// Chunks that say what the pixels are, how they look, and how they move.
const KEPT: [&[u8; 4]; 19] = [
    b"IHDR", b"PLTE", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"cLLI",
    b"bKGD", b"hIST", b"pHYs", b"sPLT", b"sTER", b"oFFs", b"acTL", b"fcTL",
];

/// Length, kind and checksum.
const FRAME: usize = 12;

pub fn bare(bytes: &[u8]) -> Result<Left, Broken> {
    let mut sieve = Sieve::new(bytes);
    sieve.keep(8);
    loop {
        let rest = sieve.rest();
        let Some((length, kind)) =
            rest.split_at_checked(4).and_then(|(length, rest)| Some((be(length), rest.first_chunk()?)))
        else {
            return sieve.end();
        };
        let whole = (length as usize).saturating_add(FRAME);
        let content = rest.get(8..whole - 4).filter(|_| rest.len() >= whole);
        match (kind, content) {
            // The only ones that may be cut off: as much is shown as there is.
            (b"IDAT" | b"fdAT", _) => sieve.keep_pixels(whole),
            (b"IEND", Some(_)) if sieve.has_pixels => {
                sieve.keep(whole);
                return sieve.end();
            }
            (b"eXIf", Some(tiff)) => sieve.leave_exif(whole, tiff, |tiff| chunk(b"eXIf", tiff)),
            (kind, Some(_)) if KEPT.contains(&kind) => sieve.keep(whole),
            (kind, Some(_)) if kind.iter().all(u8::is_ascii_alphabetic) && kind != b"IEND" => {
                sieve.leave(whole)
            }
            _ => return sieve.end(),
        }
    }
}

pub(super) fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let covered = [kind, content].concat();
    [&(content.len() as u32).to_be_bytes()[..], &covered, &crc(&covered).to_be_bytes()].concat()
}

/// The checksum of annex D, for a few bytes.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 },
        )
    })
}
