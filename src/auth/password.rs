//! Passwords. Hashing and verifying take some 20 ms and 19 MiB on purpose: call them off the threads that serve sockets, and
//! let few of them run at once.

use std::fmt;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::secret::{Bearer, Secret, Token};
use crate::limits;

/// Random bytes that a hash is made with.
pub const SALT_BYTES: usize = 16;

/// A password as somebody typed it.
#[derive(Clone, Debug)]
pub struct Password(Secret<String>);

/// Why a text cannot be a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    #[error("a password has at least {least} characters")]
    Short { least: usize },
    #[error("a password has at most {} bytes", limits::PASSWORD_BYTES)]
    Long,
}

impl Password {
    /// A password to compare with: of any length that may have been chosen once.
    pub fn given(text: String) -> Result<Password, BadPassword> {
        let password = Password(Secret::new(text));
        if password.text().len() > limits::PASSWORD_BYTES { Err(BadPassword::Long) } else { Ok(password) }
    }

    /// A new password for an account.
    pub fn for_account(text: String) -> Result<Password, BadPassword> {
        Password::given(text)?.at_least(limits::PASSWORD_CHARACTERS)
    }

    /// A new password for a link, which has 256 secret bits beside it.
    pub fn for_link(text: String) -> Result<Password, BadPassword> {
        Password::given(text)?.at_least(limits::LINK_PASSWORD_CHARACTERS)
    }

    fn at_least(self, least: usize) -> Result<Password, BadPassword> {
        if self.text().chars().count() < least { Err(BadPassword::Short { least }) } else { Ok(self) }
    }

    fn text(&self) -> &str {
        self.0.reveal()
    }
}

/// Argon2id in PHC form: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PasswordHash(String);

/// Why a string is no [`PasswordHash`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPasswordHash {
    #[error("a password's hash is argon2id, version 19, in PHC form")]
    Form,
    /// Verifying would take more than anybody meant it to.
    #[error("this password's hash asks for more memory or passes than are taken")]
    Costly,
}

/// The hash of a password. `salt` is random and new for each. Slow.
pub fn hash(password: &Password, salt: [u8; SALT_BYTES]) -> PasswordHash {
    let hash = argon2id().hash_password_with_salt(password.text().as_bytes(), &salt);
    PasswordHash(hash.expect("the parameters and a salt of 16 bytes are valid").to_string())
}

/// Whether this password is the one that was hashed. Slow.
pub fn verify(hash: &PasswordHash, given: &Password) -> bool {
    let hash = phc::PasswordHash::new(&hash.0).expect("it was read before");
    // The parameters are those in the hash, not ours.
    argon2id().verify_password(given.text().as_bytes(), &hash).is_ok()
}

/// Takes as long as [`verify`] and is never right: for names that nobody has, so that time does not tell which there are. Slow.
pub fn verify_nobody(given: &Password) -> bool {
    let _ = hash(given, *b"nobody's own one");
    false
}

fn argon2id() -> Argon2<'static> {
    let params =
        Params::new(limits::ARGON2_MEMORY_KIB, limits::ARGON2_PASSES, limits::ARGON2_LANES, Some(OUTPUT));
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.expect("the limits are valid parameters"))
}

/// Bytes of the hash itself.
const OUTPUT: usize = 32;

impl PasswordHash {
    /// Whether it was made with less than today's parameters: hash the password again when it is next given.
    pub fn is_outdated(&self) -> bool {
        let params = self.params();
        params.m_cost() < limits::ARGON2_MEMORY_KIB || params.t_cost() < limits::ARGON2_PASSES
    }

    fn params(&self) -> Params {
        let hash = phc::PasswordHash::new(&self.0).expect("it was read before");
        Params::try_from(&hash).expect("they were read before")
    }

    /// Says that whoever has this link's token gave its password too. Only the server can make it, for nobody else has the hash
    /// of the password; it ends when the link or its password does.
    pub fn unlock<I: Bearer>(&self, token: &Token<I>) -> Unlocked {
        let digest = Sha256::new().chain_update("cowrite unlocked\0").chain_update(token.reveal().reveal());
        Unlocked(Secret::new(digest.chain_update("\0").chain_update(&self.0).finalize().into()))
    }
}

/// That a link's password was given, for a cookie: it spares verifying it again with every request.
#[derive(Clone, Debug)]
pub struct Unlocked(Secret<[u8; 32]>);

impl Unlocked {
    /// 64 hexadecimal digits.
    pub fn reveal(&self) -> Secret<String> {
        Secret::new(self.0.reveal().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    pub fn parse(text: &str) -> Option<Unlocked> {
        let digit = |b: u8| (b as char).to_digit(16).filter(|_| !b.is_ascii_uppercase());
        let mut bytes = [0; 32];
        let pairs = text.as_bytes().chunks_exact(2);
        if text.len() != 64 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            *byte = u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok()?;
        }
        Some(Unlocked(Secret::new(bytes)))
    }
}

/// In constant time.
impl PartialEq for Unlocked {
    fn eq(&self, other: &Unlocked) -> bool {
        self.0.reveal().ct_eq(other.0.reveal()).into()
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

impl TryFrom<String> for PasswordHash {
    type Error = InvalidPasswordHash;
    fn try_from(text: String) -> Result<PasswordHash, InvalidPasswordHash> {
        let hash = phc::PasswordHash::new(&text).map_err(|_| InvalidPasswordHash::Form)?;
        let params = Params::try_from(&hash).map_err(|_| InvalidPasswordHash::Form)?;
        let argon2id = hash.algorithm.as_str() == "argon2id" && hash.version == Some(Version::V0x13.into());
        if !argon2id || hash.salt.is_none() || hash.hash.is_none() {
            return Err(InvalidPasswordHash::Form);
        }
        let most = limits::ARGON2_TIMES_AT_MOST;
        if params.m_cost() > most * limits::ARGON2_MEMORY_KIB
            || params.t_cost() > most * limits::ARGON2_PASSES
        {
            return Err(InvalidPasswordHash::Costly);
        }
        Ok(PasswordHash(text))
    }
}

impl From<PasswordHash> for String {
    fn from(hash: PasswordHash) -> String {
        hash.0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::auth::secret::TOKEN_BYTES;
    use crate::ids::LinkId;

    fn given(text: &str) -> Password {
        Password::given(text.to_owned()).expect("a password")
    }

    #[test]
    fn a_password_is_verified_by_its_hash_and_no_other_is() {
        let hash = hash(&given("correct horse battery"), [1; SALT_BYTES]);
        let text = String::from(hash.clone());
        assert!(text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{text}");
        assert!(verify(&hash, &given("correct horse battery")));
        assert!(!verify(&hash, &given("correct horse batterY")));
        assert!(!hash.is_outdated());
        assert_eq!(PasswordHash::try_from(text), Ok(hash));
    }

    #[test]
    fn nobody_has_every_password_wrong() {
        assert!(!verify_nobody(&given("nobody's own one")));
    }

    /// By the processor's time, which others on the machine do not change.
    #[test]
    fn nobody_takes_as_long_as_somebody() {
        let spent = || {
            let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
            Duration::try_from(spent).expect("time goes on")
        };
        let hash = hash(&given("correct horse battery"), [1; SALT_BYTES]);
        let (began, wrong) = (spent(), given("wrong horse battery"));
        assert!(!verify(&hash, &wrong));
        let somebody = spent() - began;
        assert!(!verify_nobody(&wrong));
        let nobody = spent() - began - somebody;
        assert!(nobody * 3 > somebody && somebody * 3 > nobody, "{nobody:?} and {somebody:?}");
    }

    #[test]
    fn lengths_are_counted_in_characters_and_bounded_in_bytes() {
        let new = |text: &str| Password::for_account(text.to_owned()).map(|_| ());
        let short = BadPassword::Short { least: limits::PASSWORD_CHARACTERS };
        assert_eq!(new("elevenchars"), Err(short));
        assert_eq!(new("密码密码密码密码密码密码"), Ok(()));
        assert_eq!(new(&"密".repeat(128)), Ok(()), "long passwords are welcome");
        assert_eq!(new(&"x".repeat(limits::PASSWORD_BYTES)), Ok(()));
        assert_eq!(new(&"x".repeat(limits::PASSWORD_BYTES + 1)), Err(BadPassword::Long));
        assert!(Password::for_link("123".to_owned()).is_err());
        assert!(Password::for_link("mars".to_owned()).is_ok());
    }

    #[test]
    fn only_argon2id_of_a_bounded_cost_is_read() {
        let read = |text: &str| PasswordHash::try_from(text.to_owned()).map(|_| ());
        let with = |algorithm: &str, params: &str| {
            format!("${algorithm}$v=19${params}$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g")
        };
        assert_eq!(read(&with("argon2id", "m=19456,t=2,p=1")), Ok(()));
        assert_eq!(read(&with("argon2i", "m=19456,t=2,p=1")), Err(InvalidPasswordHash::Form));
        assert_eq!(read(&with("argon2id", "m=4194304,t=2,p=1")), Err(InvalidPasswordHash::Costly));
        assert_eq!(read(&with("argon2id", "m=19456,t=4000,p=1")), Err(InvalidPasswordHash::Costly));
        assert_eq!(read("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0"), Err(InvalidPasswordHash::Form));
        assert_eq!(read("swordfish"), Err(InvalidPasswordHash::Form));
        let old = PasswordHash::try_from(with("argon2id", "m=8192,t=1,p=1")).expect("a hash");
        assert!(old.is_outdated());
        for weaker in ["m=19455,t=2,p=1", "m=19456,t=1,p=1"] {
            let hash = PasswordHash::try_from(with("argon2id", weaker)).expect("a hash");
            assert!(hash.is_outdated(), "{weaker}");
        }
        let older = with("argon2id", "m=19456,t=2,p=1").replace("v=19", "v=16");
        assert_eq!(read(&older), Err(InvalidPasswordHash::Form));
    }

    #[test]
    fn what_unlocks_a_link_ends_with_its_password_and_its_token() {
        let (old, new) = (hash(&given("mars"), [1; SALT_BYTES]), hash(&given("mars"), [2; SALT_BYTES]));
        let token = |byte| Token::<LinkId>::from_random([byte; TOKEN_BYTES]);
        let unlocked = old.unlock(&token(1));
        assert!(unlocked == old.unlock(&token(1)));
        assert!(unlocked != new.unlock(&token(1)), "another salt");
        assert!(unlocked != old.unlock(&token(2)), "another link");
        for at in 0..32 {
            let mut bytes = *unlocked.0.reveal();
            bytes[at] ^= 1;
            assert!(Unlocked(Secret::new(bytes)) != unlocked, "byte {at}");
        }
        let text = unlocked.reveal();
        assert!(Unlocked::parse(text.reveal()).expect("it") == unlocked);
        for bad in ["", "00", &text.reveal()[1..], &text.reveal().to_uppercase(), &"é".repeat(32)] {
            assert!(Unlocked::parse(bad).is_none(), "{bad}");
        }
    }
}
