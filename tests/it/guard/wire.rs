//! Writing updates by hand, those too that no Yjs would write.

use bytes::{BufMut, Bytes, BytesMut};

pub type Id = (u64, u32);

/// An update under construction: sections of structs, then deletions.
#[derive(Debug, Clone, Default)]
pub struct Wire {
    pub sections: Vec<Section>,
    pub deletions: Vec<(u64, Vec<(u32, u32)>)>,
}

#[derive(Debug, Clone)]
pub struct Section {
    pub client: u64,
    pub clock: u32,
    pub structs: Vec<Struct>,
}

#[derive(Debug, Clone)]
pub enum Struct {
    Gc(u32),
    Skip(u32),
    Item { origin: Option<Id>, right: Option<Id>, parent: Parent, key: Option<String>, content: Content },
}

#[derive(Debug, Clone)]
pub enum Parent {
    Root(String),
    Type(Id),
}

#[derive(Debug, Clone)]
pub enum Content {
    Deleted(u32),
    Binary(Vec<u8>),
    Text(String),
    Embed(String),
    Format(String, String),
    Type(u8),
    Any(u32),
}

impl Wire {
    pub fn new() -> Wire {
        Wire::default()
    }

    pub fn section(mut self, client: u64, clock: u32, structs: impl IntoIterator<Item = Struct>) -> Wire {
        self.sections.push(Section { client, clock, structs: structs.into_iter().collect() });
        self
    }

    pub fn delete(mut self, client: u64, ranges: impl IntoIterator<Item = (u32, u32)>) -> Wire {
        self.deletions.push((client, ranges.into_iter().collect()));
        self
    }

    pub fn bytes(&self) -> Bytes {
        let mut out = BytesMut::new();
        var(&mut out, self.sections.len() as u64);
        for section in &self.sections {
            var(&mut out, section.structs.len() as u64);
            var(&mut out, section.client);
            var(&mut out, section.clock.into());
            section.structs.iter().for_each(|part| part.write(&mut out));
        }
        var(&mut out, self.deletions.len() as u64);
        for (client, ranges) in &self.deletions {
            var(&mut out, *client);
            var(&mut out, ranges.len() as u64);
            for &(clock, len) in ranges {
                var(&mut out, clock.into());
                var(&mut out, len.into());
            }
        }
        out.freeze()
    }
}

impl Struct {
    /// Text after another element.
    pub fn text(origin: impl Into<Option<Id>>, text: &str) -> Struct {
        Struct::item(origin, Content::Text(text.into()))
    }

    /// An item after another element, or at the start of the root `content`.
    pub fn item(origin: impl Into<Option<Id>>, content: Content) -> Struct {
        let parent = Parent::Root("content".into());
        Struct::Item { origin: origin.into(), right: None, parent, key: None, content }
    }

    /// An item before another element.
    pub fn before(mut self, id: Id) -> Struct {
        if let Struct::Item { right, .. } = &mut self {
            *right = Some(id);
        }
        self
    }

    /// An item in a root or a type, under a key or not.
    pub fn within(parent: Parent, key: Option<&str>, content: Content) -> Struct {
        Struct::Item { origin: None, right: None, parent, key: key.map(Into::into), content }
    }

    pub fn len(&self) -> u32 {
        match self {
            Struct::Gc(len) | Struct::Skip(len) => *len,
            Struct::Item { content, .. } => match content {
                Content::Deleted(len) | Content::Any(len) => *len,
                Content::Text(text) => text.encode_utf16().count() as u32,
                _ => 1,
            },
        }
    }

    fn write(&self, out: &mut BytesMut) {
        let (origin, right, parent, key, content) = match self {
            Struct::Gc(len) | Struct::Skip(len) => {
                out.put_u8(if matches!(self, Struct::Gc(_)) { 0 } else { 10 });
                return var(out, (*len).into());
            }
            Struct::Item { origin, right, parent, key, content } => (origin, right, parent, key, content),
        };
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        let flags = flag(origin.is_some(), 0x80) | flag(right.is_some(), 0x40) | flag(key.is_some(), 0x20);
        out.put_u8(flags | content.kind());
        for (client, clock) in [origin, right].into_iter().flatten() {
            var(out, *client);
            var(out, (*clock).into());
        }
        if origin.is_none() && right.is_none() {
            match parent {
                Parent::Root(name) => {
                    out.put_u8(1);
                    string(out, name);
                }
                Parent::Type((client, clock)) => {
                    out.put_u8(0);
                    var(out, *client);
                    var(out, (*clock).into());
                }
            }
            key.iter().for_each(|key| string(out, key));
        }
        content.write(out);
    }
}

impl Content {
    fn kind(&self) -> u8 {
        match self {
            Content::Deleted(_) => 1,
            Content::Binary(_) => 3,
            Content::Text(_) => 4,
            Content::Embed(_) => 5,
            Content::Format(..) => 6,
            Content::Type(_) => 7,
            Content::Any(_) => 8,
        }
    }

    fn write(&self, out: &mut BytesMut) {
        match self {
            Content::Deleted(len) => var(out, (*len).into()),
            Content::Binary(bytes) => {
                var(out, bytes.len() as u64);
                out.put_slice(bytes);
            }
            Content::Text(text) | Content::Embed(text) => string(out, text),
            Content::Format(key, value) => {
                string(out, key);
                string(out, value);
            }
            Content::Type(kind) => {
                out.put_u8(*kind);
                if *kind == 3 {
                    string(out, "p");
                }
            }
            Content::Any(len) => {
                var(out, (*len).into());
                (0..*len).for_each(|i| out.put_slice(&[125, i as u8 & 63]));
            }
        }
    }
}

fn var(out: &mut BytesMut, mut value: u64) {
    while value >= 0x80 {
        out.put_u8(value as u8 | 0x80);
        value >>= 7;
    }
    out.put_u8(value as u8);
}

fn string(out: &mut BytesMut, text: &str) {
    var(out, text.len() as u64);
    out.put_slice(text.as_bytes());
}
