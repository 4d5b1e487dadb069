//! Texts that were handed out lately, so that what somebody makes of one can be merged when others have written meanwhile.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::limits;

/// The last texts, by their entity tags. Bounded in number, bytes and age.
#[derive(Default)]
pub struct Texts(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// The last handed out is the last.
    texts: VecDeque<(String, Arc<str>, Instant)>,
    bytes: usize,
}

impl Texts {
    pub(super) fn keep(&self, tag: &str, text: &Arc<str>) {
        self.lock().keep(tag, text, Instant::now());
    }

    pub(super) fn find(&self, tag: &str) -> Option<Arc<str>> {
        self.lock().find(tag, Instant::now())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn keep(&mut self, tag: &str, text: &Arc<str>, now: Instant) {
        if let Some(at) = self.texts.iter().position(|(known, ..)| known == tag) {
            let (_, text, _) = self.texts.remove(at).expect("it was just found");
            self.bytes -= text.len();
        }
        self.texts.push_back((tag.to_owned(), text.clone(), now));
        self.bytes += text.len();
        while self.texts.len() > limits::BASE_TEXTS || self.bytes > limits::BASE_TEXTS_BYTES {
            let Some((_, text, _)) = self.texts.pop_front() else { return };
            self.bytes -= text.len();
        }
    }

    fn find(&self, tag: &str, now: Instant) -> Option<Arc<str>> {
        let found = self.texts.iter().find(|(known, ..)| known == tag);
        let fresh = found.filter(|(.., at)| now.saturating_duration_since(*at) < limits::BASE_TEXT_FOR);
        fresh.map(|(_, text, _)| text.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_texts_are_known_for_a_while() {
        let (mut kept, now) = (Kept::default(), Instant::now());
        for n in 0..limits::BASE_TEXTS + 1 {
            kept.keep(&n.to_string(), &Arc::from("text"), now);
        }
        assert!(kept.find("0", now).is_none(), "the oldest made room");
        assert_eq!(kept.find("1", now).as_deref(), Some("text"));
        assert!(kept.find("1", now + limits::BASE_TEXT_FOR).is_none());
        let large = Arc::from("x".repeat(limits::BASE_TEXTS_BYTES - 4));
        kept.keep("large", &large, now);
        assert_eq!((kept.texts.len(), kept.bytes), (2, limits::BASE_TEXTS_BYTES));
        kept.keep("large", &large, now);
        assert_eq!(kept.texts.len(), 2, "the same text again is the same text");
    }
}
