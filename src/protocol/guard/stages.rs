//! Many deletions in a long text, cut in an order that is cheap.
//!
//! yrs splits an item at each end of a deleted range and copies what is right of the cut. From left to right, as the ranges
//! come, that copies the rest of the text every time: 50,000 of them in 4 MB took 14 s. So a few ranges that lie far apart go
//! first, then the ones between, and each cut copies only up to the next one. Deleting twice is deleting once.

use bytes::{BufMut, Bytes, BytesMut};

use super::parse::Outline;
use super::read::Read;
use crate::protocol::varint::put_var_uint;

/// Each stage has this many times the ranges of the one before.
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
    let most = outline.deletions.iter().map(|deletions| deletions.ranges as usize).max().unwrap_or(0);
    let mut stride = 1;
    while stride * FACTOR < most {
        stride *= FACTOR;
    }
    while stride > 1 {
        stages.push(every(stride, update, &outline));
        stride /= FACTOR;
    }
    let mut all = BytesMut::with_capacity(update.len() - outline.delete_set + 1);
    all.put_u8(0);
    all.put_slice(&update[outline.delete_set..]);
    stages.push(all.freeze());
    stages
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
