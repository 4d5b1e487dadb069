//! The file system that the servers write to. In memory an fsync costs nothing, so what is measured there does not count.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Writes whose median tells what one costs.
const WRITES: usize = 101;

/// The type of the file system under `folder` and where it is mounted, such as `ext4 on /`.
pub fn file_system(folder: &Path) -> Result<String> {
    let folder = folder.canonicalize().with_context(|| format!("{}", folder.display()))?;
    let mounts = fs::read_to_string("/proc/mounts")?;
    let (place, kind) = mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ').skip(1);
            Some((fields.next()?, fields.next()?))
        })
        .filter(|(place, _)| folder.starts_with(place))
        // Of two mounts on one place the later is on top.
        .max_by_key(|(place, _)| place.len())
        .context("no mount holds the folder")?;
    if matches!(kind, "tmpfs" | "ramfs" | "devtmpfs") {
        bail!(
            "{} is on {kind}, where an fsync costs nothing: name a folder on a disk with --data",
            folder.display()
        );
    }
    Ok(format!("{kind} on {place}"))
}

/// What one small write costs until it is durable: the median of some.
pub fn fdatasync(folder: &Path) -> Result<Duration> {
    let path = folder.join("fdatasync");
    let mut file = File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..WRITES {
        let began = Instant::now();
        file.write_all(&[0; 512])?;
        file.sync_data()?;
        times.push(began.elapsed());
    }
    fs::remove_file(&path)?;
    times.sort();
    Ok(times[WRITES / 2])
}

/// The room that the files under `folder` take up, in bytes.
pub fn room_of(folder: &Path) -> Result<u64> {
    let mut room = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("{}", folder.display()))? {
        let entry = entry?;
        let meta = entry.metadata()?;
        // The kernel counts in blocks of 512 bytes, whatever the file system does.
        room += if meta.is_dir() { room_of(&entry.path())? } else { 512 * meta.blocks() };
    }
    Ok(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_no_disk() {
        assert!(file_system(Path::new("/dev/shm")).is_err());
        assert!(file_system(Path::new(env!("CARGO_MANIFEST_DIR"))).is_ok());
    }
}
