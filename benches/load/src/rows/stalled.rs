//! A phone in a tunnel: one reader takes nothing any more while the others read on. Later it comes back and wants everything.

use std::time::Duration;

use anyhow::Result;
use tokio::time::timeout;

use super::{Better, Figures, Measure, Must, Row, Who};
use crate::client::{Client, Manner};
use crate::crowd::{Crowd, Part};
use crate::stage::{Stage, Window, join, verify};
use crate::stats::per_second;
use crate::tally::Tally;
use crate::wire::link::Closed;
use crate::wire::message::Message;
use crate::wire::update::spans;

const READERS: usize = 4;
const CHARACTERS: u64 = 20;

/// Updates that may be on the way to one of the others.
const WINDOW: u64 = 512;

/// What the kernel takes for the phone.
const RECEIVE_BYTES: u32 = 4_096;

/// Nothing more comes after so much silence.
const SILENCE: Duration = Duration::from_secs(3);

const MEMORY: &str = "peak memory";
const RATE: &str = "updates/s of the others";
const MISSING: &str = "updates missing for it, in the end";

pub const ROW: Row = Row {
    name: "stalled",
    work: "one stalled reader among 5",
    who: Who::Everybody,
    measures: &[
        Measure { name: MEMORY, unit: "MB", better: Better::Less, must: &[Must::AtMost(15.0)] },
        Measure { name: RATE, unit: "", better: Better::More, must: &[Must::AtLeast(60_000.0)] },
        Measure { name: MISSING, unit: "", better: Better::Less, must: &[Must::AtMost(0.0)] },
    ],
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Figures> {
    let server = stage.server().await?;
    let updates = stage.scaled(20_000, 8_000);
    let crowd = Crowd::new(1, updates, CHARACTERS);
    let mut members = vec![join(&server, "stalled", &crowd, Part::Checks).await?];
    for _ in 1..READERS {
        members.push(join(&server, "stalled", &crowd, Part::Reads).await?);
    }
    let manner = Manner { receive_bytes: Some(RECEIVE_BYTES), ..Manner::default() };
    let phone = Client::join(&server, "stalled", manner, |_| Ok(())).await?;
    let writer = join(&server, "stalled", &crowd, Part::Writes(0)).await?;

    let window = Window::open(&server).await?;
    crowd.everybody_gets(crowd.write_all(0, &writer.client, WINDOW)).await?;
    let elapsed = window.until(crowd.last_arrival());
    window.close(&server).await?;
    let peak = server.process.memory()?.peak;

    let mut tally = Tally::new(crowd.wants());
    if catch_up(&phone, &mut tally).await? == Ended::SentAway && !server.kind.is_relay() {
        // It comes back, and the server has everything or it has not.
        tally = Tally::new(crowd.wants());
        let take = |update: &[u8]| take(&mut tally, update);
        Client::join(&server, "stalled", Manner::default(), take).await?;
    }
    Ok(Figures {
        figures: vec![
            (MEMORY, peak as f64 / 1e6),
            (RATE, per_second(updates, elapsed)),
            (MISSING, (tally.lacks() / CHARACTERS) as f64),
        ],
        lost: verify(&server, "stalled", &crowd).await?,
    })
}

/// How the phone's connection went on.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    /// It has got everything, or nothing comes any more.
    InPeace,
    /// The server closed it.
    SentAway,
}

/// Read what waits for the phone.
async fn catch_up(phone: &Client, tally: &mut Tally) -> Result<Ended> {
    while !tally.is_complete() {
        let heard = phone.hear(|message| match message {
            Message::Update(update) | Message::Step2(update) => take(tally, update),
            _ => Ok(()),
        });
        match timeout(SILENCE, heard).await {
            Err(_) => return Ok(Ended::InPeace),
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error.downcast::<Closed>().map(|_| Ended::SentAway),
        }
    }
    Ok(Ended::InPeace)
}

fn take(tally: &mut Tally, update: &[u8]) -> Result<()> {
    spans(update, |span| {
        tally.take(span);
        Ok(())
    })
}
