//! A server that starts on a full folder.

use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::time::sleep;

use super::large::Large;
use super::{Better, Figures, Measure, Must, Row, Who};
use crate::client::{Client, Manner};
use crate::servers::Server;
use crate::stage::{Stage, newcomer};
use crate::stats::{median, millis};
use crate::tally::Want;
use crate::trace::content_of;
use crate::typist::Typist;
use crate::wire::message::Message;

/// Documents that are filled at the same time.
const AT_ONCE: usize = 16;

/// y-sweet stores every ten seconds and the others sooner: so long they all have before they are stopped.
const STORED_AFTER: Duration = Duration::from_secs(12);

/// Starts, whose median counts.
const STARTS: u64 = 3;

const READY: &str = "ready after";
const SMALL: &str = "first join from disk, a line";
const LARGE: &str = "first join from disk, that document";

pub const ROW: Row = Row {
    name: "cold",
    work: "cold, 10,000 documents stored",
    who: Who::WhoeverKeeps,
    measures: &[
        Measure { name: READY, unit: "ms", better: Better::Less, must: &[Must::AtMost(20.0)] },
        Measure { name: SMALL, unit: "ms", better: Better::Less, must: &[Must::AtMost(1.5)] },
        Measure { name: LARGE, unit: "ms", better: Better::Less, must: &[Must::AtMost(1.5)] },
    ],
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Figures> {
    let mut server = stage.server().await?;
    let line = Typist::new(1_000, 40);
    let documents = stage.scaled(10_000, 300);
    stream::iter(0..documents)
        .map(|number| fill(&server, name(number), line))
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    let large = Large::new(stage)?;
    drop(large.send(&server).await?);
    sleep(STORED_AFTER).await;

    let (mut ready, mut first_small, mut first_large) = (Vec::new(), Vec::new(), Vec::new());
    for start in 0..2 * STARTS {
        server.stop()?;
        ready.push(millis(server.restart().await?));
        let began = Instant::now();
        if start % 2 == 0 {
            let state = newcomer(&server, &name(start * documents / 7), wants(line)).await?;
            first_small.push(millis(began.elapsed()));
            ensure!(content_of(&state)? == line.text(1), "a stored document came back as another");
        } else {
            let state = large.open(&server).await?;
            first_large.push(millis(began.elapsed()));
            large.check(&state)?;
        }
    }
    let middle = |values: &[f64]| median(values).expect("there are some");
    Ok(Figures::whole(vec![
        (READY, middle(&ready)),
        (SMALL, middle(&first_small)),
        (LARGE, middle(&first_large)),
    ]))
}

fn name(number: u64) -> String {
    format!("stored-{number}")
}

/// One document with one line in it, seen by somebody who comes after.
async fn fill(server: &Server, name: String, line: Typist) -> Result<()> {
    let author = Client::join(server, &name, Manner::default(), |_| Ok(())).await?;
    author.say(Message::Update(&line.update(0))).await?;
    newcomer(server, &name, wants(line)).await?;
    Ok(())
}

fn wants(line: Typist) -> Rc<[Want]> {
    [Want { client: line.client, clock: line.characters }].into()
}
