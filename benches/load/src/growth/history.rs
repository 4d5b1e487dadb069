//! One document that was edited more and more: what is paid for its past. The edits are those of a paper that somebody really wrote, in
//! front of itself four times over.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::keys::one_by_one;
use super::pace::Work;
use super::{Measure, Series, count, memory_at_rest};
use crate::client::{Client, Manner};
use crate::crowd::{Crowd, Part, STALLED_AFTER};
use crate::rows::Figures;
use crate::servers::Server;
use crate::servers::disk::room_of;
use crate::stage::{Stage, Window, join_as, newcomer};
use crate::stats::{micros_each, millis};
use crate::tally::Want;
use crate::trace::{AUTHOR, content_of};
use crate::wire::message::Message;
use crate::wire::update::spans;

const DOCUMENT: &str = "edited";

/// How often the paper, 259,778 edits, is written.
const TIMES: usize = 4;

/// Edits at the beginning and at the end that are sent one by one. The others come as fast as the server takes them.
const ONE_BY_ONE: usize = 500;

const FIRST: &str = "CPU per update, the first 500, one by one";
const LAST: &str = "CPU per update, the last 500, one by one";
const BETWEEN: &str = "CPU per update in between, without a pause";
const MEMORY: &str = "memory above an empty server's";
const STATE: &str = "encoded state";
const JOURNAL: &str = "journal per update";
const DISK: &str = "disk, all in all";
const JOIN: &str = "join of the live document";
const JOIN_CPU: &str = "CPU of that";
const KILLED: &str = "ready after kill -9";
const KILLED_CPU: &str = "CPU until ready then";
const KILLED_JOIN: &str = "first join then";
const KILLED_JOIN_CPU: &str = "CPU of that first join";
const STOP: &str = "clean stop";
const STOPPED: &str = "ready after a clean stop";
const STOPPED_CPU: &str = "CPU until ready after it";
const STOPPED_JOIN: &str = "first join after it";
const STOPPED_JOIN_CPU: &str = "CPU of the first join after it";

pub(super) const SERIES: Series = Series {
    name: "history",
    title: "Updates in one document",
    sizes: &[1_000, 10_000, 100_000, 1_000_000],
    label: count,
    measures: &[
        Measure::own(FIRST, "µs", Work::Same, 50.0),
        Measure::own(LAST, "µs", Work::Same, 50.0),
        Measure::own(BETWEEN, "µs", Work::Same, 2.0),
        Measure::own(MEMORY, "MB", Work::Proportional, 1.0),
        Measure::own(STATE, "kB", Work::Proportional, 1.0),
        Measure::own(JOURNAL, "bytes", Work::Same, 1.0),
        Measure::own(DISK, "MB", Work::Proportional, 1.0),
        Measure::clock(JOIN, "ms", Work::Proportional, 1.0),
        Measure::own(JOIN_CPU, "ms", Work::Proportional, 3.0),
        Measure::clock(KILLED, "ms", Work::Proportional, 10.0),
        Measure::own(KILLED_CPU, "ms", Work::Proportional, 10.0),
        Measure::clock(KILLED_JOIN, "ms", Work::Proportional, 1.0),
        Measure::own(KILLED_JOIN_CPU, "ms", Work::Proportional, 3.0),
        Measure::clock(STOP, "ms", Work::Proportional, 50.0),
        Measure::clock(STOPPED, "ms", Work::Same, 10.0),
        Measure::own(STOPPED_CPU, "ms", Work::Same, 10.0),
        Measure::clock(STOPPED_JOIN, "ms", Work::Proportional, 1.0),
        Measure::own(STOPPED_JOIN_CPU, "ms", Work::Proportional, 3.0),
    ],
    run: |stage, size| Box::pin(run(stage, size)),
};

async fn run(stage: &Stage, edits: u64) -> Result<Figures> {
    let trace = stage.repeated_trace("automerge-paper", TIMES)?;
    let updates = &trace.updates[..edits as usize];
    let past = Past { text: content_of(updates)?, clock: clock(updates)? };
    let mut server = stage.server().await?;
    let empty = memory_at_rest(&server).await?;
    let crowd = Crowd::following(AUTHOR, past.clock);
    let author = join_as(Manner::TOLD, &server, DOCUMENT, &crowd, Part::Writes(0)).await?;

    let (first, rest) = updates.split_at(ONE_BY_ONE);
    let (between, last) = rest.split_at(rest.len() - ONE_BY_ONE);
    let first_cpu = typing(&server, &author.client, first).await?;
    let window = Window::open(&server).await?;
    let frames: Vec<u8> =
        between.iter().flat_map(|update| author.client.frame(Message::Update(update))).collect();
    author.client.write(&frames).await?;
    author.saved.reaches(edits - ONE_BY_ONE as u64, STALLED_AFTER).await?;
    let between_cpu = window.close(&server).await?;
    drop(frames);
    let last_cpu = typing(&server, &author.client, last).await?;
    author.saved.reaches(edits, STALLED_AFTER).await?;

    let memory = memory_at_rest(&server).await?.saturating_sub(empty);
    let journal = room_of(&server.documents().join("journal"))?;
    let disk = room_of(&server.documents())?;
    let join = past.join(&server).await?;
    server.process.kill()?;
    let killed = server.restart().await?;
    let killed_cpu = server.process.cpu()?;
    let killed_join = past.join(&server).await?;
    let began = Instant::now();
    server.stop()?;
    let stop = began.elapsed();
    let stopped = server.restart().await?;
    let stopped_cpu = server.process.cpu()?;
    let stopped_join = past.join(&server).await?;
    Ok(Figures::whole(vec![
        (FIRST, micros_each(first_cpu, ONE_BY_ONE as u64)),
        (LAST, micros_each(last_cpu, ONE_BY_ONE as u64)),
        (BETWEEN, if between.is_empty() { f64::NAN } else { micros_each(between_cpu, between.len() as u64) }),
        (MEMORY, memory as f64 / 1e6),
        (STATE, join.bytes as f64 / 1e3),
        (JOURNAL, journal as f64 / edits as f64),
        (DISK, disk as f64 / 1e6),
        (JOIN, millis(join.waited)),
        (JOIN_CPU, millis(join.cpu)),
        (KILLED, millis(killed)),
        (KILLED_CPU, millis(killed_cpu)),
        (KILLED_JOIN, millis(killed_join.waited)),
        (KILLED_JOIN_CPU, millis(killed_join.cpu)),
        (STOP, millis(stop)),
        (STOPPED, millis(stopped)),
        (STOPPED_CPU, millis(stopped_cpu)),
        (STOPPED_JOIN, millis(stopped_join.waited)),
        (STOPPED_JOIN_CPU, millis(stopped_join.cpu)),
    ]))
}

/// CPU time of typing with one who reads.
async fn typing(server: &Server, author: &Client, updates: &[Vec<u8>]) -> Result<Duration> {
    let reader = Client::join(server, DOCUMENT, Manner::default(), |_| Ok(())).await?;
    let window = Window::open(server).await?;
    one_by_one(author, &reader, updates).await?;
    window.close(server).await
}

/// How far the author's clock goes in some updates.
fn clock(updates: &[Vec<u8>]) -> Result<u64> {
    let mut clock = 0;
    for update in updates {
        spans(update, |span| {
            clock = span.to.max(clock);
            Ok(())
        })?;
    }
    Ok(clock)
}

/// What the edits make.
struct Past {
    text: String,
    clock: u64,
}

/// What a newcomer was given, and what that cost.
struct Joined {
    bytes: usize,
    waited: Duration,
    cpu: Duration,
}

impl Past {
    /// Somebody comes, gets the document and goes.
    async fn join(&self, server: &Server) -> Result<Joined> {
        let wants = [Want { client: AUTHOR, clock: self.clock }];
        let window = Window::open(server).await?;
        let began = Instant::now();
        let has = newcomer(server, DOCUMENT, wants.into()).await?;
        let waited = began.elapsed();
        let cpu = window.close(server).await?;
        ensure!(content_of(&has)? == self.text, "the newcomer's text is not what was typed");
        Ok(Joined { bytes: has.iter().map(Vec::len).sum(), waited, cpu })
    }
}
