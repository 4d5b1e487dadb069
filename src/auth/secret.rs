//! Secrets as types: what must not be printed cannot be, and what is kept of a token is its hash.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::ids::{InvitationId, LinkId, LoginId};

/// A value that shows itself only to who asks for it by name, and is wiped when it goes.
///
/// It has no way into JSON at all:
///
/// ```compile_fail,E0277
/// serde_json::to_string(&cowrite::auth::Secret::new(String::from("swordfish")));
/// ```
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    pub fn new(value: T) -> Secret<T> {
        Secret(value)
    }

    /// The value itself. Every call is a place to look at in a review.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<T: Zeroize> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Random bytes that make a [`Token`]: 8 for its id, 32 that nobody can guess.
pub const TOKEN_BYTES: usize = ID_BYTES + SECRET_BYTES;

const ID_BYTES: usize = 8;
const SECRET_BYTES: usize = 32;

/// What a token may stand for. Each kind has a prefix, so that one is never taken for another, and so that whoever finds one in a
/// file knows what it opens.
pub trait Bearer: Copy {
    const PREFIX: &'static str;
    fn from_bits(bits: u64) -> Self;
    fn bits(self) -> u64;
}

/// A secret that opens something for whoever has it: the id of what it opens, which is looked up and no secret, and 256 bits
/// whose hash is compared in constant time. It is shown once, when it is made.
#[derive(Clone, Debug)]
pub struct Token<I> {
    id: I,
    secret: Secret<[u8; SECRET_BYTES]>,
}

impl<I: Bearer> Token<I> {
    /// A token of fresh random bytes.
    pub fn from_random(bytes: [u8; TOKEN_BYTES]) -> Token<I> {
        let (id, secret) = bytes.split_at(ID_BYTES);
        let id = u64::from_be_bytes(id.try_into().expect("split at eight bytes"));
        let secret = secret.try_into().expect("the rest are 32 bytes");
        Token { id: I::from_bits(id), secret: Secret::new(secret) }
    }

    /// Read a token of this kind as [`Token::reveal`] writes it.
    pub fn parse(text: &str) -> Option<Token<I>> {
        let encoded = text.strip_prefix(I::PREFIX)?;
        if encoded.len() != ENCODED_LENGTH {
            return None;
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(encoded).ok()?;
        let token = <[u8; TOKEN_BYTES]>::try_from(&bytes[..]).ok().map(Token::from_random);
        bytes.zeroize();
        token
    }

    /// What it opens, if it is the right one.
    pub fn id(&self) -> I {
        self.id
    }

    /// The token as text, for a cookie or a link.
    pub fn reveal(&self) -> Secret<String> {
        let mut bytes = [0; TOKEN_BYTES];
        bytes[..ID_BYTES].copy_from_slice(&self.id.bits().to_be_bytes());
        bytes[ID_BYTES..].copy_from_slice(self.secret.reveal());
        let mut text = String::with_capacity(I::PREFIX.len() + ENCODED_LENGTH);
        text.push_str(I::PREFIX);
        URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
        bytes.zeroize();
        Secret::new(text)
    }

    /// What is kept of it. A fast hash will do: 256 random bits cannot be tried out.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.reveal().reveal()).into())
    }
}

/// Characters of 40 bytes in base64 without padding.
const ENCODED_LENGTH: usize = (TOKEN_BYTES * 4).div_ceil(3);

impl Bearer for LoginId {
    const PREFIX: &'static str = "cws_";
    fn from_bits(bits: u64) -> LoginId {
        LoginId(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

impl Bearer for LinkId {
    const PREFIX: &'static str = "cwl_";
    fn from_bits(bits: u64) -> LinkId {
        LinkId(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

impl Bearer for InvitationId {
    const PREFIX: &'static str = "cwi_";
    fn from_bits(bits: u64) -> InvitationId {
        InvitationId(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

/// The SHA-256 of a token's text. Compared in constant time, also by `==`.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Whether it is this token's.
    pub fn fits<I: Bearer>(&self, token: &Token<I>) -> bool {
        *self == token.hash()
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &TokenHash) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// Why a string is no [`TokenHash`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token's hash is 32 bytes in base64")]
pub struct InvalidHash;

impl TryFrom<String> for TokenHash {
    type Error = InvalidHash;
    fn try_from(text: String) -> Result<TokenHash, InvalidHash> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidHash)?;
        bytes.try_into().map(TokenHash).map_err(|_| InvalidHash)
    }
}

impl From<TokenHash> for String {
    fn from(hash: TokenHash) -> String {
        URL_SAFE_NO_PAD.encode(hash.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_shown() {
        let token = Token::<LinkId>::from_random([7; TOKEN_BYTES]);
        let text = token.reveal();
        assert_eq!(text.reveal().len(), "cwl_".len() + 54);
        let again = Token::<LinkId>::parse(text.reveal()).expect("a token");
        assert_eq!(again.id(), LinkId(0x0707_0707_0707_0707));
        assert!(token.hash().fits(&again));
    }

    #[test]
    fn one_token_has_one_text_and_one_kind() {
        let text = Token::<LinkId>::from_random([255; TOKEN_BYTES]).reveal().reveal().clone();
        assert!(Token::<LoginId>::parse(&text).is_none(), "a link is no login");
        assert!(Token::<LinkId>::parse(&format!("{text}=")).is_none());
        assert!(Token::<LinkId>::parse(&text[..text.len() - 1]).is_none());
        assert!(Token::<LinkId>::parse(&format!(" {text}")).is_none());
        // The last character has four bits to spare: written otherwise it would decode to the same bytes.
        let (body, last) = text.split_at(text.len() - 1);
        assert_eq!(last, "w");
        assert!(Token::<LinkId>::parse(&format!("{body}x")).is_none());
    }

    #[test]
    fn another_secret_or_kind_has_another_hash() {
        let mut bytes = [7; TOKEN_BYTES];
        let link = Token::<LinkId>::from_random(bytes);
        assert!(!link.hash().fits(&Token::<LoginId>::from_random(bytes)));
        bytes[TOKEN_BYTES - 1] ^= 1;
        assert!(!link.hash().fits(&Token::<LinkId>::from_random(bytes)));
    }

    #[test]
    fn every_byte_of_a_hash_counts() {
        let token = Token::<LinkId>::from_random([7; TOKEN_BYTES]);
        for at in 0..32 {
            let mut hash = token.hash();
            hash.0[at] ^= 1;
            assert!(!hash.fits(&token), "byte {at}");
            assert!(hash != token.hash(), "byte {at}");
        }
    }

    #[test]
    fn a_hash_survives_json_and_nothing_else_does() {
        let hash = Token::<LinkId>::from_random([1; TOKEN_BYTES]).hash();
        let json = serde_json::to_string(&hash).expect("JSON");
        assert_eq!(serde_json::from_str::<TokenHash>(&json).expect("a hash"), hash);
        assert!(serde_json::from_str::<TokenHash>(r#""AAAA""#).is_err());
    }
}
