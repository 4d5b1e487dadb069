//! Tokens that an embedding application signs (RFC 7519, and RFC 8725 on how not to be fooled).
//!
//! Checking a signature is the library's. What is decided here: which key and algorithm may have signed, what the claims have to
//! be, and when a token is over, by a time that is given. Where keys come from is not known here.

mod keys;
mod pattern;
#[cfg(test)]
mod tests;

use std::time::Duration;

use jsonwebtoken::Validation;
use serde::Deserialize;

use super::Role;
use super::identity::DisplayName;
use crate::ids::DocId;
use crate::limits;

pub use keys::{Algorithm, KeySet, KeySetError, UnknownAlgorithm};
pub use pattern::{InvalidPattern, Pattern};

/// What a token has to be, beside well signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Never empty in practice: what is not here is refused, whatever keys there are.
    pub algorithms: Vec<Algorithm>,
    /// `iss` has to be this.
    pub issuer: Option<String>,
    /// `aud` has to have this. Without it, a token that is for somebody else is taken too.
    pub audience: Option<String>,
    /// How far the clocks of the two machines may be apart.
    pub leeway: Duration,
}

impl Default for Expected {
    fn default() -> Expected {
        let algorithms = Algorithm::ALL.to_vec();
        Expected { algorithms, issuer: None, audience: None, leeway: limits::JWT_LEEWAY }
    }
}

/// What a token says, once it is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Who it is, in the words of the application: `sub`.
    pub subject: String,
    /// What others are shown: `name`, or where there is none the subject, cut to the length of names.
    pub name: DisplayName,
    /// Which documents it is for: `document`.
    pub documents: Pattern,
    /// What may be done with them: `role`.
    pub role: Role,
    /// When it is over, leeway included, in milliseconds since 1970: `exp`.
    pub until_ms: u64,
}

impl Claims {
    /// The role in this document, if the token is for it.
    pub fn role_in(&self, document: &DocId) -> Option<Role> {
        self.documents.matches(document).then_some(self.role)
    }
}

/// Why a token is not believed. Nothing of the token is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("the token is longer than {} bytes", limits::JWT_BYTES)]
    Large,
    #[error("this is no signed token")]
    Malformed,
    #[error("the token is not signed with an algorithm that is taken here")]
    Algorithm,
    #[error("the token is signed with a key that is not known here")]
    UnknownKey,
    #[error("the token's signature is wrong")]
    Signature,
    #[error("the token asks for an extension that is not known here")]
    Critical,
    #[error("the token's claim {0:?} is missing or not what it has to be")]
    Claim(&'static str),
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    NotYet,
}

/// Checks tokens with one set of keys.
#[derive(Debug, Clone)]
pub struct Verifier {
    keys: KeySet,
    expected: Expected,
}

impl Verifier {
    pub fn new(keys: KeySet, expected: Expected) -> Verifier {
        Verifier { keys, expected }
    }

    /// The same with other keys, for when they have rotated.
    pub fn with_keys(&self, keys: KeySet) -> Verifier {
        Verifier { keys, expected: self.expected.clone() }
    }

    /// What a token says at `now_ms`, if it is to be believed. Some 50 µs.
    pub fn verify(&self, token: &str, now_ms: u64) -> Result<Claims, TokenError> {
        let raw = self.signed(token)?;
        self.believe(raw, now_ms)
    }

    /// The claims under a right signature.
    fn signed(&self, token: &str) -> Result<RawClaims, TokenError> {
        if token.len() > limits::JWT_BYTES {
            return Err(TokenError::Large);
        }
        let named = jsonwebtoken::decode_header(token).map_err(|error| match error.kind() {
            // An algorithm that the library does not know, `none` among them, is no JSON of a header to it.
            jsonwebtoken::errors::ErrorKind::Json(_) if names_an_algorithm(token) => TokenError::Algorithm,
            _ => TokenError::Malformed,
        })?;
        let algorithm = Algorithm::of(named.alg).filter(|named| self.expected.algorithms.contains(named));
        let algorithm = algorithm.ok_or(TokenError::Algorithm)?;
        if named.crit.is_some() {
            return Err(TokenError::Critical);
        }
        // Keys that a token brings along (`jwk`, `jku`, `x5c`, `x5u`) are anybody's: only ours are looked at.
        let key = self.keys.find(named.kid.as_deref()).ok_or(TokenError::UnknownKey)?;
        if key.algorithm != algorithm {
            return Err(TokenError::Algorithm);
        }
        let decoded = jsonwebtoken::decode(token, &key.key, &signature_only(key.algorithm));
        decoded.map(|token| token.claims).map_err(|error| match error.kind() {
            jsonwebtoken::errors::ErrorKind::InvalidSignature => TokenError::Signature,
            jsonwebtoken::errors::ErrorKind::InvalidAlgorithm => TokenError::Algorithm,
            jsonwebtoken::errors::ErrorKind::Json(_) => TokenError::Claim("claims"),
            _ => TokenError::Malformed,
        })
    }

    fn believe(&self, raw: RawClaims, now_ms: u64) -> Result<Claims, TokenError> {
        let leeway = u64::try_from(self.expected.leeway.as_millis()).unwrap_or(u64::MAX);
        let until_ms = raw.exp.ok_or(TokenError::Claim("exp"))?.millis("exp")?.saturating_add(leeway);
        if now_ms >= until_ms {
            return Err(TokenError::Expired);
        }
        if let Some(not_before) = raw.nbf
            && now_ms.saturating_add(leeway) < not_before.millis("nbf")?
        {
            return Err(TokenError::NotYet);
        }
        if self.expected.issuer.is_some() && self.expected.issuer != raw.iss {
            return Err(TokenError::Claim("iss"));
        }
        if let Some(audience) = &self.expected.audience
            && !raw.aud.is_some_and(|aud| aud.has(audience))
        {
            return Err(TokenError::Claim("aud"));
        }
        let subject = raw.sub.filter(|subject| is_subject(subject)).ok_or(TokenError::Claim("sub"))?;
        let short = || subject.chars().take(limits::NAME_CHARACTERS).collect();
        let name = DisplayName::parse(&raw.name.unwrap_or_else(short));
        let documents = raw.document.and_then(|pattern| Pattern::parse(&pattern).ok());
        Ok(Claims {
            subject,
            name: name.map_err(|_| TokenError::Claim("name"))?,
            documents: documents.ok_or(TokenError::Claim("document"))?,
            role: raw.role.ok_or(TokenError::Claim("role"))?,
            until_ms,
        })
    }
}

/// The library looks at the signature and at nothing else: what it says of times, it says by a clock of its own.
fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm.jws());
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

/// Whether a header that is none to the library is one all the same, of an algorithm that is not taken.
fn names_an_algorithm(token: &str) -> bool {
    use base64::Engine;
    #[derive(Deserialize)]
    struct Named {
        #[serde(rename = "alg")]
        _alg: String,
    }
    let header = token.split('.').next().unwrap_or_default();
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header);
    header.is_ok_and(|header| serde_json::from_slice::<Named>(&header).is_ok())
}

/// Fits into the journal as part of an author, and into a line of the log.
fn is_subject(text: &str) -> bool {
    (1..=limits::SUBJECT_BYTES).contains(&text.len()) && !text.chars().any(char::is_control)
}

#[derive(Deserialize)]
struct RawClaims {
    sub: Option<String>,
    name: Option<String>,
    document: Option<String>,
    role: Option<Role>,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
    iss: Option<String>,
    aud: Option<Audience>,
}

/// Seconds since 1970, with or without a fraction (RFC 7519, section 2).
#[derive(Deserialize, Clone, Copy)]
struct NumericDate(f64);

impl NumericDate {
    fn millis(self, claim: &'static str) -> Result<u64, TokenError> {
        if self.0.is_finite() && self.0 >= 0.0 {
            Ok((self.0 * 1000.0) as u64) // saturates
        } else {
            Err(TokenError::Claim(claim))
        }
    }
}

/// One name or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn has(&self, audience: &str) -> bool {
        match self {
            Audience::One(one) => one == audience,
            Audience::Several(several) => several.iter().any(|one| one == audience),
        }
    }
}
