//! Everybody × every route and message × every document: allowed exactly where the table says, and nothing changed where not.

use std::collections::BTreeSet;

use bytes::Bytes;
use cowrite::auth::needs::{MESSAGES, ROUTES, Route};
use cowrite::auth::{Command, Mode, Needs, Role};
use cowrite::ids::{AccountId, DocNumber};
use cowrite::protocol::message;
use cowrite::store::Edit;
use serde_json::{Value, json};

use super::house::{Heard, House, Keys, typed};
use crate::images::RED;

/// Who comes. Everybody but the last few has an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Owner,
    Editor,
    Commenter,
    Viewer,
    /// Has an account, and no part in the document.
    Stranger,
    /// Administers accounts, and has no part in the document.
    Administrator,
    Anonymous,
    LinkViewer,
    LinkEditor,
    RevokedLink,
    ExpiredLink,
    ForeignLink,
    EndedLogin,
}

const EVERYBODY: [Who; 13] = [
    Who::Owner,
    Who::Editor,
    Who::Commenter,
    Who::Viewer,
    Who::Stranger,
    Who::Administrator,
    Who::Anonymous,
    Who::LinkViewer,
    Who::LinkEditor,
    Who::RevokedLink,
    Who::ExpiredLink,
    Who::ForeignLink,
    Who::EndedLogin,
];

/// What they ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// A document in which everybody has the role that they are called after.
    Shared,
    /// A document of somebody else.
    Foreign,
    Missing,
    /// As `Shared`, but in the trash.
    Trashed,
}

const EVERYTHING: [What; 4] = [What::Shared, What::Foreign, What::Missing, What::Trashed];

impl Who {
    fn has_account(self) -> bool {
        use Who::*;
        matches!(self, Owner | Editor | Commenter | Viewer | Stranger | Administrator)
    }

    /// The role that the table would give them, written down once more and not computed by what is tested.
    fn role(self, what: What) -> Option<Role> {
        if !matches!(what, What::Shared | What::Trashed) {
            return None;
        }
        match self {
            Who::Owner => Some(Role::Owner),
            Who::Editor | Who::LinkEditor => Some(Role::Editor),
            Who::Commenter => Some(Role::Commenter),
            Who::Viewer | Who::LinkViewer => Some(Role::Viewer),
            _ => None,
        }
    }

    fn may(self, needs: Needs, what: What) -> bool {
        match needs {
            Needs::Nothing | Needs::Proof => true,
            Needs::Identity | Needs::Create => self.has_account(),
            Needs::Administration => self == Who::Administrator,
            needs => self.role(what).is_some_and(|role| needs.met_by(role)),
        }
    }
}

/// A server with one person of each kind.
struct World {
    house: House,
    people: Vec<(Who, AccountId)>,
    other: AccountId,
    /// How many documents there have been.
    made: usize,
}

/// What one case is about.
struct Case {
    id: String,
    keys: Keys,
}

impl World {
    async fn new() -> World {
        let house = House::open(Mode::Accounts);
        // The first account of a server administers it, whoever that is.
        let mut people = vec![(Who::Administrator, house.account("administrator", true).await)];
        for who in EVERYBODY {
            if who != Who::Administrator && (who.has_account() || who == Who::EndedLogin) {
                people.push((who, house.account(&format!("{who:?}").to_lowercase(), false).await));
            }
        }
        let other = house.account("somebodyelse", false).await;
        World { house, people, other, made: 0 }
    }

    fn account(&self, who: Who) -> AccountId {
        self.people.iter().find(|(known, _)| *known == who).expect("an account").1
    }

    /// A document of that kind, new, and what somebody brings to it.
    async fn case(&mut self, who: Who, what: What) -> Case {
        self.made += 1;
        let id = format!("d{}", self.made);
        let owner = if what == What::Foreign { self.other } else { self.account(Who::Owner) };
        let number = match what {
            What::Missing => None,
            _ => Some(self.house.document(&id, owner).await),
        };
        if let Some(number) = number.filter(|_| what != What::Foreign) {
            self.let_in(number).await;
        }
        let keys = self.keys(who, number.filter(|_| what != What::Foreign)).await;
        if what == What::Trashed {
            self.house.trash(&id).await;
        }
        Case { id, keys }
    }

    /// Everybody gets the role that they are called after.
    async fn let_in(&self, document: DocNumber) {
        for (who, role) in [
            (Who::Editor, Role::Editor),
            (Who::Commenter, Role::Commenter),
            (Who::Viewer, Role::Viewer),
            (Who::EndedLogin, Role::Editor),
        ] {
            self.house.say(Command::Grant { document, account: self.account(who), role, by: None }).await;
        }
    }

    async fn keys(&mut self, who: Who, number: Option<DocNumber>) -> Keys {
        if who.has_account() {
            return self.house.login(self.account(who)).await;
        }
        if who == Who::EndedLogin {
            let keys = self.house.login(self.account(who)).await;
            let account = self.account(who);
            self.house.say(Command::SignOutElsewhere { account, except: None }).await;
            return keys;
        }
        // A link to another document of the same owner.
        self.made += 1;
        let other = format!("d{}", self.made);
        let (owner, is_foreign) = (self.account(Who::Owner), who == Who::ForeignLink);
        let foreign = if is_foreign || number.is_none() {
            Some(self.house.document(&other, owner).await)
        } else {
            None
        };
        let number = foreign.or(number).expect("one of them");
        match who {
            Who::LinkEditor | Who::ForeignLink => self.house.link(number, Role::Editor, None).await.1,
            Who::LinkViewer => self.house.link(number, Role::Viewer, None).await.1,
            Who::ExpiredLink => self.house.expired_link(number, Role::Editor).await,
            Who::RevokedLink => {
                let (link, keys) = self.house.link(number, Role::Editor, None).await;
                self.house.say(Command::Revoke { document: number, link }).await;
                keys
            }
            _ => Keys::default(),
        }
    }

    /// Ask a route for what it is for, as far as a request of this kind can be made without knowing more.
    async fn ask(&self, route: &Route, case: &Case) -> Answer {
        let victim = match route.path.contains("{account}") {
            true => self.house.account(&format!("victim-{}", case.id), false).await.to_string(),
            false => String::new(),
        };
        let before = self.house.state();
        let path = route.path.replace("{id}", &case.id).replace("{name}", "stranger");
        let path = path.replace("{account}", &victim);
        let path = ["{session}", "{invitation}", "{link}"]
            .iter()
            .fold(path, |path, part| path.replace(part, "00000000000000aa"));
        let path = if path.ends_with("/export") { format!("{path}?format=txt") } else { path };
        let mut request = self.house.request(&case.keys, route.method, &path).header("If-Match", "*");
        request = match body_of(route) {
            // Not JSON, and looked at.
            Some(_) if route.path.ends_with("/images") => request.body(RED),
            Some(body) => request.json(&body),
            None => request,
        };
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        // A stream of events has no end, and its beginning says enough.
        let body: Value = match route.path.ends_with("/events") && status == 200 {
            true => Value::Null,
            false => response.json().await.unwrap_or(Value::Null),
        };
        let kind = body["type"].as_str().and_then(|kind| kind.rsplit(':').next()).unwrap_or("");
        Answer { status, kind: kind.to_owned(), changed: before != self.house.state() }
    }
}

/// What came of a request.
struct Answer {
    status: u16,
    kind: String,
    changed: bool,
}

/// A body that the route takes. A route that is new has to say its own here.
fn body_of(route: &Route) -> Option<Value> {
    let join =
        json!({"token": "none", "name": "new", "display_name": "New", "password": "correct horse battery"});
    match (route.method, route.path.strip_prefix("/api/v1").unwrap_or(route.path)) {
        ("GET" | "DELETE", _) => None,
        ("PATCH", "/me") => Some(json!({"display_name": "Renamed"})),
        ("POST", "/session") => Some(json!({"name": "nobody", "password": "correct horse battery"})),
        ("POST", "/setup" | "/invitations/accept") => Some(join),
        ("POST", "/accounts") => Some(json!({"name": "viewer", "display_name": "New"})),
        ("PATCH", "/accounts/{account}") => Some(json!({"display_name": "Renamed"})),
        ("POST", "/invitations") => Some(json!({})),
        ("POST", "/documents") => Some(json!({"text": "new"})),
        ("PATCH", "/documents/{id}") => Some(json!({"title": "Renamed"})),
        // Neither is JSON, and what they say of it is all the same here.
        ("PUT", "/documents/{id}/content")
        | ("POST", "/documents/{id}/update" | "/documents/{id}/images") => Some(json!("text")),
        ("POST", "/documents/{id}/restore" | "/documents/{id}/duplicate") => Some(json!({})),
        ("PUT", "/documents/{id}/grants/{name}") => Some(json!({"role": "editor"})),
        ("PUT", "/documents/{id}/owner") => Some(json!({"name": "stranger"})),
        ("POST", "/documents/{id}/links") => Some(json!({"role": "editor"})),
        ("POST", "/documents/{id}/unlock") => Some(json!({"link": "none", "password": "guess"})),
        _ => panic!("what does {} {} take?", route.method, route.path),
    }
}

/// The kinds of problem that say "you may not".
const REFUSED: [&str; 5] = ["unauthenticated", "forbidden", "expired", "locked", "revoked"];

#[actix_web::test]
async fn every_route_lets_in_exactly_whom_the_table_says() {
    let mut world = World::new().await;
    let (mut cases, mut wrong) = (0, Vec::new());
    // The page's own files say the same to everybody, and what comes over a socket is looked at below.
    for route in ROUTES.iter().filter(|route| route.path.starts_with("/api/")) {
        let about_one = route.path.contains("{id}");
        for who in EVERYBODY {
            for what in EVERYTHING.into_iter().filter(|what| about_one || *what == What::Shared) {
                let case = world.case(who, what).await;
                let Answer { status, kind, changed } = world.ask(route, &case).await;
                let refused = REFUSED.contains(&&*kind);
                cases += 1;
                // A duplicate is made by whoever may make documents and read the original.
                let duplicates = route.path.ends_with("/duplicate");
                let may = who.may(route.needs, what) && (!duplicates || who.may(Needs::Read, what));
                if refused == may {
                    wrong.push(format!("{who:?} {} {} {what:?}: {status} {kind}", route.method, route.path));
                }
                if refused && changed {
                    wrong.push(format!(
                        "{who:?} changed something by {} {} {what:?}",
                        route.method, route.path
                    ));
                }
                assert!(status < 500, "{who:?} {} {} {what:?}: {status}", route.method, route.path);
            }
        }
    }
    println!("{cases} cases over routes");
    assert_eq!(wrong, [""; 0], "of {cases}");
}

/// A message of every kind that says it exists, and what it would change.
fn message_of(name: &str) -> Bytes {
    match name {
        "SyncStep1" => message::sync_step_1(&[0]),
        "SyncStep2" => message::sync_step_2(&typed("smuggled")),
        "Update" => message::update(&typed("smuggled")),
        "Awareness" => Bytes::from_static(&[1, 10, 1, 7, 1, 6, b'{', b'"', b'"', b':', b'0', b'}']),
        "QueryAwareness" => Bytes::from_static(&[3]),
        "Ping" => Bytes::from_static(&[103, 5]),
        "Token" => Bytes::from_static(&[107, 4, b'n', b'o', b'n', b'e']),
        other => panic!("how is {other} written?"),
    }
}

#[actix_web::test]
async fn every_message_does_exactly_what_the_table_says() {
    let mut world = World::new().await;
    let (mut cases, mut wrong) = (0, Vec::new());
    let mut outcomes = BTreeSet::new();
    for (name, needs) in MESSAGES {
        for who in EVERYBODY {
            for what in EVERYTHING {
                // Who may make documents gets one of their own where none is.
                let owns = what == What::Missing && who.has_account();
                let may_enter = who.may(Needs::Read, what) && what != What::Trashed || owns;
                let may = owns || may_enter && who.may(*needs, what);
                let case = world.case(who, what).await;
                let before = world.house.state();
                let mut socket = world.house.connect(&case.keys, &case.id).await;
                socket.send(message_of(name)).await;
                // Whoever is still there after it gets an answer to this.
                socket.send(Bytes::from_static(&[103, 77])).await;
                let mut code = 0;
                loop {
                    match socket.next().await {
                        Heard::Message(message) if message[..] == [104, 77] => break,
                        Heard::Message(message) => {
                            // The document's text is in what only readers get.
                            let tells = message.windows(6).any(|bytes| bytes == b"a plan");
                            if tells && !may_enter {
                                wrong.push(format!("{who:?} {what:?} was told the text"));
                            }
                        }
                        Heard::Close(closed, _) => {
                            code = closed;
                            break;
                        }
                        Heard::End => panic!("{who:?} {what:?}: no goodbye"),
                    }
                }
                cases += 1;
                outcomes.insert(code);
                if (code == 0) != may {
                    wrong.push(format!("{who:?} {name} {what:?}: {code}"));
                }
                if !may && before != world.house.state() {
                    wrong.push(format!("{who:?} changed something by {name} {what:?}"));
                }
            }
        }
    }
    println!("{cases} cases over messages, closed with {outcomes:?}");
    assert_eq!(wrong, [""; 0], "of {cases}");
}

impl House {
    async fn trash(&self, id: &str) {
        let id = cowrite::ids::DocId::parse(id).expect("an id");
        self.registry.edit(&id, Edit::Trash).await.expect("it is there");
    }
}
