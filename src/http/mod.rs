//! The HTTP interface: every route in one table.

mod admin;
pub mod api;
mod assets;
mod base;
mod documents;
mod error;
mod headers;
mod host;
mod live;
mod origin;
mod serve;
pub mod tls;
mod upgrade;
mod upload;
mod ws;

use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::{Compress, DefaultHeaders, Next, from_fn};
use actix_web::{Error, HttpRequest, Resource, Route, guard, web};

use crate::auth::needs;

pub use api::{Answer, Documents, NewDocument, ServiceError};
pub use error::Problem;
pub use origin::Surroundings;
pub use serve::{Listening, listen};
pub use ws::Entrance;

/// What the handlers share.
pub struct Api {
    pub documents: Arc<dyn Documents>,
    /// Largest document that may be uploaded, in bytes.
    pub upload_bytes: usize,
}

/// Every route of the service, for [`actix_web::App::configure`].
pub fn routes(api: web::Data<Api>) -> impl FnOnce(&mut web::ServiceConfig) {
    // JSON that escapes every letter beyond ASCII is up to three times as long as its text.
    let (json_bytes, upload_bytes) = (api.upload_bytes.saturating_mul(3), api.upload_bytes);
    move |app| {
        error::extractors(app, json_bytes, upload_bytes);
        let all = web::scope("")
            .wrap(from_fn(origin::check))
            .wrap(from_fn(headers::secure))
            .service(
                web::scope("/api")
                    // Only here: the app's files are compressed beforehand, and their tags are those of their bytes.
                    .wrap(Compress::default())
                    .wrap(api_headers())
                    .service(resource(
                        "/v1/documents",
                        "GET, HEAD, POST",
                        [get().to(documents::list), web::post().to(documents::create)],
                    ))
                    .service(resource(
                        "/v1/documents/{id}",
                        "GET, HEAD, PATCH, DELETE",
                        [
                            get().to(documents::show),
                            web::patch().to(documents::rename),
                            web::delete().to(documents::delete),
                        ],
                    ))
                    .service(resource(
                        "/v1/documents/{id}/export",
                        "GET, HEAD",
                        [get().to(documents::export)],
                    ))
                    .default_service(web::to(error::no_such_route)),
            )
            .service(resource("/ws/{id}", "GET", [web::get().to(ws::connect)]))
            .service(resource("/healthz", "GET, HEAD", [get().to(admin::healthz)]))
            .service(resource("/metrics", "GET, HEAD", [get().to(admin::metrics)]))
            .service(resource("/readyz", "GET, HEAD", [get().to(admin::readyz)]))
            .service(resource("/", "GET, HEAD", [get().to(assets::page::<assets::WebApp>)]))
            .service(resource("/d/{id}", "GET, HEAD", [get().to(assets::document::<assets::WebApp>)]))
            .default_service(web::to(assets::file::<assets::WebApp>));
        app.app_data(api).service(all);
    }
}

/// What is answered where the service is not, in a server that has nothing else.
pub fn outside() -> Route {
    web::to(error::outside).wrap(from_fn(origin::check)).wrap(from_fn(headers::secure))
}

/// Answers of the API are nobody's to keep.
fn api_headers() -> DefaultHeaders {
    DefaultHeaders::new().add(("Cache-Control", "no-store"))
}

/// A resource with its routes; every other method is told which there are.
fn resource<const N: usize>(
    path: &'static str,
    allow: &'static str,
    routes: [Route; N],
) -> Resource<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let refuse = move |request: HttpRequest| async move {
        error::method_not_allowed(request.method().as_str(), allow)
    };
    let whole = if path.starts_with("/v1/") { format!("/api{path}") } else { path.to_owned() };
    let ask = move |request: ServiceRequest, next: Next<_>| {
        host::ask(needs::of_route(request.method().as_str(), &whole), request, next)
    };
    let resource = routes.into_iter().fold(web::resource(path), Resource::route);
    resource.default_service(web::to(refuse)).wrap(from_fn(ask))
}

/// GET, and HEAD with it: the server leaves the body away by itself.
fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Method(Method::HEAD)))
}

#[cfg(test)]
mod tests;
