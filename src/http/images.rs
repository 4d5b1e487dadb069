//! The images of a document. An image is known only through its document: whoever may read the one may see the other, and nobody else.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETag, EntityTag, LOCATION,
};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa::ToSchema;

use super::Api;
use super::base::Base;
use super::conditional::is_known;
use super::error::{Problem, ProblemView};
use super::upload::at_most;
use crate::ids::{DocId, ImageName};
use crate::import::image::{Image, image};
use crate::limits;
use crate::store::{Kept, StoreError};

/// An image never changes. It is for whoever asked and nobody else, proxies included.
const FOR_GOOD: &str = "private, max-age=31536000, immutable";

/// Whatever somebody makes of its address, it is pixels: should a browser take it for a page, that page may do nothing.
const POLICY: &str = "default-src 'none'; sandbox";

/// Places for images that are on their way.
pub struct Uploads(Arc<Semaphore>);

impl Default for Uploads {
    fn default() -> Uploads {
        Uploads(Arc::new(Semaphore::new(limits::IMAGE_UPLOADS)))
    }
}

impl Uploads {
    /// A place until it is dropped, if there is one.
    pub fn take(&self) -> Option<OwnedSemaphorePermit> {
        self.0.clone().try_acquire_owned().ok()
    }
}

/// An image of a document.
#[derive(Serialize, ToSchema)]
#[schema(as = Image)]
pub struct ImageView {
    /// Made of its content, so the same image has the same name.
    name: String,
    /// How the document's text shows it: `![](images/….png)`.
    address: String,
    bytes: usize,
    /// In pixels, if its beginning says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
}

/// Add an image
///
/// PNG, JPEG, GIF, WebP or AVIF, told by its bytes and by nothing else. What a camera or a program wrote beside the pixels is left out. It is
/// there for good, and goes with its document.
#[utoipa::path(
    post, path = "/api/v1/documents/{id}/images", tag = "content", params(("id" = String, Path)),
    request_body(content = String, content_type = "application/octet-stream", description = "The image as it is"),
    responses(
        (status = 200, body = ImageView, description = "The document has had it before"), (status = 201, body = ImageView),
        (status = 404, body = ProblemView), (status = 410, body = ProblemView), (status = 507, body = ProblemView),
    ),
)]
pub async fn keep(
    api: web::Data<Api>,
    base: Base,
    id: web::Path<DocId>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let _place =
        api.uploads.take().ok_or_else(|| Problem::crowded("as many images on their way as may be"))?;
    // Whether it can be kept at all is known before megabytes are read.
    api.documents.find(&id).await?;
    let limit = api.image_bytes;
    let bytes = at_most(limit, body).await?.ok_or_else(|| Problem::image_too_large(limit))?;
    let Image { name, size, bytes } = web::block(move || image(bytes)).await.map_err(Problem::internal)??;
    let (kept, (width, height)) = (bytes.len(), size.unzip());
    let status = match api.documents.keep_image(&id, name, bytes).await? {
        Kept::New => StatusCode::CREATED,
        Kept::Known => StatusCode::OK,
    };
    let (name, address) = (name.to_string(), name.address());
    let location = (LOCATION, base.address(&format!("/api/v1/documents/{id}/{address}")));
    let view = ImageView { name, address, bytes: kept, width, height };
    Ok(HttpResponse::build(status).insert_header(location).json(view))
}

/// See an image
#[utoipa::path(
    get, path = "/api/v1/documents/{id}/images/{name}", tag = "content",
    params(("id" = String, Path), ("name" = String, Path, description = "As it was answered when it was added")),
    responses(
        (status = 200, content(
            (String = "image/png"), (String = "image/jpeg"), (String = "image/gif"), (String = "image/webp"), (String = "image/avif"),
        )),
        (status = 304, description = "It is the same for good"), (status = 404, body = ProblemView),
        (status = 410, body = ProblemView),
    ),
)]
pub async fn show(
    request: HttpRequest,
    api: web::Data<Api>,
    path: web::Path<(DocId, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, name) = path.into_inner();
    let number = api.documents.find(&id).await?.number;
    let none =
        || Problem::not_found(format!("Document {id} has no such image. Look for another, or add it again."));
    let name = ImageName::parse(&name).ok_or_else(none)?;
    let images = api.documents.images();
    let read: Result<_, StoreError> =
        web::block(move || images.read(number, name)).await.map_err(Problem::internal)?;
    let bytes = read?.ok_or_else(none)?;
    let tag = EntityTag::new_strong(name.hash());
    let is_known = is_known(&request, &tag);
    let mut response = HttpResponse::build(if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    response
        .insert_header(ETag(tag))
        .insert_header((CACHE_CONTROL, FOR_GOOD))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY));
    if is_known {
        return Ok(response.finish());
    }
    Ok(response
        .insert_header((CONTENT_TYPE, name.format().media_type()))
        .insert_header((CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")))
        .body(bytes))
}
