//! How fast a cost grows beside its work. Pure.

/// Exponents differ by this much from run to run on a machine that does other things too: over a step of ten it is a factor of 1.6.
const TOLERANCE: f64 = 0.2;

/// How the work behind a figure grows with the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Not at all: one more of something costs what the first did.
    Same,
    /// In proportion.
    Proportional,
}

impl Work {
    pub fn exponent(self) -> f64 {
        match self {
            Work::Same => 0.0,
            Work::Proportional => 1.0,
        }
    }

    /// How a cost that grows with this exponent compares.
    pub fn judge(self, exponent: f64) -> Pace {
        match exponent - self.exponent() {
            more if more > TOLERANCE => Pace::Faster,
            less if less < -TOLERANCE => Pace::Slower,
            _ => Pace::Alike,
        }
    }
}

/// A cost beside its work, from one size to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    Slower,
    Alike,
    Faster,
}

/// The exponent with which a cost grows from one size to another: the ratio of the logarithms. What lies below `noise` counts as that
/// much, so that chance does not look like growth.
pub fn exponent(from: (u64, f64), to: (u64, f64), noise: f64) -> Option<f64> {
    let sizes = (to.0 as f64 / from.0 as f64).ln();
    let costs = (to.1.max(noise) / from.1.max(noise)).ln();
    Some(costs / sizes).filter(|exponent| exponent.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_with_the_square_has_two() {
        let square = exponent((10, 3.0), (1_000, 30_000.0), 0.0).expect("a number");
        assert!((square - 2.0).abs() < 1e-9);
        assert_eq!(exponent((1, 5.0), (10, 5.0), 0.0), Some(0.0));
        assert_eq!(exponent((1, f64::NAN), (10, 5.0), 0.0), None);
        assert_eq!(exponent((1, 0.0), (10, 5.0), 0.0), None, "nothing cannot be multiplied");
    }

    #[test]
    fn chance_is_no_growth() {
        assert_eq!(exponent((1, 0.001), (10, 0.9), 1.0), Some(0.0));
        assert!(exponent((1, 0.001), (10, 10.0), 1.0).is_some_and(|exponent| (exponent - 1.0).abs() < 1e-9));
    }

    #[test]
    fn a_cost_is_judged_beside_its_work() {
        assert_eq!(Work::Same.judge(0.1), Pace::Alike);
        assert_eq!(Work::Same.judge(0.5), Pace::Faster);
        assert_eq!(Work::Proportional.judge(0.5), Pace::Slower);
        assert_eq!(Work::Proportional.judge(1.1), Pace::Alike);
        assert_eq!(Work::Proportional.judge(1.5), Pace::Faster);
    }
}
