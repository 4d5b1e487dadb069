//! Somebody who is connected to a document, without a socket in between.

use std::io::{Cursor, Read};
use std::time::Duration;

use bytes::Bytes;
use cowrite::document::{Arrival, Attached, DocumentError, Line, Outgoing, Registry, line};
use cowrite::ids::{DocId, SessionId};
use cowrite::protocol::{CloseCode, Message, Role};
use futures_util::FutureExt;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;

pub const PATIENCE: Duration = Duration::from_secs(5);

pub struct Client {
    pub attached: Attached,
    pub line: Line,
    outgoing: Outgoing,
    /// What came over the wire and is not read yet.
    wire: Vec<u8>,
}

impl Client {
    pub async fn join(registry: &Registry, id: &DocId) -> Result<Client, DocumentError> {
        let arrival = Arrival {
            connection: registry.next_connection(),
            session: SessionId::random(),
            since_ms: 0,
            role: Role::Editor,
            author: None,
            stamp: None,
            cowrite: true,
            message_bytes: 1000,
        };
        let (line, outgoing) = line(None, None);
        let attached = registry.attach(id, arrival, &line).await?;
        Ok(Client { attached, line, outgoing, wire: Vec::new() })
    }

    pub async fn write(&self, update: Bytes) {
        self.attached.deliver([Message::Update(update)], None).await.expect("the document is live");
    }

    /// Read what the document says until one message is the one.
    pub async fn hear(&mut self, wanted: &Bytes) {
        timeout(PATIENCE, self.hear_some_day(wanted)).await.expect("the message comes");
    }

    /// The same without an end, for whoever waits for a disk that is full.
    pub async fn hear_some_day(&mut self, wanted: &Bytes) {
        loop {
            while let Some(message) = self.message() {
                if message == wanted {
                    return;
                }
            }
            tokio::select! {
                bytes = self.outgoing.next() => self.wire.extend(bytes.expect("the socket is open")),
                news = self.line.news() => assert_eq!(news.close, None, "while it waits for {wanted:?}"),
            }
        }
    }

    /// Read everything that waits.
    pub fn hear_all(&mut self) -> Vec<Bytes> {
        while let Some(Some(bytes)) = self.outgoing.next().now_or_never() {
            self.wire.extend(bytes);
        }
        std::iter::from_fn(|| self.message()).collect()
    }

    pub async fn closed(&self) -> CloseCode {
        let search = async {
            loop {
                if let Some(close) = self.line.news().await.close {
                    return close.code;
                }
            }
        };
        timeout(PATIENCE, search).await.expect("it is closed")
    }

    fn message(&mut self) -> Option<Bytes> {
        let mut wire = Cursor::new(&self.wire);
        let (_, length) = FrameHeader::parse(&mut wire).expect("frames are well-formed")?;
        let mut message = vec![0; length as usize];
        wire.read_exact(&mut message).ok()?;
        let read = wire.position() as usize;
        self.wire.drain(..read);
        Some(message.into())
    }
}
