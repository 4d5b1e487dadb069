//! Whether Cowrite reaches what it must.

use super::Results;
use crate::rows::{Better, Measure, Must, Row, Whose};
use crate::servers::Kind;

pub(super) const PEERS: [Kind; 3] = [Kind::YWebsocket, Kind::Hocuspocus, Kind::YSweet];
pub(super) const RELAYS: [Kind; 2] = [Kind::Relay, Kind::ActixRelay];

/// What Cowrite must reach, in words and in its own figures.
pub(super) struct Verdict {
    pub(super) must: String,
    /// `None`: there is nothing to compare with.
    pub(super) holds: Option<bool>,
}

/// Judge one bound.
pub(super) fn judge(results: &Results, row: &Row, measure: &Measure, must: Must) -> Verdict {
    let (most, bound, words) = match must {
        Must::AtMost(bound) => (true, Some(bound), String::new()),
        Must::AtLeast(bound) => (false, Some(bound), String::new()),
        Must::AtMostTimes(times, whose) | Must::AtLeastTimes(times, whose) => {
            let figure = figure_of(results, row, measure, whose);
            let factor = if times == 1.0 { String::new() } else { format!("{times}× ") };
            let most = matches!(must, Must::AtMostTimes(..));
            (most, figure.map(|figure| times * figure), format!("{factor}{}", name(whose)))
        }
    };
    let sign = if most { "≤" } else { "≥" };
    let number = bound.map(super::table::short);
    let must = match (words.is_empty(), number) {
        (true, number) => format!("{sign} {}", number.unwrap_or_default()),
        (false, Some(number)) => format!("{sign} {words} ({number})"),
        (false, None) => format!("{sign} {words}"),
    };
    let ours = results.median(row.name, Kind::Cowrite, measure.name);
    let reached = ours.zip(bound).map(|(ours, bound)| if most { ours <= bound } else { ours >= bound });
    // Who fails once has not reached it, however good the other runs were.
    let holds = if results.trouble(row.name, Kind::Cowrite).is_some() { Some(false) } else { reached };
    Verdict { must, holds }
}

/// The best figure of several servers.
fn best(results: &Results, row: &Row, measure: &Measure, among: &[Kind]) -> Option<f64> {
    let figures = among.iter().filter_map(|&kind| results.median(row.name, kind, measure.name));
    match measure.better {
        Better::Less => figures.min_by(f64::total_cmp),
        Better::More => figures.max_by(f64::total_cmp),
    }
}

/// How many times better Cowrite is than the best of several servers; `None` where one of them has no figure, or none to divide by.
pub(super) fn advantage(results: &Results, row: &Row, measure: &Measure, than: &[Kind]) -> Option<f64> {
    let ours = results.median(row.name, Kind::Cowrite, measure.name)?;
    let theirs = best(results, row, measure, than)?;
    let times = match measure.better {
        Better::Less => theirs / ours,
        Better::More => ours / theirs,
    };
    (times.is_finite() && times > 0.0).then_some(times)
}

fn figure_of(results: &Results, row: &Row, measure: &Measure, whose: Whose) -> Option<f64> {
    match whose {
        Whose::BestPeer => best(results, row, measure, &PEERS),
        Whose::BetterRelay => best(results, row, measure, &RELAYS),
        Whose::ActixRelay => best(results, row, measure, &[Kind::ActixRelay]),
    }
}

fn name(whose: Whose) -> &'static str {
    match whose {
        Whose::BestPeer => "the best peer",
        Whose::BetterRelay => "the better relay",
        Whose::ActixRelay => "the actix relay",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Outcome;
    use crate::report::machine::Machine;
    use crate::rows::{Figures, ROWS};

    /// The first row's first measure: less is better.
    fn row() -> (&'static Row, &'static Measure) {
        (&ROWS[0], &ROWS[0].measures[0])
    }

    fn results(figures: &[(Kind, f64)]) -> Results {
        let (row, measure) = row();
        let mut results = Results::new(Machine::default(), 1, false);
        for &(kind, figure) in figures {
            let figures = Figures { figures: vec![(measure.name, figure)], lost: None };
            results.add(row.name, kind, Outcome::Measured(figures));
        }
        results
    }

    fn holds(results: &Results, must: Must) -> Option<bool> {
        let (row, measure) = row();
        judge(results, row, measure, must).holds
    }

    #[test]
    fn the_best_peer_is_the_one_with_less_where_less_is_better() {
        let results = results(&[
            (Kind::YWebsocket, 9.0),
            (Kind::YSweet, 2.0),
            (Kind::Relay, 0.1),
            (Kind::Cowrite, 1.5),
        ]);
        assert_eq!(holds(&results, Must::AtMostTimes(1.0, Whose::BestPeer)), Some(true));
        assert_eq!(holds(&results, Must::AtMostTimes(0.5, Whose::BestPeer)), Some(false));
        assert_eq!(holds(&results, Must::AtMostTimes(1.0, Whose::BetterRelay)), Some(false));
        assert_eq!(holds(&results, Must::AtMost(1.5)), Some(true));
        assert_eq!(holds(&results, Must::AtLeast(1.6)), Some(false));
    }

    #[test]
    fn nothing_to_compare_with_is_no_verdict() {
        let results = results(&[(Kind::Cowrite, 1.5)]);
        assert_eq!(holds(&results, Must::AtMostTimes(1.0, Whose::BestPeer)), None);
    }

    #[test]
    fn one_failure_is_a_failure() {
        let mut results = results(&[(Kind::Cowrite, 1.5)]);
        results.add(row().0.name, Kind::Cowrite, Outcome::Failed("it lost something".to_owned()));
        assert_eq!(holds(&results, Must::AtMost(9.0)), Some(false));
    }
}
