//! Cowrite: real-time collaborative text editing in one binary.
//!
//! An update's way through the code: [`http`] pumps bytes between a socket and a document; [`protocol`] turns bytes into typed messages and
//! judges updates; [`access`] says who may do what, by the rules of [`auth`]; [`document`] holds the live documents, an actor each; [`store`] makes changes durable. [`export`]
//! turns a document's state into files. [`server`] puts the parts together and is the only place that names a concrete store.

#[macro_use]
mod failpoint;

pub mod access;
pub mod agent;
pub mod auth;
pub mod cli;
pub mod config;
pub mod document;
pub mod embed;
pub mod export;
pub mod http;
pub mod ids;
pub mod import;
pub mod limits;
pub mod metrics;
pub mod protocol;
pub mod revision;
pub mod search;
pub mod server;
pub mod store;
pub mod timestamp;
pub mod units;

pub use embed::{Authorizer, Hooks};
pub use server::{Cowrite, Server};
