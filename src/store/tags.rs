//! What documents are filed under. Pure.

use crate::limits;

/// Why something is no list of tags.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTags {
    #[error("a document has {most} tags at most, not {0}", most = limits::TAGS)]
    Many(usize),
    #[error("a tag has 1 to {most} characters, this one has {0}", most = limits::TAG_CHARACTERS)]
    Length(usize),
    #[error("a tag is one line of text and cannot contain {0:?}")]
    Control(char),
}

/// Tags as they may stand in the catalogue: without blanks around them and each once, in the order in which they were given.
pub fn tags<'a>(given: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, BadTags> {
    let mut tags: Vec<String> = Vec::new();
    for tag in given.into_iter().map(str::trim) {
        if let Some(c) = tag.chars().find(|c| c.is_control()) {
            return Err(BadTags::Control(c));
        }
        match tag.chars().count() {
            1..=limits::TAG_CHARACTERS if tags.iter().any(|known| known == tag) => {}
            1..=limits::TAG_CHARACTERS => tags.push(tag.to_owned()),
            characters => return Err(BadTags::Length(characters)),
        }
    }
    if tags.len() > limits::TAGS { Err(BadTags::Many(tags.len())) } else { Ok(tags) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_so_many_tags_of_so_many_characters() {
        assert_eq!(
            tags([" a b ", "Ä", "a b", "ä"]).as_deref(),
            Ok(&["a b", "Ä", "ä"].map(str::to_owned)[..])
        );
        assert_eq!(tags([]), Ok(Vec::new()));
        let long = "🦊".repeat(limits::TAG_CHARACTERS);
        assert_eq!(tags([long.as_str()]), Ok(vec![long.clone()]));
        assert_eq!(tags([format!("{long}x").as_str()]), Err(BadTags::Length(33)));
        assert_eq!(tags(["  "]), Err(BadTags::Length(0)));
        assert_eq!(tags(["a\u{7}b"]), Err(BadTags::Control('\u{7}')));
        let many: Vec<String> = (0..=limits::TAGS).map(|n| n.to_string()).collect();
        let first = |n| many[..n].iter().map(String::as_str);
        assert_eq!(tags(first(16).chain(["3"])).map(|tags| tags.len()), Ok(16));
        assert_eq!(tags(first(17)), Err(BadTags::Many(17)));
    }
}
