//! What was measured, and how it is told: a table, a plot and the raw figures.

pub mod machine;
mod plot;
pub mod table;
mod verdict;

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use self::machine::Machine;
use crate::rows::Figures;
use crate::servers::Kind;
use crate::stats::median;

/// What came of one row with one server, once.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Measured(Figures),
    /// It lost what it must not, stalled, or could not be started.
    Failed(String),
}

impl Outcome {
    /// A figure by its name.
    pub fn figure(&self, name: &str) -> Option<f64> {
        match self {
            Outcome::Measured(Figures { figures, .. }) => {
                figures.iter().find_map(|&(of, figure)| (of == name).then_some(figure))
            }
            Outcome::Failed(_) => None,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Failed(why) => write!(f, "FAILED: {why}"),
            Outcome::Measured(Figures { figures, lost }) => {
                let figures: Vec<String> = figures
                    .iter()
                    .map(|(name, figure)| format!("{name} {}", table::short(*figure)))
                    .collect();
                write!(f, "{}", figures.join(", "))?;
                lost.iter().try_for_each(|lost| write!(f, "; LOST: {lost}"))
            }
        }
    }
}

/// Everything that was measured, and on what.
#[derive(Debug, Serialize)]
pub struct Results {
    pub machine: Machine,
    pub runs: usize,
    /// Less of everything was done than the table wants.
    pub quick: bool,
    samples: Vec<Sample>,
}

/// One row with one server, once.
#[derive(Debug, Serialize)]
struct Sample {
    row: &'static str,
    server: Kind,
    #[serde(flatten)]
    outcome: Outcome,
}

impl Results {
    pub fn new(machine: Machine, runs: usize, quick: bool) -> Results {
        Results { machine, runs, quick, samples: Vec::new() }
    }

    pub fn add(&mut self, row: &'static str, server: Kind, outcome: Outcome) {
        self.samples.push(Sample { row, server, outcome });
    }

    fn of<'a>(&'a self, row: &'a str, server: Kind) -> impl Iterator<Item = &'a Outcome> {
        let is_it = move |sample: &&Sample| sample.row == row && sample.server == server;
        self.samples.iter().filter(is_it).map(|sample| &sample.outcome)
    }

    /// Whether that row was tried with that server.
    fn tried(&self, row: &str, server: Kind) -> bool {
        self.of(row, server).next().is_some()
    }

    /// The median of a measure over the runs.
    fn median(&self, row: &str, server: Kind, measure: &str) -> Option<f64> {
        let figures: Vec<f64> = self.of(row, server).filter_map(|outcome| outcome.figure(measure)).collect();
        median(&figures)
    }

    /// What went wrong with a server in a row, once or in every run.
    fn trouble(&self, row: &str, server: Kind) -> Option<String> {
        let mut troubles = self.of(row, server).filter_map(|outcome| match outcome {
            Outcome::Failed(why) => Some(format!("failed: {why}")),
            Outcome::Measured(Figures { lost, .. }) => lost.as_ref().map(|lost| format!("lost: {lost}")),
        });
        let first = troubles.next()?;
        let times = 1 + troubles.count();
        Some(if self.runs == 1 { first } else { format!("{first} (in {times} of {} runs)", self.runs) })
    }
}

/// Leave the table, the plot and the raw figures in a folder.
pub fn write(results: &Results, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("results.json"), serde_json::to_vec_pretty(results)?)?;
    fs::write(folder.join("table.md"), table::markdown(results))?;
    fs::write(folder.join("plot.svg"), plot::svg(results))?;
    Ok(())
}
