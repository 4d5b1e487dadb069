//! A disk for tests that does what disks do at the worst of times.
//!
//! Any single call can be made to fail, and the power can be cut: what was not synced may then be there, be gone, or be
//! there in part. A failed sync is as treacherous as on Linux: the bytes can still be read, and later syncs
//! of that file succeed without making them durable.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use rand::Rng;
use rand::rngs::StdRng;

use super::files::{File, Files};

/// The disk. Clones are the same disk; see [`SimulatedDisk::fork`] for another one.
#[derive(Clone, Default)]
pub struct SimulatedDisk(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    nodes: Vec<Node>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    calls: usize,
    failing: Option<Failing>,
    full: bool,
}

#[derive(Clone, Default)]
struct Node {
    bytes: Vec<u8>,
    synced: usize,
    poisoned: bool,
}

/// Which calls fail: the one of this number, and those after it if asked.
#[derive(Clone, Copy)]
pub struct Failing {
    pub call: usize,
    pub ever_after: bool,
    /// Whether it fails for lack of space. From then on nothing can be written until [`SimulatedDisk::make_space`].
    pub full: bool,
}

impl SimulatedDisk {
    pub fn new() -> SimulatedDisk {
        SimulatedDisk::default()
    }

    /// Let calls fail, counted from now on, the first being 0.
    pub fn fail(&self, failing: Option<Failing>) {
        let mut inner = self.inner();
        inner.calls = 0;
        inner.failing = failing;
    }

    /// Let calls succeed again.
    pub fn make_space(&self) {
        let mut inner = self.inner();
        inner.full = false;
        inner.failing = None;
    }

    /// How many calls there were since [`SimulatedDisk::fail`].
    pub fn calls(&self) -> usize {
        self.inner().calls
    }

    /// Whether the call that was to fail has come.
    pub fn has_failed(&self) -> bool {
        let inner = self.inner();
        inner.failing.is_some_and(|failing| inner.calls > failing.call)
    }

    /// Another disk with the same content, working.
    pub fn fork(&self) -> SimulatedDisk {
        let inner = self.inner();
        SimulatedDisk(Arc::new(Mutex::new(Inner {
            nodes: inner.nodes.clone(),
            names: inner.names.clone(),
            durable_names: inner.durable_names.clone(),
            ..Inner::default()
        })))
    }

    /// What this disk may look like after a power cut at this moment.
    pub fn after_power_cut(&self, rng: &mut StdRng) -> SimulatedDisk {
        let cut = self.fork();
        {
            let mut inner = cut.inner();
            let Inner { nodes, names, durable_names, .. } = &mut *inner;
            for node in nodes {
                let keep = rng.random_range(node.synced..=node.bytes.len());
                node.bytes.truncate(keep);
                if rng.random_bool(0.3) {
                    // A file's length can reach the disk before its content does.
                    let zero_from = rng.random_range(node.synced..=keep);
                    node.bytes[zero_from..].fill(0);
                }
                *node = Node {
                    synced: node.bytes.len(),
                    bytes: std::mem::take(&mut node.bytes),
                    poisoned: false,
                };
            }
            let all: Vec<PathBuf> = names.keys().chain(durable_names.keys()).cloned().collect();
            for path in all {
                if names.get(&path) != durable_names.get(&path) && rng.random_bool(0.5) {
                    match durable_names.get(&path).copied() {
                        Some(node) => names.insert(path, node),
                        None => names.remove(&path),
                    };
                }
            }
            *durable_names = names.clone();
        }
        cut
    }

    /// The files there are, and their lengths.
    pub fn files(&self) -> Vec<(PathBuf, usize)> {
        let inner = self.inner();
        inner.names.iter().map(|(path, &node)| (path.clone(), inner.nodes[node].bytes.len())).collect()
    }

    /// Change a file's bytes behind everybody's back.
    pub fn edit(&self, path: &Path, edit: impl FnOnce(&mut Vec<u8>)) {
        let mut inner = self.inner();
        let node = inner.names[path];
        edit(&mut inner.nodes[node].bytes);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("no test panics in here")
    }

    fn call(&self) -> io::Result<MutexGuard<'_, Inner>> {
        let (inner, failed) = self.count();
        if failed { Err(inner.failure()) } else { Ok(inner) }
    }

    fn count(&self) -> (MutexGuard<'_, Inner>, bool) {
        let mut inner = self.inner();
        let call = inner.calls;
        inner.calls += 1;
        let failed = inner
            .failing
            .is_some_and(|failing| call == failing.call || failing.ever_after && call > failing.call);
        inner.full |= failed && inner.failing.is_some_and(|failing| failing.full);
        (inner, failed)
    }

    fn file(&self, node: usize) -> Arc<dyn File> {
        Arc::new(SimulatedFile { disk: self.clone(), node })
    }
}

impl Files for SimulatedDisk {
    fn create_dir(&self, _: &Path) -> io::Result<()> {
        self.call().map(drop)
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let mut inner = self.call()?;
        inner.has_space()?;
        if inner.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        inner.nodes.push(Node::default());
        let node = inner.nodes.len() - 1;
        inner.names.insert(path.to_owned(), node);
        Ok(self.file(node))
    }

    fn create_for_rewriting(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.create(path)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let inner = self.call()?;
        let node = *inner.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(self.file(node))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut inner = self.call()?;
        // A folder is there as long as something is in it.
        let moved: Vec<PathBuf> = inner.names.keys().filter(|path| path.starts_with(from)).cloned().collect();
        if moved.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        for path in moved {
            let node = inner.names.remove(&path).expect("it was just seen");
            let within = path.strip_prefix(from).expect("it starts so").components();
            inner.names.insert(within.fold(to.to_owned(), |to, name| to.join(name)), node);
        }
        Ok(())
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut inner = self.call()?;
        if inner.names.contains_key(to) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let node = *inner.names.get(from).ok_or(io::ErrorKind::NotFound)?;
        inner.names.insert(to.to_owned(), node);
        Ok(())
    }

    fn remove_dir(&self, _: &Path) -> io::Result<()> {
        self.call().map(drop)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut inner = self.call()?;
        inner.names.remove(path).map(drop).ok_or(io::ErrorKind::NotFound.into())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let inner = self.call()?;
        let within = inner.names.keys().filter_map(|path| path.strip_prefix(dir).ok()?.components().next());
        let names: BTreeSet<String> =
            within.filter_map(|name| Some(name.as_os_str().to_str()?.to_owned())).collect();
        Ok(names.into_iter().collect())
    }

    fn free_bytes(&self, _: &Path) -> io::Result<u64> {
        Ok(if self.call()?.full { 0 } else { u64::MAX })
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut inner = self.call()?;
        let Inner { names, durable_names, .. } = &mut *inner;
        durable_names.retain(|path, _| path.parent() != Some(dir));
        let ours = names.iter().filter(|(path, _)| path.parent() == Some(dir));
        durable_names.extend(ours.map(|(path, &node)| (path.clone(), node)));
        Ok(())
    }
}

struct SimulatedFile {
    disk: SimulatedDisk,
    node: usize,
}

impl File for SimulatedFile {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        let (mut inner, failed) = self.disk.count();
        let failed = failed || inner.full;
        // A write that fails may have written something.
        let written = if failed { &bytes[..bytes.len() / 2] } else { bytes };
        inner.nodes[self.node].bytes.extend_from_slice(written);
        if failed { Err(inner.failure()) } else { Ok(()) }
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let (mut inner, failed) = self.disk.count();
        let failed = failed || inner.full;
        let written = if failed { &bytes[..bytes.len() / 2] } else { bytes };
        let (start, end) = (offset as usize, offset as usize + written.len());
        let node = &mut inner.nodes[self.node];
        if node.bytes.len() < end {
            node.bytes.resize(end, 0);
        }
        node.bytes[start..end].copy_from_slice(written);
        if failed { Err(inner.failure()) } else { Ok(()) }
    }

    fn sync(&self) -> io::Result<()> {
        let (mut inner, failed) = self.disk.count();
        let node = &mut inner.nodes[self.node];
        node.poisoned |= failed;
        if !node.poisoned {
            node.synced = node.bytes.len();
        }
        if failed { Err(inner.failure()) } else { Ok(()) }
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.disk.call()?.nodes[self.node].bytes.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let inner = self.disk.call()?;
        let bytes = inner.nodes[self.node].bytes.get(offset as usize..).unwrap_or_default();
        let bytes = bytes.get(..buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}

impl Inner {
    fn has_space(&self) -> io::Result<()> {
        if self.full { Err(self.failure()) } else { Ok(()) }
    }

    fn failure(&self) -> io::Error {
        match self.full {
            true => io::ErrorKind::StorageFull.into(),
            false => io::Error::other("the simulated disk failed"),
        }
    }
}
