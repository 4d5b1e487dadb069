//! A running server, as the command line talks to it: by the API that everybody has.

use std::time::Duration;

use serde_json::Value;
use ureq::http::{Request, Uri};
use ureq::{Agent, Body};

use super::place::{Place, SecretError};
use crate::agent::agent;
use crate::auth::Secret;
use crate::limits;

/// How long one answer may take, a large export included.
const PATIENCE: Duration = Duration::from_secs(120);

/// Largest answer that is taken: an export may be larger than its document.
const ANSWER_BYTES: u64 = 4 * limits::DOCUMENT_BYTES as u64;

/// Why a server did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    #[error(
        "{0:?} is no address of a server; it looks like https://notes.example or http://127.0.0.1:8080/team"
    )]
    Address(String),
    #[error("{server} cannot be asked: {reason}; if it was to change something, look whether it has")]
    Unreachable { server: String, reason: String },
    #[error(
        "the server does not know who you are: {0} Give it a token with --token-file or COWRITE_TOKEN. Nothing was changed"
    )]
    Unknown(String),
    #[error("the server refuses: {detail} ({status}). Nothing was changed")]
    Refused { status: u16, detail: String },
    #[error("{0} answers, but not as a Cowrite server does; is the address right, with its path?")]
    Strange(String),
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// A server, and who one is there.
pub struct Remote {
    agent: Agent,
    server: String,
    token: Option<Secret<String>>,
}

/// An answer that is good news.
pub struct Answer {
    pub bytes: Vec<u8>,
    /// What came in `Set-Cookie`.
    pub cookie: Option<Secret<String>>,
}

impl Remote {
    /// The server that a command names, with the token for it; `None` if it names none.
    pub fn of(place: &Place) -> Result<Option<Remote>, RemoteError> {
        let Some(server) = &place.server else { return Ok(None) };
        let remote = Remote::new(server, None)?;
        Ok(Some(Remote { token: place.token()?, ..remote }))
    }

    /// A server by its address, whose path is kept.
    pub fn new(server: &str, token: Option<Secret<String>>) -> Result<Remote, RemoteError> {
        let wrong = || RemoteError::Address(server.to_owned());
        let address: Uri = server.parse().map_err(|_| wrong())?;
        let known = matches!(address.scheme_str(), Some("http" | "https"));
        let host =
            address.authority().filter(|host| known && !host.as_str().contains('@')).ok_or_else(wrong)?;
        if address.query().is_some() {
            return Err(wrong());
        }
        let scheme = address.scheme_str().expect("it is known");
        let server = format!("{scheme}://{host}{}", address.path().trim_end_matches('/'));
        Ok(Remote { agent: agent(PATIENCE), server, token })
    }

    /// An address of the server's pages, from one without its host.
    pub fn page(&self, path: &str) -> String {
        let (scheme, rest) = self.server.split_once("://").expect("it has been put together so");
        let host = rest.split('/').next().unwrap_or(rest);
        format!("{scheme}://{host}{path}")
    }

    pub fn get(&self, path: &str) -> Result<Value, RemoteError> {
        self.json(self.ask("GET", path, None)?)
    }

    /// Something that is no JSON.
    pub fn download(&self, path: &str) -> Result<Vec<u8>, RemoteError> {
        Ok(self.ask("GET", path, None)?.bytes)
    }

    pub fn send(&self, method: &str, path: &str, body: &Value) -> Result<Value, RemoteError> {
        self.json(self.ask(method, path, Some(body))?)
    }

    /// Something that has no answer but that it is done.
    pub fn delete(&self, path: &str) -> Result<(), RemoteError> {
        self.ask("DELETE", path, None).map(drop)
    }

    /// Ask for something below `/api/v1`.
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, RemoteError> {
        let mut request = Request::builder().method(method).uri(format!("{}/api/v1{path}", self.server));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {}", token.reveal()));
        }
        let request = request.header("content-type", "application/json");
        let strange = |_| RemoteError::Address(self.server.clone());
        let answer = match body {
            Some(body) => self.agent.run(request.body(body.to_string()).map_err(strange)?),
            None => self.agent.run(request.body(()).map_err(strange)?),
        };
        self.take(answer.map_err(|error| self.unreachable(&error))?)
    }

    fn take(&self, mut answer: ureq::http::Response<Body>) -> Result<Answer, RemoteError> {
        let status = answer.status().as_u16();
        let cookie = answer.headers().get("set-cookie").and_then(|line| line.to_str().ok());
        let cookie = cookie.map(|line| Secret::new(line.to_owned()));
        let read = answer.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec();
        let bytes = read.map_err(|error| self.unreachable(&error))?;
        if (200..300).contains(&status) {
            return Ok(Answer { bytes, cookie });
        }
        let problem: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let text = |key: &str| problem[key].as_str().map(str::to_owned);
        match (status, text("detail").or_else(|| text("title"))) {
            (401, Some(detail)) => Err(RemoteError::Unknown(detail)),
            (_, Some(detail)) => Err(RemoteError::Refused { status, detail }),
            (_, None) => Err(self.strange()),
        }
    }

    fn json(&self, answer: Answer) -> Result<Value, RemoteError> {
        serde_json::from_slice(&answer.bytes).map_err(|_| self.strange())
    }

    /// What came is not what this server says elsewhere.
    pub fn strange(&self) -> RemoteError {
        RemoteError::Strange(self.server.clone())
    }

    fn unreachable(&self, error: &ureq::Error) -> RemoteError {
        RemoteError::Unreachable { server: self.server.clone(), reason: error.to_string() }
    }
}

/// A text as a part of an address.
pub fn escaped(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_path_and_brings_nothing_else() {
        let remote = |server: &str| Remote::new(server, None).map(|remote| remote.server).ok();
        assert_eq!(remote("http://127.0.0.1:8080").as_deref(), Some("http://127.0.0.1:8080"));
        assert_eq!(remote("https://notes.example/team/").as_deref(), Some("https://notes.example/team"));
        for wrong in ["notes.example", "ftp://a", "https://ann:swordfish@a", "https://a/?token=b", ""] {
            assert_eq!(remote(wrong), None, "{wrong}");
        }
        let remote = Remote::new("https://notes.example/team", None).expect("an address");
        assert_eq!(remote.page("/team/join#x"), "https://notes.example/team/join#x");
    }

    #[test]
    fn a_name_in_an_address_stays_one_part_of_it() {
        assert_eq!(escaped("a/b?c&d ä"), "a%2Fb%3Fc%26d%20%C3%A4");
    }
}
