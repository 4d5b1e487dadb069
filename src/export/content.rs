//! What a document's state says, read through yrs.

use std::collections::BTreeMap;

use bytes::Bytes;
use yrs::updates::decoder::Decode;
use yrs::{Any, Doc, GetString, Map, Out, ReadTxn, StateVector, Transact, Update};

use super::ExportError;
use crate::protocol::empty_doc;
use crate::protocol::guard::Guard;

/// The shared type that holds the text.
const CONTENT: &str = "content";

/// The shared type that holds what writers set about the document.
const META: &str = "meta";

/// Updates applied in one transaction: its cost grows with the square of their number.
const BATCH: usize = crate::limits::BATCH_UPDATES;

/// A document's content at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Content {
    /// The text, with LF line endings.
    pub text: String,
    /// What writers set, in the order of its keys.
    pub meta: BTreeMap<String, serde_json::Value>,
}

impl Content {
    /// Read a state, which is one v1 update that came out of our own store or document.
    pub fn of_state(state: &Bytes) -> Result<Content, ExportError> {
        Ok(Content::of_doc(&replay([state])?))
    }

    /// Read a live document.
    pub fn of_doc(doc: &Doc) -> Content {
        let (text, meta) = (doc.get_or_insert_text(CONTENT), doc.get_or_insert_map(META));
        let txn = doc.transact();
        let value = |out: Out| match out {
            // A buffer has no JSON form, and a nested shared type would lose what it is: neither is for this file.
            Out::Any(Any::Buffer(_) | Any::Undefined) => None,
            Out::Any(any) => serde_json::to_value(any).ok(),
            _ => None,
        };
        let meta = meta.iter(&txn).filter_map(|(key, out)| Some((key.to_owned(), value(out)?))).collect();
        Content { text: text.get_string(&txn), meta }
    }
}

/// A document made of its updates in order. They passed the guard once, and pass it again: yrs trusts what it reads.
pub fn replay<'a>(updates: impl IntoIterator<Item = &'a Bytes>) -> Result<Doc, ExportError> {
    let (doc, mut guard) = (empty_doc(), Guard::new());
    let mut updates = updates.into_iter().peekable();
    while updates.peek().is_some() {
        let mut txn = doc.transact_mut();
        for update in updates.by_ref().take(BATCH) {
            let damaged = |error: &dyn std::fmt::Display| ExportError::Damaged(error.to_string());
            let update = guard.recall(update).map_err(|error| damaged(&error))?;
            let update = Update::decode_v1(&update).map_err(|error| damaged(&error))?;
            txn.apply_update(update).map_err(|error| damaged(&error))?;
        }
    }
    Ok(doc)
}

/// A document's whole state as one v1 update.
pub fn encode(doc: &Doc) -> Vec<u8> {
    doc.transact().encode_state_as_update_v1(&StateVector::default())
}
