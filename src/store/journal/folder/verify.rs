//! Reading everything and changing nothing in the journal.

use std::path::Path;
use std::sync::Arc;

use super::images::see;
use super::survey::{Survey, anonymous};
use super::{Check, FolderError, take};
use crate::store::files::{Disk, Files};
use crate::store::journal::recover::Finding;
use crate::store::schema::{self, Found};

/// What a look at everything found.
#[derive(Debug, Default)]
pub struct Report {
    pub segments: usize,
    pub bytes: u64,
    /// Documents that are not deleted, and tombstones.
    pub documents: usize,
    pub deleted: usize,
    /// Documents whose snapshot in sled says the same as the journal.
    pub snapshots: usize,
    /// Facts that are kept beside documents.
    pub facts: usize,
    /// Images of all documents, and how many bytes.
    pub images: usize,
    pub image_bytes: u64,
    pub findings: Vec<Finding>,
}

impl Report {
    pub fn is_sound(&self) -> bool {
        !self.findings.iter().any(Finding::is_damage)
    }
}

/// Read every byte of the data folder `dir` and check every checksum and image, read each document with `check`, and compare sled's
/// snapshots with the journal. Nobody else may have the folder. Blocking.
pub fn verify(dir: &Path, check: Check<'_>) -> Result<Report, FolderError> {
    verify_with(&(Arc::new(Disk) as Arc<dyn Files>), dir, true, check)
}

pub fn verify_with(
    files: &Arc<dyn Files>,
    dir: &Path,
    with_sled: bool,
    check: Check<'_>,
) -> Result<Report, FolderError> {
    let _lock = take(&**files, dir)?;
    let mut survey = Survey::of(files, dir, with_sled)?;
    let all = survey.journal.segments.all();
    let mut report = Report {
        segments: all.len(),
        bytes: all.iter().map(|segment| segment.len).sum(),
        ..Report::default()
    };
    // A first start that was cut short has neither.
    if schema::read(&**files, dir).map_err(super::at(dir))? == Found::Nothing && !all.is_empty() {
        let text = "FORMAT is missing or unreadable; the segments' headers say the same";
        report.findings.push(Finding::Damage(text.to_owned()));
    }
    for number in survey.numbers() {
        if survey.is_superseded(number) {
            continue;
        }
        let Some(entry) = survey.entry(number) else {
            let text = format!("document number {}: its record in the catalogue is lost", number.0);
            report.findings.push(Finding::Damage(text));
            continue;
        };
        let id = &entry.id;
        if entry.deleted_ms.is_some() {
            report.deleted += 1;
            continue;
        }
        report.documents += 1;
        let mut read = |shared: &crate::store::journal::Shared| {
            let stored = shared.whole(number).map_err(|error| error.to_string())?;
            check(&entry, &stored)
        };
        let journal = read(&survey.journal);
        let has_snapshot = |shared: &&crate::store::journal::Shared| {
            shared.state().index.doc(number).is_some_and(|doc| doc.snapshot.is_some())
        };
        let sled = survey.sled.as_ref().filter(has_snapshot).map(&mut read);
        match (&journal, &sled) {
            (Ok(journal), Some(Ok(sled))) if journal == sled => report.snapshots += 1,
            (Ok(_), None) => {}
            (Ok(_), Some(Ok(_))) => {
                survey.sled_damage(&format!("the snapshot of {id} differs from the journal"))
            }
            (Ok(_), Some(Err(reason))) => survey.sled_damage(&format!("the snapshot of {id}: {reason}")),
            (Err(reason), Some(Ok(_))) => report.findings.push(Finding::Damage(format!(
                "document {id}: {reason}. Its snapshot in sled has all of it"
            ))),
            (Err(reason), _) => report.findings.push(Finding::Damage(format!("document {id}: {reason}"))),
        }
    }
    let (facts, is_saved) = {
        let state = survey.journal.state();
        report.facts = state.index.facts.count();
        let saved = survey.sled.as_ref().map(|sled| sled.state().index.facts.live());
        (state.index.facts.damage(), saved.is_none_or(|saved| saved == state.index.facts.live()))
    };
    match facts {
        Some(damage) => report.findings.push(Finding::Damage(damage)),
        None if !is_saved => survey.sled_damage("its facts differ from the journal"),
        None => {}
    }
    let seen = see(&**files, dir)?;
    (report.images, report.image_bytes) = (seen.images, seen.bytes);
    for (document, name) in seen.damaged {
        let id = survey.entry(document).map_or_else(|| anonymous(document).id, |entry| entry.id);
        report.findings.push(Finding::Damage(format!("document {id}: its image {name} is damaged")));
    }
    for document in seen.documents.into_iter().filter(|&number| survey.entry(number).is_none()) {
        let text = format!(
            "document number {}: it has images and no record in the catalogue; they are left as they are",
            document.0
        );
        report.findings.push(Finding::Note(text));
    }
    report.findings.append(&mut survey.findings);
    Ok(report)
}
