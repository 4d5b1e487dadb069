//! The wire protocol, pure: bytes in, values out. No sockets, no clock, no storage.

pub mod guard;
mod role;

pub use role::Role;
