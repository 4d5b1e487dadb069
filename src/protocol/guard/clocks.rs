//! How far an update goes, read without taking anything in.

use super::Malformed;
use super::parse::{Body, Struct};
use super::read::Reader;

/// First clock after an update's structs, by client. Its delete set is read for its grammar only.
pub fn clocks(update: &[u8]) -> Result<Vec<(u64, u32)>, Malformed> {
    let mut r = Reader::new(update);
    let sections = r.count(5)?;
    let mut clocks = Vec::with_capacity(sections);
    for _ in 0..sections {
        let (structs, client, mut clock) = (r.count(2)?, r.client()?, r.clock()?);
        let mut end = clock;
        for _ in 0..structs {
            let next = Struct::read(&mut r)?;
            clock = clock.checked_add(next.len).ok_or_else(|| r.malformed("a clock is too large"))?;
            if !matches!(next.body, Body::Skip) {
                end = clock;
            }
        }
        clocks.push((client, end));
    }
    for _ in 0..r.count(2)? {
        r.client()?;
        for _ in 0..r.count(2)? {
            r.clock()?;
            r.len()?;
        }
    }
    r.end()?;
    Ok(clocks)
}
