//! The rules of the catalogue, which all stores share. Pure.

use crate::ids::{DocId, DocNumber, Epoch, Kind, Seq};
use crate::limits;
use crate::store::{Edit, Entry, Fact, StoreError};

/// The entry of a new document. `existing` is what goes by its id so far.
pub fn created(
    existing: Option<&Entry>,
    entry: (DocNumber, &DocId, Kind, &str),
    again: bool,
    now_ms: u64,
) -> Result<Entry, StoreError> {
    let (number, id, kind, title) = entry;
    match existing {
        Some(existing) if existing.deleted_ms.is_none() => {
            let is_trashed = existing.trashed_ms.is_some();
            let error = if is_trashed { StoreError::Trashed } else { StoreError::Exists };
            return Err(error(id.clone()));
        }
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
        tags: Vec::new(),
        trashed_ms: None,
    })
}

/// The entry after an edit.
pub fn edited(existing: Option<Entry>, id: &DocId, edit: Edit, now_ms: u64) -> Result<Entry, StoreError> {
    let entry = alive(existing, id)?;
    let is_trashed = entry.trashed_ms.is_some();
    Ok(match edit {
        Edit::Title(_) | Edit::Tags(_) | Edit::Trash if is_trashed => {
            return Err(StoreError::Trashed(id.clone()));
        }
        Edit::Title(title) => Entry { title, ..entry },
        Edit::Tags(tags) => Entry { tags, ..entry },
        Edit::Trash => Entry { trashed_ms: Some(now_ms), ..entry },
        Edit::Restore => Entry { trashed_ms: None, ..entry },
        Edit::Sweep { now_ms } if !is_over(&entry, now_ms) => entry,
        Edit::Delete | Edit::Sweep { .. } => Entry { deleted_ms: Some(now_ms), ..entry },
    })
}

/// Whether a document has been in the trash for so long that it is deleted.
pub fn is_over(entry: &Entry, now_ms: u64) -> bool {
    let kept_ms = limits::TRASH_FOR.as_millis() as u64;
    entry.trashed_ms.is_some_and(|trashed_ms| now_ms > trashed_ms.saturating_add(kept_ms))
}

fn alive(existing: Option<Entry>, id: &DocId) -> Result<Entry, StoreError> {
    match existing {
        None => Err(StoreError::Unknown(id.clone())),
        Some(entry) if entry.deleted_ms.is_some() => Err(StoreError::Deleted(id.clone())),
        Some(entry) => Ok(entry),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_takes_only_what_was_in_the_trash_for_long() {
        let id = DocId::random();
        let entry = created(None, (DocNumber(1), &id, Kind::Text, ""), false, 1_000).expect("a new id");
        let after = |entry: &Entry, edit, now_ms| edited(Some(entry.clone()), &id, edit, now_ms);
        let trashed = after(&entry, Edit::Trash, 5_000).expect("it is there");
        let over_ms = 5_000 + limits::TRASH_FOR.as_millis() as u64;
        assert!(!is_over(&trashed, over_ms) && is_over(&trashed, over_ms + 1));
        let swept =
            |entry: &Entry, now_ms| after(entry, Edit::Sweep { now_ms }, now_ms).expect("it is there");
        assert_eq!(swept(&trashed, over_ms), trashed);
        assert_eq!(swept(&trashed, over_ms + 1).deleted_ms, Some(over_ms + 1));
        let restored = after(&trashed, Edit::Restore, 6_000).expect("it is in the trash");
        assert_eq!(restored, entry);
        assert_eq!(swept(&restored, u64::MAX), restored, "somebody was faster");
    }
}
