//! An image without what was written beside its pixels: where and when it was taken, with which camera and by whom, words about it, and
//! smaller pictures of it.
//!
//! The pixels are not decoded and stay what they are, byte by byte. So does what is known to matter for how they look, such as their
//! colours; of Exif that is which side is up, and nothing else. All other parts are left out whatever they are, for no list of what tells
//! something would ever be whole. What cannot be understood is never kept: before the pixels it is a reason to refuse the image, and after
//! they have begun it is the end, so that an image which was cut off is shown as far as it goes. Every byte is looked at once.

mod avif;
mod exif;
mod gif;
mod jpeg;
mod png;
#[cfg(test)]
mod tests;
mod webp;

use self::exif::orientation;
#[cfg(test)]
pub use tests::talkative;

use crate::ids::ImageFormat;

/// The place from where on an image makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken(pub usize);

/// What is left of an image.
#[derive(Debug, PartialEq, Eq)]
pub struct Left {
    /// `None` if that is all of it.
    pub bytes: Option<Vec<u8>>,
    /// Which corner the first pixel belongs into by its Exif, from 1 (as usual) to 8. From 5 on, rows are columns.
    pub orientation: u8,
}

/// Leave out what is not the image itself.
pub fn bare(bytes: &[u8], format: ImageFormat) -> Result<Left, Broken> {
    match format {
        ImageFormat::Png => png::bare(bytes),
        ImageFormat::Jpeg => jpeg::bare(bytes),
        ImageFormat::Gif => gif::bare(bytes),
        ImageFormat::WebP => webp::bare(bytes),
        ImageFormat::Avif => avif::bare(bytes),
    }
}

/// Goes through an image once and keeps a part of it. What was kept and follows upon one another is copied in one go, and not at all
/// while nothing was left out.
struct Sieve<'a> {
    bytes: &'a [u8],
    /// What stands before this was decided on.
    at: usize,
    /// What stands from here to there is kept, and not yet copied.
    run: usize,
    out: Vec<u8>,
    has_pixels: bool,
    orientation: Option<u8>,
}

impl<'a> Sieve<'a> {
    fn new(bytes: &'a [u8]) -> Sieve<'a> {
        Sieve { bytes, at: 0, run: 0, out: Vec::new(), has_pixels: false, orientation: None }
    }

    /// What comes next.
    fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    /// Keep the next bytes, or all there are.
    fn keep(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.bytes.len());
    }

    /// Keep pixels.
    fn keep_pixels(&mut self, count: usize) {
        self.has_pixels = true;
        self.keep(count);
    }

    /// Leave the next bytes out.
    fn leave(&mut self, count: usize) {
        if count > 0 {
            self.copy();
            self.keep(count);
            self.run = self.at;
        }
    }

    /// Write something that is not there.
    fn put(&mut self, bytes: &[u8]) {
        self.copy();
        self.out.extend_from_slice(bytes);
    }

    /// Leave Exif out. If it is the first that says which side is up, and that is not the usual one, this is put in its place; `wrap` makes
    /// of it what the format has.
    fn leave_exif(&mut self, count: usize, tiff: &[u8], wrap: impl FnOnce(&[u8]) -> Vec<u8>) {
        self.leave(count);
        if self.orientation.is_none() {
            self.orientation = orientation(tiff);
            if let Some(orientation) = self.orientation.filter(|orientation| *orientation != 1) {
                self.put(&wrap(&exif::minimal(orientation)));
            }
        }
    }

    /// This was the end, or what comes next cannot be understood.
    fn end(mut self) -> Result<Left, Broken> {
        if !self.has_pixels {
            return Err(Broken(self.at));
        }
        let orientation = self.orientation.unwrap_or(1);
        if self.run == 0 && self.at == self.bytes.len() && self.out.is_empty() {
            return Ok(Left { bytes: None, orientation });
        }
        self.copy();
        Ok(Left { bytes: (self.out != self.bytes).then_some(self.out), orientation })
    }

    fn copy(&mut self) {
        self.out.extend_from_slice(&self.bytes[self.run..self.at]);
        self.run = self.at;
    }
}

/// A number of up to four bytes, the last one first.
pub fn le(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, &byte| (number << 8) | u32::from(byte))
}

/// The same, the first one first.
pub fn be(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, &byte| (number << 8) | u32::from(byte))
}
