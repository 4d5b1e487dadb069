//! Accounts and invitations. What never happens: that nobody can administer any more, or that a document loses its owner.

use super::{Change, Command, Directory, NewAccount, NewInvitation, Refusal};
use crate::auth::record::{Account, Invitation, Key, Owner, Record};
use crate::auth::secret::Token;
use crate::ids::{AccountId, InvitationId};
use crate::limits;

impl Directory {
    pub(super) fn found(&self, account: NewAccount, now_ms: u64) -> Result<Vec<Record>, Refusal> {
        if !self.accounts.is_empty() {
            return Err(Refusal::Founded);
        }
        let first = NewAccount { administrator: true, ..account };
        Ok(vec![Record::Account(self.new_account(first, None, now_ms)?)])
    }

    pub(super) fn enrol(
        &self,
        account: NewAccount,
        by: Option<AccountId>,
        now_ms: u64,
    ) -> Result<Vec<Record>, Refusal> {
        // The first has to be one that can let others in.
        if self.accounts.is_empty() {
            return self.found(account, now_ms);
        }
        Ok(vec![Record::Account(self.new_account(account, by, now_ms)?)])
    }

    pub(super) fn invite(&self, new: NewInvitation, now_ms: u64) -> Result<Vec<Record>, Refusal> {
        if self.invitations.contains_key(&new.id) {
            return Err(Refusal::IdTaken);
        }
        if self.invitations(now_ms).count() >= limits::INVITATIONS {
            return Err(Refusal::TooMany { what: "open invitations", most: limits::INVITATIONS });
        }
        let mut records = self.judge(Command::Prune, now_ms)?;
        records.push(Record::Invitation(Invitation {
            id: new.id,
            hash: new.hash,
            created_by: new.by,
            created_ms: now_ms,
            expires_ms: now_ms.saturating_add(millis(limits::INVITATION_FOR)),
        }));
        Ok(records)
    }

    /// The invitation that this is the token of, if it can still be accepted.
    pub fn invitation(&self, token: &Token<InvitationId>, now_ms: u64) -> Result<&Invitation, Refusal> {
        let invitation = self.invitations.get(&token.id()).filter(|invitation| invitation.hash.fits(token));
        let invitation = invitation.ok_or(Refusal::NoInvitation)?;
        if invitation.expires_ms <= now_ms { Err(Refusal::InvitationExpired) } else { Ok(invitation) }
    }

    pub(super) fn uninvite(&self, id: InvitationId) -> Result<Vec<Record>, Refusal> {
        self.invitations.get(&id).ok_or(Refusal::NoInvitation)?;
        Ok(vec![Record::Gone(Key::Invitation(id))])
    }

    pub(super) fn accept(
        &self,
        token: &Token<InvitationId>,
        account: NewAccount,
        now_ms: u64,
    ) -> Result<Vec<Record>, Refusal> {
        let invitation = self.invitation(token, now_ms)?;
        let account = NewAccount { administrator: false, ..account };
        let account = self.new_account(account, invitation.created_by, now_ms)?;
        Ok(vec![Record::Gone(Key::Invitation(invitation.id)), Record::Account(account)])
    }

    fn new_account(
        &self,
        new: NewAccount,
        invited_by: Option<AccountId>,
        now_ms: u64,
    ) -> Result<Account, Refusal> {
        if self.accounts.len() >= limits::ACCOUNTS {
            return Err(Refusal::TooMany { what: "accounts", most: limits::ACCOUNTS });
        }
        if self.accounts.contains_key(&new.id) {
            return Err(Refusal::IdTaken);
        }
        if self.account_named(&new.name).is_some() {
            return Err(Refusal::NameTaken(new.name));
        }
        Ok(Account {
            id: new.id,
            name: new.name,
            display_name: new.display_name,
            password: new.password,
            administrator: new.administrator,
            disabled: false,
            invited_by,
            created_ms: now_ms,
        })
    }

    pub(super) fn change(&self, id: AccountId, change: Change) -> Result<Vec<Record>, Refusal> {
        let mut account = self.known(id)?.clone();
        let mut records = Vec::new();
        match change {
            Change::Name(name) => {
                if self.account_named(&name).is_some_and(|other| other.id != id) {
                    return Err(Refusal::NameTaken(name));
                }
                account.name = name;
            }
            Change::DisplayName(name) => account.display_name = name,
            Change::Password { hash, keep } => {
                account.password = Some(hash);
                records = self.logins_gone(id, keep);
            }
            Change::Administrator(administrator) => account.administrator = administrator,
            Change::Disabled(disabled) => {
                account.disabled = disabled;
                if disabled {
                    records = self.logins_gone(id, None);
                }
            }
        }
        if !administers(&account) {
            records.extend(self.invitations_gone(id));
        }
        self.somebody_administers_besides(id, &account)?;
        records.push(Record::Account(account));
        Ok(records)
    }

    pub(super) fn remove(&self, id: AccountId, heir: Option<AccountId>) -> Result<Vec<Record>, Refusal> {
        let account = self.known(id)?;
        self.somebody_administers_besides(id, &Account { disabled: true, ..account.clone() })?;
        let documents: Vec<_> =
            self.owners.iter().filter(|(_, owner)| **owner == id).map(|(document, _)| *document).collect();
        let mut records = Vec::new();
        match heir {
            Some(heir) if heir != id => {
                self.able(heir)?;
                for document in documents {
                    records.extend(self.ungrant(document, heir));
                    records.push(Record::Owner(Owner { document, account: heir }));
                }
            }
            _ if documents.is_empty() => {}
            _ => return Err(Refusal::OwnsDocuments(documents.len())),
        }
        let grants = self.grants.keys().filter(|(_, account)| *account == id);
        records.extend(grants.map(|&(document, account)| Record::Gone(Key::Grant(document, account))));
        records.extend(self.logins_gone(id, None));
        records.extend(self.invitations_gone(id));
        records.push(Record::Gone(Key::Account(id)));
        Ok(records)
    }

    /// Whoever may not let others in any more has not let in those either who are still to come, and least of all themselves again.
    fn invitations_gone(&self, by: AccountId) -> impl Iterator<Item = Record> {
        let invitations =
            self.invitations.values().filter(move |invitation| invitation.created_by == Some(by));
        invitations.map(|invitation| Record::Gone(Key::Invitation(invitation.id)))
    }

    pub(super) fn known(&self, id: AccountId) -> Result<&Account, Refusal> {
        self.accounts.get(&id).ok_or(Refusal::NoAccount(id))
    }

    /// An account that can take something on.
    pub(super) fn able(&self, id: AccountId) -> Result<&Account, Refusal> {
        let account = self.known(id)?;
        if account.disabled { Err(Refusal::Disabled(id)) } else { Ok(account) }
    }

    /// Once `id` has become `changed`, is there still somebody who can let others in? Only a change for the worse is held to that.
    fn somebody_administers_besides(&self, id: AccountId, changed: &Account) -> Result<(), Refusal> {
        let mut others = self.accounts.values().filter(|account| account.id != id);
        let was = self.accounts.get(&id).is_some_and(administers);
        if was && !administers(changed) && !others.any(administers) {
            return Err(Refusal::LastAdministrator);
        }
        Ok(())
    }
}

fn administers(account: &Account) -> bool {
    account.administrator && !account.disabled
}

pub(super) fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
