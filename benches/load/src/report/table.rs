//! The table, as Markdown.

use std::fmt::Write;

use super::Results;
use super::verdict::{PEERS, RELAYS, Verdict, advantage, judge};
use crate::rows::{Measure, ROWS, Row};
use crate::servers::Kind;

/// The order of the columns.
const COLUMNS: [Kind; 6] =
    [Kind::Relay, Kind::ActixRelay, Kind::YWebsocket, Kind::Hocuspocus, Kind::YSweet, Kind::Cowrite];

/// The whole table and what it stands on.
pub fn markdown(results: &Results) -> String {
    let columns: Vec<Kind> =
        COLUMNS.into_iter().filter(|&kind| ROWS.iter().any(|row| results.tried(row.name, kind))).collect();
    let mut out = format!(
        "{}; {} of {} run{}.{}\n\n",
        results.machine,
        if results.runs == 1 { "figures" } else { "medians" },
        results.runs,
        if results.runs == 1 { "" } else { "s" },
        if results.quick { " A quick run: not for comparison." } else { "" },
    );
    let titles: Vec<&str> = columns.iter().map(|kind| kind.title()).collect();
    let _ = writeln!(
        out,
        "| work | measure | {} | better than the best peer | than the better relay | must | holds |",
        titles.join(" | ")
    );
    let _ = writeln!(out, "|---|---|{}---:|---:|---|---|", "---:|".repeat(columns.len()));
    for row in ROWS {
        if columns.iter().any(|&kind| results.tried(row.name, kind)) {
            row_lines(&mut out, results, row, &columns);
        }
    }
    troubles(&mut out, results, &columns);
    out
}

fn row_lines(out: &mut String, results: &Results, row: &Row, columns: &[Kind]) {
    for (number, measure) in row.measures.iter().enumerate() {
        let work = if number == 0 { row.work } else { "" };
        let unit = if measure.unit.is_empty() { String::new() } else { format!(", {}", measure.unit) };
        let cells: Vec<String> = columns.iter().map(|&kind| cell(results, row, measure, kind)).collect();
        let verdicts: Vec<Verdict> =
            measure.must.iter().map(|&must| judge(results, row, measure, must)).collect();
        let musts: Vec<&str> = verdicts.iter().map(|verdict| verdict.must.as_str()).collect();
        let holds: Vec<&str> = verdicts.iter().map(|verdict| holds(verdict.holds)).collect();
        let _ = writeln!(
            out,
            "| {work} | {}{unit} | {} | {} | {} | {} | {} |",
            measure.name,
            cells.join(" | "),
            times(advantage(results, row, measure, &PEERS)),
            times(advantage(results, row, measure, &RELAYS)),
            musts.join("; "),
            holds.join("; ")
        );
    }
}

fn cell(results: &Results, row: &Row, measure: &Measure, kind: Kind) -> String {
    let mark = if results.trouble(row.name, kind).is_some() { "*" } else { "" };
    match results.median(row.name, kind, measure.name) {
        Some(figure) => format!("{}{mark}", short(figure)),
        None if mark.is_empty() => String::new(),
        None => format!("failed{mark}"),
    }
}

fn times(advantage: Option<f64>) -> String {
    advantage.map_or(String::new(), |times| format!("{}×", short(times)))
}

fn holds(verdict: Option<bool>) -> &'static str {
    match verdict {
        Some(true) => "yes",
        Some(false) => "**no**",
        None => "–",
    }
}

fn troubles(out: &mut String, results: &Results, columns: &[Kind]) {
    for row in ROWS {
        for &kind in columns {
            if let Some(why) = results.trouble(row.name, kind) {
                let _ = write!(out, "\n\\* {} in {}: {why}\n", kind.title(), row.name);
            }
        }
    }
}

/// A figure as people read it: three digits that mean something.
pub fn short(figure: f64) -> String {
    let size = figure.abs();
    match size {
        _ if !figure.is_finite() => "–".to_owned(),
        _ if size >= 999_500.0 => format!("{:.2} M", figure / 1e6),
        _ if size >= 99_950.0 => format!("{:.0} k", figure / 1e3),
        _ if size >= 9_995.0 => format!("{:.1} k", figure / 1e3),
        _ if size >= 99.5 => format!("{figure:.0}"),
        _ if size >= 9.95 => format!("{figure:.1}"),
        _ if figure == figure.trunc() => format!("{figure:.0}"),
        _ => format!("{figure:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits() {
        let all = [0.0, 0.4, 1.26, 12.34, 456.7, 12_345.0, 259_778.0, 1_730_000.0];
        let texts = ["0", "0.40", "1.26", "12.3", "457", "12.3 k", "260 k", "1.73 M"];
        assert_eq!(all.map(short), texts);
    }
}
