//! Where errors meet HTTP, once: every error becomes a problem document (RFC 9457) that says what happened, what was
//! kept and what to do.

mod causes;

use std::borrow::Cow;

use actix_web::body::BoxBody;
use actix_web::error::{JsonPayloadError, PathError, QueryPayloadError};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, Responder, ResponseError, web};
use serde_json::json;
use utoipa::ToSchema;

use super::base::Base;

/// An error as a client sees it.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    /// Names the kind of problem to programs: the last part of its `type`.
    name: &'static str,
    /// Names it to people, the same each time.
    title: &'static str,
    /// This occurrence, in sentences.
    detail: String,
    /// A header that the status asks for.
    header: Option<(&'static str, Cow<'static, str>)>,
}

/// A refusal: a problem document (RFC 9457).
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "it stands for a problem in the OpenAPI document")]
pub struct ProblemView {
    /// `urn:problem-type:cowrite:` and the kind of problem, for programs.
    r#type: String,
    /// The same kind for people.
    title: String,
    status: u16,
    /// What happened, what was kept and what to do.
    detail: String,
}

/// Seconds after which a client that is refused for now may come back.
const RETRY_AFTER_SECONDS: &str = "5";

impl Problem {
    pub fn new(
        status: StatusCode,
        name: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Problem {
        Problem { status, name, title, detail: detail.into(), header: None }
    }

    /// The request itself is wrong.
    pub fn bad_request(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "bad-request", "The request cannot be understood", detail)
    }

    /// The request is understood, and a value in it cannot be.
    pub fn invalid(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "A value cannot be accepted", detail)
    }

    pub fn too_large(limit: usize) -> Problem {
        let limit = crate::units::Size(limit as u64);
        let detail = format!("An upload may have {limit} at most (upload_bytes). Nothing was made of it.");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The upload is too large", detail)
    }

    pub fn image_too_large(limit: usize) -> Problem {
        let limit = crate::units::Size(limit as u64);
        let detail = format!(
            "An image may have {limit} at most (image_bytes). It was not kept; make it smaller and add it again."
        );
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The image is too large", detail)
    }

    pub fn unsupported(detail: impl Into<String>) -> Problem {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        Problem::new(status, "unsupported-media-type", "This kind of content is not taken here", detail)
    }

    /// Our fault. The cause goes to the log, for it may name what is nobody's business.
    pub fn internal(cause: impl std::fmt::Display) -> Problem {
        tracing::error!(%cause, "a request failed");
        let detail = "The server failed to do this; its log says why. Documents are as they were before.";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server made a mistake", detail)
    }

    /// Something has to be said beforehand of what is overwritten.
    pub fn unconditional() -> Problem {
        Problem::new(
            StatusCode::PRECONDITION_REQUIRED,
            "unconditional",
            "Say what it is written over",
            "Send If-Match with the entity tag of the text that this one was made of, or * for whatever there is. Nothing was changed.",
        )
    }

    /// The text that something was made of is not known any more.
    pub fn stale() -> Problem {
        Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "stale",
            "The text that this was made of is not known any more",
            "Get the text again, make the change in it, and send that with its entity tag. Nothing was changed.",
        )
    }

    /// There is no place for one more.
    pub fn crowded(reason: &str) -> Problem {
        Problem::unavailable(
            "overloaded",
            "The server is overloaded",
            format!("There are {reason}. Try again later."),
        )
    }

    fn unavailable(name: &'static str, title: &'static str, detail: String) -> Problem {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, name, title, detail);
        problem.with_header("Retry-After", RETRY_AFTER_SECONDS)
    }

    /// What is asked for is not there.
    pub fn not_found(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not-found", "It is not there", detail)
    }

    /// Something else stands against it.
    fn conflict(detail: String) -> Problem {
        Problem::new(StatusCode::CONFLICT, "conflict", "This cannot be done as things are", detail)
    }

    pub fn with_header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Problem {
        self.header = Some((name, value.into()));
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.title, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let body = json!({
            "type": format!("urn:problem-type:cowrite:{}", self.name),
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        let mut response = HttpResponse::build(self.status);
        response.content_type("application/problem+json");
        if let Some((name, value)) = &self.header {
            response.insert_header((*name, value.as_ref()));
        }
        response.body(format!("{body}\n"))
    }
}

impl Responder for Problem {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.error_response()
    }
}

/// Settings for actix' own extractors, so that what they refuse is a problem document too.
pub fn extractors(app: &mut web::ServiceConfig, json_bytes: usize, upload_bytes: usize) {
    let json = web::JsonConfig::default().limit(json_bytes).error_handler(move |error, _| {
        let problem = match error {
            JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. } => {
                Problem::too_large(upload_bytes)
            }
            JsonPayloadError::ContentType => {
                Problem::unsupported("The body must be JSON, with the content type application/json.")
            }
            JsonPayloadError::Deserialize(error) => Problem::bad_request(sentence(error)),
            JsonPayloadError::Payload(error) => error.into(),
            error => Problem::internal(error),
        };
        problem.into()
    });
    let query = web::QueryConfig::default().error_handler(|error, _| {
        let QueryPayloadError::Deserialize(cause) = error else { return Problem::internal(error).into() };
        Problem::bad_request(sentence(cause)).into()
    });
    let path = web::PathConfig::default().error_handler(|error, _| {
        let PathError::Deserialize(cause) = error else { return Problem::internal(error).into() };
        Problem::bad_request(sentence(cause)).into()
    });
    app.app_data(json).app_data(query).app_data(path);
}

/// The answer below `/api` where nothing is.
pub async fn no_such_route(request: HttpRequest, base: Base) -> Problem {
    let documents = base.address("/api/v1/documents");
    let detail = format!("There is nothing at {}. The documents are at {documents}.", request.path());
    Problem::new(StatusCode::NOT_FOUND, "no-such-route", "There is nothing here", detail)
}

/// The answer outside of `base-path`. It does not say where the service is.
pub async fn outside() -> Problem {
    let detail = "This server has nothing at this address.";
    Problem::new(StatusCode::NOT_FOUND, "no-such-route", "There is nothing here", detail)
}

/// The answer to a method that a route does not know.
pub fn method_not_allowed(method: &str, allow: &'static str) -> Problem {
    let detail = format!("{method} is not possible here; these methods are: {allow}.");
    let problem = Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "This method is not known",
        detail,
    );
    problem.with_header("Allow", allow)
}

/// An error's text as a sentence: our errors begin small, so that they can stand behind a colon.
fn sentence(error: impl std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => text,
    }
}
