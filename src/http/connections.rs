//! Who is in a document at this moment.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::error::{Problem, ProblemView};
use crate::document::Person;
use crate::ids::{DocId, SessionId};
use crate::protocol::CloseCode;
use crate::protocol::close::Close;
use crate::timestamp::rfc3339;

/// One open connection.
#[derive(Serialize, ToSchema)]
pub struct ConnectionView {
    session: String,
    /// What others see, if there is anything to see.
    name: Option<String>,
    role: &'static str,
    since: String,
}

#[derive(Serialize, ToSchema)]
pub struct Connections {
    connections: Vec<ConnectionView>,
}

impl From<Person> for ConnectionView {
    fn from(person: Person) -> ConnectionView {
        let Person { session, name, role, since_ms } = person;
        ConnectionView {
            session: session.as_str().to_owned(),
            name,
            role: role.as_str(),
            since: rfc3339(since_ms),
        }
    }
}

/// Who is connected
#[utoipa::path(
    get, path = "/api/v1/documents/{id}/connections", tag = "content", params(("id" = String, Path)),
    responses((status = 200, body = Connections), (status = 404, body = ProblemView), (status = 410, body = ProblemView)),
)]
pub async fn list(api: web::Data<Api>, id: web::Path<DocId>) -> Result<HttpResponse, Problem> {
    api.documents.find(&id).await?;
    let people = api.documents.people(&id).await?;
    let connections = people.into_iter().map(ConnectionView::from).collect();
    Ok(HttpResponse::Ok().json(Connections { connections }))
}

/// Close somebody's connection
///
/// Whoever may still be there may come again: take their role or their link away first.
#[utoipa::path(
    delete, path = "/api/v1/documents/{id}/connections/{session}", tag = "content",
    params(("id" = String, Path), ("session" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemView), (status = 410, body = ProblemView)),
)]
pub async fn end(api: web::Data<Api>, path: web::Path<(DocId, String)>) -> Result<HttpResponse, Problem> {
    let (id, session) = path.into_inner();
    let gone = || Problem::not_found("Nobody is connected under this session; they may have left.");
    let session = SessionId::parse(&session).ok_or_else(gone)?;
    let close = Close::new(CloseCode::Forbidden, "the document's owner has closed your connection");
    match api.documents.expel(&id, session, close).await? {
        true => Ok(HttpResponse::NoContent().finish()),
        false => Err(gone()),
    }
}
