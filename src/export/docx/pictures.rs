//! Pictures in the file: what Word can show, once each, and how large.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use imagesize::ImageType;

use super::super::Pictures;

/// Bytes of pictures that one file carries. Those that find no more room are described by their words.
const BYTES: usize = 64 * 1024 * 1024;

/// A side of a picture in the units of drawings, for each pixel: 96 to the inch.
const UNITS_PER_PIXEL: u64 = 9_525;

/// … and for each twentieth of a point, in which the page is measured.
const UNITS_PER_TWIP: u64 = 635;

/// As high as the page has room, in twentieths of a point.
const HEIGHT: u64 = 12_000;

/// The pictures that the document shows.
pub struct Gallery<'a> {
    source: Pictures<'a>,
    /// By address; `None` for what cannot be shown.
    known: HashMap<String, Option<Picture>>,
    files: Vec<(String, Bytes)>,
    bytes: usize,
}

#[derive(Debug, Clone)]
pub struct Picture {
    /// The name of its part, seen from the document.
    pub part: String,
    width: u64,
    height: u64,
}

impl<'a> Gallery<'a> {
    pub fn new(source: Pictures<'a>) -> Gallery<'a> {
        Gallery { source, known: HashMap::new(), files: Vec::new(), bytes: 0 }
    }

    /// The picture at an address, if it can be shown. Nothing is ever fetched from elsewhere, now or when the file is opened.
    pub fn find(&mut self, address: &str) -> Option<Picture> {
        if let Some(known) = self.known.get(address) {
            return known.clone();
        }
        let bytes = inline(address).or_else(|| (self.source)(address).map(|(_, bytes)| bytes));
        let found = bytes.and_then(|bytes| self.hang(bytes));
        self.known.insert(address.to_owned(), found.clone());
        found
    }

    fn hang(&mut self, bytes: Bytes) -> Option<Picture> {
        // What the bytes are and not what they are called: Word refuses a file in which the two differ.
        let extension = match imagesize::image_type(&bytes).ok()? {
            ImageType::Png => "png",
            ImageType::Jpeg => "jpeg",
            ImageType::Gif => "gif",
            ImageType::Webp => "webp",
            _ => return None,
        };
        let size = imagesize::blob_size(&bytes).ok()?;
        if size.width == 0 || size.height == 0 || self.bytes + bytes.len() > BYTES {
            return None;
        }
        self.bytes += bytes.len();
        let part = format!("media/picture{}.{extension}", self.files.len() + 1);
        self.files.push((part.clone(), bytes));
        Some(Picture { part, width: size.width as u64, height: size.height as u64 })
    }

    /// All that were found, by the names of their parts.
    pub fn into_files(self) -> Vec<(String, Bytes)> {
        self.files
    }
}

impl Picture {
    /// Its width and height in the units of drawings, within a column of so many twentieths of a point.
    pub fn extent(&self, room: u32) -> (u64, u64) {
        let (most_wide, most_high) = (u64::from(room) * UNITS_PER_TWIP, HEIGHT * UNITS_PER_TWIP);
        let (mut wide, mut high) = (side(self.width), side(self.height));
        if wide > most_wide {
            (wide, high) = (most_wide, high * most_wide / wide);
        }
        if high > most_high {
            (wide, high) = (wide * most_high / high, most_high);
        }
        (wide.max(1), high.max(1))
    }
}

/// A side of so many pixels. What a file says of itself may be anything; no screen has a million.
fn side(pixels: u64) -> u64 {
    pixels.min(1_000_000) * UNITS_PER_PIXEL
}

/// The bytes of a picture that its address holds.
fn inline(address: &str) -> Option<Bytes> {
    let (scheme, rest) = address.split_at_checked("data:image/".len())?;
    let (kind, data) = rest.split_once(',')?;
    let is_encoded = scheme.eq_ignore_ascii_case("data:image/") && kind.ends_with(";base64");
    is_encoded.then(|| STANDARD.decode(data).ok()).flatten().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Bytes {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
        bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
        bytes.into()
    }

    #[test]
    fn a_picture_is_there_once_and_what_is_none_is_not() {
        let source = |address: &str| match address {
            "images/a.png" => Some(("image/png", png(100, 50))),
            "images/b.png" => Some(("image/png", Bytes::from_static(b"not a picture"))),
            "images/c.png" => Some(("image/png", png(0, 7))),
            _ => None,
        };
        let mut gallery = Gallery::new(&source);
        let first = gallery.find("images/a.png").expect("a picture");
        assert_eq!((first.part.as_str(), first.extent(9_000)), ("media/picture1.png", (952_500, 476_250)));
        assert_eq!(gallery.find("images/a.png").expect("the same").part, first.part);
        for none in ["images/b.png", "images/c.png", "images/d.png", "https://example.org/a.png"] {
            assert!(gallery.find(none).is_none(), "{none}");
        }
        let data = format!("data:image/png;base64,{}", STANDARD.encode(png(3, 4)));
        assert_eq!(gallery.find(&data).expect("a picture").part, "media/picture2.png");
        for none in
            ["data:image/svg+xml;base64,PHN2Zz4=", "data:image/png;base64,?", "data:image/png,x", "data:ima"]
        {
            assert!(gallery.find(none).is_none(), "{none}");
        }
        assert_eq!(gallery.into_files().len(), 2);
    }

    #[test]
    fn a_picture_fits_the_page_and_keeps_its_shape() {
        let extent = |width, height| Picture { part: String::new(), width, height }.extent(1_000);
        assert_eq!(extent(1_000, 100), (635_000, 63_500));
        assert_eq!(extent(100, 100_000), (7_620, 7_620_000));
        assert_eq!(extent(u64::MAX, 1), (635_000, 1));
    }

    #[test]
    fn pictures_have_so_much_room() {
        let mut large = png(10, 10).to_vec();
        large.resize(BYTES - 10, 0);
        let large = Bytes::from(large);
        let source =
            |address: &str| Some(("image/png", if address == "large" { large.clone() } else { png(1, 1) }));
        let mut gallery = Gallery::new(&source);
        assert!(gallery.find("large").is_some());
        assert!(gallery.find("small").is_none(), "it found no room");
    }
}
