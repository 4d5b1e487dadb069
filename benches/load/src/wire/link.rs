//! One WebSocket connection of a client, on a bare socket. Reading and writing may go on at the same time, in two tasks of one
//! thread.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use tokio::net::{TcpSocket, TcpStream};

use super::frame::{self, Opcode};

/// Bytes read at once. A reader that has fallen behind takes many frames with one call.
const READ_BYTES: usize = 64 * 1024;

/// A connection that was closed by the server, and with which code.
#[derive(Debug)]
pub struct Closed {
    pub code: Option<u16>,
    pub reason: String,
}

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.code {
            Some(code) => write!(f, "the server closed with {code}: {}", self.reason),
            None => write!(f, "the server went away without a goodbye {}", self.reason),
        }
    }
}

impl std::error::Error for Closed {}

/// The connection.
pub struct Link {
    stream: TcpStream,
    inbox: RefCell<Vec<u8>>,
}

impl Link {
    /// Connect and upgrade. `receive_bytes` is the kernel's buffer for what is not read, unless it is to decide itself.
    pub async fn open(
        address: SocketAddr,
        path: &str,
        subprotocol: Option<&str>,
        receive_bytes: Option<u32>,
    ) -> Result<Link> {
        let socket = TcpSocket::new_v4()?;
        if let Some(bytes) = receive_bytes {
            socket.set_recv_buffer_size(bytes)?;
        }
        let stream = socket.connect(address).await?;
        stream.set_nodelay(true)?;
        let link = Link { stream, inbox: RefCell::default() };
        let offer = subprotocol.map_or(String::new(), |name| format!("Sec-WebSocket-Protocol: {name}\r\n"));
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{offer}\r\n"
        );
        link.write(request.as_bytes()).await?;
        let answer = link.head().await.with_context(|| format!("upgrading {path}"))?;
        if !answer.starts_with("HTTP/1.1 101") {
            bail!("{path} was answered with {}", answer.lines().next().unwrap_or_default());
        }
        if offer.is_empty() == answer.to_ascii_lowercase().contains("sec-websocket-protocol") {
            bail!("{path} was answered with another subprotocol than {subprotocol:?}");
        }
        Ok(link)
    }

    /// Take what the kernel has, at least one byte, into the inbox.
    async fn fill(&self) -> Result<()> {
        loop {
            self.stream.readable().await?;
            let mut inbox = self.inbox.borrow_mut();
            inbox.reserve(READ_BYTES);
            match self.stream.try_read_buf(&mut *inbox) {
                Ok(0) => bail!(Closed { code: None, reason: String::new() }),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => bail!(lost(error)),
            }
        }
    }

    /// The head of an HTTP answer. What follows it stays in the inbox.
    async fn head(&self) -> Result<String> {
        loop {
            self.fill().await?;
            let mut inbox = self.inbox.borrow_mut();
            if let Some(end) = inbox.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = inbox.drain(..end + 4).collect();
                return Ok(String::from_utf8(head)?);
            }
        }
    }

    /// Write all of it, waiting for room as long as it takes.
    pub async fn write(&self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            match self.stream.try_write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(error) => bail!(lost(error)),
            }
        }
        Ok(())
    }

    /// Wait until frames are here and hand over the payload of each binary one. Pings are answered.
    pub async fn read(&self, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        // After the upgrade, frames may be here already.
        while !self.hand_over(&mut each).await? {
            self.fill().await?;
        }
        Ok(())
    }

    /// Hand over the whole frames in the inbox. Whether there was one.
    async fn hand_over(&self, each: &mut impl FnMut(&[u8]) -> Result<()>) -> Result<bool> {
        let mut pongs = Vec::new();
        let mut at = 0;
        {
            let mut inbox = self.inbox.borrow_mut();
            while let Some((opcode, payload, length)) = frame::first(&mut inbox[at..]) {
                match opcode {
                    Opcode::Binary => each(payload)?,
                    Opcode::Ping => frame::put_masked(&mut pongs, Opcode::Pong, payload),
                    Opcode::Pong => {}
                    Opcode::Close => bail!(closed(payload)),
                    Opcode::Other(first) => bail!("a frame that begins with {first:#x}"),
                }
                at += length;
            }
            inbox.drain(..at);
        }
        self.write(&pongs).await?;
        Ok(at > 0)
    }
}

fn lost(error: io::Error) -> Closed {
    Closed { code: None, reason: error.to_string() }
}

fn closed(payload: &[u8]) -> Closed {
    match payload.split_at_checked(2) {
        Some((code, reason)) => Closed {
            code: Some(u16::from_be_bytes([code[0], code[1]])),
            reason: String::from_utf8_lossy(reason).into_owned(),
        },
        None => Closed { code: None, reason: String::new() },
    }
}
