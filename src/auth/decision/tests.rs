use std::sync::Arc;

use super::*;
use crate::auth::directory::{Change, Command, NewAccount, NewLink, NewLogin};
use crate::auth::identity::{AccountName, DisplayName};
use crate::auth::jwt::{Claims, Pattern};
use crate::auth::password::{self, Password, SALT_BYTES};
use crate::auth::secret::TOKEN_BYTES;
use crate::ids::{AccountId, LoginId};

const NOW: u64 = 1_000_000;
const LATER: u64 = NOW + 1_000;

/// A document that Ann owns (and founded the server), Ben edits, Cat comments and Dan reads. Eve has an account and nothing else.
struct World {
    directory: Directory,
    plan: DocId,
    number: DocNumber,
}

const PEOPLE: [&str; 5] = ["ann", "ben", "cat", "dan", "eve"];

impl World {
    fn new() -> World {
        let mut world = World {
            directory: Directory::default(),
            plan: DocId::parse("plan").expect("an id"),
            number: DocNumber(7),
        };
        for name in PEOPLE {
            let account = NewAccount {
                id: id_of(name),
                name: AccountName::parse(name).expect("a name"),
                display_name: DisplayName::parse(name).expect("a name"),
                password: None,
                administrator: false,
            };
            world.say(Command::Enrol { account, by: None });
            let token = login_of(name);
            let (id, hash) = (token.id(), token.hash());
            world.say(Command::SignIn(NewLogin { id, hash, account: id_of(name) }));
        }
        let document = world.number;
        world.say(Command::Own { document, owner: id_of("ann") });
        for (name, role) in [("ben", Role::Editor), ("cat", Role::Commenter), ("dan", Role::Viewer)] {
            world.say(Command::Grant { document, account: id_of(name), role, by: None });
        }
        world
    }

    fn say(&mut self, command: Command) {
        let records = self.directory.judge(command, NOW).expect("no refusal");
        records.into_iter().for_each(|record| self.directory.apply(record));
    }

    fn share(&mut self, byte: u8, role: Role, expires_ms: Option<u64>, password: Option<&str>) -> Presented {
        let token = Token::from_random([byte; TOKEN_BYTES]);
        let password = password.map(|text| {
            password::hash(&Password::for_link(text.to_owned()).expect("a password"), [byte; SALT_BYTES])
        });
        let link = NewLink { id: token.id(), hash: token.hash(), role, password, expires_ms, by: None };
        self.say(Command::Share { document: self.number, link });
        Presented { token, unlocked: None }
    }

    fn person(&self, name: &str) -> Identity {
        self.directory.identify(&login_of(name), NOW).expect(name)
    }

    fn ask(
        &self,
        needs: Needs,
        identity: &Identity,
        link: Option<&Presented>,
        now_ms: u64,
    ) -> Result<Granted, Denied> {
        let document = Some(Target { id: &self.plan, number: Some(self.number) });
        decide(Mode::Accounts, &self.directory, &Ask { needs, identity, link, document, now_ms })
    }

    fn role(&self, identity: &Identity, link: Option<&Presented>) -> Result<Role, Denied> {
        self.ask(Needs::Read, identity, link, NOW).map(|granted| granted.role.expect("a document has roles"))
    }
}

fn id_of(name: &str) -> AccountId {
    AccountId(u64::from(name.as_bytes()[0]))
}

fn login_of(name: &str) -> Token<LoginId> {
    Token::from_random([name.as_bytes()[0]; TOKEN_BYTES])
}

fn guest() -> Identity {
    Identity::Guest { name: DisplayName::parse("Somebody").expect("a name") }
}

fn subject(documents: &str, role: Role) -> Identity {
    Identity::Subject(Arc::new(Claims {
        subject: "u-17".to_owned(),
        name: DisplayName::parse("Fay").expect("a name"),
        documents: Pattern::parse(documents).expect(documents),
        role,
        until_ms: LATER,
    }))
}

/// Every need of everybody, in the order of [`Needs::ALL`]: nothing, proof, identity, administration, create, read, comment, write, share,
/// delete.
fn row(mode: Mode, world: &World, identity: &Identity) -> String {
    let document = Some(Target { id: &world.plan, number: Some(world.number) });
    let ask =
        |needs| decide(mode, &world.directory, &Ask { needs, identity, link: None, document, now_ms: NOW });
    let letter = |answer| match answer {
        Ok(_) => 'y',
        Err(Denied::Unauthenticated) => 'u',
        Err(Denied::Forbidden) => 'f',
        Err(_) => '?',
    };
    Needs::ALL.map(|needs| letter(ask(needs))).iter().collect()
}

#[test]
fn everybody_may_exactly_what_the_table_says() {
    let world = World::new();
    let person = |name| world.person(name);
    for (mode, who, identity, expected) in [
        (Mode::Open, "anybody", guest(), "yyyfyyyyfy"),
        (Mode::Accounts, "a guest", guest(), "yyuuuuuuuu"),
        (Mode::Accounts, "the owner", person("ann"), "yyyyyyyyyy"),
        (Mode::Accounts, "an editor", person("ben"), "yyyfyyyyff"),
        (Mode::Accounts, "a commenter", person("cat"), "yyyfyyyfff"),
        (Mode::Accounts, "a viewer", person("dan"), "yyyfyyffff"),
        (Mode::Accounts, "somebody else", person("eve"), "yyyfyfffff"),
        (Mode::Accounts, "a token of another mode", subject("*", Role::Owner), "yyuuuuuuuu"),
        (Mode::Jwt, "a guest", guest(), "yyuuuuuuuu"),
        (Mode::Jwt, "an account of another mode", person("ann"), "yyuuuuuuuu"),
        (Mode::Jwt, "an owner's token", subject("plan", Role::Owner), "yyyfyyyyfy"),
        (Mode::Jwt, "an editor's token", subject("pl*", Role::Editor), "yyyfyyyyff"),
        (Mode::Jwt, "a commenter's token", subject("*", Role::Commenter), "yyyffyyfff"),
        (Mode::Jwt, "a viewer's token", subject("plan", Role::Viewer), "yyyffyffff"),
        (Mode::Jwt, "a token for something else", subject("plans", Role::Owner), "yyyfffffff"),
    ] {
        assert_eq!(row(mode, &world, &identity), expected, "{mode}: {who}");
    }
}

/// A token for some documents may make some, and which is asked when the id is known.
#[test]
fn whether_one_may_make_documents_at_all_is_asked_without_one() {
    let world = World::new();
    let create = |identity: &Identity| {
        let ask = Ask { needs: Needs::Create, identity, link: None, document: None, now_ms: NOW };
        decide(Mode::Jwt, &world.directory, &ask).map(|granted| granted.role)
    };
    assert_eq!(create(&subject("other-*", Role::Editor)), Ok(None));
    assert_eq!(create(&subject("*", Role::Commenter)), Err(Denied::Forbidden));
}

#[test]
fn whether_a_document_exists_shows_in_nothing() {
    let mut world = World::new();
    world.share(1, Role::Viewer, None, None);
    let other = Presented { token: Token::from_random([2; TOKEN_BYTES]), unlocked: None };
    let foreign = Target { id: &world.plan, number: Some(world.number) };
    let missing = Target { id: &world.plan, number: None };
    for identity in [guest(), world.person("eve")] {
        for link in [None, Some(&other)] {
            for needs in Needs::ALL {
                let [here, nowhere] = [foreign, missing].map(|target| {
                    let ask = Ask { needs, identity: &identity, link, document: Some(target), now_ms: NOW };
                    decide(Mode::Accounts, &world.directory, &ask)
                });
                assert_eq!(here, nowhere, "{needs:?} {identity:?}");
            }
        }
    }
}

#[test]
fn a_document_made_again_is_not_the_old_ones_peoples() {
    let world = World::new();
    let again = Target { id: &world.plan, number: Some(DocNumber(8)) };
    let ben = world.person("ben");
    let ask = Ask { needs: Needs::Read, identity: &ben, link: None, document: Some(again), now_ms: NOW };
    assert_eq!(decide(Mode::Accounts, &world.directory, &ask), Err(Denied::Forbidden));
}

#[test]
fn a_link_gives_its_role_and_no_more() {
    let mut world = World::new();
    let read = world.share(1, Role::Viewer, None, None);
    let write = world.share(2, Role::Editor, Some(LATER), None);
    assert_eq!(world.role(&guest(), Some(&read)), Ok(Role::Viewer));
    assert_eq!(world.ask(Needs::Write, &guest(), Some(&read), NOW), Err(Denied::Forbidden));
    assert_eq!(world.role(&guest(), Some(&write)), Ok(Role::Editor));
    assert_eq!(world.ask(Needs::Share, &guest(), Some(&write), NOW), Err(Denied::Forbidden));
    // It is for one document, and says nothing about who one is.
    assert_eq!(world.ask(Needs::Identity, &guest(), Some(&write), NOW), Err(Denied::Unauthenticated));
    assert_eq!(world.ask(Needs::Create, &guest(), Some(&write), NOW), Err(Denied::Unauthenticated));
    let elsewhere = Some(Target { id: &world.plan, number: Some(DocNumber(8)) });
    let ask =
        Ask { needs: Needs::Read, identity: &guest(), link: Some(&write), document: elsewhere, now_ms: NOW };
    assert_eq!(decide(Mode::Accounts, &world.directory, &ask), Err(Denied::Unauthenticated));
    // In the other modes links are not looked at.
    assert_eq!(decide(Mode::Jwt, &world.directory, &ask), Err(Denied::Unauthenticated));
}

/// Ids are in lists and logs. One with another link's secret, or with none that is right, opens nothing.
#[test]
fn a_read_link_and_an_id_do_not_make_a_write_link() {
    let mut world = World::new();
    world.share(1, Role::Viewer, None, None);
    world.share(2, Role::Editor, None, None);
    let mut mixed = [1; TOKEN_BYTES];
    mixed[..8].copy_from_slice(&[2; 8]);
    let mixed = Presented { token: Token::from_random(mixed), unlocked: None };
    assert_eq!(world.role(&guest(), Some(&mixed)), Err(Denied::Unauthenticated));
}

#[test]
fn the_better_of_account_and_link_counts() {
    let mut world = World::new();
    let write = world.share(2, Role::Editor, None, None);
    let read = world.share(1, Role::Viewer, None, None);
    assert_eq!(world.role(&world.person("dan"), Some(&write)), Ok(Role::Editor));
    assert_eq!(world.role(&world.person("ann"), Some(&read)), Ok(Role::Owner));
    assert_eq!(world.role(&world.person("eve"), Some(&read)), Ok(Role::Viewer));
    // The same role twice lasts as long as the longer of the two.
    let both = world.ask(Needs::Read, &world.person("ben"), Some(&write), NOW).expect("an editor");
    assert_eq!(both.until_ms, None);
    let short = world.share(3, Role::Editor, Some(LATER), None);
    let both = world.ask(Needs::Read, &world.person("ben"), Some(&short), NOW).expect("an editor");
    assert!(both.until_ms > Some(LATER));
}

#[test]
fn what_is_over_says_so() {
    let mut world = World::new();
    let link = world.share(2, Role::Editor, Some(LATER), None);
    let granted = world.ask(Needs::Read, &guest(), Some(&link), NOW).expect("an editor");
    assert_eq!(granted.until_ms, Some(LATER));
    assert_eq!(world.ask(Needs::Read, &guest(), Some(&link), LATER), Err(Denied::Expired));
    assert_eq!(world.ask(Needs::Read, &world.person("eve"), Some(&link), LATER), Err(Denied::Expired));
    assert_eq!(world.ask(Needs::Write, &world.person("dan"), Some(&link), LATER), Err(Denied::Expired));

    let ben = world.person("ben");
    let until_ms = world.ask(Needs::Read, &ben, None, NOW).expect("an editor").until_ms.expect("logins end");
    assert_eq!(world.ask(Needs::Read, &ben, None, until_ms), Err(Denied::Expired));
    assert_eq!(world.ask(Needs::Identity, &ben, None, until_ms), Err(Denied::Expired));

    let fay = subject("plan", Role::Editor);
    let ask = |now_ms| {
        let document = Some(Target { id: &world.plan, number: None });
        let ask = Ask { needs: Needs::Read, identity: &fay, link: None, document, now_ms };
        decide(Mode::Jwt, &world.directory, &ask)
    };
    assert_eq!(ask(NOW), Ok(Granted { role: Some(Role::Editor), until_ms: Some(LATER) }));
    assert_eq!(ask(LATER), Err(Denied::Expired));
}

/// What an open socket asks again: the answer follows the directory at once.
#[test]
fn what_is_taken_back_ends() {
    let mut world = World::new();
    let document = world.number;
    let link = world.share(2, Role::Editor, None, None);
    world.say(Command::Revoke { document, link: link.token.id() });
    assert_eq!(world.role(&guest(), Some(&link)), Err(Denied::Revoked));
    assert_eq!(world.ask(Needs::Write, &world.person("dan"), Some(&link), NOW), Err(Denied::Revoked));
    let [ben, cat, dan] = ["ben", "cat", "dan"].map(|name| world.person(name));
    world.say(Command::Ungrant { document, account: id_of("ben") });
    assert_eq!(world.role(&ben, None), Err(Denied::Forbidden));
    world.say(Command::SignOut(login_of("cat").id()));
    assert_eq!(world.role(&cat, None), Err(Denied::Unauthenticated));
    world.say(Command::Change { account: id_of("dan"), change: Change::Disabled(true) });
    assert_eq!(world.role(&dan, None), Err(Denied::Unauthenticated));
    let forged =
        Identity::Account { id: id_of("ann"), login: login_of("eve").id(), name: dan.name().clone() };
    assert_eq!(world.role(&forged, None), Err(Denied::Unauthenticated), "another's login");
}

#[test]
fn a_links_password_stands_before_it() {
    let mut world = World::new();
    let mut link = world.share(1, Role::Viewer, None, Some("open sesame"));
    assert_eq!(world.role(&guest(), Some(&link)), Err(Denied::Locked));
    assert_eq!(world.role(&world.person("eve"), Some(&link)), Err(Denied::Locked));
    assert_eq!(
        world.role(&world.person("ben"), Some(&link)),
        Ok(Role::Editor),
        "who has access needs no link"
    );

    let hash = world.directory.link(world.number, link.token.id()).and_then(|link| link.password.clone());
    let hash = hash.expect("a password");
    assert!(password::verify(&hash, &Password::given("open sesame".to_owned()).expect("a password")));
    link.unlocked = Some(hash.unlock(&link.token));
    assert_eq!(world.role(&guest(), Some(&link)), Ok(Role::Viewer));

    let other = world.share(2, Role::Editor, None, Some("open sesame"));
    let borrowed = Presented { unlocked: link.unlocked, ..other };
    assert_eq!(world.role(&guest(), Some(&borrowed)), Err(Denied::Locked), "another link's unlocking");
}

#[test]
fn a_reason_says_whether_presenting_something_else_may_help() {
    let helps = [Denied::Unauthenticated, Denied::Expired, Denied::Locked];
    assert!(helps.iter().all(|why| why.is_unauthenticated()));
    assert!([Denied::Revoked, Denied::Forbidden].iter().all(|why| !why.is_unauthenticated()));
}
