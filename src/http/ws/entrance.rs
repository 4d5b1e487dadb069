//! What the sockets of all workers share: how many there are, and how many more there may be.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::sleep;

use super::addresses::{Addresses, Place};
use crate::ids::DocId;
use crate::limits;
use crate::metrics;
use crate::protocol::refusals::Refusals;

/// Clones share everything.
#[derive(Clone)]
pub struct Entrance {
    addresses: Addresses,
    /// Places for closed peers that take long over their goodbye.
    pub(super) farewells: Arc<Semaphore>,
    refusals: Arc<Mutex<Refusals<(IpAddr, DocId)>>>,
    /// Places for those that wait to be refused.
    waiting: Arc<Semaphore>,
}

impl Default for Entrance {
    fn default() -> Entrance {
        Entrance {
            addresses: Addresses::default(),
            farewells: Arc::new(Semaphore::new(limits::FAREWELLS)),
            refusals: Arc::default(),
            waiting: Arc::new(Semaphore::new(limits::REFUSALS_WAITING)),
        }
    }
}

impl Entrance {
    /// Connections from everywhere.
    pub fn connections(&self) -> usize {
        self.addresses.total()
    }

    /// Wait until there are none.
    pub async fn deserted(&self) {
        self.addresses.deserted().await;
    }

    /// Count one more connection, unless the address has as many as it may.
    pub(super) fn enter(&self, address: IpAddr, limit: usize) -> Option<Place> {
        self.addresses.enter(address, limit)
    }

    /// Wait as long as whoever is refused once more has to.
    pub(super) async fn detain(&self, address: IpAddr, document: &DocId) {
        if let Some((wait, _place)) = self.wait(address, document, Instant::now()) {
            metrics::REFUSALS_DELAYED.add(1);
            sleep(wait).await;
        }
    }

    /// How long that is, and the place to wait in, unless it may be told at once or there is no place left.
    fn wait(
        &self,
        address: IpAddr,
        document: &DocId,
        now: Instant,
    ) -> Option<(Duration, SemaphorePermit<'_>)> {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = refusals.refuse((address, document.clone()), now);
        match wait.is_zero() {
            true => None,
            false => Some((wait, self.waiting.try_acquire().ok()?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_wait_to_be_refused() {
        let entrance = Entrance::default();
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let document = DocId::parse("gone").expect("an id");
        let now = Instant::now();
        assert!(entrance.wait(here, &document, now).is_none(), "the first is told at once");
        let crowd: Vec<_> =
            (0..limits::REFUSALS_WAITING + 10).map_while(|_| entrance.wait(here, &document, now)).collect();
        assert_eq!(crowd.len(), limits::REFUSALS_WAITING);
        assert!(crowd.iter().all(|(wait, _)| *wait <= limits::REFUSED_FOR));
        assert!(entrance.wait(there, &document, now).is_none());
        drop(crowd);
        assert!(entrance.wait(here, &document, now).is_some(), "who was told gave the place back");
    }
}
