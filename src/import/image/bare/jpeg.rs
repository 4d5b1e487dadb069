//! ITU-T T.81, B.1 and B.2: segments, each with its kind and length, and scans of pixels between them.

use super::{Broken, Left, Sieve, be};

/// Behind the end there may be more: other pictures of the same moment, films, a maker's notes. All of that is left out.
pub fn bare(bytes: &[u8]) -> Result<Left, Broken> {
    let mut sieve = Sieve::new(bytes);
    sieve.keep(2);
    let mut is_scan = false;
    loop {
        let gap = next_marker(sieve.rest()).unwrap_or(sieve.rest().len());
        match is_scan {
            true => sieve.keep(gap),
            // Decoders skip what stands between segments.
            false => sieve.leave(gap),
        }
        let &[0xff, kind, ref content @ ..] = sieve.rest() else { return sieve.end() };
        if is_scan && matches!(kind, 0xd0..=0xd7) {
            // Scans are counted by these.
            sieve.keep(2);
            continue;
        }
        // Any other ends a scan: were it left out in the midst of one, bytes that stood apart could become a marker.
        is_scan = false;
        match kind {
            // Of no meaning here.
            0x01 | 0xd0..=0xd7 => {
                sieve.leave(2);
                continue;
            }
            0xd9 => {
                sieve.keep(2);
                return sieve.end();
            }
            _ => {}
        }
        let length = content.get(..2).map_or(0, |length| be(length) as usize);
        let Some(segment) = content.get(2..length) else { return sieve.end() };
        match kind {
            0xda => {
                is_scan = true;
                sieve.keep_pixels(2 + length);
            }
            // Frames, tables, and what else the pixels are read with.
            0xc0..=0xc7 | 0xc9..=0xcf | 0xdb..=0xdf => sieve.keep(2 + length),
            0xe0 if segment.starts_with(b"JFIF\0") => keep_jfif(&mut sieve, length, segment),
            0xe2 if segment.starts_with(b"ICC_PROFILE\0") => sieve.keep(2 + length),
            // Which colours the components are.
            0xee if segment.starts_with(b"Adobe") => sieve.keep(2 + length),
            0xe1 if segment.starts_with(b"Exif\0\0") => {
                let segment_of = |tiff: &[u8]| [b"\xff\xe1\0\x22Exif\0\0", tiff].concat();
                sieve.leave_exif(2 + length, &segment[6..], segment_of);
            }
            0xe0..=0xef | 0xfe => sieve.leave(2 + length),
            _ => return sieve.end(),
        }
    }
}

/// How far it is to the next marker: not a zero, which stands behind each 0xff that is a part of pixels, nor a byte that fills.
fn next_marker(bytes: &[u8]) -> Option<usize> {
    bytes.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xff))
}

/// JFIF 1.02: its last two numbers are the size of a smaller picture, which follows them.
fn keep_jfif(sieve: &mut Sieve<'_>, length: usize, segment: &[u8]) {
    match segment.len() {
        ..=14 => sieve.keep(2 + length),
        _ => {
            sieve.leave(2 + length);
            sieve.put(&[b"\xff\xe0\0\x10", &segment[..12], b"\0\0"].concat());
        }
    }
}
