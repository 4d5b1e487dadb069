//! Whose pages are listened to, asked before anything else of every request. [`crate::auth::origins`] decides.

use std::net::IpAddr;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HOST, HeaderMap, ORIGIN};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, ResponseError, web};
use smallvec::SmallVec;

use super::base::Base;
use super::error::Problem;
use crate::auth::origins::{Sender, changes_state};
use crate::auth::proxies::{Client, Forwarded};
use crate::auth::{Authority, FrameAncestors, Origins, Proxies};

/// What an operator has said of pages, proxies and TLS.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    pub origins: Origins,
    pub proxies: Proxies,
    /// Whose pages may show the app in a frame.
    pub frames: FrameAncestors,
    /// Whether the server itself speaks TLS.
    pub tls: bool,
}

/// Where a request comes from and how, for handlers.
#[derive(Debug, Clone)]
struct Source {
    address: IpAddr,
    secure: bool,
    host: Option<Authority>,
}

/// The address of whoever is at the other end, as far as that is known; this machine for a local socket, whose users may do worse.
pub fn address(request: &HttpRequest) -> IpAddr {
    let source = request.extensions().get::<Source>().map(|source| source.address);
    source.unwrap_or_else(|| peer(request.peer_addr().map(|peer| peer.ip())))
}

/// Whether it came over TLS, as far as that is known: to us, or to a proxy that is believed.
pub fn is_secure(request: &HttpRequest) -> bool {
    request.extensions().get::<Source>().is_some_and(|source| source.secure)
}

/// The host that was asked for, if there is one that makes sense.
pub fn host(request: &HttpRequest) -> Option<Authority> {
    request.extensions().get::<Source>().and_then(|source| source.host.clone())
}

fn peer(address: Option<IpAddr>) -> IpAddr {
    address.unwrap_or(IpAddr::from([127, 0, 0, 1]))
}

/// Pass a request on unless a page sent it that is not listened to.
pub async fn check(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let surroundings = request.app_data::<web::Data<Surroundings>>().cloned().unwrap_or_default();
    let source = surroundings.source(&request);
    let judged = surroundings.judge(&request, &source);
    let base = Base::of(&request);
    request.extensions_mut().insert(source);
    request.extensions_mut().insert(base);
    match judged {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(problem) => Ok(request.into_response(problem.error_response())),
    }
}

impl Surroundings {
    /// Who it is from, and how it came.
    fn source(&self, request: &ServiceRequest) -> Source {
        let headers = request.headers();
        let client = self.client(peer(request.peer_addr().map(|peer| peer.ip())), headers);
        let ours = self.tls || request.app_config().secure();
        Source {
            address: client.address,
            secure: client.secure.unwrap_or(ours),
            host: client.host.or_else(|| asked_for(headers)),
        }
    }

    /// What is wrong with it, if anything.
    fn judge(&self, request: &ServiceRequest, source: &Source) -> Result<(), Problem> {
        let headers = request.headers();
        if !self.origins.answers_to(source.host.as_ref()) {
            return Err(misdirected());
        }
        // A socket does more than any other request, and browsers open one for whoever asks.
        if changes_state(request.method().as_str()) || headers.contains_key("sec-websocket-key") {
            let (origins, fetch_sites) = (lines(headers, ORIGIN.as_str()), lines(headers, "sec-fetch-site"));
            let sender = Sender {
                origins: &origins,
                fetch_sites: &fetch_sites,
                host: source.host.as_ref(),
                secure: source.secure,
            };
            self.origins.judge(&sender).map_err(|stranger| strange(stranger.to_string()))?;
        }
        Ok(())
    }

    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let lines = |name| texts(headers, name);
        let [addresses, protocols, hosts] =
            [lines("x-forwarded-for"), lines("x-forwarded-proto"), lines("x-forwarded-host")];
        self.proxies.client(peer, Forwarded { addresses: &addresses, protocols: &protocols, hosts: &hosts })
    }
}

fn lines<'a>(headers: &'a HeaderMap, name: &str) -> SmallVec<[&'a [u8]; 2]> {
    headers.get_all(name).map(|value| value.as_bytes()).collect()
}

/// What is text of a header's lines. A client's own noise must not hide what a proxy wrote behind it.
fn texts<'a>(headers: &'a HeaderMap, name: &str) -> SmallVec<[&'a str; 2]> {
    headers.get_all(name).map(|value| text_at_the_end(value.as_bytes())).collect()
}

fn text_at_the_end(bytes: &[u8]) -> &str {
    let noise = bytes.iter().rposition(|byte| !byte.is_ascii());
    str::from_utf8(&bytes[noise.map_or(0, |at| at + 1)..]).expect("ASCII is UTF-8")
}

/// The one host that is asked for.
fn asked_for(headers: &HeaderMap) -> Option<Authority> {
    match lines(headers, HOST.as_str())[..] {
        [host] => Authority::parse(str::from_utf8(host).ok()?),
        _ => None,
    }
}

fn misdirected() -> Problem {
    Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        "misdirected",
        "This server does not go by that name",
        "The server listens on this machine only and answers to names of this machine, such as localhost. If a proxy in front \
         of it passes another name on, the operator lists it in `origins`. Nothing was changed.",
    )
}

fn strange(reason: String) -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "cross-site",
        "Another site may not do this",
        format!("Refused because {reason}. Nothing was changed."),
    )
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};
    use actix_web::test::TestRequest;

    use super::*;
    use crate::auth::Hosts;

    const PAGE: &str = "https://notes.example";

    /// A socket that a page of ours asks for through a proxy.
    fn proxied(peer: &str) -> ServiceRequest {
        TestRequest::get()
            .uri("/ws/notes")
            .peer_addr(peer.parse().expect(peer))
            .insert_header(("host", "10.0.0.2:8080"))
            .insert_header(("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="))
            .insert_header(("origin", PAGE))
            .insert_header(("x-forwarded-host", "notes.example"))
            .insert_header(("x-forwarded-proto", "https"))
            .insert_header(("x-forwarded-for", "198.51.100.7, 203.0.113.9"))
            .to_srv_request()
    }

    fn status(surroundings: &Surroundings, request: &ServiceRequest) -> Result<IpAddr, u16> {
        let source = surroundings.source(request);
        let judged = surroundings.judge(request, &source);
        judged.map(|()| source.address).map_err(|problem| problem.status_code().as_u16())
    }

    #[test]
    fn a_proxy_is_believed_if_it_is_trusted() {
        let proxies = Proxies::parse("10.0.0.0/8").expect("a network");
        let trusting = Surroundings { proxies, ..Surroundings::default() };
        let client: IpAddr = [203, 0, 113, 9].into();
        assert_eq!(status(&trusting, &proxied("10.0.0.1:5000")), Ok(client));
        assert_eq!(status(&trusting, &proxied("192.0.2.1:5000")), Err(403), "anybody can write such headers");
        assert_eq!(status(&Surroundings::default(), &proxied("10.0.0.1:5000")), Err(403));
    }

    #[test]
    fn what_comes_over_our_own_tls_is_secure_unless_a_trusted_proxy_says_otherwise() {
        let proxies = Proxies::parse("10.0.0.0/8").expect("a network");
        let plain = Surroundings { proxies, ..Surroundings::default() };
        let ours = Surroundings { tls: true, ..plain.clone() };
        let direct = TestRequest::get().insert_header(("host", "notes.example")).to_srv_request();
        assert!(ours.source(&direct).secure && !plain.source(&direct).secure);
        assert!(plain.source(&proxied("10.0.0.1:5000")).secure);
        assert!(!plain.source(&proxied("192.0.2.1:5000")).secure);
        let mut outside = proxied("10.0.0.1:5000");
        let http = HeaderValue::from_static("http");
        outside.headers_mut().insert(HeaderName::from_static("x-forwarded-proto"), http);
        assert!(!ours.source(&outside).secure);
        // A page without TLS is none of a server with it.
        let socket = |origin: &'static str| {
            let request = TestRequest::get().insert_header(("host", "notes.example"));
            let key = ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
            request.insert_header(key).insert_header(("origin", origin)).to_srv_request()
        };
        assert!(status(&ours, &socket("https://notes.example")).is_ok());
        assert_eq!(status(&ours, &socket("http://notes.example")), Err(403));
    }

    #[test]
    fn noise_hides_no_address_behind_it() {
        let proxies = Proxies::parse("10.0.0.0/8").expect("a network");
        let trusting = Surroundings { proxies, ..Surroundings::default() };
        let mut noisy = proxied("10.0.0.1:5000");
        let value = HeaderValue::from_bytes(b"\xff\xfe, 203.0.113.9").expect("bytes that a header may have");
        noisy.headers_mut().insert(HeaderName::from_static("x-forwarded-for"), value);
        assert_eq!(status(&trusting, &noisy), Ok([203, 0, 113, 9].into()));
    }

    #[test]
    fn a_server_for_this_machine_goes_by_its_names_and_those_listed() {
        let asked = |host: &'static str| TestRequest::get().insert_header(("host", host)).to_srv_request();
        let listed =
            Origins::new(vec![crate::auth::Origin::parse(PAGE).expect("an origin")], Hosts::Loopback);
        let local = Surroundings { origins: listed, ..Surroundings::default() };
        for host in ["localhost:8080", "127.0.0.1", "[::1]:8080", "notes.example"] {
            assert_eq!(status(&local, &asked(host)), Ok([127, 0, 0, 1].into()), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "", "127.0.0.1, evil.example"] {
            assert_eq!(status(&local, &asked(host)), Err(421), "{host}");
        }
        let mut twice = asked("localhost");
        twice.headers_mut().append(HOST, "evil.example".parse().expect("a value"));
        assert_eq!(status(&local, &twice), Err(421));
        let mut noisy = asked("localhost");
        noisy.headers_mut().insert(HOST, HeaderValue::from_bytes(b"\xfflocalhost").expect("bytes"));
        assert_eq!(status(&local, &noisy), Err(421));
        assert_eq!(status(&Surroundings::default(), &asked("evil.example")), Ok([127, 0, 0, 1].into()));
    }
}
