//! A part of running text as it is being written: its paragraphs and runs, as Word's schema orders what is in them.

use super::lists::{Place, STEP};
use super::outline::Outline;
use super::package::{Package, Relations};
use super::pictures::Gallery;
use super::scripts::is_east_asian;
use super::xml::escape;
use super::{Lists, XML_BYTES};

/// Written to the package in pieces of so many bytes.
const PIECE: usize = 64 * 1024;

/// Where the margins are, in twentieths of a point: an A4 page less an inch on either side.
pub const WIDTH: u32 = 9_026;

/// Nothing is indented further, or there would be no room for words.
const INDENT: u32 = 12 * STEP;

/// How far the shade of code reaches beyond it.
const SHADE: u32 = 130;

/// What all parts of a document share.
pub struct Shared<'a, 'p> {
    pub outline: Outline<'a>,
    pub lists: Lists,
    pub gallery: Gallery<'p>,
    /// Drawings and bookmarks have numbers of their own.
    pub drawings: usize,
    pub bookmarks: usize,
    /// Headings that have been written.
    pub headings: usize,
    /// The last note that the text has referred to.
    pub noted: usize,
    /// Bytes of XML that have been written of all parts.
    pub written: usize,
}

impl<'a, 'p> Shared<'a, 'p> {
    pub fn new(outline: Outline<'a>, gallery: Gallery<'p>) -> Shared<'a, 'p> {
        let lists = Lists::default();
        Shared { outline, lists, gallery, drawings: 0, bookmarks: 0, headings: 0, noted: 0, written: 0 }
    }
}

/// One part of running text.
pub struct Flow<'f, 'a, 'p> {
    pub shared: &'f mut Shared<'a, 'p>,
    pub relations: Relations,
    /// Whether this is the part of the notes, which cannot have notes.
    pub is_notes: bool,
    /// What the next paragraph begins with.
    pub mark: Option<Mark>,
    /// The last letter of the paragraph so far.
    pub last: Option<char>,
    package: &'f mut Package,
    xml: String,
}

/// What a paragraph begins with.
#[derive(Debug, Clone, Copy)]
pub enum Mark {
    /// A bullet or a number, and a box to be ticked.
    Item { place: Option<Place>, ticked: Option<bool> },
    /// The number of the note that this is, counted by Word.
    Note,
    /// The number of a note that Word does not know as one.
    Number(usize),
}

/// Where on the page a block stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spot {
    /// In twentieths of a point.
    pub indent: u32,
    /// How many lists it is in.
    pub lists: usize,
    /// Whether its items stand close together.
    pub is_tight: bool,
    pub is_quote: bool,
    pub is_note: bool,
}

impl Spot {
    pub fn in_list(self, is_tight: bool) -> Spot {
        Spot { indent: (self.indent + STEP).min(INDENT), lists: self.lists + 1, is_tight, ..self }
    }

    pub fn in_quote(self) -> Spot {
        Spot { indent: (self.indent + STEP).min(INDENT), is_quote: true, ..self }
    }

    /// How wide its lines are.
    pub fn room(self) -> u32 {
        WIDTH - self.indent
    }
}

/// How letters look.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look {
    pub bold: bool,
    pub italic: bool,
    pub strike: bool,
    pub code: bool,
    pub link: bool,
    pub raised: bool,
}

/// A paragraph's style, and what is not as the style says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Format {
    /// The id of a style, or "" for that of running text.
    pub style: &'static str,
    /// Kept on one page.
    pub keep: bool,
    /// Space before and after, in twentieths of a point.
    pub space: Option<(u32, u32)>,
    /// `center` or `right`, or "".
    pub align: &'static str,
}

impl Format {
    pub fn style(style: &'static str) -> Format {
        Format { style, ..Format::default() }
    }
}

impl<'f, 'a, 'p> Flow<'f, 'a, 'p> {
    pub fn new(package: &'f mut Package, shared: &'f mut Shared<'a, 'p>, relations: Relations) -> Self {
        let xml = String::with_capacity(PIECE + PIECE / 4);
        Flow { shared, relations, is_notes: false, mark: None, last: None, package, xml }
    }

    /// Put XML into the part.
    pub fn put(&mut self, xml: &str) {
        self.xml.push_str(xml);
    }

    /// Put text into the XML.
    pub fn escape(&mut self, text: &str) {
        escape(&mut self.xml, text);
    }

    /// The relation to an address outside of the document.
    pub fn relation(&mut self, address: &str) -> String {
        let before = self.relations.len();
        let id = self.relations.link(address);
        self.shared.written += self.relations.len() - before;
        id
    }

    /// Whether there is no room for more. What is put in then is dropped, and the document is refused in the end.
    pub fn is_full(&self) -> bool {
        self.shared.written > XML_BYTES
    }

    /// The end of the part. What is left to write is where it points.
    pub fn finish(mut self) -> Relations {
        self.flush();
        self.relations
    }

    /// Write what has gathered, so that a large document is never in memory as XML.
    fn flush(&mut self) {
        self.shared.written += self.xml.len();
        if !self.is_full() {
            self.package.write(&self.xml);
        }
        self.xml.clear();
    }

    /// Begin a paragraph, with the mark that it is to begin with.
    pub fn begin(&mut self, format: Format, spot: Spot) {
        let Format { style, keep, space, align } = format;
        self.last = None;
        self.put("<w:p><w:pPr>");
        if !style.is_empty() {
            self.put(&format!("<w:pStyle w:val=\"{style}\"/>"));
        }
        if keep {
            self.put("<w:keepLines/>");
        }
        let mark = self.mark.take();
        let (place, ticked) = match mark {
            Some(Mark::Item { place, ticked }) => (place, ticked),
            _ => (None, None),
        };
        if let Some(Place { numbering, level }) = place {
            self.put(&format!(
                "<w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{numbering}\"/></w:numPr>"
            ));
        }
        if spot.is_quote && style != "Quote" && style != "Code" {
            self.put(
                "<w:pBdr><w:left w:val=\"single\" w:sz=\"18\" w:space=\"10\" w:color=\"D6DAE0\"/></w:pBdr>",
            );
        }
        if let Some((before, after)) = space {
            self.put(&format!("<w:spacing w:before=\"{before}\" w:after=\"{after}\"/>"));
        }
        if style == "Code" {
            // Its shade reaches beyond its letters.
            let left = spot.indent + SHADE;
            self.put(&format!("<w:ind w:left=\"{left}\" w:right=\"{SHADE}\"/>"));
        } else if matches!(mark, Some(Mark::Item { .. })) {
            self.put(&format!("<w:ind w:left=\"{}\" w:hanging=\"{STEP}\"/>", spot.indent));
        } else if spot.indent > 0 {
            self.put(&format!("<w:ind w:left=\"{}\"/>", spot.indent));
        }
        if style == "ListParagraph" && !spot.is_tight {
            self.put("<w:contextualSpacing w:val=\"0\"/>");
        }
        if !align.is_empty() {
            self.put(&format!("<w:jc w:val=\"{align}\"/>"));
        }
        self.put("</w:pPr>");
        if let Some(ticked) = ticked {
            self.box_to_tick(ticked);
            self.put(if place.is_some() { BLANK } else { "<w:r><w:tab/></w:r>" });
        }
        match mark {
            Some(Mark::Note) => {
                self.put("<w:r><w:rPr><w:rStyle w:val=\"FootnoteReference\"/></w:rPr><w:footnoteRef/></w:r>");
                self.put(BLANK);
            }
            Some(Mark::Number(number)) => {
                self.run(&number.to_string(), Look { raised: true, ..Look::default() });
                self.put(BLANK);
            }
            _ => {}
        }
    }

    /// End the paragraph.
    pub fn end(&mut self) {
        self.put("</w:p>");
        self.may_flush();
    }

    /// A box that can be ticked in Word.
    fn box_to_tick(&mut self, ticked: bool) {
        let (value, sign) = if ticked { (1, '☑') } else { (0, '☐') };
        self.put(&format!(
            "<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val=\"{value}\"/>\
             <w14:checkedState w14:val=\"2611\" w14:font=\"Segoe UI Symbol\"/>\
             <w14:uncheckedState w14:val=\"2610\" w14:font=\"Segoe UI Symbol\"/></w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:rPr>\
             <w:rFonts w:ascii=\"Segoe UI Symbol\" w:hAnsi=\"Segoe UI Symbol\" w:eastAsia=\"Segoe UI Symbol\" w:cs=\"Segoe UI Symbol\"/>\
             </w:rPr><w:t>{sign}</w:t></w:r></w:sdtContent></w:sdt>"
        ));
    }

    /// Text of one look. Tabs and the ends of lines stay what they are.
    pub fn run(&mut self, text: &str, look: Look) {
        if text.is_empty() || self.is_full() {
            return;
        }
        self.last = text.chars().next_back();
        self.put("<w:r>");
        self.look(look, is_east_asian(text));
        let mut rest = text;
        loop {
            let end = rest.find(['\t', '\n']).unwrap_or(rest.len());
            if end > 0 {
                self.put("<w:t xml:space=\"preserve\">");
                self.escape(&rest[..end]);
                self.put("</w:t>");
            }
            match rest.as_bytes().get(end) {
                Some(b'\t') => self.put("<w:tab/>"),
                Some(_) => self.put("<w:br/>"),
                None => break,
            }
            rest = &rest[end + 1..];
            self.may_flush();
        }
        self.put("</w:r>");
        self.may_flush();
    }

    fn look(&mut self, look: Look, east_asian: bool) {
        let Look { bold, italic, strike, code, link, raised } = look;
        let style = match (code, link, raised) {
            (true, _, _) => "InlineCode",
            (_, true, _) => "Hyperlink",
            (_, _, true) => "FootnoteReference",
            _ => "",
        };
        if !(bold || italic || strike || east_asian) && style.is_empty() {
            return;
        }
        self.put("<w:rPr>");
        if !style.is_empty() {
            self.put(&format!("<w:rStyle w:val=\"{style}\"/>"));
        }
        for (is_so, xml) in [
            (east_asian, "<w:rFonts w:hint=\"eastAsia\"/>"),
            (bold, "<w:b/><w:bCs/>"),
            (italic, "<w:i/><w:iCs/>"),
            (strike, "<w:strike/>"),
            (code && link, "<w:color w:val=\"0A58CA\"/><w:u w:val=\"single\"/>"),
        ] {
            if is_so {
                self.put(xml);
            }
        }
        self.put("</w:rPr>");
    }

    fn may_flush(&mut self) {
        if self.xml.len() >= PIECE {
            self.flush();
        }
    }
}

const BLANK: &str = "<w:r><w:t xml:space=\"preserve\"> </w:t></w:r>";
