//! ISO/IEC 23008-12 and 14496-12: boxes, some of which say where in the file other parts are. So nothing moves here: what is left out is
//! written over where it stands.

use std::collections::BTreeMap;
use std::ops::Range;

use super::exif::EMPTY;
use super::{Broken, Left};
use crate::import::image::boxes::{Part, parts};

/// What a file has on its first level that pixels are read with. All others are marked as free, as it is called.
const KEPT: [&[u8; 4]; 9] = [b"ftyp", b"styp", b"meta", b"moov", b"moof", b"mdat", b"sidx", b"mfra", b"pdin"];

/// What is in the description of a film, and of each of its tracks, that no pixel is read with.
const TOLD: [&[u8; 4]; 5] = [b"meta", b"udta", b"uuid", b"free", b"skip"];

/// Items that are no pixels: Exif, and words of some kind (XMP among them) or where to find some.
const ITEMS: [&[u8]; 3] = [b"Exif", b"mime", b"uri "];

pub fn bare(bytes: &[u8]) -> Result<Left, Broken> {
    let mut blank = Blank { file: bytes, out: bytes.to_vec(), left: bytes.len() };
    let (mut end, mut has_pixels) = (0, false);
    for part in parts(bytes, 0..bytes.len()) {
        end = part.content.end;
        match &part.kind {
            b"meta" => {
                has_pixels = true;
                blank.items(part.content)?;
            }
            b"moov" => {
                has_pixels = true;
                blank.film(part.content)?;
            }
            kind if KEPT.contains(&kind) => {}
            _ => blank.free(&part)?,
        }
    }
    if !has_pixels {
        return Err(Broken(end));
    }
    // The pixels may be cut off, and are shown as far as they go.
    let is_cut_off = bytes.get(end + 4..end + 8) == Some(b"mdat");
    blank.out.truncate(if is_cut_off { bytes.len() } else { end });
    // Which side is up stands elsewhere: Exif does not count.
    Ok(Left { bytes: (blank.out != bytes).then_some(blank.out), orientation: 1 })
}

struct Blank<'a> {
    file: &'a [u8],
    out: Vec<u8>,
    /// How many bytes may be written over: no more than there are, or a small file could keep a processor for long by naming the same
    /// place again and again.
    left: usize,
}

impl Blank<'_> {
    fn film(&mut self, within: Range<usize>) -> Result<(), Broken> {
        for part in parts(self.file, within) {
            if part.kind == *b"trak" {
                for part in parts(self.file, part.content) {
                    self.told(part)?;
                }
            } else {
                self.told(part)?;
            }
        }
        Ok(())
    }

    fn told(&mut self, part: Part) -> Result<(), Broken> {
        if !TOLD.contains(&&part.kind) {
            return Ok(());
        }
        if part.kind == *b"meta" {
            self.items(part.content.clone())?;
        }
        self.free(&part)
    }

    /// A box that is there and means nothing.
    fn free(&mut self, part: &Part) -> Result<(), Broken> {
        self.write(part.content.clone(), &mut [].iter())?;
        self.out[part.start + 4..part.start + 8].copy_from_slice(b"free");
        Ok(())
    }

    /// The items that a `meta` box describes.
    fn items(&mut self, meta: Range<usize>) -> Result<(), Broken> {
        let broken = Broken(meta.start);
        // A version and flags come first.
        let within = meta.start.saturating_add(4).min(meta.end)..meta.end;
        let find = |kind| parts(self.file, within.clone()).find(|part| part.kind == kind);
        let (Some(infos), Some(places)) = (find(*b"iinf"), find(*b"iloc")) else { return Ok(()) };
        let data = find(*b"idat").map(|data| data.content);
        let told = told(self.file, infos.content).ok_or(broken)?;
        for Place { is_exif, method, extents } in
            places_of(&self.file[places.content], &told).ok_or(broken)?
        {
            let within = match method {
                0 => 0..self.file.len(),
                1 => data.clone().ok_or(broken)?,
                _ => return Err(broken),
            };
            let mut said = [0; 4].iter().chain(EMPTY).take(if is_exif { usize::MAX } else { 0 });
            for extent in extents {
                let absolute =
                    |at| Some(usize::try_from(at).ok()?.checked_add(within.start)?.min(within.end));
                let (start, end) = absolute(extent.start).zip(absolute(extent.end)).ok_or(broken)?;
                self.write(start..end, &mut said)?;
            }
        }
        Ok(())
    }

    /// Write over a part of the file, with zeros where there is nothing to say any more.
    fn write(&mut self, part: Range<usize>, said: &mut dyn Iterator<Item = &u8>) -> Result<(), Broken> {
        self.left = self.left.checked_sub(part.len()).ok_or(Broken(part.start))?;
        self.out[part].iter_mut().for_each(|byte| *byte = said.next().copied().unwrap_or(0));
        Ok(())
    }
}

/// The items that are no pixels, by their numbers, and whether each is Exif: 14496-12, 8.11.6.
fn told(file: &[u8], infos: Range<usize>) -> Option<BTreeMap<u64, bool>> {
    let mut reader = Reader(&file[infos.clone()]);
    let version = reader.number(4)? >> 24;
    reader.number(if version == 0 { 2 } else { 4 })?;
    let mut told = BTreeMap::new();
    let start = infos.end - reader.0.len();
    for info in parts(file, start..infos.end).filter(|part| part.kind == *b"infe") {
        let mut reader = Reader(&file[info.content]);
        let version = reader.number(4)? >> 24;
        let id = reader.number(if version < 3 { 2 } else { 4 })?;
        reader.number(2)?;
        // Before the second version an item had no kind, and was no pixels.
        let kind = if version < 2 { b"" } else { reader.0.get(..4)? };
        if kind.is_empty() || ITEMS.contains(&kind) {
            told.insert(id, kind == b"Exif");
        }
    }
    Some(told)
}

/// Where an item is.
struct Place {
    is_exif: bool,
    /// 0 within the file, 1 within the box `idat`.
    method: u64,
    extents: Vec<Range<u64>>,
}

/// Where those items are: 14496-12, 8.11.3.
fn places_of(places: &[u8], told: &BTreeMap<u64, bool>) -> Option<Vec<Place>> {
    let mut reader = Reader(places);
    let version = reader.number(4)? >> 24;
    let sizes = reader.number(2)?;
    let [offset, length, base, index] = [12, 8, 4, 0].map(|shift| ((sizes >> shift) & 15) as usize);
    let index = if version == 0 { 0 } else { index };
    if version > 2 || [offset, length, base, index].iter().any(|size| !matches!(size, 0 | 4 | 8)) {
        return None;
    }
    let wide = if version == 2 { 4 } else { 2 };
    let mut found = Vec::new();
    for _ in 0..reader.number(wide)? {
        let id = reader.number(wide)?;
        let method = if version == 0 { 0 } else { reader.number(2)? & 15 };
        let in_file = reader.number(2)? == 0;
        let base = reader.number(base)?;
        let count = reader.number(2)?;
        let Some(&is_exif) = told.get(&id) else {
            reader.skip(count as usize * (index + offset + length))?;
            continue;
        };
        // Elsewhere, or all there is.
        if !in_file || length == 0 {
            return None;
        }
        let extents = (0..count).map(|_| {
            reader.skip(index)?;
            let start = base.checked_add(reader.number(offset)?)?;
            let bytes = reader.number(length)?;
            Some(start..start.checked_add(bytes).filter(|_| bytes > 0)?)
        });
        found.push(Place { is_exif, method, extents: extents.collect::<Option<_>>()? });
    }
    Some(found)
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    /// A number of up to eight bytes.
    fn number(&mut self, bytes: usize) -> Option<u64> {
        let (number, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(number.iter().fold(0, |number, &byte| (number << 8) | u64::from(byte)))
    }

    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.get(bytes..)?;
        Some(())
    }
}
