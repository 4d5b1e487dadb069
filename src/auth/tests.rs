//! No secret is printed, whoever prints whatever.

use std::fmt::Debug;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::decision::{Ask, Presented, Target};
use super::directory::{Change, Command, Directory, NewAccount, NewInvitation, NewLink, NewLogin};
use super::jwt::{Expected, KeySet, Verifier};
use super::password::{SALT_BYTES, hash};
use super::secret::TOKEN_BYTES;
use super::*;
use crate::ids::{AccountId, DocId, DocNumber, InvitationId, LinkId, LoginId};

/// What must not be seen, in every form in which it could be.
struct Canaries(Vec<String>);

impl Canaries {
    fn secret(&mut self, text: &str) {
        self.0.push(text.to_owned());
        self.bytes(text.as_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.push(format!("{bytes:?}").trim_matches(['[', ']']).to_owned());
    }

    /// A token whose random bytes are all this one.
    fn token<I: secret::Bearer>(&mut self, token: &Token<I>, byte: u8) {
        self.0.push(format!("{byte}, {byte}"));
        let text = token.reveal();
        self.secret(text.reveal());
        // Its last part, where only the secret is.
        self.secret(&text.reveal()[20..]);
    }

    fn absent_from(&self, what: &dyn Debug) {
        for text in
            [format!("{what:?}"), format!("{what:#?}").split_whitespace().collect::<Vec<_>>().join(" ")]
        {
            self.absent_from_text(&text);
        }
    }

    fn absent_from_text(&self, text: &str) {
        for canary in &self.0 {
            assert!(!text.contains(canary), "{canary} stands in {text}");
        }
    }
}

const SWORDFISH: &str = "swordfish-swordfish";
const SHARED: &str = "a shared secret of more than thirty-two bytes";

#[test]
fn no_secret_is_printed() {
    let mut canaries = Canaries(Vec::new());
    canaries.secret(SWORDFISH);
    canaries.secret(SHARED);

    let password = Password::for_account(SWORDFISH.to_owned()).expect("a password");
    let hashed = hash(&password, [3; SALT_BYTES]);
    let text = String::from(hashed.clone());
    // Hashes are in records and nowhere else; they are no canary there.
    let mut hashes = Canaries(Vec::new());
    hashes.secret(&text);
    hashes.secret(text.rsplit('$').next().expect("a hash"));

    let login = Token::<LoginId>::from_random([0xa1; TOKEN_BYTES]);
    let link = Token::<LinkId>::from_random([0xa2; TOKEN_BYTES]);
    let invitation = Token::<InvitationId>::from_random([0xa3; TOKEN_BYTES]);
    canaries.token(&login, 0xa1);
    canaries.token(&link, 0xa2);
    canaries.token(&invitation, 0xa3);
    for hash in [login.hash(), link.hash(), invitation.hash()] {
        let text = String::from(hash);
        let bytes = URL_SAFE_NO_PAD.decode(&text).expect("base64");
        hashes.secret(&text);
        hashes.bytes(&bytes);
    }
    let unlocked = hashed.unlock(&link);
    canaries.secret(unlocked.reveal().reveal());

    let ann = AccountId(1);
    let account = NewAccount {
        id: ann,
        name: AccountName::parse("ann").expect("a name"),
        display_name: DisplayName::parse("Ann").expect("a name"),
        password: Some(hashed.clone()),
        administrator: true,
    };
    let new_link = NewLink {
        id: link.id(),
        hash: link.hash(),
        role: Role::Viewer,
        password: Some(hashed.clone()),
        expires_ms: None,
        by: Some(ann),
    };
    let document = DocNumber(7);
    let commands = [
        Command::Found(account.clone()),
        Command::Invite(NewInvitation { id: invitation.id(), hash: invitation.hash(), by: Some(ann) }),
        Command::SignIn(NewLogin { id: login.id(), hash: login.hash(), account: ann }),
        Command::Own { document, owner: ann },
        Command::Share { document, link: new_link },
        Command::Change {
            account: ann,
            change: Change::Password { hash: hashed.clone(), keep: Some(login.id()) },
        },
        Command::Accept {
            invitation: invitation.clone(),
            account: NewAccount { id: AccountId(2), ..account },
        },
    ];

    let mut directory = Directory::default();
    for command in commands {
        canaries.absent_from(&command);
        hashes.absent_from(&command);
        match directory.judge(command, 1) {
            Err(refusal) => {
                canaries.absent_from(&refusal);
                canaries.absent_from_text(&refusal.to_string());
            }
            Ok(records) => {
                for record in records {
                    canaries.absent_from(&record);
                    hashes.absent_from(&record);
                    let json = String::from_utf8(record.to_json()).expect("text");
                    canaries.absent_from_text(&json);
                    directory.apply(record);
                }
            }
        }
    }
    let kept = directory.records().map(|record| String::from_utf8(record.to_json()).expect("text"));
    assert!(kept.collect::<String>().contains("$argon2id$"), "there was something to be seen");

    let identity = directory.identify(&login, 1).expect("Ann");
    let presented = Presented { token: link.clone(), unlocked: Some(unlocked.clone()) };
    let id = DocId::parse("plan").expect("an id");
    let target = Target { id: &id, number: Some(document) };
    let ask = Ask {
        needs: Needs::Read,
        identity: &identity,
        link: Some(&presented),
        document: Some(target),
        now_ms: 1,
    };
    let keys = KeySet::from_secret(&Secret::new(SHARED.as_bytes().to_vec())).expect("a long secret");
    let verifier = Verifier::new(keys.clone(), Expected::default());
    let bad_token = verifier.verify(SWORDFISH, 1);
    let bad_keys = KeySet::from_jwks(&format!("{{\"keys\": {SWORDFISH}}}"));
    let bad_password = Password::for_link(String::new());
    let damaged = Record::from_json(format!("{{\"v\":1,\"record\":\"{SWORDFISH}\"}}").as_bytes());
    let secret = Secret::new(SWORDFISH.to_owned());
    let shared: Arc<dyn Debug> = Arc::new(secret.clone());

    let all: [&dyn Debug; 19] = [
        &password,
        &hashed,
        &login,
        &link,
        &invitation,
        &unlocked,
        &directory,
        &identity,
        &presented,
        &ask,
        &keys,
        &verifier,
        &bad_token,
        &bad_keys,
        &bad_password,
        &damaged,
        &secret,
        &shared,
        &login.hash(),
    ];
    for what in all {
        canaries.absent_from(what);
        hashes.absent_from(what);
    }
    canaries.absent_from_text(&secret.to_string());
    canaries.absent_from_text(&damaged.expect_err("no record").to_string());
    canaries.absent_from_text(&bad_keys.expect_err("no keys").to_string());
    assert!(decide(Mode::Accounts, &directory, &ask).is_ok());
}
