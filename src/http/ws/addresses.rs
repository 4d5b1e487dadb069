//! How many connections each address has.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Shared by every worker.
#[derive(Clone, Default)]
pub(super) struct Addresses(Arc<Mutex<HashMap<IpAddr, usize>>>);

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

    fn counts(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
}
