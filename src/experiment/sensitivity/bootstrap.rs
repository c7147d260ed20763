use crate::experiment::statistics::quantile;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// How intervals are made: what was drawn independently (base samples, trajectories, points) is drawn again, with
/// replacement (Efron 1979). The same seed gives the same intervals.
#[derive(Clone, Copy, Debug)]
pub struct Bootstrap {
    /// Resamples.
    pub resamples: u32,
    /// Seed of their draws.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Bootstrap { resamples: 1000, seed: 1 }
    }
}

/// An index and its 95 % interval, from the 2.5 % to the 97.5 % quantile of the resamples. NaN where it cannot be had.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Of all the data.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Bootstrap {
    /// Estimates numbers from a choice among `n` units; in the current rayon pool.
    pub(super) fn estimate(&self, n: usize, of: impl Fn(&[usize]) -> Vec<f64> + Sync) -> Vec<Estimate> {
        let all: Vec<usize> = (0..n).collect();
        let values = of(&all);
        let resamples: Vec<Vec<f64>> = (0..self.resamples)
            .into_par_iter()
            .map(|resample| {
                let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
                rng.set_stream(u64::from(resample));
                of(&(0..n).map(|_| rng.random_range(0..n)).collect::<Vec<_>>())
            })
            .collect();
        let estimates = values.into_iter().enumerate().map(|(k, value)| {
            let mut sorted: Vec<f64> = resamples.iter().map(|r| r[k]).filter(|x| !x.is_nan()).collect();
            sorted.sort_by(f64::total_cmp);
            Estimate { value, low: quantile(&sorted, 0.025), high: quantile(&sorted, 0.975) }
        });
        estimates.collect()
    }
}
