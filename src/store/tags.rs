//! What documents are filed under. Pure.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::Entry;
use crate::ids::{DocId, DocNumber};
use crate::limits;

/// What the documents that are there are filed under. Whoever makes it may hold a lock: a tag that many have is copied once.
#[derive(Debug, Default)]
pub struct Filing {
    /// Every tag once.
    tags: Vec<String>,
    documents: Vec<Filed>,
    /// The tags of one document after the other, each by its place in `tags`.
    uses: Vec<u32>,
}

/// A document that has tags.
#[derive(Debug)]
struct Filed {
    number: DocNumber,
    id: DocId,
    /// How many.
    tags: usize,
}

impl Filing {
    /// Of these documents; those that are not there do not count.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Filing {
        let mut filing = Filing::default();
        let mut places: HashMap<&str, u32> = HashMap::new();
        for entry in entries.into_iter().filter(|entry| !entry.tags.is_empty() && entry.is_there()) {
            let Entry { number, id, tags, .. } = entry;
            filing.documents.push(Filed { number: *number, id: id.clone(), tags: tags.len() });
            filing.uses.extend(tags.iter().map(|tag| {
                *places.entry(tag).or_insert_with(|| {
                    filing.tags.push(tag.clone());
                    u32::try_from(filing.tags.len() - 1).expect("so many tags fit into no memory")
                })
            }));
        }
        filing
    }

    /// The tags of those documents that count, each with how many of them have it: the most used first, and those that are used alike by
    /// name.
    pub fn count(&self, counts: impl Fn(&DocId, DocNumber) -> bool) -> Vec<(String, usize)> {
        let mut counted = vec![0; self.tags.len()];
        let mut uses = self.uses.iter();
        for Filed { number, id, tags } in &self.documents {
            let counts = counts(id, *number);
            uses.by_ref().take(*tags).for_each(|&tag| counted[tag as usize] += usize::from(counts));
        }
        let used = self.tags.iter().cloned().zip(counted).filter(|&(_, uses)| uses > 0);
        let mut tags: Vec<_> = used.collect();
        tags.sort_unstable_by(|(a, m), (b, n)| (Reverse(m), a).cmp(&(Reverse(n), b)));
        tags
    }
}

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
    use crate::ids::{Epoch, Kind};

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

    #[test]
    fn the_tag_that_most_documents_have_comes_first() {
        let entry = |number, tags: &[&str]| Entry {
            number: DocNumber(number),
            id: DocId::random(),
            epoch: Epoch::random(),
            kind: Kind::Text,
            title: String::new(),
            created_ms: 1,
            updated_ms: 1,
            deleted_ms: None,
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            trashed_ms: None,
        };
        let entries = [
            entry(1, &["b", "rare"]),
            entry(2, &[]),
            entry(3, &["a", "b"]),
            Entry { trashed_ms: Some(2), ..entry(4, &["trashed", "rare"]) },
            entry(5, &["b"]),
            Entry { deleted_ms: Some(2), ..entry(6, &["deleted"]) },
            entry(7, &["Ä", "a"]),
        ];
        let filing = Filing::of(&entries);
        let of = |counts: fn(u64) -> bool| {
            let tags = filing.count(|_, number| counts(number.0)).into_iter();
            tags.map(|(tag, uses)| format!("{tag} {uses}")).collect::<Vec<_>>()
        };
        assert_eq!(of(|_| true), ["b 3", "a 2", "rare 1", "Ä 1"]);
        assert_eq!(of(|number| number != 1), ["a 2", "b 2", "Ä 1"]);
        assert_eq!(of(|_| false), [""; 0]);
    }
}
