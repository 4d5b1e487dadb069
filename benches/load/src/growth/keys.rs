//! Typing key by key in a document of any size: what one keystroke costs when nothing else goes on.

use std::cell::Cell;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use yrs::block::ClientID;
use yrs::{Doc, GetString, OffsetKind, Options, ReadTxn, Text, TextRef, Transact};

use crate::client::{Client, Manner};
use crate::servers::Server;
use crate::stage::Window;
use crate::stats::{Latencies, median, micros_each};
use crate::trace::AUTHOR;
use crate::typist::CONTENT;
use crate::wire::message::Message;

/// The author's own copy, from which its updates come.
pub(super) struct Editor {
    doc: Doc,
    text: TextRef,
}

impl Editor {
    pub(super) fn new() -> Editor {
        let doc = Doc::with_options(Options {
            client_id: ClientID::new(AUTHOR),
            offset_kind: OffsetKind::Utf16,
            ..Options::default()
        });
        let text = doc.get_or_insert_text(CONTENT);
        Editor { doc, text }
    }

    /// Insert each of some texts at its place, all in one transaction; the update that says so.
    pub(super) fn insert<'t>(&self, texts: impl IntoIterator<Item = (u32, &'t str)>) -> Vec<u8> {
        let mut txn = self.doc.transact_mut();
        for (at, text) in texts {
            self.text.insert(&mut txn, at, text);
        }
        txn.encode_update_v1()
    }

    /// A keystroke.
    pub(super) fn key(&self, at: u32) -> Vec<u8> {
        self.insert([(at, "k")])
    }

    /// So many keystrokes, one behind the other.
    pub(super) fn keys(&self, at: u32, count: u32) -> Vec<Vec<u8>> {
        (at..at + count).map(|at| self.key(at)).collect()
    }

    /// In characters, all of which are one byte here.
    pub(super) fn len(&self) -> u32 {
        self.text.len(&self.doc.transact())
    }

    pub(super) fn clock(&self) -> u64 {
        u64::from(self.doc.transact().state_vector().get(&ClientID::new(AUTHOR)))
    }

    pub(super) fn text(&self) -> String {
        self.text.get_string(&self.doc.transact())
    }
}

/// Parts whose median counts: a server that puts its database in order does so in one of them.
const PARTS: usize = 3;

/// Type in a document with one who reads: CPU time of each update in microseconds, and latencies.
pub(super) async fn typing(
    server: &Server,
    document: &str,
    author: &Client,
    updates: &[Vec<u8>],
) -> Result<(f64, Latencies)> {
    let reader = Client::join(server, document, Manner::default(), |_| Ok(())).await?;
    let (mut cpus, mut latencies) = (Vec::new(), Latencies::default());
    for part in updates.chunks(updates.len().div_ceil(PARTS)) {
        let window = Window::open(server).await?;
        latencies.extend(one_by_one(author, &reader, part).await?);
        cpus.push(micros_each(window.close(server).await?, part.len() as u64));
    }
    Ok((median(&cpus).context("nothing was typed")?, latencies))
}

/// Send updates one by one, each once the reader has got the one before. Only CPU time says what one costs then, and only latency what
/// somebody notices of it.
pub(super) async fn one_by_one(author: &Client, reader: &Client, updates: &[Vec<u8>]) -> Result<Latencies> {
    let mut latencies = Latencies::default();
    for update in updates {
        let frame = author.frame(Message::Update(update));
        let (began, came) = (Instant::now(), Cell::new(0));
        author.write(&frame).await?;
        while came.get() == 0 {
            reader
                .hear(|message| {
                    came.set(came.get() + u32::from(matches!(message, Message::Update(_))));
                    Ok(())
                })
                .await?;
        }
        latencies.add(began.elapsed());
        ensure!(came.get() == 1, "one update came as {}", came.get());
    }
    Ok(latencies)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::content_of;

    #[test]
    fn what_an_editor_sends_makes_what_it_has() {
        let editor = Editor::new();
        let mut updates = vec![editor.insert([(0, "first\n"), (0, "second\n")])];
        updates.extend(editor.keys(3, 4));
        assert_eq!(editor.text(), "seckkkkond\nfirst\n");
        assert_eq!((editor.len(), editor.clock()), (17, 17));
        assert_eq!(content_of(&updates).unwrap(), editor.text());
    }
}
