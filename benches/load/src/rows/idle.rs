//! Many who have a document open and do nothing.

use anyhow::Result;

use super::{Better, Figures, Measure, Must, Row, Who};
use crate::client::{Client, Manner};
use crate::servers::Server;
use crate::stage::{Stage, Window};
use crate::stats::micros_each;

const DOCUMENTS: u64 = 100;
const CONNECTIONS: u64 = 2_000;

/// Connections before the count begins, for what is set up once.
const BEFORE: u64 = 100;

const MEMORY: &str = "memory each";
const CPU: &str = "CPU per connect";

pub const ROW: Row = Row {
    name: "idle",
    work: "2,000 idle connections, 100 documents",
    who: Who::Everybody,
    measures: &[
        Measure { name: MEMORY, unit: "kB", better: Better::Less, must: &[Must::AtMost(14.0)] },
        Measure { name: CPU, unit: "µs", better: Better::Less, must: &[Must::AtMost(80.0)] },
    ],
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Figures> {
    let server = stage.server().await?;
    let connections = stage.scaled(CONNECTIONS, 400);
    // The documents are there before the count begins: what is counted is connections.
    let mut clients = connect(&server, BEFORE.max(DOCUMENTS)).await?;
    let window = Window::open(&server).await?;
    let before = server.process.memory()?.now;
    clients.extend(connect(&server, connections).await?);
    let cpu = window.close(&server).await?;
    let after = server.process.memory()?.now;
    Ok(Figures::whole(vec![
        (MEMORY, after.saturating_sub(before) as f64 / 1e3 / connections as f64),
        (CPU, micros_each(cpu, connections)),
    ]))
}

/// One after the other, each with all that a client says when it opens a document.
async fn connect(server: &Server, count: u64) -> Result<Vec<Client>> {
    let mut clients = Vec::new();
    for number in 0..count {
        let document = format!("idle-{}", number % DOCUMENTS);
        clients.push(Client::join(server, &document, Manner::default(), |_| Ok(())).await?);
    }
    Ok(clients)
}
