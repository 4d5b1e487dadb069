//! The names of images, which follow from what is in them.

use std::fmt;

use sha2::{Digest, Sha256};

/// The formats that are kept: those that every browser shows and that are pixels only. An SVG is a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImageFormat {
    Png,
    Jpeg,
    Gif,
    WebP,
    Avif,
}

impl ImageFormat {
    pub const ALL: [ImageFormat; 5] =
        [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP, ImageFormat::Avif];

    /// The end of a file's name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            ImageFormat::Png => "png",
            ImageFormat::Jpeg => "jpg",
            ImageFormat::Gif => "gif",
            ImageFormat::WebP => "webp",
            ImageFormat::Avif => "avif",
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            ImageFormat::Png => "image/png",
            ImageFormat::Jpeg => "image/jpeg",
            ImageFormat::Gif => "image/gif",
            ImageFormat::WebP => "image/webp",
            ImageFormat::Avif => "image/avif",
        }
    }
}

/// An image of a document: the SHA-256 of its bytes in small hexadecimal digits, and its format, as in `9f86….png`. Of two names that
/// are the same, the bytes are too; a name that was read holds nothing that leads out of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageName {
    hash: [u8; 32],
    format: ImageFormat,
}

/// What stands before a name where a document's text shows the image.
const FOLDER: &str = "images/";

impl ImageName {
    /// The name of these bytes, which are of that format.
    pub fn of(bytes: &[u8], format: ImageFormat) -> ImageName {
        ImageName { hash: Sha256::digest(bytes).into(), format }
    }

    /// Read a name as it came from a URL or a folder. There is one way to write it.
    pub fn parse(text: &str) -> Option<ImageName> {
        let (hash, extension) = text.split_once('.')?;
        let format = ImageFormat::ALL.into_iter().find(|format| format.extension() == extension)?;
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let (pairs, []) = hash.as_bytes().as_chunks::<2>() else { return None };
        let bytes = pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?));
        let hash = bytes.collect::<Option<Vec<u8>>>()?.try_into().ok()?;
        Some(ImageName { hash, format })
    }

    /// The image that an address in a document's text shows, if it is one of the document's own.
    pub fn of_address(address: &str) -> Option<ImageName> {
        ImageName::parse(address.strip_prefix(FOLDER)?)
    }

    /// How a document's text shows it: `images/9f86….png`.
    pub fn address(&self) -> String {
        format!("{FOLDER}{self}")
    }

    pub fn format(&self) -> ImageFormat {
        self.format
    }

    /// The SHA-256 of the bytes, in hexadecimal.
    pub fn hash(&self) -> String {
        self.hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether these are the bytes that it names.
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        *self == ImageName::of(bytes, self.format)
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.hash(), self.format.extension())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_in_one_way() {
        let name = ImageName::of(b"abc", ImageFormat::Jpeg);
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.jpg";
        assert_eq!(name.to_string(), text);
        assert_eq!(ImageName::parse(text), Some(name));
        assert_eq!(ImageName::of_address(&name.address()), Some(name));
        assert!(name.is_of(b"abc") && !name.is_of(b"abd"));
        let hash = &text[..64];
        for bad in [
            hash.to_owned(),
            format!("{hash}.jpeg"),
            format!("{hash}.JPG"),
            format!("{hash}.svg"),
            format!("{hash}.png.png"),
            format!("{}.png", hash.to_uppercase()),
            format!("{}.png", &hash[1..]),
            format!("{hash}00.png"),
            format!("{}é.png", &hash[2..]),
            format!("../{hash}.png"),
            String::new(),
            ".png".to_owned(),
        ] {
            assert_eq!(ImageName::parse(&bad), None, "{bad}");
        }
        for foreign in [text, &format!("./images/{text}"), &format!("images//{text}"), "images/"] {
            assert_eq!(ImageName::of_address(foreign), None, "{foreign}");
        }
    }
}
