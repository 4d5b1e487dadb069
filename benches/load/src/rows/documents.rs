//! An ordinary office: many documents, a few people in each, all typing.

use anyhow::Result;

use super::{Better, Figures, Measure, Must, Row, Who, Whose};
use crate::crowd::{Crowd, Part};
use crate::pace::evenly;
use crate::stage::{Stage, Window, join, verify};
use crate::stats::{Latencies, micros_each};

const DOCUMENTS: usize = 100;
const EDITORS: usize = 4;
const EACH_PER_SECOND: f64 = 2.0;

const CPU: &str = "CPU per update";
const P99: &str = "p99";

pub const ROW: Row = Row {
    name: "documents",
    work: "100 documents × 4 editors, 2 updates/s each",
    who: Who::Everybody,
    measures: &[
        Measure {
            name: CPU,
            unit: "µs",
            better: Better::Less,
            must: &[Must::AtMostTimes(1.1, Whose::ActixRelay)],
        },
        Measure {
            name: P99,
            unit: "ms",
            better: Better::Less,
            must: &[Must::AtMostTimes(1.1, Whose::ActixRelay)],
        },
    ],
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Figures> {
    let server = stage.server().await?;
    let updates = stage.scaled(20, 4);
    let mut offices = Vec::new();
    for number in 0..DOCUMENTS {
        let name = format!("office-{number}");
        let crowd = Crowd::new(EDITORS, updates, 1);
        let mut editors = Vec::new();
        for editor in 0..EDITORS {
            editors.push(join(&server, &name, &crowd, Part::Writes(editor)).await?);
        }
        offices.push((name, crowd, editors));
    }

    let window = Window::open(&server).await?;
    let people = (DOCUMENTS * EDITORS) as u64;
    evenly(EACH_PER_SECOND * people as f64, updates * people, async |n| {
        // Neighbours in time are neighbours in documents, so that no document has all its editors at once.
        let (turn, person) = (n / people, (n % people) as usize);
        let (_, crowd, editors) = &offices[person % DOCUMENTS];
        let editor = person / DOCUMENTS;
        let client = &editors[editor].client;
        let frame = crowd.frame(editor, turn, client);
        crowd.sending(editor);
        client.write(&frame).await
    })
    .await?;
    let mut latencies = Latencies::default();
    for (_, crowd, _) in &offices {
        crowd.has_everything().await?;
        latencies.extend(crowd.latencies());
    }
    let cpu = window.close(&server).await?;

    let mut lost = None;
    for (name, crowd, _) in &offices {
        lost = verify(&server, name, crowd).await?.map(|loss| format!("in {name} {loss}")).or(lost);
    }
    let (_, p99) = latencies.p50_p99();
    Ok(Figures { figures: vec![(CPU, micros_each(cpu, updates * people)), (P99, p99)], lost })
}
