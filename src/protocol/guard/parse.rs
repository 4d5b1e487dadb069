//! The grammar of an update in Yjs' v1 encoding, and what of it this server takes.
//!
//! Three contents that Yjs knows are refused because yrs 0.28.1 cannot hold them: `ContentJSON` (it reads one string
//! too many; Yjs 13 has stopped writing it), `XmlHook` (it skips the name) and `ContentDoc` (deleting a subdocument
//! inside a deleted type reads freed memory).

use smallvec::SmallVec;

use super::kinds::Kind;
use super::read::{CLOCK_END, Id, Read, Reader};

/// One struct of an update: a run of clocks of one client.
#[derive(Debug, Clone, Copy)]
pub(super) struct Struct<'a> {
    /// How many clocks it covers, at least one.
    pub len: u32,
    pub body: Body<'a>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Body<'a> {
    /// Something was here and its content and place are forgotten.
    Gc,
    /// A hole: the update says nothing about these clocks.
    Skip,
    Item(Item<'a>),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'a> {
    /// The element to the left when this one was inserted.
    pub origin: Option<Id>,
    /// The element to the right.
    pub right_origin: Option<Id>,
    pub parent: Parent<'a>,
    pub content: Content,
    /// Offset of the content's bytes.
    pub offset: usize,
}

impl Item<'_> {
    /// Whether it was put behind the element that its author made before.
    pub fn continues(&self, id: Id) -> bool {
        self.origin.is_some_and(|left| left.client == id.client && left.clock + 1 == id.clock)
    }

    /// The item that is left of this one from a clock on, as Yjs splits it. Its content is still the whole one's.
    pub fn rest_from(&self, id: Id) -> Self {
        let before = Id { clock: id.clock - 1, ..id };
        Item { origin: Some(before), parent: Parent::Neighbours, ..*self }
    }
}

/// Where an item lives.
#[derive(Debug, Clone, Copy)]
pub(super) enum Parent<'a> {
    /// Where its neighbours live: the encoding names a parent only when there is neither origin.
    Neighbours,
    /// In a type of the document, by name, and there under a key if it is a map's.
    Root(&'a str, Option<&'a str>),
    /// In the type that this item holds.
    Type(Id, Option<&'a str>),
}

/// What an item holds, as far as judging it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Deleted,
    /// Text. Its payload is a varString.
    Text,
    /// A mark or an embed of a text.
    Rich,
    /// A shared type, which may be a parent.
    Type(Kind),
    /// Values. Their payload is a count and that many values.
    Any,
    Binary,
}

pub(super) const ORIGIN: u8 = 0x80;
pub(super) const RIGHT_ORIGIN: u8 = 0x40;
const PARENT_SUB: u8 = 0x20;
const CONTENT: u8 = 0x1f;
pub(super) const SKIP: u8 = 10;

impl<'a> Struct<'a> {
    /// Inlined, so that whoever only counts clocks makes no items to throw away.
    #[inline(always)]
    pub fn read(r: &mut Reader<'a>) -> Read<Struct<'a>> {
        let info = r.byte()?;
        match info {
            0 => Ok(Struct { len: r.len()?, body: Body::Gc }),
            SKIP => Ok(Struct { len: r.len()?, body: Body::Skip }),
            _ => {
                let origin = if info & ORIGIN != 0 { Some(r.id()?) } else { None };
                let right_origin = if info & RIGHT_ORIGIN != 0 { Some(r.id()?) } else { None };
                let parent = match (origin, right_origin) {
                    (None, None) => Parent::read(r, info & PARENT_SUB != 0)?,
                    _ => Parent::Neighbours,
                };
                let offset = r.offset();
                let (len, content) = Content::read(r, info & CONTENT)?;
                Ok(Struct { len, body: Body::Item(Item { origin, right_origin, parent, content, offset }) })
            }
        }
    }

    /// Whether `next` continues this one as Yjs' `Item.mergeWith` would have it, as far as the two of them tell.
    pub fn joins(&self, id_of_last: Id, next: &Struct<'_>) -> bool {
        match (&self.body, &next.body) {
            (Body::Item(a), Body::Item(b)) => {
                a.content == b.content
                    && matches!(a.content, Content::Text | Content::Any)
                    && b.origin == Some(id_of_last)
                    && a.right_origin == b.right_origin
            }
            _ => false,
        }
    }
}

impl<'a> Parent<'a> {
    fn read(r: &mut Reader<'a>, keyed: bool) -> Read<Parent<'a>> {
        let key = |r: &mut Reader<'a>| if keyed { r.string().map(Some) } else { Ok(None) };
        if r.flag()? {
            let name = r.string()?;
            Ok(Parent::Root(name, key(r)?))
        } else {
            let id = r.id()?;
            Ok(Parent::Type(id, key(r)?))
        }
    }
}

impl Content {
    #[inline]
    fn read(r: &mut Reader<'_>, kind: u8) -> Read<(u32, Content)> {
        match kind {
            1 => Ok((r.len()?, Content::Deleted)),
            3 => r.buffer().map(|_| (1, Content::Binary)),
            4 => match r.text_len()? {
                0 => r.refuse("nothing has no place in an update"),
                len => Ok((len, Content::Text)),
            },
            5 => r.json().map(|()| (1, Content::Rich)),
            6 => {
                r.string()?;
                r.json().map(|()| (1, Content::Rich))
            }
            7 => match r.byte()? {
                5 => r.refuse("XML hooks are not supported"),
                number => match Kind::numbered(number) {
                    Some(Kind::XmlElement) => r.string().map(|_| (1, Content::Type(Kind::XmlElement))),
                    Some(kind) => Ok((1, Content::Type(kind))),
                    None => r.refuse("a shared type of an unknown kind"),
                },
            },
            8 => {
                let count = r.count(1)?;
                if count == 0 {
                    return r.refuse("nothing has no place in an update");
                }
                for _ in 0..count {
                    r.any(0)?;
                }
                Ok((count as u32, Content::Any))
            }
            2 => r.refuse("JSON items as Yjs wrote them before version 13 are not supported"),
            9 => r.refuse("subdocuments are not supported"),
            _ => r.refuse("a struct of an unknown kind"),
        }
    }
}

/// The structs of one client in an update.
#[derive(Debug, Clone, Copy)]
pub(super) struct Section {
    pub client: u64,
    /// Clock of the first struct.
    pub start: u32,
    /// Clock after the last.
    pub end: u32,
    pub structs: u32,
    /// Offset of the first struct's bytes.
    pub offset: usize,
    /// Clock from which on the document did not know this client, before this update.
    pub known: u32,
}

/// The deleted ranges of one client in an update.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deletions {
    pub client: u64,
    pub ranges: u32,
    /// Clock after the last range, 0 without any.
    pub end: u32,
    pub offset: usize,
}

/// What a first reading of a whole update finds: its bytes obey the grammar, and this is where things are.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// By client, descending, which is how Yjs writes them.
    pub sections: SmallVec<[Section; 1]>,
    /// By client, descending.
    pub deletions: SmallVec<[Deletions; 1]>,
    pub structs: usize,
    /// Deleted ranges.
    pub ranges: usize,
    /// Structs that continue the one before, so that one could be made of the two.
    pub joinable: usize,
    /// Where the delete set begins.
    pub delete_set: usize,
}

impl Outline {
    pub fn read(bytes: &[u8]) -> Read<Outline> {
        let mut r = Reader::new(bytes);
        let mut outline = Outline::default();
        for _ in 0..r.count(5)? {
            let section = outline.read_section(&mut r)?;
            outline.sections.push(section);
        }
        outline.delete_set = r.offset();
        for _ in 0..r.count(2)? {
            let deletions = read_deletions(&mut r)?;
            outline.ranges += deletions.ranges as usize;
            outline.deletions.push(deletions);
        }
        r.end()?;
        let once = sorted_once(&mut outline.sections, |section| section.client)
            && sorted_once(&mut outline.deletions, |deletions| deletions.client);
        if once { Ok(outline) } else { r.refuse("a client has two sections") }
    }

    fn read_section(&mut self, r: &mut Reader<'_>) -> Read<Section> {
        let structs = r.count(2)?;
        let client = r.client()?;
        let start = r.clock()?;
        let offset = r.offset();
        if structs == 0 {
            return r.refuse("nothing has no place in an update");
        }
        let mut end = start;
        let mut last: Option<Struct<'_>> = None;
        for _ in 0..structs {
            let next = Struct::read(r)?;
            if last.is_some_and(|last| last.joins(Id { client, clock: end - 1 }, &next)) {
                self.joinable += 1;
            }
            end = advance(r, end, next.len)?;
            if u64::from(end) + 1 == CLOCK_END && !matches!(next.body, Body::Skip) {
                return r.refuse("a clock leaves no room for a hole");
            }
            last = Some(next);
        }
        self.structs += structs;
        Ok(Section { client, start, end, structs: structs as u32, offset, known: 0 })
    }

    /// The section of a client, if it has one.
    pub fn section(&self, client: u64) -> Option<usize> {
        self.sections.binary_search_by(|section| client.cmp(&section.client)).ok()
    }

    /// The deletions of a client, if there are any.
    pub fn deletions_of(&self, client: u64) -> Option<&Deletions> {
        let at = self.deletions.binary_search_by(|deletions| client.cmp(&deletions.client)).ok()?;
        Some(&self.deletions[at])
    }
}

impl Deletions {
    /// The ranges, ascending and apart, as start and end.
    pub fn ranges<'a>(&self, bytes: &'a [u8]) -> impl Iterator<Item = (u32, u32)> + 'a {
        let mut r = Reader::at(bytes, self.offset);
        (0..self.ranges).map(move |_| {
            let (start, len) = (r.clock(), r.len());
            match (start, len) {
                (Ok(start), Ok(len)) => (start, start + len),
                _ => unreachable!("the outline has read these bytes before"),
            }
        })
    }
}

/// Ranges come ascending and apart: Yjs sorts and merges them, and whoever may rely on that need not sort again.
fn read_deletions(r: &mut Reader<'_>) -> Read<Deletions> {
    let client = r.client()?;
    let ranges = r.count(2)? as u32;
    let offset = r.offset();
    let mut end = 0;
    for _ in 0..ranges {
        let start = r.clock()?;
        if start < end {
            return r.refuse("deleted ranges out of order");
        }
        let len = r.len()?;
        end = advance(r, start, len)?;
    }
    Ok(Deletions { client, ranges, end, offset })
}

fn advance(r: &Reader<'_>, clock: u32, len: u32) -> Read<u32> {
    let end = u64::from(clock) + u64::from(len);
    if end < CLOCK_END { Ok(end as u32) } else { r.refuse("a clock is too large") }
}

/// Sort descending by client, as Yjs does anyway. False when a client is there twice.
fn sorted_once<T>(parts: &mut [T], client: impl Fn(&T) -> u64) -> bool {
    if parts.is_sorted_by(|a, b| client(a) > client(b)) {
        return true;
    }
    parts.sort_unstable_by_key(|part| std::cmp::Reverse(client(part)));
    parts.is_sorted_by(|a, b| client(a) > client(b))
}
