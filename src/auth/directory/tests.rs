//! A directory in which everything that was said is also kept, so that it can be said again in another order.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::auth::decision::Denied;
use crate::auth::identity::{DisplayName, Identity};
use crate::auth::secret::{TOKEN_BYTES, Token};
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

fn token<I: crate::auth::secret::Bearer>(byte: u8) -> Token<I> {
    Token::from_random([byte; TOKEN_BYTES])
}

fn sign_in(account: AccountId, byte: u8) -> Command {
    let token = token::<LoginId>(byte);
    Command::SignIn(NewLogin { id: token.id(), hash: token.hash(), account })
}

fn invite(byte: u8) -> Command {
    let token = token::<InvitationId>(byte);
    Command::Invite(NewInvitation { id: token.id(), hash: token.hash(), by: Some(ANN) })
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

#[test]
fn the_first_account_administers_and_is_founded_once() {
    let mut kept = Kept::default();
    kept.say(Command::Found(new_account(ANN, "ann")));
    assert!(kept.directory.account(ANN).expect("Ann").administrator);
    assert_eq!(kept.try_to(Command::Found(new_account(BEN, "ben"))), Err(Refusal::Founded));
    let mut enrolled = Kept::default();
    enrolled.say(Command::Enrol { account: new_account(BEN, "ben"), by: None });
    assert!(enrolled.directory.account(BEN).expect("Ben").administrator, "the first on the command line too");
}

#[test]
fn an_invitation_makes_one_account_and_no_administrator() {
    let mut kept = Kept::new();
    kept.say(invite(9));
    let accept = |byte, id: u64, name| Command::Accept {
        invitation: token(byte),
        account: NewAccount { administrator: true, ..new_account(AccountId(id), name) },
    };
    assert_eq!(kept.try_to(accept(8, 10, "dan")), Err(Refusal::NoInvitation));
    assert_eq!(kept.try_to(accept(9, 10, "ann")), Err(Refusal::NameTaken(account_name("ann"))));
    kept.say(accept(9, 10, "dan"));
    let dan = kept.directory.account(AccountId(10)).expect("Dan");
    assert_eq!((dan.invited_by, dan.administrator), (Some(ANN), false));
    assert_eq!(kept.try_to(accept(9, 11, "eve")), Err(Refusal::NoInvitation), "it is used up");

    kept.say(invite(5));
    kept.after(limits::INVITATION_FOR);
    assert_eq!(kept.try_to(accept(5, 11, "eve")), Err(Refusal::InvitationExpired));
}

#[test]
fn knowing_an_invitations_id_is_not_having_it() {
    let mut kept = Kept::new();
    kept.say(invite(9));
    let mut bytes = [9; TOKEN_BYTES];
    bytes[TOKEN_BYTES - 1] = 0;
    let forged =
        Command::Accept { invitation: Token::from_random(bytes), account: new_account(AccountId(10), "dan") };
    assert_eq!(kept.try_to(forged), Err(Refusal::NoInvitation));
}

#[test]
fn the_last_administrator_stays_one() {
    let mut kept = Kept::new();
    for command in [
        change(ANN, Change::Administrator(false)),
        change(ANN, Change::Disabled(true)),
        Command::Remove { account: ANN, heir: Some(BEN) },
    ] {
        assert_eq!(kept.try_to(command), Err(Refusal::LastAdministrator));
    }
    kept.say(change(BEN, Change::Administrator(true)));
    kept.say(change(BEN, Change::Disabled(true)));
    let demote = change(ANN, Change::Administrator(false));
    assert_eq!(kept.try_to(demote.clone()), Err(Refusal::LastAdministrator), "a disabled one does not count");
    kept.say(change(BEN, Change::Disabled(false)));
    kept.say(demote);
    assert_eq!(kept.try_to(change(BEN, Change::Disabled(true))), Err(Refusal::LastAdministrator));
    kept.say(change(CAT, Change::Disabled(true)));
}

#[test]
fn a_document_is_never_left_behind() {
    let mut kept = Kept::new();
    kept.say(Command::Own { document: PLAN, owner: BEN });
    kept.say(grant(CAT, Role::Editor));
    assert_eq!(kept.try_to(Command::Remove { account: BEN, heir: None }), Err(Refusal::OwnsDocuments(1)));
    let to_itself = Command::Remove { account: BEN, heir: Some(BEN) };
    assert_eq!(kept.try_to(to_itself), Err(Refusal::OwnsDocuments(1)));
    let to_nobody = Command::Remove { account: BEN, heir: Some(AccountId(99)) };
    assert_eq!(kept.try_to(to_nobody), Err(Refusal::NoAccount(AccountId(99))));
    kept.say(change(CAT, Change::Disabled(true)));
    let to_disabled = Command::Remove { account: BEN, heir: Some(CAT) };
    assert_eq!(kept.try_to(to_disabled.clone()), Err(Refusal::Disabled(CAT)));
    kept.say(change(CAT, Change::Disabled(false)));
    kept.say(to_disabled);
    assert_eq!(kept.directory.role_of(CAT, PLAN), Some(Role::Owner));
    assert_eq!(kept.directory.grants(PLAN).count(), 0, "an owner needs no grant");
    assert_eq!(kept.directory.role_of(BEN, PLAN), None);
}

#[test]
fn names_are_one_accounts_and_can_change() {
    let mut kept = Kept::new();
    let taken = Err(Refusal::NameTaken(account_name("ann")));
    assert_eq!(kept.try_to(change(BEN, Change::Name(account_name("Ann")))), taken);
    kept.say(change(ANN, Change::Name(account_name("anna"))));
    kept.say(change(BEN, Change::Name(account_name("ann"))));
    assert_eq!(kept.directory.account_named(&account_name("ann")).map(|account| account.id), Some(BEN));
    assert_eq!(kept.directory.account_named(&account_name("ben")), None);
}

#[test]
fn a_login_is_its_tokens_while_it_lasts() {
    let mut kept = Kept::new();
    kept.say(sign_in(BEN, 1));
    let who = |kept: &Kept, byte| kept.directory.identify(&token(byte), kept.now_ms);
    let Ok(Identity::Account { id, name, .. }) = who(&kept, 1) else { panic!("Ben is signed in") };
    assert_eq!((id, name.as_str()), (BEN, "ben"));
    assert_eq!(who(&kept, 2), Err(Denied::Unauthenticated));
    let mut bytes = [1; TOKEN_BYTES];
    bytes[TOKEN_BYTES - 1] = 0;
    let forged = kept.directory.identify(&Token::from_random(bytes), kept.now_ms);
    assert_eq!(forged, Err(Denied::Unauthenticated), "its id alone opens nothing");

    kept.after(limits::LOGIN_UNUSED_FOR);
    assert_eq!(who(&kept, 1), Err(Denied::Expired));
    assert_eq!(kept.try_to(Command::Seen(token::<LoginId>(1).id())), Err(Refusal::NoLogin));
}

#[test]
fn a_used_login_lasts_on_but_not_for_ever() {
    let mut kept = Kept::new();
    kept.say(sign_in(BEN, 1));
    let began_ms = kept.now_ms;
    let seen = || Command::Seen(token::<LoginId>(1).id());
    assert_eq!(kept.try_to(seen()), Ok(0), "nothing to write down yet");
    while kept.after(limits::LOGIN_SEEN_EVERY * 24).try_to(seen()).is_ok() {
        assert!(kept.directory.identify(&token(1), kept.now_ms).is_ok());
    }
    let lasted = std::time::Duration::from_millis(kept.now_ms - began_ms);
    assert_eq!(lasted, limits::LOGIN_FOR);
}

#[test]
fn signing_in_is_never_refused_for_being_signed_in_elsewhere() {
    let mut kept = Kept::new();
    let many = u8::try_from(limits::LOGINS_PER_ACCOUNT).expect("few") + 3;
    for byte in 0..many {
        kept.say(sign_in(BEN, byte));
        kept.now_ms += 1;
    }
    let signed_in: Vec<u8> =
        (0..many).filter(|&byte| kept.directory.identify(&token(byte), kept.now_ms).is_ok()).collect();
    assert_eq!(signed_in, (3..many).collect::<Vec<_>>(), "the first three gave way");
}

#[test]
fn a_new_password_or_a_disabled_account_ends_logins() {
    let mut kept = Kept::new();
    let hash = || {
        let salted =
            "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
        PasswordHash::try_from(salted.to_owned()).expect("a hash")
    };
    for byte in [1, 2] {
        kept.say(sign_in(BEN, byte));
    }
    kept.say(sign_in(CAT, 3));
    let id = token::<LoginId>(2).id();
    kept.say(change(BEN, Change::Password { hash: hash(), keep: Some(id) }));
    let open = |kept: &Kept| [1, 2, 3].map(|byte| kept.directory.identify(&token(byte), kept.now_ms).is_ok());
    assert_eq!(open(&kept), [false, true, true]);
    assert_eq!(kept.directory.password_of(&account_name("ben")), Some((BEN, hash())));
    kept.say(change(BEN, Change::Disabled(true)));
    assert_eq!(open(&kept), [false, false, true]);
    assert_eq!(kept.directory.password_of(&account_name("ben")), None);
    assert_eq!(kept.try_to(sign_in(BEN, 4)), Err(Refusal::Disabled(BEN)));
    kept.say(Command::SignOut(token::<LoginId>(3).id()));
    assert_eq!(open(&kept), [false; 3]);
}

#[test]
fn only_what_is_somebodys_is_shared_and_ownership_is_not() {
    let mut kept = Kept::new();
    assert_eq!(kept.try_to(grant(BEN, Role::Viewer)), Err(Refusal::NoOwner));
    assert_eq!(kept.try_to(share(1, Role::Viewer, None)), Err(Refusal::NoOwner));
    kept.say(Command::Own { document: PLAN, owner: ANN });
    assert_eq!(kept.try_to(grant(BEN, Role::Owner)), Err(Refusal::OwnerByGrant));
    assert_eq!(kept.try_to(grant(ANN, Role::Viewer)), Err(Refusal::IsOwner));
    assert_eq!(kept.try_to(grant(AccountId(99), Role::Viewer)), Err(Refusal::NoAccount(AccountId(99))));
    assert_eq!(kept.try_to(share(1, Role::Owner, None)), Err(Refusal::OwnerByLink));
    assert_eq!(kept.try_to(share(1, Role::Editor, Some(kept.now_ms))), Err(Refusal::ExpiredBefore));
    kept.say(grant(BEN, Role::Viewer));
    kept.say(grant(BEN, Role::Editor));
    assert_eq!(kept.directory.role_of(BEN, PLAN), Some(Role::Editor));
    kept.say(Command::Own { document: PLAN, owner: BEN });
    assert_eq!(kept.directory.role_of(BEN, PLAN), Some(Role::Owner));
    assert_eq!(kept.directory.role_of(ANN, PLAN), None, "who hands it on keeps nothing");
    assert_eq!(kept.try_to(Command::Ungrant { document: PLAN, account: CAT }), Ok(0));
}

#[test]
fn what_nobody_owns_is_the_administrators() {
    let kept = Kept::new();
    assert_eq!(kept.directory.role_of(ANN, PLAN), Some(Role::Owner));
    assert_eq!(kept.directory.role_of(BEN, PLAN), None);
    assert_eq!(kept.directory.ownerless([PLAN]), [PLAN]);
}

#[test]
fn a_link_stays_listed_for_a_while_after_its_end() {
    let mut kept = Kept::new();
    kept.say(Command::Own { document: PLAN, owner: ANN });
    kept.say(share(1, Role::Viewer, None));
    kept.say(share(2, Role::Editor, Some(kept.now_ms + 10)));
    let revoke = |byte| Command::Revoke { document: PLAN, link: token::<LinkId>(byte).id() };
    assert_eq!(kept.try_to(revoke(3)), Err(Refusal::NoLink));
    assert_eq!(kept.try_to(revoke(1)), Ok(1));
    assert_eq!(kept.try_to(revoke(1)), Ok(0), "once is enough");
    kept.now_ms += 10;
    assert!(kept.directory.links(PLAN).all(|link| !link.is_open(kept.now_ms)));
    assert_eq!(kept.try_to(Command::Prune), Ok(0));
    kept.after(limits::LINK_KEPT_FOR);
    assert_eq!(kept.try_to(Command::Prune), Ok(2));
    assert_eq!(kept.directory.links(PLAN).count(), 0);
}

#[test]
fn everything_has_an_end() {
    let mut kept = Kept::new();
    kept.say(Command::Own { document: PLAN, owner: ANN });
    let links = u8::try_from(limits::LINKS_PER_DOCUMENT).expect("few");
    for byte in 0..links {
        kept.say(share(byte, Role::Viewer, None));
    }
    assert!(matches!(kept.try_to(share(links, Role::Viewer, None)), Err(Refusal::TooMany { .. })));
    kept.say(Command::Revoke { document: PLAN, link: token::<LinkId>(5).id() });
    kept.say(share(links, Role::Viewer, None));
    assert_eq!(kept.directory.links(PLAN).count(), limits::LINKS_PER_DOCUMENT, "what was over made room");
    assert!(kept.directory.link(PLAN, token::<LinkId>(5).id()).is_none());

    let mut directory = kept.directory.clone();
    for id in 0..limits::ACCOUNTS as u64 {
        let records = directory
            .judge(Command::Enrol { account: new_account(AccountId(100 + id), "x"), by: None }, kept.now_ms);
        match records {
            Ok(records) => records.into_iter().for_each(|record| {
                // Names do not matter here, and looking each up among thousands does.
                let Record::Account(account) = record else { panic!("an account") };
                let name = account_name(&format!("n{id}"));
                directory.apply(Record::Account(Account { name, ..account }));
            }),
            Err(refusal) => {
                assert_eq!(refusal, Refusal::TooMany { what: "accounts", most: limits::ACCOUNTS });
                assert_eq!(directory.accounts().count(), limits::ACCOUNTS);
            }
        }
    }
    let people: Vec<AccountId> =
        directory.accounts().map(|account| account.id).filter(|id| *id != ANN).collect();
    let granted = people.iter().take_while(|&&id| {
        let records = directory.judge(grant(id, Role::Viewer), kept.now_ms);
        records.map(|records| records.into_iter().for_each(|record| directory.apply(record))).is_ok()
    });
    assert_eq!(granted.count(), limits::GRANTS_PER_DOCUMENT);
}

#[test]
fn invitations_have_an_end_and_what_is_over_makes_room() {
    let mut kept = Kept::new();
    let invite = |n: usize| {
        let mut bytes = [0; TOKEN_BYTES];
        bytes[..8].copy_from_slice(&(n as u64).to_be_bytes());
        let token = Token::<InvitationId>::from_random(bytes);
        Command::Invite(NewInvitation { id: token.id(), hash: token.hash(), by: None })
    };
    for n in 0..limits::INVITATIONS {
        let records = kept.directory.judge(invite(n), kept.now_ms).expect("an invitation");
        records.into_iter().for_each(|record| kept.directory.apply(record));
    }
    let refused = kept.try_to(invite(limits::INVITATIONS));
    assert_eq!(refused, Err(Refusal::TooMany { what: "open invitations", most: limits::INVITATIONS }));
    kept.after(limits::INVITATION_FOR);
    kept.say(invite(limits::INVITATIONS));
    assert_eq!(kept.directory.invitations.len(), 1);
}

#[test]
fn a_document_that_is_gone_leaves_nothing() {
    let mut kept = Kept::new();
    kept.say(Command::Own { document: PLAN, owner: ANN });
    kept.say(grant(BEN, Role::Editor));
    kept.say(share(1, Role::Viewer, None));
    let before = Kept::new().directory;
    kept.say(Command::Forget(PLAN));
    assert_eq!(kept.directory, before);
}

/// A small generator, for orders that differ from run to run and can be had again.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

/// The journal may drop what is replaced and hand the rest back in any order of keys: the state is the same. Checked at random, from
/// a story at random.
#[test]
fn the_last_record_of_each_key_in_any_order_is_the_state() {
    let seed = crate::ids::AccountId::random().0 | 1;
    println!("seed {seed}");
    let mut random = Random(seed);
    let mut kept = Kept::new();
    kept.say(Command::Own { document: PLAN, owner: ANN });
    for step in 0..400_u64 {
        let people = [ANN, BEN, CAT, AccountId(4), AccountId(5)];
        let (who, other) = (people[random.below(5)], people[random.below(5)]);
        let byte = u8::try_from(random.below(12)).expect("small");
        let document = DocNumber(6 + random.below(3) as u64);
        let command = match random.below(16) {
            0 => Command::Enrol { account: new_account(who, &format!("p{}", random.below(6))), by: None },
            1 => Command::Remove { account: who, heir: Some(other) },
            2 => change(who, Change::Name(account_name(&format!("p{}", random.below(6))))),
            3 => change(who, Change::Administrator(random.below(2) == 0)),
            4 => change(who, Change::Disabled(random.below(3) == 0)),
            5 => invite(byte),
            6 => Command::Accept { invitation: token(byte), account: new_account(who, &format!("i{step}")) },
            7 => sign_in(who, byte),
            8 => Command::SignOutElsewhere { account: who, except: Some(token::<LoginId>(byte).id()) },
            9 => Command::Own { document, owner: who },
            10 => {
                Command::Grant { document, account: who, role: Role::ALL[random.below(3)], by: Some(other) }
            }
            11 => Command::Ungrant { document, account: who },
            12 => share(byte, Role::ALL[random.below(3)], Some(kept.now_ms + 1 + random.below(50) as u64)),
            13 => Command::Revoke { document: PLAN, link: token::<LinkId>(byte).id() },
            14 if random.below(4) == 0 => Command::Forget(document),
            _ => Command::Prune,
        };
        let _ = kept.try_to(command);
        kept.now_ms += random.below(20) as u64;
    }
    assert!(kept.journal.len() > 50, "a story was told");

    let mut last = BTreeMap::new();
    for record in &kept.journal {
        last.insert(record.key(), record.clone());
    }
    let mut compacted: Vec<Record> = last.into_values().collect();
    for at in (1..compacted.len()).rev() {
        compacted.swap(at, random.below(at + 1));
    }
    assert_eq!(replayed(compacted.clone()), kept.directory);
    compacted.retain(|record| !record.is_gone());
    assert_eq!(replayed(compacted), kept.directory, "nor is it missed that something is gone");
    assert_eq!(replayed(kept.directory.records()), kept.directory, "a checkpoint");

    // All of it, the records of each key in their order, but those of different keys in another one.
    let mut whole = kept.journal.clone();
    whole.sort_by_key(|record| std::cmp::Reverse(record.key()));
    assert_eq!(replayed(whole), kept.directory);
}

fn replayed(records: impl IntoIterator<Item = Record>) -> Directory {
    let mut directory = Directory::default();
    records.into_iter().for_each(|record| directory.apply(record));
    directory
}
