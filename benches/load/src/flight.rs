//! The updates of one writer that are on the way to somebody: a writer without pauses still waits until not too many of its updates
//! are, as an editor waits for its network. Without that, a load generator only fills queues, and servers with bounded ones drop.

use std::cell::{Cell, RefCell};

use tokio::sync::Notify;

#[derive(Default)]
pub(crate) struct Flight {
    /// How many are waiting for each update.
    readers: Cell<u32>,
    /// How many have got each of them.
    arrivals: RefCell<Vec<u32>>,
    /// Updates before this one have reached everybody.
    landed: Cell<u64>,
    changed: Notify,
}

impl Flight {
    /// One more waits for every update.
    pub(crate) fn add_reader(&self) {
        self.readers.set(self.readers.get() + 1);
    }

    /// Somebody has got the updates from `from` to just before `to`, or will never get them.
    pub(crate) fn arrived(&self, from: u64, to: u64) {
        let mut arrivals = self.arrivals.borrow_mut();
        if arrivals.len() < to as usize {
            arrivals.resize(to as usize, 0);
        }
        arrivals[from as usize..to as usize].iter_mut().for_each(|count| *count += 1);
        let before = self.landed.get();
        let everybody = |&&count: &&u32| count >= self.readers.get();
        let landed = arrivals[before as usize..].iter().take_while(everybody).count() as u64;
        if landed > 0 {
            self.landed.set(before + landed);
            self.changed.notify_waiters();
        }
    }

    /// Wait until there is room in the window after so many were sent; for how many.
    pub(crate) async fn room(&self, sent: u64, window: u64) -> u64 {
        loop {
            let changed = self.changed.notified();
            let under_way = sent.saturating_sub(self.landed.get());
            if under_way < window {
                return window - under_way;
            }
            changed.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn there_is_room_once_everybody_has_got_the_first() {
        let flight = Flight::default();
        flight.add_reader();
        flight.add_reader();
        assert_eq!(flight.room(0, 4).now_or_never(), Some(4));
        flight.arrived(0, 3);
        assert_eq!(flight.room(4, 4).now_or_never(), None, "one of two has got some");
        flight.arrived(0, 1);
        assert_eq!(flight.room(4, 4).now_or_never(), Some(1));
    }
}
