//! A picture of the table: for each figure that must reach something, how many times better Cowrite is than each of the others, or worse.

use std::fmt::Write;

use super::Results;
use super::verdict::advantage;
use crate::rows::{Measure, ROWS, Row};
use crate::servers::Kind;

const OTHERS: [(Kind, &str); 5] = [
    (Kind::Relay, "#9aa0a6"),
    (Kind::ActixRelay, "#5f6368"),
    (Kind::YWebsocket, "#30bced"),
    (Kind::Hocuspocus, "#ee6352"),
    (Kind::YSweet, "#6eeb83"),
];

/// The ends of the scale: a hundredth and a thousand times.
const LEAST: f64 = 0.01;
const MOST: f64 = 1_000.0;

/// Pixels.
const LABELS: f64 = 430.0;
const SCALE: f64 = 520.0;
const LINE: f64 = 22.0;
const TOP: f64 = 60.0;

/// The picture.
pub(super) fn svg(results: &Results) -> String {
    let lines: Vec<(&Row, &Measure)> = ROWS
        .iter()
        .flat_map(|row| row.measures.iter().map(move |measure| (row, measure)))
        .filter(|(_, measure)| !measure.must.is_empty())
        .filter(|(row, measure)| {
            OTHERS.iter().any(|&(other, _)| advantage(results, row, measure, &[other]).is_some())
        })
        .collect();
    let (width, height) = (LABELS + SCALE + 30.0, TOP + LINE * lines.len() as f64 + 30.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    legend(&mut out);
    for power in -2..=3 {
        let times = 10f64.powi(power);
        let (x, shade) = (place(times), if power == 0 { "#000" } else { "#ddd" });
        let _ = writeln!(
            out,
            "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{:.1}\" stroke=\"{shade}\"/>\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{times}×</text>",
            height - 30.0,
            height - 12.0
        );
    }
    for (number, (row, measure)) in lines.iter().enumerate() {
        let y = TOP + LINE * (number as f64 + 0.5);
        let label = escaped(&format!("{}: {}", row.name, measure.name));
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            LABELS - 10.0,
            y + 4.0
        );
        for (other, colour) in OTHERS {
            if let Some(times) = advantage(results, row, measure, &[other]) {
                let _ = writeln!(
                    out,
                    "<circle cx=\"{:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"{colour}\"><title>{}: {times:.2}×</title></circle>",
                    place(times),
                    other.title()
                );
            }
        }
    }
    out + "</svg>\n"
}

fn legend(out: &mut String) {
    let _ =
        writeln!(out, "<text x=\"10\" y=\"20\">How many times better Cowrite is (right of 1×) than</text>");
    for (number, (other, colour)) in OTHERS.into_iter().enumerate() {
        let x = LABELS - 100.0 + 120.0 * number as f64;
        let _ = writeln!(
            out,
            "<circle cx=\"{x}\" cy=\"16\" r=\"5\" fill=\"{colour}\"/><text x=\"{}\" y=\"20\">{}</text>",
            x + 10.0,
            other.title()
        );
    }
}

fn place(times: f64) -> f64 {
    let share = (times.clamp(LEAST, MOST) / LEAST).log10() / (MOST / LEAST).log10();
    LABELS + SCALE * share
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
