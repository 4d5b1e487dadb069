//! A lively lecture: one writes at a steady pace, a hundred read.

use anyhow::Result;

use super::{Better, Figures, Measure, Must, Row, Who, Whose};
use crate::crowd::{Crowd, Part};
use crate::pace::evenly;
use crate::stage::{Stage, Window, join, verify};
use crate::stats::micros_each;

const READERS: usize = 100;
const PER_SECOND: f64 = 200.0;

const CPU: &str = "CPU per delivery";
const P50: &str = "p50";
const P99: &str = "p99";

pub const ROW: Row = Row {
    name: "paced",
    work: "paced, 200 updates/s to 100 readers",
    who: Who::Everybody,
    measures: &[
        Measure {
            name: CPU,
            unit: "µs",
            better: Better::Less,
            must: &[Must::AtMostTimes(1.0, Whose::BestPeer), Must::AtMostTimes(0.8, Whose::ActixRelay)],
        },
        Measure {
            name: P50,
            unit: "ms",
            better: Better::Less,
            must: &[Must::AtMostTimes(1.0, Whose::BestPeer)],
        },
        Measure {
            name: P99,
            unit: "ms",
            better: Better::Less,
            must: &[Must::AtMostTimes(1.0, Whose::BestPeer)],
        },
    ],
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Figures> {
    let server = stage.server().await?;
    let updates = stage.scaled(2_000, 400);
    let crowd = Crowd::new(1, updates, 1);
    let mut members = vec![join(&server, "paced", &crowd, Part::Checks).await?];
    for _ in 1..READERS {
        members.push(join(&server, "paced", &crowd, Part::Reads).await?);
    }
    let writer = join(&server, "paced", &crowd, Part::Writes(0)).await?;

    let window = Window::open(&server).await?;
    let writing = evenly(PER_SECOND, updates, async |n| {
        let frame = crowd.frame(0, n, &writer.client);
        crowd.sending(0);
        writer.client.write(&frame).await
    });
    crowd.everybody_gets(writing).await?;
    let cpu = window.close(&server).await?;

    let (p50, p99) = crowd.latencies().p50_p99();
    Ok(Figures {
        figures: vec![(CPU, micros_each(cpu, crowd.delivered())), (P50, p50), (P99, p99)],
        lost: verify(&server, "paced", &crowd).await?,
    })
}
