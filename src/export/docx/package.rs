//! The container: a ZIP file of parts, and the relations between them.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{Cursor, Write};

use bytes::Bytes;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::xml::{escape, escaped};

/// A file being written, part after part. All of it is memory, which takes what is written.
pub struct Package(ZipWriter<Cursor<Vec<u8>>>);

/// Why writing cannot fail.
const MEMORY: &str = "memory takes what is written, and no part is as large as a ZIP file's bound";

impl Package {
    pub fn new() -> Package {
        Package(ZipWriter::new(Cursor::new(Vec::new())))
    }

    /// Begin a part. What is written from now on is in it.
    pub fn begin(&mut self, name: &str) {
        self.start(name, CompressionMethod::Deflated);
    }

    pub fn write(&mut self, xml: &str) {
        self.0.write_all(xml.as_bytes()).expect(MEMORY);
    }

    /// A part that is there as a whole.
    pub fn part(&mut self, name: &str, xml: &str) {
        self.begin(name);
        self.write(xml);
    }

    /// A part that is packed already.
    pub fn picture(&mut self, name: &str, bytes: &Bytes) {
        self.start(name, CompressionMethod::Stored);
        self.0.write_all(bytes).expect(MEMORY);
    }

    pub fn finish(self) -> Vec<u8> {
        self.0.finish().expect(MEMORY).into_inner()
    }

    fn start(&mut self, name: &str, method: CompressionMethod) {
        let options = SimpleFileOptions::default().compression_method(method);
        self.0.start_file(name, options).expect(MEMORY);
    }
}

/// Where one part points: the addresses of its links, and its pictures. Each once, however often it is used.
#[derive(Default)]
pub struct Relations {
    ids: HashMap<String, String>,
    xml: String,
}

/// The beginning of every relation's type.
const TYPES: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

impl Relations {
    /// A relation to another part, under an id that nobody looks at.
    pub fn with_part(mut self, kind: &str, target: &str) -> Relations {
        self.add(kind, target, "");
        self
    }

    /// The id of a link's address.
    pub fn link(&mut self, address: &str) -> String {
        self.add("hyperlink", address, " TargetMode=\"External\"")
    }

    /// The id of a picture's part.
    pub fn picture(&mut self, part: &str) -> String {
        self.add("image", part, "")
    }

    fn add(&mut self, kind: &str, target: &str, mode: &str) -> String {
        if let Some(id) = self.ids.get(target) {
            return id.clone();
        }
        let id = format!("r{}", self.ids.len() + 1);
        write!(self.xml, "<Relationship Id=\"{id}\" Type=\"{TYPES}/{kind}\" Target=\"").expect("a text");
        escape(&mut self.xml, target);
        write!(self.xml, "\"{mode}/>").expect("a text");
        self.ids.insert(target.to_owned(), id.clone());
        id
    }

    /// How much XML they are.
    pub fn len(&self) -> usize {
        self.xml.len()
    }

    pub fn xml(&self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships \
             xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{}</Relationships>",
            self.xml
        )
    }
}

/// What is known of the document as a whole. The moments are RFC 3339 in UTC.
pub fn properties(title: &str, created: &str, updated: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<cp:coreProperties \
         xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title>\
         <dcterms:created xsi:type=\"dcterms:W3CDTF\">{created}</dcterms:created>\
         <dcterms:modified xsi:type=\"dcterms:W3CDTF\">{updated}</dcterms:modified></cp:coreProperties>",
        escaped(title)
    )
}
