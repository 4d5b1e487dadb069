//! What people really typed, as the updates their editor would have sent: one for each of their edits.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use serde::Deserialize;
use yrs::block::ClientID;
use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, OffsetKind, Options, ReadTxn, StateVector, Text, Transact, Update};

use crate::typist::CONTENT;
use crate::wire::lib0::{Cursor, put_bytes, put_uint};

/// The client who typed all of it.
pub const AUTHOR: u64 = 77;

/// A shared type that takes one character after the last edit, so that whoever sees the author's last clock has seen the last edit
/// as well, though it may have been a deletion, which has no clock.
const END: &str = "end";

/// A session of editing.
pub struct Trace {
    /// The text at its end.
    pub text: String,
    /// The author's clock at its end.
    pub clock: u64,
    /// All of it as one update.
    pub state: Vec<u8>,
    /// Each edit as an update, and the mark of the end.
    pub updates: Vec<Vec<u8>>,
}

/// The files of the traces.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recorded {
    start_content: String,
    end_content: String,
    txns: Vec<Transaction>,
}

#[derive(Deserialize)]
struct Transaction {
    patches: Vec<(u32, u32, String)>,
}

impl Trace {
    /// The trace of that name, `times` times over, each time in front of what was written before: from `cache` if it was worked out
    /// before.
    pub fn load(name: &str, times: usize, traces: &Path, cache: &Path) -> Result<Trace> {
        let suffix = if times == 1 { String::new() } else { format!("-{times}") };
        let cached = cache.join(format!("{name}{suffix}.updates"));
        if let Ok(bytes) = fs::read(&cached) {
            return Trace::from_bytes(&bytes).with_context(|| format!("{}", cached.display()));
        }
        let path: PathBuf = traces.join(format!("{name}.json.gz"));
        let file = fs::File::open(&path)
            .with_context(|| format!("{}: name the folder of the traces with TRACES", path.display()))?;
        let recorded = serde_json::from_reader(std::io::BufReader::new(GzDecoder::new(file)))?;
        eprintln!("working out the updates of {name}, once");
        let trace = Trace::replay(&recorded, times)?;
        fs::create_dir_all(cache)?;
        fs::write(&cached, trace.to_bytes())?;
        Ok(trace)
    }

    fn replay(recorded: &Recorded, times: usize) -> Result<Trace> {
        let doc = Doc::with_options(Options {
            client_id: ClientID::new(AUTHOR),
            offset_kind: OffsetKind::Utf16,
            ..Options::default()
        });
        let (content, end) = (doc.get_or_insert_text(CONTENT), doc.get_or_insert_text(END));
        let mut updates = Vec::with_capacity(times * recorded.txns.len() + 2);
        if !recorded.start_content.is_empty() {
            let mut txn = doc.transact_mut();
            content.insert(&mut txn, 0, &recorded.start_content);
            updates.push(txn.encode_update_v1());
        }
        for transaction in std::iter::repeat_n(&recorded.txns, times).flatten() {
            let mut txn = doc.transact_mut();
            for (at, deleted, inserted) in &transaction.patches {
                if *deleted > 0 {
                    content.remove_range(&mut txn, *at, *deleted);
                }
                if !inserted.is_empty() {
                    content.insert(&mut txn, *at, inserted);
                }
            }
            updates.push(txn.encode_update_v1());
        }
        {
            let mut txn = doc.transact_mut();
            end.insert(&mut txn, 0, ".");
            updates.push(txn.encode_update_v1());
        }
        let txn = doc.transact();
        let text = content.get_string(&txn);
        anyhow::ensure!(
            text == recorded.end_content.repeat(times),
            "the trace does not end as it says, or does not begin with nothing"
        );
        Ok(Trace {
            text,
            clock: u64::from(txn.state_vector().get(&ClientID::new(AUTHOR))),
            state: txn.encode_state_as_update_v1(&StateVector::default()),
            updates,
        })
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_bytes(&mut out, self.text.as_bytes());
        put_uint(&mut out, self.clock);
        put_bytes(&mut out, &self.state);
        self.updates.iter().for_each(|update| put_bytes(&mut out, update));
        out
    }

    fn from_bytes(bytes: &[u8]) -> Result<Trace> {
        let mut cursor = Cursor(bytes);
        let mut read = || {
            let mut trace = Trace {
                text: cursor.string()?.to_owned(),
                clock: cursor.uint()?,
                state: cursor.bytes()?.to_vec(),
                updates: Vec::new(),
            };
            while !cursor.is_empty() {
                trace.updates.push(cursor.bytes()?.to_vec());
            }
            Some(trace)
        };
        read().context("the cache is broken; delete it")
    }
}

/// The text of a document that got these updates.
pub fn content_of(updates: &[Vec<u8>]) -> Result<String> {
    let doc = Doc::with_options(Options { offset_kind: OffsetKind::Utf16, ..Options::default() });
    let content = doc.get_or_insert_text(CONTENT);
    for some in updates.chunks(256) {
        let mut txn = doc.transact_mut();
        for update in some {
            txn.apply_update(Update::decode_v1(update)?)?;
        }
    }
    Ok(content.get_string(&doc.transact()))
}
