//! What a request or a socket brings to show who it is, once it is taken apart. Nothing here is believed yet.

use crate::auth::password::Unlocked;
use crate::auth::{Presented, Secret, Token};
use crate::ids::{LinkId, LoginId};

/// What somebody brings.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// A login of the server's own.
    pub login: Option<Token<LoginId>>,
    /// A token that another application signed.
    pub jwt: Option<Secret<String>>,
    pub link: Option<Presented>,
}

/// One token of whatever kind.
#[derive(Debug, Clone)]
pub enum Bearing {
    Login(Token<LoginId>),
    Link(Presented),
    /// Anything that is none of ours.
    Jwt(Secret<String>),
}

impl Bearing {
    /// Read a token as people and programs pass it: `cws_…`, `cwl_…`, `cwl_….<64 hex>` once the link's password was given, or a JWT.
    pub fn parse(text: &str) -> Option<Bearing> {
        if let Some(login) = Token::<LoginId>::parse(text) {
            return Some(Bearing::Login(login));
        }
        if let Some(link) = link(text) {
            return Some(Bearing::Link(link));
        }
        // Of three parts, and not one of ours that is damaged.
        let is_jwt = text.split('.').count() == 3 && !text.starts_with("cw");
        is_jwt.then(|| Bearing::Jwt(Secret::new(text.to_owned())))
    }
}

/// Read a link's token, with what says that its password was given.
pub fn link(text: &str) -> Option<Presented> {
    let (token, unlocked) = match text.split_once('.') {
        Some((token, unlocked)) => (token, Some(Unlocked::parse(unlocked)?)),
        None => (text, None),
    };
    Some(Presented { token: Token::<LinkId>::parse(token)?, unlocked })
}

impl Credentials {
    pub fn is_empty(&self) -> bool {
        self.login.is_none() && self.jwt.is_none() && self.link.is_none()
    }

    /// Take one more token; a later one of a kind counts.
    pub fn add(&mut self, bearing: Bearing) {
        match bearing {
            Bearing::Login(token) => self.login = Some(token),
            Bearing::Jwt(token) => self.jwt = Some(token),
            Bearing::Link(link) => self.link = Some(link),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::fresh;

    #[test]
    fn a_token_is_taken_for_what_it_is() {
        let login = fresh::<LoginId>().reveal();
        let link = fresh::<LinkId>().reveal();
        assert!(matches!(Bearing::parse(login.reveal()), Some(Bearing::Login(_))));
        let Some(Bearing::Link(plain)) = Bearing::parse(link.reveal()) else { panic!("a link") };
        assert!(plain.unlocked.is_none());
        let open = format!("{}.{}", link.reveal(), "0a".repeat(32));
        let Some(Bearing::Link(open)) = Bearing::parse(&open) else { panic!("a link") };
        assert!(open.unlocked.is_some());
        assert!(matches!(Bearing::parse("e30.e30.c2ln"), Some(Bearing::Jwt(_))));
        for none in ["", "swordfish", "cwl_AAAA", "cws_a.b.c", &format!("{}.00", link.reveal())] {
            assert!(Bearing::parse(none).is_none(), "{none}");
        }
    }
}
