//! The wire protocol, pure: bytes in, values out. No sockets, no clock of its own, no storage.
//!
//! `docs/protocol.md` is its description for people who write clients.

pub mod awareness;
pub mod close;
mod doc;
pub mod frame;
pub mod guard;
pub mod heartbeat;
pub mod message;
pub mod rate;
pub mod refusals;
mod role;
pub mod varint;

pub use close::CloseCode;
pub use doc::empty_doc;
pub use message::Message;
pub use role::Role;
