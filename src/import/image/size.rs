//! How large an image is, before anybody turns it, by what its beginning says. Nothing is decoded, nothing is trusted, and no byte is
//! looked at again and again: whatever is odd about a header, the answer is `None`.

use super::bare::{be, le};
use super::boxes::boxes;
use crate::ids::ImageFormat;

/// Width and height in pixels.
pub fn of(bytes: &[u8], format: ImageFormat) -> Option<(u32, u32)> {
    let (width, height) = match format {
        ImageFormat::Png => png(bytes),
        ImageFormat::Jpeg => jpeg(bytes),
        ImageFormat::Gif => Some((le(bytes.get(6..8)?), le(bytes.get(8..10)?))),
        ImageFormat::WebP => webp(bytes),
        ImageFormat::Avif => avif(bytes),
    }?;
    (width > 0 && height > 0).then_some((width, height))
}

/// PNG, third edition, 11.2.1: the first chunk is the header.
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = bytes.get(12..24)?.strip_prefix(b"IHDR")?;
    Some((be(&header[..4]), be(&header[4..])))
}

/// ITU-T T.81, B.2: segments, each with its length, until a frame begins.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut rest = bytes.get(2..)?;
    loop {
        let &[0xff, kind, ..] = rest else { return None };
        match kind {
            // A byte that fills, and kinds without a length.
            0xff => rest = &rest[1..],
            0x01 | 0xd0..=0xd7 => rest = &rest[2..],
            // The end, or the pixels themselves: there was no frame.
            0xd8..=0xda => return None,
            _ => {
                let length = be(rest.get(2..4)?) as usize;
                let segment = rest.get(4..2 + length)?;
                // All of these are frames but three.
                if matches!(kind, 0xc0..=0xcf) && !matches!(kind, 0xc4 | 0xc8 | 0xcc) {
                    return Some((be(segment.get(3..5)?), be(segment.get(1..3)?)));
                }
                rest = &rest[2 + length..];
            }
        }
    }
}

/// RFC 9649, 2.5 to 2.7: the first chunk is one of three, each with its own way to say it.
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    let (kind, chunk) = (bytes.get(12..16)?, bytes.get(20..)?);
    match kind {
        b"VP8 " => {
            let size = chunk.get(3..10)?.strip_prefix(b"\x9d\x01\x2a")?;
            Some((le(&size[..2]) & 0x3fff, le(&size[2..]) & 0x3fff))
        }
        b"VP8L" => {
            let bits = le(chunk.get(..5)?.strip_prefix(b"\x2f")?);
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        b"VP8X" => Some((le(chunk.get(4..7)?) + 1, le(chunk.get(7..10)?) + 1)),
        _ => None,
    }
}

/// ISO/IEC 23008-12, 6.5.3: `ispe` says it of the image, and others of parts of it, of its transparency and of thumbnails, none of which
/// is larger.
fn avif(bytes: &[u8]) -> Option<(u32, u32)> {
    let (_, meta) = boxes(bytes).find(|(kind, _)| *kind == *b"meta")?;
    let (_, properties) = boxes(meta.get(4..)?).find(|(kind, _)| *kind == *b"iprp")?;
    let (_, container) = boxes(properties).find(|(kind, _)| *kind == *b"ipco")?;
    let extents = boxes(container).filter(|(kind, _)| *kind == *b"ispe");
    let sizes = extents.filter_map(|(_, content)| {
        let (words, _) = content.as_chunks::<4>();
        let &[_, width, height, ..] = words else { return None };
        Some((u32::from_be_bytes(width), u32::from_be_bytes(height)))
    });
    sizes.max_by_key(|&(width, height)| u64::from(width) * u64::from(height))
}
