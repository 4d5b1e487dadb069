//! The judge in matters of Yjs: the real one. Rust tests write down updates and what they read from them, and
//! `tests/js/replay.mjs` computes the same with Yjs.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use serde::Serialize;
use yrs::types::ToJson;
use yrs::types::text::YChange;
use yrs::{Doc, GetString, Out, ReadTxn, Text, Transact};

/// A document's updates, in order, and what yrs makes of them.
#[derive(Debug, PartialEq, Serialize)]
pub struct Story {
    name: String,
    /// Hexadecimal digits.
    updates: Vec<String>,
    text: String,
    /// The text with its formatting: pieces and their attributes.
    delta: Vec<(String, serde_json::Value)>,
    meta: serde_json::Value,
    /// Clocks by client.
    vector: BTreeMap<String, u32>,
}

impl Story {
    pub fn tell(name: String, doc: &Doc, updates: Vec<Bytes>) -> Story {
        let (text, meta) = (doc.get_or_insert_text("content"), doc.get_or_insert_map("meta"));
        let txn = doc.transact();
        let mut delta: Vec<(String, serde_json::Value)> = Vec::new();
        for piece in text.diff(&txn, YChange::identity) {
            let inserted = match piece.insert {
                Out::Any(yrs::Any::String(text)) => text.to_string(),
                _ => "\u{fffc}".to_owned(),
            };
            let attributes = serde_json::to_value(piece.attributes).expect("attributes are JSON");
            match delta.last_mut() {
                Some(last) if last.1 == attributes => last.0.push_str(&inserted),
                _ => delta.push((inserted, attributes)),
            }
        }
        Story {
            name,
            updates: updates.iter().map(|update| hex(update)).collect(),
            text: text.get_string(&txn),
            delta,
            meta: serde_json::to_value(meta.to_json(&txn)).expect("a map is JSON"),
            vector: txn.state_vector().iter().map(|(id, clock)| (id.to_string(), *clock)).collect(),
        }
    }
}

/// Have Yjs compute the stories. Without `tests/js/node_modules` (`make test` sees to it) there is nobody to ask.
pub fn check(name: &str, stories: &[Story]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/js");
    if !folder.join("node_modules/yjs").exists() {
        return println!("tests/js/node_modules is missing: Yjs was not asked");
    }
    let file = tempfile::Builder::new().prefix(name).suffix(".json").tempfile().expect("a file is made");
    serde_json::to_writer(&file, stories).expect("stories are JSON");
    let run = Command::new("node").arg(folder.join("replay.mjs")).arg(file.path()).output();
    let output = run.expect("node runs");
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(
        output.status.success(),
        "Yjs computes something else: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(said.contains(&format!("{} documents", stories.len())), "Yjs saw all of them: {said}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
