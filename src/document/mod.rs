//! Live documents: an Actix actor each, found by the [`Registry`], spoken to through a [`Handle`].
//!
//! Decisions are taken in [`state`], which is pure; [`session`] performs them. Storage is known by its trait alone.

mod announcer;
mod checkpoint;
mod durability;
mod event;
mod handle;
mod heavy;
mod home;
mod ledger;
mod outbox;
mod peer;
mod presence;
mod registry;
mod remotes;
mod replica;
mod session;
mod space;
mod state;

pub use event::{Arrival, Effect, Now, Person};
pub use handle::{Attached, ContributionError, Handle, Messages, Permit, Stopped};
pub use home::Home;
pub use outbox::{Line, News, Outgoing, Wire, line};
pub use registry::{DocumentError, Options, Registry};
pub use replica::{LoadError, Replica};
pub use space::Space;
pub use state::{ContributeError, State};
