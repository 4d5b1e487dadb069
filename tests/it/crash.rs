//! A process that is killed at any moment loses nothing that it said was saved.

mod live;
#[cfg(feature = "failpoints")]
mod steps;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use bytes::Bytes;
use cowrite::ids::{DocId, Kind, Seq};
use cowrite::store::{
    Append, Change, JournalStore, Listener, Options, Store, StoreError, Stored, backup, verify,
};

const DIR: &str = "COWRITE_CRASH_DIR";

/// Set when the disk is to be full now and then.
const FULL: &str = "COWRITE_CRASH_FULL";

/// Documents that are written to.
const DOCUMENTS: usize = 5;

/// What a process said was saved of each document: how many letters.
type SavedOf = [u64; DOCUMENTS];

/// Say on standard output what is durable: the line a client would have seen as "Saved".
fn shout(document: u64, count: u64) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "saved {document} {count}");
    let _ = out.flush();
}

/// Hears what became of a document's changes, and says what is durable.
struct Shout {
    document: u64,
    durable: AtomicU64,
    recovered: AtomicBool,
}

impl Listener for Shout {
    fn durable(&self, seq: Seq) {
        self.durable.store(seq.0, Ordering::SeqCst);
        shout(self.document, seq.0);
    }

    fn failed(&self, error: &StoreError) {
        assert!(std::env::var(FULL).is_ok(), "{error}");
    }

    fn recovered(&self) {
        self.recovered.store(true, Ordering::SeqCst);
    }
}

fn name(n: u64) -> DocId {
    DocId::parse(&format!("doc-{n}")).unwrap()
}

fn options() -> Options {
    Options {
        segment_bytes: 20_000,
        journal_bytes: 60_000,
        journal_segments: 4,
        journal_age: None,
        sled_bytes: 20_000,
        look_for_space: Duration::from_millis(2),
        ..Options::default()
    }
}

/// The process that is killed. It is run by the tests below and does nothing otherwise.
#[test]
#[ignore = "run by a_killed_process_loses_nothing_saved"]
fn writes_until_it_is_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
    #[cfg(feature = "failpoints")]
    steps::arm();
    let full = std::env::var(FULL).is_ok();
    let store = JournalStore::open(dir.as_ref(), options()).unwrap();
    let mut docs = Vec::new();
    for document in 0..DOCUMENTS as u64 {
        let entry = match store.find(&name(document)).unwrap() {
            Some(entry) => entry,
            None => store.create(&name(document), Kind::Text, "", false).unwrap().0,
        };
        let last = store.load(entry.number).unwrap().last_seq().0;
        let (durable, recovered) = (AtomicU64::new(last), AtomicBool::new(false));
        docs.push((entry.number, last, Arc::new(Shout { document, durable, recovered })));
    }
    loop {
        for (number, last, shout) in &mut docs {
            if shout.recovered.swap(false, Ordering::SeqCst) {
                *last = shout.durable.load(Ordering::SeqCst);
            }
            let changes = vec![Change { at_ms: 1, author: "ann".into(), update: letter(*last + 1) }];
            let append =
                Append { document: *number, first: Seq(*last + 1), changes, listener: shout.clone() };
            if let Err(error) = store.append(append) {
                assert!(full, "{error}");
                std::thread::sleep(Duration::from_millis(1));
                continue;
            }
            *last += 1;
            if *last % 200 == 0 {
                backup(dir.as_ref(), &Path::new(&dir).join("../copy")).unwrap();
            }
            if *last % 97 == 0 {
                let snapshot = store.load(*number).and_then(|stored| {
                    let durable = stored.last_seq();
                    store.checkpoint(*number, durable, expected(durable.0))
                });
                assert!(snapshot.is_ok() || full, "{snapshot:?}");
            }
        }
    }
}

fn letter(seq: u64) -> Bytes {
    Bytes::from(vec![b'a' + (seq % 26) as u8])
}

fn expected(seq: u64) -> Bytes {
    (1..=seq).flat_map(letter).collect::<Vec<u8>>().into()
}

/// Start the process that is killed, in `dir/data`.
fn spawn(dir: &Path, process: &str, variables: &[(&str, &str)]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", process])
        .env(DIR, dir.join("data"))
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Take in what it says was saved, until it is gone. `each` hears of every line.
fn listen(child: &mut Child, saved: &mut SavedOf, mut each: impl FnMut()) {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    for line in lines {
        let words: Vec<_> = line.split(' ').collect();
        if let ["saved", doc, seq] = words[..] {
            each();
            // The last line may be cut short, which only makes it smaller.
            let doc = &mut saved[doc.parse::<usize>().unwrap()];
            *doc = seq.parse().unwrap_or(0).max(*doc);
        }
    }
}

/// Nothing that was saved is missing, and nothing else is there than was written. `whole` says how much a document holds, having
/// looked at all of it.
fn check(dir: &Path, saved: &SavedOf, whole: fn(&Stored) -> u64) {
    if dir.join("data/journal").exists() {
        let mut content = |_: &_, stored: &Stored| Ok(whole(stored).to_le_bytes().to_vec());
        let report = verify(&dir.join("data"), &mut content).expect("it can be read");
        assert!(report.is_sound(), "a kill damages nothing: {:?}", report.findings);
    }
    let store = JournalStore::open(&dir.join("data"), options()).expect("it starts");
    for (n, saved) in saved.iter().enumerate() {
        let Some(entry) = store.find(&name(n as u64)).unwrap() else {
            assert_eq!(*saved, 0);
            continue;
        };
        let holds = whole(&store.load(entry.number).unwrap());
        assert!(holds >= *saved, "doc-{n} holds {holds}, saved was {saved}");
    }
}

/// How many letters are there, which are those that were written and no others.
fn letters(stored: &Stored) -> u64 {
    let mut text = stored.snapshot.clone().unwrap_or_default().to_vec();
    stored.tail.iter().for_each(|change| text.extend_from_slice(&change.update));
    let last = stored.last_seq().0;
    assert_eq!(text, expected(last));
    last
}

/// A story that a process lives until it is killed, and what must be left of it.
struct Story {
    /// The test that it runs.
    process: &'static str,
    whole: fn(&Stored) -> u64,
}

const STORE: Story = Story { process: "crash::writes_until_it_is_killed", whole: letters };

#[test]
fn a_killed_process_loses_nothing_saved() {
    for story in [STORE, live::STORY] {
        let dir = tempfile::tempdir().unwrap();
        let mut saved = SavedOf::default();
        for round in 0..6 {
            let mut child = spawn(dir.path(), story.process, &[]);
            let process = rustix::process::Pid::from_child(&child);
            let (first, begun) = mpsc::channel();
            // Every other process is killed while it opens what the one before it left.
            let killer = std::thread::spawn(move || {
                if round % 2 == 0 {
                    let _ = begun.recv_timeout(Duration::from_secs(10));
                }
                std::thread::sleep(Duration::from_millis(5 + 17 * round));
                rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
            });
            listen(&mut child, &mut saved, || {
                let _ = first.send(());
            });
            killer.join().unwrap();
            child.wait().unwrap();
            println!("{} round {round}: {saved:?}", story.process);
            check(dir.path(), &saved, story.whole);
        }
        assert!(saved.iter().sum::<u64>() > 0, "it never came to write");
    }
}
