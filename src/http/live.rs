//! The live documents, as the HTTP interface asks for them.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;

use super::api::{Answer, Documents, NewDocument, ServiceError};
use crate::document::{ContributeError, ContributionError, DocumentError, Person, Registry};
use crate::ids::{DocId, ImageName, SessionId};
use crate::protocol::CloseCode;
use crate::protocol::close::Close;
use crate::store::{Edit, Entry, Filing, Health, Images, Kept, Listing};

impl Documents for Registry {
    fn create(&self, new: NewDocument) -> Answer<'_, Entry> {
        async move {
            let NewDocument { id, kind, title, update, again } = new;
            Ok(Registry::create(self, &id, kind, title, update, again).await?)
        }
        .boxed_local()
    }

    fn find<'a>(&'a self, id: &'a DocId) -> Answer<'a, Entry> {
        Registry::find(self, id).map(|found| Ok(found?)).boxed_local()
    }

    fn entry<'a>(&'a self, id: &'a DocId) -> Answer<'a, Option<Entry>> {
        Registry::entry(self, id).map(|entry| Ok(entry?)).boxed_local()
    }

    fn list(&self, listing: Listing) -> Answer<'_, Vec<Entry>> {
        Registry::list(self, listing).map(|page| Ok(page?)).boxed_local()
    }

    fn filing(&self) -> Answer<'_, Arc<Filing>> {
        Registry::filing(self).map(|filing| Ok(filing?)).boxed_local()
    }

    fn edit<'a>(&'a self, id: &'a DocId, edit: Edit) -> Answer<'a, Entry> {
        Registry::edit(self, id, edit).map(|edited| Ok(edited?)).boxed_local()
    }

    fn state<'a>(&'a self, id: &'a DocId) -> Answer<'a, (Entry, Bytes)> {
        Registry::export(self, id).map(|state| Ok(state?)).boxed_local()
    }

    fn contribute<'a>(&'a self, id: &'a DocId, author: Arc<str>, update: Bytes) -> Answer<'a, ()> {
        Registry::contribute(self, id, author, update).map(|made| Ok(made?)).boxed_local()
    }

    fn keep_image<'a>(&'a self, id: &'a DocId, name: ImageName, bytes: Bytes) -> Answer<'a, Kept> {
        Registry::keep_image(self, id, name, bytes).map(|kept| Ok(kept?)).boxed_local()
    }

    fn images(&self) -> Arc<dyn Images> {
        Registry::images(self)
    }

    fn people<'a>(&'a self, id: &'a DocId) -> Answer<'a, Vec<Person>> {
        Registry::people(self, id).map(Ok).boxed_local()
    }

    fn expel<'a>(&'a self, id: &'a DocId, session: SessionId, close: Close) -> Answer<'a, bool> {
        Registry::expel(self, id, session, close).map(Ok).boxed_local()
    }

    fn health(&self) -> Health {
        Registry::health(self)
    }

    fn draining(&self) -> bool {
        self.is_draining()
    }
}

impl From<DocumentError> for ServiceError {
    fn from(error: DocumentError) -> ServiceError {
        match error {
            DocumentError::Store(error) => error.into(),
            DocumentError::Contribution(ContributionError::Store(error)) => error.into(),
            DocumentError::Contribution(ContributionError::Refused(ContributeError::Full)) => {
                ServiceError::Full
            }
            DocumentError::Contribution(ContributionError::Refused(refused)) => match refused {
                ContributeError::Early => ServiceError::Early,
                ContributeError::Malformed(reason) => ServiceError::Malformed(reason.to_string().into()),
                ContributeError::TooCostly(reason) => ServiceError::TooCostly(reason.into()),
                other => ServiceError::Internal(other.to_string().into()),
            },
            DocumentError::Draining => ServiceError::Draining,
            DocumentError::Closed(close) if close.code == CloseCode::Overloaded => {
                ServiceError::Overloaded(close.reason.into())
            }
            DocumentError::Closed(close) if close.code == CloseCode::Restarting => ServiceError::Draining,
            other => ServiceError::Internal(other.to_string().into()),
        }
    }
}
