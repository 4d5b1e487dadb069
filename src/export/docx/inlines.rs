//! What is within a line: emphasis, links, pictures, references to notes.

use comrak::Node;
use comrak::nodes::{NodeLink, NodeValue};

use super::blocks::bookmark;
use super::flow::{Flow, Look};
use super::links;
use super::pictures::Picture;
use super::scripts::join;

/// Characters of a picture's description: what a reader is told who cannot see it.
const DESCRIPTION: usize = 500;

impl<'a> Flow<'_, 'a, '_> {
    /// All that is in a line, in a column of so many twentieths of a point.
    pub fn inlines(&mut self, parent: Node<'a>, look: Look, room: u32) {
        for child in parent.children() {
            if self.is_full() {
                return;
            }
            self.inline(child, look, room);
        }
    }

    fn inline(&mut self, node: Node<'a>, look: Look, room: u32) {
        match &node.data().value {
            NodeValue::Text(text) => self.run(text, look),
            NodeValue::Code(code) => self.run(&code.literal, Look { code: true, ..look }),
            NodeValue::HtmlInline(html) => self.run(html, look),
            NodeValue::LineBreak => self.run("\n", look),
            NodeValue::SoftBreak => {
                let next = node.next_sibling().and_then(first_letter);
                // Chinese and Japanese have no blanks, so that none may come of a line's end.
                if !self.last.zip(next).is_some_and(|(last, next)| join(last, next)) {
                    self.run(" ", look);
                }
            }
            NodeValue::Emph => self.inlines(node, Look { italic: true, ..look }, room),
            NodeValue::Strong => self.inlines(node, Look { bold: true, ..look }, room),
            NodeValue::Strikethrough => self.inlines(node, Look { strike: true, ..look }, room),
            NodeValue::Link(link) => self.link(node, link, look, room),
            NodeValue::Image(link) => self.image(node, link, look, room),
            NodeValue::FootnoteReference(reference) => self.reference(&reference.name),
            _ => self.inlines(node, look, room),
        }
    }

    fn link(&mut self, node: Node<'a>, link: &NodeLink, look: Look, room: u32) {
        let heading = links::fragment(&link.url).and_then(|slug| self.shared.outline.heading(&slug));
        let target = match (heading, links::address(&link.url)) {
            (Some(heading), _) => format!("w:anchor=\"{}\"", bookmark(heading)),
            (_, Some(address)) => format!("r:id=\"{}\"", self.relation(&address)),
            _ => return self.inlines(node, look, room),
        };
        self.linked(&target, |flow| flow.inlines(node, Look { link: true, ..look }, room));
    }

    fn linked(&mut self, target: &str, inside: impl FnOnce(&mut Self)) {
        self.put(&format!("<w:hyperlink {target} w:history=\"1\">"));
        inside(self);
        self.put("</w:hyperlink>");
    }

    fn image(&mut self, node: Node<'a>, link: &NodeLink, look: Look, room: u32) {
        let words = node.collect_text();
        if let Some(picture) = self.shared.gallery.find(&link.url) {
            return self.picture(&picture, &words, room);
        }
        // A picture from elsewhere is not fetched: its words stand for it, and lead there.
        let words = if words.is_empty() { &link.url } else { &words };
        let words: String = words.chars().take(DESCRIPTION).collect();
        match links::address(&link.url) {
            Some(address) if !look.link => {
                let target = format!("r:id=\"{}\"", self.relation(&address));
                self.linked(&target, |flow| flow.run(&words, Look { link: true, ..look }));
            }
            _ => self.run(&words, Look { italic: true, ..look }),
        }
    }

    fn picture(&mut self, picture: &Picture, words: &str, room: u32) {
        let relation = self.relations.picture(&picture.part);
        self.shared.drawings += 1;
        let (id, (width, height)) = (self.shared.drawings, picture.extent(room));
        let words: String = words.chars().take(DESCRIPTION).collect();
        self.last = None;
        self.put(&format!(
            "<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{width}\" cy=\"{height}\"/>\
             <wp:docPr id=\"{id}\" name=\"Picture {id}\" descr=\""
        ));
        self.escape(&words);
        self.put(&format!(
            "\"/><wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect=\"1\"/></wp:cNvGraphicFramePr><a:graphic>\
             <a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic><pic:nvPicPr>\
             <pic:cNvPr id=\"{id}\" name=\"Picture {id}\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>\
             <a:blip r:embed=\"{relation}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>\
             <a:off x=\"0\" y=\"0\"/><a:ext cx=\"{width}\" cy=\"{height}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/>\
             </a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        ));
    }

    /// A reference to a note. The first is the note's place in the text, from which Word counts; the others repeat its number.
    fn reference(&mut self, name: &str) {
        let Some((number, is_often)) = self.shared.outline.note(name) else { return };
        let raised = Look { raised: true, ..Look::default() };
        if self.is_notes || !self.shared.outline.is_in_text(number) {
            return self.run(&number.to_string(), raised);
        }
        let mark = format!("_note{number}");
        if number <= self.shared.noted {
            self.put(&format!("<w:fldSimple w:instr=\" NOTEREF {mark} \\f \\h \">"));
            self.run(&number.to_string(), raised);
            return self.put("</w:fldSimple>");
        }
        self.shared.noted = number;
        let note = format!(
            "<w:r><w:rPr><w:rStyle w:val=\"FootnoteReference\"/></w:rPr><w:footnoteReference w:id=\"{number}\"/></w:r>"
        );
        match is_often {
            true => self.bookmarked(&mark, |flow| flow.put(&note)),
            false => self.put(&note),
        }
    }
}

/// The letter that a piece of text begins with.
fn first_letter(node: Node<'_>) -> Option<char> {
    let mut node = node;
    loop {
        match &node.data().value {
            NodeValue::Text(text) => return text.chars().next(),
            NodeValue::Code(code) => return code.literal.chars().next(),
            _ => {}
        }
        node = node.first_child()?;
    }
}
