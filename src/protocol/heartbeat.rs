//! When to speak into a silence, and when to take it for death. Time is an argument.

use std::time::{Duration, Instant};

/// How a connection keeps itself and its peer sure of each other.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    /// A ping goes out after this much silence from the peer.
    pub ping_every: Duration,
    /// An empty awareness message goes out after this much silence to the peer.
    pub filler_after: Duration,
}

/// What a moment calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    Ping,
    Filler,
    /// Two pings stayed unanswered.
    Dead,
}

/// One connection's heartbeat.
#[derive(Debug)]
pub struct Heartbeat {
    rhythm: Rhythm,
    last_heard: Instant,
    last_sent: Instant,
    /// Pings since the peer was last heard, and when the next is due.
    unanswered: u32,
    next_ping: Instant,
}

impl Heartbeat {
    pub fn new(rhythm: Rhythm, now: Instant) -> Heartbeat {
        Heartbeat {
            rhythm,
            last_heard: now,
            last_sent: now,
            unanswered: 0,
            next_ping: now + rhythm.ping_every,
        }
    }

    /// Any byte from the peer proves that it lives.
    pub fn heard(&mut self, now: Instant) {
        self.last_heard = now;
        self.unanswered = 0;
        self.next_ping = now + self.rhythm.ping_every;
    }

    /// A message (not a ping: scripts do not see those) went to the peer then.
    pub fn sent(&mut self, at: Instant) {
        self.last_sent = self.last_sent.max(at);
    }

    /// When to ask [`Heartbeat::beat`] again.
    pub fn wake_at(&self) -> Instant {
        self.next_ping.min(self.last_sent + self.rhythm.filler_after)
    }

    /// What is due now, if anything. Ask again until it says `None`.
    pub fn beat(&mut self, now: Instant) -> Option<Beat> {
        if now >= self.next_ping {
            if self.unanswered == 2 {
                return Some(Beat::Dead);
            }
            self.unanswered += 1;
            self.next_ping = now + self.rhythm.ping_every;
            return Some(Beat::Ping);
        }
        if now >= self.last_sent + self.rhythm.filler_after {
            self.last_sent = now;
            return Some(Beat::Filler);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RHYTHM: Rhythm =
        Rhythm { ping_every: Duration::from_secs(20), filler_after: Duration::from_secs(15) };

    /// Every beat of a connection, with its second, on which `hears` says when the peer is heard.
    fn beats(seconds: u64, hears: impl Fn(u64) -> bool) -> Vec<(u64, Beat)> {
        let start = Instant::now();
        let mut heart = Heartbeat::new(RHYTHM, start);
        let mut beats = Vec::new();
        for second in 1..=seconds {
            let now = start + Duration::from_secs(second);
            if hears(second) {
                heart.heard(now);
            }
            while let Some(beat) = heart.beat(now) {
                beats.push((second, beat));
                if beat == Beat::Dead {
                    return beats;
                }
            }
        }
        beats
    }

    #[test]
    fn a_silent_peer_is_pinged_twice_and_then_dead() {
        let pings: Vec<_> = beats(100, |_| false).into_iter().filter(|(_, b)| *b != Beat::Filler).collect();
        assert_eq!(pings, [(20, Beat::Ping), (40, Beat::Ping), (60, Beat::Dead)]);
    }

    #[test]
    fn one_that_answers_lives() {
        assert!(beats(1000, |second| second % 21 == 0).iter().all(|(_, beat)| *beat != Beat::Dead));
    }

    #[test]
    fn nobody_hears_nothing_for_longer_than_the_filler_interval() {
        let fillers: Vec<_> = beats(60, |_| true).into_iter().map(|(second, _)| second).collect();
        assert_eq!(fillers, [15, 30, 45, 60]);
    }
}
