//! Where the application that carries the service is asked, if there is one: who may do what, and what a new document begins with.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, web};

use super::api::{NewDocument, ServiceError};
use super::error::Problem;
use super::{Api, upload};
use crate::access::{Caller, now_ms};
use crate::auth::{Claims, Denied, Identity, Needs};
use crate::embed::{Asked, Authorizer, FirstText, Grant, Hooks, Refusal};
use crate::ids::DocId;
use crate::import;
use crate::store::StoreError;

/// Whom the application vouches for, and as what; `None` where no application decides.
///
/// To the rest of the service it is as if the request had brought a token that the application signed.
pub async fn vouched(
    request: &HttpRequest,
    needs: Needs,
    document: Option<&DocId>,
) -> Option<Result<Caller, Denied>> {
    let authorizer = request.app_data::<web::Data<dyn Authorizer>>()?;
    // Its answer would make no difference.
    if matches!(needs, Needs::Nothing | Needs::Proof) {
        return None;
    }
    Some(match authorizer.authorize(Asked { request, document, needs }).await {
        Ok(grant) => Ok(Caller { identity: subject(grant), link: None, stale: None }),
        Err(Refusal::Unauthenticated) => Err(Denied::Unauthenticated),
        Err(Refusal::Forbidden) => Err(Denied::Forbidden),
    })
}

fn subject(grant: Grant) -> Identity {
    let Grant { subject, name, role, documents, valid_for } = grant;
    let until_ms =
        valid_for.map_or(u64::MAX, |time: Duration| now_ms().saturating_add(time.as_millis() as u64));
    Identity::Subject(Arc::new(Claims { subject, name, documents, role, until_ms }))
}

/// Where the application takes part in the documents' lives, if it does.
pub fn hooks(request: &HttpRequest) -> Option<&dyn Hooks> {
    request.app_data::<web::Data<dyn Hooks>>().map(web::Data::get_ref)
}

/// Make a document that does not exist as the application wants it to begin, for somebody who may read it.
pub async fn load(hooks: &dyn Hooks, api: &Api, id: &DocId) -> Result<(), Problem> {
    match api.documents.find(id).await {
        Err(ServiceError::Store(StoreError::Unknown(_))) => {}
        // Whatever else is wrong, the handler runs into it and says so.
        _ => return Ok(()),
    }
    let Some(FirstText { kind, title, text }) = hooks.on_load(id).await else { return Ok(()) };
    let title = upload::title(&title)?;
    let text = import::text(text.as_bytes())?;
    let new =
        NewDocument { id: id.clone(), kind, title, update: import::initial_update(&text), again: false };
    match api.documents.create(new).await {
        // Somebody else wanted it in the same moment, and has been asked as well.
        Ok(_) | Err(ServiceError::Store(StoreError::Exists(_))) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
