//! How a request says who it is: a cookie, `Authorization: Bearer`, `Cowrite-Link`, and for sockets what they offer as subprotocols or,
//! for clients that can do no better, in the address.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration as CookieDuration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{AUTHORIZATION, HeaderMap, SEC_WEBSOCKET_PROTOCOL};

use super::base::Base;
use super::origin;
use super::session::Given;
use crate::access::{Access, Bearing, Caller, Credentials, link};
use crate::auth::{DisplayName, Token};
use crate::ids::LoginId;
use crate::limits;

/// The header that brings a link along with whatever else a request brings.
const LINK: &str = "cowrite-link";

/// What comes before a point and a token among the subprotocols that a socket offers, and by itself announces one as the first message.
/// The server never selects such a one.
const SUBPROTOCOL: &str = "cowrite.token";

/// The cookie over TLS: browsers keep it to this host, and take it from nobody who has no TLS.
const SECURE_COOKIE: &str = "__Host-cowrite";

/// The same where the service has only a part of its host, which the first name does not allow.
const SECURE_COOKIE_BENEATH: &str = "__Secure-cowrite";

/// The cookie where there is no TLS, such as on this machine.
const PLAIN_COOKIE: &str = "cowrite";

/// Who sends a request.
pub fn caller(request: &HttpRequest, access: &Access) -> Caller {
    access.identify(&credentials(request), guest(None))
}

/// What a socket brings. `token`: the one in its address.
pub fn of_socket(request: &HttpRequest, token: Option<&Given>) -> Credentials {
    let mut credentials = credentials(request);
    let tokens = offered(request).filter_map(|name| name.strip_prefix(SUBPROTOCOL)?.strip_prefix('.'));
    let tokens = tokens.chain(token.map(Given::text)).filter_map(Bearing::parse);
    tokens.for_each(|token| credentials.add(token));
    credentials
}

/// Whether a socket says that a token is its first message.
pub fn announces_a_token(request: &HttpRequest) -> bool {
    offered(request).any(|name| name == SUBPROTOCOL)
}

fn offered(request: &HttpRequest) -> impl Iterator<Item = &str> {
    let lines = request.headers().get_all(SEC_WEBSOCKET_PROTOCOL).filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

/// What a guest goes by who has not said, or said something that is no name.
pub fn guest(name: Option<&str>) -> DisplayName {
    let chosen = name.and_then(|name| DisplayName::parse(name).ok());
    chosen.unwrap_or_else(|| DisplayName::parse("Guest").expect("a name"))
}

fn credentials(request: &HttpRequest) -> Credentials {
    let mut credentials = Credentials::default();
    let headers = request.headers();
    let cookie = request.cookie(cookie_name(request));
    credentials.login = cookie.and_then(|cookie| Token::<LoginId>::parse(cookie.value()));
    if let Some(bearing) = text(headers, AUTHORIZATION.as_str()).and_then(bearer).and_then(Bearing::parse) {
        credentials.add(bearing);
    }
    if let Some(presented) = text(headers, LINK).and_then(link) {
        credentials.link = Some(presented);
    }
    credentials
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookie_name(request: &HttpRequest) -> &'static str {
    match (origin::is_secure(request), Base::at(request).cookie_path()) {
        (true, "/") => SECURE_COOKIE,
        (true, _) => SECURE_COOKIE_BENEATH,
        (false, _) => PLAIN_COOKIE,
    }
}

/// The cookie that keeps somebody signed in. Scripts cannot read it, and other sites cannot send it along with what changes something.
pub fn signed_in(request: &HttpRequest, token: &Token<LoginId>) -> Cookie<'static> {
    let seconds = i64::try_from(limits::LOGIN_FOR.as_secs()).unwrap_or(i64::MAX);
    cookie(request, token.reveal().reveal().clone(), CookieDuration::seconds(seconds))
}

/// The same cookie, to be forgotten.
pub fn signed_out(request: &HttpRequest) -> Cookie<'static> {
    cookie(request, String::new(), CookieDuration::ZERO)
}

fn cookie(request: &HttpRequest, value: String, age: CookieDuration) -> Cookie<'static> {
    Cookie::build(cookie_name(request), value)
        .path(Base::at(request).cookie_path().to_owned())
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(origin::is_secure(request))
        .max_age(age)
        .finish()
}
