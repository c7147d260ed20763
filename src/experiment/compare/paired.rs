//! A figure of two runs, over pairs of replicates.

use crate::experiment::statistics::{Moments, Z_975, t_975, t_975_of};

/// Reference, other, and their difference.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Paired {
    a: Moments,
    b: Moments,
    difference: Moments,
}

impl Paired {
    /// Takes in a pair; one without a figure on either side is left out.
    pub fn push(&mut self, a: f64, b: f64) {
        if !(a.is_nan() || b.is_nan()) {
            self.a.push(a);
            self.b.push(b);
            self.difference.push(b - a);
        }
    }

    /// Mean of the reference; NaN without a pair.
    pub fn a(&self) -> f64 {
        self.a.mean()
    }

    /// Mean of the other.
    pub fn b(&self) -> f64 {
        self.b.mean()
    }

    /// Pairs, mean and spread of the other less the reference.
    pub fn difference(&self) -> &Moments {
        &self.difference
    }

    /// Ends of the difference's 95 % interval (Student's t over pairs); NaN with one pair.
    pub fn interval(&self) -> [f64; 2] {
        let (mean, half) = (self.difference.mean(), self.difference.half_width());
        [mean - half, mean + half]
    }

    /// Variance that the difference would have between runs of different seeds: the sum of both.
    pub fn unpaired_variance(&self) -> f64 {
        self.a.variance() + self.b.variance()
    }

    /// The interval that, with those of so many comparisons with the same reference, holds with 95 % for all of them
    /// together (Bonferroni); NaN with one pair.
    pub fn adjusted_interval(&self, comparisons: usize) -> [f64; 2] {
        let n = self.difference().n();
        if n < 2 {
            return [f64::NAN; 2];
        }
        let half = t_975_of(comparisons, u64::from(n) - 1) * (self.difference().variance() / f64::from(n)).sqrt();
        [self.difference().mean() - half, self.difference().mean() + half]
    }

    /// What common random numbers gain: the variance of unpaired differences by that of paired ones; NaN with one pair, or
    /// where all pairs differ by the same.
    pub fn gain(&self) -> f64 {
        let paired = self.difference.variance();
        if paired > 0.0 { self.unpaired_variance() / paired } else { f64::NAN }
    }

    /// Replicates of each side that would give an interval as narrow as this without common random numbers: the least n
    /// with t(2n - 2) * sqrt(unpaired variance / n) within the half-width. `None` where there is no gain to speak of.
    pub fn unpaired_replicates(&self) -> Option<u64> {
        let half = self.difference.half_width();
        let ratio = self.unpaired_variance() / (half * half);
        if !(ratio.is_finite() && ratio < 1e9) {
            return None;
        }
        let enough = |n: u64| t_975(2 * n - 2).powi(2) * ratio <= n as f64;
        // The normal quantile, than which t is never less, gives a bound from below, which is passed within a few steps.
        (((Z_975 * Z_975 * ratio) as u64).max(2)..).take(64).find(|&n| enough(n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paired(pairs: &[[f64; 2]]) -> Paired {
        let mut paired = Paired::default();
        pairs.iter().for_each(|[a, b]| paired.push(*a, *b));
        paired
    }

    #[test]
    fn pairs_that_move_together_gain() {
        let p = paired(&[[1.0, 2.0], [5.0, 6.1], [9.0, 9.9], [f64::NAN, 3.0]]);
        assert_eq!(p.difference().n(), 3);
        assert!((p.difference().mean() - 1.0).abs() < 1e-12 && (p.a() - 5.0).abs() < 1e-12);
        let variance = 16.0 + p.b.variance();
        assert!((p.gain() - variance / 0.01).abs() < 1e-6, "{}", p.gain());
        // The least number: one fewer would not do.
        let (n, half) = (p.unpaired_replicates().expect("a number"), p.difference().half_width());
        let width = |n: u64| t_975(2 * n - 2) * (variance / n as f64).sqrt();
        assert!(width(n) <= half && width(n - 1) > half, "{n}");
    }

    #[test]
    fn what_cannot_be_had_is_not_there() {
        let one = paired(&[[1.0, 4.0]]);
        assert_eq!(one.difference().mean(), 3.0);
        assert!(one.gain().is_nan() && one.interval()[0].is_nan() && one.unpaired_replicates().is_none());
        let same = paired(&[[1.0, 1.0], [2.0, 2.0]]);
        assert_eq!(same.interval(), [0.0, 0.0]);
        assert!(same.gain().is_nan() && same.unpaired_replicates().is_none());
    }
}
