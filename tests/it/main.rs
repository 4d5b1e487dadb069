//! Integration tests.

mod fixtures;
mod guard;
