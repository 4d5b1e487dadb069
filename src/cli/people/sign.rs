//! A token as another application would sign it, for trying things out.

use std::io::{self, Write};
use std::path::PathBuf;

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

use super::Sign;
use crate::access::now_ms;
use crate::auth::Secret;
use crate::config::Config;

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    #[error("there is no secret to sign with: set --secret-file, or jwt_secret_file in the settings")]
    NoSecret,
    #[error("the secret cannot be read from {}: {error}", .path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("the token could not be signed")]
    Unsigned,
    #[error("cannot write to standard output: {0}")]
    Print(#[from] io::Error),
}

/// Sign it with the secret of the settings, for their issuer and audience.
pub fn sign(command: &Sign, config: &Config, out: &mut dyn Write) -> Result<(), SignError> {
    let path = command.secret_file.as_ref().or(config.jwt_secret_file.as_ref()).ok_or(SignError::NoSecret)?;
    let unreadable = |error| SignError::Unreadable { path: path.clone(), error };
    let secret = Secret::new(std::fs::read(path).map_err(unreadable)?);
    // The server takes no line break at its end as part of it either.
    let bytes = secret.reveal().as_slice();
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let key = EncodingKey::from_secret(bytes.strip_suffix(b"\r").unwrap_or(bytes));
    let mut claims = json!({
        "sub": command.subject,
        "document": command.document,
        "role": command.role,
        "exp": now_ms() / 1000 + command.lasts.as_secs(),
    });
    let more = [("name", &command.name), ("iss", &config.jwt_issuer), ("aud", &config.jwt_audience)];
    for (claim, value) in more {
        if let Some(value) = value {
            claims[claim] = value.as_str().into();
        }
    }
    let token = Secret::new(encode(&Header::default(), &claims, &key).map_err(|_| SignError::Unsigned)?);
    Ok(writeln!(out, "{}", token.reveal())?)
}
