//! What real Yjs and y-protocols put on the wire, as `tests/js/record-fixtures.mjs` recorded it.

use std::collections::BTreeMap;
use std::io::Read;

use bytes::Bytes;
use serde::Deserialize;

/// A document as the updates that make it, and what Yjs makes of them.
#[derive(Debug, Deserialize)]
pub struct Case {
    pub name: String,
    pub updates: Vec<Sent>,
    /// Root types to look at: name and kind (`text`, `map`, `xml`).
    pub roots: BTreeMap<String, String>,
    /// What they hold, as JSON; the text `content` is in `text`.
    pub json: BTreeMap<String, serde_json::Value>,
    pub text: Option<String>,
    /// For texts too long to write down: the length in UTF-16 units and the FNV-1a hash of the UTF-8 bytes.
    #[serde(rename = "textLength")]
    pub text_length: Option<usize>,
    #[serde(rename = "textHash")]
    pub text_hash: Option<String>,
    /// Clocks by client.
    pub vector: BTreeMap<String, u32>,
}

/// One update and what the server has to say to it.
#[derive(Debug, Deserialize)]
pub struct Sent {
    hex: String,
    #[serde(default)]
    gzip: bool,
    /// `accept`, `early` or `malformed`.
    pub verdict: String,
    /// An early update can be applied once the update with this index is in.
    pub until: Option<usize>,
    #[serde(default = "yes")]
    pub novel: bool,
}

fn yes() -> bool {
    true
}

impl Sent {
    pub fn bytes(&self) -> Bytes {
        let raw = unhex(&self.hex);
        if !self.gzip {
            return raw.into();
        }
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(&raw[..]).read_to_end(&mut bytes).expect("a fixture is gzip");
        bytes.into()
    }
}

/// All recorded documents.
pub fn updates() -> Vec<Case> {
    serde_json::from_str(include_str!("../fixtures/updates.json")).expect("the fixtures are JSON")
}

/// The bytes that hexadecimal digits stand for.
pub fn unhex(hex: &str) -> Vec<u8> {
    let digit = |i: usize| u8::from_str_radix(&hex[i..i + 2], 16).expect("a fixture is hexadecimal");
    (0..hex.len()).step_by(2).map(digit).collect()
}

/// The 64-bit FNV-1a hash, as hexadecimal digits.
pub fn fnv1a(bytes: &[u8]) -> String {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325, step))
}
