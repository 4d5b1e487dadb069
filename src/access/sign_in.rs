//! Signing in, and the ways to an account.

use std::net::IpAddr;

use super::{Access, AccessError, fresh};
use crate::auth::directory::{Change, NewAccount, NewLogin};
use crate::auth::password::Unlocked;
use crate::auth::{AccountName, Command, DisplayName, Identity, Mode, Password, PasswordHash, Secret, Token};
use crate::ids::{AccountId, DocNumber, InvitationId, LinkId, LoginId};

/// What somebody says of themselves who makes an account.
pub struct Enrolment {
    pub name: AccountName,
    pub display_name: DisplayName,
    pub password: Password,
}

impl Access {
    /// The code for the first account, if there is none yet: once, for the terminal.
    pub fn take_setup_code(&self) -> Option<Secret<String>> {
        self.0.setup.take()
    }

    /// A new login for whoever knows the password.
    pub async fn sign_in(
        &self,
        name: &AccountName,
        password: Password,
        from: IpAddr,
    ) -> Result<Token<LoginId>, AccessError> {
        self.attempt(from, name.as_str())?;
        let known = self.look(|directory| directory.password_of(name));
        let (account, hash) = known.unzip();
        let again = password.clone();
        let right = self.0.passwords.verify(hash.clone(), password).await?;
        let Some(account) = account.filter(|_| right) else { return Err(AccessError::WrongPassword) };
        self.succeeded(from, name.as_str());
        let token = self.log_in(account).await?;
        if hash.is_some_and(|hash| hash.is_outdated()) {
            // Not worth an error to somebody who is signed in already.
            let hash = self.0.passwords.hash(again).await?;
            let change = Change::Password { hash, keep: Some(token.id()) };
            let _ = self.perform(Command::Change { account, change }).await;
        }
        Ok(token)
    }

    /// A login for an account that showed who it is.
    pub async fn log_in(&self, account: AccountId) -> Result<Token<LoginId>, AccessError> {
        let token = fresh::<LoginId>();
        let login = NewLogin { id: token.id(), hash: token.hash(), account };
        self.perform(Command::SignIn(login)).await?;
        Ok(token)
    }

    /// Make the first account.
    pub async fn found(&self, code: &str, who: Enrolment) -> Result<AccountId, AccessError> {
        if !self.0.setup.fits(code) {
            return Err(AccessError::WrongSetup);
        }
        let account = self.of(who, true).await?;
        let id = account.id;
        self.perform(Command::Found(account)).await?;
        self.0.setup.used();
        Ok(id)
    }

    /// Make the account that an invitation is for.
    pub async fn accept(
        &self,
        invitation: Token<InvitationId>,
        who: Enrolment,
    ) -> Result<AccountId, AccessError> {
        // Hashing is dear: first whether it can come to anything, so that strangers make no work.
        self.look(|directory| directory.invitation(&invitation, super::now_ms()).map(|_| ()))?;
        let account = self.of(who, false).await?;
        let id = account.id;
        self.perform(Command::Accept { invitation, account }).await?;
        Ok(id)
    }

    /// Make an account as an administrator.
    pub async fn enrol(
        &self,
        name: AccountName,
        display_name: DisplayName,
        password: Option<Password>,
        administrator: bool,
        by: Option<AccountId>,
    ) -> Result<AccountId, AccessError> {
        let account = self.new_account(name, display_name, password, administrator).await?;
        let id = account.id;
        self.perform(Command::Enrol { account, by }).await?;
        self.0.setup.used();
        Ok(id)
    }

    /// Change one's own password, knowing the old one.
    pub async fn change_password(
        &self,
        account: AccountId,
        login: LoginId,
        old: Password,
        new: Password,
        from: IpAddr,
    ) -> Result<(), AccessError> {
        let at = format!("account {account}");
        self.attempt(from, &at)?;
        let known =
            self.look(|directory| directory.account(account).and_then(|known| known.password.clone()));
        if !self.0.passwords.verify(known, old).await? {
            return Err(AccessError::WrongPassword);
        }
        self.succeeded(from, &at);
        let hash = self.hash(new).await?;
        let change = Change::Password { hash, keep: Some(login) };
        self.perform(Command::Change { account, change }).await
    }

    /// What says that a link's password was given, if it was.
    pub async fn unlock(
        &self,
        document: DocNumber,
        token: &Token<LinkId>,
        password: Password,
        from: IpAddr,
    ) -> Result<Unlocked, AccessError> {
        let at = format!("link {}", token.id());
        self.attempt(from, &at)?;
        let link = self.look(|directory| directory.link(document, token.id()).cloned());
        let link = link.filter(|link| link.hash.fits(token) && link.is_open(super::now_ms()));
        let hash = link.and_then(|link| link.password);
        if !self.0.passwords.verify(hash.clone(), password).await? {
            return Err(AccessError::WrongPassword);
        }
        self.succeeded(from, &at);
        Ok(hash.expect("what is verified was there").unlock(token))
    }

    /// Give a new document to whoever made it. Where no accounts are kept, nobody owns anything.
    pub async fn own(&self, document: DocNumber, by: &Identity) -> Result<(), AccessError> {
        match (self.mode(), by) {
            (Mode::Accounts, Identity::Account { id, .. }) => {
                self.perform(Command::Own { document, owner: *id }).await
            }
            _ => Ok(()),
        }
    }

    /// A password's hash. Slow, but not for the thread that asks.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, AccessError> {
        self.0.passwords.hash(password).await
    }

    /// The account of somebody who makes it, and so has a password.
    async fn of(&self, who: Enrolment, administrator: bool) -> Result<NewAccount, AccessError> {
        let Enrolment { name, display_name, password } = who;
        self.new_account(name, display_name, Some(password), administrator).await
    }

    async fn new_account(
        &self,
        name: AccountName,
        display_name: DisplayName,
        password: Option<Password>,
        administrator: bool,
    ) -> Result<NewAccount, AccessError> {
        let password = match password {
            Some(password) => Some(self.hash(password).await?),
            None => None,
        };
        Ok(NewAccount { id: AccountId::random(), name, display_name, password, administrator })
    }
}
