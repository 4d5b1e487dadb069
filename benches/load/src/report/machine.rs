//! On what it was measured.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::servers::disk;
use crate::stats::millis;

/// The machine, the disk, and what else it was busy with.
#[derive(Debug, Default, Serialize)]
pub struct Machine {
    processor: String,
    cores: usize,
    memory_gb: u64,
    kernel: String,
    file_system: String,
    /// One small write and its fdatasync, in milliseconds.
    fdatasync_ms: f64,
    /// Processes that ran or wanted to when it began, over a minute.
    load: String,
}

impl Machine {
    /// Look at it. An error if `data` is not on a disk.
    pub fn look(data: &Path) -> Result<Machine> {
        let first_word = |path: &str| -> Result<String> {
            Ok(fs::read_to_string(path)?.split_whitespace().next().unwrap_or_default().to_owned())
        };
        let cpus = fs::read_to_string("/proc/cpuinfo")?;
        let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let memory = fs::read_to_string("/proc/meminfo")?;
        let kilobytes = memory.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok());
        Ok(Machine {
            processor: model.map_or("an unknown processor", |(_, name)| name).to_owned(),
            cores: std::thread::available_parallelism()?.get(),
            memory_gb: kilobytes.unwrap_or_default() >> 20,
            kernel: first_word("/proc/sys/kernel/osrelease")?,
            file_system: disk::file_system(data)?,
            fdatasync_ms: millis(disk::fdatasync(data)?),
            load: first_word("/proc/loadavg")?,
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Machine { processor, cores, memory_gb, kernel, file_system, fdatasync_ms, load } = self;
        write!(
            f,
            "{cores} cores of {processor}, {memory_gb} GB of memory, Linux {kernel}, load {load} before it began; \
             the documents on {file_system}, where a small write and its fdatasync take {fdatasync_ms:.2} ms"
        )
    }
}
