//! The kind of yrs document that the server makes, wherever it makes one.

use yrs::{Doc, OffsetKind, Options};

/// An empty document that counts in UTF-16 code units, as JavaScript and so every client does. Formatting that became
/// redundant is left to the clients: a server that deletes on its own would hold a document that nobody sent.
pub fn empty_doc() -> Doc {
    Doc::with_options(Options {
        offset_kind: OffsetKind::Utf16,
        cleanup_formatting: false,
        ..Options::default()
    })
}
