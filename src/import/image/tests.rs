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

fn taken(bytes: &[u8]) -> Result<Image, ImportError> {
    image(Bytes::copy_from_slice(bytes))
}

#[test]
fn an_image_is_what_its_bytes_say() {
    for (bytes, format) in SAMPLES {
        let found = taken(bytes).expect("an image");
        let size = if bytes == SIDEWAYS { (5, 7) } else { (7, 5) };
        assert_eq!((found.name.format(), found.size), (format, Some(size)), "{}", found.name);
        assert!(found.name.is_of(bytes) && found.bytes == bytes, "nothing is left out");
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
        assert_eq!(taken(bytes), Err(ImportError::Image(seems)));
    }
    let told = ImportError::Image("an SVG image").to_string();
    assert!(told.starts_with("an SVG image cannot be kept") && told.contains("WebP"), "{told}");
}

#[test]
fn a_brand_may_stand_behind_others() {
    let later = b"\0\0\0\x1cftypmif1\0\0\0\0mif1miafavif";
    assert_eq!(format(later), Some(ImageFormat::Avif));
    // Its version is no brand.
    assert_eq!(format(b"\0\0\0\x14ftypmp42avifmp42"), None);
}

/// A header that ends anywhere, or says anything, costs the size and nothing else.
#[test]
fn a_broken_header_says_nothing() {
    for (bytes, format) in SAMPLES {
        for end in 0..bytes.len() {
            let size = size::of(&bytes[..end], format);
            assert!(size.is_none_or(|size| size == (7, 5)), "{format:?} up to {end}");
        }
    }
    assert_eq!(size::of(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\0\0\0\0\x05", ImageFormat::Png), None);
    let jpeg = |bytes: &[u8]| size::of(bytes, ImageFormat::Jpeg);
    assert_eq!(jpeg(b"\xff\xd8\xff\xe0\0\0\xff\xc0"), None);
    assert_eq!(jpeg(&[&b"\xff\xd8"[..], &[0xff; 100_000]].concat()), None);
}

/// As it is shown: browsers turn some formats by what Exif says, and others not.
#[test]
fn an_image_that_lies_on_its_side_has_the_size_that_is_seen() {
    for bytes in bare::talkative() {
        let found = taken(&bytes).expect("an image");
        let is_turned = matches!(found.name.format(), ImageFormat::Jpeg | ImageFormat::Png);
        let sizes = if is_turned { [(7, 5), (5, 7)] } else { [(7, 5); 2] };
        if let Some(size) = found.size {
            let turns = bare::bare(&bytes, found.name.format()).expect("an image").orientation >= 5;
            assert_eq!(size, sizes[usize::from(turns)], "{}", found.name);
        }
    }
}

/// Images of all formats that were cut off and changed anywhere: each is refused, or taken and then as good as new.
#[test]
fn no_bytes_make_it_stumble() {
    let seed = rand::random();
    println!("seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let samples: Vec<Vec<u8>> =
        SAMPLES.iter().map(|(bytes, _)| bytes.to_vec()).chain(bare::talkative()).collect();
    let mut taken_in = 0;
    for _ in 0..40_000 {
        let mut bytes = samples[rng.random_range(0..samples.len())].clone();
        for _ in 0..rng.random_range(0..8) {
            let at = rng.random_range(0..bytes.len());
            bytes[at] = match rng.random_range(0..4) {
                0 => 0xff,
                1 => bytes[at] ^ 1 << rng.random_range(0..8),
                _ => rng.random(),
            };
        }
        if rng.random() {
            bytes.truncate(rng.random_range(0..=bytes.len()));
        }
        let Ok(image) = taken(&bytes) else { continue };
        taken_in += 1;
        assert!(image.name.is_of(&image.bytes) && image.bytes.len() <= bytes.len() + 36);
        // Of an AVIF, what was written over may have been what says where other parts are.
        if image.name.format() != ImageFormat::Avif {
            assert_eq!(taken(&image.bytes), Ok(image), "{bytes:x?}");
        }
    }
    assert!(taken_in > 4_000, "{taken_in} were taken");
}
