//! One client of one document, as the public protocol has it.

use std::cell::Cell;

use anyhow::{Result, bail};

use crate::servers::{Kind, Server};
use crate::wire::frame::{Opcode, put_masked};
use crate::wire::lib0::{Cursor, put_bytes};
use crate::wire::link::Link;
use crate::wire::message::{EMPTY_STATE_VECTOR, EMPTY_UPDATE, Message};

/// Hocuspocus' message that must come first, and its kind of token.
const AUTH: u8 = 2;
const TOKEN: u8 = 0;

/// How a client connects: as a stock one, unless told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// Offer `cowrite.v1` to Cowrite, so that it tells what is saved. Other servers see a stock client.
    pub cowrite: bool,
    /// The kernel's buffer for what the client does not read.
    pub receive_bytes: Option<u32>,
}

impl Manner {
    /// Somebody who wants to know what is saved.
    pub const TOLD: Manner = Manner { cowrite: true, receive_bytes: None };
}

/// The connection and the document it is for.
pub struct Client {
    link: Link,
    prefix: Vec<u8>,
    /// Sync steps 2 it has answered with: Cowrite counts them among the messages that carry an update.
    answers: Cell<u64>,
}

impl Client {
    /// Connect and no more.
    pub async fn connect(server: &Server, document: &str, manner: Manner) -> Result<Client> {
        let kind = server.kind;
        server.make(document).await?;
        let subprotocol = (manner.cowrite && kind == Kind::Cowrite).then_some("cowrite.v1");
        let link =
            Link::open(server.address, &kind.path(document), subprotocol, manner.receive_bytes).await?;
        let client = Client { link, prefix: kind.prefix(document), answers: Cell::new(0) };
        if kind == Kind::Hocuspocus {
            let mut auth = vec![AUTH, TOKEN];
            put_bytes(&mut auth, b"token");
            client.link.write(&client.frame_of(&auth)).await?;
        }
        Ok(client)
    }

    /// Connect, ask for the document and hand over what the server has of it. A relay has nothing and is asked nothing.
    pub async fn join(
        server: &Server,
        document: &str,
        manner: Manner,
        mut has: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<Client> {
        let client = Client::connect(server, document, manner).await?;
        if server.kind.is_relay() {
            return Ok(client);
        }
        client.say(Message::Step1(EMPTY_STATE_VECTOR)).await?;
        let (answered, asked) = (Cell::new(false), Cell::new(false));
        while !answered.get() {
            client
                .hear(|message| {
                    match message {
                        Message::Step2(state) => {
                            answered.set(true);
                            has(state)?;
                        }
                        Message::Update(update) => has(update)?,
                        Message::Step1(_) => asked.set(true),
                        _ => {}
                    }
                    Ok(())
                })
                .await?;
            if asked.take() {
                client.say(Message::Step2(EMPTY_UPDATE)).await?;
                client.answers.set(client.answers.get() + 1);
            }
        }
        Ok(client)
    }

    /// How many messages that carry an update it sent while it joined.
    pub fn answers(&self) -> u64 {
        self.answers.get()
    }

    /// A message as bytes for the wire.
    pub fn frame(&self, message: Message<'_>) -> Vec<u8> {
        let mut payload = Vec::new();
        message.put(&mut payload);
        self.frame_of(&payload)
    }

    fn frame_of(&self, payload: &[u8]) -> Vec<u8> {
        let mut frame = Vec::with_capacity(self.prefix.len() + payload.len() + 14);
        put_masked(&mut frame, Opcode::Binary, &[&self.prefix, payload].concat());
        frame
    }

    /// Write frames that were made before.
    pub async fn write(&self, frames: &[u8]) -> Result<()> {
        self.link.write(frames).await
    }

    pub async fn say(&self, message: Message<'_>) -> Result<()> {
        self.write(&self.frame(message)).await
    }

    /// Wait until something comes and hand over each message of it.
    pub async fn hear(&self, mut each: impl FnMut(Message<'_>) -> Result<()>) -> Result<()> {
        self.link
            .read(|payload| {
                let Some(rest) = payload.strip_prefix(&*self.prefix) else {
                    bail!("a message for another document");
                };
                let mut cursor = Cursor(rest);
                while let Some(message) = Message::next(&mut cursor) {
                    each(message)?;
                    if cursor.is_empty() {
                        break;
                    }
                }
                Ok(())
            })
            .await
    }
}
