//! What an operator may choose, and how: by flag, by `COWRITE_*` variable or in a TOML file, in that order of
//! precedence. The settings themselves stand in one table, [`SETTINGS`]; their reasons in [`crate::limits`].

mod flags;
mod load;
mod settings;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use flags::{DataFlags, Flags, ServeFlags};
pub use load::{ConfigError, Errors, Loaded, Origin, load};
pub use settings::{SETTINGS, Setting};

use crate::auth::jwt::Algorithm;
use crate::auth::{FrameAncestors, Hosts, Mode, Origin as WebOrigin, Proxies};
use crate::limits;

/// The settings of one server, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where the server listens. Only this machine by default: who opens it to the world decides so.
    pub listen: SocketAddr,
    /// The file of the certificate that people are shown; with [`Config::tls_key`] or not at all.
    pub tls_cert: Option<PathBuf>,
    /// The file of the certificate's private key.
    pub tls_key: Option<PathBuf>,
    /// Under which path everything is, without a slash at its end: empty, or `/notes`.
    pub base_path: String,
    /// Whose pages may show the app in a frame.
    pub frame_ancestors: FrameAncestors,
    /// The folder that holds every document.
    pub data: PathBuf,
    /// How people are known. `None`: nobody has said, and then it is [`Mode::Open`] for this machine alone.
    pub access: Option<Mode>,
    /// The file of the secret that tokens are signed with; this or [`Config::jwt_keys`].
    pub jwt_secret_file: Option<PathBuf>,
    /// Where the key set is that tokens are checked with: the path of a file, or a URL.
    pub jwt_keys: Option<String>,
    /// How tokens may be signed.
    pub jwt_algorithms: Vec<Algorithm>,
    /// Who has to have made tokens (`iss`).
    pub jwt_issuer: Option<String>,
    /// For whom tokens have to be (`aud`).
    pub jwt_audience: Option<String>,
    /// How far the clock of whoever makes tokens may be off.
    pub jwt_leeway: Duration,
    /// Web pages that are listened to besides the server's own.
    pub origins: Vec<WebOrigin>,
    /// Proxies whose word about a client counts.
    pub trusted_proxies: Proxies,
    /// What is logged, as `tracing_subscriber::EnvFilter` directives that are known to parse.
    pub log: String,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Threads that serve sockets; `None` for one a core.
    pub workers: Option<usize>,
    /// Largest WebSocket message, in bytes.
    pub message_bytes: usize,
    /// Largest upload, in bytes.
    pub upload_bytes: usize,
    /// Largest image of a document, in bytes.
    pub image_bytes: usize,
    /// Largest document, in bytes of its encoded state.
    pub document_bytes: usize,
    /// Connections to one document.
    pub connections_per_document: usize,
    /// Connections from one address.
    pub connections_per_address: usize,
    /// Updates a second that one connection may send for long.
    pub updates_per_second: u64,
    /// Bytes of messages a second that one connection may send for long.
    pub bytes_per_second: u64,
    /// How long a document without connections stays in memory.
    pub idle_for: Duration,
    /// How long a server that shuts down waits for its documents.
    pub drain_for: Duration,
    /// Bytes of changes behind the last snapshot after which a document is checkpointed.
    pub checkpoint_bytes: usize,
    /// Updates behind the last snapshot after which a document is checkpointed.
    pub checkpoint_updates: usize,
    /// Size at which the journal begins a new segment, in bytes.
    pub journal_segment_bytes: u64,
    /// Total size past which the oldest checkpointed segments are released, in bytes; `None` keeps all.
    pub journal_retention_bytes: Option<u64>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people at a terminal.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// A server that others reach, of which nobody has said who may use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "whoever reaches {0} could read and change every document: choose --access accounts (people sign in), --access jwt (another \
     application signs tokens), or, if everybody there is to be trusted, --access open"
)]
pub struct OpenToAll(SocketAddr);

impl Default for Config {
    fn default() -> Config {
        Config {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            tls_cert: None,
            tls_key: None,
            base_path: String::new(),
            frame_ancestors: FrameAncestors::default(),
            data: "./data".into(),
            access: None,
            jwt_secret_file: None,
            jwt_keys: None,
            jwt_algorithms: Algorithm::ALL.to_vec(),
            jwt_issuer: None,
            jwt_audience: None,
            jwt_leeway: limits::JWT_LEEWAY,
            origins: Vec::new(),
            trusted_proxies: Proxies::default(),
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            workers: None,
            message_bytes: limits::MESSAGE_BYTES,
            upload_bytes: limits::UPLOAD_BYTES,
            image_bytes: limits::IMAGE_BYTES,
            document_bytes: limits::DOCUMENT_BYTES,
            connections_per_document: limits::CONNECTIONS_PER_DOCUMENT,
            connections_per_address: limits::CONNECTIONS_PER_ADDRESS,
            updates_per_second: limits::UPDATES_PER_SECOND,
            bytes_per_second: limits::BYTES_PER_SECOND,
            idle_for: limits::IDLE_FOR,
            drain_for: limits::DRAIN_FOR,
            checkpoint_bytes: limits::CHECKPOINT_BYTES,
            checkpoint_updates: limits::CHECKPOINT_UPDATES,
            journal_segment_bytes: limits::JOURNAL_SEGMENT_BYTES,
            journal_retention_bytes: Some(limits::JOURNAL_RETENTION_BYTES),
        }
    }
}

impl Config {
    /// How people are known; the error says what to choose.
    pub fn access_mode(&self) -> Result<Mode, OpenToAll> {
        match self.access {
            Some(mode) => Ok(mode),
            None if self.listen.ip().is_loopback() => Ok(Mode::Open),
            None => Err(OpenToAll(self.listen)),
        }
    }

    /// By which names the server's own pages reach it. A server for this machine alone answers to this machine's names alone.
    pub fn own_hosts(&self) -> Hosts {
        if self.listen.ip().is_loopback() { Hosts::Loopback } else { Hosts::Any }
    }

    /// The files of the certificate and of its key, if TLS is the server's own; an error if only one of them is named.
    pub fn tls(&self) -> Result<Option<(&Path, &Path)>, ConfigError> {
        let alone = |given, missing| Err(ConfigError::Alone { given, missing });
        match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
            (None, None) => Ok(None),
            (Some(_), None) => alone("tls_cert", "tls_key"),
            (None, Some(_)) => alone("tls_key", "tls_cert"),
        }
    }

    /// Whether anything is said about tokens that counts in [`Mode::Jwt`] alone.
    fn speaks_of_tokens(&self) -> bool {
        let silent = Config::default();
        (&self.jwt_secret_file, &self.jwt_keys, &self.jwt_issuer, &self.jwt_audience)
            != (&silent.jwt_secret_file, &silent.jwt_keys, &silent.jwt_issuer, &silent.jwt_audience)
            || (&self.jwt_algorithms, self.jwt_leeway) != (&silent.jwt_algorithms, silent.jwt_leeway)
    }

    /// How many threads serve sockets, `auto` resolved.
    pub fn worker_threads(&self) -> usize {
        self.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
    }
}

impl LogFormat {
    /// The name in flags and files.
    pub fn as_str(self) -> &'static str {
        match self {
            LogFormat::Text => "text",
            LogFormat::Json => "json",
        }
    }

    fn parse(text: &str) -> Option<LogFormat> {
        [LogFormat::Text, LogFormat::Json].into_iter().find(|format| format.as_str() == text)
    }
}
