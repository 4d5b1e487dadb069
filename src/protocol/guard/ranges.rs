//! A set of clocks as ranges: sorted, apart, none of them touching.

/// Clocks of one client. What is typical, a range at the end or one that continues the last, costs no search.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Ranges(Vec<(u32, u32)>);

impl Ranges {
    /// Whether every clock from `start` up to `end` is in the set.
    pub fn cover(&self, start: u32, end: u32) -> bool {
        let at = self.0.partition_point(|range| range.1 < end);
        self.0.get(at).is_some_and(|range| range.0 <= start)
    }

    pub fn contains(&self, clock: u32) -> bool {
        self.cover(clock, clock + 1)
    }

    /// Add clocks that lie behind all others.
    pub fn append(&mut self, start: u32, end: u32) {
        match self.0.last_mut() {
            Some(last) if last.1 >= start => last.1 = last.1.max(end),
            _ => self.0.push((start, end)),
        }
    }

    fn insert(&mut self, start: u32, end: u32) {
        if self.0.last().is_none_or(|last| last.0 <= start) {
            return self.append(start, end);
        }
        let from = self.0.partition_point(|range| range.1 < start);
        let to = self.0.partition_point(|range| range.0 <= end);
        if from == to {
            return self.0.insert(from, (start, end));
        }
        let merged = (start.min(self.0[from].0), end.max(self.0[to - 1].1));
        self.0[from] = merged;
        self.0.drain(from + 1..to);
    }

    /// Add many ranges, ascending. True when that added a clock. Few ranges are searched for; many are merged in one
    /// pass, for inserting each by itself would move the tail of the list as many times.
    pub fn merge(&mut self, ranges: impl Iterator<Item = (u32, u32)>, count: usize) -> bool {
        const FEW: usize = 8;
        let mut news = false;
        if count <= FEW || self.0.is_empty() {
            for (start, end) in ranges {
                if !self.cover(start, end) {
                    news = true;
                    self.insert(start, end);
                }
            }
            return news;
        }
        let before = std::mem::take(self);
        let mut old = before.0.iter().peekable();
        for (start, end) in ranges {
            while let Some(range) = old.next_if(|range| range.0 <= start) {
                self.append(range.0, range.1);
            }
            news |= !before.cover(start, end);
            self.append(start, end);
        }
        old.for_each(|range| self.append(range.0, range.1));
        news
    }

    /// Clock after the last, 0 when the set is empty.
    pub fn end(&self) -> u32 {
        self.0.last().map_or(0, |last| last.1)
    }

    /// A mark to come back to with [`Ranges::reset`] after appending.
    pub fn mark(&self) -> (usize, u32) {
        (self.0.len(), self.end())
    }

    /// Forget what was appended since the mark was taken.
    pub fn reset(&mut self, (len, end): (usize, u32)) {
        self.0.truncate(len);
        if let Some(last) = self.0.last_mut() {
            last.1 = end;
        }
    }

    /// The ranges that end behind a clock, cut to what lies behind it.
    pub fn from(&self, clock: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
        let at = self.0.partition_point(|range| range.1 <= clock);
        self.0[at..].iter().map(move |&(start, end)| (start.max(clock), end))
    }

    #[cfg(test)]
    pub fn as_slice(&self) -> &[(u32, u32)] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng, rngs::StdRng};

    use super::*;

    #[test]
    fn a_set_of_ranges_is_a_set() {
        for seed in 0..200 {
            let mut random = StdRng::seed_from_u64(seed);
            let (mut set, mut model) = (Ranges::default(), [false; 256]);
            for _ in 0..8 {
                let (mut ranges, mut at) = (Vec::new(), 0);
                while at < 230 && ranges.len() < random.random_range(1..14) {
                    let start = at + random.random_range(0..40);
                    at = start + random.random_range(1..10);
                    ranges.push((start, at.min(256)));
                }
                ranges.retain(|range| range.0 < range.1);
                let news = ranges.iter().any(|r| (r.0..r.1).any(|clock| !model[clock as usize]));
                ranges.iter().for_each(|r| model[r.0 as usize..r.1 as usize].fill(true));
                assert_eq!(set.merge(ranges.iter().copied(), ranges.len()), news, "seed {seed}");
                assert!(set.as_slice().windows(2).all(|w| w[0].1 < w[1].0), "seed {seed}: {set:?}");
                for clock in 0..256 {
                    assert_eq!(set.contains(clock), model[clock as usize], "seed {seed}, clock {clock}");
                }
            }
        }
    }

    #[test]
    fn appending_can_be_undone() {
        let mut set = Ranges::default();
        set.append(0, 5);
        let (mark, before) = (set.mark(), set.clone());
        set.append(5, 9);
        set.append(12, 14);
        set.reset(mark);
        assert_eq!(set, before);
        assert_eq!(set.from(3).collect::<Vec<_>>(), [(3, 5)]);
    }
}
