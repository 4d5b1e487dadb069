//! Who somebody is, and the names that people and programs go by.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::jwt::Claims;
use crate::ids::{AccountId, LoginId};
use crate::limits;

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// Nobody that the server knows. The name is of their own choosing and proves nothing.
    Guest { name: DisplayName },
    /// Somebody who signed in. The login is looked at again with every decision, for it may have ended.
    Account { id: AccountId, login: LoginId, name: DisplayName },
    /// Whom an embedding application vouches for.
    Subject(Arc<Claims>),
}

impl Identity {
    /// What others are shown; the server stamps it on their presence.
    pub fn name(&self) -> &DisplayName {
        match self {
            Identity::Guest { name } | Identity::Account { name, .. } => name,
            Identity::Subject(claims) => &claims.name,
        }
    }

    /// What is recorded as the author of their changes.
    pub fn author(&self) -> Author {
        Author::from_text(match self {
            Identity::Guest { name } => format!("guest:{name}"),
            Identity::Account { id, .. } => format!("account:{id}"),
            Identity::Subject(claims) => format!("subject:{}", claims.subject),
        })
    }
}

/// Who made a change, as the journal keeps it: `account:` and an id, `subject:` and a token's subject, or `guest:` and the name
/// that was chosen. At most 255 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Author(Arc<str>);

impl Author {
    /// The journal keeps the length in one byte.
    const MAX_BYTES: usize = 255;

    fn from_text(mut text: String) -> Author {
        text.truncate(text.floor_char_boundary(Author::MAX_BYTES));
        Author(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Author> for Arc<str> {
    fn from(author: Author) -> Arc<str> {
        author.0
    }
}

/// Why a text cannot be a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    #[error("a name has 1 to {most} characters, this one has {0}", most = limits::NAME_CHARACTERS)]
    Length(usize),
    /// Characters that move, hide or break what stands beside them.
    #[error("a name cannot contain {0:?}")]
    Character(char),
    #[error("a name to sign in with is made of a-z 0-9 . _ - @ +, this one contains {0:?}")]
    SignIn(char),
}

/// A name for people, as they write it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DisplayName(Arc<str>);

impl DisplayName {
    /// Blanks around it are dropped.
    pub fn parse(text: &str) -> Result<DisplayName, BadName> {
        let text = text.trim();
        if let Some(bad) = text.chars().find(|&c| c.is_control() || is_invisible(c)) {
            return Err(BadName::Character(bad));
        }
        if let Some(first) = text.chars().next()
            && text.chars().all(is_joiner)
        {
            return Err(BadName::Character(first));
        }
        match text.chars().count() {
            1..=limits::NAME_CHARACTERS => Ok(DisplayName(text.into())),
            length => Err(BadName::Length(length)),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Marks that nobody sees and that turn, join or hide what stands around them, and letters that are blank. [Joiners](is_joiner) are
/// no such.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}')
        || matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// What emoji and Indic words have within them, and what shows nothing by itself.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0020}'..='\u{e007f}')
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name that somebody signs in with. Only of characters that look like themselves, and always in lower case: no two accounts
/// have names that could be confused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountName(Arc<str>);

impl AccountName {
    /// Blanks around it are dropped, and capitals made small.
    pub fn parse(text: &str) -> Result<AccountName, BadName> {
        let text = text.trim().to_ascii_lowercase();
        let allowed = |c: char| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '@' | '+')
        };
        if let Some(bad) = text.chars().find(|&c| !allowed(c)) {
            return Err(BadName::SignIn(bad));
        }
        match text.len() {
            1..=limits::NAME_CHARACTERS => Ok(AccountName(text.into())),
            length => Err(BadName::Length(length)),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for DisplayName {
    type Error = BadName;
    fn try_from(text: String) -> Result<DisplayName, BadName> {
        DisplayName::parse(&text)
    }
}

impl From<DisplayName> for String {
    fn from(name: DisplayName) -> String {
        name.0.as_ref().to_owned()
    }
}

impl TryFrom<String> for AccountName {
    type Error = BadName;
    fn try_from(text: String) -> Result<AccountName, BadName> {
        AccountName::parse(&text)
    }
}

impl From<AccountName> for String {
    fn from(name: AccountName) -> String {
        name.0.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_they_look_like() {
        let name = |text: &str| DisplayName::parse(text).map(|name| name.as_str().to_owned());
        assert_eq!(name("  Zoë 👩‍🔬 "), Ok("Zoë 👩‍🔬".to_owned()));
        assert_eq!(name("  "), Err(BadName::Length(0)));
        assert_eq!(name(&"x".repeat(65)), Err(BadName::Length(65)));
        for bad in ['\n', '\0', '\u{202e}', '\u{200b}', '\u{2066}', '\u{feff}', '\u{3164}', '\u{2800}'] {
            assert_eq!(name(&format!("a{bad}b")), Err(BadName::Character(bad)));
        }
        assert_eq!(name("\u{200d}\u{fe0f}"), Err(BadName::Character('\u{200d}')), "nothing to be seen");
    }

    #[test]
    fn two_accounts_never_look_alike() {
        let name = |text: &str| AccountName::parse(text).map(|name| name.as_str().to_owned());
        assert_eq!(name(" Ann@Example.org "), Ok("ann@example.org".to_owned()));
        assert_eq!(name("аnn"), Err(BadName::SignIn('а')), "a Cyrillic letter");
        assert_eq!(name("ann lee"), Err(BadName::SignIn(' ')));
        assert_eq!(name(""), Err(BadName::Length(0)));
    }

    #[test]
    fn an_author_says_what_kind_it_is_and_fits_the_journal() {
        let name = DisplayName::parse(&"👩".repeat(64)).expect("a name");
        let guest = Identity::Guest { name: name.clone() }.author();
        assert!(guest.as_str().starts_with("guest:👩") && guest.as_str().len() == 254, "{guest:?}");
        let ann = Identity::Account { id: AccountId(10), login: LoginId(1), name };
        assert_eq!(ann.author().as_str(), "account:000000000000000a");
        assert_eq!(ann.name().as_str().chars().count(), 64);
    }
}
