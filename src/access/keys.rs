//! The keys of tokens: read when the server starts, and again when they change, by a thread that does nothing else.
//!
//! A set that cannot be used is told in the log, and the one before it stays. When to read is [`Schedule`]'s to say.

mod schedule;
mod source;
#[cfg(test)]
mod tests;

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{PoisonError, Weak};
use std::thread;
use std::time::Instant;

use sha2::{Digest, Sha256};

use super::{Access, Shared};
use crate::auth::jwt::{Expected, KeySet, Verifier};

pub use schedule::Pace;
use schedule::Schedule;
pub use source::{KeysError, Source};

/// Asks for keys to be read soon. Dropped, it ends whoever reads them.
pub(super) type Hurry = SyncSender<()>;

/// What was read of a source so far.
struct Reader {
    source: Source,
    expected: Expected,
    /// Of the bytes that were read last, whether or not they were keys.
    seen: Option<[u8; 32]>,
    has_keys: bool,
    /// What was wrong the last time: it is told once, not every few seconds.
    complaint: Option<String>,
}

impl Access {
    /// Check tokens with the keys that are there from now on, whatever they become. Blocking, and for some seconds if another machine
    /// does not answer; then nobody is let in until it does.
    pub fn follow(&self, source: Source, expected: Expected) -> Result<(), KeysError> {
        let pace = source.pace();
        self.follow_at(source, expected, pace)
    }

    fn follow_at(&self, source: Source, expected: Expected, pace: Pace) -> Result<(), KeysError> {
        let mut reader = Reader { source, expected, seen: None, has_keys: false, complaint: None };
        match reader.read() {
            Ok(keys) => reader.took(self, keys),
            Err(error) if reader.source.comes_and_goes() => {
                tracing::warn!(%error, "there are no keys for tokens: nobody is let in until there are");
                reader.complaint = Some(error.to_string());
            }
            Err(error) => return Err(error),
        }
        let schedule = Schedule::new(pace, Instant::now(), reader.has_keys);
        let (hurry, hurries) = sync_channel(1);
        let access = std::sync::Arc::downgrade(&self.0);
        let thread = thread::Builder::new().name("keys".to_owned());
        thread.spawn(move || reader.watch(access, schedule, hurries)).map_err(KeysError::NoThread)?;
        *self.0.hurry.lock().unwrap_or_else(PoisonError::into_inner) = Some(hurry);
        Ok(())
    }

    /// A token names a key that is not known.
    pub(super) fn hurry_keys(&self) {
        if let Some(hurry) = &*self.0.hurry.lock().unwrap_or_else(PoisonError::into_inner) {
            // Full: somebody has asked already.
            let _ = hurry.try_send(());
        }
    }
}

impl Reader {
    /// Read again and again, until nobody checks tokens any more.
    fn watch(mut self, access: Weak<Shared>, mut schedule: Schedule, hurries: Receiver<()>) {
        loop {
            match hurries.recv_timeout(schedule.due().saturating_duration_since(Instant::now())) {
                Ok(()) => {
                    schedule.hurry();
                    continue;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let read = self.read();
            let Some(shared) = access.upgrade() else { return };
            match read {
                Ok(keys) => self.took(&Access(shared), keys),
                Err(error) => self.complain(&error),
            }
            schedule.was_read(Instant::now(), self.has_keys);
        }
    }

    /// What is there, if it is not what was there before.
    fn read(&mut self) -> Result<Option<KeySet>, KeysError> {
        let bytes = self.source.read()?;
        let digest = <[u8; 32]>::from(Sha256::digest(bytes.reveal()));
        if self.seen == Some(digest) && self.complaint.is_none() {
            return Ok(None);
        }
        let keys = self.source.keys(&bytes)?;
        let is_new = self.seen.replace(digest) != Some(digest);
        Ok(is_new.then_some(keys))
    }

    fn took(&mut self, access: &Access, keys: Option<KeySet>) {
        if self.complaint.take().is_some() {
            tracing::info!(source = %self.source, "there are right keys for tokens again");
        }
        if let Some(keys) = keys {
            access.trust(Verifier::new(keys, self.expected.clone()));
            self.has_keys = true;
            tracing::info!(source = %self.source, "tokens are checked with the keys that are there now");
        }
    }

    fn complain(&mut self, error: &KeysError) {
        let complaint = error.to_string();
        if self.complaint.as_ref() != Some(&complaint) {
            let stays = if self.has_keys { "those from before stay" } else { "nobody is let in" };
            tracing::warn!(%error, "there are no new keys for tokens; {stays}");
            self.complaint = Some(complaint);
        }
    }
}
