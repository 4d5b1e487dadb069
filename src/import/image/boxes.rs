//! The boxes that a file of the family of AVIF is made of: ISO/IEC 14496-12, 4.2.

use std::ops::Range;

/// A box: where it begins, its kind, and where its content is.
pub struct Part {
    pub start: usize,
    pub kind: [u8; 4],
    pub content: Range<usize>,
}

/// The boxes in a part of a file, up to the first that is not whole.
pub fn parts(file: &[u8], within: Range<usize>) -> impl Iterator<Item = Part> {
    let mut start = within.start;
    std::iter::from_fn(move || {
        let bytes = file.get(start..within.end)?;
        let (words, _) = bytes.as_chunks::<4>();
        let [size, kind, ..] = words else { return None };
        let (header, size) = match u32::from_be_bytes(*size) {
            // To the end of the file.
            0 => (8, bytes.len()),
            1 => (16, usize::try_from(u64::from_be_bytes(*bytes.get(8..)?.first_chunk()?)).ok()?),
            size => (8, size as usize),
        };
        bytes.get(header..size)?;
        let part = Part { start, kind: *kind, content: start + header..start + size };
        start += size;
        Some(part)
    })
}

/// The same of all of these bytes: the kind of each and what is in it.
pub fn boxes(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    parts(bytes, 0..bytes.len()).map(|part| (part.kind, &bytes[part.content]))
}
