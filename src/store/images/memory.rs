//! Images that are forgotten when they go, for tests and trials.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::{Images, Kept, fits};
use crate::ids::{DocNumber, ImageName};
use crate::store::StoreError;

/// Images in memory.
#[derive(Debug, Default)]
pub struct MemoryImages(Mutex<BTreeMap<(DocNumber, ImageName), Bytes>>);

impl MemoryImages {
    /// How many there are, in all documents.
    pub fn count(&self) -> usize {
        self.all().len()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<(DocNumber, ImageName), Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Images for MemoryImages {
    fn keep(&self, document: DocNumber, name: ImageName, bytes: &[u8]) -> Result<Kept, StoreError> {
        let mut all = self.all();
        if all.contains_key(&(document, name)) {
            return Ok(Kept::Known);
        }
        let ours = all.iter().filter(|((of, _), _)| *of == document);
        fits(ours.map(|(_, bytes)| bytes.len() as u64), bytes.len())?;
        all.insert((document, name), Bytes::copy_from_slice(bytes));
        Ok(Kept::New)
    }

    fn read(&self, document: DocNumber, name: ImageName) -> Result<Option<Bytes>, StoreError> {
        Ok(self.all().get(&(document, name)).cloned())
    }

    fn copy(&self, from: DocNumber, to: DocNumber) -> Result<(), StoreError> {
        let mut all = self.all();
        let ours = all.iter().filter(|((of, _), _)| *of == from);
        let copies: Vec<_> = ours.map(|((_, name), bytes)| ((to, *name), bytes.clone())).collect();
        all.extend(copies);
        Ok(())
    }

    fn remove(&self, document: DocNumber) -> Result<(), StoreError> {
        self.all().retain(|(of, _), _| *of != document);
        Ok(())
    }
}
