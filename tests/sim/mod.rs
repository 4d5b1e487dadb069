//! Everybody converges and nothing acknowledged is lost, whatever the network and the power do.
//!
//! A world of five clients and a server, without a socket, a disk or a clock: one random number generator decides who
//! types, which frame arrives next, which connection breaks and when the server dies, so that a seed is a
//! story that can be told again. The server is the real `document::State`; its store loses what was not synced.
//!
//! `COWRITE_SEED` tells the story of one seed again, `COWRITE_SEEDS` and `COWRITE_STEPS` say how many and how long.

mod client;
mod server;
mod world;

use crate::yjs;
use world::{Tally, World};

/// Worlds that real Yjs computes as well.
const SAMPLE: usize = 20;

#[test]
fn everybody_converges_and_nothing_acknowledged_is_lost() {
    let variable = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let steps = variable("COWRITE_STEPS").unwrap_or(1_000);
    let seeds = match variable("COWRITE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 1..variable("COWRITE_SEEDS").unwrap_or(20) + 1,
    };
    let many = seeds.end - seeds.start >= 20;
    let (mut tally, mut stories) = (Tally::default(), Vec::new());
    for seed in seeds {
        println!("COWRITE_SEED={seed}");
        let mut world = World::new(seed);
        (0..steps).for_each(|_| world.step());
        world.heal();
        world.check();
        tally += world.tally;
        if stories.len() < SAMPLE {
            stories.push(world.story());
        }
    }
    println!("{tally:?}");
    assert!(!many || tally.has_everything(), "something never happened: {tally:?}");
    yjs::check("sim", &stories);
}
