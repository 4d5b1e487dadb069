//! The document that 259,778 edits have made, sent as one update: what counts here is its size, not how it came to be.

use anyhow::{Result, ensure};

use crate::client::{Client, Manner};
use crate::servers::Server;
use crate::stage::{Stage, newcomer};
use crate::tally::Want;
use crate::trace::{AUTHOR, Trace, content_of};
use crate::wire::message::Message;

const DOCUMENT: &str = "large";

pub(super) struct Large(Trace);

impl Large {
    pub(super) fn new(stage: &Stage) -> Result<Large> {
        Ok(Large(stage.trace("automerge-paper")?))
    }

    /// Have it on the server, and somebody there who keeps it open.
    pub(super) async fn send(&self, server: &Server) -> Result<Client> {
        let author = Client::join(server, DOCUMENT, Manner::default(), |_| Ok(())).await?;
        author.say(Message::Update(&self.0.state)).await?;
        self.check(&self.open(server).await?)?;
        Ok(author)
    }

    /// What a newcomer is given.
    pub(super) async fn open(&self, server: &Server) -> Result<Vec<Vec<u8>>> {
        let wants = [Want { client: AUTHOR, clock: self.0.clock }];
        newcomer(server, DOCUMENT, wants.into()).await
    }

    pub(super) fn check(&self, state: &[Vec<u8>]) -> Result<()> {
        ensure!(content_of(state)? == self.0.text, "the newcomer's document is not the large one");
        Ok(())
    }
}
