//! Kinds of shared types, and what Yjs puts into each.
//!
//! An array with text in it makes yrs read for ever, a list inside a map is seen by one library and not by the other.
//! No Yjs writes either: every method of a shared type makes certain contents in certain places. A type of the document
//! itself has a name and no kind, so anything may be in it that its place allows.

use super::parse::Content;

/// What a shared type is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Array,
    Map,
    Text,
    XmlElement,
    XmlFragment,
    XmlText,
}

impl Kind {
    /// The kind with that number in an update, if this server takes it.
    pub fn numbered(number: u8) -> Option<Kind> {
        match number {
            0 => Some(Kind::Array),
            1 => Some(Kind::Map),
            2 => Some(Kind::Text),
            3 => Some(Kind::XmlElement),
            4 => Some(Kind::XmlFragment),
            6 => Some(Kind::XmlText),
            _ => None,
        }
    }
}

/// Why yrs cannot take that content there.
pub(super) fn harmful(keyed: bool, content: Content) -> Option<&'static str> {
    (keyed && matches!(content, Content::Text | Content::Rich)).then_some("text under the key of a map")
}

/// Why no Yjs puts that content there: into a type of that kind if it has one, under a key or into its list.
pub(super) fn misplaced(kind: Option<Kind>, keyed: bool, content: Content) -> Option<&'static str> {
    let words = matches!(content, Content::Text | Content::Rich);
    let values = matches!(content, Content::Any | Content::Binary);
    let other_types = matches!(content, Content::Type(Kind::Array | Kind::Map | Kind::Text));
    match (kind, keyed) {
        (Some(Kind::Array | Kind::XmlFragment), true) => Some("a key in a list"),
        (Some(Kind::Map), false) => Some("a list in a map"),
        (Some(Kind::Array | Kind::XmlElement | Kind::XmlFragment), false) if words => Some("text in a list"),
        (Some(Kind::Text | Kind::XmlText), false) if values => Some("values in a text"),
        (Some(Kind::XmlElement | Kind::XmlFragment), false) if values || other_types => {
            Some("something else among XML nodes")
        }
        _ => None,
    }
}
