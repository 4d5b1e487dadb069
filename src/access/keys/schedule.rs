//! When keys are read again. Knows no clock and no source.

use std::time::{Duration, Instant};

/// How often a source is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// When nothing is out of the ordinary.
    pub every: Duration,
    /// When somebody waits for it, or nothing could be read yet. Tokens are anybody's, so that a flood of them must not become one of
    /// readings.
    pub soonest: Duration,
}

/// The times of one source.
#[derive(Debug)]
pub struct Schedule {
    pace: Pace,
    read: Instant,
    hurry: bool,
}

impl Schedule {
    /// It was read just now, for the first time.
    pub fn new(pace: Pace, now: Instant, went_well: bool) -> Schedule {
        Schedule { pace, read: now, hurry: !went_well }
    }

    /// When to read it again.
    pub fn due(&self) -> Instant {
        self.read + if self.hurry { self.pace.soonest.min(self.pace.every) } else { self.pace.every }
    }

    /// A token names a key that is not known: perhaps it is new.
    pub fn hurry(&mut self) {
        self.hurry = true;
    }

    /// It was read. Where there are no keys at all, everybody waits for the next time.
    pub fn was_read(&mut self, now: Instant, has_keys: bool) {
        self.read = now;
        self.hurry = !has_keys;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { every: Duration::from_secs(60), soonest: Duration::from_secs(10) };

    #[test]
    fn it_is_read_now_and_then_and_sooner_when_somebody_waits() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut schedule = Schedule::new(PACE, start, true);
        assert_eq!(schedule.due(), after(60));
        schedule.hurry();
        schedule.hurry();
        assert_eq!(schedule.due(), after(10), "not at once: it was read just now");
        schedule.was_read(after(10), true);
        assert_eq!(schedule.due(), after(70));
        schedule.was_read(after(70), false);
        assert_eq!(schedule.due(), after(80), "nobody is let in meanwhile");
    }

    #[test]
    fn what_is_read_often_anyway_is_not_slowed_down_by_a_hurry() {
        let start = Instant::now();
        let mut schedule = Schedule::new(Pace { every: Duration::from_secs(5), ..PACE }, start, true);
        schedule.hurry();
        assert_eq!(schedule.due(), start + Duration::from_secs(5));
    }
}
