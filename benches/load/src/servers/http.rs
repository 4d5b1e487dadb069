//! Plain HTTP requests on a connection that is kept: ten thousand of them must not use up the machine's ports.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The connection.
pub struct Http {
    address: SocketAddr,
    stream: TcpStream,
}

impl Http {
    pub async fn connect(address: SocketAddr) -> Result<Http> {
        Ok(Http { address, stream: TcpStream::connect(address).await? })
    }

    /// One request, which must succeed; the body of its answer.
    pub async fn ask(&mut self, method: &str, path: &str, body: &str) -> Result<String> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        loop {
            ensure!(self.stream.read_buf(&mut answer).await? > 0, "{method} {path} was not answered");
            if let Some(body) = body_of(&answer)? {
                return Ok(body);
            }
        }
    }
}

/// The body of an answer that succeeded, once it is whole.
fn body_of(answer: &[u8]) -> Result<Option<String>> {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&answer[..end])?.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.context("an answer that does not say how long it is")?.trim().parse()?;
    let body = &answer[end + 4..];
    if body.len() < length {
        return Ok(None);
    }
    let body = String::from_utf8(body.to_vec())?;
    ensure!(
        head.starts_with("http/1.1 20"),
        "the answer was {}: {body}",
        head.lines().next().unwrap_or_default()
    );
    Ok(Some(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_comes_when_it_is_whole_and_an_error_is_one() {
        let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\nmade";
        assert_eq!(body_of(answer).unwrap(), Some("made".to_owned()));
        assert_eq!(body_of(&answer[..answer.len() - 1]).unwrap(), None);
        assert_eq!(body_of(&answer[..20]).unwrap(), None);
        assert!(body_of(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n").is_err());
    }
}
