//! The web app, carried in the binary: its page, its files, and an honest word when it was not built in.

use actix_web::http::header::{self, EntityTag};
use actix_web::http::header::{AcceptEncoding, ContentEncoding, Encoding, Header, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::{Embed, EmbeddedFile};

use super::base::Base;
use super::conditional::is_known;
use super::glimpse::Glimpse;
use super::{error, headers};
use crate::ids::DocId;

/// What `npm run build` left in `web/dist`. Missing files are no error: who works on the server needs no Node.
#[derive(Embed)]
#[folder = "web/dist"]
#[allow_missing = true]
pub struct WebApp;

/// What stands in the page for its nonce (`html.cspNonce` of the web build), and for the folder that it is in (`web/vite/first.ts`).
const NONCE: &str = "COWRITE-NONCE";
const FOLDER: &str = "<base href=\"/\">";

/// The variants of a file that the web build compresses beforehand, the smallest first.
const VARIANTS: [(Encoding, ContentEncoding, &str); 2] = [
    (Encoding::Known(ContentEncoding::Brotli), ContentEncoding::Brotli, ".br"),
    (Encoding::Known(ContentEncoding::Gzip), ContentEncoding::Gzip, ".gz"),
];

/// Vite names these files by their content, so they never change. Whatever lies beside them (the service worker, the manifest, icons) has one
/// address for all builds and is asked for again.
const HASHED: &str = "assets/";

/// The style sheet of notices.
const NOTICE_STYLE: &str = "notice.css";

/// `GET /`: the page, wherever in the app it then goes.
pub async fn page<E: Embed>(request: HttpRequest, base: Base) -> HttpResponse {
    app::<E>(&request, &base, StatusCode::OK, None).unwrap_or_else(|| not_built(&base))
}

/// `GET /d/{id}`: the page of one document, with its first lines for those who may read it.
pub async fn document<E: Embed>(request: HttpRequest, base: Base, id: web::Path<String>) -> HttpResponse {
    match DocId::parse(&id) {
        Ok(id) => {
            let glimpse = Glimpse::of(&request, &id).await;
            let page = app::<E>(&request, &base, StatusCode::OK, glimpse.as_ref());
            page.unwrap_or_else(|| not_built(&base))
        }
        Err(reason) => told::<E>(&request, &base, StatusCode::BAD_REQUEST).unwrap_or_else(|| {
            // The reason echoes at most one character of the address, and that one quoted and escaped.
            let reason = reason.to_string().replace('&', "&amp;").replace('<', "&lt;");
            let text = format!("The address names no document: {reason}. {}", home(&base));
            notice(&base, StatusCode::BAD_REQUEST, "This is not a document's address", &text)
        }),
    }
}

/// The app, if it is in this build. It is another each time, because of its nonce: nothing of it is worth keeping, and what somebody may
/// read in it is not to be found by the next one at that computer.
fn app<E: Embed>(
    request: &HttpRequest,
    base: &Base,
    status: StatusCode,
    glimpse: Option<&Glimpse>,
) -> Option<HttpResponse> {
    let built = E::get("index.html")?;
    let built = String::from_utf8_lossy(&built.data);
    let nonce = headers::nonce();
    let folder = format!("<base href=\"{}\">", base.address("/"));
    let page = built.replace(NONCE, &nonce).replace(FOLDER, &folder);
    let (page, keep) = match glimpse {
        Some(glimpse) => (glimpse.within(&page), "no-store"),
        None => (page, "no-cache"),
    };
    Some(
        HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, keep))
            .insert_header((header::CONTENT_SECURITY_POLICY, headers::page_policy(request, &nonce, &built)))
            .body(page),
    )
}

fn not_built(base: &Base) -> HttpResponse {
    let (api, sockets) = (base.address("/api/v1/documents"), base.address("/ws/{document}"));
    let text = format!(
        "The server runs, and programs can use it at <code>{api}</code> and <code>{sockets}</code>. \
         To have the editor here too, run <code>make build</code> and start the server again."
    );
    notice(base, StatusCode::NOT_IMPLEMENTED, "The web app is not in this build", &text)
}

/// Everything else that has no route: a file of the app, or nothing.
pub async fn file<E: Embed>(request: HttpRequest, base: Base) -> HttpResponse {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let problem = error::method_not_allowed(request.method().as_str(), "GET, HEAD");
        return HttpResponse::from_error(problem);
    }
    let found = match request.match_info().unprocessed() {
        // The service's own folder without a slash.
        "" => {
            let inside = (header::LOCATION, base.address("/"));
            Some(HttpResponse::TemporaryRedirect().insert_header(inside).finish())
        }
        path => match path.trim_start_matches('/') {
            NOTICE_STYLE => Some(notice_style()),
            // The page has its own addresses; under its file name it would have no nonce.
            name if name.starts_with("index.html") => None,
            name => serve::<E>(&request, name),
        },
    };
    found.or_else(|| told::<E>(&request, &base, StatusCode::NOT_FOUND)).unwrap_or_else(|| {
        let text = format!("Nothing is at this address. {}", home(&base));
        notice(&base, StatusCode::NOT_FOUND, "There is nothing here", &text)
    })
}

/// The app, for somebody who opened an address that has no page: it says so in their language. Programs get a notice.
fn told<E: Embed>(request: &HttpRequest, base: &Base, status: StatusCode) -> Option<HttpResponse> {
    let opened = request.headers().get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
    opened.then(|| app::<E>(request, base, status, None)).flatten()
}

/// A file in the best encoding that the client takes, or only the word that it has it already.
fn serve<E: Embed>(request: &HttpRequest, path: &str) -> Option<HttpResponse> {
    let plain = E::get(path)?;
    let (file, encoding) = variant::<E>(request, path).unwrap_or((plain, ContentEncoding::Identity));
    let tag = tag(&file);
    let known = is_known(request, &tag);
    let mut response = HttpResponse::build(if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    response
        .insert_header(header::ETag(tag))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::CACHE_CONTROL, cache(path)));
    let content_type = content_type(path);
    // Also beside "you have it already": what that answer says replaces what the browser has kept of the first.
    if content_type.as_bytes().starts_with(b"text/javascript") {
        response.insert_header((header::CONTENT_SECURITY_POLICY, headers::worker_policy(request)));
    }
    if encoding != ContentEncoding::Identity {
        response.insert_header((header::CONTENT_ENCODING, encoding));
    }
    if known {
        return Some(response.finish());
    }
    response.insert_header((header::CONTENT_TYPE, content_type));
    // Embedded bytes are static in every build, so this copies nothing.
    Some(match file.data {
        std::borrow::Cow::Borrowed(bytes) => response.body(bytes),
        std::borrow::Cow::Owned(bytes) => response.body(bytes),
    })
}

fn variant<E: Embed>(request: &HttpRequest, path: &str) -> Option<(EmbeddedFile, ContentEncoding)> {
    let accepted = AcceptEncoding::parse(request).ok().filter(|accepted| !accepted.is_empty())?;
    let mut there = VARIANTS
        .into_iter()
        .filter_map(|(name, encoding, suffix)| Some((name, E::get(&format!("{path}{suffix}"))?, encoding)));
    let takes = |name: &Encoding| accepted.negotiate([name].into_iter()).as_ref() == Some(name);
    there.find(|(name, _, _)| takes(name)).map(|(_, file, encoding)| (file, encoding))
}

/// Half of the SHA-256 of exactly the bytes that are sent: a strong tag, another for each encoding.
fn tag(file: &EmbeddedFile) -> EntityTag {
    let hash = file.metadata.sha256_hash();
    EntityTag::new_strong(hash[..16].iter().map(|byte| format!("{byte:02x}")).collect())
}

fn cache(path: &str) -> &'static str {
    match path.starts_with(HASHED) {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    }
}

fn content_type(path: &str) -> HeaderValue {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let text =
        kind.type_() == "text" || kind.subtype() == "json" || kind.suffix().is_some_and(|s| s == "xml");
    let value = if text { format!("{kind}; charset=utf-8") } else { kind.to_string() };
    HeaderValue::from_str(&value).expect("media types are ASCII")
}

fn home(base: &Base) -> String {
    format!("<a href=\"{}\">See all documents</a>.", base.address("/"))
}

/// A page of our own with one thing to say. `text` is HTML.
fn notice(base: &Base, status: StatusCode, title: &str, text: &str) -> HttpResponse {
    let style = base.address("/") + NOTICE_STYLE;
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title} – Cowrite</title>\n<link rel=\"stylesheet\" href=\"{style}\">\n</head>\n\
             <body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n</main>\n</body>\n</html>\n"
        ))
}

fn notice_style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(include_str!("notice.css"))
}

#[cfg(test)]
mod tests;
