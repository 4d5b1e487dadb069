//! What the sockets of all workers share: how many there are, and how many more there may be.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::addresses::{Addresses, Place};
use crate::limits;

/// Clones share everything.
#[derive(Clone)]
pub struct Entrance {
    addresses: Addresses,
    /// Places for closed peers that take long over their goodbye.
    pub(super) farewells: Arc<Semaphore>,
}

impl Default for Entrance {
    fn default() -> Entrance {
        Entrance {
            addresses: Addresses::default(),
            farewells: Arc::new(Semaphore::new(limits::FAREWELLS)),
        }
    }
}

impl Entrance {
    /// Connections from everywhere.
    pub fn connections(&self) -> usize {
        self.addresses.total()
    }

    /// Count one more connection, unless the address has as many as it may.
    pub(super) fn enter(&self, address: IpAddr, limit: usize) -> Option<Place> {
        self.addresses.enter(address, limit)
    }
}
