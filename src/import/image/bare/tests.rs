use super::*;

/// The bytes that are left; `None` if these are all.
fn bare(bytes: &[u8], format: ImageFormat) -> Result<Option<Vec<u8>>, Broken> {
    super::bare(bytes, format).map(|left| left.bytes)
}

const PNG: &[u8] = include_bytes!("../../../../tests/fixtures/images/red.png");
const JPEG: &[u8] = include_bytes!("../../../../tests/fixtures/images/red.jpg");
const SIDEWAYS: &[u8] = include_bytes!("../../../../tests/fixtures/images/sideways.jpg");
const GIF: &[u8] = include_bytes!("../../../../tests/fixtures/images/red.gif");
const LOSSY: &[u8] = include_bytes!("../../../../tests/fixtures/images/lossy.webp");
const CLEAR: &[u8] = include_bytes!("../../../../tests/fixtures/images/clear.webp");
const AVIF: &[u8] = include_bytes!("../../../../tests/fixtures/images/red.avif");

/// What must not be found in what is kept.
const SECRET: &[u8] = b"52.5163N 13.3777E";

/// Exif as a camera writes it: which side is up, where to find the place, and a place.
fn camera(orientation: u8) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value].concat()
    };
    let entries = [
        entry(0x010f, 2, SECRET.len() as u32, 50_u32.to_le_bytes()),
        entry(0x0112, 3, 1, [orientation, 0, 0, 0]),
        entry(0x8825, 4, 1, 50_u32.to_le_bytes()),
    ];
    [b"II*\0\x08\0\0\0\x03\0", &entries.concat()[..], b"\0\0\0\0", SECRET].concat()
}

/// The bytes with others put in at a place.
fn with(bytes: &[u8], at: usize, more: &[u8]) -> Vec<u8> {
    [&bytes[..at], more, &bytes[at..]].concat()
}

fn find(bytes: &[u8], word: &[u8]) -> usize {
    bytes.windows(word.len()).position(|window| window == word).expect("it is there")
}

fn has(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

/// What is kept of an image from which something has to go, once and for all.
fn kept(bytes: &[u8], format: ImageFormat) -> Vec<u8> {
    let left = bare(bytes, format).expect("it makes sense").expect("something is left out");
    assert!(!has(&left, SECRET));
    assert_eq!(bare(&left, format), Ok(None), "nothing more is to be left out");
    left
}

fn segment(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[0xff, kind], &(content.len() as u16 + 2).to_be_bytes()[..], content].concat()
}

fn told_jpeg(orientation: u8) -> Vec<u8> {
    let told = [
        segment(0xe1, &[b"Exif\0\0", &camera(orientation)[..]].concat()),
        segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat()),
        segment(0xe2, &[b"MPF\0", SECRET].concat()),
        segment(0xed, &[b"Photoshop 3.0\0", SECRET].concat()),
        segment(0xfe, SECRET),
        // What stands between segments, and bytes that fill.
        b"\0\0\xff\xff".to_vec(),
    ];
    // A second picture, with all it says.
    [with(JPEG, 20, &told.concat()), SIDEWAYS.to_vec(), SECRET.to_vec()].concat()
}

#[test]
fn of_a_jpeg_its_pixels_its_colours_and_which_side_is_up_are_left() {
    assert_eq!(kept(&told_jpeg(1), ImageFormat::Jpeg), JPEG);
    assert_eq!(kept(&told_jpeg(9), ImageFormat::Jpeg), JPEG, "there is no such side");
    for orientation in 2..=8 {
        let left = kept(&told_jpeg(orientation), ImageFormat::Jpeg);
        let tiff = minimal_in(&left, b"\xff\xe1\0\x22Exif\0\0");
        assert_eq!(
            (orientation, left.len()),
            (super::orientation(&tiff).expect("it says so"), JPEG.len() + 36)
        );
        assert_eq!([&left[..20], &left[56..]].concat(), JPEG);
    }
    assert_eq!(kept(&told_jpeg(6), ImageFormat::Jpeg), SIDEWAYS, "as another program writes it");

    // The first that says it is the one that counts.
    let twice = [1, 6].map(|side| segment(0xe1, &[b"Exif\0\0", &camera(side)[..]].concat())).concat();
    assert_eq!(kept(&with(JPEG, 20, &twice), ImageFormat::Jpeg), JPEG);

    let colours =
        [segment(0xe2, b"ICC_PROFILE\0\x01\x01profile"), segment(0xee, b"Adobe\0\x64\0\0\0\0\x01")].concat();
    let coloured = with(JPEG, 20, &colours);
    assert_eq!(bare(&coloured, ImageFormat::Jpeg), Ok(None));
    assert_eq!(kept(&with(&coloured, 20, &segment(0xfe, SECRET)), ImageFormat::Jpeg), coloured);

    // The header of a JFIF with a smaller picture in it, and what is like it and nothing else.
    let pictured =
        [&JPEG[..2], &segment(0xe0, &[&JPEG[6..18], &[1, 6], SECRET, b"!"].concat()), &JPEG[20..]].concat();
    assert_eq!(kept(&pictured, ImageFormat::Jpeg), JPEG);
    assert_eq!(
        kept(&with(JPEG, 20, &segment(0xe0, &[b"JFXX\0\x10", SECRET].concat())), ImageFormat::Jpeg),
        JPEG
    );
}

/// The Exif behind these bytes.
fn minimal_in(bytes: &[u8], before: &[u8]) -> Vec<u8> {
    let at = find(bytes, before) + before.len();
    bytes[at..at + 26].to_vec()
}

/// A directory that points to itself, to the end and beyond it, and one that is longer than it is.
#[test]
fn exif_that_makes_no_sense_says_nothing() {
    for at in [0, 8, 1_000, u32::MAX] {
        let tiff = [&b"II*\0"[..], &at.to_le_bytes(), b"\xff\xff\x12\x01"].concat();
        assert_eq!(super::orientation(&tiff), None, "{at}");
    }
    for end in 0..camera(6).len() {
        assert!(super::orientation(&camera(6)[..end]).is_none_or(|said| said == 6), "up to {end}");
    }
    let said = (0..=9).filter_map(|side| super::orientation(&camera(side)));
    assert_eq!(said.collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8]);
}

/// The scans of a progressive JPEG, with zeros behind 0xff, counters, and words between the scans.
#[test]
fn what_stands_between_scans_is_looked_at_too() {
    let scan = find(JPEG, b"\xff\xda");
    let pixels = JPEG[scan..JPEG.len() - 2].to_vec();
    let counted = [&pixels[..], b"\x12\xff\x00\x34\xff\xd0\x56\xff\xd7\xff\x00"].concat();
    let [plain, told] = [&[][..], &segment(0xe1, SECRET)].map(|told| {
        [&JPEG[..scan], &counted, told, &segment(0xc4, b"a table"), told, &pixels, b"\xff\xd9"].concat()
    });
    assert_eq!(bare(&plain, ImageFormat::Jpeg), Ok(None));
    assert_eq!(kept(&told, ImageFormat::Jpeg), plain);
    // A marker without a meaning, between two bytes that would be one.
    let end = JPEG.len() - 2;
    let left = kept(&with(JPEG, end, &[b"\xff\xff\x01\xe1\0\x13", SECRET].concat()), ImageFormat::Jpeg);
    assert_eq!(left, with(JPEG, end, b"\xff"));
}

fn told_png(orientation: u8) -> Vec<u8> {
    let words = |kind| super::png::chunk(kind, SECRET);
    let told = [
        super::png::chunk(b"eXIf", &camera(orientation)),
        words(b"tEXt"),
        words(b"zTXt"),
        words(b"iTXt"),
        super::png::chunk(b"tIME", &[7, 0xea, 5, 4, 12, 0, 0]),
        words(b"caBX"),
        words(b"prVt"),
    ];
    let told = told.concat();
    // Before the pixels, behind them, and behind the end.
    [with(&with(PNG, 65, &told), 33, &told), SECRET.to_vec()].concat()
}

#[test]
fn of_a_png_its_pixels_its_colours_and_which_side_is_up_are_left() {
    assert_eq!(kept(&told_png(1), ImageFormat::Png), PNG);
    let left = kept(&told_png(6), ImageFormat::Png);
    assert_eq!((left.len(), super::orientation(&minimal_in(&left, b"eXIf"))), (PNG.len() + 38, Some(6)));
    assert_eq!([&left[..33], &left[71..]].concat(), PNG);
    // Whoever checks finds that the checksum is right: this is what zlib makes of it.
    assert_eq!(left[67..71], flate2_crc(&left[37..67]));

    let shown = [b"gAMA", b"iCCP", b"tRNS", b"acTL"].map(|kind| super::png::chunk(kind, b"any")).concat();
    let shown = with(PNG, 33, &shown);
    assert_eq!(bare(&shown, ImageFormat::Png), Ok(None));
    assert_eq!(kept(&with(&shown, 33, &super::png::chunk(b"tEXt", SECRET)), ImageFormat::Png), shown);
}

fn flate2_crc(bytes: &[u8]) -> [u8; 4] {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum().to_be_bytes()
}

fn told_gif() -> Vec<u8> {
    let blocks = [&[SECRET.len() as u8][..], SECRET, b"\0"].concat();
    // XMP is not in blocks: it is followed by all numbers downwards, one of which leads whoever counts to the end.
    let magic: Vec<u8> = std::iter::once(1).chain((0..=255).rev()).chain([0]).collect();
    let told = [
        [b"\x21\xfe", &blocks[..]].concat(),
        [b"\x21\xff\x0bXMP DataXMP", SECRET, &magic].concat(),
        [b"\x21\xff\x0bsomethings!", &blocks[..]].concat(),
        [b"\x21\xca", &blocks[..]].concat(),
    ];
    let told = told.concat();
    let frame = find(GIF, b"\x2c\0\0\0\0\x07\0");
    [with(&with(GIF, GIF.len() - 1, &told), frame, &told), SECRET.to_vec()].concat()
}

#[test]
fn of_a_gif_its_frames_and_how_they_move_are_left() {
    assert_eq!(kept(&told_gif(), ImageFormat::Gif), GIF);
    let frame = find(GIF, b"\x2c\0\0\0\0\x07\0");
    let moving = with(GIF, frame, b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0\x21\xf9\x04\0\x0a\0\0\0");
    assert_eq!(bare(&moving, ImageFormat::Gif), Ok(None));
    assert_eq!(kept(&with(&moving, frame, b"\x21\xfe\x01!\0"), ImageFormat::Gif), moving);
    // What is no block, behind pixels: the end.
    assert_eq!(kept(&with(GIF, GIF.len() - 1, SECRET), ImageFormat::Gif), GIF);
}

fn riff(chunks: &[u8]) -> Vec<u8> {
    [b"RIFF", &(chunks.len() as u32 + 4).to_le_bytes()[..], b"WEBP", chunks].concat()
}

fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let fill = &[0][..content.len() % 2];
    [kind, &(content.len() as u32).to_le_bytes()[..], content, fill].concat()
}

fn told_webp(orientation: u8) -> Vec<u8> {
    let told =
        [chunk(b"EXIF", &camera(orientation)), chunk(b"XMP ", SECRET), chunk(b"any!", SECRET)].concat();
    let mut chunks = [&CLEAR[12..], &told].concat();
    chunks[8] |= EXIF_AND_XMP;
    [riff(&chunks), SECRET.to_vec()].concat()
}

const EXIF_AND_XMP: u8 = 0x0c;

#[test]
fn of_a_webp_its_pixels_its_colours_and_which_side_is_up_are_left() {
    assert_eq!(kept(&told_webp(1), ImageFormat::WebP), CLEAR);
    let left = kept(&told_webp(6), ImageFormat::WebP);
    assert_eq!((left[20], CLEAR[20]), (0x18, 0x10), "it says that it has Exif, and no XMP");
    assert_eq!(left[4..8], (left.len() as u32 - 8).to_le_bytes());
    assert_eq!(super::orientation(&minimal_in(&left, b"EXIF\x1a\0\0\0")), Some(6));
    assert_eq!([&CLEAR[8..20], &CLEAR[21..]].concat(), [&left[8..20], &left[21..CLEAR.len()]].concat());
    // The words that belong into a JPEG.
    let worded = [&LOSSY[12..], &chunk(b"EXIF", &[b"Exif\0\0", &camera(8)[..]].concat())].concat();
    let left = kept(&riff(&worded), ImageFormat::WebP);
    assert_eq!(super::orientation(&minimal_in(&left, b"EXIF\x1a\0\0\0")), Some(8));
    // Of the simplest kind, what may not be there at all.
    assert_eq!(kept(&riff(&[&LOSSY[12..], &chunk(b"XMP ", SECRET)].concat()), ImageFormat::WebP), LOSSY);

    // There is one header, and it comes first.
    let headers = riff(&[&CLEAR[12..], &CLEAR[12..30], SECRET].concat());
    assert_eq!(kept(&headers, ImageFormat::WebP), CLEAR);

    let coloured = riff(&[&CLEAR[12..30], &chunk(b"ICCP", b"profile"), &CLEAR[30..]].concat());
    assert_eq!(bare(&coloured, ImageFormat::WebP), Ok(None));
}

fn part(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
}

/// An AVIF with Exif in two pieces, of which the second comes first, and XMP in the `meta` box.
fn told_avif(exif: &[u8], xmp: &[u8]) -> Vec<u8> {
    let (first, second) = exif.split_at(20);
    let item = |id: u8, kind: &[u8]| part(b"infe", &[&[2, 0, 0, 0, 0, id, 0, 0], kind].concat());
    let infos =
        [item(1, b"av01Color\0"), item(2, b"Exif\0"), item(3, b"mime\0application/rdf+xml\0")].concat();
    let infos = part(b"iinf", &[&[0, 0, 0, 0, 0, 3], &infos[..]].concat());
    let number = |number: usize| (number as u32).to_be_bytes();
    let before = |data: usize| {
        // Each with a base, and then how far behind it how many bytes are. The last is in `idat`.
        let pixels = [&[0, 1, 0, 0, 0, 0], &number(data)[..], &[0, 1], &number(0), &number(6)].concat();
        let exif = [&[0, 2, 0, 0, 0, 0], &number(data + 6)[..], &[0, 2]].concat();
        let pieces =
            [number(second.len() + 7), number(first.len()), number(0), number(second.len())].concat();
        let xmp_at = [&[0, 3, 0, 1, 0, 0], &number(0)[..], &[0, 1], &number(0), &number(xmp.len())].concat();
        let places = [&[1, 0, 0, 0, 0x44, 0x40, 0, 3], &pixels[..], &exif, &pieces, &xmp_at].concat();
        let meta = [&[0; 4], &infos[..], &part(b"iloc", &places), &part(b"idat", xmp)].concat();
        [part(b"ftyp", b"avif\0\0\0\0avifmif1"), part(b"meta", &meta)].concat()
    };
    let data = part(b"mdat", &[b"pixels", second, b"between", first, b"pixels"].concat());
    [before(before(0).len() + 8), data].concat()
}

#[test]
fn in_an_avif_nothing_moves_and_what_was_said_is_written_over() {
    let said = [&[0; 4], &camera(6)[..]].concat();
    let silence = [&[0; 4], &exif::EMPTY[..], &vec![0; said.len() - 18]].concat();
    let left = kept(&told_avif(&said, SECRET), ImageFormat::Avif);
    assert_eq!(left, told_avif(&silence, &[0; SECRET.len()]));

    // On the first level, in a film and in its tracks.
    let told = [part(b"udta", SECRET), part(b"uuid", SECRET)].concat();
    let film = part(b"moov", &[part(b"mvhd", b"kept"), told.clone(), part(b"trak", &told)].concat());
    let whole = [AVIF, &film, &part(b"uuid", SECRET)].concat();
    let left = kept(&[&whole[..], SECRET].concat(), ImageFormat::Avif);
    assert_eq!((left.len(), has(&left, b"mvhdkept"), has(&left, b"udta")), (whole.len(), true, false));
    assert_eq!(left[..AVIF.len()], *AVIF);
}

/// Small files that name the same place again and again, or say that something is everything.
#[test]
fn an_avif_cannot_have_more_written_over_than_there_is() {
    let file = |extents: &[u8], sizes: u8| {
        let infos =
            part(b"iinf", &[&[0, 0, 0, 0, 0, 1][..], &part(b"infe", b"\x02\0\0\0\0\x01\0\0Exif\0")].concat());
        let places = [&[0, 0, 0, 0, sizes, 0, 0, 1, 0, 1, 0, 0][..], extents].concat();
        let meta = [&[0; 4], &infos[..], &part(b"iloc", &places)].concat();
        [part(b"ftyp", b"avif\0\0\0\0avif"), part(b"meta", &meta), part(b"mdat", &[7; 1_000])].concat()
    };
    let named = |times: u16| {
        let extents = (0..times).flat_map(|_| [200_u32, 400].map(u32::to_be_bytes).concat());
        file(&times.to_be_bytes().into_iter().chain(extents).collect::<Vec<_>>(), 0x44)
    };
    assert!(matches!(bare(&named(2), ImageFormat::Avif), Ok(Some(_))));
    assert!(bare(&named(60_000), ImageFormat::Avif).is_err());
    assert!(bare(&file(&[0xff, 0xff], 0x00), ImageFormat::Avif).is_err(), "no length is all there is");
}

#[test]
fn what_was_cut_off_is_kept_as_far_as_it_goes_once_there_are_pixels() {
    for (bytes, format, pixels) in [
        (PNG, ImageFormat::Png, find(PNG, b"IDAT") + 4),
        (JPEG, ImageFormat::Jpeg, find(JPEG, b"\xff\xda") + 14),
        (GIF, ImageFormat::Gif, find(GIF, b"\x2c\0\0\0\0\x07\0") + 10),
        (LOSSY, ImageFormat::WebP, 20),
    ] {
        for end in 0..bytes.len() {
            match bare(&bytes[..end], format) {
                Ok(None) => assert!(end >= pixels, "{format:?} up to {end}"),
                // What is there of the end goes as well.
                Ok(Some(left)) => assert!(end > pixels && bytes.starts_with(&left), "{format:?} up to {end}"),
                Err(Broken(at)) => assert!(end < pixels && at <= end, "{format:?} up to {end}"),
            }
        }
    }
    // A file that says that it is longer goes on to say so.
    let told = told_webp(1);
    let cut = &told[..find(&told, b"VP8 ") + 20];
    let left = kept(cut, ImageFormat::WebP);
    assert_eq!((left.len(), &left[4..8]), (cut.len(), &told[4..8]));
}

/// Images that say all kinds of things, for whoever wants to break them.
pub fn talkative() -> Vec<Vec<u8>> {
    let said = [&[0; 4], &camera(6)[..]].concat();
    let avif = told_avif(&said, SECRET);
    vec![told_jpeg(6), told_jpeg(1), told_png(3), told_png(5), told_gif(), told_webp(8), told_webp(1), avif]
}
