//! Promises that need more than one part, a file each.

mod architecture;
mod crash;
mod documents;
mod fixtures;
mod guard;
mod limits;
mod store;
