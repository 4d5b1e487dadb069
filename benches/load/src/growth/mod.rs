//! How Cowrite's cost grows: the same work on a document, a server or a history that is ten times as large, and ten times larger again.
//!
//! A cost may grow with its work and no faster. What each figure's work is stands beside it ([`Work`]); how fast it really grows is told
//! by the exponent between neighbouring sizes ([`pace`]).

mod connections;
mod history;
mod keys;
mod live;
pub mod pace;
mod sizes;
mod stored;
pub mod table;

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use tokio::time::sleep;

use self::pace::Work;
use crate::report::Outcome;
use crate::report::machine::Machine;
use crate::rows::Run;
use crate::servers::Server;
use crate::servers::http::Http;
use crate::stage::{Stage, Window};
use crate::stats::{median, millis};
use crate::typist::Typist;

/// Every series, in the order of the tables.
pub const SERIES: &[Series] =
    &[stored::SERIES, live::SERIES, connections::SERIES, sizes::WRITTEN, sizes::PASTED, history::SERIES];

/// The sizes that a quick run looks at, from the smallest on.
const QUICK_SIZES: usize = 3;

/// Something that grows, and what is measured at each of its sizes.
pub struct Series {
    /// For the command line.
    pub name: &'static str,
    /// For the table.
    pub title: &'static str,
    sizes: &'static [u64],
    /// A size as people read it.
    label: fn(u64) -> String,
    measures: &'static [Measure],
    run: for<'a> fn(&'a Stage, u64) -> Run<'a>,
}

/// One figure of a series.
struct Measure {
    name: &'static str,
    unit: &'static str,
    work: Work,
    /// Figures below this differ by chance.
    noise: f64,
    /// Whether it is time on a clock, which others' work on the same machine makes longer.
    clock: bool,
}

impl Measure {
    /// What the server itself takes: CPU time, memory, disk.
    const fn own(name: &'static str, unit: &'static str, work: Work, noise: f64) -> Measure {
        Measure { name, unit, work, noise, clock: false }
    }

    /// What somebody waits for.
    const fn clock(name: &'static str, unit: &'static str, work: Work, noise: f64) -> Measure {
        Measure { name, unit, work, noise, clock: true }
    }
}

impl Series {
    /// The sizes that are measured, the smallest first.
    pub fn sizes(&self, quick: bool) -> &'static [u64] {
        if quick { &self.sizes[..QUICK_SIZES] } else { self.sizes }
    }

    /// The work at one size.
    pub fn at<'a>(&self, stage: &'a Stage, size: u64) -> Run<'a> {
        (self.run)(stage, size)
    }
}

/// Everything that was measured, and on what.
#[derive(Serialize)]
pub struct Growth {
    machine: Machine,
    runs: usize,
    quick: bool,
    /// Files that a process may have open: connections are some.
    open_files: u64,
    samples: Vec<Sample>,
}

/// One size of one series, once.
#[derive(Serialize)]
struct Sample {
    series: &'static str,
    size: u64,
    #[serde(flatten)]
    outcome: Outcome,
}

impl Growth {
    pub fn new(machine: Machine, runs: usize, quick: bool, open_files: u64) -> Growth {
        Growth { machine, runs, quick, open_files, samples: Vec::new() }
    }

    pub fn add(&mut self, series: &Series, size: u64, outcome: Outcome) {
        self.samples.push(Sample { series: series.name, size, outcome });
    }

    fn of<'a>(&'a self, series: &'a Series, size: u64) -> impl Iterator<Item = &'a Outcome> {
        let is_it = move |sample: &&Sample| sample.series == series.name && sample.size == size;
        self.samples.iter().filter(is_it).map(|sample| &sample.outcome)
    }

    /// The median of a measure over the runs.
    fn median(&self, series: &Series, size: u64, measure: &str) -> Option<f64> {
        let figures: Vec<f64> = self.of(series, size).filter_map(|outcome| outcome.figure(measure)).collect();
        median(&figures)
    }

    /// Leave the tables and the raw figures in a folder.
    pub fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("growth.json"), serde_json::to_vec_pretty(self)?)?;
        fs::write(folder.join("growth.md"), table::markdown(self))?;
        Ok(())
    }
}

/// A count with its thousands apart.
fn count(size: u64) -> String {
    let digits = size.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).expect("digits")).collect();
    groups.join(",")
}

/// What a document of a line has in it.
const LINE: Typist = Typist { client: 1_000, characters: 40 };

/// Connections over which documents are made.
const MAKERS: usize = 32;

fn document(number: u64) -> String {
    format!("document-{number}")
}

/// Make so many documents of a line, over the public API. Durable when this returns.
async fn make_documents(server: &Server, count: u64) -> Result<()> {
    stream::iter(0..MAKERS as u64)
        .map(async |maker| {
            let mut http = Http::connect(server.address).await?;
            for number in (maker..count).step_by(MAKERS) {
                let body = format!(r#"{{"id":"{}","text":"{}"}}"#, document(number), LINE.text(1));
                http.ask("POST", "/api/v1/documents", &body).await?;
            }
            Ok(())
        })
        .buffer_unordered(MAKERS)
        .try_collect()
        .await
}

/// CPU time while nothing happens, in milliseconds of each second.
async fn cpu_at_rest(server: &Server, over: Duration) -> Result<f64> {
    let window = Window::open(server).await?;
    sleep(over).await;
    let cpu = window.close(server).await?;
    Ok(millis(cpu) / over.as_secs_f64())
}

/// Resident memory once a server has put in order what there was to put in order: it opens its database anew and gives back memory
/// three seconds after it was last used.
async fn memory_at_rest(server: &Server) -> Result<u64> {
    sleep(Duration::from_secs(6)).await;
    Ok(server.process.memory()?.now)
}

/// A counter or gauge of the server's own.
async fn metric(server: &Server, name: &str) -> Result<u64> {
    let text = Http::connect(server.address).await?.ask("GET", "/metrics", "").await?;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    value.ok_or_else(|| anyhow::anyhow!("{name} is not among the metrics"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([1, 999, 1_000, 1_000_000].map(count), ["1", "999", "1,000", "1,000,000"]);
    }
}
