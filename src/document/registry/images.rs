//! The images of documents, which come and go with them.

use std::sync::Arc;

use bytes::Bytes;

use super::{DocumentError, Registry, blocking};
use crate::ids::{DocId, DocNumber, ImageName};
use crate::store::{Health, Images, Kept, StoreError};

impl Registry {
    /// The images of all documents.
    pub fn images(&self) -> Arc<dyn Images> {
        self.store.images()
    }

    /// Keep an image of a document that is there. Returns when it is durable.
    pub async fn keep_image(&self, id: &DocId, name: ImageName, bytes: Bytes) -> Result<Kept, DocumentError> {
        self.refuse_while_draining()?;
        let number = self.find(id).await?.number;
        if let Health::ReadOnly(reason) = self.health() {
            return Err(StoreError::ReadOnly(reason).into());
        }
        let images = self.images();
        let kept = blocking(move || images.keep(number, name, &bytes)).await?;
        // Whoever deleted the document meanwhile may have removed its images before this one was there. If not, they do it now.
        let entry = self.entry(id).await?.filter(|entry| entry.number == number);
        if entry.is_none_or(|entry| entry.deleted_ms.is_some()) {
            self.forget_images(number).await;
            return Err(StoreError::Deleted(id.clone()).into());
        }
        Ok(kept)
    }

    /// Remove the images of a document that is deleted for good. What is left then is removed by the next start.
    pub(super) async fn forget_images(&self, document: DocNumber) {
        let images = self.images();
        if let Err(error) = blocking(move || images.remove(document)).await {
            tracing::warn!(%error, document = document.0, "the images of a deleted document are not removed yet");
        }
    }
}
