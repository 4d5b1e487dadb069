//! A document's text as a resource: read it, rewrite it. What somebody made of an older text is merged into the present one.

mod texts;

use std::sync::Arc;

use actix_web::http::header::Header;
use actix_web::http::header::{CONTENT_TYPE, ETAG, EntityTag, IF_MATCH, IfMatch};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use yrs::Update;

use super::Api;
use super::access::Admitted;
use super::conditional::is_known;
use super::error::{Problem, ProblemView};
use crate::export::Content;
use crate::ids::{DocId, Kind};
use crate::store::Entry;
use crate::{import, revision};
pub use texts::Texts;

/// Read a document's text
///
/// The entity tag is the text's: pass it in `If-Match` to write back what was made of it.
#[utoipa::path(
    get, path = "/api/v1/documents/{id}/content", tag = "content", params(("id" = String, Path)),
    responses(
        (status = 200, content((String = "text/plain"), (String = "text/markdown"))), (status = 304, description = "It is the same still"),
        (status = 404, body = ProblemView), (status = 410, body = ProblemView),
    ),
)]
pub async fn show(
    request: HttpRequest,
    api: web::Data<Api>,
    id: web::Path<DocId>,
) -> Result<HttpResponse, Problem> {
    let (entry, text) = read(&api, &id).await?;
    let tag = tag(&entry, &text);
    api.texts.keep(entry.number, tag.tag(), &text);
    if is_known(&request, &tag) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, tag)).finish());
    }
    Ok(answer(&entry, tag, &text))
}

/// Rewrite a document's text
///
/// The body is what was made of the text with the entity tag in `If-Match`. If others have written meanwhile, both are merged. The
/// answer is the text as it is now, once it is on disk.
#[utoipa::path(
    put, path = "/api/v1/documents/{id}/content", tag = "content",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "The entity tag, or * for whatever there is")),
    request_body(content = String, content_type = "text/plain"),
    responses(
        (status = 200, content((String = "text/plain"), (String = "text/markdown"))), (status = 404, body = ProblemView),
        (status = 409, body = ProblemView), (status = 410, body = ProblemView), (status = 412, body = ProblemView),
        (status = 428, body = ProblemView),
    ),
)]
pub async fn rewrite(
    request: HttpRequest,
    api: web::Data<Api>,
    admitted: Admitted,
    id: web::Path<DocId>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    if !request.headers().contains_key(IF_MATCH) {
        return Err(Problem::unconditional());
    }
    let condition =
        IfMatch::parse(&request).map_err(|_| Problem::bad_request("If-Match holds no entity tag."))?;
    let body = super::upload::bytes(body, api.upload_bytes).await?;
    let wanted = import::text(&body)?;
    let (entry, state) = api.documents.state(&id).await?;
    let now: Arc<str> = text_of(state.clone()).await?;
    let base = match &condition {
        IfMatch::Any => now.clone(),
        IfMatch::Items(tags) => {
            let present = tag(&entry, &now);
            let is_present = tags.iter().any(|known| known.strong_eq(&present));
            let kept = || {
                tags.iter().filter(|tag| !tag.weak).find_map(|tag| api.texts.find(entry.number, tag.tag()))
            };
            if is_present { now } else { kept().ok_or_else(Problem::stale)? }
        }
    };
    let update =
        web::block(move || revision::update(&state, &base, &wanted)).await.map_err(Problem::internal)??;
    // Also where it is so already, for it may be so in memory alone: a request that is sent again is answered once it is on disk.
    let update = update.unwrap_or(Bytes::from_static(Update::EMPTY_V1));
    api.documents.contribute(&id, api.author(&admitted), update).await?;
    let (entry, text) = read(&api, &id).await?;
    let tag = tag(&entry, &text);
    api.texts.keep(entry.number, tag.tag(), &text);
    Ok(answer(&entry, tag, &text))
}

async fn read(api: &Api, id: &DocId) -> Result<(Entry, Arc<str>), Problem> {
    let (entry, state) = api.documents.state(id).await?;
    Ok((entry, text_of(state).await?))
}

async fn text_of(state: Bytes) -> Result<Arc<str>, Problem> {
    let content = web::block(move || Content::of_state(&state)).await.map_err(Problem::internal)??;
    Ok(content.text.into())
}

fn answer(entry: &Entry, tag: EntityTag, text: &str) -> HttpResponse {
    let content_type = match entry.kind {
        Kind::Markdown => "text/markdown; charset=utf-8",
        Kind::Text | Kind::Code => "text/plain; charset=utf-8",
    };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((ETAG, tag))
        .body(text.to_owned())
}

/// The same for the same text in the same life of a document, and for nothing else.
fn tag(entry: &Entry, text: &str) -> EntityTag {
    let hash = Sha256::new().chain_update(&entry.epoch.0).chain_update("\0").chain_update(text).finalize();
    EntityTag::new_strong(URL_SAFE_NO_PAD.encode(&hash[..16]))
}
