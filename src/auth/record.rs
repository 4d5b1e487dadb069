//! What is kept of who may do what: records, each under a key, of which the last one counts.
//!
//! A journal of them may drop every record that a later one of the same key replaces, and may hand them back in any order of
//! keys. JSON, with a version: a record is either understood whole or refused, for a field that is passed over could be the
//! one that forbids something.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Role;
use super::identity::{AccountName, DisplayName};
use super::password::PasswordHash;
use super::secret::TokenHash;
use crate::ids::{AccountId, DocNumber, InvitationId, LinkId, LoginId};

/// One fact. All times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Record {
    Account(Account),
    Invitation(Invitation),
    Login(Login),
    Owner(Owner),
    Grant(Grant),
    Link(Link),
    /// Nothing is under this key any more.
    Gone(Key),
}

/// Somebody whom the server knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub id: AccountId,
    /// To sign in with.
    pub name: AccountName,
    /// What others are shown.
    pub display_name: DisplayName,
    /// Without one, nobody signs in with a password.
    pub password: Option<PasswordHash>,
    /// May invite, disable and remove, and hand documents on.
    pub administrator: bool,
    /// Keeps its documents and may do nothing.
    pub disabled: bool,
    /// `None` for the first, and for those made on the command line.
    pub invited_by: Option<AccountId>,
    pub created_ms: u64,
}

/// Lets one person make an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    pub id: InvitationId,
    pub hash: TokenHash,
    pub created_by: Option<AccountId>,
    pub created_ms: u64,
    pub expires_ms: u64,
}

/// A browser or program that acts for an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    pub id: LoginId,
    pub hash: TokenHash,
    pub account: AccountId,
    pub created_ms: u64,
    /// About when it was last used: not every use is written down.
    pub seen_ms: u64,
    pub expires_ms: u64,
}

/// Whose a document is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    pub document: DocNumber,
    pub account: AccountId,
}

/// What an account may do with a document of somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    pub document: DocNumber,
    pub account: AccountId,
    pub role: Role,
    pub created_by: Option<AccountId>,
    pub created_ms: u64,
}

/// What anybody may do with a document who has the link's token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    pub document: DocNumber,
    pub id: LinkId,
    pub hash: TokenHash,
    pub role: Role,
    /// Asked for besides the token.
    pub password: Option<PasswordHash>,
    pub expires_ms: Option<u64>,
    pub created_by: Option<AccountId>,
    pub created_ms: u64,
    /// When it was taken back.
    pub revoked_ms: Option<u64>,
}

/// Under what a record is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Key {
    Account(AccountId),
    Invitation(InvitationId),
    Login(LoginId),
    Owner(DocNumber),
    Grant(DocNumber, AccountId),
    Link(DocNumber, LinkId),
}

/// Why bytes are no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    #[error("this record of who may do what is of version {0}, and this server knows {VERSION} at most")]
    Newer(u64),
    /// Without the words of the parser, which may quote a hash.
    #[error("these {0} bytes are no record of who may do what")]
    Damaged(usize),
}

/// Raised with every change of what records mean, added fields included.
const VERSION: u64 = 1;

/// `{"v":1,"record":{…}}`
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Versioned<R> {
    v: u64,
    record: R,
}

/// Only the version, whatever else there is.
#[derive(Deserialize)]
struct Version {
    v: u64,
}

impl Record {
    pub fn key(&self) -> Key {
        match self {
            Record::Account(account) => Key::Account(account.id),
            Record::Invitation(invitation) => Key::Invitation(invitation.id),
            Record::Login(login) => Key::Login(login.id),
            Record::Owner(owner) => Key::Owner(owner.document),
            Record::Grant(grant) => Key::Grant(grant.document, grant.account),
            Record::Link(link) => Key::Link(link.document, link.id),
            Record::Gone(key) => *key,
        }
    }

    /// Whether it says that there is nothing: once no earlier record of its key is left, it can be dropped too.
    pub fn is_gone(&self) -> bool {
        matches!(self, Record::Gone(_))
    }

    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&Versioned { v: VERSION, record: self }).expect("a record has only string keys")
    }

    pub fn from_json(json: &[u8]) -> Result<Record, RecordError> {
        let damaged = |_| RecordError::Damaged(json.len());
        let Version { v } = serde_json::from_slice(json).map_err(damaged)?;
        if v > VERSION {
            return Err(RecordError::Newer(v));
        }
        let versioned: Versioned<Record> = serde_json::from_slice(json).map_err(damaged)?;
        Ok(versioned.record)
    }
}

/// As text of ASCII characters, for stores: `grant/7/000000000000000a`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Account(id) => write!(f, "account/{id}"),
            Key::Invitation(id) => write!(f, "invitation/{id}"),
            Key::Login(id) => write!(f, "login/{id}"),
            Key::Owner(document) => write!(f, "owner/{}", document.0),
            Key::Grant(document, account) => write!(f, "grant/{}/{account}", document.0),
            Key::Link(document, id) => write!(f, "link/{}/{id}", document.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant() -> Record {
        Record::Grant(Grant {
            document: DocNumber(7),
            account: AccountId(10),
            role: Role::Editor,
            created_by: None,
            created_ms: 5,
        })
    }

    #[test]
    fn the_form_on_disk_is_this() {
        let json = r#"{"v":1,"record":{"grant":{"document":7,"account":"000000000000000a","role":"editor","created_by":null,"created_ms":5}}}"#;
        assert_eq!(String::from_utf8(grant().to_json()).expect("text"), json);
        assert_eq!(Record::from_json(json.as_bytes()), Ok(grant()));
        let gone = Record::Gone(grant().key());
        let json = r#"{"v":1,"record":{"gone":{"grant":[7,"000000000000000a"]}}}"#;
        assert_eq!(String::from_utf8(gone.to_json()).expect("text"), json);
        assert_eq!(Record::from_json(json.as_bytes()), Ok(gone));
        assert_eq!(grant().key().to_string(), "grant/7/000000000000000a");
    }

    #[test]
    fn what_is_not_understood_whole_is_refused() {
        let json = String::from_utf8(grant().to_json()).expect("text");
        let read = |json: &str| Record::from_json(json.as_bytes());
        let newer = json.replace(r#""v":1"#, r#""v":2"#).replace("role", "powers");
        assert_eq!(read(&newer), Err(RecordError::Newer(2)));
        let more = json.replace(r#""role""#, r#""only_on_sundays":true,"role""#);
        assert_eq!(read(&more), Err(RecordError::Damaged(more.len())));
        assert!(read(&json.replace("editor", "king")).is_err());
        assert!(read(&json.replace("grant", "favour")).is_err());
        assert!(read(&json[1..]).is_err());
    }
}
