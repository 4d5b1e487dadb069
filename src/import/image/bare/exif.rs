//! Which side of an image is up, in Exif 2.32, 4.6: the header of a TIFF and a directory with one entry for each thing that is said.

use super::{be, le};

/// The entry of the orientation.
const ORIENTATION: u32 = 0x0112;

/// Which corner the first pixel belongs into, from 1 to 8.
pub fn orientation(tiff: &[u8]) -> Option<u8> {
    let number: fn(&[u8]) -> u32 = match tiff.get(..4)? {
        b"II*\0" => le,
        b"MM\0*" => be,
        _ => return None,
    };
    let directory = tiff.get(number(tiff.get(4..8)?) as usize..)?;
    let (count, entries) = directory.split_at_checked(2)?;
    let mut entries = entries.chunks_exact(12).take(number(count) as usize);
    let entry = entries.find(|entry| number(&entry[..2]) == ORIENTATION)?;
    u8::try_from(number(&entry[8..10])).ok().filter(|orientation| matches!(orientation, 1..=8))
}

/// Exif that says this and nothing else.
pub fn minimal(orientation: u8) -> [u8; 26] {
    let mut tiff = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    tiff[19] = orientation;
    tiff
}

/// Exif that says nothing.
pub const EMPTY: &[u8; 14] = b"MM\0*\0\0\0\x08\0\0\0\0\0\0";
