//! How long each step takes, and how long the journal takes to make changes durable.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use bytes::Bytes;
use cowrite::ids::{DocId, Kind, Seq};
use cowrite::store::{Append, Change, JournalStore, Listener, Options, Store, StoreError};
use cowrite_hot::{steps, typing};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

fn pure(criterion: &mut Criterion) {
    for step in steps() {
        let mut group = criterion.benchmark_group(step.name);
        group.throughput(Throughput::Elements(step.count as u64));
        group.bench_function("each", |bencher| {
            bencher.iter_batched(|| (step.prepare)(), |run| run(), BatchSize::PerIteration);
        });
    }
}

/// Passes on how far changes are durable.
struct Told(Sender<Seq>);

impl Listener for Told {
    fn durable(&self, seq: Seq) {
        // Nobody waits for it any more once a run has ended.
        let _ = self.0.send(seq);
    }

    fn failed(&self, error: &StoreError) {
        panic!("the disk failed: {error}");
    }

    fn recovered(&self) {}
}

fn journal(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let options = Options { commit_every: Duration::ZERO, commit_unawaited_every: Duration::ZERO, ..Options::default() };
    let store = JournalStore::open(folder.path(), options).expect("an empty folder can be opened");
    let id = DocId::parse("bench").expect("a plain word is an id");
    let (entry, _) = store.create(&id, Kind::Text, "", false).expect("there is no such document");
    let changes: Vec<Change> = typing(1, 1_000).into_iter().map(change).collect();
    let mut seq = 0;
    for count in [1, 100, 1_000] {
        let mut group = criterion.benchmark_group("journal: append and fdatasync");
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(format!("{count} at once"), |bencher| {
            bencher.iter(|| {
                let (told, durable) = channel();
                let changes = changes[..count].to_vec();
                let append = Append {
                    document: entry.number,
                    first: Seq(seq + 1),
                    changes,
                    listener: Arc::new(Told(told)),
                };
                store.append(append).expect("the store is open");
                seq += count as u64;
                while durable.recv().expect("the journal answers") < Seq(seq) {}
            });
        });
    }
}

fn change(update: Bytes) -> Change {
    Change { at_ms: 0, author: "bench".into(), update }
}

criterion_group!(benches, pure, journal);
criterion_main!(benches);
