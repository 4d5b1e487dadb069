//! A file that somebody really wrote, 18,335 edits.

use anyhow::Result;

use super::replay::replay;
use super::{Better, Figures, Measure, Must, Row, Who, Whose};
use crate::stage::Stage;
use crate::stats::{micros_each, per_second};

const RATE: &str = "updates/s";
const CPU: &str = "CPU per update";

pub const ROW: Row = Row {
    name: "trace",
    work: "real trace (18,335 edits), one writer, one follower",
    who: Who::WhoeverKeeps,
    measures: &[
        Measure {
            name: RATE,
            unit: "",
            better: Better::More,
            must: &[Must::AtLeastTimes(4.0, Whose::BestPeer)],
        },
        Measure { name: CPU, unit: "µs", better: Better::Less, must: &[Must::AtMost(10.0)] },
    ],
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Figures> {
    let replayed = replay(stage, "sveltecomponent").await?;
    replayed.late_join().await?;
    Ok(Figures::whole(vec![
        (RATE, per_second(replayed.edits, replayed.elapsed)),
        (CPU, micros_each(replayed.cpu, replayed.edits)),
    ]))
}
