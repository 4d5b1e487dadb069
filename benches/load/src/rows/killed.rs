//! kill -9 in mid-stream: what others have seen, and what is still there afterwards.

use std::time::Duration;

use anyhow::Result;

use super::{Better, Figures, Measure, Must, Row, Who};
use crate::crowd::{Crowd, Part};
use crate::pace::evenly;
use crate::stage::{Stage, join, newcomer};
use crate::wire::update::spans;

const PER_SECOND: f64 = 1_000.0;
const KILLED_AFTER: f64 = 3.4;

const SEEN: &str = "updates seen by others";
const LOST: &str = "of these lost";
const SAVED: &str = "told to be saved";
const BROKEN: &str = "of these lost again";

pub const ROW: Row = Row {
    name: "killed",
    work: "kill -9 after 3.4 s of 1,000 updates/s",
    who: Who::WhoeverKeeps,
    measures: &[
        Measure { name: SEEN, unit: "", better: Better::More, must: &[] },
        Measure { name: LOST, unit: "", better: Better::Less, must: &[Must::AtMost(0.0)] },
        Measure { name: SAVED, unit: "", better: Better::More, must: &[] },
        Measure { name: BROKEN, unit: "", better: Better::Less, must: &[Must::AtMost(0.0)] },
    ],
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Figures> {
    let mut server = stage.server().await?;
    let updates = (PER_SECOND * KILLED_AFTER) as u64;
    let crowd = Crowd::new(1, updates + 1, 1);
    let _follower = join(&server, "killed", &crowd, Part::Reads).await?;
    let writer = join(&server, "killed", &crowd, Part::Writes(0)).await?;
    evenly(PER_SECOND, updates, async |n| {
        let frame = crowd.frame(0, n, &writer.client);
        writer.client.write(&frame).await
    })
    .await?;
    server.process.kill()?;
    // What the kernel has for the follower, it will still get.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let (seen, saved) = (crowd.delivered(), writer.told().last().map_or(0, |&(saved, _)| saved));

    server.restart().await?;
    let mut kept = 0;
    for update in newcomer(&server, "killed").await?.unwrap_or_default() {
        spans(&update, |span| {
            kept = kept.max(span.to);
            Ok(())
        })?;
    }
    let mut figures = vec![(SEEN, seen as f64), (LOST, seen.saturating_sub(kept) as f64)];
    if server.kind.tells_saved() {
        figures.extend([(SAVED, saved as f64), (BROKEN, saved.saturating_sub(kept) as f64)]);
    }
    Ok(figures)
}
