//! A document as Yjs knows it, for programs that speak Yjs and no WebSocket.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, web};
use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use bytes::Bytes;
use serde::Deserialize;
use utoipa::IntoParams;
use yrs::{ReadTxn, StateVector, Transact};

use super::Api;
use super::access::Admitted;
use super::error::{Problem, ProblemView};
use crate::export;
use crate::ids::DocId;
use crate::protocol::{Message, message};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UpdateQuery {
    /// What the asker has already: a state vector of Yjs, in base64url.
    sv: Option<String>,
}

/// A document as one update
///
/// In Yjs' v1 encoding: all of it, or with a state vector what that lacks.
#[utoipa::path(
    get, path = "/api/v1/documents/{id}/update", tag = "content", params(("id" = String, Path), UpdateQuery),
    responses(
        (status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 404, body = ProblemView),
        (status = 410, body = ProblemView),
    ),
)]
pub async fn show(
    api: web::Data<Api>,
    id: web::Path<DocId>,
    query: web::Query<UpdateQuery>,
) -> Result<HttpResponse, Problem> {
    let has = query.sv.as_deref().map(state_vector).transpose()?;
    let (_, state) = api.documents.state(&id).await?;
    let update = match has {
        None => state,
        Some(has) => web::block(move || lacking(&state, &has)).await.map_err(Problem::internal)??,
    };
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/octet-stream")).body(update))
}

fn lacking(state: &Bytes, has: &StateVector) -> Result<Bytes, export::ExportError> {
    Ok(export::replay([state])?.transact().encode_diff_v1(has).into())
}

/// Read as it is read on a socket, within the same bounds.
fn state_vector(text: &str) -> Result<StateVector, Problem> {
    let wrong = || Problem::bad_request("\"sv\" is no state vector of Yjs in base64url.");
    let bytes = URL_SAFE_NO_PAD.decode(text).or_else(|_| URL_SAFE.decode(text)).map_err(|_| wrong())?;
    match message::decode(message::sync_step_1(&bytes)).next() {
        Some(Ok(Message::SyncStep1(vector))) => Ok(vector),
        _ => Err(wrong()),
    }
}

/// Apply an update to a document
///
/// The body is one update in Yjs' v1 encoding. It is judged as on a socket, and on disk when this is answered.
#[utoipa::path(
    post, path = "/api/v1/documents/{id}/update", tag = "content", params(("id" = String, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 204), (status = 404, body = ProblemView), (status = 409, body = ProblemView),
        (status = 410, body = ProblemView),
    ),
)]
pub async fn apply(
    api: web::Data<Api>,
    admitted: Admitted,
    id: web::Path<DocId>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let update = super::upload::bytes(body, api.upload_bytes).await?;
    // A document that is not there is not made by this.
    api.documents.find(&id).await?;
    api.documents.contribute(&id, api.author(&admitted), update).await?;
    Ok(HttpResponse::NoContent().finish())
}
