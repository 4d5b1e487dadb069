//! Failed attempts at passwords, counted: after a few, the next has to wait, longer each time. Time is an argument.
//!
//! Count an attempt by the address it comes from and by the name or link it is for, in two of these: the first slows who tries many
//! names, the second who has many addresses. The longest wait is short, for whoever knows a name can make its owner wait.

use core::net::{IpAddr, Ipv6Addr};
use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

use crate::limits;

/// Who failed lately, and how often. Bounded: who failed least and longest ago makes room.
#[derive(Debug)]
pub struct Attempts<K> {
    failed: HashMap<K, Failed>,
}

#[derive(Debug)]
struct Failed {
    /// Failures that count at `counted`, from when on they are forgotten one by one.
    times: u32,
    counted: Instant,
    /// The last attempt.
    tried: Instant,
}

/// The wait after the first failure that is not free. Each further one doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(1);

impl<K> Default for Attempts<K> {
    fn default() -> Attempts<K> {
        Attempts { failed: HashMap::new() }
    }
}

impl<K: Eq + Hash + Clone> Attempts<K> {
    /// Somebody is about to try, which counts as a failure until [`Attempts::succeeded`]: however many try at once, no more get
    /// through. The error is how long they have to wait first, and counts as nothing.
    pub fn begin(&mut self, who: K, now: Instant) -> Result<(), Duration> {
        if let Some(failed) = self.failed.get_mut(&who) {
            let (times, counted) = failed.left(now);
            let wait = wait_after(times).saturating_sub(now.saturating_duration_since(failed.tried));
            if wait > Duration::ZERO {
                return Err(wait);
            }
            *failed = Failed { times: times.saturating_add(1), counted, tried: now };
        } else {
            if self.failed.len() >= limits::ATTEMPTS {
                self.make_room(now);
            }
            self.failed.insert(who, Failed { times: 1, counted: now, tried: now });
        }
        Ok(())
    }

    /// It was the right password: this attempt does not count. Earlier ones do, or else somebody with an account of their own could
    /// clear their address with it between two attempts at others.
    pub fn succeeded(&mut self, who: &K) {
        if let Some(failed) = self.failed.get_mut(who) {
            failed.times = failed.times.saturating_sub(1);
        }
    }

    fn make_room(&mut self, now: Instant) {
        self.failed.retain(|_, failed| failed.left(now).0 > 0);
        if self.failed.len() < limits::ATTEMPTS {
            return;
        }
        let least = self.failed.iter().min_by_key(|(_, failed)| (failed.left(now).0, failed.tried));
        if let Some(who) = least.map(|(who, _)| who.clone()) {
            self.failed.remove(&who);
        }
    }
}

fn wait_after(times: u32) -> Duration {
    match times.checked_sub(limits::FREE_ATTEMPTS) {
        None => Duration::ZERO,
        Some(further) => limits::ATTEMPT_WAIT.min(FIRST_WAIT * (1 << further.min(16))),
    }
}

impl Failed {
    /// Failures that still count, and since when. Further attempts do not put off the forgetting, or else an office behind one
    /// address, where somebody signs in all the time, would never be rid of what was mistyped there.
    fn left(&self, now: Instant) -> (u32, Instant) {
        let since = now.saturating_duration_since(self.counted).as_millis();
        let forgotten = since / limits::ATTEMPT_FORGOTTEN_AFTER.as_millis();
        match u32::try_from(forgotten) {
            Ok(forgotten) if forgotten < self.times => {
                (self.times - forgotten, self.counted + limits::ATTEMPT_FORGOTTEN_AFTER * forgotten)
            }
            _ => (0, now),
        }
    }
}

/// What counts as one address: a home or a machine has a whole /64 of IPv6.
pub fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As often as one may without waiting.
    fn fail_freely<K: Eq + Hash + Clone>(attempts: &mut Attempts<K>, who: K, now: Instant) {
        for _ in 0..limits::FREE_ATTEMPTS {
            assert_eq!(attempts.begin(who.clone(), now), Ok(()));
        }
        assert!(attempts.begin(who, now).is_err(), "and no oftener");
    }

    #[test]
    fn after_some_free_ones_each_failure_waits_longer() {
        let mut attempts = Attempts::default();
        let mut now = Instant::now();
        for _ in 0..limits::FREE_ATTEMPTS {
            assert_eq!(attempts.begin("ann", now), Ok(()));
        }
        let mut waits = Vec::new();
        for _ in 0..7 {
            let wait = attempts.begin("ann", now).expect_err("a wait");
            waits.push(wait.as_secs());
            assert!(
                attempts.begin("ann", now + wait - Duration::from_millis(1)).is_err(),
                "not a bit earlier"
            );
            now += wait;
            assert_eq!(attempts.begin("ann", now), Ok(()));
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(attempts.begin("ben", now), Ok(()), "others do not wait");
    }

    #[test]
    fn many_at_once_get_no_more_tries_than_one_after_the_other() {
        let mut attempts = Attempts::default();
        let now = Instant::now();
        let through = (0..1_000).filter(|_| attempts.begin("ann", now).is_ok()).count();
        assert_eq!(through, limits::FREE_ATTEMPTS as usize);
    }

    #[test]
    fn a_success_does_not_count_and_quiet_is_forgotten_step_by_step() {
        let mut attempts = Attempts::default();
        let now = Instant::now();
        fail_freely(&mut attempts, "ann", now);
        attempts.succeeded(&"ann");
        assert_eq!(attempts.begin("ann", now), Ok(()));
        assert!(attempts.begin("ann", now).is_err(), "the failures before it count on");
        let later = now + limits::ATTEMPT_FORGOTTEN_AFTER * 2;
        assert_eq!(attempts.begin("ann", later), Ok(()));
        assert_eq!(attempts.begin("ann", later), Ok(()), "two were forgotten");
        assert!(attempts.begin("ann", later).is_err());
    }

    #[test]
    fn who_signs_in_often_is_forgiven_all_the_same() {
        let mut attempts = Attempts::default();
        let mut now = Instant::now();
        fail_freely(&mut attempts, "office", now);
        for _ in 0..limits::FREE_ATTEMPTS * 4 {
            now += limits::ATTEMPT_FORGOTTEN_AFTER / 4;
            assert_eq!(attempts.begin("office", now), Ok(()));
            attempts.succeeded(&"office");
        }
        for _ in 0..limits::FREE_ATTEMPTS {
            assert_eq!(attempts.begin("office", now), Ok(()), "as if nothing had been");
        }
        assert!(attempts.begin("office", now).is_err());
    }

    #[test]
    fn only_so_many_are_remembered_and_the_worst_stay() {
        let mut attempts = Attempts::default();
        let now = Instant::now();
        fail_freely(&mut attempts, usize::MAX, now);
        for who in 0..limits::ATTEMPTS + 100 {
            assert_eq!(attempts.begin(who, now), Ok(()));
        }
        assert_eq!(attempts.failed.len(), limits::ATTEMPTS);
        assert!(attempts.begin(usize::MAX, now).is_err(), "a crowd does not wash its count away");
    }

    #[test]
    fn a_whole_network_of_ipv6_is_one() {
        let address = |text: &str| neighbourhood(text.parse().expect(text));
        assert_eq!(address("2001:db8:1:2:3:4:5:6"), address("2001:db8:1:2::1"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
    }
}
