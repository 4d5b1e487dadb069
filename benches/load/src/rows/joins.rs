//! A lecture begins: fifty open one large document at the same moment.

use std::time::Instant;

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;

use super::large::Large;
use super::{Better, Figures, Measure, Must, Row, Who};
use crate::stage::{Stage, Window};
use crate::stats::{Latencies, micros_each};

const JOINS: usize = 50;

const CPU: &str = "CPU each";
const P99: &str = "p99";

pub const ROW: Row = Row {
    name: "joins",
    work: "50 joins at once of that document",
    who: Who::WhoeverKeeps,
    measures: &[
        Measure { name: CPU, unit: "ms", better: Better::Less, must: &[Must::AtMost(0.2)] },
        Measure { name: P99, unit: "ms", better: Better::Less, must: &[Must::AtMost(20.0)] },
    ],
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Figures> {
    let server = stage.server().await?;
    let large = Large::new(stage)?;
    let _author = large.send(&server).await?;

    let window = Window::open(&server).await?;
    let joins = try_join_all((0..JOINS).map(async |_| {
        let began = Instant::now();
        let state = large.open(&server).await?;
        anyhow::Ok((began.elapsed(), state))
    }))
    .await?;
    let cpu = window.close(&server).await?;

    let mut latencies = Latencies::default();
    for (waited, state) in &joins {
        latencies.add(*waited);
        ensure!(state == &joins[0].1, "two newcomers were given different documents");
    }
    large.check(&joins[0].1)?;
    let (_, p99) = latencies.p50_p99();
    Ok(Figures::whole(vec![(CPU, micros_each(cpu, JOINS as u64) / 1e3), (P99, p99)]))
}
