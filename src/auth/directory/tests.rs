//! A directory in which everything that was said is also kept, so that it can be said again in another order.

mod accounts;
mod documents;
mod journal;
mod logins;

use std::collections::BTreeSet;

use super::*;
use crate::auth::decision::Denied;
use crate::auth::identity::{DisplayName, Identity};
use crate::auth::secret::{Bearer, TOKEN_BYTES, Token};
use crate::limits;

const ANN: AccountId = AccountId(1);
const BEN: AccountId = AccountId(2);
const CAT: AccountId = AccountId(3);
const PLAN: DocNumber = DocNumber(7);

#[derive(Default)]
struct Kept {
    directory: Directory,
    journal: Vec<Record>,
    now_ms: u64,
}

impl Kept {
    /// Ann founded it, and enrolled Ben and Cat.
    fn new() -> Kept {
        let mut kept = Kept { now_ms: 1_000_000, ..Kept::default() };
        kept.say(Command::Found(new_account(ANN, "ann")));
        kept.say(Command::Enrol { account: new_account(BEN, "ben"), by: Some(ANN) });
        kept.say(Command::Enrol { account: new_account(CAT, "cat"), by: Some(ANN) });
        kept
    }

    fn try_to(&mut self, command: Command) -> Result<usize, Refusal> {
        let records = self.directory.judge(command, self.now_ms)?;
        for record in &records {
            // Through the form on disk, as a restart would.
            let read = Record::from_json(&record.to_json()).expect("what was written");
            assert_eq!(read, *record);
            self.directory.apply(read);
        }
        self.journal.extend(records.iter().cloned());
        self.check();
        Ok(records.len())
    }

    fn say(&mut self, command: Command) {
        self.try_to(command).expect("no refusal");
    }

    /// What is never otherwise.
    fn check(&self) {
        let directory = &self.directory;
        assert!(
            directory.is_empty()
                || directory.accounts().any(|account| account.administrator && !account.disabled),
            "somebody administers"
        );
        for owner in directory.owners.values() {
            assert!(directory.account(*owner).is_some(), "every owner exists");
        }
        let by_name = directory.grants.keys().map(|(document, _)| *document);
        for document in by_name.chain(directory.links.keys().map(|(document, _)| *document)) {
            assert!(directory.owner(document).is_some(), "what is shared is somebody's");
        }
        for (document, account) in directory.grants.keys() {
            assert!(directory.account(*account).is_some(), "whoever was granted something exists");
            assert!(directory.owner(*document) != Some(*account), "an owner needs no grant");
        }
        for login in directory.logins.values() {
            let account = directory.account(login.account).expect("whoever is signed in exists");
            assert!(!account.disabled, "and may do something");
        }
        let names: BTreeSet<_> = directory.accounts().map(|account| account.name.clone()).collect();
        assert_eq!(names.len(), directory.accounts().count(), "no two have one name");
    }

    fn after(&mut self, duration: std::time::Duration) -> &mut Kept {
        self.now_ms += u64::try_from(duration.as_millis()).expect("a short time");
        self
    }
}

fn account_name(name: &str) -> AccountName {
    AccountName::parse(name).expect(name)
}

fn new_account(id: AccountId, name: &str) -> NewAccount {
    let display_name = DisplayName::parse(name).expect(name);
    NewAccount { id, name: account_name(name), display_name, password: None, administrator: false }
}

/// An account as a record, for filling a directory without asking it.
fn known_account(id: AccountId, name: &str) -> Account {
    let NewAccount { id, name, display_name, password, administrator } = new_account(id, name);
    let (disabled, invited_by, created_ms) = (false, None, 0);
    Account { id, name, display_name, password, administrator, disabled, invited_by, created_ms }
}

fn token<I: Bearer>(byte: u8) -> Token<I> {
    Token::from_random([byte; TOKEN_BYTES])
}

fn sign_in(account: AccountId, byte: u8) -> Command {
    let token = token::<LoginId>(byte);
    Command::SignIn(NewLogin { id: token.id(), hash: token.hash(), account })
}

fn invite(byte: u8) -> Command {
    invite_by(ANN, byte)
}

fn invite_by(account: AccountId, byte: u8) -> Command {
    let token = token::<InvitationId>(byte);
    Command::Invite(NewInvitation { id: token.id(), hash: token.hash(), by: Some(account) })
}

fn share(byte: u8, role: Role, expires_ms: Option<u64>) -> Command {
    let token = token::<LinkId>(byte);
    let (id, hash) = (token.id(), token.hash());
    let link = NewLink { id, hash, role, password: None, expires_ms, by: Some(ANN) };
    Command::Share { document: PLAN, link }
}

fn grant(account: AccountId, role: Role) -> Command {
    Command::Grant { document: PLAN, account, role, by: Some(ANN) }
}

fn change(account: AccountId, change: Change) -> Command {
    Command::Change { account, change }
}

fn revoke(byte: u8) -> Command {
    Command::Revoke { document: PLAN, link: token::<LinkId>(byte).id() }
}
