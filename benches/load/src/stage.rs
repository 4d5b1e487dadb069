//! What a row of the table gets to work with: one server of one kind, and ways to look at it.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::time::{sleep, timeout};

use crate::client::{Client, Manner};
use crate::crowd::{Crowd, Member, Part, STALLED_AFTER};
use crate::servers::process::own_cpu;
use crate::servers::{Kind, Places, Server};
use crate::tally::{Tally, Want};
use crate::trace::{Trace, content_of};
use crate::wire::message::Message;
use crate::wire::update::spans;

/// Work that comes after an answer, such as a checkpoint, belongs to what caused it: so long we wait before we look.
const AFTERMATH: Duration = Duration::from_millis(300);

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

    /// A fresh server with flags of its own.
    pub async fn server_with(&self, settings: &'static [&'static str]) -> Result<Server> {
        Server::start_with(self.kind, &self.places, settings).await
    }

    /// `all`, or less of it.
    pub fn scaled(&self, all: u64, quick: u64) -> u64 {
        if self.quick { quick } else { all }
    }

    pub fn trace(&self, name: &str) -> Result<Trace> {
        Trace::load(name, 1, &self.traces, &self.cache)
    }

    /// A session that did the same so many times over.
    pub fn repeated_trace(&self, name: &str, times: usize) -> Result<Trace> {
        Trace::load(name, times, &self.traces, &self.cache)
    }
}

/// CPU time that a server takes from here on.
pub struct Window {
    began: Instant,
    cpu: Duration,
    own_cpu: Duration,
}

impl Window {
    /// Open it once the server is at rest.
    pub async fn open(server: &Server) -> Result<Window> {
        sleep(AFTERMATH).await;
        Ok(Window { cpu: server.process.cpu()?, own_cpu: own_cpu()?, began: Instant::now() })
    }

    /// How long it was open at that time.
    pub fn until(&self, time: Instant) -> Duration {
        time - self.began
    }

    /// The share of a core that this process, which makes the load, has used until that time, in percent. Near a hundred, it is what is
    /// measured and not the server.
    pub fn own_share(&self, time: Instant) -> Result<f64> {
        Ok(100.0 * (own_cpu()? - self.own_cpu).as_secs_f64() / self.until(time).as_secs_f64())
    }

    /// The CPU time of the work and of its aftermath.
    pub async fn close(self, server: &Server) -> Result<Duration> {
        sleep(AFTERMATH).await;
        Ok(server.process.cpu()? - self.cpu)
    }
}

/// Let a part of a crowd join a document, as a stock client.
pub async fn join(server: &Server, document: &str, crowd: &Rc<Crowd>, part: Part) -> Result<Member> {
    join_as(Manner::default(), server, document, crowd, part).await
}

/// The same, in another manner.
pub async fn join_as(
    manner: Manner,
    server: &Server,
    document: &str,
    crowd: &Rc<Crowd>,
    part: Part,
) -> Result<Member> {
    let client = Client::join(server, document, manner, |_| Ok(())).await?;
    Ok(crowd.admit(client, part))
}

/// What a newcomer is given of a document, up to what it wants. Some servers answer before they have read their disk and send the rest
/// as an update.
pub async fn newcomer(server: &Server, document: &str, wants: Rc<[Want]>) -> Result<Vec<Vec<u8>>> {
    let tally = RefCell::new(Tally::new(wants));
    let mut has = Vec::new();
    let mut take = |update: &[u8]| {
        has.push(update.to_vec());
        spans(update, |span| {
            tally.borrow_mut().take(span);
            Ok(())
        })
    };
    let client = Client::join(server, document, Manner::default(), &mut take).await?;
    while !tally.borrow().is_complete() {
        client
            .hear(|message| match message {
                Message::Update(update) | Message::Step2(update) => take(update),
                _ => Ok(()),
            })
            .await?;
    }
    Ok(has)
}

/// Hold what was typed against what the one who checks has got and what the server gives a newcomer. What never came to somebody is
/// told in words: of a peer it is worth knowing, of Cowrite it is a failure.
pub async fn verify(server: &Server, document: &str, crowd: &Crowd) -> Result<Option<String>> {
    let loss = crowd.loss();
    if let Some(loss) = &loss {
        ensure!(server.kind.is_peer(), "{loss}");
    }
    let kept = crowd.kept();
    if loss.is_none() && !kept.is_empty() {
        crowd.check(&content_of(&kept)?).context("at the one who checks")?;
    }
    if !server.kind.is_relay() {
        let newcomer = timeout(STALLED_AFTER, newcomer(server, document, crowd.wants()))
            .await
            .context("a newcomer waits in vain")??;
        crowd.check(&content_of(&newcomer)?).context("at a newcomer")?;
    }
    Ok(loss)
}
