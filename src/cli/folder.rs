//! Commands on a whole data folder: look whether it is right, save what can be saved, copy it, bring a copy back.

use std::io::{self, Write};
use std::path::Path;

use serde_json::json;

use super::{Backup, Restore};
use crate::export::{self, Content};
use crate::ids::DocId;
use crate::store::{self, CopiedImages, Entry, Finding, FolderError, Rewound, Stored};
use crate::timestamp::rfc3339;
use crate::units::Size;

/// Why a command could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum FolderCommandError {
    #[error(transparent)]
    Folder(FolderError),
    #[error(
        "the journal does not reach back so far for {documents}; the earliest moment is {earliest}. Nothing was restored"
    )]
    TooEarly { documents: String, earliest: String },
    #[error("cannot write to standard output: {0}")]
    Print(#[from] io::Error),
}

impl From<FolderError> for FolderCommandError {
    fn from(error: FolderError) -> FolderCommandError {
        match error {
            FolderError::TooEarly { documents, earliest_ms } => {
                FolderCommandError::TooEarly { documents: names(&documents), earliest: rfc3339(earliest_ms) }
            }
            error => FolderCommandError::Folder(error),
        }
    }
}

/// Whether all is well. A command that did its work may still have bad news.
pub type Verdict = Result<bool, FolderCommandError>;

/// Read everything, and say what is wrong.
pub fn verify(data: &Path, out: &mut dyn Write) -> Verdict {
    let report = store::verify(data, &mut content)?;
    let (bytes, segments) = (Size(report.bytes), report.segments);
    writeln!(out, "journal    {bytes} in {segments} segments")?;
    writeln!(out, "documents  {}, and {} deleted", report.documents, report.deleted)?;
    writeln!(out, "facts      {} on who may do what", report.facts)?;
    writeln!(out, "images     {} in {}", Size(report.image_bytes), report.images)?;
    writeln!(out, "snapshots  {} say the same as the journal", report.snapshots)?;
    print(out, &report.findings)?;
    match report.is_sound() {
        true => writeln!(out, "Everything is as it was written.")?,
        false => {
            writeln!(out, "Not everything is right. `cowrite repair` saves every document that is intact.")?
        }
    }
    Ok(report.is_sound())
}

/// Save what is intact, and say what was lost.
pub fn repair(data: &Path, out: &mut dyn Write) -> Verdict {
    let repaired = store::repair(data, &mut content)?;
    let Some(moved_to) = &repaired.moved_to else {
        writeln!(out, "Nothing is wrong, and nothing was changed.")?;
        return Ok(true);
    };
    print(out, &repaired.findings)?;
    writeln!(out, "{} documents are whole.", repaired.intact)?;
    for lost in &repaired.lost {
        writeln!(out, "lost: {lost}")?;
    }
    writeln!(out, "The folder as it was is in {}; nothing of it was destroyed.", moved_to.display())?;
    Ok(repaired.lost.is_empty())
}

/// Copy what is there at this moment, beside a running server or without one.
pub fn backup(data: &Path, command: &Backup, out: &mut dyn Write) -> Verdict {
    let copied = store::backup(data, &command.to)?;
    let (bytes, to) = (Size(copied.bytes), command.to.display());
    let (segments, unchanged) = (copied.segments, copied.unchanged);
    writeln!(out, "copied {bytes} in {segments} segments to {to}; {unchanged} were there already")?;
    if copied.released > 0 {
        writeln!(out, "removed {} that the data folder has released since", copied.released)?;
    }
    let CopiedImages { images, bytes, unchanged, findings } = copied.images;
    if images + unchanged > 0 {
        writeln!(out, "copied {} in {images} images; {unchanged} were there already", Size(bytes))?;
    }
    let findings: Vec<Finding> = copied.findings.into_iter().chain(findings).collect();
    print(out, &findings)?;
    Ok(!findings.iter().any(Finding::is_damage))
}

/// Bring a copy back into an empty folder.
pub fn restore(data: &Path, command: &Restore, out: &mut dyn Write) -> Verdict {
    let rewound = store::restore(&command.from, data, command.until)?;
    let Rewound { documents, images, .. } = rewound;
    writeln!(out, "restored {documents} documents and {images} images to {}", data.display())?;
    if let Some(until) = command.until {
        let (rolled_back, left_out) = (&rewound.rolled_back, &rewound.left_out);
        writeln!(out, "{} are as they were at {} and have a new epoch", rolled_back.len(), rfc3339(until))?;
        if !left_out.is_empty() {
            writeln!(out, "not there yet at that moment: {}", names(left_out))?;
        }
    }
    print(out, &rewound.findings)?;
    Ok(!rewound.findings.iter().any(Finding::is_damage))
}

/// What a document says, read as carefully as when it is served.
fn content(_: &Entry, stored: &Stored) -> Result<Vec<u8>, String> {
    let changes = stored.tail.iter().map(|change| &change.update);
    let doc = export::replay(stored.snapshot.iter().chain(changes)).map_err(|error| error.to_string())?;
    let Content { text, meta } = Content::of_doc(&doc);
    Ok(json!([text, meta]).to_string().into_bytes())
}

fn print(out: &mut dyn Write, findings: &[Finding]) -> io::Result<()> {
    for finding in findings {
        let kind = if finding.is_damage() { "DAMAGE" } else { "note" };
        writeln!(out, "{kind}: {}", finding.text())?;
    }
    Ok(())
}

fn names(ids: &[DocId]) -> String {
    ids.iter().map(DocId::as_str).collect::<Vec<_>>().join(", ")
}
