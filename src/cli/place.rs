//! Where a command does its work: in a folder that no server has, or at a running server.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use clap::Args;

use crate::auth::{Password, Secret};
use crate::config::DataFlags;

/// The variable with the token for a server. A flag's value would be seen by everybody who lists processes.
pub const TOKEN_VARIABLE: &str = "COWRITE_TOKEN";

#[derive(Debug, Default, Args)]
pub struct Place {
    /// Ask this running server, such as https://notes.example, instead of opening a folder
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    pub server: Option<String>,
    /// The file with the token for that server; else COWRITE_TOKEN is taken, else it is asked for
    #[arg(long, value_name = "FILE", requires = "server")]
    pub token_file: Option<PathBuf>,
    #[command(flatten)]
    pub data: DataFlags,
}

/// Why a secret could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("the token cannot be read from {}: {error}", .path.display())]
    TokenFile { path: PathBuf, error: io::Error },
    #[error("nothing could be read from the terminal or standard input: {0}")]
    Ask(#[from] io::Error),
    #[error("standard input ended before the password")]
    NoPassword,
    #[error("the two passwords are not the same; nothing was changed")]
    NotTwice,
    #[error(transparent)]
    Password(#[from] crate::auth::password::BadPassword),
}

impl Place {
    /// The token for the server; none for a server that asks nobody.
    pub fn token(&self) -> Result<Option<Secret<String>>, SecretError> {
        let text = match &self.token_file {
            Some(path) => {
                let read = std::fs::read_to_string(path);
                read.map_err(|error| SecretError::TokenFile { path: path.clone(), error })?
            }
            None => match std::env::var(TOKEN_VARIABLE) {
                Ok(token) => token,
                Err(_) => ask("Token: ", false)?.unwrap_or_default(),
            },
        };
        let text = Secret::new(text);
        let token = text.reveal().trim();
        Ok((!token.is_empty()).then(|| Secret::new(token.to_owned())))
    }
}

/// A new password: twice at a terminal, or a line of standard input.
pub fn new_password(from_stdin: bool) -> Result<Secret<String>, SecretError> {
    let first = Secret::new(ask("Password: ", from_stdin)?.ok_or(SecretError::NoPassword)?);
    if !from_stdin && io::stdin().is_terminal() {
        let again = Secret::new(ask("The same again: ", false)?.ok_or(SecretError::NoPassword)?);
        if first.reveal() != again.reveal() {
            return Err(SecretError::NotTwice);
        }
    }
    // Here and not only where it is kept, so that nobody types it in vain.
    Password::for_account(first.reveal().clone())?;
    Ok(first)
}

/// A password that is there already.
pub fn password(from_stdin: bool) -> Result<Secret<String>, SecretError> {
    Ok(Secret::new(ask("Password: ", from_stdin)?.ok_or(SecretError::NoPassword)?))
}

/// A line that is not shown; `None` at the end of the input.
fn ask(what: &str, from_stdin: bool) -> io::Result<Option<String>> {
    if !from_stdin && io::stdin().is_terminal() {
        return rpassword::prompt_password(what).map(Some);
    }
    io::stdin().lines().next().transpose()
}
