//! The steps of an update's way through the server, each alone and over input that is the same every time.
//!
//! `benches/steps.rs` times them, `bin/instructions.rs` counts their instructions.

mod input;
mod steps;

pub use input::{Writer, typing};
pub use steps::{Step, steps};
