//! Which on-disk format a data folder has. `data/FORMAT` says it; `migrations/` tells what each number means.

use std::io;
use std::path::Path;

use super::files::{Files, read_from};
use super::journal::format::VERSION;

const PREFIX: &str = "cowrite format ";

/// What `FORMAT` says.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// A new folder, or one whose `FORMAT` is lost. The segments' headers know.
    Nothing,
    Version(u32),
}

/// Read the format's number, and change nothing.
pub fn read(files: &dyn Files, dir: &Path) -> io::Result<Found> {
    let bytes = match files.open(&dir.join("FORMAT")) {
        Ok(file) => read_from(&*file, 0)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error),
    };
    let number =
        std::str::from_utf8(&bytes).ok().and_then(|text| text.strip_prefix(PREFIX)?.trim_end().parse().ok());
    if number.is_none() {
        tracing::warn!(dir = %dir.display(), "FORMAT is unreadable; the journal's own headers decide");
    }
    Ok(number.map_or(Found::Nothing, Found::Version))
}

/// Write the format's number, all of it or nothing.
pub fn write(files: &dyn Files, dir: &Path) -> io::Result<()> {
    let (path, unfinished) = (dir.join("FORMAT"), dir.join("FORMAT.new"));
    match files.remove(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = files.create(&unfinished)?;
    file.append(format!("{PREFIX}{VERSION}\n").as_bytes())?;
    file.sync()?;
    failpoint!("open-format");
    files.rename(&unfinished, &path)?;
    files.sync_dir(dir)
}
