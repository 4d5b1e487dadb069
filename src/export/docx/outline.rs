//! What has to be known of a document before it is written: where its links may lead, and how its notes are numbered.

use std::collections::HashMap;

use comrak::nodes::NodeValue;
use comrak::{Anchorizer, Node};

/// Names of headings and numbers of notes.
#[derive(Default)]
pub struct Outline<'a> {
    /// The headings of the text in their order, by the slug that a link names them with.
    headings: HashMap<String, usize>,
    /// Notes by name: their number, and whether they are referred to more than once.
    notes: HashMap<String, (usize, bool)>,
    /// What the notes say, the first first. Those at the end are referred to by other notes only.
    definitions: Vec<Node<'a>>,
    /// So many of them are referred to by the text.
    in_text: usize,
}

impl<'a> Outline<'a> {
    pub fn of(root: Node<'a>) -> Outline<'a> {
        let mut outline = Outline::default();
        // The parser puts the definitions behind the text, wherever they were written, and drops those that nothing refers to.
        let (mut anchors, mut count, mut referred) = (Anchorizer::new(), 0, Vec::new());
        let mut defined = Vec::new();
        for block in root.children() {
            let is_note = match &block.data().value {
                NodeValue::FootnoteDefinition(note) => {
                    defined.push((note.name.clone(), block, note.total_references > 1));
                    true
                }
                _ => false,
            };
            for node in block.descendants() {
                match &node.data().value {
                    NodeValue::Heading(_) => {
                        // A note's heading takes a slug, as on a page, and cannot be linked to.
                        let slug = anchors.anchorize(&node.collect_text());
                        if !is_note {
                            outline.headings.insert(slug, count);
                            count += 1;
                        }
                    }
                    NodeValue::FootnoteReference(reference) if !is_note => {
                        referred.push(reference.name.clone())
                    }
                    _ => {}
                }
            }
        }
        let mut rest: HashMap<_, _> =
            defined.iter().map(|(name, node, is_often)| (name.as_str(), (*node, *is_often))).collect();
        let mut number = |outline: &mut Outline<'a>, name: &str| {
            if let Some((node, is_often)) = rest.remove(name) {
                outline.definitions.push(node);
                outline.notes.insert(name.to_owned(), (outline.definitions.len(), is_often));
            }
        };
        referred.iter().for_each(|name| number(&mut outline, name));
        outline.in_text = outline.definitions.len();
        defined.iter().for_each(|(name, _, _)| number(&mut outline, name));
        outline
    }

    /// The heading with this slug, by its place among all of them.
    pub fn heading(&self, slug: &str) -> Option<usize> {
        self.headings.get(slug).copied()
    }

    /// A note's number, and whether it is referred to more than once.
    pub fn note(&self, name: &str) -> Option<(usize, bool)> {
        self.notes.get(name).copied()
    }

    /// Whether the text refers to the note with this number, or only another note does.
    pub fn is_in_text(&self, number: usize) -> bool {
        number <= self.in_text
    }

    /// The notes that the text refers to, with their numbers.
    pub fn notes(&self) -> Vec<(usize, Node<'a>)> {
        self.numbered().take(self.in_text).collect()
    }

    /// The other notes. Word has no place for a note's own notes.
    pub fn notes_of_notes(&self) -> Vec<(usize, Node<'a>)> {
        self.numbered().skip(self.in_text).collect()
    }

    fn numbered(&self) -> impl Iterator<Item = (usize, Node<'a>)> {
        self.definitions.iter().enumerate().map(|(at, &node)| (at + 1, node))
    }
}
