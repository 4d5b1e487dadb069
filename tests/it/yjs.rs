//! The judge in matters of Yjs: the real one. Rust tests write down updates and what they read from them, and
//! `tests/js/replay.mjs` computes the same with Yjs.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use yrs::any::Number;
use yrs::types::text::YChange;
use yrs::{
    Any, Array, Doc, GetString, Map, Out, ReadTxn, Text, Transact, TransactionMut, Xml, XmlFragment, XmlOut,
};

/// A document's updates, in order, and what yrs makes of them on the way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Story {
    name: String,
    /// Hexadecimal digits.
    updates: Vec<String>,
    /// What is there after so many of the updates.
    looks: Vec<(usize, Look)>,
}

/// What a document holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Look {
    text: String,
    /// The text with its formatting and what is embedded in it: pieces and their attributes.
    delta: Vec<(Value, Value)>,
    meta: Value,
    /// Clocks by client.
    vector: BTreeMap<String, u32>,
}

impl Story {
    pub fn tell(name: String, doc: &Doc, updates: Vec<Bytes>) -> Story {
        let mut story = Story::new(name);
        updates.iter().for_each(|update| story.update(update));
        story.look(doc);
        story
    }

    /// A story that has not begun.
    pub fn new(name: String) -> Story {
        Story { name, updates: Vec::new(), looks: Vec::new() }
    }

    pub fn update(&mut self, update: &Bytes) {
        self.updates.push(hex(update));
    }

    /// Note what is there now.
    pub fn look(&mut self, doc: &Doc) {
        self.looks.push((self.updates.len(), Look::at(doc)));
    }
}

impl Look {
    fn at(doc: &Doc) -> Look {
        let (text, meta) = (doc.get_or_insert_text("content"), doc.get_or_insert_map("meta"));
        let txn = doc.transact_mut();
        Look {
            text: text.get_string(&txn),
            delta: pieces(&text, &txn),
            meta: entries(&meta, &txn),
            vector: txn.state_vector().iter().map(|(id, clock)| (id.to_string(), *clock)).collect(),
        }
    }
}

/// Pieces of a text and their attributes, neighbours of equal formatting joined.
fn pieces(text: &impl Text, txn: &TransactionMut) -> Vec<(Value, Value)> {
    let mut pieces: Vec<(Value, Value)> = Vec::new();
    for piece in text.diff(txn, YChange::identity) {
        let inserted = match &piece.insert {
            Out::Any(any @ Any::String(_)) => plain(any),
            other => json!([plain_out(other, txn)]),
        };
        let attributes = piece.attributes.map_or(Value::Null, |attributes| {
            attributes.iter().map(|(key, value)| (key.to_string(), plain(value))).collect()
        });
        match (pieces.last_mut(), &inserted) {
            (Some((Value::String(last), same)), Value::String(more)) if *same == attributes => {
                last.push_str(more)
            }
            _ => pieces.push((inserted, attributes)),
        }
    }
    pieces
}

fn entries(map: &impl Map, txn: &TransactionMut) -> Value {
    map.iter(txn).map(|(key, out)| (key.to_owned(), plain_out(&out, txn))).collect()
}

/// A value, or what a shared type holds.
fn plain_out(out: &Out, txn: &TransactionMut) -> Value {
    let attributes = |xml: &dyn Fn() -> Vec<(String, Out)>| -> Value {
        xml().iter().map(|(key, out)| (key.clone(), plain_out(out, txn))).collect()
    };
    let children = |xml: &dyn Fn() -> Vec<XmlOut>| -> Value {
        xml().into_iter().map(|child| plain_out(&Out::from(child), txn)).collect()
    };
    match out {
        Out::Any(any) => plain(any),
        Out::YText(text) => json!({"text": pieces(text, txn)}),
        Out::YArray(array) => {
            json!({"array": array.iter(txn).map(|out| plain_out(&out, txn)).collect::<Value>()})
        }
        Out::YMap(map) => json!({"map": entries(map, txn)}),
        Out::YXmlFragment(xml) => json!({"fragment": children(&|| xml.children(txn).collect())}),
        Out::YXmlElement(xml) => json!({
            "element": xml.tag().to_string(),
            "attributes": attributes(&|| xml.attributes(txn).map(|(key, out)| (key.to_owned(), out)).collect()),
            "children": children(&|| xml.children(txn).collect()),
        }),
        Out::YXmlText(xml) => json!({
            "text": pieces(xml, txn),
            "attributes": attributes(&|| xml.attributes(txn).map(|(key, out)| (key.to_owned(), out)).collect()),
        }),
        other => panic!("the guard lets no {other:?} pass"),
    }
}

/// A value as JSON that tells apart what JSON does not. Numbers are their value as JavaScript holds it: yrs keeps no
/// sign of zero and no difference between 1 and 1n.
fn plain(value: &Any) -> Value {
    match value {
        Any::Undefined => json!({"is": "undefined"}),
        Any::Number(Number::Int(number)) => json!({"is": bits(*number as f64)}),
        Any::Number(Number::Float(number)) => json!({"is": bits(*number)}),
        Any::Buffer(bytes) => json!({"is": hex(bytes)}),
        Any::Array(values) => values.iter().map(plain).collect(),
        Any::Map(values) => values.iter().map(|(key, value)| (key.clone(), plain(value))).collect(),
        Any::Null => Value::Null,
        Any::Bool(flag) => json!(flag),
        Any::String(text) => json!(text),
    }
}

fn bits(number: f64) -> String {
    let number = if number.is_nan() { f64::NAN } else { number + 0.0 };
    format!("{:016x}", number.to_bits())
}

/// A script that asks Yjs. Without `tests/js/node_modules` (`make test` sees to it) there is nobody to ask.
fn script(name: &str) -> Option<Command> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/js");
    if !folder.join("node_modules/yjs").exists() {
        println!("tests/js/node_modules is missing: Yjs was not asked");
        return None;
    }
    let mut node = Command::new("node");
    node.arg(folder.join(name));
    Some(node)
}

/// What honest clients of Yjs send a server in as many documents, at random and by the seed: names and updates.
pub fn honest(first_seed: u64, documents: u64, steps: u64) -> Vec<(String, Vec<Bytes>)> {
    #[derive(serde::Deserialize)]
    struct Told {
        name: String,
        updates: Vec<String>,
    }
    let Some(mut node) = script("honest.mjs") else { return Vec::new() };
    let output =
        node.args([first_seed, documents, steps].map(|n| n.to_string())).output().expect("node runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Vec<Told> = serde_json::from_slice(&output.stdout).expect("stories are JSON");
    let bytes = |hex: &String| Bytes::from(crate::fixtures::unhex(hex));
    told.into_iter().map(|told| (told.name, told.updates.iter().map(bytes).collect())).collect()
}

/// Have Yjs compute the stories.
pub fn check(name: &str, stories: &[Story]) {
    let Some(mut node) = script("replay.mjs") else { return };
    let file = tempfile::Builder::new().prefix(name).suffix(".json").tempfile().expect("a file is made");
    serde_json::to_writer(&file, stories).expect("stories are JSON");
    let output = node.arg(file.path()).output().expect("node runs");
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
