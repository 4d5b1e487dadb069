//! When everybody hears of a change of presence: at once after a quiet moment, and otherwise together with the others of
//! the moment. Fifty carets that move are fifty frames a reader without it, and one with it. Pure: states and time in, frames out.

use std::collections::BTreeMap;
use std::time::Instant;

use bytes::Bytes;

use crate::ids::ClientId;
use crate::limits;
use crate::protocol::awareness::{Entry, encode};
use crate::protocol::message;

/// What is to be told, the last word of each client.
#[derive(Debug, Default)]
pub(super) struct Announcer {
    waiting: BTreeMap<ClientId, Entry>,
    last: Option<Instant>,
}

impl Announcer {
    pub(super) fn add(&mut self, changed: Vec<Entry>) {
        self.waiting.extend(changed.into_iter().map(|entry| (entry.client, entry)));
    }

    /// When there will be something to tell, if there is.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        let next = self.last.map_or(now, |last| last + limits::PRESENCE_EVERY);
        (!self.waiting.is_empty()).then_some(next)
    }

    /// The frame for everybody, the senders too: a stock client alone in a document hears nothing else.
    pub(super) fn take(&mut self, now: Instant) -> Option<Bytes> {
        if self.due(now)? > now {
            return None;
        }
        self.last = Some(now);
        let entries = std::mem::take(&mut self.waiting);
        Some(message::awareness(&encode(entries.values())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(client: u64, clock: u64) -> Vec<Entry> {
        vec![Entry { client: ClientId(client), clock, state: Bytes::from_static(b"{}") }]
    }

    #[test]
    fn the_first_is_told_at_once_and_the_next_together() {
        let (mut announcer, start) = (Announcer::default(), Instant::now());
        assert_eq!((announcer.due(start), announcer.take(start)), (None, None));
        announcer.add(moved(1, 1));
        assert_eq!(announcer.due(start), Some(start));
        assert!(announcer.take(start).is_some());
        announcer.add(moved(1, 2));
        announcer.add(moved(2, 1));
        announcer.add(moved(1, 3));
        let next = start + limits::PRESENCE_EVERY;
        assert_eq!((announcer.due(start), announcer.take(start)), (Some(next), None));
        let last_words = [moved(1, 3), moved(2, 1)].concat();
        assert_eq!(announcer.take(next), Some(message::awareness(&encode(last_words.iter()))));
        assert_eq!(announcer.due(next), None);
    }

    #[test]
    fn whoever_moves_after_a_pause_is_seen_at_once() {
        let (mut announcer, start) = (Announcer::default(), Instant::now());
        announcer.add(moved(1, 1));
        assert!(announcer.take(start).is_some());
        let later = start + limits::PRESENCE_EVERY;
        announcer.add(moved(1, 2));
        assert!(announcer.take(later).is_some());
    }
}
