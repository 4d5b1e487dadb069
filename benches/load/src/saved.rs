//! What a `cowrite.v1` client was told is durable.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::sync::Notify;
use tokio::time::timeout;

#[derive(Default)]
pub struct Saved {
    count: Cell<u64>,
    told: RefCell<Vec<(u64, Instant)>>,
    failure: RefCell<Option<String>>,
    changed: Notify,
}

impl Saved {
    /// Take a `Saved(n)`: it counts from 0 and includes the sync steps that the client `answers` with when it joined.
    pub fn note(&self, n: u64, answers: u64) {
        let updates = (n + 1).saturating_sub(answers);
        self.count.set(updates);
        self.told.borrow_mut().push((updates, Instant::now()));
        self.changed.notify_waiters();
    }

    /// The connection has ended, and nothing more will be told.
    pub fn fail(&self, error: &anyhow::Error) {
        self.failure.borrow_mut().get_or_insert(format!("{error:#}"));
        self.changed.notify_waiters();
    }

    /// How many of the client's updates are durable.
    pub fn count(&self) -> u64 {
        self.count.get()
    }

    /// Each count, and when it was told.
    pub fn told(&self) -> Vec<(u64, Instant)> {
        self.told.borrow().clone()
    }

    /// Wait until so many are.
    pub async fn reaches(&self, updates: u64, within: Duration) -> Result<()> {
        let durable = async {
            while self.count() < updates {
                let changed = self.changed.notified();
                if let Some(why) = self.failure.take() {
                    bail!("{} of {updates} were saved, then {why}", self.count());
                }
                changed.await;
            }
            Ok(())
        };
        match timeout(within, durable).await {
            Ok(result) => result,
            Err(_) => bail!("stalled: {} of {updates} were saved", self.count()),
        }
    }
}
