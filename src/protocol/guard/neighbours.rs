//! Whether two elements can ever have been neighbours.
//!
//! Yjs puts an item between two elements that touch in its author's copy, and only of such items does it hold that their
//! order is the same whoever takes them in, and when. An item between others is somewhere else on a page that was open
//! and on one that is opened later. No copy need be kept to tell: the left neighbours make a tree, whose order, each
//! before what was put behind it, is the document's. The right neighbour of a new item was put behind the left one or
//! behind one of those that this stands on; it is on the far side of the left one, and not beyond what that one was
//! put before.

use std::cmp::{Ordering, Reverse};

use super::known::Known;
use super::read::Id;

/// The left and the right neighbour of an element when it was put there.
pub(super) type Origins = (Option<Id>, Option<Id>);

/// Elements of one client that were put one behind the other, all before the same right neighbour. It reaches up to the
/// client's next run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    /// Clock of the first element.
    pub start: u32,
    /// How many runs this one stands on.
    depth: u32,
    /// A run that this one stands on, chosen so that the way down to any of them takes few steps; itself if there is none.
    jump: RunAt,
    pub origins: Origins,
}

/// Where a run is found: the client's slot, and its number there.
type RunAt = (u32, u32);

/// Steps to tell which of two siblings comes first. What people write at one place at once takes a few; with more, it is
/// left open.
const STEPS: u32 = 64;

/// The way down from an element to one that it may stand on.
enum Way {
    /// It is the element itself.
    Here,
    /// It leads there through this element, which was put behind the one below.
    Through(Id),
    Nowhere,
}

impl Known {
    /// Note between which neighbours an element was put that is not typed on, before it is taken in.
    pub fn put_between(&mut self, slot: u32, id: Id, origins: Origins) {
        let here = (slot, self.at(slot).runs_of_origins().len() as u32);
        let (depth, jump) = match origins.0.and_then(|left| self.run_of(left)) {
            None => (0, here),
            Some(below) => {
                let run = self.run(below);
                let (next, last) = (self.run(run.jump), self.run(self.run(run.jump).jump));
                let even = run.depth - next.depth == next.depth - last.depth;
                (run.depth + 1, if even && run.depth > 0 { next.jump } else { below })
            }
        };
        self.at(slot).add_run(Run { start: id.clock, depth, jump, origins });
    }

    /// Whether that is the right neighbour of what a client put last.
    pub fn is_last_put_before(&self, slot: u32, right: Option<Id>) -> bool {
        self.last_run(slot).is_some_and(|run| run.origins.1 == right)
    }

    /// Between which neighbours a known element was put.
    pub fn origins(&self, id: Id) -> Option<Origins> {
        let run = self.run(self.run_of(id)?);
        let before = Id { clock: id.clock.wrapping_sub(1), ..id };
        Some(if run.start == id.clock { run.origins } else { (Some(before), run.origins.1) })
    }

    /// Whether an item's neighbours, which are in one place, can ever have touched.
    pub fn can_touch(&self, (left, right): Origins) -> bool {
        let put_before = || left.and_then(|left| self.origins(left)).and_then(|origins| origins.1);
        let Some(right) = right else { return put_before().is_none() };
        let below = self.left_of(right);
        if below == left {
            return true;
        }
        let behind = match self.way(left, below) {
            Way::Here => true,
            Way::Through(branch) => {
                branch != right && self.is_before(branch, right, &mut { STEPS }).unwrap_or(true)
            }
            Way::Nowhere => false,
        };
        behind && put_before().is_none_or(|end| self.is_up_to(right, below, end))
    }

    /// Whether two neighbours were typed on in one go, the left one after the right one, which the two libraries take
    /// apart differently. It is all that is asked inside of nested types: when a deleted one comes back, Yjs' redo puts
    /// what was in it between neighbours that need not touch.
    pub fn are_reversed(&self, (left, right): Origins) -> bool {
        let (Some(left), Some(right)) = (left, right) else { return false };
        left.client == right.client && left.clock > right.clock && self.run_of(left) == self.run_of(right)
    }

    /// Whether an element that stands on `below` is `end` or before it, where both stand on what one other stands on.
    fn is_up_to(&self, id: Id, below: Option<Id>, end: Id) -> bool {
        id == end
            || match self.way(below, self.left_of(end)) {
                Way::Here => self.is_before(id, end, &mut { STEPS }).unwrap_or(true),
                Way::Through(_) => true,
                Way::Nowhere => false,
            }
    }

    /// Whether the one of two elements that were put behind the same comes first, as Yjs sorts them. Nothing when that
    /// takes too long to tell.
    fn is_before(&self, a: Id, b: Id, steps: &mut u32) -> Option<bool> {
        *steps = steps.checked_sub(1)?;
        let ((left, a_end), (_, b_end)) = (self.origins(a)?, self.origins(b)?);
        if a_end == Some(b) || b_end == Some(a) || a == b {
            return Some(a_end == Some(b));
        }
        if a_end != b_end {
            let sibling = |end: Option<Id>| end.filter(|&end| self.left_of(end) == left);
            if let Some(end) = sibling(a_end)
                && self.is_before(end, b, steps)?
            {
                return Some(true);
            }
            if let Some(end) = sibling(b_end)
                && self.is_before(end, a, steps)?
            {
                return Some(false);
            }
        }
        Some((a.client, Reverse(a.clock)) < (b.client, Reverse(b.clock)))
    }

    /// The way down from one element to another, or from and to nothing, which is below all.
    fn way(&self, from: Option<Id>, to: Option<Id>) -> Way {
        match (from, to) {
            (None, None) => Way::Here,
            (None, Some(_)) => Way::Nowhere,
            (Some(from), None) => self.root_below(from).map_or(Way::Nowhere, Way::Through),
            (Some(from), Some(to)) => self.way_to(from, to).unwrap_or(Way::Nowhere),
        }
    }

    /// The element without a left neighbour that another stands on in the end.
    fn root_below(&self, id: Id) -> Option<Id> {
        let mut here = self.run_of(id)?;
        while self.run(here).depth > 0 {
            here = self.run(here).jump;
        }
        Some(self.first_of(here))
    }

    fn way_to(&self, from: Id, to: Id) -> Option<Way> {
        let (mut here, target) = (self.run_of(from)?, self.run_of(to)?);
        let depth = self.run(target).depth;
        // Where the way enters the run, and the element behind that.
        let (mut at, mut through) = (from, None);
        while here != target {
            let run = self.run(here);
            if run.depth <= depth {
                return Some(Way::Nowhere);
            }
            if self.run(run.jump).depth > depth {
                here = run.jump;
                continue;
            }
            (at, through) = (run.origins.0?, Some(self.first_of(here)));
            here = self.run_of(at)?;
        }
        Some(match (at.clock.cmp(&to.clock), through) {
            (Ordering::Less, _) => Way::Nowhere,
            (Ordering::Equal, None) => Way::Here,
            (Ordering::Equal, Some(first)) => Way::Through(first),
            (Ordering::Greater, _) => Way::Through(Id { clock: to.clock + 1, ..to }),
        })
    }

    fn first_of(&self, run: RunAt) -> Id {
        Id { client: self.client_of(run.0), clock: self.run(run).start }
    }

    fn left_of(&self, id: Id) -> Option<Id> {
        self.origins(id).and_then(|origins| origins.0)
    }
}
