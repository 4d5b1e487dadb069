//! The rules of the catalogue, which all stores share. Pure.

use std::cmp::Reverse;

use crate::ids::{DocId, DocNumber, Epoch, Kind, Seq};
use crate::limits;
use crate::store::{Entry, Fact, Rank, StoreError};

/// The entry of a new document. `existing` is what goes by its id so far.
pub fn created(
    existing: Option<&Entry>,
    entry: (DocNumber, &DocId, Kind, &str),
    again: bool,
    now_ms: u64,
) -> Result<Entry, StoreError> {
    let (number, id, kind, title) = entry;
    match existing {
        Some(existing) if existing.deleted_ms.is_none() => return Err(StoreError::Exists(id.clone())),
        Some(_) if !again => return Err(StoreError::Deleted(id.clone())),
        _ => {}
    }
    Ok(Entry {
        number,
        id: id.clone(),
        epoch: Epoch::random(),
        kind,
        title: title.to_owned(),
        created_ms: now_ms,
        updated_ms: now_ms,
        deleted_ms: None,
    })
}

/// The entry under another title.
pub fn renamed(existing: Option<Entry>, id: &DocId, title: &str) -> Result<Entry, StoreError> {
    Ok(Entry { title: title.to_owned(), ..alive(existing, id)? })
}

/// The entry as a tombstone.
pub fn deleted(existing: Option<Entry>, id: &DocId, now_ms: u64) -> Result<Entry, StoreError> {
    Ok(Entry { deleted_ms: Some(now_ms), ..alive(existing, id)? })
}

fn alive(existing: Option<Entry>, id: &DocId) -> Result<Entry, StoreError> {
    match existing {
        None => Err(StoreError::Unknown(id.clone())),
        Some(entry) if entry.deleted_ms.is_some() => Err(StoreError::Deleted(id.clone())),
        Some(entry) => Ok(entry),
    }
}

/// See [`crate::store::Store::page`].
pub fn page_of(mut entries: Vec<Entry>, behind: Option<Rank>, limit: usize) -> Vec<Entry> {
    entries.retain(|entry| behind.is_none_or(|behind| entry.rank() < behind));
    entries.sort_unstable_by_key(|entry| Reverse(entry.rank()));
    entries.truncate(limit);
    entries
}

/// Whether changes that begin with `first` come right after `last`.
pub fn follows(document: DocNumber, last: Seq, first: Seq) -> Result<(), StoreError> {
    if first == last.next() {
        return Ok(());
    }
    let text = format!("document {}: change {} does not follow {}", document.0, first.0, last.0);
    Err(StoreError::Damaged(text.into()))
}

/// Whether a state at `seq` may be kept when the document is durable up to `last`.
pub fn durable(document: DocNumber, last: Seq, seq: Seq) -> Result<(), StoreError> {
    if seq <= last {
        return Ok(());
    }
    let text =
        format!("document {}: a state at {} is ahead of its durable changes, {}", document.0, seq.0, last.0);
    Err(StoreError::Damaged(text.into()))
}

/// Whether facts fit into one note.
pub fn fits(facts: &[Fact]) -> Result<(), StoreError> {
    let bytes = |fact: &Fact| fact.key.len() + fact.value.as_ref().map_or(0, bytes::Bytes::len);
    match facts.iter().map(bytes).sum() {
        fits if fits <= limits::NOTE_BYTES => Ok(()),
        bytes => Err(StoreError::TooLarge(bytes)),
    }
}

/// The time for entries, in milliseconds since 1970.
pub fn now_ms() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0)
}
