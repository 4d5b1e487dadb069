//! The wire protocol, pure: bytes in, values out. No sockets, no clock, no storage.

mod role;

pub use role::Role;
