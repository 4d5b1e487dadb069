//! What one may do with a document, and how it is said on the wire.

use serde::{Deserialize, Serialize};

use crate::protocol;

/// What somebody was granted in a document, weakest first; each may do what the ones before it may.
///
/// A connection is told its [`protocol::Role`], which follows from this one and the room that the document has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Viewer,
    /// Reads, and may comment once there are comments.
    Commenter,
    Editor,
    Owner,
}

impl Role {
    pub const ALL: [Role; 4] = [Role::Viewer, Role::Commenter, Role::Editor, Role::Owner];

    /// Whoever has a role at all may read.
    pub fn may_read(self) -> bool {
        self >= Role::Viewer
    }

    pub fn may_comment(self) -> bool {
        self >= Role::Commenter
    }

    /// The text, the title, and what else belongs to the document's content.
    pub fn may_write(self) -> bool {
        self >= Role::Editor
    }

    /// Links and grants: seeing them, making them, taking them back.
    pub fn may_share(self) -> bool {
        self >= Role::Owner
    }

    pub fn may_delete(self) -> bool {
        self >= Role::Owner
    }

    /// The role's name in JSON, in tokens and for people.
    pub fn as_str(self) -> &'static str {
        protocol::Role::from(self).as_str()
    }

    /// What a connection of this role is told: who may write may only trim while the document is full.
    pub fn on_the_wire(self, full: bool) -> protocol::Role {
        let role = protocol::Role::from(self);
        if full { role.min(protocol::Role::Trimmer) } else { role }
    }
}

/// The role on the wire while the document has room.
impl From<Role> for protocol::Role {
    fn from(role: Role) -> protocol::Role {
        match role {
            Role::Viewer => protocol::Role::Viewer,
            Role::Commenter => protocol::Role::Commenter,
            Role::Editor => protocol::Role::Editor,
            Role::Owner => protocol::Role::Owner,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_what_the_ones_before_it_may() {
        let may = |role: Role| {
            [role.may_read(), role.may_comment(), role.may_write(), role.may_share(), role.may_delete()]
        };
        assert_eq!(may(Role::Viewer), [true, false, false, false, false]);
        assert_eq!(may(Role::Commenter), [true, true, false, false, false]);
        assert_eq!(may(Role::Editor), [true, true, true, false, false]);
        assert_eq!(may(Role::Owner), [true; 5]);
    }

    #[test]
    fn the_wire_keeps_the_order_and_what_one_may() {
        for (weaker, role) in Role::ALL.iter().zip(&Role::ALL[1..]) {
            for full in [false, true] {
                assert!(weaker.on_the_wire(full) <= role.on_the_wire(full), "{role:?}");
            }
        }
        for role in Role::ALL {
            assert_eq!(role.on_the_wire(false).may_write(), role.may_write(), "{role:?}");
            assert_eq!(role.on_the_wire(true).may_write(), role.may_write(), "a trimmer still deletes");
            let full = if role.may_write() { protocol::Role::Trimmer } else { role.into() };
            assert_eq!(role.on_the_wire(true), full);
            assert_eq!(serde_json::to_value(role).expect("JSON"), role.as_str());
        }
    }
}
