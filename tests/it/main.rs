//! Promises that need more than one part, a file each.

mod architecture;
mod crash;
mod documents;
mod fixtures;
mod folder;
mod guard;
mod store;
