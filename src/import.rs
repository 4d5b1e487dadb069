//! A file becomes a document: what its bytes say as text, and the first update that writes it. Or it becomes one of its images.

pub mod image;

use bytes::Bytes;
use yrs::{ClientID, Doc, OffsetKind, Options, Text, Transact};

use crate::ids::{Kind, random_bytes};

/// Why an upload is no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    #[error(
        "this is not text in UTF-8: the byte at offset {offset} does not belong there; save it as UTF-8 and try again"
    )]
    NotUtf8 { offset: usize },
    #[error("this looks like UTF-16; save it as UTF-8 and try again")]
    Utf16,
    #[error("this is not text: it contains a NUL at byte {offset}")]
    Nul { offset: usize },
    #[error("files that end in {0:?} cannot be imported; those in .md, .markdown and .txt can")]
    Extension(String),
    /// What it seems to be instead.
    #[error(
        "{0} cannot be kept as an image of a document: PNG, JPEG, GIF, WebP and AVIF can; save it as one of these and add that"
    )]
    Image(&'static str),
    #[error(
        "this image makes no sense from byte {at} on, so that nobody can tell the picture from what was written beside it, such as the place where it was taken; it was not added. Open it in another program, save it anew and add that"
    )]
    BrokenImage { at: usize },
}

/// The text of a file: UTF-8, without a byte order mark, with LF line endings.
///
/// A CR is no harmless blank here: an editor counts CRLF as one character and Yjs as two, and edits would land in
/// the wrong place.
pub fn text(bytes: &[u8]) -> Result<String, ImportError> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(ImportError::Utf16);
    }
    let text = std::str::from_utf8(bytes).map_err(|e| ImportError::NotUtf8 { offset: e.valid_up_to() })?;
    if let Some(offset) = text.find('\0') {
        return Err(ImportError::Nul { offset });
    }
    Ok(line_endings(text.strip_prefix('\u{feff}').unwrap_or(text)))
}

/// The text with every CRLF and every single CR as LF.
pub fn line_endings(text: &str) -> String {
    match text.contains('\r') {
        true => text.replace("\r\n", "\n").replace('\r', "\n"),
        false => text.to_owned(),
    }
}

/// What kind of document a file becomes, by the end of its name.
pub fn kind(file_name: &str) -> Result<Kind, ImportError> {
    let extension = file_name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "md" | "markdown" => Ok(Kind::Markdown),
        "txt" => Ok(Kind::Text),
        _ => Err(ImportError::Extension(dotted(extension))),
    }
}

/// The title a file gives its document: its name without the folders and the extension.
pub fn title(file_name: &str) -> &str {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).trim()
}

/// The first update of a document, in the v1 encoding: it inserts `text` into the empty `content`, under a client id of its
/// own. `None` for an empty text, which needs no update.
pub fn initial_update(text: &str) -> Option<Bytes> {
    if text.is_empty() {
        return None;
    }
    // 32 bits, as Yjs itself draws them.
    let client = ClientID::new(u64::from(u32::from_le_bytes(random_bytes()).max(1)));
    let options = Options { offset_kind: OffsetKind::Utf16, ..Options::with_client_id(client) };
    let doc = Doc::with_options(options);
    let content = doc.get_or_insert_text("content");
    let mut txn = doc.transact_mut();
    content.insert(&mut txn, 0, text);
    Some(txn.encode_update_v1().into())
}

fn dotted(extension: &str) -> String {
    // Long enough for every real extension; what comes from outside is not echoed without end.
    let short: String = extension.chars().take(16).collect();
    if short.is_empty() { short } else { format!(".{short}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::Content;

    #[test]
    fn line_endings_become_lf_and_the_mark_goes() {
        assert_eq!(text(b"\xef\xbb\xbfa\r\nb\rc\nd\r\r\n").as_deref(), Ok("a\nb\nc\nd\n\n"));
        assert_eq!(text("Zwölf 🦊".as_bytes()).as_deref(), Ok("Zwölf 🦊"));
        assert_eq!(text(b"").as_deref(), Ok(""));
    }

    #[test]
    fn what_is_no_text_is_told_where() {
        assert_eq!(text(b"abc\xffdef"), Err(ImportError::NotUtf8 { offset: 3 }));
        assert_eq!(text(b"cut \xf0\x9f"), Err(ImportError::NotUtf8 { offset: 4 }));
        assert_eq!(text(b"\xed\xa0\x80 a lone surrogate"), Err(ImportError::NotUtf8 { offset: 0 }));
        assert_eq!(text(b"ab\0"), Err(ImportError::Nul { offset: 2 }));
        assert_eq!(text(b"\xff\xfea\0"), Err(ImportError::Utf16));
    }

    #[test]
    fn the_name_of_a_file_says_what_it_becomes() {
        assert_eq!(kind("a.md"), Ok(Kind::Markdown));
        assert_eq!(kind("A.MARKDOWN"), Ok(Kind::Markdown));
        assert_eq!(kind("notes.v2.txt"), Ok(Kind::Text));
        assert_eq!(kind("a.docx"), Err(ImportError::Extension(".docx".to_owned())));
        assert_eq!(kind("Makefile"), Err(ImportError::Extension(String::new())));
        assert_eq!(title("C:\\docs\\Meeting notes.md"), "Meeting notes");
        assert_eq!(title("plan"), "plan");
    }

    #[test]
    fn the_first_update_writes_the_text() {
        for written in ["a", "Zwölf 🦊\n👩‍👩‍👧 𝒳", &"long ".repeat(100_000)] {
            let update = initial_update(written).expect("an update");
            assert_eq!(Content::of_state(&update).expect("a state").text, written);
        }
        assert_eq!(initial_update(""), None);
        assert_ne!(initial_update("a"), initial_update("a"), "each under a client id of its own");
    }
}
