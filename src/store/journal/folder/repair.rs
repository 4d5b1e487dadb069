//! Saving what can be saved, and saying exactly what cannot.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::images::{see, set_aside};
use super::rewrite::Rewrite;
use super::survey::{Survey, anonymous};
use super::verify::verify_with;
use super::{Check, FolderError, at, take};
use crate::ids::{DocNumber, Seq};
use crate::store::catalogue::now_ms;
use crate::store::files::{Disk, Files};
use crate::store::journal::Shared;
use crate::store::journal::recover::Finding;
use crate::store::schema;
use crate::store::{Entry, Stored};

/// What a repair did.
#[derive(Debug, Default)]
pub struct Repaired {
    /// Where everything went that was not right. `None` when nothing was wrong.
    pub moved_to: Option<PathBuf>,
    /// Documents that are whole.
    pub intact: usize,
    /// A sentence for each document that is not, for each image that is lost, and one for facts that are.
    pub lost: Vec<String>,
    /// What was wrong.
    pub findings: Vec<Finding>,
}

/// Write every document anew, as far as it is intact, and move what was there into a folder of its own beside it. Nothing is
/// destroyed. A document that lost changes keeps those before the first lost one and its epoch: whoever still has the
/// others gives them back on connecting. Nobody else may have the folder. Blocking.
pub fn repair(dir: &Path, check: Check<'_>) -> Result<Repaired, FolderError> {
    repair_with(&(Arc::new(Disk) as Arc<dyn Files>), dir, true, check)
}

pub fn repair_with(
    files: &Arc<dyn Files>,
    dir: &Path,
    with_sled: bool,
    check: Check<'_>,
) -> Result<Repaired, FolderError> {
    let report = verify_with(files, dir, with_sled, check)?;
    if report.is_sound() {
        return Ok(Repaired::default());
    }
    let _lock = take(&**files, dir)?;
    let survey = Survey::of(files, dir, with_sled)?;
    let aside = aside(&**files, dir).map_err(at(dir))?;
    let mut repaired =
        Repaired { moved_to: Some(aside.clone()), findings: report.findings, ..Repaired::default() };
    let old = survey.journal.segments.all();

    // First the new segments, durable and behind the old ones, so that an interrupted repair can be run again.
    let mut rewrite = Rewrite::after(&survey.journal.segments, survey.last.as_ref()).map_err(at(dir))?;
    for number in survey.numbers() {
        if survey.is_superseded(number) {
            continue;
        }
        let known = survey.entry(number);
        let entry = known.clone().unwrap_or_else(|| anonymous(number));
        let (stored, lost) = match entry.deleted_ms {
            Some(_) => (Stored::default(), None),
            None => salvage(&survey, &entry, check),
        };
        let nameless = known.is_none().then(|| "its title and id are lost".to_owned());
        match lost.or(nameless) {
            Some(lost) => repaired.lost.push(format!("{}: {lost}", entry.id)),
            None if entry.deleted_ms.is_none() => repaired.intact += 1,
            None => {}
        }
        rewrite.document(&entry, &stored).map_err(at(dir))?;
    }
    // sled may have taken in what the journal has lost since.
    let whole = |part: &&Shared| part.state().index.facts.damage().is_none();
    let sled = survey.sled.as_ref().filter(whole).filter(|_| !whole(&&survey.journal));
    let state = sled.unwrap_or(&survey.journal).state();
    if let Some(damage) = state.index.facts.damage() {
        let text =
            format!("{damage}: what they granted is not granted, and what they took back may count again");
        repaired.lost.push(text);
    }
    rewrite.facts(&state.index.facts).map_err(at(dir))?;
    drop(state);
    rewrite.finish().map_err(at(dir))?;
    // An image stands where it stood. What is damaged of them would be refused for good there.
    for (document, name) in see(&**files, dir)?.damaged {
        set_aside(&**files, dir, &aside, (document, name)).map_err(at(dir))?;
        let id = survey.entry(document).map_or_else(|| anonymous(document).id, |entry| entry.id);
        repaired.lost.push(format!("{id}: its image {name} is damaged; whoever has it may add it again"));
    }
    drop(survey);

    let (journal, old_journal) = (dir.join("journal"), aside.join("journal"));
    let moved = || -> io::Result<()> {
        files.create_dir(&old_journal)?;
        files.sync_dir(dir)?;
        files.sync_dir(&aside)?;
        for segment in &old {
            let name = format!("{:020}.cwj", segment.number);
            files.rename(&journal.join(&name), &old_journal.join(&name))?;
        }
        files.sync_dir(&old_journal)?;
        files.sync_dir(&journal)?;
        if with_sled && dir.join("sled").exists() {
            files.rename(&dir.join("sled"), &aside.join("sled"))?;
        }
        let mark = files.rename(&dir.join(super::mark::NAME), &aside.join(super::mark::NAME));
        if let Err(error) = mark
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
        schema::write(&**files, dir)?;
        files.sync_dir(&aside)
    };
    moved().map_err(at(dir))?;
    Ok(repaired)
}

/// A name that is not taken, dated.
fn aside(files: &dyn Files, dir: &Path) -> io::Result<PathBuf> {
    let now = i64::try_from(now_ms()).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    let date = now.unwrap_or_default().strftime("%Y-%m-%dT%H-%M-%SZ").to_string();
    let names = files.list(dir)?;
    let candidates =
        (1..).map(|n| if n == 1 { format!("damaged-{date}") } else { format!("damaged-{date}-{n}") });
    let free = candidates.into_iter().find(|name| !names.contains(name)).expect("some number is free");
    let aside = dir.join(free);
    files.create_dir(&aside)?;
    Ok(aside)
}

/// The best copy of a document there is, and what it lacks.
fn salvage(survey: &Survey, entry: &Entry, check: Check<'_>) -> (Stored, Option<String>) {
    let number = entry.number;
    let parts: Vec<&Shared> = [Some(&survey.journal), survey.sled.as_ref()].into_iter().flatten().collect();
    let last = |part: &&Shared| Some(part.state().index.doc(number)?.last);
    let known = parts.iter().filter_map(last).max().unwrap_or_default();
    let mut whole = parts.iter().filter_map(|part| part.whole(number).ok());
    if let Some(stored) = whole.find(|stored| stored.last_seq() == known && check(entry, stored).is_ok()) {
        return (stored, None);
    }
    let beginnings = parts.iter().map(|part| readable(part.beginning(number), entry, check));
    let best = beginnings.max_by_key(Stored::last_seq).unwrap_or_default();
    let lost = match (best.last_seq().0, known.0) {
        (kept, known) if kept == known => "what stands behind its last intact change is lost".to_owned(),
        (0, known) => format!("all of its {known} changes are lost"),
        (kept, known) => format!("changes {} to {known} are lost; those up to {kept} are kept", kept + 1),
    };
    (best, Some(lost))
}

/// As much of a document's beginning as can be read as a document.
fn readable(mut stored: Stored, entry: &Entry, check: Check<'_>) -> Stored {
    let mut known_good = 0;
    let mut bad = stored.tail.len() + 1;
    let mut reads = |len: usize, stored: &Stored| {
        check(entry, &Stored { tail: stored.tail[..len].to_vec(), ..stored.clone() }).is_ok()
    };
    if !reads(0, &stored) {
        return Stored::default();
    }
    while bad - known_good > 1 {
        let middle = (bad + known_good) / 2;
        if reads(middle, &stored) { known_good = middle } else { bad = middle }
    }
    stored.tail.truncate(known_good);
    stored
}

impl Shared {
    /// A document's newest state that is there and the changes after it, up to the first that is not.
    fn beginning(&self, number: DocNumber) -> Stored {
        let Some(doc) = self.state().index.doc(number).cloned() else { return Stored::default() };
        let (snapshot_seq, snapshot) = match self.start_of(number) {
            Ok((seq, state)) => (seq, Some(state)),
            Err(_) => (Seq(0), None),
        };
        let mut stored = Stored { snapshot, snapshot_seq, tail: Vec::new() };
        for &(seq, place) in &doc.tail {
            if seq != stored.last_seq().next() {
                break;
            }
            let Some(change) = self.change_at(number, seq, place) else { break };
            stored.tail.push(change);
        }
        stored
    }
}
