//! The tables of growth, as Markdown: a series each, a size a column, and behind the figures the exponents from each to the next.

use std::fmt::Write;

use super::pace::{Pace, exponent};
use super::{Growth, Measure, SERIES, Series};
use crate::report::Outcome;
use crate::report::table::short;

/// All that was measured, and what it stands on.
pub fn markdown(growth: &Growth) -> String {
    let mut out = format!(
        "{}; {} open files at most; {} of {} run{}.\n",
        growth.machine,
        growth.open_files,
        if growth.runs == 1 { "figures" } else { "medians" },
        growth.runs,
        if growth.runs == 1 { "" } else { "s" },
    );
    for series in SERIES {
        let sizes: Vec<u64> = series
            .sizes(growth.quick)
            .iter()
            .copied()
            .filter(|&size| growth.of(series, size).next().is_some())
            .collect();
        if !sizes.is_empty() {
            series_table(&mut out, growth, series, &sizes);
        }
    }
    out
}

fn series_table(out: &mut String, growth: &Growth, series: &Series, sizes: &[u64]) {
    let labels: Vec<String> = sizes.iter().map(|&size| (series.label)(size)).collect();
    let _ = write!(out, "\n### {}\n\n", series.title);
    let _ = writeln!(out, "| measure | {} | exponents | may | grows |", labels.join(" | "));
    let _ = writeln!(out, "|---|{}---|---:|---|", "---:|".repeat(sizes.len()));
    for measure in series.measures {
        let figures: Vec<Option<f64>> =
            sizes.iter().map(|&size| growth.median(series, size, measure.name)).collect();
        let exponents = exponents(measure, sizes, &figures);
        let cells: Vec<String> = figures.iter().map(|figure| figure.map_or("–".into(), short)).collect();
        let steps: Vec<String> = exponents.iter().map(|exponent| step(measure, *exponent)).collect();
        let _ = writeln!(
            out,
            "| {}, {} | {} | {} | {} | {} |",
            measure.name,
            measure.unit,
            cells.join(" | "),
            steps.join(", "),
            measure.work.exponent(),
            verdict(measure, &exponents)
        );
    }
    for &size in sizes {
        for outcome in growth.of(series, size) {
            if let Outcome::Failed(why) = outcome {
                let _ = write!(out, "\n\\* {} failed: {why}\n", (series.label)(size));
            }
        }
    }
}

/// From each size to the next; one fewer than there are sizes.
fn exponents(measure: &Measure, sizes: &[u64], figures: &[Option<f64>]) -> Vec<Option<f64>> {
    let points: Vec<(u64, Option<f64>)> = sizes.iter().copied().zip(figures.iter().copied()).collect();
    points
        .windows(2)
        .map(|pair| exponent((pair[0].0, pair[0].1?), (pair[1].0, pair[1].1?), measure.noise))
        .collect()
}

fn step(measure: &Measure, exponent: Option<f64>) -> String {
    match exponent {
        None => "–".to_owned(),
        Some(exponent) if measure.work.judge(exponent) == Pace::Faster => format!("**{exponent:.2}**"),
        // No minus before a zero.
        Some(exponent) => format!("{:.2}", (exponent * 100.0).round() / 100.0 + 0.0),
    }
}

/// One step that is too steep is enough; otherwise the last one tells where it goes. In brackets for what a clock says.
fn verdict(measure: &Measure, exponents: &[Option<f64>]) -> String {
    let paces: Vec<Pace> = exponents.iter().flatten().map(|&exponent| measure.work.judge(exponent)).collect();
    let word = match paces.last() {
        None => return String::new(),
        _ if paces.contains(&Pace::Faster) => "faster than its work",
        Some(Pace::Slower) => "slower than its work",
        Some(_) => "with its work",
    };
    match word {
        word if measure.clock => format!("({word})"),
        "faster than its work" => format!("**{word}**"),
        word => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::growth::pace::Work;

    const MEASURE: Measure = Measure::own("memory", "MB", Work::Proportional, 1.0);

    fn verdict_of(figures: [f64; 4]) -> String {
        let figures = figures.map(Some);
        verdict(&MEASURE, &exponents(&MEASURE, &[1, 10, 100, 1_000], &figures))
    }

    #[test]
    fn one_step_that_is_too_steep_is_named() {
        assert_eq!(verdict_of([0.1, 2.0, 20.0, 200.0]), "with its work");
        assert_eq!(verdict_of([0.1, 2.0, 60.0, 600.0]), "**faster than its work**");
        assert_eq!(verdict_of([0.1, 2.0, 4.0, 8.0]), "slower than its work");
    }

    #[test]
    fn a_size_that_failed_leaves_a_gap() {
        let exponents = exponents(&MEASURE, &[1, 10, 100], &[Some(1.0), None, Some(100.0)]);
        assert_eq!(exponents, [None, None]);
        assert_eq!(verdict(&MEASURE, &exponents), "");
    }
}
