//! Documents that are live: open not long ago or at present.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use super::pace::Work;
use super::{Measure, Series, count, cpu_at_rest, document, make_documents};
use crate::crowd::{Crowd, Part};
use crate::pace::evenly;
use crate::rows::Figures;
use crate::stage::{Stage, Window, join};
use crate::stats::{Latencies, micros_each};

/// The updates, whatever the number of documents.
const PER_SECOND: f64 = 200.0;
const UPDATES: u64 = 2_000;

/// Documents that they are spread over at most: two people sit at each, and connections are another question.
const BUSY: u64 = 500;

/// How long nothing happens.
const REST: Duration = Duration::from_secs(20);

const EACH: &str = "memory per document";
const IDLE: &str = "CPU while nothing happens";
const CPU: &str = "CPU per update";
const P50: &str = "p50";
const P99: &str = "p99";

pub(super) const SERIES: Series = Series {
    name: "live",
    title: "Documents live",
    sizes: &[1, 10, 100, 1_000, 5_000],
    label: count,
    measures: &[
        Measure::own(EACH, "kB", Work::Same, 1.0),
        Measure::own(IDLE, "ms/s", Work::Same, 2.0),
        Measure::own(CPU, "µs", Work::Same, 50.0),
        Measure::clock(P50, "ms", Work::Same, 0.2),
        Measure::clock(P99, "ms", Work::Same, 1.0),
    ],
    run: |stage, size| Box::pin(run(stage, size)),
};

async fn run(stage: &Stage, documents: u64) -> Result<Figures> {
    let server = stage.server_with(&["--idle-for", "24h"]).await?;
    let before = server.process.memory()?.now;
    make_documents(&server, documents).await?;
    sleep(Duration::from_secs(1)).await;
    let each = server.process.memory()?.now.saturating_sub(before) as f64 / 1e3 / documents as f64;
    let idle = cpu_at_rest(&server, REST).await?;

    // Two people at each of the busy ones, which lie evenly among the others.
    let busy = documents.min(BUSY);
    let mut tables = Vec::new();
    for table in 0..busy {
        let name = document(table * documents / busy);
        let crowd = Crowd::new(1, UPDATES / busy, 1);
        let reader = join(&server, &name, &crowd, Part::Reads).await?;
        let writer = join(&server, &name, &crowd, Part::Writes(0)).await?;
        tables.push((crowd, writer, reader));
    }
    let updates = UPDATES / busy * busy;
    let window = Window::open(&server).await?;
    evenly(PER_SECOND, updates, async |n| {
        let (crowd, writer, _) = &tables[(n % busy) as usize];
        let frame = crowd.frame(0, n / busy, &writer.client);
        crowd.sending(0);
        writer.client.write(&frame).await
    })
    .await?;
    let mut latencies = Latencies::default();
    for (crowd, ..) in &tables {
        crowd.has_everything().await?;
        latencies.extend(crowd.latencies());
    }
    let cpu = window.close(&server).await?;
    let (p50, p99) = latencies.p50_p99();
    Ok(Figures::whole(vec![
        (EACH, each),
        (IDLE, idle),
        (CPU, micros_each(cpu, updates)),
        (P50, p50),
        (P99, p99),
    ]))
}
