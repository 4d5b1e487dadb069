//! Names of things, each its own type, so that one cannot be passed for another.

mod image;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use image::{ImageFormat, ImageName};

/// The public name of a document: 1 to 128 characters of `A-Za-z0-9._~-`, as it stands in a URL.
///
/// It names a document to people and never a path on disk: storage goes by [`DocNumber`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DocId(Arc<str>);

/// Why a string is no [`DocId`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDocId {
    #[error("a document id has 1 to {MAX_DOC_ID_LEN} characters, this one has {0}")]
    Length(usize),
    #[error("a document id is made of A-Z a-z 0-9 . _ ~ -, this one contains {0:?}")]
    Character(char),
    #[error("\".\" and \"..\" name a place in a path, not a document")]
    Dots,
}

/// Longest document id, in characters (all of them ASCII).
pub const MAX_DOC_ID_LEN: usize = 128;

impl DocId {
    /// Read an id as it came from a URL, a flag or a file.
    pub fn parse(text: &str) -> Result<DocId, InvalidDocId> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'~' | b'-');
        // A start reads the ids of all documents. What is allowed is ASCII, so that the first other byte begins a character.
        if let Some(at) = text.bytes().position(|byte| !allowed(byte)) {
            return Err(InvalidDocId::Character(text[at..].chars().next().expect("a character begins here")));
        }
        if text.is_empty() || text.len() > MAX_DOC_ID_LEN {
            return Err(InvalidDocId::Length(text.len()));
        }
        if matches!(text, "." | "..") {
            return Err(InvalidDocId::Dots);
        }
        Ok(DocId(text.into()))
    }

    /// A fresh id that cannot be guessed: 22 characters, 128 random bits.
    pub fn random() -> DocId {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut bits = u128::from_le_bytes(random_bytes());
        let id: String = (0..22)
            .map(|_| {
                let c = ALPHABET[(bits & 63) as usize] as char;
                bits >>= 6;
                c
            })
            .collect();
        DocId(id.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocId({})", self.0)
    }
}

impl TryFrom<String> for DocId {
    type Error = InvalidDocId;
    fn try_from(text: String) -> Result<DocId, InvalidDocId> {
        DocId::parse(&text)
    }
}

impl From<DocId> for String {
    fn from(id: DocId) -> String {
        id.0.as_ref().to_owned()
    }
}

/// The number under which a document is stored. Given once, never used again: a document that is deleted and
/// made anew under the same [`DocId`] gets another number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocNumber(pub u64);

/// The place of a change in its document's history. The first change is 1; 0 is the empty document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    /// The sequence of the change after this one.
    pub fn next(self) -> Seq {
        Seq(self.0 + 1)
    }
}

/// Which life of a document a client's copy belongs to: 16 hexadecimal digits, drawn at random when the document
/// is created and again when it is rolled back. A copy from another epoch must not merge in silence.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub String);

impl Epoch {
    pub fn random() -> Epoch {
        Epoch(hex64(u64::from_le_bytes(random_bytes())))
    }
}

/// One connection of one page or program, unique for as long as the process lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// The name a connection goes by in the log, in `Hello` and in the journal: 16 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SessionId(Arc<str>);

impl SessionId {
    pub fn random() -> SessionId {
        SessionId(hex64(u64::from_le_bytes(random_bytes())).into())
    }

    /// Read an id as it is shown, and in no other way.
    pub fn parse(text: &str) -> Option<SessionId> {
        LoginId::parse(text).is_ok().then(|| SessionId(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id that Yjs gives to one editing client: 53 bits at most, so that a JavaScript number holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u64);

/// Names of 64 random bits that are no secret: 16 hexadecimal digits in JSON, in URLs and in the log.
macro_rules! random_names {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub u64);

        impl $name {
            /// Read an id as [`fmt::Display`] writes it, and in no other way.
            pub fn parse(text: &str) -> Result<$name, InvalidId> {
                let digits = text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                let bits = digits.then(|| u64::from_str_radix(text, 16).ok()).flatten();
                bits.map($name).ok_or(InvalidId)
            }

            pub fn random() -> $name {
                $name(u64::from_le_bytes(random_bytes()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex64(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<$name, InvalidId> {
                $name::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
    )*};
}

random_names! {
    /// Somebody's account, for good: names change, and this one stands in the journal.
    AccountId
    /// An invitation to make an account.
    InvitationId
    /// A link that shares one document.
    LinkId
    /// One signing in: a browser or a program that acts for an account until it signs out. Not a [`SessionId`], which is one
    /// connection's.
    LoginId
}

/// Why a string is no id of 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this id has 16 hexadecimal digits, in lower case")]
pub struct InvalidId;

/// What a document holds, fixed when it is created.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    #[default]
    Markdown,
    Text,
    Code,
}

impl Kind {
    /// The kind's name on the wire and in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Markdown => "markdown",
            Kind::Text => "text",
            Kind::Code => "code",
        }
    }
}

/// Bytes from the operating system's generator.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has a random number generator");
    bytes
}

fn hex64(value: u64) -> String {
    format!("{value:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_what_a_url_carries_unescaped() {
        for good in ["a", "Notes-2026.v1~draft_", &"x".repeat(128)] {
            assert_eq!(DocId::parse(good).expect(good).as_str(), good);
        }
        assert_eq!(DocId::parse(""), Err(InvalidDocId::Length(0)));
        assert_eq!(DocId::parse(&"x".repeat(129)), Err(InvalidDocId::Length(129)));
        assert_eq!(DocId::parse("a/b"), Err(InvalidDocId::Character('/')));
        assert_eq!(DocId::parse("é"), Err(InvalidDocId::Character('é')));
        assert_eq!(DocId::parse(".."), Err(InvalidDocId::Dots));
    }

    #[test]
    fn random_ids_are_valid_and_differ() {
        let (a, b) = (DocId::random(), DocId::random());
        assert_ne!(a, b);
        assert_eq!(DocId::parse(a.as_str()).as_ref(), Ok(&a));
    }

    #[test]
    fn an_id_of_64_bits_is_written_in_one_way() {
        let id = AccountId(0x1f);
        assert_eq!(id.to_string(), "000000000000001f");
        assert_eq!(AccountId::parse("000000000000001f"), Ok(id));
        for bad in ["", "1f", "000000000000001F", "+00000000000001f", "000000000000001f0"] {
            assert_eq!(AccountId::parse(bad), Err(InvalidId), "{bad}");
        }
        assert_eq!(serde_json::to_string(&id).expect("JSON"), r#""000000000000001f""#);
        assert_ne!(LinkId::random(), LinkId::random());
    }
}
