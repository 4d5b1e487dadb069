//! All that a folder at rest holds: each document as the journal alone has it, and as sled's snapshot of it does.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::mark::{Mark, marked};
use super::{FolderError, at, segments};
use crate::ids::{DocId, DocNumber, Kind};
use crate::store::files::Files;
use crate::store::journal::Shared;
use crate::store::journal::index::Index;
use crate::store::journal::open::{is_behind, saved};
use crate::store::journal::recover::{Finding, bring_up_to_date, is_consistent};
use crate::store::journal::segments::Segment;
use crate::store::snapshots::Position;
use crate::store::{Entry, StoreError, Stored};

/// Something durable knows of more than the journal has.
const END_IS_LOST: &str = "the end of the journal is lost: there was more of it once";

/// A folder at rest.
pub struct Survey {
    pub journal: Shared,
    /// The same with sled's snapshots. `None` when sled is missing or of no use.
    pub sled: Option<Shared>,
    pub last: Option<Segment>,
    pub findings: Vec<Finding>,
}

impl Survey {
    /// Read the journal from its first byte to its last, and what sled has. The folder must be ours: opening sled
    /// writes to it.
    pub fn of(files: &Arc<dyn Files>, dir: &Path, with_sled: bool) -> Result<Survey, FolderError> {
        let all = segments(files, dir)?;
        let mut index = Index::default();
        let end = bring_up_to_date(&all, &mut index, Position::default()).map_err(at(dir))?;
        let mut survey = Survey {
            journal: Shared::at_rest(all, index, None),
            sled: None,
            last: end.last,
            findings: end.findings,
        };
        let path = dir.join("sled");
        if with_sled && path.exists() {
            survey.read_sled(files, dir, &path)?;
        }
        match marked(&**files, dir).map_err(at(dir))? {
            Mark::At(end) if is_behind(&survey.journal.segments, end) => {
                survey.findings.push(Finding::Damage(END_IS_LOST.to_owned()));
            }
            Mark::Unreadable => survey.findings.push(Finding::Damage("BACKUP is unreadable".to_owned())),
            Mark::At(_) | Mark::Missing => {}
        }
        Ok(survey)
    }

    fn read_sled(&mut self, files: &Arc<dyn Files>, dir: &Path, sled: &Path) -> Result<(), FolderError> {
        let segments = segments(files, dir)?;
        match saved(sled) {
            Ok(Some((snapshots, index, _, watermark))) if is_behind(&segments, watermark) => {
                self.findings.push(Finding::Damage(END_IS_LOST.to_owned()));
                self.sled = Some(Shared::at_rest(segments, index, Some(snapshots)));
            }
            Ok(Some((snapshots, mut index, _, watermark))) => {
                bring_up_to_date(&segments, &mut index, watermark).map_err(at(dir))?;
                if is_consistent(&index, &segments) {
                    self.sled = Some(Shared::at_rest(segments, index, Some(snapshots)));
                } else {
                    self.sled_damage("its index names segments that do not exist");
                }
            }
            Ok(None) => {}
            Err(reason) => self.sled_damage(&reason),
        }
        Ok(())
    }

    pub fn sled_damage(&mut self, reason: &str) {
        let text = format!("sled: {reason}; the next start makes it anew from the journal");
        self.findings.push(Finding::Damage(text));
    }

    /// Every document that either of them knows.
    pub fn numbers(&self) -> BTreeSet<DocNumber> {
        let known =
            |shared: &Shared| shared.state().index.docs().map(|(number, _)| number).collect::<Vec<_>>();
        let sled = self.sled.iter().flat_map(known);
        known(&self.journal).into_iter().chain(sled).collect()
    }

    /// A document's entry, as the journal has it before all.
    pub fn entry(&self, number: DocNumber) -> Option<Entry> {
        let entry = |shared: &Shared| shared.state().index.doc(number)?.current_entry();
        entry(&self.journal).or_else(|| self.sled.as_ref().and_then(entry))
    }

    /// Whether a later document goes by the same id, so that nothing of this one is to be had any more.
    pub fn is_superseded(&self, number: DocNumber) -> bool {
        [Some(&self.journal), self.sled.as_ref()]
            .into_iter()
            .flatten()
            .any(|shared| shared.state().index.is_superseded(number))
    }
}

/// The entry of a document whose own is lost, under an id by which it can be found.
pub fn anonymous(number: DocNumber) -> Entry {
    let id = DocId::parse(&format!("recovered-{}", number.0)).expect("letters and digits make an id");
    let (kind, title) = (Kind::Markdown, format!("Recovered document {}", number.0));
    let epoch = crate::ids::Epoch::random();
    Entry {
        number,
        id,
        epoch,
        kind,
        title,
        created_ms: 0,
        updated_ms: 0,
        deleted_ms: None,
        tags: Vec::new(),
        trashed_ms: None,
    }
}

impl Shared {
    /// A document as this part has it, if nothing of it is missing.
    pub fn whole(&self, number: DocNumber) -> Result<Stored, StoreError> {
        let state = self.state();
        let doc = state.index.doc(number).ok_or(StoreError::UnknownNumber(number))?;
        if let Some(snapshot) = doc.snapshot {
            let found = self.snapshots().and_then(|snapshots| snapshots.get(number, snapshot).ok().flatten());
            if found.is_none() {
                return Err(StoreError::Damaged(
                    format!("its snapshot at {} is lost", snapshot.seq.0).into(),
                ));
            }
        }
        drop(state);
        self.load(number)
    }
}
