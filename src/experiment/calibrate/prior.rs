//! Every method works on numbers that are standard normal under the prior; this is the way there and back.

use super::file::{Parameter, rounded};
use crate::random::{normal_cdf, normal_quantile};

/// Scale on which a prior is uniform or normal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// The value itself.
    Linear,
    /// Its logarithm.
    Log,
}

/// How likely the values of a parameter are before the targets have spoken: uniform from `low` to `high`, or normal and
/// cut off there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior {
    scale: Scale,
    low: f64,
    high: f64,
    /// Mean and standard deviation on the scale.
    normal: Option<(f64, f64)>,
}

/// Standard normal numbers beyond which a prior has nothing left to give.
const FURTHEST: f64 = 5.0;

impl Prior {
    /// The prior of a parameter.
    pub(super) fn of(parameter: &Parameter) -> Prior {
        let scale = if parameter.log { Scale::Log } else { Scale::Linear };
        Prior::new(scale, parameter.low, parameter.high, parameter.sd.map(|sd| (parameter.start, sd)))
    }

    /// A prior from `low` to `high`; normal with this middle and standard deviation, if given.
    pub fn new(scale: Scale, low: f64, high: f64, normal: Option<(f64, f64)>) -> Self {
        let on = |x: f64| if scale == Scale::Log { libm::log(x) } else { x };
        Prior { scale, low: on(low), high: on(high), normal: normal.map(|(middle, sd)| (on(middle), sd)) }
    }

    /// The share of the prior below a point of the scale.
    fn below(&self, y: f64) -> f64 {
        match self.normal {
            None => (y - self.low) / (self.high - self.low),
            Some((mean, sd)) => {
                let [low, high, at] = [self.low, self.high, y].map(|y| normal_cdf((y - mean) / sd));
                (at - low) / (high - low)
            }
        }
    }

    /// The value at which the prior has the quantile of `z`.
    pub fn value(&self, z: f64) -> f64 {
        let p = normal_cdf(z.clamp(-FURTHEST, FURTHEST));
        let y = match self.normal {
            None => self.low + p * (self.high - self.low),
            Some((mean, sd)) => {
                let [low, high] = [self.low, self.high].map(|y| normal_cdf((y - mean) / sd));
                (mean + sd * normal_quantile(low + p * (high - low))).clamp(self.low, self.high)
            }
        };
        rounded(if self.scale == Scale::Log { libm::exp(y) } else { y })
    }

    /// The standard normal number at which the prior has the quantile of a value.
    pub fn z(&self, value: f64) -> f64 {
        let y = if self.scale == Scale::Log { libm::log(value) } else { value };
        normal_quantile(self.below(y.clamp(self.low, self.high))).clamp(-FURTHEST, FURTHEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let priors = [
            Prior::new(Scale::Linear, -9.0, -2.0, None),
            Prior::new(Scale::Log, 0.001, 0.1, None),
            Prior::new(Scale::Linear, 0.0, 1.0, Some((0.7, 0.2))),
            Prior::new(Scale::Log, 0.001, 0.1, Some((0.01, 0.5))),
        ];
        for prior in priors {
            for k in -20..=20 {
                let z = f64::from(k) * 0.1;
                assert!((prior.z(prior.value(z)) - z).abs() < 1e-3, "{prior:?} at {z}");
            }
            assert!(prior.value(9.0) > prior.value(2.0) && prior.value(-9.0) < prior.value(-2.0));
        }
        assert_eq!(Prior::new(Scale::Log, 0.01, 1.0, None).value(0.0), 0.1);
    }
}
