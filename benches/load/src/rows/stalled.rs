//! A phone in a tunnel: one reader takes nothing any more while the others read on. Later it comes back and wants everything.

use std::time::Duration;

use anyhow::Result;
use tokio::time::timeout;

use super::{Better, Figures, Measure, Must, Row, Who};
use crate::client::{Client, Manner};
use crate::crowd::{Crowd, Part};
use crate::servers::Server;
use crate::stage::{STALLED_AFTER, Stage, Window, join};
use crate::stats::per_second;
use crate::wire::link::Closed;
use crate::wire::message::Message;
use crate::wire::update::{Span, spans};

const READERS: usize = 4;
const CHARACTERS: u64 = 20;

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
    let updates = stage.scaled(40_000, 8_000);
    let crowd = Crowd::new(1, updates, CHARACTERS);
    let mut members = vec![join(&server, "stalled", &crowd, Part::Checks).await?];
    for _ in 1..READERS {
        members.push(join(&server, "stalled", &crowd, Part::Reads).await?);
    }
    let manner = Manner { receive_bytes: Some(RECEIVE_BYTES), ..Manner::default() };
    let phone = Client::join(&server, "stalled", manner, |_| {}).await?;
    let writer = join(&server, "stalled", &crowd, Part::Writes(0)).await?;
    let frames = crowd.frames(0, &writer.client);

    let window = Window::open(&server).await?;
    tokio::try_join!(writer.client.write(&frames), crowd.has_everything(STALLED_AFTER))?;
    let elapsed = window.elapsed();
    window.close(&server).await?;
    let peak = server.process.memory()?.peak;
    crowd.check(None)?;

    let mut got = Got::default();
    if got.catch_up(&phone, updates * CHARACTERS).await?.is_some() && !server.kind.is_relay() {
        got.come_back(&server).await?;
    }
    let missing = got.holes + updates * CHARACTERS - got.clock;
    Ok(vec![
        (MEMORY, peak as f64 / 1e6),
        (RATE, per_second(updates, elapsed)),
        (MISSING, (missing / CHARACTERS) as f64),
    ])
}

/// What has reached the phone.
#[derive(Default)]
struct Got {
    clock: u64,
    /// Characters that were left out on the way to there.
    holes: u64,
}

impl Got {
    /// Read until all is there, or nothing comes any more, or the server says goodbye: then how.
    async fn catch_up(&mut self, phone: &Client, all: u64) -> Result<Option<Closed>> {
        while self.clock < all {
            let heard = phone.hear(|message| match message {
                Message::Update(update) | Message::Step2(update) => self.take(update),
                _ => Ok(()),
            });
            match timeout(SILENCE, heard).await {
                Err(_) => return Ok(None),
                Ok(Ok(())) => {}
                Ok(Err(error)) => return error.downcast().map(Some),
            }
        }
        Ok(None)
    }

    /// Connect again and be given what the server has.
    async fn come_back(&mut self, server: &Server) -> Result<()> {
        *self = Got::default();
        let mut updates = Vec::new();
        Client::join(server, "stalled", Manner::default(), |update| updates.push(update.to_vec())).await?;
        updates.iter().try_for_each(|update| self.take(update))
    }

    fn take(&mut self, update: &[u8]) -> Result<()> {
        spans(update, |Span { from, to, .. }| {
            self.holes += from.saturating_sub(self.clock);
            self.clock = self.clock.max(to);
            Ok(())
        })
    }
}
