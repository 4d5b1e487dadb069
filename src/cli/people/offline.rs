//! In a folder that no server has. Whoever can write there may do everything.

use std::io::Write;

use super::{
    Account, Add, Change, List, Login, PeopleError, Person, Remove, Revoke, TokenCommand, TokenList, User,
};
use super::{print_logins, print_people};
use crate::access::{Access, AccessError, fresh, now_ms};
use crate::auth::directory::{Change as Changed, NewInvitation};
use crate::auth::{AccountName, Command, DisplayName, Password, Secret, record};
use crate::cli::place::{SecretError, new_password};
use crate::ids::{AccountId, InvitationId, LoginId};
use crate::timestamp::rfc3339;

/// Do something with accounts.
pub async fn user(access: &Access, command: &User, out: &mut dyn Write) -> Result<(), PeopleError> {
    match command {
        User::List(List { json, .. }) => {
            let mut people: Vec<_> =
                access.look(|directory| directory.accounts().map(Person::from).collect());
            people.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(print_people(&people, *json, out)?)
        }
        User::Add(add) => self::add(access, add).await,
        User::Change(change) => self::change(access, change).await,
        User::Remove(Remove { name, heir, .. }) => {
            let account = named(access, name)?;
            let heir = heir.as_deref().map(|heir| named(access, heir)).transpose()?;
            access.perform(Command::Remove { account, heir }).await?;
            eprintln!("{name} is removed");
            Ok(())
        }
        User::Invite(_) => {
            let token = fresh::<InvitationId>();
            let invitation = NewInvitation { id: token.id(), hash: token.hash(), by: None };
            access.perform(Command::Invite(invitation)).await?;
            eprintln!("good for one account; put the server's address before it:");
            Ok(writeln!(out, "/join#{}", token.reveal().reveal())?)
        }
    }
}

/// Do something with logins. Signing is not done here.
pub async fn token(access: &Access, command: &TokenCommand, out: &mut dyn Write) -> Result<(), PeopleError> {
    match command {
        TokenCommand::Create(Account { name, .. }) => {
            let token = access.log_in(named(access, name)?).await?;
            eprintln!("the token of login {}; it is shown this once:", token.id());
            Ok(writeln!(out, "{}", token.reveal().reveal())?)
        }
        TokenCommand::List(TokenList { name, json, .. }) => {
            let account = named(access, name.as_deref().unwrap_or_default())?;
            let logins = access
                .look(|directory| directory.logins(account, now_ms()).map(Login::from).collect::<Vec<_>>());
            Ok(print_logins(&logins, *json, out)?)
        }
        TokenCommand::Revoke(Revoke { id, .. }) => {
            let login = LoginId::parse(id).map_err(|_| PeopleError::NoLogin(id.clone()))?;
            access.perform(Command::SignOut(login)).await?;
            eprintln!("login {id} has ended");
            Ok(())
        }
        TokenCommand::Sign(_) => unreachable!("signing needs no folder"),
    }
}

async fn add(access: &Access, add: &Add) -> Result<(), PeopleError> {
    let name = AccountName::parse(&add.name).map_err(AccessError::from)?;
    let shown =
        DisplayName::parse(add.display_name.as_ref().unwrap_or(&add.name)).map_err(AccessError::from)?;
    let password = match add.no_password {
        true => None,
        false => Some(chosen(new_password(add.password_stdin)?)?),
    };
    access.enrol(name, shown, password, add.administrator, None).await?;
    eprintln!("{} has an account", add.name);
    Ok(())
}

async fn change(access: &Access, change: &Change) -> Result<(), PeopleError> {
    let account = named(access, &change.name)?;
    let mut changes = Vec::new();
    if let Some(name) = &change.display_name {
        changes.push(Changed::DisplayName(DisplayName::parse(name).map_err(AccessError::from)?));
    }
    if change.password {
        let password = chosen(new_password(change.password_stdin)?)?;
        changes.push(Changed::Password { hash: access.hash(password).await?, keep: None });
    }
    changes.extend(change.administrator.map(Changed::Administrator));
    changes.extend(change.disabled.map(Changed::Disabled));
    for change in changes {
        access.perform(Command::Change { account, change }).await?;
    }
    eprintln!("{} is changed", change.name);
    Ok(())
}

fn chosen(password: Secret<String>) -> Result<Password, SecretError> {
    Ok(Password::for_account(password.reveal().clone())?)
}

fn named(access: &Access, name: &str) -> Result<AccountId, PeopleError> {
    let known = AccountName::parse(name).ok();
    let account = known
        .and_then(|name| access.look(|directory| directory.account_named(&name).map(|account| account.id)));
    account.ok_or_else(|| PeopleError::Nobody(name.to_owned()))
}

impl From<&record::Account> for Person {
    fn from(account: &record::Account) -> Person {
        Person {
            id: account.id.to_string(),
            name: account.name.to_string(),
            display_name: account.display_name.to_string(),
            administrator: account.administrator,
            disabled: account.disabled,
            created: rfc3339(account.created_ms),
        }
    }
}

impl From<&record::Login> for Login {
    fn from(login: &record::Login) -> Login {
        Login {
            id: login.id.to_string(),
            created: rfc3339(login.created_ms),
            seen: rfc3339(login.seen_ms),
            expires: rfc3339(login.expires_ms),
        }
    }
}
