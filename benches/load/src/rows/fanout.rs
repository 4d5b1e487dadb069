//! As much as goes through: few write without a pause, many read.

use anyhow::Result;
use futures_util::future::try_join_all;

use super::{Better, Figures, Measure, Must, Row, Who, Whose};
use crate::crowd::{Crowd, Part};
use crate::stage::{Stage, Window, join, verify};
use crate::stats::{micros_each, per_second};

const WRITERS: usize = 4;
const READERS: usize = 50;

/// Updates of a writer that may be on the way to somebody. Together they are half of what the smallest queue among the peers holds.
const WINDOW: u64 = 128;

const CPU: &str = "server CPU per delivered update";
const RATE: &str = "delivered updates/s";
const OWN: &str = "the load generator's own CPU";

pub const ROW: Row = Row {
    name: "fanout",
    work: "fan-out, 4 writers, 50 readers, saturated",
    who: Who::Everybody,
    measures: &[
        Measure {
            name: CPU,
            unit: "µs",
            better: Better::Less,
            must: &[Must::AtMost(0.4), Must::AtMostTimes(1.0, Whose::BetterRelay)],
        },
        Measure {
            name: RATE,
            unit: "",
            better: Better::More,
            must: &[Must::AtLeastTimes(2.0, Whose::BestPeer)],
        },
        Measure { name: OWN, unit: "% of a core", better: Better::Less, must: &[] },
    ],
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Figures> {
    let server = stage.server().await?;
    let updates = stage.scaled(10_000, 2_000);
    let crowd = Crowd::new(WRITERS, updates, 1);
    let mut members = vec![join(&server, "fanout", &crowd, Part::Checks).await?];
    for _ in 1..READERS {
        members.push(join(&server, "fanout", &crowd, Part::Reads).await?);
    }
    let mut writers = Vec::new();
    for typist in 0..WRITERS {
        writers.push(join(&server, "fanout", &crowd, Part::Writes(typist)).await?);
    }

    let window = Window::open(&server).await?;
    let writing =
        writers.iter().enumerate().map(|(typist, writer)| crowd.write_all(typist, &writer.client, WINDOW));
    crowd.everybody_gets(async { try_join_all(writing).await.map(drop) }).await?;
    let elapsed = window.until(crowd.last_arrival());
    let own = window.own_share(crowd.last_arrival())?;
    let cpu = window.close(&server).await?;

    let delivered = crowd.delivered();
    Ok(Figures {
        figures: vec![(CPU, micros_each(cpu, delivered)), (RATE, per_second(delivered, elapsed)), (OWN, own)],
        lost: verify(&server, "fanout", &crowd).await?,
    })
}
