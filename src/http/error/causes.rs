//! What went wrong elsewhere, as the problem that whoever asked is told.

use actix_web::error::PayloadError;
use actix_web::http::StatusCode;

use super::{Problem, sentence};
use crate::access::AccessError;
use crate::auth::identity::BadName;
use crate::auth::{Denied, Refusal};
use crate::export::{ExportError, UnknownFormat};
use crate::http::api::ServiceError;
use crate::ids::InvalidDocId;
use crate::import::ImportError;
use crate::limits;
use crate::revision::RevisionError;
use crate::store::{BadTags, StoreError};

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

#[cfg(test)]
mod tests {
    use actix_web::ResponseError;

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
