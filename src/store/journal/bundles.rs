//! How the index is cut into values for sled. Pure.
//!
//! Neighbours share a value, so that a start reads some hundred of them for ten thousand documents, and a long line has one for
//! itself, so that few kilobytes are written for a document that changed, however much there is to say of its neighbours.

use std::collections::{BTreeSet, HashSet};

use super::facts::{Facts, PARTS};
use super::format::{put_numbers, take_numbers};
use super::index::{Doc, Index};
use crate::ids::DocNumber;

/// How many numbers in a row share a bundle. Another figure, here or below, is another layout of sled.
const NEIGHBOURS: u64 = 32;

/// A longer line, in bytes, is a bundle of its own. Most have about 60.
const SHORT: usize = 256;

/// Behind every group of documents: the parts of the facts, and what is known of all of them.
const FACTS: u64 = u64::MAX - PARTS as u64;

/// The name of one value: the short lines of some neighbours, the long line of one document, or a part of the facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bundle {
    /// From 1 on.
    pub group: u64,
    /// 0 for neighbours: documents' numbers begin at 1.
    pub alone: u64,
}

impl Bundle {
    fn neighbours(group: u64) -> Bundle {
        Bundle { group, alone: 0 }
    }

    fn alone(number: DocNumber) -> Bundle {
        Bundle { group: group(number), alone: number.0 }
    }

    fn facts(part: u16) -> Bundle {
        Bundle { group: FACTS + u64::from(part), alone: 0 }
    }

    /// Which part of the facts it is, if it is one.
    pub fn part(&self) -> Option<u16> {
        Some((self.group.checked_sub(FACTS)?) as u16)
    }
}

fn group(number: DocNumber) -> u64 {
    1 + number.0 / NEIGHBOURS
}

/// The bundles that say something else now that these documents changed, with their lines. One without any is to go, if it
/// was there.
pub fn of_changed(index: &Index, changed: &HashSet<DocNumber>) -> Vec<(Bundle, Vec<u8>)> {
    let groups: BTreeSet<u64> = changed.iter().copied().map(group).collect();
    let (mut bundles, mut line) = (Vec::new(), Vec::new());
    for group in groups {
        let mut neighbours = Vec::new();
        for number in ((group - 1) * NEIGHBOURS..group * NEIGHBOURS).map(DocNumber) {
            line.clear();
            if let Some(doc) = index.doc(number) {
                put_numbers(&mut line, &[number.0]);
                doc.encode(&mut line);
            }
            let is_long = line.len() > SHORT;
            if !is_long {
                neighbours.extend_from_slice(&line);
            }
            if changed.contains(&number) {
                bundles.push((Bundle::alone(number), if is_long { line.clone() } else { Vec::new() }));
            }
        }
        bundles.push((Bundle::neighbours(group), neighbours));
    }
    bundles
}

/// The same, of facts.
pub fn of_changed_facts(facts: &mut Facts) -> impl Iterator<Item = (Bundle, Vec<u8>)> {
    facts.take_dirty().into_iter().map(|(part, lines)| (Bundle::facts(part), lines))
}

/// Hand out the documents of a bundle; `None` if these are no lines.
pub fn each_document(mut bytes: &[u8], mut take: impl FnMut(DocNumber, Doc)) -> Option<()> {
    while !bytes.is_empty() {
        let number = DocNumber(take_numbers::<1>(&mut bytes)?[0]);
        take(number, Doc::decode(number, &mut bytes)?);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ids::Seq;
    use crate::store::journal::format::{Place, Record};

    fn change(index: &mut Index, document: u64, seq: u64) {
        let place = Place { segment: 1, offset: 1_000 * seq, len: 9 };
        let (document, seq) = (DocNumber(document), Seq(seq));
        index.apply(place, &Record::Change { document, seq, at_ms: 5, author: "ann", update: b"x" });
    }

    /// What sled would hold, and which bundles were written last.
    #[derive(Default)]
    struct Sled(BTreeMap<Bundle, Vec<u8>>);

    impl Sled {
        fn save(&mut self, index: &mut Index) -> Vec<Bundle> {
            let changed = index.take_dirty();
            let bundles = of_changed(index, &changed);
            let names =
                bundles.iter().filter(|(_, lines)| !lines.is_empty()).map(|&(name, _)| name).collect();
            self.0.extend(bundles);
            names
        }

        fn documents(&self) -> BTreeMap<u64, Doc> {
            let mut found = BTreeMap::new();
            for lines in self.0.values() {
                each_document(lines, |number, doc| drop(found.insert(number.0, doc)))
                    .expect("these are lines");
            }
            found
        }
    }

    #[test]
    fn a_bundle_is_written_for_what_changed_in_it() {
        let (mut index, mut sled) = (Index::default(), Sled::default());
        (1..=100).for_each(|number| change(&mut index, number, 1));
        assert_eq!(sled.save(&mut index).len(), 4);
        assert_eq!(sled.save(&mut index), []);

        // One becomes long: it moves out, and its neighbours are not written for it twice.
        (2..60).for_each(|seq| change(&mut index, 50, seq));
        assert_eq!(sled.save(&mut index), [Bundle { group: 2, alone: 50 }, Bundle { group: 2, alone: 0 }]);
        change(&mut index, 40, 2);
        assert_eq!(sled.save(&mut index), [Bundle { group: 2, alone: 0 }]);
        assert_eq!(sled.documents()[&50].tail.len(), 59);

        // It becomes short again, and another one goes.
        index.update(DocNumber(50)).clear();
        index.remove(DocNumber(51));
        sled.save(&mut index);
        let known: BTreeMap<u64, Doc> = index.docs().map(|(number, doc)| (number.0, doc.clone())).collect();
        assert_eq!(sled.documents(), known);
        assert_eq!(known.len(), 99);
    }
}
