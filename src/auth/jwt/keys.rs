//! The keys that tokens are checked with. Each is for one algorithm, which its own kind decides and no token does.

use std::fmt;
use std::str::FromStr;

use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm as Jws, DecodingKey};

use crate::auth::secret::Secret;
use crate::limits;

/// How tokens may be signed. `none` is no algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    Hs256,
    Rs256,
    Es256,
    EdDsa,
}

impl Algorithm {
    pub const ALL: [Algorithm; 4] = [Algorithm::Hs256, Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];

    /// The name in a token's header (RFC 7518, RFC 8037).
    pub fn as_str(self) -> &'static str {
        match self {
            Algorithm::Hs256 => "HS256",
            Algorithm::Rs256 => "RS256",
            Algorithm::Es256 => "ES256",
            Algorithm::EdDsa => "EdDSA",
        }
    }

    pub(super) fn of(named: Jws) -> Option<Algorithm> {
        match named {
            Jws::HS256 => Some(Algorithm::Hs256),
            Jws::RS256 => Some(Algorithm::Rs256),
            Jws::ES256 => Some(Algorithm::Es256),
            Jws::EdDSA => Some(Algorithm::EdDsa),
            _ => None,
        }
    }

    pub(super) fn jws(self) -> Jws {
        match self {
            Algorithm::Hs256 => Jws::HS256,
            Algorithm::Rs256 => Jws::RS256,
            Algorithm::Es256 => Jws::ES256,
            Algorithm::EdDsa => Jws::EdDSA,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is none of [`Algorithm::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("tokens are signed with HS256, RS256, ES256 or EdDSA")]
pub struct UnknownAlgorithm;

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;
    fn from_str(name: &str) -> Result<Algorithm, UnknownAlgorithm> {
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.as_str() == name).ok_or(UnknownAlgorithm)
    }
}

/// Keys, each with the id that tokens name it by (`kid`). Two keys of different ids are how one takes over from another.
#[derive(Debug, Clone)]
pub struct KeySet {
    keys: Vec<Key>,
}

#[derive(Debug, Clone)]
pub(super) struct Key {
    id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

/// Why a text is no [`KeySet`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// Without serde's own words: they may quote the text, which may hold a secret.
    #[error("this is no key set (JWKS, RFC 7517): it goes wrong in line {line}, column {column}")]
    NotJwks { line: usize, column: usize },
    #[error("the key set is larger than {} bytes", limits::JWKS_BYTES)]
    Large,
    #[error("the key set has more than {} keys that could be used", limits::JWKS_KEYS)]
    Many,
    #[error("the key set has no key for HS256, RS256, ES256 or EdDSA signatures")]
    Empty,
    #[error("two keys of the set have the same id, or more than one has none")]
    Ambiguous,
    #[error("a secret for HS256 has at least 32 bytes (RFC 7518, section 3.2)")]
    Weak,
}

impl KeySet {
    /// The keys of a JWKS document that are for signatures of our algorithms; others may stand beside them.
    pub fn from_jwks(text: &str) -> Result<KeySet, KeySetError> {
        if text.len() > limits::JWKS_BYTES {
            return Err(KeySetError::Large);
        }
        let set: JwkSet = serde_json::from_str(text)
            .map_err(|error| KeySetError::NotJwks { line: error.line(), column: error.column() })?;
        let mut keys = Vec::new();
        for jwk in set.keys.iter().filter(|jwk| is_for_signatures(jwk)) {
            let Some(algorithm) = algorithm_of(jwk) else { continue };
            let Ok(key) = DecodingKey::from_jwk(jwk) else { continue };
            let key = Key { id: jwk.common.key_id.clone(), algorithm, key };
            if key.is_weak() {
                return Err(KeySetError::Weak);
            }
            keys.push(key);
        }
        KeySet::of(keys)
    }

    /// One shared secret, for HS256.
    pub fn from_secret(secret: &Secret<Vec<u8>>) -> Result<KeySet, KeySetError> {
        let key = DecodingKey::from_secret(secret.reveal());
        let key = Key { id: None, algorithm: Algorithm::Hs256, key };
        if key.is_weak() { Err(KeySetError::Weak) } else { KeySet::of(vec![key]) }
    }

    fn of(keys: Vec<Key>) -> Result<KeySet, KeySetError> {
        let same = |(at, key): (usize, &Key)| keys[..at].iter().any(|earlier| earlier.id == key.id);
        match keys.len() {
            0 => Err(KeySetError::Empty),
            n if n > limits::JWKS_KEYS => Err(KeySetError::Many),
            _ if keys.iter().enumerate().any(same) => Err(KeySetError::Ambiguous),
            _ => Ok(KeySet { keys }),
        }
    }

    /// The one key that a token can have been signed with. A token that names no key has it only if there is no choice.
    pub(super) fn find(&self, id: Option<&str>) -> Option<&Key> {
        match (id, &self.keys[..]) {
            (Some(id), keys) => {
                keys.iter().find(|key| key.id.as_deref() == Some(id)).or_else(|| self.nameless())
            }
            (None, [only]) => Some(only),
            (None, keys) => keys.iter().find(|key| key.id.is_none()),
        }
    }

    /// A single key that has no id is meant whatever a token calls it.
    fn nameless(&self) -> Option<&Key> {
        match &self.keys[..] {
            [only] if only.id.is_none() => Some(only),
            _ => None,
        }
    }
}

impl Key {
    fn is_weak(&self) -> bool {
        let shared = self.algorithm == Algorithm::Hs256;
        shared && self.key.try_get_as_bytes().is_ok_and(|secret| secret.len() < 32)
    }
}

fn is_for_signatures(jwk: &Jwk) -> bool {
    let common = &jwk.common;
    let verifies = |operations: &Vec<KeyOperations>| operations.contains(&KeyOperations::Verify);
    common.public_key_use.as_ref().is_none_or(|used| *used == PublicKeyUse::Signature)
        && common.key_operations.as_ref().is_none_or(verifies)
}

/// The only algorithm that this key is for: by its kind, and by its `alg` too if it has one.
fn algorithm_of(jwk: &Jwk) -> Option<Algorithm> {
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::OctetKey(_) => Algorithm::Hs256,
        AlgorithmParameters::RSA(_) => Algorithm::Rs256,
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => Algorithm::Es256,
        AlgorithmParameters::OctetKeyPair(okp) if okp.curve == EllipticCurve::Ed25519 => Algorithm::EdDsa,
        _ => return None,
    };
    let declared = match jwk.common.key_algorithm {
        None => return Some(algorithm),
        Some(KeyAlgorithm::HS256) => Algorithm::Hs256,
        Some(KeyAlgorithm::RS256) => Algorithm::Rs256,
        Some(KeyAlgorithm::ES256) => Algorithm::Es256,
        Some(KeyAlgorithm::EdDSA) => Algorithm::EdDsa,
        Some(_) => return None,
    };
    (declared == algorithm).then_some(algorithm)
}
