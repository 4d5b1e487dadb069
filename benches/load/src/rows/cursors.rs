//! Carets that move while nobody types.

use anyhow::Result;

use super::{Better, Figures, Measure, Must, Row, Who};
use crate::crowd::{Crowd, Part};
use crate::pace::evenly;
use crate::presence::moved;
use crate::stage::{Stage, Window, join};
use crate::stats::micros_each;
use crate::wire::message::Message;

const CURSORS: usize = 50;
const EACH_PER_SECOND: f64 = 5.0;

const CPU: &str = "CPU per state";
const P50: &str = "p50 until it or a later one is seen";
const P99: &str = "p99";

pub const ROW: Row = Row {
    name: "cursors",
    work: "50 cursors at 5/s each",
    who: Who::Everybody,
    measures: &[
        Measure { name: CPU, unit: "µs", better: Better::Less, must: &[Must::AtMost(150.0)] },
        Measure { name: P50, unit: "ms", better: Better::Less, must: &[] },
        Measure { name: P99, unit: "ms", better: Better::Less, must: &[] },
    ],
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Figures> {
    let server = stage.server().await?;
    let moves = stage.scaled(50, 10);
    let crowd = Crowd::new(CURSORS, moves, 1);
    let mut people = Vec::new();
    for person in 0..CURSORS {
        people.push(join(&server, "cursors", &crowd, Part::Writes(person)).await?);
    }

    let window = Window::open(&server).await?;
    let states = moves * CURSORS as u64;
    evenly(EACH_PER_SECOND * CURSORS as f64, states, async |n| {
        let (turn, person) = (n / CURSORS as u64, n as usize % CURSORS);
        let state = moved(crowd.client(person), turn);
        crowd.sending(person);
        people[person].client.say(Message::Awareness(&state)).await
    })
    .await?;
    crowd.has_everything().await?;
    let cpu = window.close(&server).await?;

    let (p50, p99) = crowd.latencies().p50_p99();
    Ok(Figures { figures: vec![(CPU, micros_each(cpu, states)), (P50, p50), (P99, p99)], lost: crowd.loss() })
}
