//! Households: every block of 32 neighbouring user numbers is divided by one of 256 patterns.
//!
//! Which household a user is in follows from one addressed draw and a small table; nothing is stored per user.

use crate::random::{Draws, Purpose};
use rand::RngExt;
use std::ops::Range;

/// Users of a block; no household crosses its ends.
pub const BLOCK: u32 = 32;
const PATTERNS: usize = 256;

/// Of each pattern, the positions at which a household begins, a bit each: 1 KiB in all.
pub(super) struct Patterns([u32; PATTERNS]);

impl std::fmt::Debug for Patterns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Patterns")
    }
}

impl Patterns {
    /// `sizes` are the shares of households with 1, 2, 3, … members.
    pub(super) fn new(draws: &Draws, sizes: &[f64]) -> Self {
        let mut rng = draws.sequence(Purpose::GraphPattern, 0);
        let mut patterns = [0; PATTERNS];
        for pattern in &mut patterns {
            let mut start = 0;
            while start < BLOCK as usize {
                *pattern |= 1 << start;
                let mut u: f64 = rng.random();
                let mut size = 1;
                for &share in sizes {
                    if u < share {
                        break;
                    }
                    u -= share;
                    size += 1;
                }
                start += size.min(sizes.len().max(1));
            }
        }
        Patterns(patterns)
    }

    /// Mean number of other members in a user's household, over many users.
    pub(super) fn mean_others(&self) -> f64 {
        let others = |&p: &u32| (0..BLOCK).map(|k| f64::from(Patterns::range(p, k).len() as u32 - 1)).sum::<f64>();
        self.0.iter().map(others).sum::<f64>() / f64::from(BLOCK) / PATTERNS as f64
    }

    #[inline(always)]
    pub(super) fn household(&self, user: u32, draws: &Draws) -> Range<u32> {
        let block = user / BLOCK;
        let pattern = draws.word(Purpose::HouseholdPattern, block) as usize % PATTERNS;
        let range = Self::range(self.0[pattern], user % BLOCK);
        block * BLOCK + range.start..block * BLOCK + range.end
    }

    /// The household at a position of a pattern.
    #[inline(always)]
    fn range(starts: u32, position: u32) -> Range<u32> {
        // The last start up to the position, and the first behind it.
        let start = (starts << (31 - position)).leading_zeros();
        let end = (starts >> position >> 1).trailing_zeros() + 1;
        position - start..(position + end).min(BLOCK)
    }
}
