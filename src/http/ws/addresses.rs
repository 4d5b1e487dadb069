//! How many connections each address has.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Shared by every worker.
#[derive(Clone, Default)]
pub(super) struct Addresses(Arc<Shared>);

#[derive(Default)]
struct Shared {
    counts: Mutex<HashMap<IpAddr, usize>>,
    /// The last connection is gone.
    deserted: Notify,
}

/// A connection's place in the count. Dropping it gives the place back.
pub(super) struct Place {
    address: IpAddr,
    addresses: Addresses,
}

impl Addresses {
    /// Count one more connection, unless the address has as many as it may.
    pub(super) fn enter(&self, address: IpAddr, limit: usize) -> Option<Place> {
        let mut counts = self.counts();
        let count = counts.entry(address).or_default();
        if *count >= limit {
            return None;
        }
        *count += 1;
        Some(Place { address, addresses: self.clone() })
    }

    /// Connections from everywhere.
    pub(super) fn total(&self) -> usize {
        self.counts().values().sum()
    }

    /// Wait until there are none.
    pub(super) async fn deserted(&self) {
        while self.total() > 0 {
            self.0.deserted.notified().await;
        }
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.addresses.counts();
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
        if counts.is_empty() {
            self.addresses.0.deserted.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn an_address_has_so_many_places_and_gets_them_back() {
        let addresses = Addresses::default();
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::V4(Ipv4Addr::BROADCAST));
        let first = addresses.enter(here, 2).expect("room");
        let _second = addresses.enter(here, 2).expect("room");
        assert!(addresses.enter(here, 2).is_none());
        assert!(addresses.enter(there, 2).is_some(), "others are counted by themselves");
        drop(first);
        assert!(addresses.enter(here, 2).is_some());
        assert_eq!(addresses.total(), 1);
    }

    #[tokio::test]
    async fn it_is_known_when_the_last_one_has_gone() {
        let addresses = Addresses::default();
        addresses.deserted().await;
        let place = addresses.enter(IpAddr::from([127, 0, 0, 1]), 2).expect("room");
        let gone = async {
            tokio::task::yield_now().await;
            drop(place);
        };
        tokio::join!(addresses.deserted(), gone);
        assert_eq!(addresses.total(), 0);
    }
}
