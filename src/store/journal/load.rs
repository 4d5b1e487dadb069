//! Bringing a document back: its newest full state from sled or the journal, and the changes after it.

use std::sync::Arc;

use bytes::Bytes;

use super::Shared;
use super::format::{Place, Record, SEGMENT_HEADER};
use super::index::{Doc, Index};
use super::scan::scan;
use super::segments::ReadError;
use crate::ids::{DocNumber, Seq};
use crate::store::{Change, StoreError, Stored};

/// How often a load begins again because a checkpoint or a release moved things under it.
const ATTEMPTS: usize = 8;

impl Shared {
    pub fn load(&self, number: DocNumber) -> Result<Stored, StoreError> {
        self.retry(number, |doc| {
            if let Some(entry) = doc.entry.as_ref().filter(|entry| entry.deleted_ms.is_some()) {
                return Err(StoreError::Deleted(entry.id.clone()).into());
            }
            if let Some(missing) = doc.gap() {
                return Err(damaged(number, &format!("change {} is lost", missing.0)).into());
            }
            let snapshot = self.start(number, doc)?;
            let tail = doc
                .tail
                .iter()
                .map(|&(seq, place)| self.change(number, seq, place))
                .collect::<Result<_, _>>()?;
            Ok(Stored { snapshot, snapshot_seq: doc.start(), tail })
        })
    }

    /// The newest full state of a document, and its sequence. There has to be one.
    pub fn start_of(&self, number: DocNumber) -> Result<(Seq, Bytes), StoreError> {
        self.retry(number, |doc| match self.start(number, doc)? {
            Some(state) => Ok((doc.start(), state)),
            None => Err(damaged(number, "its state is lost").into()),
        })
    }

    fn retry<T>(&self, number: DocNumber, read: impl Fn(&Doc) -> Result<T, Miss>) -> Result<T, StoreError> {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let doc = match self.state().doc(number)? {
                Some(doc) => doc.clone(),
                None => Doc::default(), // it is on its way, without a change
            };
            match read(&doc) {
                Ok(found) => return Ok(found),
                Err(Miss::Final(error)) => return Err(error),
                // Somebody moved it while it was read.
                Err(Miss::State | Miss::Change(_)) if self.state().index.doc(number) != Some(&doc) => {}
                Err(Miss::State) if doc.snapshot.is_some() => self.index_anew(number)?,
                Err(Miss::State) => return Err(damaged(number, "its state is lost")),
                Err(Miss::Change(seq)) => last = Some(damaged(number, &format!("change {} is lost", seq.0))),
            }
        }
        Err(last.unwrap_or_else(|| damaged(number, "it moves faster than it can be read")))
    }

    /// `None` for a document without a state.
    fn start(&self, number: DocNumber, doc: &Doc) -> Result<Option<Bytes>, Miss> {
        match (doc.snapshot, doc.base) {
            (None, None) => Ok(None),
            (Some(snapshot), base) if base.is_none_or(|(seq, _)| seq <= snapshot.seq) => {
                let state =
                    self.snapshots().and_then(|snapshots| snapshots.get(number, snapshot).ok().flatten());
                state.map(Some).ok_or(Miss::State)
            }
            (_, Some((_, place))) => {
                let payload = self.segments.read(place).map_err(|error| Miss::read(error, Miss::State))?;
                match Record::decode(&payload) {
                    Some(Record::Checkpoint { document, state, .. }) if document == number => {
                        Ok(Some(Bytes::copy_from_slice(state)))
                    }
                    _ => Err(Miss::State),
                }
            }
            (Some(_), None) => unreachable!("a snapshot without a base is the newest state"),
        }
    }

    /// One change, if it is intact.
    pub fn change_at(&self, number: DocNumber, seq: Seq, place: Place) -> Option<Change> {
        self.change(number, seq, place).ok()
    }

    fn change(&self, number: DocNumber, expected: Seq, place: Place) -> Result<Change, Miss> {
        let payload = self.segments.read(place).map_err(|error| Miss::read(error, Miss::Change(expected)))?;
        let payload = Bytes::from(payload);
        match Record::decode(&payload) {
            Some(Record::Change { document, seq, at_ms, author, update })
                if document == number && seq == expected =>
            {
                Ok(Change { at_ms, author: author.into(), update: payload.slice_ref(update) })
            }
            _ => Err(Miss::Change(expected)),
        }
    }

    /// The document's snapshot is not what it was: find in the journal what it contained.
    fn index_anew(&self, number: DocNumber) -> Result<(), StoreError> {
        tracing::warn!(
            document = number.0,
            "a snapshot is damaged or missing; the document is read from the whole journal"
        );
        let mut found = Index::default();
        for segment in self.segments.all() {
            let mut bytes = self.segments.read_all(&segment).map_err(io)?;
            // What stands behind the next segment's claim was never acknowledged.
            let durable = self.segments.claimed(segment.number).unwrap_or(segment.len).min(segment.len);
            bytes.truncate(durable as usize);
            for place in scan(&bytes, segment.number, SEGMENT_HEADER as u64, Some(durable)).records {
                let payload = &bytes[place.offset as usize + super::format::FRAME..][..place.len as usize];
                match Record::decode(payload) {
                    Some(record) if record.document() == Some(number) => found.apply(place, &record),
                    _ => {}
                }
            }
        }
        if let Some(found) = found.doc(number) {
            self.state().index.update(number).rebuild(found.clone());
        } else {
            return Err(damaged(number, "nothing of it is in the journal"));
        }
        Ok(())
    }
}

/// Why a read did not succeed.
enum Miss {
    State,
    Change(Seq),
    Final(StoreError),
}

impl Miss {
    fn read(error: ReadError, miss: Miss) -> Miss {
        match error {
            ReadError::Gone | ReadError::Broken => miss,
            ReadError::Io(error) => Miss::Final(io(error)),
        }
    }
}

impl From<StoreError> for Miss {
    fn from(error: StoreError) -> Miss {
        Miss::Final(error)
    }
}

fn damaged(number: DocNumber, text: &str) -> StoreError {
    StoreError::Damaged(format!("document {}: {text}", number.0).into())
}

fn io(error: std::io::Error) -> StoreError {
    StoreError::Io { action: "reading the journal".into(), error: Arc::new(error) }
}
