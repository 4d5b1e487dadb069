//! Logins: who is signed in where, and for how long.

use super::accounts::millis;
use super::{Directory, NewLogin, Refusal};
use crate::auth::decision::Denied;
use crate::auth::identity::Identity;
use crate::auth::record::{Account, Key, Login, Record};
use crate::auth::secret::Token;
use crate::ids::{AccountId, LoginId};
use crate::limits;

impl Directory {
    /// Who has this token.
    pub fn identify(&self, token: &Token<LoginId>, now_ms: u64) -> Result<Identity, Denied> {
        let login = self.logins.get(&token.id()).filter(|login| login.hash.fits(token));
        let login = login.ok_or(Denied::Unauthenticated)?;
        let (account, _) = self.signed_in(login.account, login.id, now_ms)?;
        Ok(Identity::Account { id: account.id, login: login.id, name: account.display_name.clone() })
    }

    /// The account that a login stands for and until when, if it still does.
    pub(in crate::auth) fn signed_in(
        &self,
        account: AccountId,
        login: LoginId,
        now_ms: u64,
    ) -> Result<(&Account, u64), Denied> {
        let login = self.logins.get(&login).filter(|login| login.account == account);
        let login = login.ok_or(Denied::Unauthenticated)?;
        let account = self.accounts.get(&account).filter(|account| !account.disabled);
        let account = account.ok_or(Denied::Unauthenticated)?;
        if login.expires_ms <= now_ms { Err(Denied::Expired) } else { Ok((account, login.expires_ms)) }
    }

    pub(super) fn sign_in(&self, new: NewLogin, now_ms: u64) -> Result<Vec<Record>, Refusal> {
        self.able(new.account)?;
        if self.logins.contains_key(&new.id) {
            return Err(Refusal::IdTaken);
        }
        let mut records = self.room_for_a_login(new.account, now_ms);
        records.push(Record::Login(Login {
            id: new.id,
            hash: new.hash,
            account: new.account,
            created_ms: now_ms,
            seen_ms: now_ms,
            expires_ms: expiry(now_ms, now_ms),
        }));
        Ok(records)
    }

    /// Nobody is kept from signing in: where there are too many logins, those go that were used longest ago.
    fn room_for_a_login(&self, account: AccountId, now_ms: u64) -> Vec<Record> {
        let (mut open, over): (Vec<&Login>, Vec<&Login>) = self
            .logins
            .values()
            .filter(|login| login.account == account)
            .partition(|login| now_ms < login.expires_ms);
        open.sort_by_key(|login| login.seen_ms);
        let too_many = (open.len() + 1).saturating_sub(limits::LOGINS_PER_ACCOUNT);
        let gone = over.into_iter().chain(open.into_iter().take(too_many));
        gone.map(|login| Record::Gone(Key::Login(login.id))).collect()
    }

    pub(super) fn seen(&self, id: LoginId, now_ms: u64) -> Result<Vec<Record>, Refusal> {
        let login = self.logins.get(&id).filter(|login| now_ms < login.expires_ms);
        let login = login.ok_or(Refusal::NoLogin)?;
        if now_ms < login.seen_ms.saturating_add(millis(limits::LOGIN_SEEN_EVERY)) {
            return Ok(Vec::new());
        }
        let expires_ms = expiry(login.created_ms, now_ms);
        Ok(vec![Record::Login(Login { seen_ms: now_ms, expires_ms, ..login.clone() })])
    }

    pub(super) fn sign_out(&self, id: LoginId) -> Result<Vec<Record>, Refusal> {
        let login = self.logins.get(&id).ok_or(Refusal::NoLogin)?;
        Ok(vec![Record::Gone(Key::Login(login.id))])
    }

    pub(super) fn logins_gone(&self, account: AccountId, except: Option<LoginId>) -> Vec<Record> {
        let logins =
            self.logins.values().filter(|login| login.account == account && Some(login.id) != except);
        logins.map(|login| Record::Gone(Key::Login(login.id))).collect()
    }
}

/// A login ends after a while without use, and in any case some time after it began.
fn expiry(created_ms: u64, seen_ms: u64) -> u64 {
    let unused = seen_ms.saturating_add(millis(limits::LOGIN_UNUSED_FOR));
    unused.min(created_ms.saturating_add(millis(limits::LOGIN_FOR)))
}
