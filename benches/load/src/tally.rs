//! How far what some clients write has come to one place.

use std::rc::Rc;

use crate::wire::update::Span;

/// A client's writing up to a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Want {
    pub client: u64,
    pub clock: u64,
}

/// What has come of what is wanted.
#[derive(Debug, Clone)]
pub struct Tally {
    wants: Rc<[Want]>,
    clocks: Vec<u64>,
    holes: u64,
}

/// Something new of one client: clocks from `from` to just before `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advance {
    /// The place of the client among those wanted.
    pub index: usize,
    pub from: u64,
    pub to: u64,
    /// Clocks before `from` that were passed over.
    pub hole: u64,
}

impl Tally {
    pub fn new(wants: Rc<[Want]>) -> Tally {
        Tally { clocks: vec![0; wants.len()], wants, holes: 0 }
    }

    /// The place is that client's own: nothing of it needs to come.
    pub fn has_own(&mut self, index: usize) {
        self.clocks[index] = u64::MAX;
    }

    /// Take what an update has; `None` if it is not new, or not wanted.
    pub fn take(&mut self, span: Span) -> Option<Advance> {
        let index = self.wants.iter().position(|want| want.client == span.client)?;
        let clock = &mut self.clocks[index];
        if span.to <= *clock {
            return None;
        }
        let hole = span.from.saturating_sub(*clock);
        let advance = Advance { index, from: span.from.max(*clock), to: span.to, hole };
        self.holes += hole;
        *clock = span.to;
        Some(advance)
    }

    /// Whether the end of everything has come.
    pub fn is_complete(&self) -> bool {
        self.clocks.iter().zip(&*self.wants).all(|(&clock, want)| clock >= want.clock)
    }

    /// Clocks that have not come, in the middle and at the end.
    pub fn lacks(&self) -> u64 {
        let at_the_end = self.clocks.iter().zip(&*self.wants);
        self.holes + at_the_end.map(|(&clock, want)| want.clock.saturating_sub(clock)).sum::<u64>()
    }

    /// Clocks that were passed over.
    pub fn holes(&self) -> u64 {
        self.holes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: u64, to: u64) -> Span {
        Span { client: 7, from, to }
    }

    #[test]
    fn what_comes_twice_counts_once_and_what_is_left_out_is_lacking() {
        let mut tally = Tally::new([Want { client: 7, clock: 10 }].into());
        assert_eq!(tally.take(span(0, 4)), Some(Advance { index: 0, from: 0, to: 4, hole: 0 }));
        assert_eq!(tally.take(span(2, 4)), None);
        assert_eq!(tally.take(span(2, 6)), Some(Advance { index: 0, from: 4, to: 6, hole: 0 }));
        assert_eq!((tally.lacks(), tally.is_complete()), (4, false));
        assert_eq!(tally.take(span(8, 10)), Some(Advance { index: 0, from: 8, to: 10, hole: 2 }));
        assert_eq!((tally.lacks(), tally.holes(), tally.is_complete()), (2, 2, true));
        assert_eq!(tally.take(Span { client: 8, from: 0, to: 1 }), None);
    }
}
