//! `make bench`, end to end: the rows of the table, with each server, so many times; then the table.

mod arguments;

use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::Parser;
use tokio::task::LocalSet;
use tokio::time::timeout;

use cowrite_load::report::machine::Machine;
use cowrite_load::report::{self, Outcome, Results};
use cowrite_load::rows::{Figures, ROWS, Row};
use cowrite_load::stage::Stage;

use self::arguments::Arguments;

/// Longer than any row with any server; what takes longer hangs.
const ROW_WITHIN: Duration = Duration::from_secs(600);

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    raise_file_limit()?;
    // One thread: the other core is the server's.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, bench(&arguments))
}

async fn bench(arguments: &Arguments) -> Result<()> {
    let places = arguments.places();
    std::fs::create_dir_all(&places.data)?;
    let servers = arguments.servers(&places)?;
    let mut results = Results::new(Machine::look(&places.data)?, arguments.runs, arguments.quick);
    for run in 1..=arguments.runs {
        for row in ROWS.iter().filter(|row| arguments.wants(row)) {
            for &kind in servers.iter().filter(|&&kind| row.who.includes(kind)) {
                let stage = arguments.stage(kind, &places);
                let outcome = match measure(row, &stage).await {
                    Ok(figures) => Outcome::Measured(figures),
                    Err(error) => Outcome::Failed(format!("{error:#}")),
                };
                eprintln!("run {run}, {}, {}: {outcome}", row.name, kind.title());
                results.add(row.name, kind, outcome);
                // Whoever stops a long run keeps what it has measured.
                report::write(&results, &arguments.results)?;
            }
        }
    }
    println!("{}", report::table::markdown(&results));
    Ok(())
}

/// Two thousand connections are as many files, here and in the server, which inherits the limit.
fn raise_file_limit() -> Result<()> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a place for the answer, and then the question.
    let done = unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 && {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &limit) == 0
        }
    };
    anyhow::ensure!(done, "raising the limit of open files: {}", std::io::Error::last_os_error());
    Ok(())
}

async fn measure(row: &Row, stage: &Stage) -> Result<Figures> {
    timeout(ROW_WITHIN, (row.run)(stage))
        .await
        .map_err(|_| anyhow!("stalled: it took more than {} s", ROW_WITHIN.as_secs()))?
}
