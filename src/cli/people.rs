//! Accounts, and logins for programs: [`offline`] works in a folder, [`online`] asks a server.

pub mod offline;
pub mod online;
mod sign;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::place::{Place, SecretError};
use super::remote::RemoteError;
use crate::access::AccessError;
use crate::auth::Role;
use crate::config::DataFlags;

pub use sign::{SignError, sign};

/// What can be done with accounts.
#[derive(Debug, Subcommand)]
pub enum User {
    /// List the accounts
    List(List),
    /// Make an account; the password is asked for
    Add(Add),
    /// Change an account
    Change(Change),
    /// Remove an account for good
    Remove(Remove),
    /// Make an invitation, and print the address to send to somebody
    Invite(Invite),
}

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a login for a program, and print its token once. At a server this asks for the account's password
    Create(Account),
    /// List where an account is signed in; at a server, where the owner of the token is
    List(TokenList),
    /// End a login
    Revoke(Revoke),
    /// Sign a token with the secret of --access jwt, for trying things out
    Sign(Sign),
}

#[derive(Debug, Args)]
pub struct List {
    /// Print JSON for programs instead of a table for people
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, Args)]
pub struct Add {
    /// The name to sign in with
    pub name: String,
    /// What others are shown; the name, if nothing is said
    #[arg(long, value_name = "TEXT")]
    pub display_name: Option<String>,
    /// May invite, change and remove others
    #[arg(long)]
    pub administrator: bool,
    /// Read the password from a line of standard input
    #[arg(long)]
    pub password_stdin: bool,
    /// Nobody signs in with a password: an account for programs
    #[arg(long, conflicts_with = "password_stdin")]
    pub no_password: bool,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, Args)]
#[group(id = "changes", required = true, multiple = true, args = ["display_name", "password", "administrator", "disabled"])]
pub struct Change {
    /// The name of the account
    pub name: String,
    /// What others are shown
    #[arg(long, value_name = "TEXT")]
    pub display_name: Option<String>,
    /// Ask for a new password; whoever is signed in with the old one is signed out
    #[arg(long)]
    pub password: bool,
    /// Read the password from a line of standard input
    #[arg(long, requires = "password")]
    pub password_stdin: bool,
    #[arg(long, value_name = "YES", value_parser = yes)]
    pub administrator: Option<bool>,
    /// A disabled account keeps its documents and may do nothing
    #[arg(long, value_name = "YES", value_parser = yes)]
    pub disabled: Option<bool>,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, Args)]
pub struct Remove {
    /// The name of the account
    pub name: String,
    /// Who gets its documents
    #[arg(long, value_name = "NAME")]
    pub heir: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, Args)]
pub struct Invite {
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, Args)]
pub struct Account {
    /// The name of the account
    pub name: String,
    /// Read the password from a line of standard input
    #[arg(long)]
    pub password_stdin: bool,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, Args)]
pub struct TokenList {
    /// The name of the account, in a folder
    #[arg(required_unless_present = "server", conflicts_with = "server")]
    pub name: Option<String>,
    /// Print JSON for programs instead of a table for people
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, Args)]
pub struct Revoke {
    /// The id of the login, as the list shows it
    pub id: String,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, Args)]
pub struct Sign {
    /// Who it is
    #[arg(long)]
    pub subject: String,
    /// What others are shown
    #[arg(long)]
    pub name: Option<String>,
    /// The document it is for, or a pattern such as team-*
    #[arg(long, value_name = "PATTERN")]
    pub document: String,
    /// viewer, commenter, editor or owner
    #[arg(long, value_parser = role)]
    pub role: Role,
    /// How long it is good for
    #[arg(long = "for", value_name = "TIME", default_value = "1h", value_parser = time)]
    pub lasts: std::time::Duration,
    /// The file with the secret; else the setting jwt-secret-file is taken
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
    #[command(flatten)]
    pub data: DataFlags,
}

impl User {
    pub fn place(&self) -> &Place {
        match self {
            User::List(List { place, .. })
            | User::Add(Add { place, .. })
            | User::Change(Change { place, .. })
            | User::Remove(Remove { place, .. })
            | User::Invite(Invite { place }) => place,
        }
    }
}

impl TokenCommand {
    /// Where it works; signing needs no place.
    pub fn place(&self) -> Option<&Place> {
        match self {
            TokenCommand::Create(Account { place, .. })
            | TokenCommand::List(TokenList { place, .. })
            | TokenCommand::Revoke(Revoke { place, .. }) => Some(place),
            TokenCommand::Sign(_) => None,
        }
    }

    pub fn data(&self) -> &DataFlags {
        match self {
            TokenCommand::Sign(sign) => &sign.data,
            other => &other.place().expect("all but signing have one").data,
        }
    }
}

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Remote(#[from] RemoteError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("nobody has the name {0}; `cowrite user list` shows all. Nothing was changed")]
    Nobody(String),
    #[error("no login has the id {0}; `cowrite token list` shows all. Nothing was changed")]
    NoLogin(String),
    #[error("it was done, but could not be printed: {0}")]
    Print(#[from] io::Error),
}

/// An account as both sides tell of it.
#[derive(Debug, Serialize, Deserialize)]
struct Person {
    id: String,
    name: String,
    display_name: String,
    administrator: bool,
    disabled: bool,
    created: String,
}

/// A login.
#[derive(Debug, Serialize, Deserialize)]
struct Login {
    id: String,
    created: String,
    seen: String,
    expires: String,
}

fn print_people(people: &[Person], json: bool, out: &mut dyn Write) -> io::Result<()> {
    if json {
        return writeln!(out, "{}", serde_json::to_string_pretty(people)?);
    }
    let width = people.iter().map(|person| person.name.chars().count()).fold("NAME".len(), usize::max);
    writeln!(out, "{:width$}  {:13}  {:24}  DISPLAY NAME", "NAME", "STATE", "CREATED")?;
    for Person { name, display_name, administrator, disabled, created, .. } in people {
        let state = match (disabled, administrator) {
            (true, _) => "disabled",
            (false, true) => "administrator",
            (false, false) => "",
        };
        writeln!(out, "{name:width$}  {state:13}  {created:24}  {display_name}")?;
    }
    Ok(())
}

fn print_logins(logins: &[Login], json: bool, out: &mut dyn Write) -> io::Result<()> {
    if json {
        return writeln!(out, "{}", serde_json::to_string_pretty(logins)?);
    }
    writeln!(out, "{:16}  {:24}  {:24}  EXPIRES", "ID", "CREATED", "SEEN")?;
    for Login { id, created, seen, expires } in logins {
        writeln!(out, "{id:16}  {created:24}  {seen:24}  {expires}")?;
    }
    Ok(())
}

fn yes(text: &str) -> Result<bool, &'static str> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("it is yes or no"),
    }
}

fn role(text: &str) -> Result<Role, &'static str> {
    serde_json::from_value(text.into()).map_err(|_| "it is viewer, commenter, editor or owner")
}

fn time(text: &str) -> Result<std::time::Duration, &'static str> {
    crate::units::parse_duration(text).ok_or("it is a duration such as 30m or 1h")
}
