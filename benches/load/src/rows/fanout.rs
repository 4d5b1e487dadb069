//! As much as goes through: few write without a pause, many read.

use anyhow::Result;
use futures_util::future::try_join_all;

use super::{Better, Figures, Measure, Must, Row, Who, Whose};
use crate::crowd::{Crowd, Part};
use crate::stage::{STALLED_AFTER, Stage, Window, join, newcomer};
use crate::stats::{micros_each, per_second};

const WRITERS: usize = 4;
const READERS: usize = 50;

const CPU: &str = "server CPU per delivered update";
const RATE: &str = "delivered updates/s";

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
        let writer = join(&server, "fanout", &crowd, Part::Writes(typist)).await?;
        let frames = crowd.frames(typist, &writer.client);
        writers.push((writer, frames));
    }

    let window = Window::open(&server).await?;
    let write = try_join_all(writers.iter().map(|(writer, frames)| writer.client.write(frames)));
    tokio::try_join!(write, crowd.has_everything(STALLED_AFTER))?;
    let elapsed = window.elapsed();
    let cpu = window.close(&server).await?;

    crowd.check(newcomer(&server, "fanout").await?.as_deref())?;
    Ok(vec![(CPU, micros_each(cpu, crowd.delivered())), (RATE, per_second(crowd.delivered(), elapsed))])
}
