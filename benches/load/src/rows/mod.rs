//! The rows of the table, a file each: what is done, what is measured and what Cowrite must reach.

mod cold;
mod cursors;
mod documents;
mod fanout;
mod idle;
mod joins;
mod killed;
mod large;
mod paced;
mod paper;
mod replay;
mod saved;
mod stalled;
mod trace;

use std::future::Future;
use std::pin::Pin;

use anyhow::Result;
use serde::Serialize;

use crate::servers::Kind;
use crate::stage::Stage;

/// Every row, in the order of the table.
pub const ROWS: &[Row] = &[
    fanout::ROW,
    paced::ROW,
    documents::ROW,
    cursors::ROW,
    trace::ROW,
    paper::ROW,
    joins::ROW,
    cold::ROW,
    idle::ROW,
    stalled::ROW,
    killed::ROW,
    saved::ROW,
];

/// A piece of work that is done with each server.
pub struct Row {
    /// For the command line.
    pub name: &'static str,
    /// For the table.
    pub work: &'static str,
    pub who: Who,
    pub measures: &'static [Measure],
    pub run: fn(&Stage) -> Run<'_>,
}

/// The work while it is done.
pub type Run<'a> = Pin<Box<dyn Future<Output = Result<Figures>> + 'a>>;

/// What came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// A figure for each measure, by name.
    pub figures: Vec<(&'static str, f64)>,
    /// What was lost on the way, in words.
    pub lost: Option<String>,
}

impl Figures {
    /// Nothing was lost.
    pub(crate) fn whole(figures: Vec<(&'static str, f64)>) -> Figures {
        Figures { figures, lost: None }
    }
}

/// With whom a row can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Everybody,
    /// Not with relays, which keep nothing.
    WhoeverKeeps,
    /// It needs `cowrite.v1`.
    CowriteOnly,
}

impl Who {
    pub fn includes(self, kind: Kind) -> bool {
        match self {
            Who::Everybody => true,
            Who::WhoeverKeeps => !kind.is_relay(),
            Who::CowriteOnly => kind == Kind::Cowrite,
        }
    }
}

/// One figure of a row.
pub struct Measure {
    pub name: &'static str,
    pub unit: &'static str,
    pub better: Better,
    /// What Cowrite must reach; all of it.
    pub must: &'static [Must],
}

/// Which of two figures is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    Less,
    More,
}

/// A bound on Cowrite's figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Must {
    AtMost(f64),
    AtLeast(f64),
    /// At most so many times another's figure in the same run.
    AtMostTimes(f64, Whose),
    AtLeastTimes(f64, Whose),
}

/// Another's figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The best of the other people's servers.
    BestPeer,
    /// The better of the two relays.
    BetterRelay,
    ActixRelay,
}
