//! Blocks: headings, paragraphs, lists, quotes, code.

use comrak::Node;
use comrak::nodes::{ListType, NodeList, NodeValue};

use super::flow::{Flow, Format, Look, Mark, Spot};
use super::lists::NUMBERING_BYTES;

/// Lines of code that are one paragraph: Word lays out a paragraph as a whole, and takes long for one of thousands of lines.
const LINES: usize = 40;

/// Code of so few lines is moved to the next page rather than cut in two.
const KEPT_LINES: usize = 20;

/// Styles of headings, as Word calls them.
const HEADINGS: [&str; 6] = ["Heading1", "Heading2", "Heading3", "Heading4", "Heading5", "Heading6"];

impl<'a> Flow<'_, 'a, '_> {
    /// All that is in a block.
    pub fn blocks(&mut self, parent: Node<'a>, spot: Spot) {
        for child in parent.children() {
            if self.is_full() {
                return;
            }
            self.block(child, spot);
        }
    }

    fn block(&mut self, node: Node<'a>, spot: Spot) {
        match &node.data().value {
            NodeValue::Paragraph => self.text(node, Format::style(style(spot)), spot),
            NodeValue::Heading(heading) => self.heading(node, heading.level, spot),
            NodeValue::BlockQuote => self.blocks(node, spot.in_quote()),
            NodeValue::List(list) => self.list(node, list, spot),
            NodeValue::CodeBlock(code) => self.code(&code.literal, spot),
            // HTML is shown as the text it is.
            NodeValue::HtmlBlock(html) => {
                self.begin(Format::style(style(spot)), spot);
                self.run(html.literal.trim_end_matches('\n'), Look::default());
                self.end();
            }
            NodeValue::ThematicBreak => {
                self.begin(Format::style("Rule"), spot);
                self.end();
            }
            NodeValue::Table(table) => self.table(node, &table.alignments, spot),
            // Written where it belongs, see `outline`.
            NodeValue::FootnoteDefinition(_) => {}
            _ => self.blocks(node, spot),
        }
    }

    fn text(&mut self, node: Node<'a>, format: Format, spot: Spot) {
        self.begin(format, spot);
        self.inlines(node, Look::default(), spot.room());
        self.end();
    }

    fn heading(&mut self, node: Node<'a>, level: u8, spot: Spot) {
        let style = HEADINGS[usize::from(level.clamp(1, 6)) - 1];
        if spot.is_note {
            return self.text(node, Format::style(style), spot);
        }
        let number = self.shared.headings;
        self.shared.headings += 1;
        self.begin(Format::style(style), spot);
        self.bookmarked(&bookmark(number), |flow| flow.inlines(node, Look::default(), spot.room()));
        self.end();
    }

    /// Something that links and fields can point to.
    pub fn bookmarked(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        let id = self.shared.bookmarks;
        self.shared.bookmarks += 1;
        self.put(&format!("<w:bookmarkStart w:id=\"{id}\" w:name=\"{name}\"/>"));
        inside(self);
        self.put(&format!("<w:bookmarkEnd w:id=\"{id}\"/>"));
    }

    fn list(&mut self, node: Node<'a>, list: &NodeList, spot: Spot) {
        let place = self.shared.lists.add(list, spot.lists);
        self.shared.written += NUMBERING_BYTES;
        let inside = spot.in_list(list.tight);
        for item in node.children() {
            if self.is_full() {
                return;
            }
            let ticked = match &item.data().value {
                NodeValue::TaskItem(task) => Some(task.symbol.is_some()),
                _ => None,
            };
            // A box stands in the place of a bullet, and behind a number.
            let place = (ticked.is_none() || list.list_type == ListType::Ordered).then_some(place);
            let first = item.first_child();
            self.marked(Mark::Item { place, ticked }, first, Format::style("ListParagraph"), inside);
            self.blocks(item, inside);
        }
    }

    /// Have the first block begin with a mark, or an empty paragraph before it where it has no place for one.
    pub fn marked(&mut self, mark: Mark, first: Option<Node<'a>>, format: Format, spot: Spot) {
        self.mark = Some(mark);
        let takes =
            |node: Node<'_>| matches!(node.data().value, NodeValue::Paragraph | NodeValue::Heading(_));
        if !first.is_some_and(takes) {
            self.begin(format, spot);
            self.end();
        }
    }

    fn code(&mut self, literal: &str, spot: Spot) {
        let lines: Vec<&str> = literal.strip_suffix('\n').unwrap_or(literal).split('\n').collect();
        let keep = lines.len() <= KEPT_LINES;
        let last = lines.len().div_ceil(LINES) - 1;
        for (n, lines) in lines.chunks(LINES).enumerate() {
            let space = Some((if n == 0 { 120 } else { 0 }, if n == last { 240 } else { 0 }));
            self.begin(Format { style: "Code", keep, space, align: "" }, spot);
            self.run(&lines.join("\n"), Look::default());
            self.end();
        }
    }

    /// A document that is not Markdown: every line a paragraph.
    pub fn lines(&mut self, text: &str, style: &'static str) {
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            if self.is_full() {
                return;
            }
            self.begin(Format::style(style), Spot::default());
            self.run(line, Look::default());
            self.end();
        }
    }
}

/// The style of running text at a spot.
fn style(spot: Spot) -> &'static str {
    match spot {
        Spot { lists: 1.., .. } => "ListParagraph",
        Spot { is_quote: true, .. } => "Quote",
        Spot { is_note: true, .. } => "FootnoteText",
        _ => "",
    }
}

/// The bookmark of a heading. Word takes few characters and no others than these.
pub fn bookmark(heading: usize) -> String {
    format!("_heading{heading}")
}
