//! One document, larger and larger: written line by line, so that it has a block for each line, or pasted, so that it has one.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::keys::{Editor, one_by_one};
use super::pace::Work;
use super::{Measure, Series, memory_at_rest, metric};
use crate::client::{Client, Manner};
use crate::crowd::{Crowd, Member, Part, STALLED_AFTER};
use crate::rows::Figures;
use crate::servers::Server;
use crate::stage::{Stage, Window, join_as, newcomer};
use crate::stats::{Latencies, median, micros_each, millis};
use crate::tally::Want;
use crate::trace::{AUTHOR, content_of};
use crate::wire::message::Message;

const DOCUMENT: &str = "sized";

/// Keystrokes whose medians and means count.
const KEYS: u32 = 200;

/// Newcomers, one after the other.
const JOINS: u64 = 5;

/// Keystrokes between two looks whether a checkpoint was written.
const LOOK_EVERY: u32 = 64;

/// More than lie between two checkpoints.
const MANY_KEYS: u32 = 10_000;

/// How a document is written line by line: each line above the last, so that no two of them become one block.
const LINE_BYTES: u64 = 64;
const LINES_AT_ONCE: u64 = 1_000;

/// The most that is pasted at once.
const PASTE_BYTES: u64 = 1_000_000;

const MEMORY: &str = "memory above an empty server's";
const KEY_CPU: &str = "CPU per keystroke, one behind the other";
const KEY: &str = "latency of one, median";
const JUMP_CPU: &str = "CPU per keystroke, each elsewhere";
const JUMP: &str = "latency of one elsewhere, median";
const SHARE_CPU: &str = "CPU per keystroke with its share of a checkpoint";
const LONGEST: &str = "longest latency beside a checkpoint";
const WARM: &str = "join of a live document after a keystroke";
const WARM_CPU: &str = "CPU of that";
const STOP: &str = "clean stop with that document";
const COLD: &str = "first join from disk";
const COLD_CPU: &str = "CPU of the first join";
const FIRST_KEY: &str = "first keystroke after that";
const FIRST_KEY_CPU: &str = "CPU of the first keystroke";

const MEASURES: &[Measure] = &[
    Measure::own(MEMORY, "MB", Work::Proportional, 1.0),
    Measure::own(KEY_CPU, "µs", Work::Same, 50.0),
    Measure::clock(KEY, "ms", Work::Same, 0.2),
    Measure::own(JUMP_CPU, "µs", Work::Same, 50.0),
    Measure::clock(JUMP, "ms", Work::Same, 0.2),
    Measure::own(SHARE_CPU, "µs", Work::Same, 50.0),
    Measure::clock(LONGEST, "ms", Work::Proportional, 10.0),
    Measure::clock(WARM, "ms", Work::Proportional, 1.0),
    Measure::own(WARM_CPU, "ms", Work::Proportional, 1.0),
    Measure::clock(STOP, "ms", Work::Proportional, 50.0),
    Measure::clock(COLD, "ms", Work::Proportional, 1.0),
    Measure::own(COLD_CPU, "ms", Work::Proportional, 3.0),
    Measure::clock(FIRST_KEY, "ms", Work::Proportional, 1.0),
    Measure::own(FIRST_KEY_CPU, "ms", Work::Proportional, 3.0),
];

const SIZES: &[u64] = &[1_000, 10_000, 100_000, 1_000_000, 10_000_000];

pub(super) const WRITTEN: Series = Series {
    name: "written",
    title: "Size of one document, written line by line",
    sizes: SIZES,
    label,
    measures: MEASURES,
    run: |stage, size| Box::pin(run(stage, size, write)),
};

pub(super) const PASTED: Series = Series {
    name: "pasted",
    title: "Size of one document, pasted",
    sizes: SIZES,
    label,
    measures: MEASURES,
    run: |stage, size| Box::pin(run(stage, size, paste)),
};

fn label(bytes: u64) -> String {
    if bytes < 1_000_000 { format!("{} KB", bytes / 1_000) } else { format!("{} MB", bytes / 1_000_000) }
}

/// The updates of a document that was written line by line.
fn write(editor: &Editor, bytes: u64) -> Vec<Vec<u8>> {
    let lines: Vec<String> = (0..bytes / LINE_BYTES).map(|n| format!("{n:>62}.\n")).collect();
    lines
        .chunks(LINES_AT_ONCE as usize)
        .map(|some| editor.insert(some.iter().map(|line| (0, line.as_str()))))
        .collect()
}

/// The updates of a document that was pasted, in as few pieces as may be.
fn paste(editor: &Editor, bytes: u64) -> Vec<Vec<u8>> {
    let text: String = (0..PASTE_BYTES.min(bytes)).map(|n| char::from(b'a' + (n % 26) as u8)).collect();
    (0..bytes.div_ceil(PASTE_BYTES)).map(|_| editor.insert([(editor.len(), text.as_str())])).collect()
}

async fn run(stage: &Stage, bytes: u64, make: fn(&Editor, u64) -> Vec<Vec<u8>>) -> Result<Figures> {
    let mut server = stage.server().await?;
    let empty = memory_at_rest(&server).await?;
    let editor = Editor::new();
    let author = enter(&server, u64::MAX).await?;
    let updates = make(&editor, bytes);
    for update in &updates {
        author.client.say(Message::Update(update)).await?;
    }
    author.saved.reaches(updates.len() as u64, STALLED_AFTER).await?;
    drop(updates);
    let memory = memory_at_rest(&server).await?.saturating_sub(empty);

    let middle = editor.len() / 2;
    let (key_cpu, key) = typing(&server, &author, &editor.keys(middle, KEYS)).await?;
    let elsewhere: Vec<_> = places(editor.len(), KEYS).map(|at| editor.key(at)).collect();
    let (jump_cpu, jump) = typing(&server, &author, &elsewhere).await?;
    // From one checkpoint to the next.
    to_a_checkpoint(&server, &author, &editor).await?;
    let (share_cpu, longest) = to_a_checkpoint(&server, &author, &editor).await?;

    let mut warm = Vec::new();
    let window = Window::open(&server).await?;
    for _ in 0..JOINS {
        author.client.say(Message::Update(&editor.key(middle))).await?;
        warm.push(millis(join(&server, &editor).await?));
    }
    let warm_cpu = window.close(&server).await?;
    drop(author);

    let began = Instant::now();
    server.stop()?;
    let stop = began.elapsed();
    server.restart().await?;
    let window = Window::open(&server).await?;
    let cold = join(&server, &editor).await?;
    let cold_cpu = window.close(&server).await?;
    let author = enter(&server, editor.clock()).await?;
    let (first_key_cpu, first_key) = typing(&server, &author, &[editor.key(middle)]).await?;
    join(&server, &editor).await?;
    Ok(Figures::whole(vec![
        (MEMORY, memory as f64 / 1e6),
        (KEY_CPU, key_cpu),
        (KEY, middle_of(key)),
        (JUMP_CPU, jump_cpu),
        (JUMP, middle_of(jump)),
        (SHARE_CPU, share_cpu),
        (LONGEST, longest),
        (WARM, median(&warm).expect("there are some")),
        (WARM_CPU, micros_each(warm_cpu, JOINS) / 1e3),
        (STOP, millis(stop)),
        (COLD, millis(cold)),
        (COLD_CPU, millis(cold_cpu)),
        (FIRST_KEY, middle_of(first_key)),
        (FIRST_KEY_CPU, first_key_cpu / 1e3),
    ]))
}

/// The author, who is told what is saved.
async fn enter(server: &Server, clock: u64) -> Result<Member> {
    let crowd = Crowd::following(AUTHOR, clock);
    join_as(Manner::TOLD, server, DOCUMENT, &crowd, Part::Writes(0)).await
}

/// Somebody comes, gets the document and goes; how long it took. What it got must be what the author has.
async fn join(server: &Server, editor: &Editor) -> Result<Duration> {
    let wants = [Want { client: AUTHOR, clock: editor.clock() }];
    let began = Instant::now();
    let has = newcomer(server, DOCUMENT, wants.into()).await?;
    let waited = began.elapsed();
    ensure!(content_of(&has)? == editor.text(), "the newcomer's text is not the author's");
    Ok(waited)
}

/// Type with one who reads: CPU time of each in microseconds, and latencies.
async fn typing(server: &Server, author: &Member, updates: &[Vec<u8>]) -> Result<(f64, Latencies)> {
    let reader = Client::join(server, DOCUMENT, Manner::default(), |_| Ok(())).await?;
    let window = Window::open(server).await?;
    let latencies = one_by_one(&author.client, &reader, updates).await?;
    let cpu = window.close(server).await?;
    Ok((micros_each(cpu, updates.len() as u64), latencies))
}

/// Type until a checkpoint was written: CPU time for each keystroke in microseconds, that of the checkpoint included, and the longest
/// latency in milliseconds.
async fn to_a_checkpoint(server: &Server, author: &Member, editor: &Editor) -> Result<(f64, f64)> {
    let reader = Client::join(server, DOCUMENT, Manner::default(), |_| Ok(())).await?;
    let window = Window::open(server).await?;
    let before = metric(server, "cowrite_checkpoints_total").await?;
    let (mut keys, mut latencies) = (0, Latencies::default());
    let at = editor.len() / 2;
    while metric(server, "cowrite_checkpoints_total").await? == before {
        ensure!(keys < MANY_KEYS, "no checkpoint after {keys} keystrokes");
        let updates = editor.keys(at + keys, LOOK_EVERY);
        latencies.extend(one_by_one(&author.client, &reader, &updates).await?);
        keys += LOOK_EVERY;
    }
    let cpu = window.close(server).await?;
    Ok((micros_each(cpu, u64::from(keys)), latencies.longest()))
}

/// Places all over a text, the same in each run.
fn places(len: u32, count: u32) -> impl Iterator<Item = u32> {
    (1..=count).map(move |n| (u64::from(n) * 0x9e37_79b9 % u64::from(len.max(1))) as u32)
}

fn middle_of(mut latencies: Latencies) -> f64 {
    latencies.p50_p99().0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_the_size_that_was_asked_for() {
        for (make, size) in [(write as fn(&Editor, u64) -> _, 6_400), (paste, 2_000_000)] {
            let editor = Editor::new();
            let updates = make(&editor, size);
            assert_eq!(u64::from(editor.len()), size);
            assert!(content_of(&updates).unwrap() == editor.text());
        }
    }
}
