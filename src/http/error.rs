//! Where errors meet HTTP, once: every error becomes a problem document (RFC 9457) that says what happened, what was
//! kept and what to do.

use std::borrow::Cow;

use actix_web::body::BoxBody;
use actix_web::error::{JsonPayloadError, PathError, PayloadError, QueryPayloadError};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, Responder, ResponseError, web};
use serde_json::json;
use utoipa::ToSchema;

use super::api::ServiceError;
use super::base::Base;
use crate::access::AccessError;
use crate::auth::identity::BadName;
use crate::auth::{Denied, Refusal};
use crate::export::{ExportError, UnknownFormat};
use crate::ids::InvalidDocId;
use crate::import::ImportError;
use crate::limits;
use crate::revision::RevisionError;
use crate::store::{BadTags, StoreError};

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

/// The same whether the document exists or not.
impl From<Denied> for Problem {
    fn from(denied: Denied) -> Problem {
        let (name, title) = match denied {
            Denied::Unauthenticated => ("unauthenticated", "You are not signed in"),
            Denied::Expired => ("expired", "Your access has expired"),
            Denied::Locked => ("locked", "The link asks for a password"),
            Denied::Revoked => ("revoked", "The link was taken back"),
            Denied::Forbidden => ("forbidden", "You may not do this"),
        };
        let status =
            if denied.is_unauthenticated() { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN };
        let problem = Problem::new(status, name, title, format!("{denied} Nothing was changed."));
        if denied.is_unauthenticated() {
            // RFC 9110 asks for it, and this one makes no browser ask for a password.
            problem.with_header("WWW-Authenticate", "Bearer realm=\"cowrite\"")
        } else {
            problem
        }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Problem {
        let text = || format!("{} Nothing was changed.", sentence(&error));
        match &error {
            AccessError::Refused(refusal) => match refusal {
                Refusal::NoAccount(_) | Refusal::NoInvitation | Refusal::NoLogin | Refusal::NoLink => {
                    Problem::not_found(text())
                }
                Refusal::InvitationExpired => Denied::Expired.into(),
                Refusal::OwnerByGrant | Refusal::OwnerByLink | Refusal::ExpiredBefore => {
                    Problem::invalid(text())
                }
                _ => Problem::conflict(text()),
            },
            AccessError::Name(_) | AccessError::Password(_) => Problem::invalid(text()),
            AccessError::WrongPassword => Problem::new(
                StatusCode::UNAUTHORIZED,
                "wrong-password",
                "The name or the password is wrong",
                "Check both and try again. After a few wrong ones the server makes you wait.",
            )
            .with_header("WWW-Authenticate", "Bearer realm=\"cowrite\""),
            AccessError::WrongSetup => {
                Problem::new(StatusCode::FORBIDDEN, "wrong-code", "The code is wrong", text())
            }
            AccessError::TooManyAttempts(wait) => {
                let seconds = wait.as_secs_f64().ceil().max(1.0) as u64;
                Problem::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "too-many-attempts",
                    "Too many wrong passwords",
                    format!("Wait {seconds} s before the next attempt. This one was not looked at."),
                )
                .with_header("Retry-After", seconds.to_string())
            }
            AccessError::Busy => Problem::unavailable("overloaded", "The server is overloaded", text()),
            AccessError::Store(error) => error.clone().into(),
            AccessError::Internal(cause) => Problem::internal(cause),
        }
    }
}

impl From<BadName> for Problem {
    fn from(error: BadName) -> Problem {
        AccessError::from(error).into()
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Problem {
        match error {
            ServiceError::Store(error) => error.into(),
            ServiceError::Full => {
                let detail =
                    "A document here cannot become that large (document_bytes). Its text was not taken.";
                Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "full", "The document is full", detail)
            }
            ServiceError::Early => Problem::conflict(
                "The update builds on changes that the document does not have. Send those first, or send all that the document \
                 lacks by its state vector. Nothing was changed."
                    .to_owned(),
            ),
            ServiceError::Malformed(reason) => Problem::invalid(format!("{reason}. Nothing was changed.")),
            ServiceError::TooCostly(reason) => Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-costly",
                "The update costs too much",
                format!("{reason}. Nothing was changed."),
            ),
            ServiceError::Overloaded(reason) => Problem::unavailable(
                "overloaded",
                "The server is overloaded",
                format!("{reason}. Nothing was changed; try again in a few seconds."),
            ),
            ServiceError::Draining => Problem::unavailable(
                "shutting-down",
                "The server is shutting down",
                "Nothing was changed; try again in a few seconds.".to_owned(),
            ),
            ServiceError::Internal(cause) => Problem::internal(cause),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        match error {
            StoreError::Unknown(id) => Problem::new(
                StatusCode::NOT_FOUND,
                "unknown-document",
                "There is no such document",
                format!("No document has the id {id}. Check the address, or make the document first."),
            ),
            StoreError::Deleted(id) => Problem::new(
                StatusCode::GONE,
                "deleted-document",
                "The document was deleted",
                format!(
                    "Document {id} was deleted. To use its id for a new document, create it with \"again\": true."
                ),
            ),
            StoreError::Trashed(id) => Problem::new(
                StatusCode::GONE,
                "trashed",
                "The document is in the trash",
                format!(
                    "Document {id} is in the trash. Restore it to use it; after 30 days there it is deleted."
                ),
            ),
            StoreError::Exists(id) => Problem::new(
                StatusCode::CONFLICT,
                "document-exists",
                "The document exists already",
                format!("Document {id} is there and was not changed. Choose another id or leave it out."),
            ),
            StoreError::ReadOnly(reason) => Problem::unavailable(
                "read-only",
                "Nothing can be saved at present",
                format!(
                    "Storage is read-only: {reason}. What you asked for is not saved; reading and exporting still \
                     work. Look whether it is there before you try again, once the operator has mended it."
                ),
            ),
            StoreError::ManyImages => {
                let (count, bytes) = (limits::IMAGES, crate::units::Size(limits::IMAGES_BYTES));
                let detail = format!(
                    "A document has {count} images and {bytes} of them at most. This one was not kept, those before are. Make images \
                     smaller before you add them, or go on in another document."
                );
                Problem::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "full",
                    "The document has no room for the image",
                    detail,
                )
            }
            StoreError::DiskFull => Problem::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "no-space",
                "The server has no room for images",
                "Its disk is almost full, and the rest of it is for texts. The image was not kept; everything else is. Add it again once \
                 the operator has made space.",
            ),
            StoreError::Closed => ServiceError::Draining.into(),
            error @ (StoreError::UnknownNumber(_)
            | StoreError::Damaged(_)
            | StoreError::TooLarge(_)
            | StoreError::Io { .. }) => Problem::internal(error),
        }
    }
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Problem {
        match error {
            ExportError::Damaged(_) => Problem::internal(error),
            ExportError::TooLarge => Problem::invalid(sentence(error)),
        }
    }
}

impl From<RevisionError> for Problem {
    fn from(error: RevisionError) -> Problem {
        match error {
            RevisionError::Embedded => Problem::conflict(format!("{} Nothing was changed.", sentence(error))),
            RevisionError::Export(error) => error.into(),
        }
    }
}

impl From<UnknownFormat> for Problem {
    fn from(error: UnknownFormat) -> Problem {
        Problem::bad_request(sentence(error))
    }
}

impl From<InvalidDocId> for Problem {
    fn from(error: InvalidDocId) -> Problem {
        Problem::bad_request(sentence(error))
    }
}

impl From<BadTags> for Problem {
    fn from(error: BadTags) -> Problem {
        Problem::invalid(sentence(error))
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Problem {
        match &error {
            ImportError::Extension(_) | ImportError::Image(_) => Problem::unsupported(sentence(error)),
            _ => Problem::invalid(sentence(error)),
        }
    }
}

impl From<PayloadError> for Problem {
    fn from(error: PayloadError) -> Problem {
        Problem::bad_request(format!("The body ended early or is damaged: {error}. Nothing was made of it."))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::DocId;

    #[test]
    fn every_refusal_has_its_status() {
        let id = || DocId::parse("a").expect("an id");
        let io = || StoreError::Io {
            action: "write".into(),
            error: std::sync::Arc::new(std::io::Error::other("secret path")),
        };
        for (error, status) in [
            (StoreError::Unknown(id()), 404),
            (StoreError::Deleted(id()), 410),
            (StoreError::Trashed(id()), 410),
            (StoreError::Exists(id()), 409),
            (StoreError::ReadOnly("the disk is full".into()), 503),
            (StoreError::ManyImages, 413),
            (StoreError::DiskFull, 507),
            (StoreError::Closed, 503),
            (StoreError::Damaged("page 7".into()), 500),
            (io(), 500),
        ] {
            assert_eq!(Problem::from(error.clone()).status_code(), status, "{error}");
        }
        assert_eq!(Problem::from(ImportError::Extension(".docx".to_owned())).status_code(), 415);
        assert_eq!(Problem::from(ImportError::Nul { offset: 1 }).status_code(), 422);
        assert_eq!(Problem::from(ServiceError::Overloaded("too many".into())).status_code(), 503);
    }

    #[test]
    fn our_faults_are_for_the_log_and_refusals_for_the_reader() {
        let damaged = Problem::from(StoreError::Damaged("/srv/secret".into()));
        assert!(!damaged.to_string().contains("secret"));
        let full = Problem::from(StoreError::ReadOnly("the disk is full".into()));
        assert!(full.detail.contains("the disk is full") && full.detail.contains("still work"));
        assert!(full.error_response().headers().contains_key("retry-after"));
    }
}
