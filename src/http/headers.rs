//! What every answer says to browsers of what they may do with it, in one place. Whoever has a policy of their own keeps it: the app's
//! page and its scripts, which may do more, and exports, which may do less.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::origin::{self, Surroundings};

/// What is the same on every answer.
const ALWAYS: [(HeaderName, &str); 5] = [
    // Nothing is to be taken for something else than it says it is.
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // An address with a document's id opens the document where everybody may: it is nobody else's to know.
    (header::REFERRER_POLICY, "no-referrer"),
    (
        header::PERMISSIONS_POLICY,
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    // Windows of other sites cannot reach into ours, nor can their pages take our answers in.
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
];

/// A year: who came once over TLS never again comes without.
const HSTS: &str = "max-age=31536000";

/// Put the headers on whatever is answered.
pub async fn secure(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let surroundings = surroundings(response.request());
        let is_secure = origin::is_secure(response.request());
        apply(response.headers_mut(), &surroundings, is_secure);
    }
    Ok(response)
}

fn apply(headers: &mut HeaderMap, surroundings: &Surroundings, is_secure: bool) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    if let Some(frames) = surroundings.frames.x_frame_options() {
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static(frames));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let frames = surroundings.frames.policy();
        // Our own notices have a style sheet and nothing else.
        let policy = format!(
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {frames}"
        );
        headers.insert(header::CONTENT_SECURITY_POLICY, value(policy));
    }
}

/// What the app's page may do: run its own scripts, talk to its own server, show pictures from anywhere, be installed and work
/// without a network. The editor adds style elements as it runs: those that carry this page's nonce. The scripts within the page as it was
/// built are named by their hashes, so that no other runs whatever comes into it.
pub fn page_policy(request: &HttpRequest, nonce: &str, page: &str) -> HeaderValue {
    let frames = surroundings(request).frames.policy();
    // Not every browser takes a WebSocket to the same host for 'self'.
    let sockets = origin::host(request).map_or(String::new(), |host| match origin::is_secure(request) {
        true => format!(" wss://{}", host.as_str()),
        false => format!(" ws://{0} wss://{0}", host.as_str()),
    });
    let scripts: String = within(page).map(|script| format!(" 'sha256-{}'", hash(script))).collect();
    value(format!(
        "default-src 'none'; script-src 'self'{scripts}; style-src 'self' 'nonce-{nonce}'; img-src 'self' https: data: blob:; \
         font-src 'self'; connect-src 'self'{sockets}; worker-src 'self'; manifest-src 'self'; base-uri 'self'; \
         form-action 'self'; frame-ancestors {frames}"
    ))
}

/// What a script of the app may do that runs by itself, as a worker: load others of ours and ask its own server. A worker lives by the policy
/// it came with, and not by that of the page which started it.
pub fn worker_policy(request: &HttpRequest) -> HeaderValue {
    let frames = surroundings(request).frames.policy();
    value(format!(
        "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors {frames}"
    ))
}

/// The scripts within a page, as the web build left them there.
fn within(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script").skip(1).filter_map(|tag| {
        let (attributes, behind) = tag.split_once('>')?;
        let (script, _) = behind.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(script)
    })
}

fn hash(script: &str) -> String {
    STANDARD.encode(Sha256::digest(script))
}

/// What nobody can know before the page is sent.
pub fn nonce() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    STANDARD.encode(bytes)
}

fn surroundings(request: &HttpRequest) -> web::Data<Surroundings> {
    request.app_data::<web::Data<Surroundings>>().cloned().unwrap_or_default()
}

fn value(policy: String) -> HeaderValue {
    HeaderValue::from_str(&policy).expect("hosts, origins and nonces are ASCII")
}
