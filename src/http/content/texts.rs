//! Texts that were handed out lately, so that what somebody makes of one can be merged when others have written meanwhile.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::ids::DocNumber;
use crate::limits;

/// The last texts, by their entity tags. Bounded in number, bytes and age.
#[derive(Default)]
pub struct Texts(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// The last handed out is the last.
    texts: VecDeque<Text>,
    bytes: usize,
}

struct Text {
    document: DocNumber,
    tag: String,
    text: Arc<str>,
    at: Instant,
}

impl Texts {
    pub(super) fn keep(&self, document: DocNumber, tag: &str, text: &Arc<str>) {
        let text = Text { document, tag: tag.to_owned(), text: text.clone(), at: Instant::now() };
        self.lock().keep(text);
    }

    pub(super) fn find(&self, document: DocNumber, tag: &str) -> Option<Arc<str>> {
        self.lock().find(document, tag, Instant::now())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn keep(&mut self, text: Text) {
        let same = |known: &Text| known.document == text.document && known.tag == text.tag;
        if let Some(before) = self.texts.iter().position(same).and_then(|at| self.texts.remove(at)) {
            self.bytes -= before.text.len();
        }
        self.bytes += text.text.len();
        self.texts.push_back(text);
        while self.texts.len() > limits::BASE_TEXTS || self.bytes > limits::BASE_TEXTS_BYTES {
            let Some(oldest) = self.texts.pop_front() else { return };
            self.bytes -= oldest.text.len();
        }
    }

    fn find(&self, document: DocNumber, tag: &str, now: Instant) -> Option<Arc<str>> {
        let found = self.texts.iter().find(|known| known.document == document && known.tag == tag)?;
        let fresh = now.saturating_duration_since(found.at) < limits::BASE_TEXT_FOR;
        fresh.then(|| found.text.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_texts_are_known_for_a_while_and_of_their_document() {
        let (mut kept, at) = (Kept::default(), Instant::now());
        let (plan, diary) = (DocNumber(1), DocNumber(2));
        let text =
            |tag: &str, text: &str| Text { document: plan, tag: tag.to_owned(), text: text.into(), at };
        for n in 0..limits::BASE_TEXTS + 1 {
            kept.keep(text(&n.to_string(), "text"));
        }
        assert!(kept.find(plan, "0", at).is_none(), "the oldest made room");
        assert_eq!(kept.find(plan, "1", at).as_deref(), Some("text"));
        assert!(kept.find(diary, "1", at).is_none(), "what another document said says nothing of this one");
        assert!(kept.find(plan, "1", at + limits::BASE_TEXT_FOR).is_none());
        let large = "x".repeat(limits::BASE_TEXTS_BYTES - 4);
        kept.keep(text("large", &large));
        assert_eq!((kept.texts.len(), kept.bytes), (2, limits::BASE_TEXTS_BYTES));
        kept.keep(text("large", &large));
        assert_eq!(kept.texts.len(), 2, "the same text again is the same text");
    }
}
