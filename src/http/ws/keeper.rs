//! Who may be on a socket, from its first word to its last: asked when it opens, whenever the directory changes, when a grant runs out
//! and when the client brings another token.

use std::cell::RefCell;
use std::future::poll_fn;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use super::frames::Incoming;
use super::reader::Reader;
use crate::access::{Access, Bearing, Caller, Credentials, now_ms};
use crate::auth::{Denied, DisplayName, Granted, Identity, Mode, Needs, Role, Target};
use crate::document::{Arrival, Attached, Line, Registry};
use crate::http::access::number;
use crate::ids::{DocId, DocNumber, Kind};
use crate::limits;
use crate::protocol::awareness::Stamp;
use crate::protocol::close::Close;
use crate::protocol::{CloseCode, Message, message};
use crate::store::Entry;

/// How often the clock is looked at: it may be set while somebody is here.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// How long a client waits between two tokens. Looking at one takes a signature's time.
const BETWEEN_TOKENS: Duration = Duration::from_secs(1);

/// Asks who somebody is and what they may do, as long as they are here.
#[derive(Clone)]
pub(super) struct Keeper {
    pub(super) access: Access,
    pub(super) id: DocId,
    pub(super) credentials: Credentials,
    /// What a guest goes by.
    pub(super) guest: DisplayName,
    /// Whether the client says that its first message will be a token.
    pub(super) announces: bool,
    /// What the application says that carries the service, if there is one. It is asked once: it sees the handshake, and no more.
    pub(super) vouched: Option<Result<Caller, Denied>>,
}

/// How somebody is met.
pub(super) enum Reception {
    /// Nobody has to be asked anything.
    Open,
    /// A token is to come.
    Announced,
    Judged(Result<Admission, Close>),
}

/// What somebody was let in with.
pub(super) struct Admission {
    caller: Caller,
    granted: Granted,
    number: Option<DocNumber>,
    changes: watch::Receiver<u64>,
}

/// The last token that a client has sent and nobody has looked at.
#[derive(Default)]
pub(super) struct Tokens {
    latest: RefCell<Option<Bearing>>,
    came: Notify,
}

impl Tokens {
    /// What is no token at all says nothing, and changes nothing.
    pub(super) fn put(&self, text: &str) {
        if let Some(bearing) = Bearing::parse(text) {
            self.latest.replace(Some(bearing));
            self.came.notify_one();
        }
    }

    async fn next(&self) -> Bearing {
        loop {
            if let Some(bearing) = self.latest.take() {
                return bearing;
            }
            self.came.notified().await;
        }
    }
}

impl Keeper {
    /// What is known of somebody before a word was said on the socket.
    pub(super) async fn receive(&self, registry: &Registry, arrival: &mut Arrival) -> Reception {
        if self.access.mode() == Mode::Open {
            Reception::Open
        } else if self.announces {
            Reception::Announced
        } else {
            Reception::Judged(self.admit(registry, arrival).await)
        }
    }

    /// Let somebody in, and complete what is known of who comes. Makes the document if they may and nobody did before.
    pub(super) async fn admit(&self, registry: &Registry, arrival: &mut Arrival) -> Result<Admission, Close> {
        // Before anything is looked at, so that nothing falls between.
        let changes = self.access.changes();
        let caller = self.caller().map_err(closed_as)?;
        let mut entry = registry.entry(&self.id).await.map_err(|error| error.close())?;
        if entry.is_none() {
            entry = self.create(&caller, registry).await?;
        }
        let number = number(entry.as_ref());
        let granted = self.decide(&caller, number).map_err(closed_as)?;
        arrival.role = role(&granted).into();
        arrival.author = Some(caller.identity.author().into());
        arrival.stamp = Some(stamp(&caller.identity));
        Ok(Admission { caller, granted, number, changes })
    }

    fn caller(&self) -> Result<Caller, Denied> {
        self.vouched
            .clone()
            .unwrap_or_else(|| Ok(self.access.identify(&self.credentials, self.guest.clone())))
    }

    /// Whether what came with the handshake is enough for the document, were it there.
    pub(super) fn may_be_here(&self) -> bool {
        self.caller().is_ok_and(|caller| self.decide(&caller, None).is_ok())
    }

    /// Wait for a token that was announced.
    pub(super) async fn hear(&mut self, reader: &mut Reader, line: &Line) -> Result<(), Close> {
        let malformed = |reason: &str| Close::new(CloseCode::Malformed, reason);
        let first = async {
            loop {
                match poll_fn(|context| reader.poll_next(context)).await {
                    Some(Ok(Incoming::Binary(frame))) => return Ok(frame),
                    Some(Ok(Incoming::Ping(token))) => line.pong(&token),
                    Some(Ok(Incoming::Pong)) => {}
                    Some(Ok(Incoming::Text)) => {
                        return Err(malformed("messages are binary, this one is text"));
                    }
                    Some(Ok(Incoming::Close(_))) | None => return Err(closed_as(Denied::Unauthenticated)),
                    Some(Err(broken)) => return Err(malformed(&broken.to_string())),
                }
            }
        };
        let late = |_| Close::new(CloseCode::Unauthenticated, "the token that was announced did not come");
        let frame = timeout(limits::TOKEN_FOR, first).await.map_err(late)??;
        let messages: Vec<_> = message::decode(frame).collect();
        let [Ok(Message::Token(token))] = &messages[..] else {
            return Err(malformed("a token was announced, and comes first and alone in its frame"));
        };
        if let Some(bearing) = Bearing::parse(token.reveal()) {
            self.credentials.add(bearing);
        }
        Ok(())
    }

    /// A document that nobody made, for whoever may. It is theirs.
    async fn create(&self, caller: &Caller, registry: &Registry) -> Result<Option<Entry>, Close> {
        let target = Target { id: &self.id, number: None };
        if let Err(denied) = self.access.decide(Needs::Create, caller, Some(target)) {
            // Whoever might read it, were it there, is told that it is not.
            return match self.access.decide(Needs::Read, caller, Some(target)) {
                Ok(_) => Err(Close::new(CloseCode::Gone, "there is no such document")),
                Err(_) => Err(closed_as(denied)),
            };
        }
        let made = registry.create(&self.id, Kind::default(), String::new(), None, false).await;
        let entry = made.map_err(|error| error.close())?;
        let owned = self.access.own(entry.number, &caller.identity).await;
        owned.map_err(|error| {
            tracing::error!(document = %self.id, %error, "a document was made and could not be given to who made it");
            Close::new(CloseCode::Overloaded, "the document could not be made yours; try again later")
        })?;
        Ok(Some(entry))
    }

    fn decide(&self, caller: &Caller, number: Option<DocNumber>) -> Result<Granted, Denied> {
        self.access.decide(Needs::Read, caller, Some(Target { id: &self.id, number }))
    }

    /// Ask again whenever the answer may be another one, and pass it on, until it is no.
    pub(super) async fn watch(mut self, attached: &Attached, tokens: &Tokens, admission: Admission) -> Close {
        let Admission { mut caller, mut granted, number, mut changes } = admission;
        let mut rests = false;
        loop {
            tokio::select! {
                changed = changes.changed() => {
                    if changed.is_err() {
                        return Close::new(CloseCode::Restarting, "the server is restarting; come back in a moment");
                    }
                }
                () = sleep(until(granted.until_ms)) => {}
                bearing = rested(tokens, rests), if self.vouched.is_none() => {
                    rests = true;
                    self.credentials.add(bearing);
                    let again = self.access.identify(&self.credentials, self.guest.clone());
                    if !is_same(&again.identity, &caller.identity) {
                        let reason = "another person's token came on this connection; connect again as them";
                        return Close::new(CloseCode::Unauthenticated, reason);
                    }
                    caller = again;
                }
            }
            let before = role(&granted);
            granted = match self.decide(&caller, number) {
                Ok(granted) => granted,
                Err(denied) => return closed_as(denied),
            };
            if role(&granted) != before && attached.appoint(role(&granted).into()).await.is_err() {
                // A document that is gone says itself why, and that ends the connection.
                return std::future::pending().await;
            }
        }
    }
}

/// The next token, not too soon after the last.
async fn rested(tokens: &Tokens, rests: bool) -> Bearing {
    if rests {
        sleep(BETWEEN_TOKENS).await;
    }
    tokens.next().await
}

/// How long until the answer has to be asked for again.
fn until(until_ms: Option<u64>) -> Duration {
    let left = until_ms.map(|until_ms| Duration::from_millis(until_ms.saturating_sub(now_ms())));
    left.map_or(LOOK_EVERY, |left| left.min(LOOK_EVERY))
}

/// Whether a token is of the same person: presence and what is recorded go by who came.
fn is_same(new: &Identity, old: &Identity) -> bool {
    match (new, old) {
        (Identity::Guest { .. }, Identity::Guest { .. }) => true,
        (Identity::Account { id: new, .. }, Identity::Account { id: old, .. }) => new == old,
        (Identity::Subject(new), Identity::Subject(old)) => new.subject == old.subject,
        // A token that is over says nothing of who brings it, and one that is missing neither.
        (Identity::Guest { .. }, _) => true,
        _ => false,
    }
}

fn role(granted: &Granted) -> Role {
    granted.role.expect("it was about a document")
}

/// What others are told of who it is.
fn stamp(identity: &Identity) -> Stamp {
    let known = |kind| Stamp {
        identity: kind,
        name: Some(identity.name().as_str().into()),
        id: Some(format!("{:016x}", APART.hash_one(identity.author())).into()),
    };
    match identity {
        Identity::Guest { .. } => Stamp { identity: "guest", name: None, id: None },
        Identity::Account { .. } => known("account"),
        Identity::Subject(_) => known("subject"),
    }
}

/// Tells people apart for those who see them, and says no more: a token's subject may be an address, and a hash with no secret in it could
/// be guessed. It is another one when the server starts again, and everybody comes anew.
static APART: LazyLock<RandomState> = LazyLock::new(RandomState::new);

fn closed_as(denied: Denied) -> Close {
    let code = if denied.is_unauthenticated() { CloseCode::Unauthenticated } else { CloseCode::Forbidden };
    Close::new(code, denied.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AccountId, LoginId};

    #[test]
    fn people_of_one_name_are_told_apart_and_nobody_from_themselves() {
        let stamp_of = |id, login| {
            let name = DisplayName::parse("Ann").expect("a name");
            stamp(&Identity::Account { id: AccountId(id), login: LoginId(login), name })
        };
        assert_eq!(stamp_of(1, 1), stamp_of(1, 2));
        assert_ne!(stamp_of(1, 1).id, stamp_of(2, 3).id);
        assert_eq!(stamp_of(1, 1).name, stamp_of(2, 3).name);
        let guest = Identity::Guest { name: DisplayName::parse("Ann").expect("a name") };
        assert_eq!(stamp(&guest), Stamp { identity: "guest", name: None, id: None });
    }
}
