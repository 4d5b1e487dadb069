//! Word's numbering: lists count by themselves, and go on counting when somebody adds an item.

use std::fmt::Write;

use comrak::nodes::{ListDelimType, ListType, NodeList};

/// How far each level is indented, in twentieths of a point.
pub const STEP: u32 = 420;

/// Levels that Word has. Deeper lists are shown at the last one.
const LEVELS: usize = 9;

/// The numbering of all bullets.
const BULLETS: usize = 1;

/// XML of one numbering at most.
pub const NUMBERING_BYTES: usize = 200;

const DOTS: [&str; 3] = ["•", "◦", "▪"];

/// An item's place in a numbering.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub numbering: usize,
    pub level: usize,
}

/// The numberings of a document. Every ordered list has one, or it would go on where the one before it ended.
#[derive(Default)]
pub struct Lists(Vec<Ordered>);

struct Ordered {
    level: usize,
    start: usize,
    delimiter: ListDelimType,
}

impl Lists {
    /// Where the items of a list are that is inside of so many others.
    pub fn add(&mut self, list: &NodeList, depth: usize) -> Place {
        let level = depth.min(LEVELS - 1);
        if list.list_type == ListType::Bullet {
            return Place { numbering: BULLETS, level };
        }
        self.0.push(Ordered { level, start: list.start, delimiter: list.delimiter });
        Place { numbering: BULLETS + self.0.len(), level }
    }

    /// The part that says how they look and where they begin.
    pub fn xml(&self) -> String {
        let mut xml = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:numbering \
             xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">",
        );
        look(&mut xml, 0, "bullet", |level| DOTS[level % DOTS.len()].to_owned());
        look(&mut xml, 1, "decimal", |level| format!("%{}.", level + 1));
        look(&mut xml, 2, "decimal", |level| format!("%{})", level + 1));
        let _ = write!(xml, "<w:num w:numId=\"{BULLETS}\"><w:abstractNumId w:val=\"0\"/></w:num>");
        for (n, Ordered { level, start, delimiter }) in self.0.iter().enumerate() {
            let (id, look) = (BULLETS + 1 + n, if *delimiter == ListDelimType::Paren { 2 } else { 1 });
            let _ = write!(
                xml,
                "<w:num w:numId=\"{id}\"><w:abstractNumId w:val=\"{look}\"/><w:lvlOverride w:ilvl=\"{level}\">\
                 <w:startOverride w:val=\"{start}\"/></w:lvlOverride></w:num>"
            );
        }
        xml + "</w:numbering>"
    }
}

fn look(xml: &mut String, id: usize, format: &str, text: impl Fn(usize) -> String) {
    let _ =
        write!(xml, "<w:abstractNum w:abstractNumId=\"{id}\"><w:multiLevelType w:val=\"hybridMultilevel\"/>");
    for level in 0..LEVELS {
        let (text, left) = (text(level), STEP as usize * (level + 1));
        let _ = write!(
            xml,
            "<w:lvl w:ilvl=\"{level}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"{format}\"/><w:lvlText w:val=\"{text}\"/>\
             <w:lvlJc w:val=\"left\"/><w:pPr><w:ind w:left=\"{left}\" w:hanging=\"{STEP}\"/></w:pPr></w:lvl>"
        );
    }
    xml.push_str("</w:abstractNum>");
}
