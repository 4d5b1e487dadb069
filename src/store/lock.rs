//! One process per data folder: two would write into each other's journal.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// A data folder is ours for as long as this lives. The kernel lets go of it when the process ends, however it ends.
pub struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

/// For how long a folder that is taken is asked for again. Whoever had it may have begun another program just before they let go, which has
/// all their open files until it runs; and an owner that is ending takes a moment.
const LET_GO_WITHIN: Duration = Duration::from_millis(500);
const ASK_EVERY: Duration = Duration::from_millis(5);

/// Why a data folder is not ours.
#[derive(Debug)]
pub enum LockError {
    /// Another process has it: its process id, as far as can be told.
    Held(String),
    Io(io::Error),
}

impl Lock {
    /// Take `dir`, which exists.
    pub fn take(dir: &Path) -> Result<Lock, LockError> {
        let path = dir.join("LOCK");
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match patiently(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut owner = String::new();
                // The owner may be about to write its id, or not be ours at all.
                let known = file.read_to_string(&mut owner).is_ok() && owner.trim().parse::<u32>().is_ok();
                return Err(LockError::Held(if known { owner.trim().to_owned() } else { "unknown".into() }));
            }
            Err(TryLockError::Error(error)) => return Err(LockError::Io(error)),
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())?;
        Ok(Lock(file))
    }
}

fn patiently(file: &File) -> Result<(), TryLockError> {
    let asked = Instant::now();
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if asked.elapsed() < LET_GO_WITHIN => thread::sleep(ASK_EVERY),
            answer => return answer,
        }
    }
}

impl From<io::Error> for LockError {
    fn from(error: io::Error) -> LockError {
        LockError::Io(error)
    }
}
