//! Accounts, invitations, logins, owners, grants and links: a state machine without a disk.
//!
//! [`Directory::judge`] turns a command into a refusal or into records, and changes nothing; [`Directory::apply`] changes the
//! state by a record. In between, the records of one command are made durable, all or none. Whether somebody *may* give a
//! command is not known here: [`decide`](super::decide) has said so before.

mod accounts;
mod command;
mod documents;
mod logins;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::Role;
use super::identity::AccountName;
use super::password::PasswordHash;
use super::record::{Account, Grant, Invitation, Key, Link, Login, Owner, Record};
use crate::ids::{AccountId, DocNumber, InvitationId, LinkId, LoginId};

pub use command::{Change, Command, NewAccount, NewInvitation, NewLink, NewLogin, Refusal};

/// Everything that is known of who may do what. Reads never refuse; what is over is left out by whoever asks with a time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    accounts: BTreeMap<AccountId, Account>,
    invitations: BTreeMap<InvitationId, Invitation>,
    logins: BTreeMap<LoginId, Login>,
    owners: BTreeMap<DocNumber, AccountId>,
    grants: BTreeMap<(DocNumber, AccountId), Grant>,
    links: BTreeMap<(DocNumber, LinkId), Link>,
}

impl Directory {
    /// Take a record in. What stands under other keys has no influence, and so their order has none.
    pub fn apply(&mut self, record: Record) {
        match record {
            Record::Account(account) => drop(self.accounts.insert(account.id, account)),
            Record::Invitation(invitation) => drop(self.invitations.insert(invitation.id, invitation)),
            Record::Login(login) => drop(self.logins.insert(login.id, login)),
            Record::Owner(owner) => drop(self.owners.insert(owner.document, owner.account)),
            Record::Grant(grant) => drop(self.grants.insert((grant.document, grant.account), grant)),
            Record::Link(link) => drop(self.links.insert((link.document, link.id), link)),
            Record::Gone(key) => self.forget(key),
        }
    }

    fn forget(&mut self, key: Key) {
        match key {
            Key::Account(id) => drop(self.accounts.remove(&id)),
            Key::Invitation(id) => drop(self.invitations.remove(&id)),
            Key::Login(id) => drop(self.logins.remove(&id)),
            Key::Owner(document) => drop(self.owners.remove(&document)),
            Key::Grant(document, account) => drop(self.grants.remove(&(document, account))),
            Key::Link(document, id) => drop(self.links.remove(&(document, id))),
        }
    }

    /// The whole state as records, one a key: what a checkpoint keeps.
    pub fn records(&self) -> impl Iterator<Item = Record> {
        let owner = |(document, account): (&DocNumber, &AccountId)| {
            Record::Owner(Owner { document: *document, account: *account })
        };
        (self.accounts.values().cloned().map(Record::Account))
            .chain(self.invitations.values().cloned().map(Record::Invitation))
            .chain(self.logins.values().cloned().map(Record::Login))
            .chain(self.owners.iter().map(owner))
            .chain(self.grants.values().cloned().map(Record::Grant))
            .chain(self.links.values().cloned().map(Record::Link))
    }

    /// Nobody has an account yet: the first is to be made.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.get(&id)
    }

    /// Looks at every account: signing in is rare, and hashing a password takes a thousand times longer.
    pub fn account_named(&self, name: &AccountName) -> Option<&Account> {
        self.accounts.values().find(|account| account.name == *name)
    }

    /// What a password has to be compared with. `None` when nobody can sign in under this name:
    /// [`verify_nobody`](super::password::verify_nobody) then takes as long.
    pub fn password_of(&self, name: &AccountName) -> Option<(AccountId, PasswordHash)> {
        let account = self.account_named(name).filter(|account| !account.disabled)?;
        Some((account.id, account.password.clone()?))
    }

    /// Invitations that can still be accepted.
    pub fn invitations(&self, now_ms: u64) -> impl Iterator<Item = &Invitation> {
        self.invitations.values().filter(move |invitation| now_ms < invitation.expires_ms)
    }

    /// Where an account is signed in.
    pub fn logins(&self, account: AccountId, now_ms: u64) -> impl Iterator<Item = &Login> {
        self.logins.values().filter(move |login| login.account == account && now_ms < login.expires_ms)
    }

    pub fn owner(&self, document: DocNumber) -> Option<AccountId> {
        self.owners.get(&document).copied()
    }

    /// Of these documents those that have no owner, for whoever turns accounts on with documents that were there before.
    pub fn ownerless(&self, documents: impl IntoIterator<Item = DocNumber>) -> Vec<DocNumber> {
        documents.into_iter().filter(|document| !self.owners.contains_key(document)).collect()
    }

    pub fn grants(&self, document: DocNumber) -> impl Iterator<Item = &Grant> {
        let range = (document, AccountId(0))..=(document, AccountId(u64::MAX));
        self.grants.range(range).map(|(_, grant)| grant)
    }

    /// Every link of a document, also those that are over: the owner sees what became of them for a while.
    pub fn links(&self, document: DocNumber) -> impl Iterator<Item = &Link> {
        self.links.range((document, LinkId(0))..=(document, LinkId(u64::MAX))).map(|(_, link)| link)
    }

    pub fn link(&self, document: DocNumber, id: LinkId) -> Option<&Link> {
        self.links.get(&(document, id))
    }

    /// What an account may do with a document by itself, without any link. It has to exist; whether it is disabled is the login's
    /// affair.
    ///
    /// A document that nobody owns, from before there were accounts, is the administrators'.
    pub fn role_of(&self, account: AccountId, document: DocNumber) -> Option<Role> {
        let account = self.accounts.get(&account)?;
        match self.owner(document) {
            Some(owner) if owner == account.id => Some(Role::Owner),
            None if account.administrator => Some(Role::Owner),
            _ => self.grants.get(&(document, account.id)).map(|grant| grant.role),
        }
    }
}

impl Link {
    /// Whether it still opens anything.
    pub fn is_open(&self, now_ms: u64) -> bool {
        self.revoked_ms.is_none() && self.expires_ms.is_none_or(|expires_ms| now_ms < expires_ms)
    }

    /// When it ceased to, if it has.
    fn closed_ms(&self, now_ms: u64) -> Option<u64> {
        self.revoked_ms.or(self.expires_ms.filter(|&expires_ms| expires_ms <= now_ms))
    }
}
