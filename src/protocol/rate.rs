//! How fast a connection may speak. Who is faster is read more slowly; nothing is dropped. Time is an argument.

use std::time::{Duration, Instant};

/// A token bucket: `per_second` of something on average, one second's worth at once.
#[derive(Debug)]
pub struct Rate {
    per_second: f64,
    /// What may be taken at `at`. Negative after somebody took more than there was.
    available: f64,
    at: Instant,
}

impl Rate {
    /// `per_second` must not be zero: a bucket that never fills lets nothing pass.
    pub fn new(per_second: u64, now: Instant) -> Rate {
        assert!(per_second > 0, "a rate lets something pass");
        Rate { per_second: per_second as f64, available: per_second as f64, at: now }
    }

    /// Take `amount`, and learn how long to wait before the next is taken. A single large amount is let through and
    /// waited for afterwards: a paste is larger than any second's worth.
    pub fn take(&mut self, amount: u64, now: Instant) -> Duration {
        let earned = now.saturating_duration_since(self.at).as_secs_f64() * self.per_second;
        self.available = (self.available + earned).min(self.per_second) - amount as f64;
        self.at = now;
        if self.available >= 0.0 {
            return Duration::ZERO;
        }
        Duration::from_secs_f64(-self.available / self.per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_passes_at_once_and_the_rest_at_the_rate() {
        let start = Instant::now();
        let mut rate = Rate::new(10, start);
        assert!((0..10).all(|_| rate.take(1, start).is_zero()));
        assert_eq!(rate.take(1, start), Duration::from_millis(100));
        assert_eq!(rate.take(1, start), Duration::from_millis(200));
        assert!(rate.take(0, start + Duration::from_millis(200)).is_zero());
    }

    #[test]
    fn rest_earns_no_more_than_a_second() {
        let start = Instant::now();
        let mut rate = Rate::new(10, start);
        let later = start + Duration::from_secs(3600);
        assert_eq!(rate.take(15, later), Duration::from_millis(500));
    }
}
