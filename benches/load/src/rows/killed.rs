//! kill -9 in mid-stream: what others have seen, and what is still there afterwards.

use std::cell::Cell;
use std::time::Duration;

use anyhow::Result;
use tokio::time::{sleep, timeout};

use super::{Better, Figures, Measure, Must, Row, Who};
use crate::client::{Client, Manner};
use crate::crowd::{Crowd, Part};
use crate::pace::evenly;
use crate::servers::Server;
use crate::stage::{Stage, join, join_as};
use crate::wire::message::Message;
use crate::wire::update::spans;

const PER_SECOND: f64 = 1_000.0;
const KILLED_AFTER: f64 = 3.4;

/// How long we wait for what a server reads late.
const LATER: Duration = Duration::from_secs(2);

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
    let writer = join_as(Manner::TOLD, &server, "killed", &crowd, Part::Writes(0)).await?;
    evenly(PER_SECOND, updates, async |n| {
        let frame = crowd.frame(0, n, &writer.client);
        writer.client.write(&frame).await
    })
    .await?;
    server.process.kill()?;
    // What the kernel has for the follower, it will still get.
    sleep(Duration::from_millis(200)).await;
    let (seen, saved) = (crowd.delivered(), writer.saved.count());

    server.restart().await?;
    let kept = kept(&server).await?;
    let mut figures = vec![(SEEN, seen as f64), (LOST, seen.saturating_sub(kept) as f64)];
    if server.kind.tells_saved() {
        figures.extend([(SAVED, saved as f64), (BROKEN, saved.saturating_sub(kept) as f64)]);
    }
    Ok(Figures::whole(figures))
}

/// What a newcomer is given, at once or a little later: some servers answer before they have read their disk.
async fn kept(server: &Server) -> Result<u64> {
    let kept = Cell::new(0);
    let take = |update: &[u8]| {
        spans(update, |span| {
            kept.set(span.to.max(kept.get()));
            Ok(())
        })
    };
    let newcomer = Client::join(server, "killed", Manner::default(), take).await?;
    let later = async {
        loop {
            let heard = newcomer.hear(|message| match message {
                Message::Update(update) | Message::Step2(update) => take(update),
                _ => Ok(()),
            });
            heard.await?;
        }
    };
    match timeout(LATER, later).await {
        Ok(Err::<(), _>(error)) => Err(error),
        _ => Ok(kept.get()),
    }
}
