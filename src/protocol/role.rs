//! What a client is told that it may do with a document.

use serde::{Deserialize, Serialize};

/// The roles on the wire, weakest first; each may do what the ones before it may. They follow from what was granted
/// ([`crate::auth::Role`]) and from the room that the document has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Viewer,
    Commenter,
    /// What editors and owners are while the document is full: they may delete, and are asked not to insert.
    Trimmer,
    Editor,
    Owner,
}

impl Role {
    /// Whether updates of the document's text are accepted.
    pub fn may_write(self) -> bool {
        self >= Role::Trimmer
    }

    /// The role's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Commenter => "commenter",
            Role::Trimmer => "trimmer",
            Role::Editor => "editor",
            Role::Owner => "owner",
        }
    }
}
