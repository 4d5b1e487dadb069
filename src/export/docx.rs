//! A document as a Word file: real headings, lists, tables, notes and links, which go on working when somebody edits it.
//!
//! WordprocessingML is written as text, in the order in which the schema wants it, and streamed into the container. Nothing in the file
//! runs, and opening it fetches nothing from anywhere.

mod blocks;
mod flow;
mod inlines;
mod links;
mod lists;
mod outline;
mod package;
mod pictures;
mod scripts;
mod tables;
mod xml;

use comrak::nodes::NodeValue;
use comrak::{Arena, Node};

use self::flow::{Flow, Format, Look, Mark, Shared, Spot};
use self::lists::Lists;
use self::outline::Outline;
use self::package::{Package, Relations, properties};
use self::pictures::Gallery;
use super::{ExportError, Pictures, Source, markdown};
use crate::ids::Kind;
use crate::timestamp::rfc3339;

/// As much XML is written of one document. Word itself opens nothing larger than 512 MiB, and that only with patience.
const XML_BYTES: usize = 256 * 1024 * 1024;

/// Parts that are the same in every file.
const PARTS: [(&str, &str); 5] = [
    ("[Content_Types].xml", include_str!("docx/content-types.xml")),
    ("_rels/.rels", include_str!("docx/relationships.xml")),
    ("word/styles.xml", include_str!("docx/styles.xml")),
    ("word/settings.xml", include_str!("docx/settings.xml")),
    ("word/fontTable.xml", include_str!("docx/fonts.xml")),
];

/// The names of XML that a part of running text uses. What is only in newer versions of Word is marked as such for the others.
const NAMES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
    xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
    xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
    xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\" \
    xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" \
    xmlns:w14=\"http://schemas.microsoft.com/office/word/2010/wordml\" mc:Ignorable=\"w14\"";

const PROLOG: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// An A4 page with an inch of margin.
const PAGE: &str = "<w:sectPr><w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"1440\" w:right=\"1440\" w:bottom=\"1440\" \
    w:left=\"1440\" w:header=\"708\" w:footer=\"708\" w:gutter=\"0\"/></w:sectPr>";

/// What Word draws between text and notes.
const SEPARATORS: &str = "<w:footnote w:type=\"separator\" w:id=\"-1\"><w:p><w:pPr><w:spacing w:after=\"0\"/></w:pPr><w:r>\
    <w:separator/></w:r></w:p></w:footnote><w:footnote w:type=\"continuationSeparator\" w:id=\"0\"><w:p><w:pPr>\
    <w:spacing w:after=\"0\"/></w:pPr><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>";

pub fn file(source: &Source, text: &str, pictures: Pictures<'_>) -> Result<Vec<u8>, ExportError> {
    let (arena, options) = (Arena::new(), markdown::options());
    let root = match source.kind {
        Kind::Markdown => markdown::parse(&arena, text, &options),
        Kind::Text | Kind::Code => None,
    };
    // Without a tree there are no headings and no notes.
    let outline = root.map_or_else(Outline::default, Outline::of);
    let mut shared = Shared::new(outline, Gallery::new(pictures));
    let mut package = Package::new();
    for (name, xml) in PARTS {
        package.part(name, xml);
    }
    let second = |ms| rfc3339(ms / 1000 * 1000).replace(".000Z", "Z");
    let (title, created, updated) =
        (source.title.trim(), second(source.created_ms), second(source.updated_ms));
    package.part("docProps/core.xml", &properties(title, &created, &updated));

    package.begin("word/document.xml");
    let mut flow = Flow::new(&mut package, &mut shared, relations());
    flow.put(&format!("{PROLOG}<w:document {NAMES}><w:body>"));
    match root {
        Some(root) => body(&mut flow, root, title),
        None if source.kind == Kind::Code => flow.lines(text, "SourceCode"),
        None => flow.lines(text, "PlainText"),
    }
    flow.put(&format!("{PAGE}</w:body></w:document>"));
    let relations = flow.finish();
    package.part("word/_rels/document.xml.rels", &relations.xml());

    package.begin("word/footnotes.xml");
    let mut flow = Flow::new(&mut package, &mut shared, Relations::default());
    flow.put(&format!("{PROLOG}<w:footnotes {NAMES}>{SEPARATORS}"));
    notes(&mut flow);
    flow.put("</w:footnotes>");
    let relations = flow.finish();
    package.part("word/_rels/footnotes.xml.rels", &relations.xml());

    package.part("word/numbering.xml", &shared.lists.xml());
    if shared.written > XML_BYTES {
        return Err(ExportError::TooLarge);
    }
    for (part, bytes) in shared.gallery.into_files() {
        package.picture(&format!("word/{part}"), &bytes);
    }
    Ok(package.finish())
}

fn relations() -> Relations {
    Relations::default()
        .with_part("styles", "styles.xml")
        .with_part("numbering", "numbering.xml")
        .with_part("settings", "settings.xml")
        .with_part("fontTable", "fontTable.xml")
        .with_part("footnotes", "footnotes.xml")
}

fn body<'a>(flow: &mut Flow<'_, 'a, '_>, root: Node<'a>, title: &str) {
    if !title.is_empty() && !begins_with(root, title) {
        flow.begin(Format::style("Title"), Spot::default());
        flow.run(title, Look::default());
        flow.end();
    }
    flow.blocks(root, Spot::default());
    let others = flow.shared.outline.notes_of_notes();
    if !others.is_empty() {
        flow.begin(Format::style("Rule"), Spot::default());
        flow.end();
    }
    for (number, note) in others {
        written_note(flow, note, Mark::Number(number));
    }
}

/// Whether a document says its title itself.
fn begins_with(root: Node<'_>, title: &str) -> bool {
    root.first_child().is_some_and(|first| {
        matches!(&first.data().value, NodeValue::Heading(heading) if heading.level == 1)
            && first.collect_text().trim() == title
    })
}

fn notes(flow: &mut Flow<'_, '_, '_>) {
    flow.is_notes = true;
    for (number, note) in flow.shared.outline.notes() {
        flow.put(&format!("<w:footnote w:id=\"{number}\">"));
        written_note(flow, note, Mark::Note);
        flow.put("</w:footnote>");
    }
}

fn written_note<'a>(flow: &mut Flow<'_, 'a, '_>, note: Node<'a>, mark: Mark) {
    let spot = Spot { is_note: true, ..Spot::default() };
    flow.marked(mark, note.first_child(), Format::style("FootnoteText"), spot);
    flow.blocks(note, spot);
}

#[cfg(test)]
mod tests;
