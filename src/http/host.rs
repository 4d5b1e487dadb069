//! Where the application that carries the service is asked, if there is one: who may do what, and what a new document begins with.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, ResponseError, web};

use super::api::{Documents, NewDocument, ServiceError};
use super::error::Problem;
use super::{Api, upload};
use crate::auth::{Needs, Role};
use crate::embed::{Asked, Authorizer, FirstText, Hooks, Refusal};
use crate::ids::DocId;
use crate::import;
use crate::store::StoreError;

/// What the application lets whoever asks do, for handlers.
#[derive(Debug, Clone, Copy)]
struct Granted(Role);

/// The role that the application gave; everybody who reaches an open server is an editor.
pub fn role(request: &HttpRequest) -> Role {
    request.extensions().get::<Granted>().map_or(Role::Editor, |&Granted(role)| role)
}

/// Ask the application about a request to a route that needs this, then answer it.
pub async fn ask(
    needs: Option<Needs>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // A method that the route does not know is told so further in.
    let asked = match needs {
        Some(needs) => consult(needs, &request).await,
        None => Ok(()),
    };
    match asked {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(problem) => Ok(request.into_response(problem.error_response())),
    }
}

async fn consult(needs: Needs, request: &ServiceRequest) -> Result<(), Problem> {
    let document = request.match_info().get("id").and_then(|id| DocId::parse(id).ok());
    if needs == Needs::Nothing {
        return Ok(());
    }
    // The seam: access control asks here for what the application decides.
    if let Some(authorizer) = request.app_data::<web::Data<dyn Authorizer>>() {
        let asked = Asked { request: request.request(), document: document.as_ref(), needs };
        match authorizer.authorize(asked).await {
            Ok(role) if enough(role, needs) => request.extensions_mut().insert(Granted(role)),
            Ok(_) | Err(Refusal::Forbidden) => return Err(forbidden()),
            Err(Refusal::Unauthenticated) => return Err(unauthenticated()),
        };
    }
    if let (Some(hooks), Some(id)) = (request.app_data::<web::Data<dyn Hooks>>(), document)
        && let Some(api) = request.app_data::<web::Data<Api>>()
        && needs == Needs::Read
    {
        load(&*api.documents, &***hooks, id).await?;
    }
    Ok(())
}

/// Whether a role does for a need, those included that are about no document.
fn enough(role: Role, needs: Needs) -> bool {
    match needs {
        Needs::Identity => true,
        Needs::Create => role.may_write(),
        needs => needs.met_by(role),
    }
}

/// Make a document that does not exist as the application wants it to begin.
async fn load(documents: &dyn Documents, hooks: &dyn Hooks, id: DocId) -> Result<(), Problem> {
    match documents.find(&id).await {
        Err(ServiceError::Store(StoreError::Unknown(_))) => {}
        // Whatever else is wrong, the handler runs into it and says so.
        _ => return Ok(()),
    }
    let Some(FirstText { kind, title, text }) = hooks.on_load(&id).await else { return Ok(()) };
    let title = upload::title(&title)?;
    let text = import::text(text.as_bytes())?;
    let update = import::initial_update(&text);
    match documents.create(NewDocument { id, kind, title, update, again: false }).await {
        // Somebody else wanted it in the same moment, and has been asked as well.
        Ok(_) | Err(ServiceError::Store(StoreError::Exists(_))) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn unauthenticated() -> Problem {
    let detail = "Nobody knows who you are here. Sign in, and try again.";
    Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated", "You are not signed in", detail)
}

fn forbidden() -> Problem {
    let detail = "You may not do this. Nothing was changed.";
    Problem::new(StatusCode::FORBIDDEN, "forbidden", "You may not do this", detail)
}
