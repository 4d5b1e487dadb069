use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;

/// The same seven by five pixels, as other programs write them.
const SAMPLES: [(&[u8], ImageFormat); 9] = [
    (include_bytes!("../../../tests/fixtures/images/red.png"), ImageFormat::Png),
    (include_bytes!("../../../tests/fixtures/images/red.gif"), ImageFormat::Gif),
    (include_bytes!("../../../tests/fixtures/images/red.jpg"), ImageFormat::Jpeg),
    (include_bytes!("../../../tests/fixtures/images/lossy.webp"), ImageFormat::WebP),
    (include_bytes!("../../../tests/fixtures/images/lossless.webp"), ImageFormat::WebP),
    (include_bytes!("../../../tests/fixtures/images/clear.webp"), ImageFormat::WebP),
    (include_bytes!("../../../tests/fixtures/images/red.avif"), ImageFormat::Avif),
    (include_bytes!("../../../tests/fixtures/images/clear.avif"), ImageFormat::Avif),
    (SIDEWAYS, ImageFormat::Jpeg),
];

/// The same, from a camera that was held upright.
const SIDEWAYS: &[u8] = include_bytes!("../../../tests/fixtures/images/sideways.jpg");

#[test]
fn an_image_is_what_its_bytes_say() {
    for (bytes, format) in SAMPLES {
        let found = image(bytes).expect("an image");
        let size = if bytes == SIDEWAYS { (5, 7) } else { (7, 5) };
        assert_eq!((found.name.format(), found.size), (format, Some(size)), "{}", found.name);
        assert!(found.name.is_of(bytes));
    }
}

#[test]
fn whatever_else_it_is_is_told() {
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    let others: [(&[u8], &str); 12] = [
        (b"", "an empty file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "an SVG image"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a comment -->\n<SVG/>", "an SVG image"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "a text file"),
        (b"BM\x36\0", "a BMP image"),
        (b"II*\0\x08\0\0\0", "a TIFF image"),
        (b"%PDF-1.7", "a PDF file"),
        (heic, "a HEIC image"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "this file"),
        (b"\x89PNG\n", "this file"),
        (b"GIF88a\x01\0\x01\0", "this file"),
        // Only the first box counts.
        (b"\0\0\0\x08free\0\0\0\x14ftypavif\0\0\0\0avif", "this file"),
    ];
    for (bytes, seems) in others {
        assert_eq!(image(bytes), Err(ImportError::Image(seems)));
    }
    let told = ImportError::Image("an SVG image").to_string();
    assert!(told.starts_with("an SVG image cannot be kept") && told.contains("WebP"), "{told}");
}

#[test]
fn a_brand_may_stand_behind_others() {
    let later = b"\0\0\0\x1cftypmif1\0\0\0\0mif1miafavif";
    assert_eq!(image(later).expect("an image").name.format(), ImageFormat::Avif);
    // Its version is no brand.
    let version = b"\0\0\0\x14ftypmp42avifmp42";
    assert!(image(version).is_err());
}

/// A header that ends anywhere, or says anything, costs the size and nothing else.
#[test]
fn a_broken_header_says_nothing() {
    for (bytes, format) in SAMPLES {
        for end in 0..bytes.len() {
            if let Ok(found) = image(&bytes[..end]) {
                assert_eq!(found.name.format(), format);
                assert!(found.size.is_none_or(|size| matches!(size, (7, 5) | (5, 7))), "up to {end}");
            }
        }
    }
    assert_eq!(image(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\0\0\0\0\x05").expect("an image").size, None);
    assert_eq!(image(b"\xff\xd8\xff\xe0\0\0\xff\xc0").expect("an image").size, None);
    assert_eq!(image(&[&b"\xff\xd8"[..], &[0xff; 100_000]].concat()).expect("an image").size, None);
    // A directory that points to itself, to the end and beyond it.
    for at in [0, 8, 1_000, u32::MAX] {
        let exif = [&b"\xff\xd8\xff\xe1\0\x10Exif\0\0II*\0"[..], &at.to_le_bytes(), &[0xff, 0xd9]].concat();
        assert_eq!(image(&exif).expect("an image").size, None, "{at}");
    }
}

#[test]
fn no_bytes_make_it_stumble() {
    let seed = rand::random();
    println!("seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    for _ in 0..20_000 {
        let mut bytes = SAMPLES[rng.random_range(0..SAMPLES.len())].0.to_vec();
        for _ in 0..rng.random_range(1..8) {
            let at = rng.random_range(0..bytes.len());
            bytes[at] = if rng.random_bool(0.3) { 0xff } else { rng.random() };
        }
        bytes.truncate(rng.random_range(0..=bytes.len()));
        let _ = image(&bytes);
    }
}
