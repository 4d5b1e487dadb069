//! Counts the instructions of each step under callgrind and compares them with the last figures in the repository: a guard
//! against slower code that does not depend on the machine.
//!
//! `instructions` compares; `instructions --keep` writes the figures down; `instructions --run STEP` is what callgrind runs.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use cowrite_hot::steps;

/// The last figures: a step and its instructions each, a line.
const LAST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.txt");

/// How much more a step may take than it took, in percent, before that is an error. Hash tables are seeded anew in each run.
const TOLERANCE: f64 = 5.0;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["--run", name] => run(name),
        ["--keep"] => keep(&count_all()?),
        [] => compare(&count_all()?),
        _ => bail!("usage: instructions [--keep | --run STEP]"),
    }
}

/// Prepare a step and run it where callgrind counts.
fn run(name: &str) -> Result<()> {
    let step = steps().into_iter().find(|step| step.name == name).context("there is no such step")?;
    counted((step.prepare)());
    Ok(())
}

/// The function that callgrind is told to watch.
#[inline(never)]
#[unsafe(no_mangle)]
fn counted(step: Box<dyn FnOnce()>) {
    step();
}

/// Instructions for each update (or answer) of every step.
fn count_all() -> Result<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    for step in steps() {
        let each = count(step.name)? / step.count as u64;
        println!("{:60} {each:>12}", step.name);
        counts.insert(step.name.to_owned(), each);
    }
    Ok(counts)
}

fn count(name: &str) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=counted"])
        .arg(std::env::current_exe()?)
        .args(["--run", name])
        .output()
        .context("callgrind is part of valgrind; is that installed?")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said.lines().find_map(|line| line.split_once("Collected : "));
    let (_, collected) = collected.with_context(|| format!("callgrind counted nothing:\n{said}"))?;
    collected.trim().parse().context("callgrind counts in figures")
}

fn keep(counts: &BTreeMap<String, u64>) -> Result<()> {
    let mut text = String::new();
    counts
        .iter()
        .for_each(|(name, count)| writeln!(text, "{count:>12}  {name}").expect("a string takes all"));
    std::fs::write(LAST, text).context("writing the figures")
}

fn compare(counts: &BTreeMap<String, u64>) -> Result<()> {
    let text =
        std::fs::read_to_string(Path::new(LAST)).context("there are no last figures; --keep writes them")?;
    let mut slower = String::new();
    for line in text.lines() {
        let (count, name) = line.trim().split_once("  ").context("a line is a figure and a step")?;
        let (before, now) = (count.parse::<f64>()?, counts.get(name));
        let Some(&now) = now else { bail!("the step {name:?} is gone; --keep forgets it") };
        let change = (now as f64 / before - 1.0) * 100.0;
        if change > TOLERANCE {
            writeln!(slower, "{name}: {before} -> {now} instructions, {change:+.1} %")?;
        }
    }
    if slower.is_empty() { Ok(()) } else { bail!("slower than it was:\n{slower}") }
}
