//! What a forecast was worth, of a distribution that is a mixture of normal ones: proper scoring rules in closed form.

use crate::random::normal_cdf;

/// A mixture of normal distributions: weight, mean and standard deviation of each; a deviation of 0 is a point.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mixture(pub Vec<[f64; 3]>);

/// Levels of the central intervals of the weighted interval score (Bracher et al. 2021): alpha, the share outside.
pub const ALPHAS: [f64; 11] = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

impl Mixture {
    /// A normal distribution.
    pub fn normal(mean: f64, sd: f64) -> Self {
        Mixture(vec![[1.0, mean, sd]])
    }

    /// The probability of a value up to `x`: of what came, the probability integral transform (PIT).
    pub fn cdf(&self, x: f64) -> f64 {
        let below = |&[weight, mean, sd]: &[f64; 3]| {
            weight * if sd > 0.0 { normal_cdf((x - mean) / sd) } else { f64::from(u8::from(mean <= x)) }
        };
        self.0.iter().map(below).sum()
    }

    /// The value below which it lies with probability `p`.
    pub fn quantile(&self, p: f64) -> f64 {
        let ends = |sign: f64| self.0.iter().map(move |[_, mean, sd]| mean + sign * 9.0 * sd);
        let (mut low, mut high) = (ends(-1.0).fold(f64::INFINITY, f64::min), ends(1.0).fold(f64::NEG_INFINITY, f64::max));
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if self.cdf(middle) < p {
                low = middle
            } else {
                high = middle
            }
            if high - low <= 1e-12 * high.abs() {
                break;
            }
        }
        high
    }

    /// Continuous ranked probability score, in the unit of the value: E|X - y| - E|X - X'| / 2 (Gneiting and Raftery 2007), for
    /// mixtures of normal distributions as by Grimit et al. 2006. Of a point it is the absolute error.
    pub fn crps(&self, y: f64) -> f64 {
        let off: f64 = self.0.iter().map(|[weight, mean, sd]| weight * mean_size(mean - y, *sd)).sum();
        let between = |[w, m, s]: &[f64; 3], [v, n, t]: &[f64; 3]| w * v * mean_size(m - n, (s * s + t * t).sqrt());
        let apart: f64 = self.0.iter().map(|a| self.0.iter().map(|b| between(a, b)).sum::<f64>()).sum();
        off - apart / 2.0
    }

    /// Weighted interval score with the intervals of [`ALPHAS`] and the median (Bracher et al. 2021), in the unit of the value.
    pub fn wis(&self, y: f64) -> f64 {
        let interval = |alpha: f64| {
            let [low, high] = [alpha / 2.0, 1.0 - alpha / 2.0].map(|p| self.quantile(p));
            alpha / 2.0 * (high - low) + (low - y).max(0.0) + (y - high).max(0.0)
        };
        let sum = (y - self.quantile(0.5)).abs() / 2.0 + ALPHAS.into_iter().map(interval).sum::<f64>();
        sum / (ALPHAS.len() as f64 + 0.5)
    }

    /// Whether the central interval with probability `p` holds a value.
    pub fn covers(&self, p: f64, y: f64) -> bool {
        let pit = self.cdf(y);
        ((1.0 - p) / 2.0..=f64::midpoint(1.0, p)).contains(&pit)
    }
}

/// E|X| of a normal X.
fn mean_size(mean: f64, sd: f64) -> f64 {
    if sd <= 0.0 {
        return mean.abs();
    }
    let z = mean / sd;
    let density = libm::exp(-z * z / 2.0) / std::f64::consts::TAU.sqrt();
    2.0 * sd * density + mean * (2.0 * normal_cdf(z) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crps_has_its_known_values() {
        // Of the standard normal distribution at its middle: (sqrt(2) - 1) / sqrt(pi).
        let truth = (2f64.sqrt() - 1.0) / std::f64::consts::PI.sqrt();
        assert!((Mixture::normal(0.0, 1.0).crps(0.0) - truth).abs() < 1e-6, "{}", Mixture::normal(0.0, 1.0).crps(0.0));
        // By quadrature of (F(x) - 1{x >= y})^2.
        let mixture = Mixture(vec![[0.3, -1.0, 0.5], [0.7, 2.0, 1.5]]);
        let step = 1e-3;
        let square = |k: i32| {
            let x = f64::from(k) * step + step / 2.0;
            (mixture.cdf(x) - if x >= 1.2 { 1.0 } else { 0.0 }).powi(2) * step
        };
        let truth: f64 = (-10_000..15_000).map(square).sum();
        assert!((mixture.crps(1.2) - truth).abs() < 1e-5, "{} {truth}", mixture.crps(1.2));
        // Of points, by hand: mean |x - 3| is 4/3, half the mean |x - x'| 2/3.
        let points = Mixture([1.0, 2.0, 4.0].map(|x| [1.0 / 3.0, x, 0.0]).to_vec());
        assert!((points.crps(3.0) - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(Mixture::normal(5.0, 0.0).crps(3.0), 2.0);
    }

    #[test]
    fn the_interval_score_has_its_known_values() {
        // Of a point it is the absolute error, whatever the intervals.
        assert!((Mixture::normal(5.0, 0.0).wis(3.0) - 2.0).abs() < 1e-9);
        // Of the standard normal distribution, from its quantiles: at 0 all intervals hold it.
        let quantiles = [
            2.326_347_9,
            1.959_964,
            1.644_853_6,
            1.281_551_6,
            1.036_433_4,
            0.841_621_2,
            0.674_489_8,
            0.524_400_5,
            0.385_320_5,
            0.253_347_1,
            0.125_661_3,
        ];
        let sum: f64 = ALPHAS.iter().zip(quantiles).map(|(alpha, q)| alpha / 2.0 * 2.0 * q).sum();
        assert!((Mixture::normal(0.0, 1.0).wis(0.0) - sum / 11.5).abs() < 1e-5);
        // At 3 none does: 3 - q is added for each, and half of 3 for the median.
        let off: f64 = quantiles.iter().map(|q| 3.0 - q).sum::<f64>() + 1.5;
        assert!((Mixture::normal(0.0, 1.0).wis(3.0) - (sum + off) / 11.5).abs() < 1e-5);
    }

    #[test]
    fn quantiles_and_intervals_are_those_of_the_distribution() {
        let normal = Mixture::normal(10.0, 2.0);
        for (p, x) in [(0.5, 10.0), (0.95, 13.289_707), (0.25, 8.651_020)] {
            assert!((normal.quantile(p) - x).abs() < 1e-4 && (normal.cdf(x) - p).abs() < 1e-5, "{p}");
        }
        assert!(normal.covers(0.9, 13.2) && !normal.covers(0.9, 13.4) && normal.covers(0.5, 8.7) && !normal.covers(0.5, 8.6));
    }
}
