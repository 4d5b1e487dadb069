//! A process that is killed at any moment loses nothing that it said was saved.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use bytes::Bytes;
use cowrite::ids::{DocId, Kind, Seq};
use cowrite::store::{Append, Change, JournalStore, Listener, Options, Store, StoreError};

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
        ..Options::default()
    }
}

/// The process that is killed. It is run by the test below and does nothing otherwise.
#[test]
#[ignore = "run by a_killed_process_loses_nothing_saved"]
fn writes_until_it_is_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
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

#[test]
fn a_killed_process_loses_nothing_saved() {
    let dir = tempfile::tempdir().unwrap();
    let mut saved = [0_u64; 5];
    for round in 0..6 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "crash::writes_until_it_is_killed"])
            .env(DIR, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let (first, begun) = mpsc::channel();
        // Every other process is killed while it opens what the one before it left.
        let killer = std::thread::spawn(move || {
            if round % 2 == 0 {
                let _ = begun.recv_timeout(Duration::from_secs(10));
            }
            std::thread::sleep(Duration::from_millis(5 + 17 * round));
            child.kill().unwrap();
            child.wait().unwrap();
        });
        for line in lines {
            let words: Vec<_> = line.split(' ').collect();
            if let ["saved", doc, seq] = words[..] {
                let _ = first.send(());
                // The last line may be cut short, which only makes it smaller.
                saved[doc.parse::<usize>().unwrap()] = seq.parse().unwrap_or(0);
            }
        }
        killer.join().unwrap();
        println!("round {round}: {saved:?}");
        let store = JournalStore::open(dir.path(), options()).unwrap();
        for (n, saved) in saved.iter().enumerate() {
            let Some(entry) = store.find(&name(n as u64)).unwrap() else {
                assert_eq!(*saved, 0);
                continue;
            };
            let stored = store.load(entry.number).unwrap();
            assert!(
                stored.last_seq() >= Seq(*saved),
                "doc-{n} has {:?}, saved was {saved}",
                stored.last_seq()
            );
            let mut text = stored.snapshot.clone().unwrap_or_default().to_vec();
            stored.tail.iter().for_each(|change| text.extend_from_slice(&change.update));
            assert_eq!(text, expected(stored.last_seq().0), "doc-{n}");
        }
    }
    assert!(saved.iter().all(|saved| *saved > 0), "it never came to write");
}
