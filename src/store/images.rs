//! The images of documents: what the service asks of storage beside their texts.
//!
//! An image never changes and goes by its content, so it is written once, copied without being read and checked by its own name. It is
//! known only through its document: the name alone leads to nothing, and the same image in two documents is two images. It comes and goes
//! with its document, through the trash as well, and no other way.

mod folder;
pub mod layout;
mod memory;
#[cfg(test)]
mod tests;

use bytes::Bytes;

use super::StoreError;
use crate::ids::{DocNumber, ImageName};
use crate::limits;

pub use folder::ImageFolder;
pub use memory::MemoryImages;

/// What came of an image that was to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    New,
    /// The document has had it before.
    Known,
}

/// Where images are kept. Implementations: a folder, and memory for tests. Whether a document exists is for the caller to know. Everything
/// here is blocking.
pub trait Images: Send + Sync + 'static {
    /// Keep an image of a document; it is durable when this returns, or nothing of it is left. `ManyImages` when the document has no
    /// place for another, `DiskFull` when the disk has none.
    fn keep(&self, document: DocNumber, name: ImageName, bytes: &[u8]) -> Result<Kept, StoreError>;

    /// An image of a document, if it has it. `Damaged` if it is not what was kept.
    fn read(&self, document: DocNumber, name: ImageName) -> Result<Option<Bytes>, StoreError>;

    /// Keep the images of one document as those of another, which has none: all of them, durable, or none.
    fn copy(&self, from: DocNumber, to: DocNumber) -> Result<(), StoreError>;

    /// Remove the images of a document that is deleted for good.
    fn remove(&self, document: DocNumber) -> Result<(), StoreError>;

    /// What an address in a document's text shows, if it is one of its own images: its media type and its bytes.
    fn shown(&self, document: DocNumber, address: &str) -> Option<(&'static str, Bytes)> {
        let name = ImageName::of_address(address)?;
        match self.read(document, name) {
            Ok(bytes) => Some((name.format().media_type(), bytes?)),
            Err(error) => {
                tracing::error!(%error, "an image is left out");
                None
            }
        }
    }
}

/// Whether a document with images of these sizes has a place for one more.
fn fits(kept: impl Iterator<Item = u64>, bytes: usize) -> Result<(), StoreError> {
    let (count, sum) = kept.fold((0, 0), |(count, sum), size| (count + 1, sum + size));
    match count < limits::IMAGES && sum + bytes as u64 <= limits::IMAGES_BYTES {
        true => Ok(()),
        false => Err(StoreError::ManyImages),
    }
}

fn damaged(document: DocNumber, name: ImageName) -> StoreError {
    StoreError::Damaged(format!("image {name} of document number {} is not what was kept", document.0).into())
}
