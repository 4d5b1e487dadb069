//! Many deletions in a long text, cut in an order that is cheap.
//!
//! yrs splits an item at each end of a deleted range. Each cut copies the text that is right of it, up to the next cut, and
//! moves the client's list of blocks by one from there on. From left to right, as the ranges come, the first copies the rest of
//! the text every time: 50,000 of them in 4 MB took 14 s. So a few ranges that lie far apart go first, as many as make the two
//! about equal, and then all. Deleting twice is deleting once.

use std::iter::successors;

use bytes::{BufMut, Bytes, BytesMut};

use super::parse::Outline;
use super::read::Read;
use crate::protocol::varint::put_var_uint;

/// What yrs keeps of a block in a client's list, in bytes.
const LIST_ENTRY: usize = 24;

/// Each stage before the last has at most this many times the ranges of the one before.
const FACTOR: usize = 16;

/// Updates with fewer ranges are applied as they are.
const MANY_RANGES: usize = 256;

/// An accepted update as one or several, to be applied in order and in one transaction.
pub fn stages(update: &Bytes) -> Vec<Bytes> {
    // A range takes at least two bytes: most updates need no second reading.
    if update.len() < 2 * MANY_RANGES {
        return vec![update.clone()];
    }
    let outline = Outline::read(update).expect("an accepted update can be read again");
    if outline.ranges < MANY_RANGES {
        return vec![update.clone()];
    }
    let mut stages = Vec::new();
    if !outline.sections.is_empty() {
        let mut structs = BytesMut::from(&update[..outline.delete_set]);
        structs.put_u8(0);
        stages.push(structs.freeze());
    }
    stages.extend(coarse(&outline).map(|stride| every(stride, update, &outline)));
    let mut all = BytesMut::with_capacity(update.len() - outline.delete_set + 1);
    all.put_u8(0);
    all.put_slice(&update[outline.delete_set..]);
    stages.push(all.freeze());
    stages
}

/// Strides over the ranges, widest first, of the stages before the last.
fn coarse(outline: &Outline) -> impl Iterator<Item = usize> {
    let widest = outline.deletions.iter().max_by_key(|deletions| deletions.ranges);
    let (ranges, span) =
        widest.map_or((0, 0), |deletions| (deletions.ranges as usize, deletions.end as usize));
    // Between two of so many cuts lies about as much text as the list of them is long.
    let cuts = (span / LIST_ENTRY).isqrt();
    let counts = successors(Some(cuts), |cuts| Some(cuts / FACTOR)).take_while(|&cuts| cuts > 1);
    let counts: Vec<usize> = counts.filter(|&cuts| cuts < ranges).collect();
    counts.into_iter().rev().map(move |cuts| ranges.div_ceil(cuts))
}

/// An update that deletes every so-manieth range.
fn every(stride: usize, update: &Bytes, outline: &Outline) -> Bytes {
    let mut out = BytesMut::new();
    out.put_u8(0);
    put_var_uint(&mut out, outline.deletions.iter().filter(|deletions| deletions.ranges > 0).count() as u64);
    for deletions in outline.deletions.iter().filter(|deletions| deletions.ranges > 0) {
        put_var_uint(&mut out, deletions.client);
        put_var_uint(&mut out, (deletions.ranges as usize).div_ceil(stride) as u64);
        for (start, end) in deletions.ranges(update).step_by(stride) {
            put_var_uint(&mut out, start.into());
            put_var_uint(&mut out, (end - start).into());
        }
    }
    out.freeze()
}

/// How many structs and deleted ranges an update has, whatever it is worth otherwise.
pub fn blocks(update: &[u8]) -> usize {
    let outline: Read<Outline> = Outline::read(update);
    outline.map_or(0, |outline| outline.structs + outline.ranges)
}
