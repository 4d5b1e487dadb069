//! People who have one document open.

use std::time::Duration;

use anyhow::Result;

use super::pace::Work;
use super::{Measure, Series, count, cpu_at_rest};
use crate::crowd::{Crowd, Part};
use crate::pace::evenly;
use crate::rows::Figures;
use crate::stage::{Stage, Window, join, verify};
use crate::stats::micros_each;

const DOCUMENT: &str = "crowded";

/// What is written while all read: little, so that everybody has got one update before the next comes.
const PER_SECOND: f64 = 4.0;
const UPDATES: u64 = 40;

/// How long nothing happens: three pings (every 20 s) and four fillers (every 15 s).
const REST: Duration = Duration::from_secs(60);

const EACH: &str = "memory per connection";
const CONNECT: &str = "CPU per connect and join";
const IDLE: &str = "CPU per connection while nothing happens";
const UPDATE: &str = "CPU per update that all get";
const DELIVERY: &str = "CPU per delivery";
const P50: &str = "p50";
const P99: &str = "p99";

pub(super) const SERIES: Series = Series {
    name: "connections",
    title: "Connections to one document",
    sizes: &[1, 10, 100, 1_000, 10_000],
    label: count,
    measures: &[
        Measure::own(EACH, "kB", Work::Same, 1.0),
        Measure::own(CONNECT, "µs", Work::Same, 30.0),
        Measure::own(IDLE, "µs/s", Work::Same, 2.0),
        Measure::own(UPDATE, "ms", Work::Proportional, 0.5),
        Measure::own(DELIVERY, "µs", Work::Same, 1.0),
        Measure::clock(P50, "ms", Work::Proportional, 0.3),
        Measure::clock(P99, "ms", Work::Proportional, 1.0),
    ],
    run: |stage, size| Box::pin(run(stage, size)),
};

async fn run(stage: &Stage, connections: u64) -> Result<Figures> {
    // The writer and whoever checks at the end come on top.
    let server = stage.server_with(&["--connections-per-document", "10010"]).await?;
    let crowd = Crowd::new(1, UPDATES, 1);
    let writer = join(&server, DOCUMENT, &crowd, Part::Writes(0)).await?;
    let window = Window::open(&server).await?;
    let before = server.process.memory()?.now;
    let mut readers = Vec::new();
    for _ in 0..connections {
        readers.push(join(&server, DOCUMENT, &crowd, Part::Reads).await?);
    }
    let connect = window.close(&server).await?;
    let memory = server.process.memory()?.now.saturating_sub(before);
    let idle = cpu_at_rest(&server, REST).await?;

    let window = Window::open(&server).await?;
    let writing = evenly(PER_SECOND, UPDATES, async |n| {
        let frame = crowd.frame(0, n, &writer.client);
        crowd.sending(0);
        writer.client.write(&frame).await
    });
    crowd.everybody_gets(writing).await?;
    let cpu = window.close(&server).await?;
    let (p50, p99) = crowd.latencies().p50_p99();
    let lost = verify(&server, DOCUMENT, &crowd).await?;
    Ok(Figures {
        figures: vec![
            (EACH, memory as f64 / 1e3 / connections as f64),
            (CONNECT, micros_each(connect, connections)),
            (IDLE, 1e3 * idle / connections as f64),
            (UPDATE, micros_each(cpu, UPDATES) / 1e3),
            (DELIVERY, micros_each(cpu, crowd.delivered())),
            (P50, p50),
            (P99, p99),
        ],
        lost,
    })
}
