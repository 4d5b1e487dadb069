//! How long somebody who is refused again and again waits before being told so. Many clients ignore why they were closed and
//! come straight back; the wait is what slows them down. Time is an argument.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

use crate::limits;

/// The wait after the first refusal that is not told at once. Each further one doubles it.
const SECOND_WAIT: Duration = Duration::from_millis(250);

/// Who was refused lately, and how often. Bounded: for whom there is no room, there is no wait either.
#[derive(Debug)]
pub struct Refusals<K> {
    remembered: HashMap<K, Refused>,
}

#[derive(Debug)]
struct Refused {
    /// Refusals that count at `at`.
    times: u32,
    at: Instant,
}

impl<K> Default for Refusals<K> {
    fn default() -> Refusals<K> {
        Refusals { remembered: HashMap::new() }
    }
}

impl<K: Eq + Hash> Refusals<K> {
    /// Somebody is refused: how long until they are told?
    pub fn refuse(&mut self, who: K, now: Instant) -> Duration {
        if self.remembered.len() >= limits::REFUSALS && !self.remembered.contains_key(&who) {
            self.remembered.retain(|_, refused| refused.times(now) > 0);
            if self.remembered.len() >= limits::REFUSALS {
                return Duration::ZERO;
            }
        }
        let refused = self.remembered.entry(who).or_insert(Refused { times: 0, at: now });
        let times = refused.times(now);
        let wait = match times {
            0 => Duration::ZERO,
            times => limits::REFUSED_FOR.min(SECOND_WAIT * (1 << (times - 1).min(16))),
        };
        let grows = wait < limits::REFUSED_FOR;
        *refused = Refused { times: times + u32::from(grows), at: now + wait };
        wait
    }
}

impl Refused {
    /// Refusals that still count.
    fn times(&self, now: Instant) -> u32 {
        let quiet = now.saturating_duration_since(self.at);
        let forgotten = quiet.as_millis() / limits::REFUSAL_FORGOTTEN_AFTER.as_millis();
        self.times.saturating_sub(u32::try_from(forgotten).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The waits of somebody who comes back `after` each refusal, in milliseconds.
    fn waits(refusals: &mut Refusals<&'static str>, mut now: Instant, after: Duration) -> Vec<u128> {
        let mut wait = || {
            let wait = refusals.refuse("them", now);
            now += wait + after;
            wait.as_millis()
        };
        (0..9).map(|_| wait()).collect()
    }

    #[test]
    fn who_comes_straight_back_waits_longer_each_time_and_never_too_long() {
        let start = Instant::now();
        let mut refusals = Refusals::default();
        let expected = [0, 250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000];
        assert_eq!(waits(&mut refusals, start, Duration::from_millis(100)), expected);
        assert_eq!(refusals.refuse("somebody else", start), Duration::ZERO);
    }

    #[test]
    fn who_takes_time_is_not_kept() {
        let mut refusals = Refusals::default();
        let polite = waits(&mut refusals, Instant::now(), limits::REFUSAL_FORGOTTEN_AFTER);
        assert!(polite.iter().all(|wait| *wait == 0), "{polite:?}");
    }

    #[test]
    fn a_quiet_while_is_forgotten_step_by_step() {
        let start = Instant::now();
        let mut refusals = Refusals::default();
        for _ in 0..4 {
            refusals.refuse("them", start); // as if all came at once
        }
        let told = start + Duration::from_secs(1);
        let later = told + limits::REFUSAL_FORGOTTEN_AFTER * 2;
        assert_eq!(refusals.refuse("them", later), Duration::from_millis(500));
        let much_later = later + limits::REFUSAL_FORGOTTEN_AFTER * 100;
        assert_eq!(refusals.refuse("them", much_later), Duration::ZERO);
    }

    #[test]
    fn only_so_many_are_remembered_and_those_who_went_make_room() {
        let start = Instant::now();
        let mut refusals = Refusals::default();
        for who in 0..limits::REFUSALS {
            refusals.refuse(who, start);
        }
        for _ in 0..3 {
            assert_eq!(refusals.refuse(usize::MAX, start), Duration::ZERO, "there is no room");
        }
        assert_eq!(refusals.remembered.len(), limits::REFUSALS);
        let later = start + limits::REFUSAL_FORGOTTEN_AFTER;
        assert_eq!(refusals.refuse(usize::MAX, later), Duration::ZERO);
        assert_eq!(refusals.refuse(usize::MAX, later), SECOND_WAIT);
        assert_eq!(refusals.remembered.len(), 1);
    }
}
