//! Lists of documents: which are on one, in which order, and where a page begins. Pure.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};

use super::Entry;
use crate::ids::DocNumber;

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// The last changed first.
    #[default]
    Updated,
    /// The last made first.
    Created,
    /// By title, whatever its case, and those without one at the end.
    Title,
}

/// A part of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Only documents with this tag.
    pub tag: Option<String>,
    /// Those in the trash, and not the others.
    pub trash: bool,
    pub sort: Sort,
    /// Only what comes after this place in the same order.
    pub behind: Option<Place<'static>>,
    /// How many at most.
    pub limit: usize,
}

/// A moment and a document's number: the later come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank(pub u64, pub DocNumber);

/// A document's place in a list: the greater come first. Places of different orders are not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place<'a> {
    Time(Rank),
    Title(Cow<'a, str>, DocNumber),
}

impl Entry {
    /// Whether somebody can open it: it is neither deleted nor in the trash.
    pub fn is_there(&self) -> bool {
        self.deleted_ms.is_none() && self.trashed_ms.is_none()
    }

    /// Whether it belongs into the search index and into what a search shows.
    pub fn is_findable(&self) -> bool {
        self.is_there()
    }

    /// The place in a list of the last changed.
    pub fn rank(&self) -> Rank {
        Rank(self.updated_ms, self.number)
    }
}

impl Listing {
    /// Whether a document is on the list.
    pub fn has(&self, entry: &Entry) -> bool {
        entry.deleted_ms.is_none()
            && entry.trashed_ms.is_some() == self.trash
            && self.tag.as_ref().is_none_or(|tag| entry.tags.contains(tag))
    }

    /// Where a document stands that was changed at that moment.
    pub fn place<'a>(&self, entry: &'a Entry, updated_ms: u64) -> Place<'a> {
        match self.sort {
            Sort::Updated => Place::Time(Rank(updated_ms, entry.number)),
            Sort::Created => Place::Time(Rank(entry.created_ms, entry.number)),
            Sort::Title => Place::Title(entry.title.as_str().into(), entry.number),
        }
    }

    /// Whether that place is on this page or a later one.
    pub fn reaches(&self, place: &Place<'_>) -> bool {
        self.behind.as_ref().is_none_or(|behind| place < behind)
    }
}

impl Place<'_> {
    /// The same, of its own.
    pub fn into_owned(self) -> Place<'static> {
        match self {
            Place::Time(rank) => Place::Time(rank),
            Place::Title(title, number) => Place::Title(title.into_owned().into(), number),
        }
    }
}

impl Ord for Place<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Place::Time(one), Place::Time(other)) => one.cmp(other),
            (Place::Title(one, number), Place::Title(other, other_number)) => {
                let order = one.is_empty().cmp(&other.is_empty());
                // Letter by letter: a page asks this thousands of times, and of most titles the first few decide.
                let order = order.then_with(|| folded(one).cmp(folded(other)));
                order.then(number.cmp(other_number)).reverse()
            }
            (Place::Time(_), Place::Title(..)) => Ordering::Less,
            (Place::Title(..), Place::Time(_)) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Place<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn folded(title: &str) -> impl Iterator<Item = char> + '_ {
    title.chars().flat_map(char::to_lowercase)
}

/// See [`super::Store::page`].
pub fn page_of(mut entries: Vec<Entry>, listing: &Listing) -> Vec<Entry> {
    entries.retain(|entry| listing.has(entry) && listing.reaches(&listing.place(entry, entry.updated_ms)));
    entries.sort_unstable_by(|a, b| {
        let place = |entry| Reverse(listing.place(entry, entry.updated_ms));
        place(a).cmp(&place(b))
    });
    entries.truncate(listing.limit);
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{DocId, Epoch, Kind};

    fn entry(number: u64, title: &str, created_ms: u64, updated_ms: u64, tags: &[&str]) -> Entry {
        Entry {
            number: DocNumber(number),
            id: DocId::random(),
            epoch: Epoch::random(),
            kind: Kind::Text,
            title: title.to_owned(),
            created_ms,
            updated_ms,
            deleted_ms: None,
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            trashed_ms: None,
        }
    }

    fn numbers(entries: &[Entry], listing: &Listing) -> Vec<u64> {
        page_of(entries.to_vec(), listing).iter().map(|entry| entry.number.0).collect()
    }

    #[test]
    fn each_order_is_its_own_and_every_page_goes_on_where_the_last_ended() {
        let entries = [
            entry(1, "b", 10, 90, &["x"]),
            entry(2, "", 20, 20, &[]),
            entry(3, "Ähre", 30, 70, &["x", "y"]),
            entry(4, "A", 40, 70, &["y"]),
            entry(5, "a", 50, 50, &[]),
            entry(6, "B2", 50, 95, &[]),
        ];
        for (sort, order) in [
            (Sort::Updated, [6, 1, 4, 3, 5, 2]),
            (Sort::Created, [6, 5, 4, 3, 2, 1]),
            (Sort::Title, [4, 5, 1, 6, 3, 2]),
        ] {
            let mut listing = Listing { sort, limit: 9, ..Listing::default() };
            assert_eq!(numbers(&entries, &listing), order, "{sort:?}");
            for step in 1..7 {
                let mut pages = Vec::new();
                (listing.behind, listing.limit) = (None, step);
                loop {
                    let page = page_of(entries.to_vec(), &listing);
                    let Some(last) = page.last() else { break };
                    listing.behind = Some(listing.place(last, last.updated_ms).into_owned());
                    pages.extend(page.iter().map(|entry| entry.number.0));
                }
                assert_eq!(pages, order, "{sort:?} in pages of {step}");
            }
        }
    }

    #[test]
    fn a_list_has_what_it_is_of() {
        let gone = Entry { deleted_ms: Some(5), ..entry(1, "", 1, 1, &["x"]) };
        let trashed = Entry { trashed_ms: Some(5), ..entry(2, "", 1, 2, &["x"]) };
        let entries = [gone, trashed, entry(3, "", 1, 3, &["x", "y"]), entry(4, "", 1, 4, &["Y"])];
        let of = |tag: Option<&str>, trash| {
            let tag = tag.map(str::to_owned);
            numbers(&entries, &Listing { tag, trash, limit: 9, ..Listing::default() })
        };
        assert_eq!(of(None, false), [4, 3]);
        assert_eq!(of(Some("x"), false), [3]);
        assert_eq!(of(Some("y"), false), [3]);
        assert_eq!(of(Some("z"), false), [0; 0]);
        assert_eq!((of(None, true), of(Some("x"), true), of(Some("y"), true)), (vec![2], vec![2], vec![]));
    }
}
