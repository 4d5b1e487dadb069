//! A document leaves in the format its reader wants. Read-only: nothing here changes a document.

mod content;
mod docx;
mod file_name;
mod html;
mod markdown;

use std::fmt;

use bytes::Bytes;
use serde_json::json;

pub use content::{Content, encode, replay};
pub use file_name::{content_disposition, file_name};
pub use html::{POLICY as PAGE_POLICY, escaped};

use crate::ids::{DocId, Kind};
use crate::timestamp::rfc3339;

/// What a document can leave as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The text as it is.
    Txt,
    /// The text as it is, called Markdown.
    Md,
    /// A page that stands on its own.
    Html,
    /// A Word file.
    Docx,
    /// The text with what is known about the document.
    Json,
    /// The whole state with its history of edits, as one Yjs update in the v1 encoding.
    Yjs,
}

/// A name that is no [`Format`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no export format {0:?}; there are txt, md, html, docx, json and yjs")]
pub struct UnknownFormat(pub String);

impl Format {
    pub const ALL: [Format; 6] =
        [Format::Txt, Format::Md, Format::Html, Format::Docx, Format::Json, Format::Yjs];

    pub fn parse(name: &str) -> Result<Format, UnknownFormat> {
        let known = Format::ALL.into_iter().find(|format| format.extension() == name);
        known.ok_or_else(|| UnknownFormat(name.to_owned()))
    }

    /// The format's name, which is also the extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Txt => "txt",
            Format::Md => "md",
            Format::Html => "html",
            Format::Docx => "docx",
            Format::Json => "json",
            Format::Yjs => "yjs",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Format::Txt => "text/plain; charset=utf-8",
            Format::Md => "text/markdown; charset=utf-8",
            Format::Html => "text/html; charset=utf-8",
            Format::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Format::Json => "application/json",
            Format::Yjs => "application/octet-stream",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}

/// A document to be exported.
#[derive(Debug, Clone)]
pub struct Source {
    pub id: DocId,
    pub kind: Kind,
    pub title: String,
    pub created_ms: u64,
    pub updated_ms: u64,
    /// The whole state as one v1 update that came out of our own store or document.
    pub state: Bytes,
}

/// What an address in a document's text shows, if it is one of the document's own images (`images/<hash>.png`): its media type and its
/// bytes. Every other address is none of its business. May block.
pub type Pictures<'a> = &'a dyn Fn(&str) -> Option<(&'static str, Bytes)>;

/// A document as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub bytes: Bytes,
    pub content_type: &'static str,
    /// A name that every operating system takes.
    pub file_name: String,
}

/// Why a document could not be exported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// Stored bytes that yrs cannot read: our fault, or the disk's.
    #[error("the document's state cannot be read: {0}")]
    Damaged(String),
    /// The document would be more than Word opens.
    #[error("the document is too large for a Word file; as md or html it can be had")]
    TooLarge,
}

/// Make the file, with the pictures in it where the format has a place for them. The work grows with the document: for a large one it is
/// milliseconds, so call it off the threads that serve sockets.
pub fn render(source: &Source, format: Format, pictures: Pictures<'_>) -> Result<Rendered, ExportError> {
    let bytes = match format {
        Format::Yjs => source.state.clone(),
        Format::Txt | Format::Md => Content::of_state(&source.state)?.text.into(),
        Format::Html => html::page(source, &Content::of_state(&source.state)?, pictures).into(),
        Format::Docx => docx::file(source, &Content::of_state(&source.state)?.text, pictures)?.into(),
        Format::Json => json(source, &Content::of_state(&source.state)?).into(),
    };
    let file_name = file_name(&source.title, source.id.as_str(), format.extension());
    Ok(Rendered { bytes, content_type: format.content_type(), file_name })
}

fn json(source: &Source, content: &Content) -> String {
    let document = json!({
        "id": source.id,
        "kind": source.kind,
        "title": source.title,
        "created": rfc3339(source.created_ms),
        "updated": rfc3339(source.updated_ms),
        "text": content.text,
        "meta": content.meta,
    });
    format!("{document:#}\n")
}

#[cfg(test)]
mod tests;
