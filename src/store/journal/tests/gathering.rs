//! Changes that come close together share a commit.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tempfile::tempdir;

use super::*;

/// So long that nothing is written because of it while a test runs.
const LONG: Duration = Duration::from_secs(600);

/// Append a change that nobody stands still for.
fn append(store: &dyn Store, document: DocNumber, seq: u64) -> Arc<Fate> {
    let fate = Arc::new(Fate::default());
    let changes = vec![Change { at_ms: 1, author: "ann".into(), update: Bytes::from_static(b"x") }];
    store.append(Append { document, first: Seq(seq), changes, listener: fate.clone() }).unwrap();
    fate
}

#[test]
fn changes_wait_for_company_and_what_is_urgent_takes_them_along() {
    let (disk, dir) = (SimulatedDisk::new(), tempdir().unwrap());
    let store = open(&disk, dir.path(), Options { commit_every: LONG, ..roomy() }).unwrap();
    let (entry, receipt) = store.create(&id("a"), Kind::Text, "", false).unwrap();
    receipt.blocking_recv().unwrap().unwrap();
    disk.fail(None);
    let fates = [1, 2, 3].map(|seq| append(&store, entry.number, seq));
    let (_, receipt) = store.edit(&id("a"), Edit::Title("T".into())).unwrap();
    receipt.blocking_recv().unwrap().unwrap();
    assert_eq!(fates.map(|fate| fate.wait()), [Ok(Seq(1)), Ok(Seq(2)), Ok(Seq(3))]);
    assert_eq!(disk.calls(), 3 + 2, "each is kept as it comes; then one write and one sync for all of it");
}

/// Waits for nothing.
struct Nobody(Arc<Fate>);

impl Listener for Nobody {
    fn durable(&self, seq: Seq) {
        self.0.durable(seq);
    }
    fn failed(&self, error: &StoreError) {
        self.0.failed(error);
    }
    fn recovered(&self) {
        self.0.recovered();
    }
    fn is_awaited(&self) -> bool {
        false
    }
}

#[test]
fn what_nobody_waits_for_waits_for_somebody() {
    let (disk, dir) = (SimulatedDisk::new(), tempdir().unwrap());
    let options = Options { commit_every: Duration::ZERO, commit_unawaited_every: LONG, ..roomy() };
    let store = open(&disk, dir.path(), options).unwrap();
    let (entry, receipt) = store.create(&id("a"), Kind::Text, "", false).unwrap();
    receipt.blocking_recv().unwrap().unwrap();
    let fate = Arc::new(Fate::default());
    let changes = vec![Change { at_ms: 1, author: "ann".into(), update: Bytes::from_static(b"x") }];
    let listener = Arc::new(Nobody(fate.clone()));
    store.append(Append { document: entry.number, first: Seq(1), changes, listener }).unwrap();
    disk.fail(None);
    assert_eq!(append(&store, entry.number, 2).wait(), Ok(Seq(2)));
    assert_eq!(fate.wait(), Ok(Seq(1)));
    assert_eq!(disk.calls(), 1 + 2, "both in one write and one sync");
}

#[test]
fn a_change_after_a_pause_does_not_wait() {
    let (disk, dir) = (SimulatedDisk::new(), tempdir().unwrap());
    let number = {
        let store = open(&disk, dir.path(), roomy()).unwrap();
        let (entry, receipt) = store.create(&id("a"), Kind::Text, "", false).unwrap();
        receipt.blocking_recv().unwrap().unwrap();
        entry.number
    };
    let store = open(&disk, dir.path(), Options { commit_every: LONG, ..roomy() }).unwrap();
    assert_eq!(append(&store, number, 1).wait(), Ok(Seq(1)));
}

#[test]
fn closing_waits_for_nothing() {
    let (disk, dir) = (SimulatedDisk::new(), tempdir().unwrap());
    let store = open(&disk, dir.path(), Options { commit_every: LONG, ..roomy() }).unwrap();
    let (entry, receipt) = store.create(&id("a"), Kind::Text, "", false).unwrap();
    receipt.blocking_recv().unwrap().unwrap();
    let fate = append(&store, entry.number, 1);
    store.close().unwrap();
    assert_eq!(fate.wait(), Ok(Seq(1)));
}

#[test]
fn what_waits_outlives_the_process() {
    let (disk, dir) = (SimulatedDisk::new(), tempdir().unwrap());
    let store = open(&disk, dir.path(), Options { commit_every: LONG, ..roomy() }).unwrap();
    let (entry, receipt) = store.create(&id("a"), Kind::Text, "", false).unwrap();
    receipt.blocking_recv().unwrap().unwrap();
    let fates = [1, 2].map(|seq| append(&store, entry.number, seq));
    // What the kernel has at this moment, and what it has when the next run is gone before it wrote anything else.
    let mut killed = disk.fork();
    drop(store);
    assert_eq!(fates.map(|fate| fate.wait()), [Ok(Seq(1)), Ok(Seq(2))]);
    for _ in 0..2 {
        let store = open(&killed, dir.path(), roomy()).unwrap();
        assert_eq!(store.load(entry.number).unwrap().last_seq(), Seq(2));
        killed = killed.fork();
    }
}
