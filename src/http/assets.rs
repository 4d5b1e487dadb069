//! The web app, carried in the binary: its page, its files, and an honest word when it was not built in.

use actix_web::http::header::{self, EntityTag, IfNoneMatch};
use actix_web::http::header::{AcceptEncoding, ContentEncoding, Encoding, Header, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use rust_embed::{Embed, EmbeddedFile};

use super::error;
use crate::ids::DocId;

/// What `npm run build` left in `web/dist`. Missing files are no error: who works on the server needs no Node.
#[derive(Embed)]
#[folder = "web/dist"]
#[allow_missing = true]
pub struct WebApp;

/// What the page may do: run its own scripts, talk to its own server, show pictures from anywhere.
///
/// CodeMirror adds style elements as it runs, hence `'unsafe-inline'`: to be tightened with a nonce. Some browsers do not
/// take a WebSocket to the same host for `'self'`, hence `ws: wss:`.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' https: data: blob:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; \
    frame-ancestors 'self'; form-action 'self'";

/// The variants of a file that the web build compresses beforehand, the smallest first.
const VARIANTS: [(Encoding, ContentEncoding, &str); 2] = [
    (Encoding::Known(ContentEncoding::Brotli), ContentEncoding::Brotli, ".br"),
    (Encoding::Known(ContentEncoding::Gzip), ContentEncoding::Gzip, ".gz"),
];

/// Vite names these files by their content, so they never change.
const HASHED: &str = "assets/";

/// `GET /`: the page, wherever in the app it then goes.
pub async fn page<E: Embed>(request: HttpRequest) -> HttpResponse {
    serve::<E>(&request, "index.html").unwrap_or_else(|| {
        notice(
            StatusCode::NOT_IMPLEMENTED,
            "The web app is not in this build",
            "The server runs, and programs can use it at <code>/api/v1/documents</code> and <code>/ws/{document}</code>. \
             To have the editor here too, run <code>make build</code> and start the server again.",
        )
    })
}

/// `GET /d/{id}`: the page of one document.
pub async fn document<E: Embed>(request: HttpRequest, id: web::Path<String>) -> HttpResponse {
    match DocId::parse(&id) {
        Ok(_) => page::<E>(request).await,
        // The reason echoes at most one character of the address, and that one quoted and escaped.
        Err(reason) => {
            let reason = reason.to_string().replace('&', "&amp;").replace('<', "&lt;");
            let text =
                format!("The address names no document: {reason}. <a href=\"/\">See all documents</a>.");
            notice(StatusCode::BAD_REQUEST, "This is not a document's address", &text)
        }
    }
}

/// Everything else that has no route: a file of the app, or nothing.
pub async fn file<E: Embed>(request: HttpRequest) -> HttpResponse {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let problem = error::method_not_allowed(request.method().as_str(), "GET, HEAD");
        return HttpResponse::from_error(problem);
    }
    let path = request.path().trim_start_matches('/');
    // The page has its own addresses; under its file name it would resolve nothing.
    let found = if path == "index.html" { None } else { serve::<E>(&request, path) };
    found.unwrap_or_else(|| {
        let text = "Nothing is at this address. <a href=\"/\">See all documents</a>.";
        notice(StatusCode::NOT_FOUND, "There is nothing here", text)
    })
}

/// A file in the best encoding that the client takes, or only the word that it has it already.
fn serve<E: Embed>(request: &HttpRequest, path: &str) -> Option<HttpResponse> {
    let plain = E::get(path)?;
    let (file, encoding) = variant::<E>(request, path).unwrap_or((plain, ContentEncoding::Identity));
    let tag = tag(&file);
    let known = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut response = HttpResponse::build(if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    response
        .insert_header(header::ETag(tag))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::CACHE_CONTROL, cache(path)));
    if encoding != ContentEncoding::Identity {
        response.insert_header((header::CONTENT_ENCODING, encoding));
    }
    secure(&mut response);
    if path.ends_with(".html") {
        response.insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
    }
    if known {
        return Some(response.finish());
    }
    response.insert_header((header::CONTENT_TYPE, content_type(path)));
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

fn secure(response: &mut HttpResponseBuilder) {
    response
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // An address with a document's id opens the document: it is nobody else's to know.
        .insert_header((header::REFERRER_POLICY, "no-referrer"));
}

/// A page of our own with one thing to say. `text` is HTML.
fn notice(status: StatusCode, title: &str, text: &str) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    secure(&mut response);
    response
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"))
        .body(format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title} – Cowrite</title>\n<style>{}</style>\n</head>\n\
             <body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n</main>\n</body>\n</html>\n",
            include_str!("notice.css")
        ))
}

#[cfg(test)]
mod tests;
