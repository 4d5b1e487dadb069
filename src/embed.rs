//! What an application that carries Cowrite may have a say in: who may do what, what a document begins with, and hearing of changes.
//! [`Cowrite`](crate::Cowrite) takes both and mounts the service in an actix-web application.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use bytes::Bytes;
use futures_util::future::{BoxFuture, LocalBoxFuture};
use tokio::task::spawn_blocking;

use crate::auth::jwt::Pattern;
use crate::auth::{DisplayName, Needs, Role};
use crate::export::Content;
use crate::ids::{DocId, Kind};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The request that asks, with what the application's own middleware has put into its extensions. For a socket this is its handshake.
    pub request: &'a HttpRequest,
    /// The document it is about, if it is about one.
    pub document: Option<&'a DocId>,
    /// What the request needs; a role of the answer that [meets](Needs::met_by) it is enough.
    pub needs: Needs,
}

/// Yes, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Who it is, in the application's words: what is recorded as the author of changes. At most 200 bytes.
    pub subject: String,
    /// What others are shown.
    pub name: DisplayName,
    pub role: Role,
    /// Which documents it is for; all by default.
    pub documents: Pattern,
    /// A socket that is still open after so long is closed with 4401, and the application asked again when its client comes back. `None`:
    /// for as long as it is open.
    pub valid_for: Option<Duration>,
}

impl Grant {
    /// A role in every document that is asked for, for as long as somebody is there. A name that cannot be shown is replaced.
    pub fn new(subject: impl Into<String>, name: &str, role: Role) -> Grant {
        let name = DisplayName::parse(name).or_else(|_| DisplayName::parse("Guest")).expect("a name");
        let documents = Pattern::parse("*").expect("a pattern");
        Grant { subject: subject.into(), name, role, documents, valid_for: None }
    }
}

/// Why the application says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody knows who is asking: 401, and 4401 for a socket.
    Unauthenticated,
    /// They are known, and may not: 403, and 4403 for a socket.
    Forbidden,
}

/// The application's own word on who may do what. Asked for every request but those that anybody may send ([`Needs::Nothing`]);
/// a socket is asked for once, when it is opened.
pub trait Authorizer: Send + Sync + 'static {
    /// Who is asking, and as what. Where the request is about no document, its grant is for each that it names: those are listed, and
    /// whoever may write can make one of such an id. A role that is not enough is refused as [`Refusal::Forbidden`].
    fn authorize<'a>(&'a self, asked: Asked<'a>) -> LocalBoxFuture<'a, Result<Grant, Refusal>>;
}

/// What a document is before anybody has opened it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstText {
    pub kind: Kind,
    pub title: String,
    pub text: String,
}

/// A document that has changed.
#[derive(Clone)]
pub struct Changed {
    pub document: DocId,
    pub title: String,
    pub(crate) read: Read,
}

/// Reads a document's state.
pub(crate) type Read = Arc<dyn Fn(DocId) -> BoxFuture<'static, anyhow::Result<Bytes>> + Send + Sync>;

impl Changed {
    /// The document's whole state by now, as one update in Yjs' v1 encoding.
    pub async fn state(&self) -> anyhow::Result<Bytes> {
        (self.read)(self.document.clone()).await
    }

    /// What the document says by now.
    pub async fn text(&self) -> anyhow::Result<String> {
        let state = self.state().await?;
        Ok(spawn_blocking(move || Content::of_state(&state)).await??.text)
    }
}

/// Lets the application take part in a document's life. Each has a default that does nothing.
pub trait Hooks: Send + Sync + 'static {
    /// Somebody wants a document that does not exist: what it begins with. `None`: as if there were no hook. A deleted document is not asked
    /// for.
    fn on_load<'a>(&'a self, document: &'a DocId) -> BoxFuture<'a, Option<FirstText>> {
        let _ = document;
        Box::pin(std::future::ready(None))
    }

    /// A document has changed and the change is saved, or soon will be. Told at most once in [`Hooks::every`] for each document, and always
    /// once more after the last change. A hook that takes long delays what it hears next, and nobody else.
    fn on_change<'a>(&'a self, changed: Changed) -> BoxFuture<'a, ()> {
        let _ = changed;
        Box::pin(std::future::ready(()))
    }

    /// How often [`Hooks::on_change`] is told of one document.
    fn every(&self) -> Duration {
        Duration::from_secs(1)
    }
}
