//! A paper that somebody really wrote, 259,778 edits: what a long history costs.

use anyhow::Result;

use super::replay::replay;
use super::{Better, Figures, Measure, Must, Row, Who, Whose};
use crate::stage::Stage;
use crate::stats::{median, micros_each, millis, per_second};

/// Newcomers, one after the other.
const JOINS: usize = 5;

const RATE: &str = "updates/s";
const CPU: &str = "CPU per update";
const MEMORY: &str = "memory at the end";
const PEAK: &str = "peak memory";
const JOIN: &str = "late join";

pub const ROW: Row = Row {
    name: "paper",
    work: "the 259,778-edit trace",
    who: Who::WhoeverKeeps,
    measures: &[
        Measure {
            name: RATE,
            unit: "",
            better: Better::More,
            must: &[Must::AtLeastTimes(4.0, Whose::BestPeer)],
        },
        Measure { name: CPU, unit: "µs", better: Better::Less, must: &[] },
        Measure { name: MEMORY, unit: "MB", better: Better::Less, must: &[Must::AtMost(60.0)] },
        Measure { name: PEAK, unit: "MB", better: Better::Less, must: &[] },
        Measure { name: JOIN, unit: "ms", better: Better::Less, must: &[Must::AtMost(4.0)] },
    ],
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Figures> {
    let replayed = replay(stage, "automerge-paper").await?;
    let memory = replayed.server.process.memory()?;
    let mut joins = Vec::new();
    for _ in 0..JOINS {
        joins.push(millis(replayed.late_join().await?));
    }
    Ok(Figures::whole(vec![
        (RATE, per_second(replayed.edits, replayed.elapsed)),
        (CPU, micros_each(replayed.cpu, replayed.edits)),
        (MEMORY, memory.now as f64 / 1e6),
        (PEAK, memory.peak as f64 / 1e6),
        (JOIN, median(&joins).expect("there are some")),
    ]))
}
