//! The documents as a REST resource: make, list, look at, rename, delete and export.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Api;
use super::access::{self, Admitted};
use super::base::Base;
use super::error::Problem;
use super::upload::{self, Upload};
use crate::access::Caller;
use crate::auth::{Command, Denied, Granted, Mode, Needs, Role, Target};
use crate::export::{self, Format, Source};
use crate::ids::{DocId, DocNumber, Kind};
use crate::limits;
use crate::store::{Edit, Entry, Listing, Place, Rank};
use crate::timestamp::rfc3339;

/// Documents on a page of the list, when nothing else is asked for.
const PAGE: usize = 100;

/// A document as JSON.
#[derive(Serialize)]
struct View<'a> {
    id: &'a DocId,
    kind: Kind,
    title: &'a str,
    created: String,
    updated: String,
    /// What whoever asks may do with it.
    role: Option<Role>,
    links: serde_json::Value,
}

fn view<'a>(entry: &'a Entry, granted: Granted, base: &Base) -> View<'a> {
    let id = &entry.id;
    let here = address(id, base);
    let exports = Format::ALL.map(|format| (format.extension(), format!("{here}/export?format={format}")));
    let exports: serde_json::Map<_, _> =
        exports.into_iter().map(|(name, link)| (name.to_owned(), link.into())).collect();
    let (page, socket) = (base.address(&format!("/d/{id}")), base.address(&format!("/ws/{id}")));
    let links = json!({"self": here, "page": page, "ws": socket, "export": exports});
    View {
        id,
        kind: entry.kind,
        title: &entry.title,
        created: rfc3339(entry.created_ms),
        updated: rfc3339(entry.updated_ms),
        role: granted.role,
        links,
    }
}

fn address(id: &DocId, base: &Base) -> String {
    base.address(&format!("/api/v1/documents/{id}"))
}

/// `POST /documents`: JSON, or a form with a file.
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
    let granted = readable(&api, caller, &entry)?;
    let created = view(&entry, granted, &base);
    let location = (header::LOCATION, address(&entry.id, &base));
    Ok(HttpResponse::Created().insert_header(location).json(created))
}

/// What somebody may do with a document, if it is theirs to read.
fn readable(api: &Api, caller: &Caller, entry: &Entry) -> Result<Granted, Denied> {
    api.access.decide(Needs::Read, caller, Some(Target { id: &entry.id, number: Some(entry.number) }))
}

#[derive(Deserialize)]
pub struct ListQuery {
    limit: Option<usize>,
    cursor: Option<String>,
}

/// `GET /documents`: the last changed first. A document that changes between two pages moves to the front and is not
/// missed by anybody who starts over.
pub async fn list(
    api: web::Data<Api>,
    base: Base,
    admitted: Admitted,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=limits::LIST_DOCUMENTS).contains(&limit) {
        let most = limits::LIST_DOCUMENTS;
        return Err(Problem::bad_request(format!("The limit must be from 1 to {most}, not {limit}.")));
    }
    let cursor = query.cursor.as_deref().map(parse_cursor).transpose()?;
    // One more tells whether there is another page.
    let mut entries = page(&api, &admitted.caller, cursor, limit + 1).await?;
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| more).map(|(entry, _)| show_cursor(entry.rank()));
    let documents: Vec<_> = entries.iter().map(|(entry, granted)| view(entry, *granted, &base)).collect();
    Ok(HttpResponse::Ok().json(json!({"documents": documents, "next_cursor": next})))
}

/// Of the documents behind that rank the first that somebody may read.
async fn page(
    api: &Api,
    caller: &Caller,
    mut behind: Option<Rank>,
    limit: usize,
) -> Result<Vec<(Entry, Granted)>, Problem> {
    let step = if api.access.mode() == Mode::Open { limit } else { limits::LIST_DOCUMENTS };
    let mut found = Vec::new();
    loop {
        let listing = Listing { behind: behind.map(Place::Time), limit: step, ..Listing::default() };
        let entries = api.documents.list(listing).await?;
        let is_last = entries.len() < step;
        behind = entries.last().map(Entry::rank);
        for entry in entries {
            if let Ok(granted) = readable(api, caller, &entry) {
                found.push((entry, granted));
                if found.len() == limit {
                    return Ok(found);
                }
            }
        }
        if is_last {
            return Ok(found);
        }
    }
}

/// `GET /documents/{id}`
pub async fn show(
    api: web::Data<Api>,
    base: Base,
    admitted: Admitted,
    id: web::Path<DocId>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(view(&api.documents.find(&id).await?, admitted.granted, &base)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    title: String,
}

/// `PATCH /documents/{id}`
pub async fn rename(
    api: web::Data<Api>,
    base: Base,
    admitted: Admitted,
    id: web::Path<DocId>,
    rename: web::Json<Rename>,
) -> Result<HttpResponse, Problem> {
    let title = upload::title(&rename.title)?;
    Ok(HttpResponse::Ok().json(view(
        &api.documents.edit(&id, Edit::Title(title)).await?,
        admitted.granted,
        &base,
    )))
}

/// `DELETE /documents/{id}`
pub async fn delete(
    api: web::Data<Api>,
    admitted: Admitted,
    id: web::Path<DocId>,
) -> Result<HttpResponse, Problem> {
    api.documents.edit(&id, Edit::Delete).await?;
    if let Some(number) = access::number(admitted.entry.as_ref()) {
        api.access.perform(Command::Forget(number)).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
pub struct ExportQuery {
    format: String,
}

/// `GET /documents/{id}/export?format=`
pub async fn export(
    api: web::Data<Api>,
    id: web::Path<DocId>,
    query: web::Query<ExportQuery>,
) -> Result<HttpResponse, Problem> {
    let format = Format::parse(&query.format)?;
    let (entry, state) = api.documents.state(&id).await?;
    let Entry { id, kind, title, created_ms, updated_ms, .. } = entry;
    let source = Source { id, kind, title, created_ms, updated_ms, state };
    let rendered = web::block(move || export::render(&source, format)).await.map_err(Problem::internal)??;
    // An export is somebody's text on our origin: should a browser show it after all, it may run and load nothing.
    let policy = format!("sandbox; {}", export::PAGE_POLICY);
    Ok(HttpResponse::Ok()
        .content_type(rendered.content_type)
        .insert_header((header::CONTENT_DISPOSITION, export::content_disposition(&rendered.file_name)))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .body(rendered.bytes))
}

/// A place in the list as a client holds it.
fn show_cursor(Rank(updated_ms, number): Rank) -> String {
    format!("{updated_ms:x}.{:x}", number.0)
}

fn parse_cursor(text: &str) -> Result<Rank, Problem> {
    let read = || {
        let (ms, number) = text.split_once('.')?;
        let hex = |digits| u64::from_str_radix(digits, 16).ok();
        Some(Rank(hex(ms)?, DocNumber(hex(number)?)))
    };
    read().ok_or_else(|| {
        Problem::bad_request("The cursor is none of ours; take \"next_cursor\" of the page before.")
    })
}
