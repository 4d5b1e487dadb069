//! From leaving a writer to "Saved": how long a durable answer takes, from one who types to a crowd.

use std::time::Instant;

use anyhow::Result;

use super::{Better, Figures, Measure, Row, Who};
use crate::client::Manner;
use crate::crowd::{Crowd, Part, STALLED_AFTER};
use crate::pace::evenly;
use crate::stage::{Stage, Window, join_as};
use crate::stats::{Latencies, micros_each};

/// A rate, the documents it is spread over, and how long it goes on.
struct Load {
    per_second: u64,
    documents: usize,
    seconds: u64,
    figures: [&'static str; 3],
}

const LOADS: [Load; 3] = [
    Load { per_second: 1, documents: 1, seconds: 20, figures: ["p50 at 1/s", "p99 at 1/s", "CPU at 1/s"] },
    Load {
        per_second: 100,
        documents: 1,
        seconds: 10,
        figures: ["p50 at 100/s", "p99 at 100/s", "CPU at 100/s"],
    },
    Load {
        per_second: 10_000,
        documents: 10,
        seconds: 5,
        figures: ["p50 at 10,000/s", "p99 at 10,000/s", "CPU at 10,000/s"],
    },
];

pub const ROW: Row = Row {
    name: "saved",
    work: "Saved: from leaving the writer to its durable answer",
    who: Who::CowriteOnly,
    measures: &[
        latency(LOADS[0].figures[0]),
        latency(LOADS[0].figures[1]),
        cpu(LOADS[0].figures[2]),
        latency(LOADS[1].figures[0]),
        latency(LOADS[1].figures[1]),
        cpu(LOADS[1].figures[2]),
        latency(LOADS[2].figures[0]),
        latency(LOADS[2].figures[1]),
        cpu(LOADS[2].figures[2]),
    ],
    run: |stage| Box::pin(run(stage)),
};

const fn latency(name: &'static str) -> Measure {
    Measure { name, unit: "ms", better: Better::Less, must: &[] }
}

const fn cpu(name: &'static str) -> Measure {
    Measure { name, unit: "µs each", better: Better::Less, must: &[] }
}

async fn run(stage: &Stage) -> Result<Figures> {
    let mut figures = Vec::new();
    for load in &LOADS {
        figures.extend(load.run(stage).await?);
    }
    Ok(Figures::whole(figures))
}

impl Load {
    async fn run(&self, stage: &Stage) -> Result<Vec<(&'static str, f64)>> {
        let server = stage.server().await?;
        let updates = self.per_second * stage.scaled(self.seconds, 3);
        let each = updates / self.documents as u64;
        let mut writers = Vec::new();
        for number in 0..self.documents {
            let crowd = Crowd::new(1, each, 1);
            let writer =
                join_as(Manner::TOLD, &server, &format!("saved-{number}"), &crowd, Part::Writes(0)).await?;
            writers.push((crowd, writer, Vec::with_capacity(each as usize)));
        }

        let window = Window::open(&server).await?;
        evenly(self.per_second as f64, updates, async |n| {
            let (crowd, writer, sent) = &mut writers[n as usize % self.documents];
            let frame = crowd.frame(0, sent.len() as u64, &writer.client);
            sent.push(Instant::now());
            writer.client.write(&frame).await
        })
        .await?;
        let mut latencies = Latencies::default();
        for (_, writer, sent) in &writers {
            writer.saved.reaches(each, STALLED_AFTER).await?;
            let mut from = 0;
            for (count, told) in writer.saved.told() {
                sent[from..count as usize].iter().for_each(|&sent| latencies.add(told - sent));
                from = count as usize;
            }
        }
        let cpu = window.close(&server).await?;
        let (p50, p99) = latencies.p50_p99();
        let [name_p50, name_p99, name_cpu] = self.figures;
        Ok(vec![(name_p50, p50), (name_p99, p99), (name_cpu, micros_each(cpu, updates))])
    }
}
