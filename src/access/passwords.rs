//! Passwords, hashed where nobody waits for it but whoever gave them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use super::{AccessError, random};
use crate::auth::password::{hash, verify, verify_nobody};
use crate::auth::{Password, PasswordHash};
use crate::limits;

/// Each takes 19 MiB and a core for some 20 ms, so only a few are worked at, and only so many wait.
pub(super) struct Passwords {
    places: Arc<Semaphore>,
    present: AtomicUsize,
}

impl Default for Passwords {
    fn default() -> Passwords {
        Passwords {
            places: Arc::new(Semaphore::new(limits::PASSWORDS_AT_ONCE)),
            present: AtomicUsize::new(0),
        }
    }
}

impl Passwords {
    pub(super) async fn hash(&self, password: Password) -> Result<PasswordHash, AccessError> {
        self.work(move || hash(&password, random())).await
    }

    /// Whether it is the right one. Takes as long where there is none to compare it with.
    pub(super) async fn verify(
        &self,
        known: Option<PasswordHash>,
        given: Password,
    ) -> Result<bool, AccessError> {
        self.work(move || match known {
            Some(known) => verify(&known, &given),
            None => verify_nobody(&given),
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccessError> {
        let _present = Present::enter(&self.present)?;
        let place = self.places.clone().acquire_owned().await.expect("nobody closes this semaphore");
        // The place goes with the work: whoever waited for it may be gone before it is done.
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        done.await.map_err(|panic| AccessError::Internal(panic.to_string()))
    }
}

/// One of those who have a password on the way.
struct Present<'a>(&'a AtomicUsize);

impl Present<'_> {
    fn enter(count: &AtomicUsize) -> Result<Present<'_>, AccessError> {
        let present = Present(count);
        match count.fetch_add(1, Ordering::Relaxed) {
            before if before >= limits::PASSWORDS_WAITING => Err(AccessError::Busy),
            _ => Ok(present),
        }
    }
}

impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
