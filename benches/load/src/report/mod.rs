//! What was measured, and how it is told: a table, a plot and the raw figures.

pub mod table;
mod verdict;

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::rows::Figures;
use crate::servers::Kind;
use crate::stats::median;

/// What came of one row with one server, once.
#[derive(Debug, Clone)]
pub enum Measured {
    Figures(Figures),
    /// It lost something, stalled, or could not be started.
    Failed(String),
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Measured::Failed(why) => write!(f, "FAILED: {why}"),
            Measured::Figures(figures) => {
                let parts: Vec<String> = figures
                    .iter()
                    .map(|(name, figure)| format!("{name} {}", table::short(*figure)))
                    .collect();
                write!(f, "{}", parts.join(", "))
            }
        }
    }
}

/// Everything that was measured, and on what.
#[derive(Debug, Serialize)]
pub struct Results {
    /// The file system that was written to.
    pub file_system: String,
    pub machine: String,
    pub runs: usize,
    /// Less of everything was done than the table wants.
    pub quick: bool,
    samples: Vec<Sample>,
}

/// One figure of one run, or why there is none.
#[derive(Debug, Serialize)]
struct Sample {
    row: &'static str,
    server: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    measure: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    figure: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
}

impl Results {
    pub fn new(file_system: String, runs: usize, quick: bool) -> Results {
        Results { file_system, machine: machine(), runs, quick, samples: Vec::new() }
    }

    pub fn add(&mut self, row: &'static str, server: Kind, measured: Measured) {
        let nothing = Sample { row, server, measure: None, figure: None, failed: None };
        match measured {
            Measured::Failed(why) => self.samples.push(Sample { failed: Some(why), ..nothing }),
            Measured::Figures(figures) => {
                self.samples.extend(figures.into_iter().map(|(measure, figure)| Sample {
                    measure: Some(measure),
                    figure: Some(figure),
                    failed: None,
                    ..nothing
                }));
            }
        }
    }

    /// The median of a measure over the runs.
    pub fn median(&self, row: &str, server: Kind, measure: &str) -> Option<f64> {
        let figures: Vec<f64> = self
            .samples
            .iter()
            .filter(|sample| sample.row == row && sample.server == server && sample.measure == Some(measure))
            .filter_map(|sample| sample.figure)
            .collect();
        median(&figures)
    }

    /// Why a row failed with a server, if it did at least once.
    pub fn failure(&self, row: &str, server: Kind) -> Option<&str> {
        let of_this = |sample: &&Sample| sample.row == row && sample.server == server;
        self.samples.iter().filter(of_this).find_map(|sample| sample.failed.as_deref())
    }

    /// Whether anything was tried with that server in that row.
    pub fn tried(&self, row: &str, server: Kind) -> bool {
        self.samples.iter().any(|sample| sample.row == row && sample.server == server)
    }
}

/// Leave the table and the raw figures in a folder.
pub fn write(results: &Results, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("results.json"), serde_json::to_vec_pretty(results)?)?;
    fs::write(folder.join("table.md"), table::markdown(results))?;
    Ok(())
}

/// The machine in a line.
fn machine() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes = memory.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0);
    format!(
        "{cores} cores of {}, {} GB of memory, Linux {}",
        model.map_or("an unknown processor", |(_, name)| name),
        kilobytes >> 20,
        kernel.trim()
    )
}
