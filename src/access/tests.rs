//! What counts is durable, and what is durable counts.

use std::net::IpAddr;
use std::sync::Arc;

use super::*;
use crate::auth::directory::Change;
use crate::auth::{AccountName, Password, Refusal, Role};
use crate::ids::{AccountId, DocId, DocNumber};
use crate::store::MemoryStore;

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn password(text: &str) -> Password {
    Password::for_account(text.to_owned()).expect("long enough")
}

fn who(name: &str) -> Enrolment {
    Enrolment {
        name: AccountName::parse(name).expect("a name"),
        display_name: DisplayName::parse(name).expect("a name"),
        password: password("correct horse battery"),
    }
}

fn access(store: &Arc<MemoryStore>) -> Access {
    Access::load(Mode::Accounts, store.clone()).expect("readable")
}

/// The first account, an administrator.
async fn founded(access: &Access) -> AccountId {
    let code = access.take_setup_code().expect("nobody is there yet");
    access.found(code.reveal(), who("ann")).await.expect("the right code")
}

#[tokio::test]
async fn the_first_account_is_made_once_and_by_whoever_has_the_code() {
    let access = access(&Arc::new(MemoryStore::new()));
    let code = access.take_setup_code().expect("nobody is there yet");
    assert!(access.take_setup_code().is_none(), "it is shown once");
    let guess = fresh::<crate::ids::InvitationId>().reveal();
    let wrong = access.found(guess.reveal(), who("eve")).await;
    assert!(matches!(wrong, Err(AccessError::WrongSetup)));
    access.found(code.reveal(), who("ann")).await.expect("the right code");
    assert!(access.found(code.reveal(), who("eve")).await.is_err(), "it is used up");
    assert_eq!(access.look(|directory| directory.accounts().count()), 1);
    assert!(access.look(|directory| directory.accounts().all(|account| account.administrator)));
}

#[tokio::test]
async fn who_signs_in_is_known_also_after_a_restart() {
    let store = Arc::new(MemoryStore::new());
    let before = access(&store);
    let ann = founded(&before).await;
    let name = AccountName::parse("ann").expect("a name");
    let wrong = before.sign_in(&name, password("incorrect horse batter"), HERE).await;
    assert!(matches!(wrong, Err(AccessError::WrongPassword)));
    let token = before.sign_in(&name, password("correct horse battery"), HERE).await.expect("right");

    let after = access(&store);
    assert!(after.take_setup_code().is_none());
    let mut credentials = Credentials::default();
    credentials.add(Bearing::Login(token.clone()));
    let guest = DisplayName::parse("Guest").expect("a name");
    let caller = after.identify(&credentials, guest.clone());
    assert!(matches!(caller.identity, Identity::Account { id, .. } if id == ann), "{caller:?}");
    assert!(after.decide(Needs::Administration, &caller, None).is_ok());

    after.perform(Command::SignOut(token.id())).await.expect("written");
    assert!(after.decide(Needs::Identity, &caller, None).is_err(), "who was known before is asked again");
    let caller = access(&store).identify(&credentials, guest);
    assert!(matches!(caller.identity, Identity::Guest { .. }));
}

#[tokio::test]
async fn guessing_is_slowed_down_by_name_and_by_address() {
    let access = access(&Arc::new(MemoryStore::new()));
    founded(&access).await;
    let name = AccountName::parse("ann").expect("a name");
    let elsewhere = |n: u8| IpAddr::from([10, 0, 0, n]);
    for n in 0..crate::limits::FREE_ATTEMPTS as u8 {
        let wrong = access.sign_in(&name, password("incorrect horse batter"), elsewhere(n)).await;
        assert!(matches!(wrong, Err(AccessError::WrongPassword)), "{wrong:?}");
    }
    let right = access.sign_in(&name, password("correct horse battery"), elsewhere(99)).await;
    assert!(matches!(right, Err(AccessError::TooManyAttempts(_))), "also for who knows it: nobody can tell");
    for n in 0..crate::limits::FREE_ATTEMPTS {
        let name = AccountName::parse(&format!("nobody{n}")).expect("a name");
        let _ = access.sign_in(&name, password("incorrect horse batter"), HERE).await;
    }
    let other = AccountName::parse("someone").expect("a name");
    let slowed = access.sign_in(&other, password("incorrect horse batter"), HERE).await;
    assert!(matches!(slowed, Err(AccessError::TooManyAttempts(_))));
}

#[tokio::test]
async fn what_could_not_be_written_does_not_count() {
    let store = Arc::new(MemoryStore::new());
    let access = access(&store);
    let ann = founded(&access).await;
    store.fail("the disk is full");
    let change = Change::Disabled(true);
    let enrolled = access.enrol(
        AccountName::parse("ben").expect("a name"),
        DisplayName::parse("Ben").expect("a name"),
        None,
        false,
        Some(ann),
    );
    assert!(matches!(enrolled.await, Err(AccessError::Store(StoreError::ReadOnly(_)))));
    let _ = access.perform(Command::Change { account: ann, change }).await;
    assert_eq!(access.look(|directory| directory.accounts().count()), 1);
    assert!(access.look(|directory| directory.accounts().all(|account| !account.disabled)));
}

#[tokio::test]
async fn those_inside_hear_of_what_may_concern_them_and_of_nothing_else() {
    let access = access(&Arc::new(MemoryStore::new()));
    let ann = founded(&access).await;
    let mut changes = access.changes();
    access.log_in(ann).await.expect("written");
    assert!(!changes.has_changed().expect("it lives"), "a login takes nothing from anybody");
    access.perform(Command::Own { document: DocNumber(1), owner: ann }).await.expect("written");
    assert!(changes.has_changed().expect("it lives"));
    changes.mark_unchanged();
    let refused = access
        .perform(Command::Grant { document: DocNumber(1), account: ann, role: Role::Editor, by: None })
        .await;
    assert!(matches!(refused, Err(AccessError::Refused(Refusal::IsOwner))));
    assert!(!changes.has_changed().expect("it lives"));
}

#[tokio::test]
async fn one_id_after_another_is_another_document() {
    let access = access(&Arc::new(MemoryStore::new()));
    let ann = founded(&access).await;
    let token = access.log_in(ann).await.expect("written");
    access.perform(Command::Own { document: DocNumber(1), owner: ann }).await.expect("written");
    let mut credentials = Credentials::default();
    credentials.add(Bearing::Login(token));
    let caller = access.identify(&credentials, DisplayName::parse("Guest").expect("a name"));
    let id = DocId::parse("plan").expect("an id");
    let role = |number| {
        let target = Target { id: &id, number: Some(DocNumber(number)) };
        access.decide(Needs::Read, &caller, Some(target)).map(|granted| granted.role)
    };
    assert_eq!(role(1), Ok(Some(Role::Owner)));
    // Hers all the same: what nobody owns is the administrators'.
    assert_eq!(role(2), Ok(Some(Role::Owner)));
    assert!(access.decide(Needs::Read, &caller, Some(Target { id: &id, number: None })).is_err());
}
