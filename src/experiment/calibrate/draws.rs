use crate::random::normal_quantile;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A sequence of standard normal and uniform numbers, the same on every platform.
pub(crate) struct Sequence(ChaCha8Rng);

impl Sequence {
    /// The sequence of a method: methods do not share draws.
    pub(crate) fn new(seed: u64, method: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(method);
        Sequence(rng)
    }

    /// The next, uniform in (0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }

    /// The next, standard normal.
    pub(crate) fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform())
    }
}
