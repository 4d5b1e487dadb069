//! What can be asked of the directory, and why it may refuse.

use super::Directory;
use crate::auth::Role;
use crate::auth::identity::{AccountName, DisplayName};
use crate::auth::password::PasswordHash;
use crate::auth::record::{Key, Record};
use crate::auth::secret::{Token, TokenHash};
use crate::ids::{AccountId, DocNumber, InvitationId, LinkId, LoginId};

/// Something that should change. Ids and hashes are those of fresh random tokens, which the caller draws and shows.
#[derive(Debug, Clone)]
pub enum Command {
    /// Make the first account, an administrator. Refused once there is any.
    Found(NewAccount),
    /// Make an account without an invitation, as an administrator or on the command line.
    Enrol {
        account: NewAccount,
        by: Option<AccountId>,
    },
    Invite(NewInvitation),
    /// Take an invitation back that nobody has accepted.
    Uninvite(InvitationId),
    /// Make the account that an invitation is for. The invitation is used up.
    Accept {
        invitation: Token<InvitationId>,
        account: NewAccount,
    },
    Change {
        account: AccountId,
        change: Change,
    },
    /// Remove an account for good. Its documents go to `heir`; without documents it needs none.
    Remove {
        account: AccountId,
        heir: Option<AccountId>,
    },

    SignIn(NewLogin),
    /// A login was used. Writes nothing if it was used a little before.
    Seen(LoginId),
    SignOut(LoginId),
    /// End the logins of an account, except the one that asks for it.
    SignOutElsewhere {
        account: AccountId,
        except: Option<LoginId>,
    },

    /// Make an account the owner of a document: of a new one, of one from before there were accounts, or of one that somebody hands
    /// on. Whoever owned it before keeps nothing.
    Own {
        document: DocNumber,
        owner: AccountId,
    },
    /// Give an account a role, or another one.
    Grant {
        document: DocNumber,
        account: AccountId,
        role: Role,
        by: Option<AccountId>,
    },
    Ungrant {
        document: DocNumber,
        account: AccountId,
    },
    Share {
        document: DocNumber,
        link: NewLink,
    },
    /// Take a link back. It stays on the owner's list for a while.
    Revoke {
        document: DocNumber,
        link: LinkId,
    },
    /// The document is gone for good: so is everything about it.
    Forget(DocNumber),

    /// Drop what is over.
    Prune,
}

#[derive(Debug, Clone)]
pub struct NewAccount {
    pub id: AccountId,
    pub name: AccountName,
    pub display_name: DisplayName,
    pub password: Option<PasswordHash>,
    /// Of no account that an invitation makes.
    pub administrator: bool,
}

#[derive(Debug, Clone)]
pub struct NewInvitation {
    pub id: InvitationId,
    pub hash: TokenHash,
    pub by: Option<AccountId>,
}

#[derive(Debug, Clone)]
pub struct NewLogin {
    pub id: LoginId,
    pub hash: TokenHash,
    pub account: AccountId,
}

#[derive(Debug, Clone)]
pub struct NewLink {
    pub id: LinkId,
    pub hash: TokenHash,
    /// Anything but owner.
    pub role: Role,
    pub password: Option<PasswordHash>,
    pub expires_ms: Option<u64>,
    pub by: Option<AccountId>,
}

/// What changes in an account.
#[derive(Debug, Clone)]
pub enum Change {
    Name(AccountName),
    DisplayName(DisplayName),
    /// Ends every login but `keep`: whoever knew the old one is out.
    Password {
        hash: PasswordHash,
        keep: Option<LoginId>,
    },
    /// `false` ends the invitations of the account.
    Administrator(bool),
    /// `true` ends every login and invitation.
    Disabled(bool),
}

/// Why a command was refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there are accounts already; an administrator invites further people")]
    Founded,
    #[error("somebody has the name {0} already")]
    NameTaken(AccountName),
    #[error("this id is taken; try again")]
    IdTaken,
    #[error("there is no account {0}")]
    NoAccount(AccountId),
    #[error("the account {0} is disabled")]
    Disabled(AccountId),
    #[error("this is the last administrator; make somebody else one first")]
    LastAdministrator,
    #[error("the account owns {0} documents; say who gets them")]
    OwnsDocuments(usize),
    #[error("the invitation is not known; it may have been used already")]
    NoInvitation,
    #[error("the invitation has expired; ask for another one")]
    InvitationExpired,
    #[error("this login has ended")]
    NoLogin,
    #[error("there is no such link to this document")]
    NoLink,
    #[error("the document has no owner yet; make somebody its owner first")]
    NoOwner,
    #[error("the owner of a document may do everything already")]
    IsOwner,
    #[error("a document has one owner; hand it on instead of granting that")]
    OwnerByGrant,
    #[error("a link makes nobody an owner")]
    OwnerByLink,
    #[error("the link would have expired already")]
    ExpiredBefore,
    #[error("there are {most} {what} already, which is as many as there may be")]
    TooMany { what: &'static str, most: usize },
}

impl Directory {
    /// What a command comes to at `now_ms`: the records to be made durable, all or none, and then applied in their order; or why
    /// not. No records: nothing has to change.
    pub fn judge(&self, command: Command, now_ms: u64) -> Result<Vec<Record>, Refusal> {
        match command {
            Command::Found(account) => self.found(account, now_ms),
            Command::Enrol { account, by } => self.enrol(account, by, now_ms),
            Command::Invite(invitation) => self.invite(invitation, now_ms),
            Command::Uninvite(invitation) => self.uninvite(invitation),
            Command::Accept { invitation, account } => self.accept(&invitation, account, now_ms),
            Command::Change { account, change } => self.change(account, change),
            Command::Remove { account, heir } => self.remove(account, heir),
            Command::SignIn(login) => self.sign_in(login, now_ms),
            Command::Seen(login) => self.seen(login, now_ms),
            Command::SignOut(login) => self.sign_out(login),
            Command::SignOutElsewhere { account, except } => Ok(self.logins_gone(account, except)),
            Command::Own { document, owner } => self.own(document, owner),
            Command::Grant { document, account, role, by } => self.grant(document, account, role, by, now_ms),
            Command::Ungrant { document, account } => Ok(self.ungrant(document, account)),
            Command::Share { document, link } => self.share(document, link, now_ms),
            Command::Revoke { document, link } => self.revoke(document, link, now_ms),
            Command::Forget(document) => Ok(self.about(document)),
            Command::Prune => Ok(self.prune(now_ms)),
        }
    }

    /// Everything that is over: invitations, logins, and links that nobody has to be told about any more.
    fn prune(&self, now_ms: u64) -> Vec<Record> {
        let invitations = self.invitations.values().filter(|invitation| invitation.expires_ms <= now_ms);
        let logins = self.logins.values().filter(|login| login.expires_ms <= now_ms);
        let links = self.links.iter().filter(|(_, link)| link.is_forgotten(now_ms));
        (invitations.map(|invitation| Key::Invitation(invitation.id)))
            .chain(logins.map(|login| Key::Login(login.id)))
            .chain(links.map(|(&(document, id), _)| Key::Link(document, id)))
            .map(Record::Gone)
            .collect()
    }
}
