//! The HTTP interface: every route in one table.

mod access;
mod accounts;
mod admin;
pub mod api;
mod assets;
mod base;
mod conditional;
mod connections;
mod content;
mod documents;
mod error;
mod events;
mod glimpse;
mod headers;
mod host;
mod identity;
mod images;
mod listing;
mod live;
mod openapi;
mod origin;
mod search;
mod serve;
mod session;
mod sharing;
mod tags;
pub mod tls;
mod updates;
mod upgrade;
mod upload;
mod ws;

use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{HttpServiceFactory, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::{Compress, DefaultHeaders, Next, from_fn};
use actix_web::{Error, HttpRequest, Resource, Route, guard, web};

use self::access::Admitted;
use crate::access::Access;
use crate::auth::Mode;
use crate::search::Search;
pub use api::{Answer, Documents, NewDocument, ServiceError};
pub use content::Texts;
pub use error::Problem;
pub use events::Streams;
pub use images::Uploads;
pub use origin::Surroundings;
pub use serve::{Listening, listen};
pub use ws::Entrance;

/// What the handlers share.
pub struct Api {
    pub documents: Arc<dyn Documents>,
    /// Who may do what.
    pub access: Access,
    /// Where words are looked for; nowhere without it.
    pub search: Option<Search>,
    /// Largest document that may be uploaded, in bytes.
    pub upload_bytes: usize,
    /// Largest image that may be added to a document, in bytes.
    pub image_bytes: usize,
    /// Places for images that are on their way.
    pub uploads: Uploads,
    /// Texts that were handed out lately.
    pub texts: Texts,
    /// Places for those who listen for changes.
    pub streams: Streams,
}

impl Api {
    /// Who is recorded as the author of what somebody does here.
    fn author(&self, admitted: &Admitted) -> Arc<str> {
        match self.access.mode() {
            Mode::Open => "api".into(),
            Mode::Accounts | Mode::Jwt => admitted.caller.identity.author().into(),
        }
    }
}

/// Every route of the service, for [`actix_web::App::configure`].
pub fn routes(api: web::Data<Api>) -> impl FnOnce(&mut web::ServiceConfig) {
    // JSON that escapes every letter beyond ASCII is up to three times as long as its text.
    let (json_bytes, upload_bytes) = (api.upload_bytes.saturating_mul(3), api.upload_bytes);
    move |app| {
        error::extractors(app, json_bytes, upload_bytes);
        let page = || get().to(assets::page::<assets::WebApp>);
        let all = web::scope("")
            .wrap(from_fn(origin::check))
            .wrap(from_fn(headers::secure))
            .configure(api_routes)
            .service(web::resource("/ws/{id}").route(web::get().to(ws::connect)).default_service(only("GET")))
            .service(resource("/healthz", "GET, HEAD", [get().to(admin::healthz)]))
            .service(resource("/metrics", "GET, HEAD", [get().to(admin::metrics)]))
            .service(resource("/readyz", "GET, HEAD", [get().to(admin::readyz)]))
            .service(compressed("/", "GET, HEAD", [page()]))
            .service(compressed("/sign-in", "GET, HEAD", [page()]))
            .service(compressed("/join", "GET, HEAD", [page()]))
            .service(compressed("/setup", "GET, HEAD", [page()]))
            .service(compressed("/accounts", "GET, HEAD", [page()]))
            .service(compressed("/d/{id}", "GET, HEAD", [get().to(assets::document::<assets::WebApp>)]))
            .default_service(web::to(assets::file::<assets::WebApp>));
        app.app_data(api).service(all);
    }
}

/// What is answered where the service is not, in a server that has nothing else.
pub fn outside() -> Route {
    web::to(error::outside).wrap(from_fn(origin::check)).wrap(from_fn(headers::secure))
}

fn api_routes(app: &mut web::ServiceConfig) {
    app.service(api("/api/v1", "GET, HEAD", [get().to(openapi::page)]))
        .service(api("/api/v1/openapi.json", "GET, HEAD", [get().to(openapi::json)]))
        .service(api("/api/v1/openapi.css", "GET, HEAD", [get().to(openapi::style)]))
        .service(api(
            "/api/v1/me",
            "GET, HEAD, PATCH",
            [get().to(session::me), web::patch().to(session::change_me)],
        ))
        .service(api(
            "/api/v1/session",
            "POST, DELETE",
            [web::post().to(session::sign_in), web::delete().to(session::sign_out)],
        ))
        .service(api(
            "/api/v1/sessions",
            "GET, HEAD, DELETE",
            [get().to(session::sessions), web::delete().to(session::end_other_sessions)],
        ))
        .service(api("/api/v1/sessions/{session}", "DELETE", [web::delete().to(session::end_session)]))
        .service(api("/api/v1/setup", "POST", [web::post().to(session::setup)]))
        .service(api("/api/v1/invitations/accept", "POST", [web::post().to(session::accept)]))
        .service(api(
            "/api/v1/invitations",
            "GET, HEAD, POST",
            [get().to(accounts::invitations), web::post().to(accounts::invite)],
        ))
        .service(api("/api/v1/invitations/{invitation}", "DELETE", [web::delete().to(accounts::uninvite)]))
        .service(api(
            "/api/v1/accounts",
            "GET, HEAD, POST",
            [get().to(accounts::list), web::post().to(accounts::create)],
        ))
        .service(api(
            "/api/v1/accounts/{account}",
            "PATCH, DELETE",
            [web::patch().to(accounts::change), web::delete().to(accounts::remove)],
        ))
        .service(api(
            "/api/v1/documents",
            "GET, HEAD, POST",
            [get().to(listing::list), web::post().to(documents::create)],
        ))
        .service(api("/api/v1/tags", "GET, HEAD", [get().to(tags::list)]))
        .service(api(
            "/api/v1/documents/{id}",
            "GET, HEAD, PATCH, DELETE",
            [
                get().to(documents::show),
                web::patch().to(documents::change),
                web::delete().to(documents::delete),
            ],
        ))
        .service(api("/api/v1/documents/{id}/export", "GET, HEAD", [get().to(documents::export)]))
        .service(api("/api/v1/documents/{id}/restore", "POST", [web::post().to(documents::restore)]))
        .service(api("/api/v1/documents/{id}/duplicate", "POST", [web::post().to(documents::duplicate)]))
        .service(plain(
            "/api/v1/documents/{id}/content",
            "GET, HEAD, PUT",
            [get().to(content::show), web::put().to(content::rewrite)],
        ))
        .service(plain(
            "/api/v1/documents/{id}/update",
            "GET, HEAD, POST",
            [get().to(updates::show), web::post().to(updates::apply)],
        ))
        .service(plain("/api/v1/documents/{id}/events", "GET", [web::get().to(events::listen)]))
        .service(plain("/api/v1/documents/{id}/images", "POST", [web::post().to(images::keep)]))
        .service(plain("/api/v1/documents/{id}/images/{name}", "GET, HEAD", [get().to(images::show)]))
        .service(api("/api/v1/documents/{id}/connections", "GET, HEAD", [get().to(connections::list)]))
        .service(api(
            "/api/v1/documents/{id}/connections/{session}",
            "DELETE",
            [web::delete().to(connections::end)],
        ))
        .service(api("/api/v1/documents/{id}/access", "GET, HEAD", [get().to(sharing::show)]))
        .service(api(
            "/api/v1/documents/{id}/grants/{name}",
            "PUT, DELETE",
            [web::put().to(sharing::grant), web::delete().to(sharing::ungrant)],
        ))
        .service(api("/api/v1/documents/{id}/owner", "PUT", [web::put().to(sharing::hand_on)]))
        .service(api("/api/v1/documents/{id}/links", "POST", [web::post().to(sharing::share)]))
        .service(api("/api/v1/documents/{id}/links/{link}", "DELETE", [web::delete().to(sharing::revoke)]))
        .service(api("/api/v1/documents/{id}/unlock", "POST", [web::post().to(sharing::unlock)]))
        .service(web::scope("/api").wrap(api_headers()).default_service(web::to(error::no_such_route)));
}

/// Answers of the API are nobody's to keep.
fn api_headers() -> DefaultHeaders {
    DefaultHeaders::new().add(("Cache-Control", "no-store"))
}

/// A resource with its routes, which are asked only by those who may; every other method is told which there are.
fn resource<const N: usize>(
    path: &'static str,
    allow: &'static str,
    routes: [Route; N],
) -> Resource<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>,
> {
    let resource = routes.into_iter().fold(web::resource(path), Resource::route);
    let checked = from_fn(move |request: ServiceRequest, next: Next<BoxBody>| {
        access::check(path, allow, request, next)
    });
    resource.default_service(only(allow)).wrap(checked)
}

/// A resource of the API as it is: a text's or an image's tag is that of its bytes, and events are not to be gathered.
fn plain<const N: usize>(
    path: &'static str,
    allow: &'static str,
    routes: [Route; N],
) -> impl HttpServiceFactory + 'static {
    resource(path, allow, routes).wrap(api_headers())
}

/// A resource of the API.
fn api<const N: usize>(
    path: &'static str,
    allow: &'static str,
    routes: [Route; N],
) -> impl HttpServiceFactory + 'static {
    compressed(path, allow, routes).wrap(api_headers())
}

/// A resource whose answers are compressed as they are sent. The app's files are not among them: they are compressed beforehand, and their
/// tags are those of their bytes.
fn compressed<const N: usize>(
    path: &'static str,
    allow: &'static str,
    routes: [Route; N],
) -> Resource<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    resource(path, allow, routes).wrap(Compress::default())
}

/// The answer to methods that are not known.
fn only(allow: &'static str) -> Route {
    web::to(
        move |request: HttpRequest| async move { error::method_not_allowed(request.method().as_str(), allow) },
    )
}

/// GET, and HEAD with it: the server leaves the body away by itself.
fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Method(Method::HEAD)))
}

#[cfg(test)]
mod tests;
