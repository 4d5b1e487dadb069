//! What an uploaded image is, by its first bytes and by nothing that anybody says of it, and what is kept of it.

mod bare;
mod boxes;
mod size;

use bytes::Bytes;

use self::bare::{Broken, bare};
use super::ImportError;
use crate::ids::{ImageFormat, ImageName};

/// An image that can be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub name: ImageName,
    /// Width and height in pixels as it is shown. `None` when its beginning does not say.
    pub size: Option<(u32, u32)>,
    /// What it is named after: its pixels, and nothing of what a camera or a program wrote beside them.
    pub bytes: Bytes,
}

/// Take an image in. It is not decoded: whether all of it can be shown is for browsers to find out, which are made for that.
pub fn image(bytes: Bytes) -> Result<Image, ImportError> {
    let format = format(&bytes).ok_or_else(|| ImportError::Image(seems(&bytes)))?;
    let left = bare(&bytes, format).map_err(|Broken(at)| ImportError::BrokenImage { at })?;
    let bytes = left.bytes.map_or(bytes, Bytes::from);
    // What is written over may be anything, in a file that was made for it.
    if self::format(&bytes) != Some(format) {
        return Err(ImportError::BrokenImage { at: 0 });
    }
    // Browsers turn these, and no others.
    let is_on_its_side = left.orientation >= 5 && matches!(format, ImageFormat::Jpeg | ImageFormat::Png);
    let size = size::of(&bytes, format);
    let size = size.map(|(width, height)| if is_on_its_side { (height, width) } else { (width, height) });
    Ok(Image { name: ImageName::of(&bytes, format), size, bytes })
}

fn format(bytes: &[u8]) -> Option<ImageFormat> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(ImageFormat::Png),
        [0xff, 0xd8, 0xff, ..] => Some(ImageFormat::Jpeg),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(ImageFormat::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(ImageFormat::WebP),
        _ => brands(bytes).any(|brand| matches!(brand, b"avif" | b"avis")).then_some(ImageFormat::Avif),
    }
}

/// What a file of the family of AVIF says it can be read as: the first of its boxes lists that.
fn brands(bytes: &[u8]) -> impl Iterator<Item = &[u8; 4]> {
    let first = boxes::boxes(bytes).next().filter(|(kind, _)| kind == b"ftyp");
    let words = first.map_or(&[][..], |(_, content)| content.as_chunks::<4>().0);
    // The second word is a version.
    words.iter().enumerate().filter(|(place, _)| *place != 1).map(|(_, word)| word)
}

/// What a file seems to be that is no image of ours, for whoever tried to add it.
fn seems(bytes: &[u8]) -> &'static str {
    let start = bytes[..bytes.len().min(1024)].trim_ascii_start();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let has = |word: &[u8]| start.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word));
    let is_heic = brands(bytes).any(|brand| matches!(brand, b"heic" | b"heix" | b"hevc" | b"mif1"));
    match start {
        [] => "an empty file",
        [b'<', ..] if has(b"<svg") => "an SVG image",
        [b'<', ..] => "a text file",
        [b'B', b'M', ..] => "a BMP image",
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => "a TIFF image",
        [b'%', b'P', b'D', b'F', ..] => "a PDF file",
        _ if is_heic => "a HEIC image",
        _ => "this file",
    }
}

#[cfg(test)]
mod tests;
