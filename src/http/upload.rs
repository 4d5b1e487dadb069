//! A request's body becomes a new document: JSON, or a form with a file as browsers and `curl -F` send it.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Api;
use super::api::NewDocument;
use super::error::Problem;
use crate::ids::{DocId, Kind};
use crate::{import, limits};

/// Extracts a new document from a request.
pub struct Upload(pub NewDocument);

/// The fields of a new document as JSON; all may be left out.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewDocument)]
#[serde(deny_unknown_fields)]
pub struct Json {
    #[serde(default)]
    #[schema(value_type = super::documents::KindName)]
    kind: Kind,
    #[serde(default)]
    title: String,
    #[serde(default)]
    text: String,
    #[schema(value_type = Option<String>)]
    id: Option<DocId>,
    /// Make it although a document of this id was deleted.
    #[serde(default)]
    again: bool,
}

/// The fields of a form.
#[derive(Default, ToSchema)]
#[schema(as = NewDocumentForm)]
pub struct Form {
    /// A file that ends in .md, .markdown or .txt, in UTF-8.
    #[schema(value_type = String, format = Binary)]
    file: Option<(String, Vec<u8>)>,
    title: Option<String>,
    #[schema(value_type = Option<String>)]
    id: Option<DocId>,
}

/// Largest field of a form that is no file, in bytes.
const FIELD_BYTES: usize = 4 * limits::TITLE_CHARACTERS;

impl FromRequest for Upload {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Upload, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let api = request.app_data::<web::Data<Api>>().expect("the routes carry the API").clone();
            let new = match request.content_type() {
                "multipart/form-data" => {
                    form(Multipart::new(request.headers(), payload), api.upload_bytes).await?
                }
                // Whatever else it is, this answers with what is taken.
                _ => match web::Json::<Json>::from_request(&request, &mut payload).await {
                    Ok(web::Json(json)) => from_json(json, api.upload_bytes).await?,
                    Err(error) => return Err(problem(error)),
                },
            };
            Ok(Upload(new))
        })
    }
}

async fn from_json(json: Json, limit: usize) -> Result<NewDocument, Problem> {
    let text = import::text(json.text.as_bytes())?;
    new_document(json.id, json.kind, title(&json.title)?, text, json.again, limit).await
}

async fn form(mut parts: Multipart, limit: usize) -> Result<NewDocument, Problem> {
    let mut form = Form::default();
    while let Some(mut field) = parts.try_next().await.map_err(malformed)? {
        match field.name().unwrap_or_default() {
            "file" if form.file.is_some() => return Err(Problem::invalid("Send one file at a time.")),
            "file" => {
                let name = field.content_disposition().and_then(|d| d.get_filename()).unwrap_or_default();
                let name = name.to_owned();
                let bytes = read(&mut field, limit).await?.ok_or_else(|| Problem::too_large(limit))?;
                form.file = Some((name, bytes));
            }
            "title" => form.title = Some(short(&mut field).await?),
            "id" => form.id = Some(DocId::parse(&short(&mut field).await?)?),
            other => {
                let other: String = other.chars().take(40).collect();
                let detail = format!("A form has the fields file, title and id, and no {other:?}.");
                return Err(Problem::invalid(detail));
            }
        }
    }
    let Some((name, bytes)) = form.file else {
        return Err(Problem::invalid("The form has no field \"file\" with the file to import."));
    };
    let kind = import::kind(&name)?;
    let text = import::text(&bytes)?;
    let title = match form.title.as_deref().map(str::trim) {
        Some(given) if !given.is_empty() => title(given)?,
        _ => clipped(import::title(&name)),
    };
    new_document(form.id, kind, title, text, false, limit).await
}

async fn new_document(
    id: Option<DocId>,
    kind: Kind,
    title: String,
    text: String,
    again: bool,
    limit: usize,
) -> Result<NewDocument, Problem> {
    if text.len() > limit {
        return Err(Problem::too_large(limit));
    }
    let id = id.unwrap_or_else(DocId::random);
    let update = match text.len() {
        // A book takes long enough to hold up the sockets of this thread.
        limits::HEAVY_BYTES.. => {
            web::block(move || import::initial_update(&text)).await.map_err(Problem::internal)?
        }
        _ => import::initial_update(&text),
    };
    Ok(NewDocument { id, kind, title, update, again })
}

/// A body as it is, within a limit.
pub async fn bytes(body: web::Payload, limit: usize) -> Result<Bytes, Problem> {
    at_most(limit, body).await?.ok_or_else(|| Problem::too_large(limit))
}

/// The same; `None` when it is larger.
pub async fn at_most(limit: usize, mut body: web::Payload) -> Result<Option<Bytes>, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = body.try_next().await? {
        if bytes.len() + chunk.len() > limit {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes.freeze()))
}

/// A title as it may stand in the catalogue: one line, and not a chapter.
pub fn title(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.chars().count() > limits::TITLE_CHARACTERS {
        let most = limits::TITLE_CHARACTERS;
        return Err(Problem::invalid(format!("A title has {most} characters at most.")));
    }
    match text.chars().find(|c| c.is_control()) {
        Some(c) => Err(Problem::invalid(format!("A title is one line of text and cannot contain {c:?}."))),
        None => Ok(text.to_owned()),
    }
}

/// A title from a file's name, which nobody wrote as a title: what does not fit is left out.
fn clipped(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(limits::TITLE_CHARACTERS).collect()
}

async fn short(field: &mut Field) -> Result<String, Problem> {
    let too_long = || Problem::invalid(format!("A field of the form has {FIELD_BYTES} bytes at most."));
    let bytes = read(field, FIELD_BYTES).await?.ok_or_else(too_long)?;
    String::from_utf8(bytes).map_err(|_| Problem::invalid("A field of the form is not UTF-8."))
}

/// A field's bytes, or `None` when they are more than `most`: no more is ever held than may be kept.
async fn read(field: &mut Field, most: usize) -> Result<Option<Vec<u8>>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.try_next().await.map_err(malformed)? {
        if bytes.len() + chunk.len() > most {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

fn malformed(error: MultipartError) -> Problem {
    Problem::bad_request(format!("The form cannot be read: {error}. Nothing was made of it."))
}

/// The extractor's own error is a [`Problem`] already, for its handler makes one.
fn problem(error: actix_web::Error) -> Problem {
    error.as_error::<Problem>().cloned().unwrap_or_else(|| Problem::internal(error))
}
