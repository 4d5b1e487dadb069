//! Who is to be told when a store that stopped writing writes again.

use std::sync::Arc;

use super::Listener;

/// Listeners whose changes are not on disk, each once: one per live document that has any.
#[derive(Default)]
pub struct Stranded(Vec<Arc<dyn Listener>>);

impl Stranded {
    pub fn add(&mut self, listener: &Arc<dyn Listener>) {
        if !self.0.iter().any(|known| Arc::ptr_eq(known, listener)) {
            self.0.push(listener.clone());
        }
    }

    pub fn take(&mut self) -> Vec<Arc<dyn Listener>> {
        std::mem::take(&mut self.0)
    }
}
