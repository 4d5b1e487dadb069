//! Where keys are, and reading them there.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use super::Pace;
use crate::agent::agent;
use crate::auth::Secret;
use crate::auth::jwt::{KeySet, KeySetError};
use crate::limits;

/// Where the keys are that tokens are checked with.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// A file with a secret that is shared with the application, for HS256. A line break at its end is not part of it.
    Secret(PathBuf),
    /// A file with a key set (JWKS, RFC 7517).
    File(PathBuf),
    /// A key set that the application serves.
    Url(String),
}

/// Why there are no keys in a [`Source`]. Nothing that was read is in it.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("{source_name} cannot be read: {error}")]
    Unreadable { source_name: String, error: io::Error },
    #[error("{source_name} does not answer: {reason}")]
    NoAnswer { source_name: String, reason: String },
    #[error("{source_name} answers with status {status}")]
    Status { source_name: String, status: u16 },
    #[error("{source_name}: {error}")]
    Wrong { source_name: String, error: KeySetError },
    #[error("no thread could be started that looks for new keys: {0}")]
    NoThread(io::Error),
}

impl Source {
    pub(super) fn pace(&self) -> Pace {
        let every = match self {
            Source::Secret(_) | Source::File(_) => limits::KEYS_FILE_EVERY,
            Source::Url(_) => limits::KEYS_URL_EVERY,
        };
        Pace { every, soonest: limits::KEYS_SOONEST }
    }

    /// Whether it may be away for a while and come by itself.
    pub(super) fn comes_and_goes(&self) -> bool {
        matches!(self, Source::Url(_))
    }

    /// The bytes that are there now, not yet looked at. Blocking.
    pub(super) fn read(&self) -> Result<Secret<Vec<u8>>, KeysError> {
        match self {
            Source::Secret(path) | Source::File(path) => {
                let mut bytes = Vec::new();
                // One more tells that it is too large.
                let most = limits::JWKS_BYTES as u64 + 1;
                let read = File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
                let bytes = Secret::new(bytes);
                read.map_err(|error| KeysError::Unreadable { source_name: self.to_string(), error })?;
                Ok(bytes)
            }
            Source::Url(url) => self.fetch(url).map(Secret::new),
        }
    }

    fn fetch(&self, url: &str) -> Result<Vec<u8>, KeysError> {
        let agent = agent(limits::KEYS_FETCH_FOR);
        let no_answer = |error| match error {
            ureq::Error::BodyExceedsLimit(_) => self.wrong(KeySetError::Large),
            // The one error that quotes the address, which may hold a password.
            ureq::Error::BadUri(_) => self.no_answer("this is no address".to_owned()),
            error => self.no_answer(error.to_string()),
        };
        let mut answer = agent.get(url).header("accept", "application/json").call().map_err(no_answer)?;
        match answer.status().as_u16() {
            200 => {}
            status => return Err(KeysError::Status { source_name: self.to_string(), status }),
        }
        answer.body_mut().with_config().limit(limits::JWKS_BYTES as u64).read_to_vec().map_err(no_answer)
    }

    /// What was read, as keys.
    pub(super) fn keys(&self, bytes: &Secret<Vec<u8>>) -> Result<KeySet, KeysError> {
        let keys = match self {
            Source::Secret(_) => {
                let text = bytes.reveal().as_slice();
                let text = text.strip_suffix(b"\n").unwrap_or(text);
                let text = text.strip_suffix(b"\r").unwrap_or(text);
                KeySet::from_secret(&Secret::new(text.to_vec()))
            }
            Source::File(_) | Source::Url(_) => match str::from_utf8(bytes.reveal()) {
                Ok(text) => KeySet::from_jwks(text),
                Err(_) => Err(KeySetError::NotJwks { line: 1, column: 1 }),
            },
        };
        keys.map_err(|error| self.wrong(error))
    }

    fn wrong(&self, error: KeySetError) -> KeysError {
        KeysError::Wrong { source_name: self.to_string(), error }
    }

    fn no_answer(&self, reason: String) -> KeysError {
        KeysError::NoAnswer { source_name: self.to_string(), reason }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Secret(path) | Source::File(path) => write!(f, "{}", path.display()),
            // Without a name and a password before the host, and without a query: both may be secrets.
            Source::Url(url) => {
                let url = url.split(['?', '#']).next().unwrap_or_default();
                let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
                let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
                let host = host.rsplit('@').next().unwrap_or_default();
                write!(f, "{scheme}://{host}/{path}")
            }
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({self})")
    }
}
