//! Bringing a copy back, whole or as of a moment.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use super::backup::copy;
use super::images;
use super::rewrite::Rewrite;
use super::{FolderError, at, exists, segments, understood};
use crate::ids::{DocId, DocNumber, Epoch, Seq};
use crate::store::files::{Disk, Files};
use crate::store::journal::facts::Facts;
use crate::store::journal::format::{Noted, Place, Record};
use crate::store::journal::index::{Doc, Index};
use crate::store::journal::open::own;
use crate::store::journal::recover::{Finding, bring_up_to_date, replay};
use crate::store::journal::scan::Suspect;
use crate::store::journal::segments::{ReadError, Segments};
use crate::store::schema;
use crate::store::snapshots::Position;
use crate::store::{Change, Entry, Stored};

/// What a restore brought back.
#[derive(Debug, Default)]
pub struct Rewound {
    /// Documents that are not deleted.
    pub documents: usize,
    pub images: usize,
    /// Those that are older than they were in the copy, and have a new epoch.
    pub rolled_back: Vec<DocId>,
    /// Those that did not exist yet.
    pub left_out: Vec<DocId>,
    pub findings: Vec<Finding>,
}

/// Restore the copy `from` into the empty folder `to`: all of it, or as it was at `until`, in milliseconds since 1970. Blocking.
///
/// All of it keeps every epoch: whoever has later changes gives them back on connecting. What is rolled back on purpose gets a
/// new epoch, so that later copies do not merge in silence.
pub fn restore(from: &Path, to: &Path, until: Option<u64>) -> Result<Rewound, FolderError> {
    restore_with(&(Arc::new(Disk) as Arc<dyn Files>), from, to, until)
}

pub fn restore_with(
    files: &Arc<dyn Files>,
    from: &Path,
    to: &Path,
    until: Option<u64>,
) -> Result<Rewound, FolderError> {
    exists(&**files, from)?;
    understood(&**files, from)?;
    std::fs::create_dir_all(to).map_err(at(to))?;
    files.create_dir(to).map_err(at(to))?;
    let ours = |name: &String| name == "LOCK";
    if !files.list(to).map_err(at(to))?.iter().all(ours) {
        return Err(FolderError::NotEmpty(to.to_owned()));
    }
    let _lock = own(to)?;
    let source = segments(files, from)?;
    let Some(until_ms) = until else {
        let mut index = Index::default();
        let end = bring_up_to_date(&source, &mut index, Position::default()).map_err(at(from))?;
        // Before the texts, so that a restore that was interrupted is no data folder.
        let copied = images::copy(&**files, from, to, |_| true)?;
        copy(files, from, to)?;
        let alive = |&(number, doc): &(DocNumber, &Doc)| !doc.is_deleted() && !index.is_superseded(number);
        let documents = index.docs().filter(alive).count();
        let findings = end.findings.into_iter().chain(copied.findings).collect();
        return Ok(Rewound { documents, images: copied.images, findings, ..Rewound::default() });
    };
    let mut histories = Histories { until_ms, ..Histories::default() };
    let mut take = |place: Place, record: &Record<'_>| histories.take(place, record);
    let end = replay(&source, Position::default(), &mut take).map_err(at(from))?;
    for &suspect in &end.suspects {
        if let Suspect::Note(seq) = suspect {
            histories.facts.suspect(seq);
        }
    }
    let facts = std::mem::take(&mut histories.facts);
    let facts_since_ms = histories.facts_since_ms;
    let (mut rewound, moments) = histories.moments()?;
    if let Some(damage) = facts.damage() {
        rewound.findings.push(Finding::Damage(damage));
    } else if facts_since_ms > until_ms {
        let text = "the journal does not reach back to all that was known then of who may do what: some of it may be missing";
        rewound.findings.push(Finding::Note(text.to_owned()));
    }
    rewound.findings.splice(0..0, end.findings);
    let target = segments(files, to)?;
    let mut rewrite = Rewrite::after(&target, None).map_err(at(to))?;
    for moment in &moments {
        let stored = moment.read(&source).map_err(at(from))?;
        rewrite.document(&moment.entry, &stored).map_err(at(to))?;
    }
    rewrite.facts(&facts).map_err(at(to))?;
    rewrite.finish().map_err(at(to))?;
    let alive = moments.iter().filter(|moment| moment.entry.deleted_ms.is_none());
    let alive: BTreeSet<DocNumber> = alive.map(|moment| moment.entry.number).collect();
    let copied = images::copy(&**files, from, to, |number| alive.contains(&number))?;
    rewound.images = copied.images;
    rewound.findings.extend(copied.findings);
    // Last, so that a restore that was interrupted is no data folder.
    schema::write(&**files, to).map_err(at(to))?;
    Ok(rewound)
}

/// Every document's past, as the journal tells it.
#[derive(Default)]
struct Histories {
    until_ms: u64,
    /// The latest time seen so far: a renaming carries none, and happened about then.
    clock_ms: u64,
    documents: BTreeMap<DocNumber, History>,
    /// As they were at the moment.
    facts: Facts,
    /// When notes were last released: of what was replaced before, nothing is left.
    facts_since_ms: u64,
}

#[derive(Default)]
struct History {
    /// The catalogue's word on it at the moment, the first one, and whether there were later ones.
    entry: Option<Entry>,
    first: Option<Entry>,
    entry_is_older: bool,
    /// Full states: when their last change was made, and where they are.
    states: BTreeMap<Seq, (u64, Place)>,
    changes: BTreeMap<Seq, (u64, Place)>,
}

/// A document as it was.
struct Moment {
    entry: Entry,
    is_rolled_back: bool,
    state: Option<(Seq, Place)>,
    changes: Vec<Place>,
}

/// When an entry was written that puts its document in the trash or deletes it: nothing else is written of one in the trash.
fn moved_ms(entry: &Entry) -> Option<u64> {
    entry.deleted_ms.or(entry.trashed_ms)
}

impl Histories {
    fn take(&mut self, place: Place, record: &Record<'_>) {
        let at_ms = match record {
            Record::Change { at_ms, .. } => *at_ms,
            Record::Entry(entry) => entry.created_ms.max(moved_ms(entry).unwrap_or(0)),
            Record::Checkpoint { .. } => 0,
            Record::Note(note) => note.at_ms,
        };
        self.clock_ms = self.clock_ms.max(at_ms);
        let (clock_ms, until_ms) = (self.clock_ms, self.until_ms);
        match record {
            Record::Change { document, seq, at_ms, .. } => {
                let history = self.documents.entry(*document).or_default();
                history.changes.insert(*seq, (*at_ms, place));
            }
            Record::Checkpoint { document, seq, updated_ms, .. } => {
                let history = self.documents.entry(*document).or_default();
                history.states.insert(*seq, (*updated_ms, place));
            }
            Record::Entry(entry) => {
                let entry = entry.clone().into_owned();
                let history = self.documents.entry(entry.number).or_default();
                history.first.get_or_insert_with(|| entry.clone());
                // A deletion and the way into the trash know their time; a renaming is taken to have happened with the last thing that does.
                if moved_ms(&entry).unwrap_or(clock_ms) <= until_ms {
                    history.entry = Some(entry);
                } else {
                    let now = history.entry.as_ref().or(history.first.as_ref());
                    history.entry_is_older |= now.is_none_or(|now| *now != entry);
                }
            }
            Record::Note(note) => {
                self.facts.apply_some(place, note, |fact: &Noted<'_>| fact.at_ms <= until_ms);
                if note.released > Seq(0) {
                    self.facts_since_ms = self.facts_since_ms.max(note.at_ms);
                }
            }
        }
    }

    /// What is to be restored of each.
    fn moments(self) -> Result<(Rewound, Vec<Moment>), FolderError> {
        let mut rewound = Rewound::default();
        let mut moments: BTreeMap<DocId, Moment> = BTreeMap::new();
        let (mut too_early, mut earliest_ms) = (Vec::new(), 0);
        for history in self.documents.into_values() {
            let Some(first) = history.first.clone() else { continue };
            if first.created_ms > self.until_ms {
                rewound.left_out.push(first.id);
                continue;
            }
            match history.at(self.until_ms) {
                // A later document of the same id takes the place of an earlier one.
                Ok(moment) => drop(moments.insert(first.id, moment)),
                Err(earliest) => {
                    too_early.push(first.id);
                    earliest_ms = earliest.max(earliest_ms);
                }
            }
        }
        too_early.retain(|id| !moments.contains_key(id));
        if !too_early.is_empty() {
            return Err(FolderError::TooEarly { documents: too_early, earliest_ms });
        }
        let alive = moments.values().filter(|moment| moment.entry.deleted_ms.is_none());
        rewound.documents = alive.count();
        rewound.left_out.retain(|id| !moments.contains_key(id));
        let moments: Vec<Moment> = moments.into_values().collect();
        let rolled_back = moments.iter().filter(|moment| moment.is_rolled_back);
        rewound.rolled_back = rolled_back.map(|moment| moment.entry.id.clone()).collect();
        Ok((rewound, moments))
    }
}

impl History {
    /// The document at a moment; or the earliest moment to which the journal reaches back.
    fn at(self, until_ms: u64) -> Result<Moment, u64> {
        let mut entry = self.entry.or(self.first).expect("only documents with an entry are asked");
        entry.trashed_ms.take_if(|trashed| *trashed > until_ms);
        let revived = entry.deleted_ms.take_if(|deleted| *deleted > until_ms).is_some();
        if entry.deleted_ms.is_some() {
            return Ok(Moment { entry, is_rolled_back: false, state: None, changes: Vec::new() });
        }
        let state = self.states.iter().rev().find(|(_, (at_ms, _))| *at_ms <= until_ms);
        let state = state.map(|(&seq, &(_, place))| (seq, place));
        if let Some((seq, _)) = state {
            entry.updated_ms = entry.updated_ms.max(self.states[&seq].0);
        }
        let mut last = state.map_or(Seq(0), |(seq, _)| seq);
        let mut changes = Vec::new();
        for (&seq, &(at_ms, place)) in self.changes.range(last.next()..) {
            if seq != last.next() || at_ms > until_ms {
                break;
            }
            changes.push(place);
            entry.updated_ms = entry.updated_ms.max(at_ms);
            last = seq;
        }
        let later = self.states.range(last.next()..).map(|(_, (at_ms, _))| *at_ms).min();
        if let Some(earliest) = later
            && !self.changes.contains_key(&last.next())
        {
            return Err(earliest);
        }
        let newest = self.changes.keys().chain(self.states.keys()).max().copied().unwrap_or_default();
        let is_rolled_back = revived || self.entry_is_older || newest > last;
        if is_rolled_back {
            entry.epoch = Epoch::random();
        }
        Ok(Moment { entry, is_rolled_back, state, changes })
    }
}

impl Moment {
    fn read(&self, source: &Segments) -> io::Result<Stored> {
        let read = |place| {
            source.read(place).map(Bytes::from).map_err(|error| match error {
                ReadError::Io(error) => error,
                ReadError::Gone | ReadError::Broken => io::ErrorKind::InvalidData.into(),
            })
        };
        let mut stored = Stored::default();
        if let Some((seq, place)) = self.state {
            let payload = read(place)?;
            if let Some(Record::Checkpoint { state, .. }) = Record::decode(&payload) {
                stored.snapshot = Some(payload.slice_ref(state));
                stored.snapshot_seq = seq;
            }
        }
        for &place in &self.changes {
            let payload = read(place)?;
            if let Some(Record::Change { at_ms, author, update, .. }) = Record::decode(&payload) {
                stored.tail.push(Change { at_ms, author: author.into(), update: payload.slice_ref(update) });
            }
        }
        Ok(stored)
    }
}
