//! The first account of a server: made by whoever reads the code that the server printed when it found none.

use std::sync::{Mutex, PoisonError};

use super::fresh;
use crate::auth::{Secret, Token, TokenHash};
use crate::ids::InvitationId;

/// The code, as long as it is good for something. It is in memory only.
pub(super) struct Setup(Mutex<Option<Code>>);

struct Code {
    hash: TokenHash,
    /// Until it was printed.
    text: Option<Secret<String>>,
}

impl Setup {
    pub(super) fn new(wanted: bool) -> Setup {
        Setup(Mutex::new(wanted.then(|| {
            let token = fresh::<InvitationId>();
            Code { hash: token.hash(), text: Some(token.reveal()) }
        })))
    }

    /// The code, for the terminal: once.
    pub(super) fn take(&self) -> Option<Secret<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut()?.text.take()
    }

    pub(super) fn fits(&self, text: &str) -> bool {
        let code = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let token = Token::<InvitationId>::parse(text);
        token.is_some_and(|token| code.as_ref().is_some_and(|code| code.hash.fits(&token)))
    }

    /// There is an account now.
    pub(super) fn used(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
