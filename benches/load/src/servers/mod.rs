//! The servers that are compared: how each is started, stopped and addressed. The one place that knows them apart.

pub mod disk;
pub mod http;
pub mod process;

use std::cell::RefCell;
use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use self::process::Process;
use crate::wire::lib0::put_bytes;

/// How long a server may take to become ready, or to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often we ask whether it is ready.
const ASK_EVERY: Duration = Duration::from_micros(500);

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Forwards frames, and is as thin as possible: no CRDT, no storage, no framework.
    Relay,
    /// Forwards frames with actix-ws: no CRDT, no storage.
    ActixRelay,
    YWebsocket,
    Hocuspocus,
    YSweet,
    Cowrite,
}

impl Kind {
    /// The name in the table.
    pub fn title(self) -> &'static str {
        match self {
            Kind::Relay => "bare relay",
            Kind::ActixRelay => "actix relay",
            Kind::YWebsocket => "y-websocket",
            Kind::Hocuspocus => "Hocuspocus",
            Kind::YSweet => "y-sweet",
            Kind::Cowrite => "Cowrite",
        }
    }

    /// Whether it understands nothing: it answers no sync step and keeps nothing.
    pub fn is_relay(self) -> bool {
        matches!(self, Kind::Relay | Kind::ActixRelay)
    }

    /// Whether it is somebody else's server that does what Cowrite does.
    pub fn is_peer(self) -> bool {
        matches!(self, Kind::YWebsocket | Kind::Hocuspocus | Kind::YSweet)
    }

    /// Whether it tells a writer what is durable.
    pub fn tells_saved(self) -> bool {
        self == Kind::Cowrite
    }

    /// The path of a document's WebSocket.
    pub fn path(self, document: &str) -> String {
        match self {
            Kind::Relay | Kind::ActixRelay | Kind::YWebsocket => format!("/{document}"),
            Kind::Hocuspocus => "/".to_owned(),
            Kind::YSweet => format!("/d/{document}/ws/{document}"),
            Kind::Cowrite => format!("/ws/{document}"),
        }
    }

    /// What stands before every message: Hocuspocus serves many documents over one socket and names the one that is meant.
    pub fn prefix(self, document: &str) -> Vec<u8> {
        let mut prefix = Vec::new();
        if self == Kind::Hocuspocus {
            put_bytes(&mut prefix, document.as_bytes());
        }
        prefix
    }

    /// What is started: a program, or the script that Node is given.
    fn program(self, places: &Places) -> Result<PathBuf> {
        Ok(match self {
            Kind::Relay => std::env::current_exe()?.with_file_name("relay"),
            Kind::ActixRelay => std::env::current_exe()?.with_file_name("actix-relay"),
            Kind::YWebsocket => places.peers.join("node_modules/@y/websocket-server/src/server.js"),
            Kind::Hocuspocus => places.peers.join("hocuspocus.mjs"),
            Kind::YSweet => places.peers.join("bin/y-sweet"),
            Kind::Cowrite => places.cowrite.clone(),
        })
    }

    /// Whether it was built or installed.
    pub fn is_there(self, places: &Places) -> Result<bool> {
        // Its script is ours and always there.
        let rest = self != Kind::Hocuspocus || places.peers.join("node_modules/@hocuspocus/server").exists();
        Ok(rest && self.program(places)?.exists())
    }

    /// How it is started on a port of this machine, with its documents in `folder`: as it comes, with its storage on.
    fn command(self, places: &Places, port: u16, folder: &Path) -> Result<Command> {
        let program = self.program(places)?;
        let mut command = match self {
            Kind::YWebsocket | Kind::Hocuspocus => Command::new("node"),
            _ => Command::new(&program),
        };
        match self {
            Kind::Relay | Kind::ActixRelay => command.arg(port.to_string()),
            Kind::YWebsocket | Kind::Hocuspocus => command
                .arg(&program)
                .env("NODE_ENV", "production")
                .env("HOST", "127.0.0.1")
                .env("PORT", port.to_string())
                .env("YPERSISTENCE", folder)
                .env("DATA", folder),
            Kind::YSweet => command.args(["serve", "--port", &port.to_string()]).arg(folder),
            Kind::Cowrite => {
                command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"]).arg(folder)
            }
        };
        Ok(command)
    }
}

/// Where things are.
#[derive(Debug, Clone)]
pub struct Places {
    /// The binary under test.
    pub cowrite: PathBuf,
    /// What `make bench-peers` installed.
    pub peers: PathBuf,
    /// Where the servers keep their documents: on a real disk.
    pub data: PathBuf,
}

/// A server that runs, on a folder of its own.
pub struct Server {
    pub kind: Kind,
    pub address: SocketAddr,
    pub process: Process,
    places: Places,
    folder: PathBuf,
    /// Flags it is started with, beyond those that everybody needs.
    settings: &'static [&'static str],
    /// Documents that were asked for before.
    made: RefCell<HashSet<String>>,
}

impl Server {
    /// Start it on an empty folder and wait until it is ready.
    pub async fn start(kind: Kind, places: &Places) -> Result<Server> {
        Server::start_with(kind, places, &[]).await
    }

    /// The same, with flags of its own.
    pub async fn start_with(
        kind: Kind,
        places: &Places,
        settings: &'static [&'static str],
    ) -> Result<Server> {
        let folder = places.data.join(format!("{}-{}", kind.title().replace(' ', "-"), std::process::id()));
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        Server::start_on(kind, places, folder, settings).await
    }

    async fn start_on(
        kind: Kind,
        places: &Places,
        folder: PathBuf,
        settings: &'static [&'static str],
    ) -> Result<Server> {
        let port = free_port()?;
        let documents = folder.join("documents");
        std::fs::create_dir_all(&documents)?;
        let mut command = kind.command(places, port, &documents)?;
        let process = Process::start(command.args(settings), &folder.join("log"))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut server = Server {
            kind,
            address,
            process,
            places: places.clone(),
            folder,
            settings,
            made: RefCell::default(),
        };
        server.ready().await?;
        Ok(server)
    }

    /// Start it again on the same folder, once it has been stopped or killed. Returns how long it took until it was ready.
    pub async fn restart(&mut self) -> Result<Duration> {
        let port = free_port()?;
        let mut command = self.kind.command(&self.places, port, &self.documents())?;
        let began = Instant::now();
        self.process = Process::start(command.args(self.settings), &self.folder.join("log"))?;
        self.address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        self.ready().await?;
        Ok(began.elapsed())
    }

    /// Stop it in an orderly way.
    pub fn stop(&mut self) -> Result<()> {
        self.process.stop(PATIENCE)
    }

    /// Where it keeps its documents.
    pub fn documents(&self) -> PathBuf {
        self.folder.join("documents")
    }

    /// Have a document, where documents must be made: y-sweet serves no others.
    pub async fn make(&self, document: &str) -> Result<()> {
        if self.kind != Kind::YSweet || !self.made.borrow_mut().insert(document.to_owned()) {
            return Ok(());
        }
        let body = format!("{{\"docId\":\"{document}\"}}");
        let answer = request(self.address, "POST", "/doc/new", &body).await?;
        ensure!(answer.starts_with("HTTP/1.1 200"), "making a document was answered with {answer}");
        Ok(())
    }

    /// Until Cowrite says that it is ready; the others do not say, so until they accept a connection.
    async fn ready(&mut self) -> Result<()> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.process.ended()? {
                bail!("{} ended ({status}): {}", self.kind.title(), self.last_words());
            }
            let ready = match self.kind {
                Kind::Cowrite => is_ready(self.address).await.unwrap_or(false),
                _ => TcpStream::connect(self.address).await.is_ok(),
            };
            if ready {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                bail!("{} was not ready within {PATIENCE:?}: {}", self.kind.title(), self.last_words());
            }
            sleep(ASK_EVERY).await;
        }
    }

    /// The end of its log, for whoever has to find out why.
    pub fn last_words(&self) -> String {
        let log = std::fs::read(self.folder.join("log")).unwrap_or_default();
        let tail = &log[log.len().saturating_sub(600)..];
        String::from_utf8_lossy(tail).trim().replace('\n', " / ")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn is_ready(address: SocketAddr) -> Result<bool> {
    let answer = request(address, "GET", "/readyz", "").await?;
    Ok(answer.starts_with("HTTP/1.1 200"))
}

/// A plain HTTP request on a connection of its own; the whole answer.
async fn request(address: SocketAddr, method: &str, path: &str, body: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    String::from_utf8(answer).context("an answer that is no text")
}

/// A port that nobody has at present.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
