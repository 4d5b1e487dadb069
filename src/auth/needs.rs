//! What every route and every message of a socket asks of whoever comes with it, in two tables.
//!
//! What has no line here is refused, and a test finds it missing.

use super::Role;

/// What is asked for. That there is a document, that it is not in the trash, and that there is room for more are other questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Needs {
    /// Nothing: it is anybody's, and tells nothing of any document or person but who asks.
    Nothing,
    /// What shows that one may comes with the request and nowhere else: a password, a code, an invitation.
    Proof,
    /// To be somebody: what they get is about themselves, or only what they may see.
    Identity,
    /// To be an administrator.
    Administration,
    /// To be one who may make a document of this id.
    Create,
    Read,
    Comment,
    Write,
    /// Links and grants of the document, seeing them included.
    Share,
    Delete,
}

impl Needs {
    pub const ALL: [Needs; 10] = [
        Needs::Nothing,
        Needs::Proof,
        Needs::Identity,
        Needs::Administration,
        Needs::Create,
        Needs::Read,
        Needs::Comment,
        Needs::Write,
        Needs::Share,
        Needs::Delete,
    ];

    /// Whether this role in the document is enough. What is not about a document comes with no role.
    pub fn met_by(self, role: Role) -> bool {
        match self {
            Needs::Nothing | Needs::Proof => true,
            Needs::Identity | Needs::Administration | Needs::Create => false,
            Needs::Read => role.may_read(),
            Needs::Comment => role.may_comment(),
            Needs::Write => role.may_write(),
            Needs::Share => role.may_share(),
            Needs::Delete => role.may_delete(),
        }
    }
}

/// A line of the table of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    pub method: &'static str,
    /// As it is registered, `{id}` and all.
    pub path: &'static str,
    pub needs: Needs,
}

/// Every route. HEAD asks what GET asks. Paths that nothing is registered under are 404 for everybody, and files of the app are
/// everybody's.
pub const ROUTES: &[Route] = &[
    route("GET", "/", Needs::Nothing),
    // The app's page. What it holds of the document is for those who may read it; everybody else gets it without.
    route("GET", "/d/{id}", Needs::Nothing),
    route("GET", "/sign-in", Needs::Nothing),
    route("GET", "/join", Needs::Nothing),
    route("GET", "/setup", Needs::Nothing),
    route("GET", "/accounts", Needs::Nothing),
    route("GET", "/healthz", Needs::Nothing),
    route("GET", "/readyz", Needs::Nothing),
    // Counts, and no name, id or address.
    route("GET", "/metrics", Needs::Nothing),
    route("GET", "/api/v1", Needs::Nothing),
    route("GET", "/api/v1/openapi.json", Needs::Nothing),
    route("GET", "/api/v1/openapi.css", Needs::Nothing),
    // Who asks.
    route("GET", "/api/v1/me", Needs::Nothing),
    route("PATCH", "/api/v1/me", Needs::Identity),
    route("POST", "/api/v1/session", Needs::Proof),
    route("DELETE", "/api/v1/session", Needs::Identity),
    route("GET", "/api/v1/sessions", Needs::Identity),
    route("DELETE", "/api/v1/sessions", Needs::Identity),
    route("DELETE", "/api/v1/sessions/{session}", Needs::Identity),
    route("POST", "/api/v1/setup", Needs::Proof),
    route("POST", "/api/v1/invitations/accept", Needs::Proof),
    route("GET", "/api/v1/accounts", Needs::Administration),
    route("POST", "/api/v1/accounts", Needs::Administration),
    route("PATCH", "/api/v1/accounts/{account}", Needs::Administration),
    route("DELETE", "/api/v1/accounts/{account}", Needs::Administration),
    route("GET", "/api/v1/invitations", Needs::Administration),
    route("POST", "/api/v1/invitations", Needs::Administration),
    route("DELETE", "/api/v1/invitations/{invitation}", Needs::Administration),
    // Only those that one may read.
    route("GET", "/api/v1/documents", Needs::Identity),
    route("GET", "/api/v1/tags", Needs::Identity),
    route("POST", "/api/v1/documents", Needs::Create),
    route("GET", "/api/v1/documents/{id}", Needs::Read),
    route("PATCH", "/api/v1/documents/{id}", Needs::Write),
    route("DELETE", "/api/v1/documents/{id}", Needs::Delete),
    route("POST", "/api/v1/documents/{id}/restore", Needs::Delete),
    // The new one. Whether the old one may be read as well is asked by whoever does it.
    route("POST", "/api/v1/documents/{id}/duplicate", Needs::Create),
    route("GET", "/api/v1/documents/{id}/export", Needs::Read),
    route("GET", "/api/v1/documents/{id}/content", Needs::Read),
    route("PUT", "/api/v1/documents/{id}/content", Needs::Write),
    route("GET", "/api/v1/documents/{id}/update", Needs::Read),
    route("POST", "/api/v1/documents/{id}/update", Needs::Write),
    route("GET", "/api/v1/documents/{id}/events", Needs::Read),
    route("POST", "/api/v1/documents/{id}/images", Needs::Write),
    route("GET", "/api/v1/documents/{id}/images/{name}", Needs::Read),
    route("GET", "/api/v1/documents/{id}/connections", Needs::Read),
    route("DELETE", "/api/v1/documents/{id}/connections/{session}", Needs::Share),
    route("GET", "/api/v1/documents/{id}/access", Needs::Share),
    route("PUT", "/api/v1/documents/{id}/grants/{name}", Needs::Share),
    route("DELETE", "/api/v1/documents/{id}/grants/{name}", Needs::Share),
    route("PUT", "/api/v1/documents/{id}/owner", Needs::Share),
    route("POST", "/api/v1/documents/{id}/links", Needs::Share),
    route("DELETE", "/api/v1/documents/{id}/links/{link}", Needs::Share),
    // The link and its password are in the body.
    route("POST", "/api/v1/documents/{id}/unlock", Needs::Proof),
    // To connect. What comes over the socket is in the other table; a document that is made by connecting asks for Create as well.
    route("GET", "/ws/{id}", Needs::Read),
];

const fn route(method: &'static str, path: &'static str, needs: Needs) -> Route {
    Route { method, path, needs }
}

/// Every message that a client may send, by its name in [`crate::protocol::Message`].
pub const MESSAGES: &[(&str, Needs)] = &[
    ("SyncStep1", Needs::Read),
    // Readers answer with an empty one, which brings nothing and is ignored before anybody asks.
    ("SyncStep2", Needs::Write),
    ("Update", Needs::Write),
    ("Awareness", Needs::Read),
    ("QueryAwareness", Needs::Read),
    ("Ping", Needs::Read),
    // A token, which the socket asks about before the document hears of it.
    ("Token", Needs::Proof),
];

/// What a request to this route asks for. `None`: nobody has said, so nobody may.
pub fn of_route(method: &str, path: &str) -> Option<Needs> {
    let method = if method == "HEAD" { "GET" } else { method };
    let line = ROUTES.iter().find(|route| route.method == method && route.path == path);
    line.map(|route| route.needs)
}

/// What a message of this name asks for. `None`: nobody has said, so nobody may.
pub fn of_message(name: &str) -> Option<Needs> {
    MESSAGES.iter().find(|(known, _)| *known == name).map(|(_, needs)| *needs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_line_is_nobodys() {
        assert_eq!(of_route("HEAD", "/api/v1/documents/{id}"), Some(Needs::Read));
        assert_eq!(of_route("PUT", "/api/v1/documents/{id}"), None);
        assert_eq!(of_route("GET", "/api/v1/secrets"), None);
        assert_eq!(of_message("Update"), Some(Needs::Write));
        assert_eq!(of_message("Subscribe"), None);
    }

    #[test]
    fn every_line_is_there_once() {
        for (at, one) in ROUTES.iter().enumerate() {
            let again = ROUTES[..at].iter().any(|other| (other.method, other.path) == (one.method, one.path));
            assert!(!again, "{one:?}");
        }
        for (at, (name, _)) in MESSAGES.iter().enumerate() {
            assert!(!MESSAGES[..at].iter().any(|(other, _)| other == name), "{name}");
        }
    }

    /// Nor is any role enough for what nobody has by a role.
    #[test]
    fn each_need_is_met_from_some_role_on_or_by_none() {
        let roles = |needs: Needs| Role::ALL.iter().filter(|&&role| needs.met_by(role)).count();
        assert_eq!(Needs::ALL.map(roles), [4, 4, 0, 0, 0, 4, 3, 2, 1, 1]);
    }

    /// Where a route changes something, reading alone is not enough.
    #[test]
    fn what_changes_something_asks_for_more_than_reading() {
        for route in ROUTES.iter().filter(|route| route.method != "GET") {
            assert!(!matches!(route.needs, Needs::Nothing | Needs::Read), "{route:?}");
        }
    }
}
