//! The documents as a REST resource: make, look at, rename and tag, put in the trash and take out again, delete, duplicate and export.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::Api;
use super::access::{self, Admitted};
use super::api::NewDocument;
use super::base::Base;
use super::error::{Problem, ProblemView};
use super::sharing::RoleName;
use super::upload::{self, Form, Json, Upload};
use crate::access::Caller;
use crate::auth::{Command, Denied, Granted, Needs, Role, Target};
use crate::export::{self, Content, Format, Source};
use crate::ids::{DocId, Kind};
use crate::import;
use crate::store::{Edit, Entry, tags};
use crate::timestamp::rfc3339;

/// A document.
#[derive(Serialize, ToSchema)]
pub struct DocumentView {
    #[schema(value_type = String)]
    id: DocId,
    #[schema(value_type = KindName)]
    kind: Kind,
    title: String,
    tags: Vec<String>,
    /// RFC 3339, as all times are.
    created: String,
    updated: String,
    /// When it was put in the trash; null if it is not there.
    trashed: Option<String>,
    /// What whoever asks may do with it.
    #[schema(value_type = Option<RoleName>)]
    role: Option<Role>,
    /// Addresses: `self`, `page`, `ws` and `export`, with one for every format.
    #[schema(value_type = Object)]
    links: serde_json::Value,
}

/// What a document holds, fixed when it is made.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it stands for a kind in the OpenAPI document")]
pub enum KindName {
    Markdown,
    Text,
    Code,
}

pub(super) fn view(entry: &Entry, granted: Granted, base: &Base) -> DocumentView {
    let id = &entry.id;
    let here = address(id, base);
    let exports = Format::ALL.map(|format| (format.extension(), format!("{here}/export?format={format}")));
    let exports: serde_json::Map<_, _> =
        exports.into_iter().map(|(name, link)| (name.to_owned(), link.into())).collect();
    let (page, socket) = (base.address(&format!("/d/{id}")), base.address(&format!("/ws/{id}")));
    let links = json!({"self": here, "page": page, "ws": socket, "export": exports});
    DocumentView {
        id: id.clone(),
        kind: entry.kind,
        title: entry.title.clone(),
        tags: entry.tags.clone(),
        created: rfc3339(entry.created_ms),
        updated: rfc3339(entry.updated_ms),
        trashed: entry.trashed_ms.map(rfc3339),
        role: granted.role,
        links,
    }
}

fn address(id: &DocId, base: &Base) -> String {
    base.address(&format!("/api/v1/documents/{id}"))
}

/// Make a document
///
/// From JSON, or from a form with a file.
#[utoipa::path(
    post, path = "/api/v1/documents", tag = "documents",
    request_body(content((Json = "application/json"), (Form = "multipart/form-data"))),
    responses(
        (status = 201, body = DocumentView), (status = 409, body = ProblemView), (status = 410, body = ProblemView),
    ),
)]
pub async fn create(
    api: web::Data<Api>,
    base: Base,
    admitted: Admitted,
    Upload(new): Upload,
) -> Result<HttpResponse, Problem> {
    let caller = &admitted.caller;
    // Some may make only documents of certain ids, and this one is known just now.
    api.access.decide(Needs::Create, caller, Some(Target { id: &new.id, number: None }))?;
    let entry = api.documents.create(new).await?;
    api.access.own(entry.number, &caller.identity).await?;
    made(&api, caller, &entry, &base)
}

fn made(api: &Api, caller: &Caller, entry: &Entry, base: &Base) -> Result<HttpResponse, Problem> {
    let granted = readable(api, caller, entry)?;
    let location = (header::LOCATION, address(&entry.id, base));
    Ok(HttpResponse::Created().insert_header(location).json(view(entry, granted, base)))
}

/// What somebody may do with a document, if it is theirs to read.
fn readable(api: &Api, caller: &Caller, entry: &Entry) -> Result<Granted, Denied> {
    granted(api, Needs::Read, caller, entry)
}

pub(super) fn granted(api: &Api, needs: Needs, caller: &Caller, entry: &Entry) -> Result<Granted, Denied> {
    api.access.decide(needs, caller, Some(Target { id: &entry.id, number: Some(entry.number) }))
}

/// Look at a document
#[utoipa::path(
    get, path = "/api/v1/documents/{id}", tag = "documents", params(("id" = String, Path)),
    responses(
        (status = 200, body = DocumentView), (status = 404, body = ProblemView), (status = 410, body = ProblemView),
    ),
)]
pub async fn show(
    api: web::Data<Api>,
    base: Base,
    admitted: Admitted,
    id: web::Path<DocId>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(view(&api.documents.find(&id).await?, admitted.granted, &base)))
}

/// What is to change; at least one of them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    title: Option<String>,
    /// All of them, in place of those before: 16 at most, of 1 to 32 characters.
    tags: Option<Vec<String>>,
}

/// Give a document another title, or other tags
#[utoipa::path(
    patch, path = "/api/v1/documents/{id}", tag = "documents", params(("id" = String, Path)), request_body = Patch,
    responses(
        (status = 200, body = DocumentView), (status = 404, body = ProblemView), (status = 410, body = ProblemView),
    ),
)]
pub async fn change(
    api: web::Data<Api>,
    base: Base,
    admitted: Admitted,
    id: web::Path<DocId>,
    patch: web::Json<Patch>,
) -> Result<HttpResponse, Problem> {
    // Both are looked at before one of them counts.
    let title = patch.title.as_deref().map(upload::title).transpose()?.map(Edit::Title);
    let tags = patch.tags.as_ref().map(|given| tags(given.iter().map(String::as_str))).transpose()?;
    let mut changed = None;
    for edit in title.into_iter().chain(tags.map(Edit::Tags)) {
        changed = Some(api.documents.edit(&id, edit).await?);
    }
    let changed = changed.ok_or_else(|| Problem::invalid("Give a title, or tags, or both."))?;
    Ok(HttpResponse::Ok().json(view(&changed, admitted.granted, &base)))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeleteQuery {
    /// Not into the trash, or out of it, but gone.
    #[serde(default)]
    for_good: bool,
}

/// Put a document in the trash, or delete it for good
///
/// Everybody in it is sent away. What is in the trash is deleted after 30 days.
#[utoipa::path(
    delete, path = "/api/v1/documents/{id}", tag = "documents", params(("id" = String, Path), DeleteQuery),
    responses((status = 204), (status = 404, body = ProblemView), (status = 410, body = ProblemView)),
)]
pub async fn delete(
    api: web::Data<Api>,
    admitted: Admitted,
    id: web::Path<DocId>,
    query: web::Query<DeleteQuery>,
) -> Result<HttpResponse, Problem> {
    if query.for_good {
        api.documents.edit(&id, Edit::Delete).await?;
        if let Some(number) = access::number(admitted.entry.as_ref()) {
            api.access.perform(Command::Forget(number)).await?;
        }
    } else {
        api.documents.edit(&id, Edit::Trash).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Take a document out of the trash
#[utoipa::path(
    post, path = "/api/v1/documents/{id}/restore", tag = "documents", params(("id" = String, Path)),
    responses(
        (status = 200, body = DocumentView), (status = 404, body = ProblemView), (status = 410, body = ProblemView),
    ),
)]
pub async fn restore(
    api: web::Data<Api>,
    base: Base,
    admitted: Admitted,
    id: web::Path<DocId>,
) -> Result<HttpResponse, Problem> {
    let restored = api.documents.edit(&id, Edit::Restore).await?;
    Ok(HttpResponse::Ok().json(view(&restored, admitted.granted, &base)))
}

/// What a duplicate is called.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Duplicate {
    /// 22 random characters by default.
    #[schema(value_type = Option<String>)]
    id: Option<DocId>,
    /// That of the original by default.
    title: Option<String>,
}

/// Make a document of the same kind, text, images and tags
///
/// For whoever may read the one and make the other. History, people and links are not taken along.
#[utoipa::path(
    post, path = "/api/v1/documents/{id}/duplicate", tag = "documents", params(("id" = String, Path)),
    request_body = Duplicate,
    responses(
        (status = 201, body = DocumentView), (status = 404, body = ProblemView), (status = 409, body = ProblemView),
        (status = 410, body = ProblemView),
    ),
)]
pub async fn duplicate(
    api: web::Data<Api>,
    base: Base,
    admitted: Admitted,
    id: web::Path<DocId>,
    duplicate: web::Json<Duplicate>,
) -> Result<HttpResponse, Problem> {
    let caller = &admitted.caller;
    // The route asks whether one may make documents. Both this one and the new one are another question.
    let number = access::number(admitted.entry.as_ref());
    api.access.decide(Needs::Read, caller, Some(Target { id: &id, number }))?;
    let Duplicate { id: new, title } = duplicate.into_inner();
    let new = new.unwrap_or_else(DocId::random);
    api.access.decide(Needs::Create, caller, Some(Target { id: &new, number: None }))?;
    let title = title.as_deref().map(upload::title).transpose()?;
    let (original, state) = api.documents.state(&id).await?;
    let copied =
        web::block(move || Content::of_state(&state).map(|content| import::initial_update(&content.text)));
    let update = copied.await.map_err(Problem::internal)??;
    let title = title.unwrap_or(original.title);
    let document = NewDocument { id: new, kind: original.kind, title, update, again: false };
    let mut entry = api.documents.create(document).await?;
    api.access.own(entry.number, &caller.identity).await?;
    let (images, to) = (api.documents.images(), entry.number);
    let copied = web::block(move || images.copy(original.number, to)).await.map_err(Problem::internal)?;
    if let Err(error) = copied {
        // A text without its images is no duplicate, and nobody has seen it yet.
        api.documents.edit(&entry.id, Edit::Delete).await?;
        api.access.perform(Command::Forget(entry.number)).await?;
        return Err(error.into());
    }
    if !original.tags.is_empty() {
        entry = api.documents.edit(&entry.id, Edit::Tags(original.tags)).await?;
    }
    made(&api, caller, &entry, &base)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// What the document is to leave as.
    #[param(value_type = FormatName, inline)]
    format: String,
}

/// The names of all formats, for the description of the API.
enum FormatName {}

impl PartialSchema for FormatName {
    fn schema() -> RefOr<Schema> {
        let names = Format::ALL.map(Format::extension);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build().into()
    }
}

impl ToSchema for FormatName {}

/// Download a document
#[utoipa::path(
    get, path = "/api/v1/documents/{id}/export", tag = "documents", params(("id" = String, Path), ExportQuery),
    responses(
        (status = 200, description = "The document in that format"), (status = 404, body = ProblemView),
        (status = 410, body = ProblemView), (status = 422, body = ProblemView),
    ),
)]
pub async fn export(
    api: web::Data<Api>,
    id: web::Path<DocId>,
    query: web::Query<ExportQuery>,
) -> Result<HttpResponse, Problem> {
    let format = Format::parse(&query.format)?;
    let (entry, state) = api.documents.state(&id).await?;
    let Entry { number, id, kind, title, created_ms, updated_ms, .. } = entry;
    let source = Source { id, kind, title, created_ms, updated_ms, state };
    let images = api.documents.images();
    let rendered =
        web::block(move || export::render(&source, format, &|address| images.shown(number, address)));
    let rendered = rendered.await.map_err(Problem::internal)??;
    // An export is somebody's text on our origin: should a browser show it after all, it may run and load nothing.
    let policy = format!("sandbox; {}", export::PAGE_POLICY);
    Ok(HttpResponse::Ok()
        .content_type(rendered.content_type)
        .insert_header((header::CONTENT_DISPOSITION, export::content_disposition(&rendered.file_name)))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .body(rendered.bytes))
}
