//! The list of tags: what the documents that somebody may read are filed under.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::access::Admitted;
use super::error::Problem;
use crate::auth::{Needs, Target};
use crate::limits;

/// The tags of the documents that one may read.
#[derive(Serialize, ToSchema)]
pub struct Tags {
    /// The most used first, and those that are used alike by name. At most 1000.
    tags: Vec<Tag>,
    /// How many there are, those included that are left out.
    total: usize,
}

/// What documents are filed under.
#[derive(Serialize, ToSchema)]
pub struct Tag {
    name: String,
    /// How many of the documents that one may read have it.
    documents: usize,
}

/// List the tags of the documents that one may read
///
/// Those of documents in the trash are not among them.
#[utoipa::path(get, path = "/api/v1/tags", tag = "documents", responses((status = 200, body = Tags)))]
pub async fn list(api: web::Data<Api>, admitted: Admitted) -> Result<HttpResponse, Problem> {
    let filing = api.documents.filing().await?;
    let (access, caller) = (api.access.clone(), admitted.caller);
    // Everybody's documents are gone through, which is not for a thread that serves sockets.
    let used = web::block(move || {
        filing.count(|id, number| {
            access.decide(Needs::Read, &caller, Some(Target { id, number: Some(number) })).is_ok()
        })
    });
    let used = used.await.map_err(Problem::internal)?;
    let total = used.len();
    let tags = used.into_iter().take(limits::LIST_TAGS).map(|(name, documents)| Tag { name, documents });
    Ok(HttpResponse::Ok().json(Tags { tags: tags.collect(), total }))
}
