//! Markdown as this service understands it, read once for every format that lays it out.

use comrak::arena_tree::NodeEdge;
use comrak::{Arena, Node, Options};

/// Deepest nesting that is laid out. A sanitizer's work grows with the square of the depth, and laying out recurses; no text that people
/// write comes near this, and one that goes past it is shown as plain text.
const DEPTH: usize = 100;

/// Longest text that is laid out, in bytes: several novels. A tree of nothing but marks takes two hundred times the memory of its text.
const TEXT_BYTES: usize = 4 * 1024 * 1024;

/// GitHub's Markdown: what people expect of the word.
pub fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.header_id_prefix = Some(String::new());
    options.render.tasklist_classes = true;
    // Raw HTML is shown as the text it is: nothing of the document is lost and nothing of it is run.
    options.render.escape = true;
    options
}

/// The text as a tree, or `None` when it is too long or nests too deep.
pub fn parse<'a>(arena: &'a Arena<'a>, text: &str, options: &Options<'_>) -> Option<Node<'a>> {
    if text.len() > TEXT_BYTES {
        return None;
    }
    let root = comrak::parse_document(arena, text, options);
    let mut depth = 0_usize;
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(_) => depth += 1,
            NodeEdge::End(_) => depth -= 1,
        }
        if depth > DEPTH {
            return None;
        }
    }
    Some(root)
}
