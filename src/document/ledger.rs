//! What a document has accepted, how much of that is durable, and the changes in between. Pure bookkeeping.

use std::collections::VecDeque;

use crate::ids::Seq;
use crate::limits;
use crate::store::Change;

/// The changes that are not durable stay here, so that they can be journaled again when a disk that was full has space.
#[derive(Default)]
pub(super) struct Ledger {
    durable: Seq,
    unsaved: VecDeque<Change>,
    bytes: usize,
}

impl Ledger {
    /// Everything up to `seq` is accepted and durable.
    pub(super) fn new(seq: Seq) -> Ledger {
        Ledger { durable: seq, ..Ledger::default() }
    }

    /// The last change that was accepted.
    pub(super) fn accepted(&self) -> Seq {
        Seq(self.durable.0 + self.unsaved.len() as u64)
    }

    /// The last change that survives a power cut, with all before it.
    pub(super) fn durable(&self) -> Seq {
        self.durable
    }

    pub(super) fn accept(&mut self, change: Change) {
        self.bytes += change.update.len();
        self.unsaved.push_back(change);
    }

    /// Every change up to `seq` survives a power cut.
    pub(super) fn saved(&mut self, seq: Seq) {
        while self.durable < seq.min(self.accepted()) {
            let change = self.unsaved.pop_front().expect("what is accepted and not durable is here");
            self.bytes -= change.update.len();
            self.durable = self.durable.next();
        }
    }

    /// The changes that are not durable, and the sequence of the first.
    pub(super) fn unsaved(&self) -> (Seq, Vec<Change>) {
        (self.durable.next(), self.unsaved.iter().cloned().collect())
    }

    /// Whether more is kept for the disk than memory should hold.
    pub(super) fn is_full(&self) -> bool {
        self.bytes >= limits::UNSAVED_DOCUMENT_BYTES
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn what_is_durable_is_let_go_and_the_rest_stays_in_order() {
        let mut ledger = Ledger::new(Seq(7));
        let change = |n: u64| Change { at_ms: n, author: "ann".into(), update: Bytes::from(vec![0; 9]) };
        (8..=12).for_each(|n| ledger.accept(change(n)));
        assert_eq!((ledger.accepted(), ledger.durable()), (Seq(12), Seq(7)));
        ledger.saved(Seq(9));
        assert_eq!(ledger.unsaved(), (Seq(10), (10..=12).map(change).collect()));
        ledger.saved(Seq(8));
        assert_eq!((ledger.durable(), ledger.bytes), (Seq(9), 27));
        ledger.saved(Seq(12));
        assert_eq!((ledger.accepted(), ledger.bytes), (Seq(12), 0));
    }
}
