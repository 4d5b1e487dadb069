//! Integration tests.

mod crash;
mod store;
