//! Why something about who may do what was not done.

use std::time::Duration;

use crate::auth::Refusal;
use crate::auth::identity::BadName;
use crate::auth::password::BadPassword;
use crate::store::StoreError;

/// Nothing has changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AccessError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Name(#[from] BadName),
    #[error(transparent)]
    Password(#[from] BadPassword),
    #[error("the name or the password is wrong")]
    WrongPassword,
    #[error("too many wrong passwords; wait {} seconds and try again", .0.as_secs().max(1))]
    TooManyAttempts(Duration),
    #[error("the server checks as many passwords as it can; try again in a moment")]
    Busy,
    /// The token for the first account is not the one that was printed, or was used.
    #[error(
        "this is not the code that the server printed when it started; it may have been used, or the server restarted"
    )]
    WrongSetup,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("internal error: {0}")]
    Internal(String),
}
