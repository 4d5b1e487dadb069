//! Documents that are stored and that nobody has open.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::pace::Work;
use super::{LINE, Measure, Series, count, document, make_documents, memory_at_rest};
use crate::client::{Client, Manner};
use crate::rows::Figures;
use crate::servers::Server;
use crate::servers::disk::room_of;
use crate::servers::http::Http;
use crate::stage::{Stage, Window};
use crate::stats::{micros_each, millis};
use crate::trace::content_of;

/// Starts, of which the shortest counts.
const STARTS: u64 = 3;

/// Documents on the page of the list that is asked for.
const PAGE: u64 = 100;

const MAKING: &str = "CPU to make one";
const DISK: &str = "disk per document";
const READY: &str = "ready after";
const READY_CPU: &str = "CPU until ready";
const STARTED: &str = "memory when ready";
const EACH: &str = "memory per document, at rest";
const JOIN: &str = "first join of one";
const JOIN_CPU: &str = "CPU of that";
const LIST: &str = "CPU of the list's first page";

pub(super) const SERIES: Series = Series {
    name: "stored",
    title: "Documents stored",
    sizes: &[1, 10, 100, 1_000, 10_000, 100_000],
    label: count,
    measures: &[
        Measure::own(MAKING, "µs", Work::Same, 300.0),
        Measure::own(DISK, "kB", Work::Same, 0.1),
        Measure::clock(READY, "ms", Work::Proportional, 10.0),
        Measure::own(READY_CPU, "ms", Work::Proportional, 10.0),
        Measure::own(STARTED, "MB", Work::Proportional, 1.0),
        Measure::own(EACH, "kB", Work::Same, 0.1),
        Measure::clock(JOIN, "ms", Work::Same, 1.0),
        Measure::own(JOIN_CPU, "ms", Work::Same, 3.0),
        Measure::own(LIST, "ms", Work::Same, 2.0),
    ],
    run: |stage, size| Box::pin(run(stage, size)),
};

async fn run(stage: &Stage, documents: u64) -> Result<Figures> {
    let empty = {
        let mut server = stage.server().await?;
        server.stop()?;
        server.restart().await?;
        memory_at_rest(&server).await?
    };
    // Documents are put away as soon as they are made: a hundred thousand live ones are another question.
    let mut server = stage.server_with(&["--idle-for", "0s"]).await?;
    let window = Window::open(&server).await?;
    make_documents(&server, documents).await?;
    let making = window.close(&server).await?;
    server.stop()?;
    let disk = room_of(&server.documents())?;

    let (mut ready, mut ready_cpu, mut started) = (Vec::new(), Vec::new(), Vec::new());
    let (mut join, mut join_cpu) = (Vec::new(), Vec::new());
    for start in 0..STARTS {
        if start > 0 {
            server.stop()?;
        }
        ready.push(millis(server.restart().await?));
        ready_cpu.push(millis(server.process.cpu()?));
        started.push(server.process.memory()?.now as f64 / 1e6);
        let window = Window::open(&server).await?;
        join.push(millis(first_join(&server, start * documents / STARTS).await?));
        join_cpu.push(millis(window.close(&server).await?));
    }
    let rest = memory_at_rest(&server).await?;
    let list = list(&server, documents).await?;
    // Whatever else the machine does makes some of them longer.
    let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
    Ok(Figures::whole(vec![
        (MAKING, micros_each(making, documents)),
        (DISK, disk as f64 / 1e3 / documents as f64),
        (READY, least(&ready)),
        (READY_CPU, least(&ready_cpu)),
        (STARTED, least(&started)),
        (EACH, rest.saturating_sub(empty) as f64 / 1e3 / documents as f64),
        (JOIN, least(&join)),
        (JOIN_CPU, least(&join_cpu)),
        (LIST, list),
    ]))
}

async fn first_join(server: &Server, number: u64) -> Result<Duration> {
    let mut state = Vec::new();
    let began = Instant::now();
    let has = |update: &[u8]| {
        state.push(update.to_vec());
        Ok(())
    };
    Client::join(server, &document(number), Manner::default(), has).await?;
    let waited = began.elapsed();
    ensure!(content_of(&state)? == LINE.text(1), "a stored document came back as another");
    Ok(waited)
}

/// What one look at the list costs, in milliseconds: of some, for one is too short to be told from rest.
async fn list(server: &Server, documents: u64) -> Result<f64> {
    const LOOKS: u64 = 10;
    let mut http = Http::connect(server.address).await?;
    let window = Window::open(server).await?;
    let mut page = String::new();
    for _ in 0..LOOKS {
        page = http.ask("GET", &format!("/api/v1/documents?limit={PAGE}"), "").await?;
    }
    let cpu = window.close(server).await?;
    let page: serde_json::Value = serde_json::from_str(&page)?;
    let listed = page["documents"].as_array().context("a list")?.len() as u64;
    ensure!(listed == documents.min(PAGE), "{listed} documents were listed");
    Ok(micros_each(cpu, LOOKS) / 1e3)
}
