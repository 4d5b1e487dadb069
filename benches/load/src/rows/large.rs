//! The document that 259,778 edits have made, sent as one update: what counts here is its size, not how it came to be.

use anyhow::{Result, bail, ensure};

use crate::client::{Client, Manner};
use crate::servers::Server;
use crate::stage::{Stage, newcomer};
use crate::trace::{Trace, content_of};
use crate::wire::message::Message;

const DOCUMENT: &str = "large";

/// How often we look whether it has arrived.
const TRIES: u32 = 500;

pub(super) struct Large(Trace);

impl Large {
    pub(super) fn new(stage: &Stage) -> Result<Large> {
        Ok(Large(stage.trace("automerge-paper")?))
    }

    /// Have it on the server, and somebody there who keeps it open.
    pub(super) async fn send(&self, server: &Server) -> Result<Client> {
        let author = Client::join(server, DOCUMENT, Manner::default(), |_| {}).await?;
        author.say(Message::Update(&self.0.state)).await?;
        for _ in 0..TRIES {
            let state = self.open(server).await?;
            if self.check(&state).is_ok() {
                return Ok(author);
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        bail!("the large document did not arrive")
    }

    /// What a newcomer is given.
    pub(super) async fn open(&self, server: &Server) -> Result<Vec<Vec<u8>>> {
        Ok(newcomer(server, DOCUMENT).await?.unwrap_or_default())
    }

    pub(super) fn check(&self, state: &[Vec<u8>]) -> Result<()> {
        ensure!(content_of(state)? == self.0.text, "the newcomer's document is not the large one");
        Ok(())
    }
}
