//! `BACKUP`, by which a copy tells how much there was to copy: a journal that ends early is one of an earlier moment, and
//! nothing else in it says so.

use std::io;
use std::path::Path;

use crate::store::files::{Files, read_from};
use crate::store::snapshots::Position;

pub const NAME: &str = "BACKUP";

/// What a folder says of itself.
pub enum Mark {
    /// It is no copy.
    Missing,
    Unreadable,
    /// The journal was copied up to here.
    At(Position),
}

/// Read a folder's mark.
pub fn marked(files: &dyn Files, dir: &Path) -> io::Result<Mark> {
    let bytes = match files.open(&dir.join(NAME)) {
        Ok(file) => read_from(&*file, 0)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Mark::Missing),
        Err(error) => return Err(error),
    };
    let text = std::str::from_utf8(&bytes).ok();
    let numbers =
        text.map(|text| text.split_whitespace().filter_map(|word| word.parse().ok()).collect::<Vec<u64>>());
    Ok(match numbers.as_deref() {
        Some(&[segment, offset]) if bytes == encode(Position { segment, offset }) => {
            Mark::At(Position { segment, offset })
        }
        _ => Mark::Unreadable,
    })
}

/// Mark a folder, all of it or nothing. The copy must be durable.
pub fn mark(files: &dyn Files, dir: &Path, end: Position) -> io::Result<()> {
    let (path, unfinished) = (dir.join(NAME), dir.join("BACKUP.new"));
    match files.remove(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = files.create(&unfinished)?;
    file.append(&encode(end))?;
    file.sync()?;
    failpoint!("backup-mark");
    files.rename(&unfinished, &path)?;
    files.sync_dir(dir)
}

fn encode(end: Position) -> Vec<u8> {
    let Position { segment, offset } = end;
    let text = format!("cowrite backup up to segment {segment} offset {offset}");
    format!("{text} checksum-{:08x}\n", crc32c::crc32c(text.as_bytes())).into_bytes()
}
