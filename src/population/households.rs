//! Households: every block of 32 neighbouring user numbers is divided by one of 256 patterns.
//!
//! Which household a user is in follows from one addressed draw and a table of 8 KiB; nothing is stored per user.

use crate::random::{Draws, Purpose};
use rand::RngExt;
use std::ops::Range;

/// Users of a block; no household crosses its ends.
pub const BLOCK: u32 = 32;
const PATTERNS: usize = 256;

/// Shares of households by number of members online: one to five. Assumed: near the sizes of the 2020 census of
/// Russia, less children under 12.
const SIZES: [f64; 5] = [0.30, 0.32, 0.20, 0.12, 0.06];

pub(super) struct Patterns(Box<[[(u8, u8); BLOCK as usize]; PATTERNS]>);

impl std::fmt::Debug for Patterns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Patterns")
    }
}

impl Patterns {
    pub(super) fn new(draws: &Draws) -> Self {
        let mut rng = draws.sequence(Purpose::GraphPattern, 0);
        let mut patterns = Box::new([[(0, 0); BLOCK as usize]; PATTERNS]);
        for pattern in patterns.iter_mut() {
            let mut start = 0;
            while start < BLOCK as usize {
                let mut u: f64 = rng.random();
                let mut size = 1;
                for share in SIZES {
                    if u < share {
                        break;
                    }
                    u -= share;
                    size += 1;
                }
                let end = (start + size.min(SIZES.len())).min(BLOCK as usize);
                pattern[start..end].fill((start as u8, end as u8));
                start = end;
            }
        }
        Patterns(patterns)
    }

    #[inline(always)]
    pub(super) fn household(&self, user: u32, draws: &Draws) -> Range<u32> {
        let block = user / BLOCK;
        let pattern = draws.word(Purpose::HouseholdPattern, block) as usize % PATTERNS;
        let (start, end) = self.0[pattern][(user % BLOCK) as usize];
        block * BLOCK + u32::from(start)..block * BLOCK + u32::from(end)
    }
}

/// Mean number of other members in a user's household, over many users.
pub fn mean_others(draws: &Draws) -> f64 {
    let patterns = Patterns::new(draws);
    let others = |p: &[(u8, u8); BLOCK as usize]| p.iter().map(|(s, e)| f64::from(e - s - 1)).sum::<f64>();
    patterns.0.iter().map(others).sum::<f64>() / f64::from(BLOCK) / PATTERNS as f64
}
