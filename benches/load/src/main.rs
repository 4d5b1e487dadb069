//! `make bench`, end to end: the rows of the table, with each server, so many times; then the table.

mod arguments;

use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use tokio::task::LocalSet;
use tokio::time::timeout;

use cowrite_load::growth::{Growth, SERIES};
use cowrite_load::report::machine::Machine;
use cowrite_load::report::{self, Outcome, Results};
use cowrite_load::rows::{ROWS, Run};
use cowrite_load::servers::Kind;

use self::arguments::Arguments;

/// Longer than any row with any server; what takes longer hangs.
const ROW_WITHIN: Duration = Duration::from_secs(600);

/// Longer than any size of any series.
const POINT_WITHIN: Duration = Duration::from_secs(1_800);

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let open_files = raise_file_limit()?;
    // One thread: the other core is the server's.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let work = async {
        if arguments.wants_growth() { grow(&arguments, open_files).await } else { bench(&arguments).await }
    };
    LocalSet::new().block_on(&runtime, work)
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
                let outcome = within(ROW_WITHIN, (row.run)(&stage)).await;
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

/// How Cowrite's cost grows.
async fn grow(arguments: &Arguments, open_files: u64) -> Result<()> {
    let places = arguments.places();
    std::fs::create_dir_all(&places.data)?;
    anyhow::ensure!(Kind::Cowrite.is_there(&places)?, "Cowrite is not built");
    let mut growth = Growth::new(Machine::look(&places.data)?, arguments.runs, arguments.quick, open_files);
    for run in 1..=arguments.runs {
        for series in SERIES.iter().filter(|series| arguments.wants_series(series)) {
            for &size in series.sizes(arguments.quick).iter().filter(|&&size| arguments.wants_size(size)) {
                let stage = arguments.stage(Kind::Cowrite, &places);
                let outcome = within(POINT_WITHIN, series.at(&stage, size)).await;
                eprintln!("run {run}, {} {size}: {outcome}", series.name);
                growth.add(series, size, outcome);
                growth.write(&arguments.results)?;
            }
        }
    }
    println!("{}", cowrite_load::growth::table::markdown(&growth));
    Ok(())
}

/// Connections are files, here and in the server, which inherits the limit; returns how many there may be.
fn raise_file_limit() -> Result<u64> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a place for the answer, and then the question.
    let done = unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 && {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &limit) == 0
        }
    };
    anyhow::ensure!(done, "raising the limit of open files: {}", std::io::Error::last_os_error());
    Ok(limit.rlim_cur)
}

async fn within(limit: Duration, run: Run<'_>) -> Outcome {
    match timeout(limit, run).await {
        Ok(Ok(figures)) => Outcome::Measured(figures),
        Ok(Err(error)) => Outcome::Failed(format!("{error:#}")),
        Err(_) => Outcome::Failed(format!("stalled: it took more than {} s", limit.as_secs())),
    }
}
