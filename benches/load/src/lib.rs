//! A load generator for Cowrite and its peers, on the public protocol alone (`docs/protocol.md`): whatever it says of a server,
//! any client could have seen, except for CPU time and memory, which it reads from `/proc`.
//!
//! It starts each server itself, does the same work with each, one after the other, and prints what it cost. It runs on one
//! thread and is as light as it can be, because it shares the machine with the server it measures.

pub mod client;
pub mod crowd;
mod flight;
pub mod growth;
pub mod pace;
pub mod presence;
pub mod saved;
pub mod servers;
pub mod stage;
pub mod stats;
pub mod tally;
pub mod trace;
pub mod typist;
pub mod wire;

pub mod report;
pub mod rows;
