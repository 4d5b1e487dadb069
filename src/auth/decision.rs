//! Who may do what: the one place where it is decided, for every route and every message.

use super::directory::Directory;
use super::identity::Identity;
use super::needs::Needs;
use super::password::Unlocked;
use super::record::Link;
use super::secret::Token;
use super::{Mode, Role};
use crate::ids::{DocId, DocNumber, LinkId};

/// A question to [`decide`].
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    pub needs: Needs,
    pub identity: &'a Identity,
    /// A link that came with the request.
    pub link: Option<&'a Presented>,
    /// The document that it is about, if it is about one.
    pub document: Option<Target<'a>>,
    /// Milliseconds since 1970.
    pub now_ms: u64,
}

/// A document that somebody asks for.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    pub id: &'a DocId,
    /// `None` if there is none of this id. What is known of a document goes by its number, so that one made again under an old id
    /// is nobody's who had the old one.
    pub number: Option<DocNumber>,
}

/// A share link as somebody presents it.
#[derive(Debug, Clone)]
pub struct Presented {
    pub token: Token<LinkId>,
    /// That its password was given, if it has one.
    pub unlocked: Option<Unlocked>,
}

/// Yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    /// The role in the document, if it was about one.
    pub role: Option<Role>,
    /// When to ask again at the latest, in milliseconds since 1970; earlier if the directory changes. A socket that asks again and is
    /// refused is closed.
    pub until_ms: Option<u64>,
}

/// No, and why, from the reason that says least to the one that says most to who is refused. The same whether the document exists
/// or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Denied {
    #[error("Sign in, or open the link that was shared with you.")]
    Unauthenticated,
    #[error("You may not do this. Ask the document's owner for access.")]
    Forbidden,
    #[error("This link was taken back by the document's owner.")]
    Revoked,
    /// What was presented was right once. A fresh one helps, the same one never will.
    #[error("Your access has expired. Sign in again, or ask for a new link.")]
    Expired,
    #[error("This link asks for its password.")]
    Locked,
}

impl Denied {
    /// Whether presenting something else may help (401 and 4401), or nothing that one has (403 and 4403).
    pub fn is_unauthenticated(self) -> bool {
        match self {
            Denied::Unauthenticated | Denied::Expired | Denied::Locked => true,
            Denied::Revoked | Denied::Forbidden => false,
        }
    }
}

/// Whether this may be done.
pub fn decide(mode: Mode, directory: &Directory, ask: &Ask<'_>) -> Result<Granted, Denied> {
    if matches!(ask.needs, Needs::Nothing | Needs::Proof) {
        return Ok(Granted { role: None, until_ms: None });
    }
    match mode {
        Mode::Open => open(ask),
        Mode::Accounts => accounts(directory, ask),
        Mode::Jwt => jwt(ask),
    }
}

/// Whoever reaches the server is an editor. Nothing is anybody's, so everybody may delete, and there is nothing to share or administer.
fn open(ask: &Ask<'_>) -> Result<Granted, Denied> {
    match ask.needs {
        Needs::Share | Needs::Administration => Err(Denied::Forbidden),
        _ => Ok(Granted { role: ask.document.map(|_| Role::Editor), until_ms: None }),
    }
}

/// The token says all: the application that signed it has decided.
fn jwt(ask: &Ask<'_>) -> Result<Granted, Denied> {
    let Identity::Subject(claims) = ask.identity else { return Err(Denied::Unauthenticated) };
    if claims.until_ms <= ask.now_ms {
        return Err(Denied::Expired);
    }
    let role = ask.document.and_then(|document| claims.role_in(document.id));
    let allowed = match ask.needs {
        Needs::Identity => true,
        // Sharing goes by the application's own ways, and so does administering.
        Needs::Administration | Needs::Share => false,
        // Without a document: whether it may be so for any, which is asked again when its id is known.
        Needs::Create if ask.document.is_none() => claims.role.may_write(),
        Needs::Create => role.is_some_and(Role::may_write),
        needs => role.is_some_and(|role| needs.met_by(role)),
    };
    if allowed { Ok(Granted { role, until_ms: Some(claims.until_ms) }) } else { Err(Denied::Forbidden) }
}

/// By what the directory says of the account, and by the link.
fn accounts(directory: &Directory, ask: &Ask<'_>) -> Result<Granted, Denied> {
    let signed_in = match ask.identity {
        Identity::Account { id, login, .. } => directory.signed_in(*id, *login, ask.now_ms),
        Identity::Guest { .. } | Identity::Subject(_) => Err(Denied::Unauthenticated),
    };
    match ask.needs {
        Needs::Identity | Needs::Create | Needs::Administration => {
            let (account, until_ms) = signed_in?;
            if ask.needs == Needs::Administration && !account.administrator {
                return Err(Denied::Forbidden);
            }
            // Who may make a document will own it.
            Ok(Granted { role: None, until_ms: Some(until_ms) })
        }
        needs => {
            let number = ask.document.and_then(|document| document.number);
            let by_account = signed_in.and_then(|(account, until_ms)| {
                let role = number.and_then(|number| directory.role_of(account.id, number));
                let role = role.filter(|&role| needs.met_by(role)).ok_or(Denied::Forbidden)?;
                Ok((role, Some(until_ms)))
            });
            let by_link = ask.link.map(|link| by_link(directory, number, link, ask));
            stronger(by_account, by_link)
        }
    }
}

/// A role that is enough, and until when.
type Grounds = Result<(Role, Option<u64>), Denied>;

/// The better of what somebody is and what they bring; where neither is enough, the reason that says most.
fn stronger(by_account: Grounds, by_link: Option<Grounds>) -> Result<Granted, Denied> {
    let grounds = [Some(by_account), by_link].into_iter().flatten();
    let longest = |until_ms: Option<u64>| until_ms.unwrap_or(u64::MAX);
    match grounds.clone().flatten().max_by_key(|&(role, until_ms)| (role, longest(until_ms))) {
        Some((role, until_ms)) => Ok(Granted { role: Some(role), until_ms }),
        None => Err(grounds.filter_map(Result::err).max().unwrap_or(Denied::Unauthenticated)),
    }
}

/// What a link is worth. Whoever has not got its secret hears nothing of it, not even that there is one; and nobody hears that it is
/// over or locked who would not get by with it anyway.
fn by_link(
    directory: &Directory,
    number: Option<DocNumber>,
    presented: &Presented,
    ask: &Ask<'_>,
) -> Grounds {
    let link = number.and_then(|number| directory.link(number, presented.token.id()));
    let link = link.filter(|link| link.hash.fits(&presented.token)).ok_or(Denied::Unauthenticated)?;
    if !ask.needs.met_by(link.role) {
        Err(Denied::Forbidden)
    } else if link.revoked_ms.is_some() {
        Err(Denied::Revoked)
    } else if !link.is_open(ask.now_ms) {
        Err(Denied::Expired)
    } else if !link.is_unlocked_by(presented) {
        Err(Denied::Locked)
    } else {
        Ok((link.role, link.expires_ms))
    }
}

impl Link {
    /// Whether no password stands between its token and the document any more.
    fn is_unlocked_by(&self, presented: &Presented) -> bool {
        match (&self.password, &presented.unlocked) {
            (None, _) => true,
            (Some(password), Some(unlocked)) => password.unlock(&presented.token) == *unlocked,
            (Some(_), None) => false,
        }
    }
}

#[cfg(test)]
mod tests;
