//! A recorded session of editing, sent as fast as the server takes it, with one who follows.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::client::Manner;
use crate::crowd::{Crowd, Member, Part, STALLED_AFTER};
use crate::servers::Server;
use crate::stage::{Stage, Window, join, join_as, newcomer};
use crate::tally::Want;
use crate::trace::{AUTHOR, Trace, content_of};
use crate::wire::message::Message;

/// The document that is typed.
const DOCUMENT: &str = "trace";

/// What a session has cost, and the server that has the document still open.
pub(super) struct Replayed {
    pub(super) server: Server,
    pub(super) edits: u64,
    /// Until the follower had everything and, where the server tells, everything was durable.
    pub(super) elapsed: Duration,
    pub(super) cpu: Duration,
    trace: Trace,
    _people: [Member; 2],
}

pub(super) async fn replay(stage: &Stage, name: &str) -> Result<Replayed> {
    let trace = stage.trace(name)?;
    let server = stage.server().await?;
    let crowd = Crowd::following(AUTHOR, trace.clock);
    let follower = join(&server, DOCUMENT, &crowd, Part::Checks).await?;
    let author = join_as(Manner::TOLD, &server, DOCUMENT, &crowd, Part::Writes(0)).await?;
    let frames: Vec<u8> =
        trace.updates.iter().flat_map(|update| author.client.frame(Message::Update(update))).collect();
    let edits = trace.updates.len() as u64;

    let window = Window::open(&server).await?;
    crowd.everybody_gets(author.client.write(&frames)).await?;
    if server.kind.tells_saved() {
        author.saved.reaches(edits, STALLED_AFTER).await?;
    }
    let elapsed = window.until(Instant::now());
    let cpu = window.close(&server).await?;

    ensure!(content_of(&crowd.kept())? == trace.text, "the follower's text is not what was typed");
    Ok(Replayed { server, edits, elapsed, cpu, trace, _people: [follower, author] })
}

impl Replayed {
    /// How long a newcomer waits until it has the whole document.
    pub(super) async fn late_join(&self) -> Result<Duration> {
        let wants = [Want { client: AUTHOR, clock: self.trace.clock }];
        let began = Instant::now();
        let has = newcomer(&self.server, DOCUMENT, wants.into()).await?;
        let waited = began.elapsed();
        ensure!(content_of(&has)? == self.trace.text, "the newcomer's text is not what was typed");
        Ok(waited)
    }
}
