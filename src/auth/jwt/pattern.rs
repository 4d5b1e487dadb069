//! Which documents a token is for.

use std::fmt;

use crate::ids::{DocId, MAX_DOC_ID_LEN};
use crate::limits;

/// A document's id, in which `*` stands for any characters, none included. Nothing else is special, and nothing can be escaped:
/// the other characters are those of ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

/// Why a text is no [`Pattern`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    #[error("a pattern of documents has 1 to {MAX_DOC_ID_LEN} characters, this one has {0}")]
    Length(usize),
    #[error("a pattern of documents is made of A-Z a-z 0-9 . _ ~ - and *, this one contains {0:?}")]
    Character(char),
    #[error("a pattern of documents has at most {} stars", limits::PATTERN_STARS)]
    Stars,
}

impl Pattern {
    pub fn parse(text: &str) -> Result<Pattern, InvalidPattern> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '~' | '-' | '*');
        if let Some(bad) = text.chars().find(|&c| !allowed(c)) {
            return Err(InvalidPattern::Character(bad));
        }
        if text.is_empty() || text.len() > MAX_DOC_ID_LEN {
            return Err(InvalidPattern::Length(text.len()));
        }
        if text.matches('*').count() > limits::PATTERN_STARS {
            return Err(InvalidPattern::Stars);
        }
        Ok(Pattern(text.to_owned()))
    }

    /// Whether the whole id is of this pattern. What stands before the first star has to begin it, what stands behind the last to
    /// end it, and the rest to come between, each at its first place: no trying again, so time is bounded by the lengths.
    pub fn matches(&self, id: &DocId) -> bool {
        let Some((start, rest)) = self.0.split_once('*') else { return self.0 == id.as_str() };
        let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
        let between = id.as_str().strip_prefix(start).and_then(|id| id.strip_suffix(end));
        let after_middle = between
            .and_then(|between| middle.split('*').try_fold(between, |id, part| Some(id.split_once(part)?.1)));
        after_middle.is_some()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, id: &str) -> bool {
        let pattern = Pattern::parse(pattern).expect(pattern);
        pattern.matches(&DocId::parse(id).expect(id))
    }

    #[test]
    fn a_star_stands_for_any_characters_and_the_rest_for_itself() {
        for (pattern, id) in [
            ("plan", "plan"),
            ("*", "plan"),
            ("plan*", "plan"),
            ("plan*", "plan-2"),
            ("*.md", "a.md"),
            ("a*c*e", "abcde"),
            ("a*c*e", "ace"),
            ("**", "x"),
            ("a*b*b", "abb"),
            ("team-7.*", "team-7.notes"),
        ] {
            assert!(matches(pattern, id), "{pattern} {id}");
        }
    }

    #[test]
    fn nothing_beyond_the_pattern_is_reached() {
        for (pattern, id) in [
            ("plan", "plans"),
            ("plan", "Plan"),
            ("plan*", "aplan"),
            ("team-7.*", "team-77.notes"),
            ("team-7.*", "team-7-notes"),
            ("ab*ba", "aba"),
            ("a*b*b", "ab"),
            ("*a*", "bcd"),
            (".*", "plan"),
            ("a.c", "abc"),
        ] {
            assert!(!matches(pattern, id), "{pattern} {id}");
        }
    }

    #[test]
    fn there_is_no_other_special_character_and_no_escape() {
        for bad in
            ["a?", "[ab]", "{a,b}", "a|b", r"\*", "a/../b", "a/*", "%2a", "a b", "^a$", "!a", "+", "é", "a\0"]
        {
            assert!(matches!(Pattern::parse(bad), Err(InvalidPattern::Character(_))), "{bad}");
        }
        assert_eq!(Pattern::parse(""), Err(InvalidPattern::Length(0)));
        assert_eq!(Pattern::parse(&"a".repeat(129)), Err(InvalidPattern::Length(129)));
        assert_eq!(Pattern::parse(&"*".repeat(9)), Err(InvalidPattern::Stars));
    }
}
