//! At a running server, as whoever the token belongs to.

use std::io::Write;

use serde_json::{Map, Value, json};

use super::{
    Account, Add, Change, List, Login, PeopleError, Person, Remove, Revoke, TokenCommand, TokenList, User,
};
use super::{print_logins, print_people};
use crate::auth::Token;
use crate::cli::place::{new_password, password};
use crate::cli::remote::{Remote, RemoteError, escaped};
use crate::ids::LoginId;

/// Do something with accounts.
pub fn user(server: &Remote, command: &User, out: &mut dyn Write) -> Result<(), PeopleError> {
    match command {
        User::List(List { json, .. }) => Ok(print_people(&people(server)?, *json, out)?),
        User::Add(add) => self::add(server, add),
        User::Change(change) => self::change(server, change),
        User::Remove(Remove { name, heir, .. }) => {
            let id = id_of(server, name)?;
            let heir = heir.as_ref().map_or(String::new(), |heir| format!("?heir={}", escaped(heir)));
            server.delete(&format!("/accounts/{id}{heir}"))?;
            eprintln!("{name} is removed");
            Ok(())
        }
        User::Invite(_) => {
            let made = server.send("POST", "/invitations", &json!({}))?;
            let url = made["url"].as_str().ok_or_else(|| server.strange())?;
            eprintln!("good for one account:");
            Ok(writeln!(out, "{}", server.page(url))?)
        }
    }
}

/// Do something with logins. Signing is not done here.
pub fn token(server: &Remote, command: &TokenCommand, out: &mut dyn Write) -> Result<(), PeopleError> {
    match command {
        TokenCommand::Create(account) => create(server, account, out),
        TokenCommand::List(TokenList { json, .. }) => {
            let logins: Vec<Login> = part(server, server.get("/sessions")?, "sessions")?;
            Ok(print_logins(&logins, *json, out)?)
        }
        TokenCommand::Revoke(Revoke { id, .. }) => {
            server.delete(&format!("/sessions/{}", escaped(id)))?;
            eprintln!("login {id} has ended");
            Ok(())
        }
        TokenCommand::Sign(_) => unreachable!("signing needs no server"),
    }
}

/// Sign in, and show what a browser would keep as a cookie.
fn create(server: &Remote, account: &Account, out: &mut dyn Write) -> Result<(), PeopleError> {
    let password = password(account.password_stdin)?;
    let body = json!({"name": account.name, "password": password.reveal()});
    let cookie = server.ask("POST", "/session", Some(&body))?.cookie;
    let token = cookie.as_ref().and_then(|line| line.reveal().split(';').next()?.split_once('='));
    let token =
        token.and_then(|(_, value)| Token::<LoginId>::parse(value)).ok_or_else(|| server.strange())?;
    eprintln!("the token of login {}; it is shown this once:", token.id());
    Ok(writeln!(out, "{}", token.reveal().reveal())?)
}

fn add(server: &Remote, add: &Add) -> Result<(), PeopleError> {
    let mut body = json!({
        "name": add.name,
        "display_name": add.display_name.as_ref().unwrap_or(&add.name),
        "administrator": add.administrator,
    });
    if !add.no_password {
        body["password"] = new_password(add.password_stdin)?.reveal().as_str().into();
    }
    server.send("POST", "/accounts", &body)?;
    eprintln!("{} has an account", add.name);
    Ok(())
}

fn change(server: &Remote, change: &Change) -> Result<(), PeopleError> {
    let id = id_of(server, &change.name)?;
    let mut body = Map::new();
    if let Some(name) = &change.display_name {
        body.insert("display_name".to_owned(), name.as_str().into());
    }
    if change.password {
        let password = new_password(change.password_stdin)?;
        body.insert("password".to_owned(), password.reveal().as_str().into());
    }
    let flags = [("administrator", change.administrator), ("disabled", change.disabled)];
    body.extend(flags.into_iter().filter_map(|(key, yes)| Some((key.to_owned(), yes?.into()))));
    server.send("PATCH", &format!("/accounts/{id}"), &body.into())?;
    eprintln!("{} is changed", change.name);
    Ok(())
}

fn people(server: &Remote) -> Result<Vec<Person>, RemoteError> {
    part(server, server.get("/accounts")?, "accounts")
}

fn id_of(server: &Remote, name: &str) -> Result<String, PeopleError> {
    let found = people(server)?.into_iter().find(|person| person.name == name);
    Ok(found.ok_or_else(|| PeopleError::Nobody(name.to_owned()))?.id)
}

fn part<T: serde::de::DeserializeOwned>(
    server: &Remote,
    mut answer: Value,
    key: &str,
) -> Result<T, RemoteError> {
    serde_json::from_value(answer[key].take()).map_err(|_| server.strange())
}
