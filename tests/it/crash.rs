//! A process that is killed at any moment loses nothing that it said was saved.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use bytes::Bytes;
use cowrite::ids::{DocId, Kind, Seq};
use cowrite::store::{
    Append, Change, JournalStore, Listener, Options, Store, StoreError, Stored, backup, verify,
};

const DIR: &str = "COWRITE_CRASH_DIR";

/// Says on standard output what is durable: the line a client would have seen as "Saved".
struct Shout(u64);

impl Listener for Shout {
    fn durable(&self, seq: Seq) {
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "saved {} {}", self.0, seq.0);
        let _ = out.flush();
    }

    fn failed(&self, error: &StoreError) {
        panic!("{error}");
    }

    fn recovered(&self) {
        unreachable!("a failure ends the process");
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
        ..Options::default()
    }
}

/// The process that is killed. It is run by the test below and does nothing otherwise.
#[test]
#[ignore = "run by a_killed_process_loses_nothing_saved"]
fn writes_until_it_is_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
    #[cfg(feature = "failpoints")]
    steps::arm();
    let store = JournalStore::open(dir.as_ref(), options()).unwrap();
    let mut docs = Vec::new();
    for n in 0..5 {
        let entry = match store.find(&name(n)).unwrap() {
            Some(entry) => entry,
            None => store.create(&name(n), Kind::Text, "", false).unwrap().0,
        };
        let last = store.load(entry.number).unwrap().last_seq().0;
        docs.push((entry.number, last, last, Arc::new(Shout(n))));
    }
    loop {
        for (number, last, durable, shout) in &mut docs {
            *last += 1;
            let changes = vec![Change { at_ms: 1, author: "ann".into(), update: letter(*last) }];
            store
                .append(Append { document: *number, first: Seq(*last), changes, listener: shout.clone() })
                .unwrap();
            if *last % 200 == 0 {
                backup(dir.as_ref(), &Path::new(&dir).join("../copy")).unwrap();
            }
            if *last % 97 == 0 {
                *durable = store.load(*number).unwrap().last_seq().0;
                store.checkpoint(*number, Seq(*durable), expected(*durable)).unwrap();
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
fn spawn(dir: &Path, variables: &[(&str, &str)]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "crash::writes_until_it_is_killed"])
        .env(DIR, dir.join("data"))
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Take in what it says was saved, until it is gone. `each` hears of every line.
fn listen(child: &mut Child, saved: &mut [u64; 5], mut each: impl FnMut()) {
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

/// Nothing that was saved is missing, and nothing else is there than was written.
fn check(dir: &Path, saved: &[u64; 5]) {
    if dir.join("data/journal").exists() {
        let report = verify(&dir.join("data"), &mut |_, stored| Ok(text(stored))).expect("it can be read");
        assert!(report.is_sound(), "a kill damages nothing: {:?}", report.findings);
    }
    let store = JournalStore::open(&dir.join("data"), options()).expect("it starts");
    for (n, saved) in saved.iter().enumerate() {
        let Some(entry) = store.find(&name(n as u64)).unwrap() else {
            assert_eq!(*saved, 0);
            continue;
        };
        let stored = store.load(entry.number).unwrap();
        let last = stored.last_seq();
        assert!(last >= Seq(*saved), "doc-{n} has {last:?}, saved was {saved}");
        assert_eq!(text(&stored), expected(last.0), "doc-{n}");
    }
}

fn text(stored: &Stored) -> Vec<u8> {
    let mut text = stored.snapshot.clone().unwrap_or_default().to_vec();
    stored.tail.iter().for_each(|change| text.extend_from_slice(&change.update));
    text
}

#[test]
fn a_killed_process_loses_nothing_saved() {
    let dir = tempfile::tempdir().unwrap();
    let mut saved = [0_u64; 5];
    for round in 0..6 {
        let mut child = spawn(dir.path(), &[]);
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
        println!("round {round}: {saved:?}");
        check(dir.path(), &saved);
    }
    assert!(saved.iter().all(|saved| *saved > 0), "it never came to write");
}

/// The same, with the end at every step that the store names.
#[cfg(feature = "failpoints")]
mod steps {
    use std::os::unix::process::ExitStatusExt;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    const STEP: &str = "COWRITE_CRASH_STEP";
    const TIMES: &str = "COWRITE_CRASH_TIMES";

    /// End this process when it has come to the step so many times.
    pub fn arm() {
        let (Ok(step), Ok(times)) = (std::env::var(STEP), std::env::var(TIMES)) else { return };
        let left = AtomicU64::new(times.parse().unwrap());
        let end = move || {
            if left.fetch_sub(1, Ordering::Relaxed) == 1 {
                std::process::abort();
            }
        };
        fail::cfg_callback(step, end).unwrap();
    }

    /// Every step, as the code names it.
    fn steps() -> Vec<String> {
        fn walk(dir: &Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
                if entry.is_dir() {
                    walk(&entry, found);
                    continue;
                }
                let code = std::fs::read_to_string(entry).unwrap();
                let names = code.split("failpoint!(\"").skip(1).filter_map(|rest| rest.split_once("\")"));
                found.extend(names.map(|(name, _)| name.to_owned()));
            }
        }
        let mut found = Vec::new();
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store"), &mut found);
        found
    }

    #[test]
    fn a_process_that_dies_at_any_step_loses_nothing_saved() {
        let steps = steps();
        assert!(steps.len() > 20, "{steps:?}");
        let (mut deaths, mut acknowledged) = (0, 0);
        for step in steps {
            let dir = tempfile::tempdir().unwrap();
            let mut saved = [0_u64; 5];
            for times in ["1", "3"] {
                let mut child = spawn(dir.path(), &[(STEP, &step), (TIMES, times)]);
                let process = rustix::process::Pid::from_child(&child);
                // Some steps come once in a life; after so many lines it has had the time to come again.
                let (mut lines, enough) = (0, if times == "1" { 60_000 } else { 1_500 });
                listen(&mut child, &mut saved, || {
                    lines += 1;
                    if lines == enough {
                        let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
                    }
                });
                let died = child.wait().unwrap().signal() == Some(6);
                assert!(died || times != "1", "it never came to {step}");
                deaths += u64::from(died);
                check(dir.path(), &saved);
            }
            acknowledged += saved.iter().sum::<u64>();
        }
        println!("{deaths} deaths, {acknowledged} changes acknowledged, none lost, no start refused");
    }
}
