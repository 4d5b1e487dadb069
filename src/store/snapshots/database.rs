//! sled itself: opened, used, and opened anew before it costs more than it is worth.
//!
//! Knows nothing of documents. What 0.34.7 asks of whoever uses it is handled here, and nowhere else:
//!
//! - Its `flush` does not fsync, so `syncfs` follows where that matters.
//! - A leftover `snap.*.generating` keeps it from opening, so those are removed before.
//! - Damaged files make it panic: one more way to fail. After the first failure it is left alone.
//! - It hangs when the disk is full, so it is asked nothing then ([`Database::has_room`]).
//! - It hangs when it has more writes on their way than its pool has threads: they all wait for a lock whose holder
//!   waits for one of them, to cut the file short. So there is one write at a time, and it is waited for.
//! - What it replaces is freed only when the thread that replaced it comes back; a thread that ends, or goes on to other
//!   work, leaves it behind. So each use ends with [`free_replaced`].
//! - It forgets a page of its cache only once 64 others came by in the same of 256 parts, and it reads all that was
//!   written since it was last opened when it is opened again. So it is opened anew when it rests, and after so many bytes.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::SnapshotError;

/// Memory that sled may use for its cache. States are read once, when a document comes to life.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// sled hangs when the disk is full, so it is given nothing once less than this is free, in bytes.
const RESERVE_BYTES: u64 = 64 * 1024 * 1024;

/// sled rests when nobody has used it for this long.
const RESTS_AFTER: Duration = Duration::from_secs(3);

/// … and this many times what opening it took: a large one is not opened anew all the time.
const RESTS_AFTER_OPENINGS: u32 = 20;

/// How often, and how long apart, a locked folder is tried again.
const LOCK_ATTEMPTS: u32 = 200;
const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// The database in one folder.
pub struct Database {
    dir: PathBuf,
    /// Whoever uses sled reads, whoever opens it anew writes. `None` when that failed.
    open: RwLock<Option<Trees>>,
    abandoned: AtomicBool,
}

/// sled as long as it is open.
pub struct Trees {
    db: sled::Db,
    pub index: sled::Tree,
    pub states: sled::Tree,
    opened: Instant,
    opening_took: Duration,
    /// One write at a time: see above.
    writing: Mutex<()>,
    /// When it was last used, in milliseconds after it was opened.
    used_ms: AtomicU64,
    /// Bytes written and read since.
    bytes: AtomicU64,
}

impl Database {
    pub fn open(dir: &Path) -> Result<Database, SnapshotError> {
        let trees = caught(|| Trees::open(dir))?;
        Ok(Database {
            dir: dir.to_owned(),
            open: RwLock::new(Some(trees)),
            abandoned: AtomicBool::new(false),
        })
    }

    /// Whether there is room to write. To be asked first: a write that finds none may never return.
    pub fn has_room(&self) -> Result<(), SnapshotError> {
        let disk = rustix::fs::statvfs(&self.dir).map_err(std::io::Error::from)?;
        if disk.f_bavail.saturating_mul(disk.f_frsize) < RESERVE_BYTES {
            Err(SnapshotError::Full)
        } else {
            Ok(())
        }
    }

    /// Use it. Blocking, and after the first failure not at all.
    pub fn with<T>(&self, work: impl FnOnce(&Trees) -> Result<T, SnapshotError>) -> Result<T, SnapshotError> {
        self.guarded(|| {
            let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
            let trees = open.as_ref().ok_or(SnapshotError::Abandoned)?;
            let result = work(trees);
            trees.used_ms.store(trees.opened.elapsed().as_millis() as u64, Ordering::Relaxed);
            free_replaced();
            result
        })
    }

    /// Close it and open it anew if it rests, or once this many bytes went through it: it then holds no more than it did
    /// at the start, on disk and in memory. Whoever wants to use it meanwhile waits.
    pub fn renew_if_due(&self, bytes: u64) -> Result<(), SnapshotError> {
        // Threads that ended since left the last that they replaced.
        free_replaced();
        let is_due = |open: &Option<Trees>| open.as_ref().is_some_and(|trees| trees.is_due(bytes));
        if !is_due(&self.open.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(());
        }
        self.has_room()?;
        self.guarded(|| {
            let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
            drop(open.take());
            failpoint!("sled-closed");
            let trees = open.insert(Trees::open(&self.dir)?);
            tracing::debug!(took = ?trees.opening_took, "opened sled anew");
            failpoint!("sled-renewed");
            free_replaced();
            trim();
            Ok(())
        })
    }

    /// Make durable what was written.
    pub fn sync(&self, trees: &Trees) -> Result<(), SnapshotError> {
        trees.db.flush()?;
        rustix::fs::syncfs(fs::File::open(&self.dir)?).map_err(std::io::Error::from)?;
        Ok(())
    }

    fn guarded<T>(&self, work: impl FnOnce() -> Result<T, SnapshotError>) -> Result<T, SnapshotError> {
        if self.abandoned.load(Ordering::Relaxed) {
            return Err(SnapshotError::Abandoned);
        }
        let result = caught(work);
        if let Err(error) = &result {
            self.abandoned.store(true, Ordering::Relaxed);
            tracing::error!(%error, "sled failed and is left alone until the next start; the journal holds everything");
        }
        result
    }
}

impl Trees {
    fn open(dir: &Path) -> Result<Trees, SnapshotError> {
        let opened = Instant::now();
        remove_unfinished(dir)?;
        let db = open_unlocked(dir)?;
        let (index, states) = (db.open_tree("index")?, db.open_tree("states")?);
        Ok(Trees {
            db,
            index,
            states,
            opened,
            opening_took: opened.elapsed(),
            writing: Mutex::default(),
            used_ms: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        })
    }

    /// Change a tree, all of it or nothing. A batch is best kept below a few megabytes.
    pub fn write(&self, tree: &sled::Tree, batch: Batch) -> Result<(), SnapshotError> {
        if batch.is_empty() {
            return Ok(());
        }
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        tree.apply_batch(batch.changes)?;
        self.db.flush()?;
        self.note(batch.bytes);
        Ok(())
    }

    /// So many bytes went through it.
    pub fn note(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn is_due(&self, most: u64) -> bool {
        let bytes = self.bytes.load(Ordering::Relaxed);
        let idle =
            self.opened.elapsed().saturating_sub(Duration::from_millis(self.used_ms.load(Ordering::Relaxed)));
        bytes >= most || bytes > 0 && idle >= RESTS_AFTER.max(self.opening_took * RESTS_AFTER_OPENINGS)
    }
}

/// Changes of one tree, and how much they bring.
#[derive(Default)]
pub struct Batch {
    changes: sled::Batch,
    bytes: usize,
}

impl Batch {
    pub fn insert(&mut self, key: Vec<u8>, value: &[u8]) {
        self.bytes += key.len() + value.len();
        self.changes.insert(key, value);
    }

    pub fn remove(&mut self, key: sled::IVec) {
        self.bytes += key.len();
        self.changes.remove(key);
    }

    /// Whether it changes nothing: every key has bytes.
    fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Bytes of keys and values in it.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

/// Hand over what this thread replaced, and free what no thread can see any more. That takes two rounds: in each, everybody
/// who is still looking has to have moved on.
fn free_replaced() {
    for _ in 0..3 {
        crossbeam_epoch::pin().flush();
    }
}

/// Give the system back what is free between two blocks that stay. glibc itself only gives back what is free behind the last.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn trim() {
    // SAFETY: it takes a plain number, and locks each arena while it looks at it.
    unsafe { libc::malloc_trim(0) };
}

/// Other allocators do it by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn trim() {}

/// Open sled, and wait a little for a lock. It outlives a closed database for a moment: a thread of sled's own may still hold it, or
/// a child process between its fork and its exec. Somebody else's server cannot: the data folder has a lock of its own.
fn open_unlocked(dir: &Path) -> sled::Result<sled::Db> {
    let config = sled::Config::new()
        .path(dir)
        .cache_capacity(CACHE_BYTES)
        .flush_every_ms(None)
        .mode(sled::Mode::HighThroughput);
    for _ in 1..LOCK_ATTEMPTS {
        match config.open() {
            Err(sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") => {
                std::thread::sleep(LOCK_PAUSE);
            }
            opened => return opened,
        }
    }
    config.open()
}

/// Removes what an interrupted start of sled left, which would keep it from ever opening again.
fn remove_unfinished(dir: &Path) -> std::io::Result<()> {
    let Ok(entries) = fs::read_dir(dir) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with("snap.") && name.to_string_lossy().ends_with(".generating") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A panic in sled is one more way to fail.
fn caught<T>(work: impl FnOnce() -> Result<T, SnapshotError>) -> Result<T, SnapshotError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
        Err(SnapshotError::Panic(text.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use super::*;

    const MANY: u64 = u64::MAX;

    fn write(database: &Database, key: &[u8], value: &[u8]) {
        let mut batch = Batch::default();
        batch.insert(key.to_vec(), value);
        database.with(|sled| sled.write(&sled.states, batch)).unwrap();
    }

    fn opened(database: &Database) -> Instant {
        database.open.read().unwrap().as_ref().unwrap().opened
    }

    #[test]
    fn it_is_opened_anew_after_so_many_bytes_and_holds_what_it_held() {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::open(dir.path()).unwrap();
        let first = opened(&database);
        write(&database, &[1], &[7; 99]);
        database.renew_if_due(101).unwrap();
        assert_eq!(opened(&database), first, "a hundred bytes are not yet enough");
        database.renew_if_due(100).unwrap();
        let second = opened(&database);
        assert!(second > first);
        let found = database.with(|sled| Ok(sled.states.get([1])?)).unwrap();
        assert_eq!(found.unwrap(), [7; 99]);
        database.renew_if_due(100).unwrap();
        assert_eq!(opened(&database), second, "nothing was written since");
    }

    #[test]
    fn it_rests_when_nobody_used_it_for_long_compared_with_what_opening_it_takes() {
        let dir = tempfile::tempdir().unwrap();
        let mut trees = Trees::open(dir.path()).unwrap();
        trees.opening_took = Duration::from_secs(1);
        trees.opened = Instant::now().checked_sub(Duration::from_secs(300)).unwrap();
        assert!(!trees.is_due(MANY), "nobody used it");
        trees.note(1);
        assert!(trees.is_due(MANY));
        trees.used_ms = AtomicU64::new(290_000);
        assert!(!trees.is_due(MANY), "10 s are not 20 times 1 s");
        trees.used_ms = AtomicU64::new(270_000);
        assert!(trees.is_due(MANY));
    }

    /// Small writes beside large ones that come and go, so that the file grows and shrinks all the time. Unless each is waited
    /// for, some ten thousand of them bring sled to a stand; only a release build is fast enough for that.
    #[test]
    fn writers_in_a_hurry_are_all_served() {
        let rounds: usize = std::env::var("COWRITE_FLOOD").map_or(10, |text| text.parse().expect("a number"));
        let dir = tempfile::tempdir().unwrap();
        let database = Arc::new(Database::open(dir.path()).unwrap());
        let (done, wait) = mpsc::channel();
        for writer in 0..8 {
            let (database, done) = (database.clone(), done.clone());
            std::thread::spawn(move || {
                for round in 0..rounds {
                    (0..20).for_each(|key| write(&database, &[writer, key], &[key; 100]));
                    let large = vec![round as u8; 1_000_000];
                    write_in_chunks(&database, writer, &large);
                    let found = database.with(|sled| {
                        let values: Result<Vec<_>, _> = sled.index.scan_prefix([writer]).values().collect();
                        Ok(values?.concat())
                    });
                    assert!(found.unwrap() == large);
                    write_in_chunks(&database, writer, &[]);
                    done.send(()).unwrap();
                }
            });
        }
        for _ in 0..8 * rounds {
            wait.recv_timeout(Duration::from_secs(30)).expect("sled goes on");
        }
    }

    /// Put a value in many pieces in the place of another.
    fn write_in_chunks(database: &Database, key: u8, value: &[u8]) {
        let write = |sled: &Trees| {
            let mut batch = Batch::default();
            for old in sled.index.scan_prefix([key]).keys() {
                batch.remove(old?);
            }
            for (n, chunk) in value.chunks(4_096).enumerate() {
                batch.insert([&[key][..], &(n as u32).to_be_bytes()].concat(), chunk);
            }
            sled.write(&sled.index, batch)
        };
        database.with(write).unwrap();
    }
}
