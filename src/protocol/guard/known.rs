//! What a document contains, as far as judging updates needs it.

use std::collections::HashMap;

use smallvec::SmallVec;

use super::kinds::Kind;
use super::neighbours::Run;
use super::parse::Parent;
use super::ranges::Ranges;
use super::read::Id;
use crate::limits::TYPE_DEPTH;

/// Everything known about a document, client by client.
#[derive(Debug, Default)]
pub(super) struct Known {
    index: HashMap<u64, u32>,
    clients: Vec<Client>,
    pub places: Places,
    /// Set once stored items turn out to be between neighbours that can never have touched. Then nobody can tell any more
    /// which elements touch on a page, and honest items beside those must not be refused.
    pub unordered: bool,
}

/// One client's part.
#[derive(Debug, Default)]
pub(super) struct Client {
    id: u64,
    /// First clock not contained.
    pub clock: u32,
    /// Where its elements live: each run reaches up to the next one's clock. In a text that is one run.
    runs: SmallVec<[(u32, Place); 1]>,
    /// Between which neighbours its elements were put. What somebody types on is one run.
    origins: SmallVec<[Run; 1]>,
    /// Clocks of the items that hold a shared type, and which.
    types: Vec<(u32, Kind)>,
    /// Clocks that arrived without their content, which may have been anything.
    pub gone: Ranges,
    /// Clocks that are known to be deleted, those above included.
    pub deleted: Ranges,
}

/// A client's state to go back to.
#[derive(Debug)]
pub(super) struct Mark {
    clock: u32,
    runs: usize,
    origins: usize,
    types: usize,
    gone: (usize, u32),
}

impl Client {
    /// Where an element lives. [`Place::NOWHERE`] also for what is not known.
    pub fn place(&self, clock: u32) -> Place {
        if clock >= self.clock {
            return Place::NOWHERE;
        }
        match self.runs.last() {
            Some(run) if run.0 <= clock => run.1,
            _ => match self.runs.partition_point(|run| run.0 <= clock) {
                0 => Place::NOWHERE,
                at => self.runs[at - 1].1,
            },
        }
    }

    /// Take in elements that follow the last known one.
    pub fn extend(&mut self, end: u32, place: Place) {
        if self.runs.last().is_none_or(|run| run.1 != place) {
            self.runs.push((self.clock, place));
        }
        self.clock = end;
    }

    /// The runs of elements that were put one behind the other.
    pub fn runs_of_origins(&self) -> &[Run] {
        &self.origins
    }

    pub fn add_run(&mut self, run: Run) {
        self.origins.push(run);
    }

    pub fn add_type(&mut self, clock: u32, kind: Kind) {
        self.types.push((clock, kind));
    }

    fn type_at(&self, clock: u32) -> Option<Kind> {
        let at = self.types.binary_search_by_key(&clock, |&(clock, _)| clock).ok()?;
        Some(self.types[at].1)
    }

    pub fn mark(&self) -> Mark {
        Mark {
            clock: self.clock,
            runs: self.runs.len(),
            origins: self.origins.len(),
            types: self.types.len(),
            gone: self.gone.mark(),
        }
    }

    fn reset(&mut self, mark: &Mark) {
        self.clock = mark.clock;
        self.runs.truncate(mark.runs);
        self.origins.truncate(mark.origins);
        self.types.truncate(mark.types);
        self.gone.reset(mark.gone);
    }
}

impl Known {
    /// A client's slot, made when there is none.
    pub fn slot(&mut self, client: u64) -> u32 {
        *self.index.entry(client).or_insert_with(|| {
            self.clients.push(Client { id: client, ..Client::default() });
            (self.clients.len() - 1) as u32
        })
    }

    pub fn at(&mut self, slot: u32) -> &mut Client {
        &mut self.clients[slot as usize]
    }

    pub fn client(&self, client: u64) -> Option<&Client> {
        self.index.get(&client).map(|&slot| &self.clients[slot as usize])
    }

    pub fn clock(&self, client: u64) -> u32 {
        self.client(client).map_or(0, |client| client.clock)
    }

    pub fn place(&self, id: Id) -> Place {
        self.client(id.client).map_or(Place::NOWHERE, |client| client.place(id.clock))
    }

    /// The run that a known element is in.
    pub fn run_of(&self, id: Id) -> Option<(u32, u32)> {
        let &slot = self.index.get(&id.client)?;
        let client = &self.clients[slot as usize];
        if id.clock >= client.clock {
            return None;
        }
        let at = match client.origins.last() {
            Some(run) if run.start <= id.clock => client.origins.len(),
            _ => client.origins.partition_point(|run| run.start <= id.clock),
        };
        Some((slot, at.checked_sub(1)? as u32))
    }

    pub fn run(&self, (slot, at): (u32, u32)) -> &Run {
        &self.clients[slot as usize].origins[at as usize]
    }

    /// The run that a client's last item is in.
    pub fn last_run(&self, slot: u32) -> Option<&Run> {
        self.clients[slot as usize].origins.last()
    }

    /// Whose slot it is.
    pub fn client_of(&self, slot: u32) -> u64 {
        self.clients[slot as usize].id
    }

    /// The place that an explicit parent names, or why there is none.
    pub fn place_in(&mut self, parent: Parent<'_>) -> Result<Place, &'static str> {
        match parent {
            Parent::Neighbours => Ok(Place::NOWHERE),
            Parent::Root(name, key) => Ok(self.places.intern(
                Type::Root(name.into()),
                key,
                Facts { keyed: key.is_some(), depth: 0, kind: None },
            )),
            Parent::Type(id, key) => {
                let Some(client) = self.client(id.client) else { return Err(NO_PARENT) };
                if let Some(kind) = client.type_at(id.clock) {
                    let depth = self.places.depth(client.place(id.clock)) + 1;
                    if depth > TYPE_DEPTH {
                        return Err("shared types are nested too deeply");
                    }
                    let facts = Facts { keyed: key.is_some(), depth, kind: Some(kind) };
                    Ok(self.places.intern(Type::Item(id), key, facts))
                } else if client.gone.contains(id.clock) {
                    Ok(Place::NOWHERE)
                } else {
                    Err(NO_PARENT)
                }
            }
        }
    }

    /// How many clients there are: slots from this on are new to whoever asks now.
    pub fn slots(&self) -> u32 {
        self.clients.len() as u32
    }

    /// Take back what was added since clients were marked: clients in slots from `first_new` on go altogether.
    pub fn undo<'m>(&mut self, first_new: u32, clients: impl Iterator<Item = (u64, u32, &'m Mark)>) {
        for (client, slot, mark) in clients {
            if slot < first_new {
                self.at(slot).reset(mark);
            } else {
                self.index.remove(&client);
            }
        }
        self.clients.truncate(first_new as usize);
        self.places.undo();
    }
}

const NO_PARENT: &str = "a parent is not a shared type";

/// A list or one key of a map: what has to be the same for elements to be neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(u32);

impl Place {
    /// The place of what has none (any more): garbage, and what was put beside or into it.
    pub const NOWHERE: Place = Place(0);
}

/// A shared type: one of the document's own or one that an item holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Type {
    Root(Box<str>),
    Item(Id),
}

/// What there is to know of a place.
#[derive(Debug, Clone, Copy)]
struct Facts {
    /// Whether it is a map's key.
    keyed: bool,
    /// How deep its type is nested.
    depth: u16,
    /// What its type is, if it is one that an item holds.
    kind: Option<Kind>,
}

/// All places of a document, numbered from 1.
#[derive(Debug, Default)]
pub(super) struct Places {
    numbers: HashMap<(Type, Option<Box<str>>), u32>,
    /// By number less one.
    facts: Vec<Facts>,
    /// Those that came up since the last [`Places::keep`], to be taken back if their update is not accepted.
    fresh: Vec<(Type, Option<Box<str>>)>,
}

impl Places {
    fn intern(&mut self, parent: Type, key: Option<&str>, facts: Facts) -> Place {
        let place = (parent, key.map(Into::into));
        if let Some(&number) = self.numbers.get(&place) {
            return Place(number);
        }
        self.facts.push(facts);
        let number = self.facts.len() as u32;
        self.fresh.push(place.clone());
        self.numbers.insert(place, number);
        Place(number)
    }

    pub fn keep(&mut self) {
        self.fresh.clear();
    }

    fn undo(&mut self) {
        self.facts.truncate(self.facts.len() - self.fresh.len());
        for place in self.fresh.drain(..) {
            self.numbers.remove(&place);
        }
    }

    /// Whether this is a map's key, where each element replaces the one before.
    pub fn is_key(&self, place: Place) -> bool {
        place != Place::NOWHERE && self.facts[place.0 as usize - 1].keyed
    }

    /// The kind of the type that this is a place of, if it is one that an item holds.
    pub fn kind(&self, place: Place) -> Option<Kind> {
        if place == Place::NOWHERE { None } else { self.facts[place.0 as usize - 1].kind }
    }

    fn depth(&self, place: Place) -> u16 {
        if place == Place::NOWHERE { 0 } else { self.facts[place.0 as usize - 1].depth }
    }
}
