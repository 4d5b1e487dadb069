//! Commands on a data folder that need no running server. They only read it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::json;

use super::{Documents, Export};
use crate::export::{self, ExportError, Source};
use crate::ids::{DocId, DocNumber, random_bytes};
use crate::store::{Entry, Store, StoreError};
use crate::timestamp::rfc3339;

/// Why a command could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    #[error("there is no document {0}; `cowrite documents` lists those that are there")]
    Unknown(DocId),
    #[error("document {id} was deleted at {at} and cannot be exported")]
    Deleted { id: DocId, at: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error("cannot write {}: {error}; what was there before is unchanged", .path.display())]
    Write { path: PathBuf, error: io::Error },
    #[error("cannot write to standard output: {0}")]
    Print(io::Error),
}

/// Write one document to its file, or to `out` when the command names none.
pub fn export(store: &dyn Store, command: &Export, out: &mut dyn Write) -> Result<(), OfflineError> {
    let (number, source) = source(store, &command.id)?;
    let images = store.images();
    let rendered = export::render(&source, command.format(), &|address| images.shown(number, address))?;
    deliver(command.output.as_deref(), &rendered.bytes, out)
}

/// Put what was asked for into its file, or to `out` where there is none.
pub(super) fn deliver(to: Option<&Path>, bytes: &[u8], out: &mut dyn Write) -> Result<(), OfflineError> {
    match to {
        Some(path) => {
            replace(path, bytes).map_err(|error| OfflineError::Write { path: path.to_owned(), error })
        }
        None => print(out, bytes),
    }
}

/// List the documents, the last changed first.
pub fn documents(store: &dyn Store, command: &Documents, out: &mut dyn Write) -> Result<(), OfflineError> {
    let mut entries = store.list()?;
    entries.sort_by(|a, b| (b.updated_ms, &a.id).cmp(&(a.updated_ms, &b.id)));
    let text = if command.json { list(&entries) } else { table(&entries) };
    print(out, text.as_bytes())
}

fn source(store: &dyn Store, id: &DocId) -> Result<(DocNumber, Source), OfflineError> {
    let entry = store.find(id)?.ok_or_else(|| OfflineError::Unknown(id.clone()))?;
    if let Some(at_ms) = entry.deleted_ms {
        return Err(OfflineError::Deleted { id: entry.id, at: rfc3339(at_ms) });
    }
    let stored = store.load(entry.number)?;
    let changes = stored.tail.iter().map(|change| &change.update);
    let doc = export::replay(stored.snapshot.iter().chain(changes))?;
    let source = Source {
        id: entry.id,
        kind: entry.kind,
        title: entry.title,
        created_ms: entry.created_ms,
        updated_ms: entry.updated_ms,
        state: Bytes::from(export::encode(&doc)),
    };
    Ok((entry.number, source))
}

/// A JSON array, one document a line.
fn list(entries: &[Entry]) -> String {
    let lines: Vec<_> = entries
        .iter()
        .map(|entry| {
            let (created, updated) = (rfc3339(entry.created_ms), rfc3339(entry.updated_ms));
            let (id, kind, title) = (&entry.id, entry.kind, &entry.title);
            json!({"id": id, "kind": kind, "title": title, "created": created, "updated": updated})
                .to_string()
        })
        .collect();
    match lines.is_empty() {
        true => "[]\n".to_owned(),
        false => format!("[\n  {}\n]\n", lines.join(",\n  ")),
    }
}

/// Columns for people. The title comes last, so that no wide character can push a column out of line.
fn table(entries: &[Entry]) -> String {
    if entries.is_empty() {
        return "no documents\n".to_owned();
    }
    let width = entries.iter().map(|entry| entry.id.as_str().len()).fold("ID".len(), usize::max);
    let mut text = format!("{:width$}  {:8}  {:20}  TITLE\n", "ID", "KIND", "CHANGED");
    for entry in entries {
        let changed = rfc3339(entry.updated_ms / 1000 * 1000).replace(".000Z", "Z");
        let title = safe(&entry.title);
        let row = format!("{:width$}  {:8}  {changed:20}  {title}", entry.id.as_str(), entry.kind.as_str());
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

/// A title is anybody's text, and a terminal obeys control characters.
pub(super) fn safe(title: &str) -> String {
    title.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Replace a file as a whole: a reader finds the old one or the new one and never half of it, a power cut included.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A pipe or a device is written to; renaming over it would take it away from everybody.
    if fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir()) {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?.to_string_lossy();
    let temporary = path.with_file_name(format!(".{name:.100}.{:08x}", u32::from_le_bytes(random_bytes())));
    let written = File::create_new(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The first error is the one to tell; the leftover may be beyond our reach for the same reason.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn print(out: &mut dyn Write, bytes: &[u8]) -> Result<(), OfflineError> {
    match out.write_all(bytes).and_then(|()| out.flush()) {
        // Whoever reads has read enough: `cowrite documents | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(OfflineError::Print),
    }
}

#[cfg(test)]
mod tests;
