//! What the command line says.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Parser;
use cowrite_load::growth::{SERIES, Series};
use cowrite_load::rows::{ROWS, Row};
use cowrite_load::servers::{Kind, Places};
use cowrite_load::stage::Stage;

/// Cowrite under load, side by side with relays that understand nothing and with its peers.
#[derive(Debug, Parser)]
pub struct Arguments {
    /// Rows to measure, by name; all unless told
    #[arg(long, value_delimiter = ',', value_parser = row_names())]
    rows: Vec<String>,

    /// How Cowrite's cost grows, in place of the rows: all of it, or these series
    #[arg(long, value_delimiter = ',', num_args = 0.., default_missing_value = ALL, value_parser = series_names())]
    growth: Vec<String>,

    /// Sizes of those series that are measured; all unless told
    #[arg(long, value_delimiter = ',')]
    sizes: Vec<u64>,

    /// Servers to measure
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "relay,actix-relay,y-websocket,hocuspocus,y-sweet,cowrite"
    )]
    servers: Vec<Kind>,

    /// How often; the table has the medians
    #[arg(long, default_value_t = 3)]
    pub runs: usize,

    /// Less of everything: to see that it works, not for the table
    #[arg(long)]
    pub quick: bool,

    /// The binary under test
    #[arg(long, env = "COWRITE_BIN", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/release/cowrite"))]
    cowrite: PathBuf,

    /// Where `make bench-peers` has put the peers
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/peers"))]
    peers: PathBuf,

    /// Where the servers keep their documents: a folder on a real disk
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/target/data"))]
    data: PathBuf,

    /// The folder of the recorded editing sessions
    #[arg(long, env = "TRACES", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/traces"))]
    traces: PathBuf,

    /// Where the results go: the table, the plot and the raw figures
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/target/results"))]
    pub results: PathBuf,
}

/// Every series.
const ALL: &str = "all";

fn series_names() -> clap::builder::PossibleValuesParser {
    std::iter::once(ALL).chain(SERIES.iter().map(|series| series.name)).collect::<Vec<_>>().into()
}

fn row_names() -> clap::builder::PossibleValuesParser {
    ROWS.iter().map(|row| row.name).collect::<Vec<_>>().into()
}

impl Arguments {
    pub fn wants(&self, row: &Row) -> bool {
        self.rows.is_empty() || self.rows.iter().any(|name| name == row.name)
    }

    /// Whether growth is to be measured, and not the rows.
    pub fn wants_growth(&self) -> bool {
        !self.growth.is_empty()
    }

    pub fn wants_series(&self, series: &Series) -> bool {
        self.growth.iter().any(|name| name == ALL || name == series.name)
    }

    pub fn wants_size(&self, size: u64) -> bool {
        self.sizes.is_empty() || self.sizes.contains(&size)
    }

    pub fn places(&self) -> Places {
        Places { cowrite: self.cowrite.clone(), peers: self.peers.clone(), data: self.data.clone() }
    }

    /// The servers that are there. Of those that are not it is said loudly: a table without them compares with less.
    pub fn servers(&self, places: &Places) -> Result<Vec<Kind>> {
        let mut there = Vec::new();
        for &kind in &self.servers {
            if kind.is_there(places)? {
                there.push(kind);
                continue;
            }
            ensure!(kind.is_peer(), "{} is not built", kind.title());
            eprintln!("*** NOT MEASURED: {}; `make bench-peers` installs it ***", kind.title());
        }
        Ok(there)
    }

    pub fn stage(&self, kind: Kind, places: &Places) -> Stage {
        Stage {
            kind,
            places: places.clone(),
            quick: self.quick,
            traces: self.traces.clone(),
            cache: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/traces")),
        }
    }
}
