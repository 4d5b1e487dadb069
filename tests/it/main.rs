//! Promises that need more than one part, a file each.

mod architecture;
mod beside;
mod bugs;
mod client;
mod crash;
mod documents;
mod embedded;
mod fixtures;
mod folder;
mod guard;
mod images;
mod limits;
mod meter;
mod permissions;
#[path = "../sim/mod.rs"]
mod sim;
mod socket;
mod store;
mod tls;
mod tools;
mod yjs;
