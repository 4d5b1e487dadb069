//! RFC 9649, 2.3 to 2.7: chunks of a RIFF file, each with its kind and length, of which the first may say which others there are.

use super::{Broken, Left, Sieve, le, orientation};

/// Flags of the first chunk: that there is Exif, and XMP.
const EXIF: u8 = 0x08;
const XMP: u8 = 0x04;

/// The header of the file, and of a chunk.
const FILE: usize = 12;
const CHUNK: usize = 8;

pub fn bare(bytes: &[u8]) -> Result<Left, Broken> {
    let mut sieve = Sieve::new(bytes);
    let size = le(bytes.get(4..8).ok_or(Broken(0))?);
    // What stands behind it belongs to nothing.
    let end = (size as usize).saturating_add(8 + (size as usize & 1)).min(bytes.len());
    sieve.keep(FILE);
    while let Some(chunk) = Chunk::first(&bytes[..end], sieve.at) {
        let is_first = sieve.at == FILE;
        match (chunk.kind, chunk.content) {
            (b"VP8X", Some(&[flags, ..])) if is_first && flags & (EXIF | XMP) != 0 => {
                let flags = flags & !(EXIF | XMP) | if is_turned(&bytes[..end]) { EXIF } else { 0 };
                let rest = &bytes[sieve.at + CHUNK + 1..][..chunk.whole - CHUNK - 1];
                let header = &sieve.rest()[..CHUNK];
                sieve.leave(chunk.whole);
                sieve.put(&[header, &[flags], rest].concat());
            }
            (b"VP8X", Some(_)) if is_first => sieve.keep(chunk.whole),
            (b"ICCP" | b"ANIM" | b"ALPH", Some(_)) => sieve.keep(chunk.whole),
            // The only ones that may be cut off: as much is shown as there is.
            (b"VP8 " | b"VP8L" | b"ANMF", _) => sieve.keep_pixels(chunk.whole),
            (b"EXIF", Some(content)) => sieve.leave_exif(chunk.whole, tiff(content), |tiff| {
                [b"EXIF", &(tiff.len() as u32).to_le_bytes()[..], tiff].concat()
            }),
            (_, Some(_)) => sieve.leave(chunk.whole),
            (_, None) => break,
        }
    }
    let mut left = sieve.end()?;
    let Some(out) = &mut left.bytes else { return Ok(left) };
    // A file that was cut off says of itself that it is longer, and goes on to say so.
    let size = (size as usize).saturating_add(out.len()).saturating_sub(end);
    out[4..8].copy_from_slice(&u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes());
    Ok(left)
}

struct Chunk<'a> {
    kind: &'a [u8; 4],
    /// `None` if it is cut off.
    content: Option<&'a [u8]>,
    /// How many bytes it takes, with the one that fills.
    whole: usize,
}

impl<'a> Chunk<'a> {
    fn first(file: &'a [u8], at: usize) -> Option<Chunk<'a>> {
        let chunk = file.get(at..)?;
        let (header, rest) = chunk.split_first_chunk::<CHUNK>()?;
        let (kind, length) = header.split_first_chunk()?;
        let length = le(length) as usize;
        let whole = length.saturating_add(CHUNK + (length & 1)).min(chunk.len());
        Some(Chunk { kind, content: rest.get(..length), whole })
    }
}

/// Whether Exif will be left, which says that another side is up than usual.
fn is_turned(file: &[u8]) -> bool {
    let mut at = FILE;
    let chunks = std::iter::from_fn(|| {
        let chunk = Chunk::first(file, at)?;
        at += chunk.whole;
        Some(chunk)
    });
    let mut told = chunks.filter(|chunk| chunk.kind == b"EXIF");
    told.find_map(|chunk| orientation(tiff(chunk.content?))).is_some_and(|orientation| orientation != 1)
}

/// Some programs write the words before it that belong into a JPEG.
fn tiff(content: &[u8]) -> &[u8] {
    content.strip_prefix(b"Exif\0\0").unwrap_or(content)
}
