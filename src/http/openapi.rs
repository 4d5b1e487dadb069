//! The API as an OpenAPI 3.1 document, made from the handlers and their types, and as a page for people.

mod page;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{self, ContentBuilder, Ref, RefOr, SecurityRequirement};
use utoipa::{Modify, OpenApi};

use super::base::Base;
use super::error::ProblemView;
use super::{
    accounts, connections, content, documents, events, images, listing, session, sharing, tags, updates,
};
use crate::auth::Needs;
use crate::auth::needs;

/// Everything that the handlers say of themselves.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Cowrite",
        description = "Documents that several people edit at once. What is answered with success is on disk. Refusals are problem \
                       documents (RFC 9457). Editing itself goes over a WebSocket at /ws/{id}, in the protocol of Yjs.",
        license(name = "MIT OR Apache-2.0"),
    ),
    paths(
        session::me,
        session::change_me,
        session::sign_in,
        session::sign_out,
        session::sessions,
        session::end_session,
        session::end_other_sessions,
        session::setup,
        session::accept,
        accounts::list,
        accounts::create,
        accounts::change,
        accounts::remove,
        accounts::invitations,
        accounts::invite,
        accounts::uninvite,
        listing::list,
        tags::list,
        documents::create,
        documents::show,
        documents::change,
        documents::delete,
        documents::restore,
        documents::duplicate,
        documents::export,
        content::show,
        content::rewrite,
        updates::show,
        updates::apply,
        events::listen,
        images::keep,
        images::show,
        connections::list,
        connections::end,
        sharing::show,
        sharing::grant,
        sharing::ungrant,
        sharing::hand_on,
        sharing::share,
        sharing::revoke,
        sharing::unlock,
    ),
    components(schemas(ProblemView)),
    modifiers(&Common),
)]
struct Description;

/// The document, as bytes.
static JSON: LazyLock<String> = LazyLock::new(|| {
    let json = serde_json::to_value(Description::openapi()).expect("a description has only string keys");
    // The same from one build to the next.
    serde_json::to_string_pretty(&json).expect("it was JSON before")
});

/// `GET /api/v1/openapi.json`
pub async fn json() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(JSON.as_str())
}

/// `GET /api/v1`: the same for people.
pub async fn page(base: Base) -> HttpResponse {
    let description = serde_json::from_str(&JSON).expect("it was written as JSON");
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page::render(&description, &base))
}

/// The page's style sheet.
pub async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "max-age=3600"))
        .body(include_str!("openapi/page.css"))
}

/// What holds for many routes at once, and follows from what they need.
struct Common;

impl Modify for Common {
    fn modify(&self, openapi: &mut openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let cookie = ApiKey::Cookie(ApiKeyValue::with_description("cowrite", "Set by signing in."));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
            "A token for a program, a token that another application signed, or a link's.",
        ));
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
        let link = ApiKey::Header(ApiKeyValue::with_description("Cowrite-Link", "A link's token."));
        components.add_security_scheme("link", SecurityScheme::ApiKey(link));
        for (path, item) in &mut openapi.paths.paths {
            for (method, operation) in [
                ("GET", &mut item.get),
                ("POST", &mut item.post),
                ("PUT", &mut item.put),
                ("PATCH", &mut item.patch),
                ("DELETE", &mut item.delete),
            ] {
                let Some(operation) = operation else { continue };
                let needs = needs::of_route(method, path).expect("every route says what it needs");
                complete(operation, needs);
            }
        }
    }
}

/// Add what anybody may be told who asks for this.
fn complete(operation: &mut Operation, needs: Needs) {
    let mut told =
        BTreeMap::from([("400", "It cannot be understood"), ("503", "Not now; try again in a few seconds")]);
    if operation.request_body.is_some() {
        told.extend([
            ("413", "The body is too large"),
            ("415", "The body is of another kind than is taken here"),
            ("422", "A value cannot be accepted"),
        ]);
    }
    if !matches!(needs, Needs::Nothing) {
        told.insert("403", "One may not do this, or a page of another site asks for it");
    }
    if !matches!(needs, Needs::Nothing | Needs::Proof) {
        told.insert("401", "One has to show who one is");
        operation.security = Some(
            ["cookie", "bearer", "link"]
                .map(|scheme| SecurityRequirement::new::<_, _, String>(scheme, []))
                .to_vec(),
        );
    }
    for (status, description) in told {
        let problem = Ref::from_schema_name("Problem");
        let content = ContentBuilder::new().schema(Some(problem)).build();
        let response =
            ResponseBuilder::new().description(description).content("application/problem+json", content);
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(response.build()));
    }
    for response in operation.responses.responses.values_mut() {
        // The macro takes every body for plain JSON.
        if let RefOr::T(response) = response
            && let Some(content) = response.content.get("application/json")
            && is_problem(content)
        {
            let content = response.content.shift_remove("application/json").expect("it was just seen");
            response.content.insert("application/problem+json".to_owned(), content);
        }
    }
    for parameter in operation.parameters.iter_mut().flatten() {
        if parameter.parameter_in == ParameterIn::Path
            && parameter.name == "id"
            && parameter.description.is_none()
        {
            *parameter = ParameterBuilder::from(parameter.clone())
                .description(Some("The document: 1 to 128 characters of A-Z a-z 0-9 . _ ~ -"))
                .build();
        }
    }
}

fn is_problem(content: &openapi::Content) -> bool {
    matches!(&content.schema, Some(RefOr::Ref(schema)) if schema.ref_location.ends_with("/Problem"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::export::Format;

    fn description() -> Value {
        serde_json::from_str(&JSON).expect("JSON")
    }

    #[test]
    fn every_route_of_the_api_is_described() {
        let described: BTreeSet<String> = description()["paths"]
            .as_object()
            .expect("paths")
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().expect("an item").keys();
                methods.map(move |method| format!("{} {path}", method.to_uppercase()))
            })
            .collect();
        let routes = needs::ROUTES.iter().filter(|route| route.path.starts_with("/api/"));
        let routes = routes.filter(|route| !UNDESCRIBED.contains(&route.path));
        let routes: BTreeSet<String> =
            routes.map(|route| format!("{} {}", route.method, route.path)).collect();
        assert_eq!(described, routes);
    }

    /// The description does not describe itself.
    const UNDESCRIBED: [&str; 3] = ["/api/v1", "/api/v1/openapi.json", "/api/v1/openapi.css"];

    #[test]
    fn it_is_openapi_3_1_and_refers_to_nothing_that_is_not_there() {
        let description = description();
        assert_eq!(description["openapi"], "3.1.0");
        let text = description.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let (pointer, _) = reference.split_once('"').expect("a text");
            assert!(description.pointer(pointer).is_some(), "{pointer}");
        }
    }

    #[test]
    fn it_names_every_format_of_an_export() {
        let parameters = &description()["paths"]["/api/v1/documents/{id}/export"]["get"]["parameters"];
        let parameters = parameters.as_array().expect("parameters");
        let format = parameters.iter().find(|parameter| parameter["name"] == "format").expect("a format");
        let names = Format::ALL.map(Format::extension);
        assert_eq!(format["schema"]["enum"], serde_json::json!(names), "{format}");
        assert_eq!(format["required"], true);
    }

    #[test]
    fn the_page_names_every_route_and_runs_nothing() {
        let page = page::render(&description(), &Base::default());
        for route in needs::ROUTES.iter().filter(|route| route.path.starts_with("/api/v1/me")) {
            assert!(page.contains(route.path), "{}", route.path);
        }
        assert!(!page.contains("<script") && !page.contains("style="));
    }
}
