//! What a row of the table gets to work with: one server of one kind, and ways to look at it.

use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::time::sleep;

use crate::client::{Client, Manner};
use crate::crowd::{Crowd, Member, Part};
use crate::servers::{Kind, Places, Server};
use crate::trace::Trace;

/// Work that comes after an answer, such as a checkpoint, belongs to what caused it: so long we wait before we look.
const AFTERMATH: Duration = Duration::from_millis(300);

/// How long a server may take for what others do in seconds. It counts as stalled then.
pub const STALLED_AFTER: Duration = Duration::from_secs(60);

/// The stage.
#[derive(Debug, Clone)]
pub struct Stage {
    pub kind: Kind,
    pub places: Places,
    /// Less of everything: to see that it works, not for the table.
    pub quick: bool,
    /// The folder of the recorded editing sessions.
    pub traces: PathBuf,
    /// What was worked out from them.
    pub cache: PathBuf,
}

impl Stage {
    /// A fresh server.
    pub async fn server(&self) -> Result<Server> {
        Server::start(self.kind, &self.places).await
    }

    /// `all`, or less of it.
    pub fn scaled(&self, all: u64, quick: u64) -> u64 {
        if self.quick { quick } else { all }
    }

    pub fn trace(&self, name: &str) -> Result<Trace> {
        Trace::load(name, &self.traces, &self.cache)
    }
}

/// CPU time that a server takes from here on.
pub struct Window {
    began: Instant,
    cpu: Duration,
}

impl Window {
    /// Open it once the server is at rest.
    pub async fn open(server: &Server) -> Result<Window> {
        sleep(AFTERMATH).await;
        Ok(Window { cpu: server.process.cpu()?, began: Instant::now() })
    }

    /// Since it was opened.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// The CPU time of the work and of its aftermath.
    pub async fn close(self, server: &Server) -> Result<Duration> {
        sleep(AFTERMATH).await;
        Ok(server.process.cpu()? - self.cpu)
    }
}

/// Let a part of a crowd join a document.
pub async fn join(server: &Server, document: &str, crowd: &Rc<Crowd>, part: Part) -> Result<Member> {
    let manner = Manner { cowrite: matches!(part, Part::Writes(_)), ..Manner::default() };
    let client = Client::join(server, document, manner, |_| {}).await?;
    Ok(crowd.admit(client, part))
}

/// What a newcomer is given of a document; nothing by a relay.
pub async fn newcomer(server: &Server, document: &str) -> Result<Option<Vec<Vec<u8>>>> {
    if server.kind.is_relay() {
        return Ok(None);
    }
    let mut has = Vec::new();
    Client::join(server, document, Manner::default(), |update| has.push(update.to_vec())).await?;
    Ok(Some(has))
}
