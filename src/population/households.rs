//! Households: every block of 32 neighbouring user numbers is divided by one of 256 patterns.
//!
//! Which household a user is in follows from the pattern of the block, one byte for 32 users, and a table of 1 KiB.

use crate::random::{Draws, Purpose};
use rand::RngExt;
use std::ops::Range;

/// Users of a block; no household crosses its ends.
pub const BLOCK: u32 = 32;
const PATTERNS: usize = 256;

/// Shares of households by number of members online: one to five. Assumed: near the sizes of the 2020 census of
/// Russia, less children under 12.
const SIZES: [f64; 5] = [0.30, 0.32, 0.20, 0.12, 0.06];

/// First members of the households of a block, a bit each.
type Pattern = u32;

pub(super) struct Households {
    patterns: Box<[Pattern; PATTERNS]>,
    /// Which pattern each block has.
    blocks: Vec<u8>,
}

impl std::fmt::Debug for Households {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Households")
    }
}

impl Households {
    pub(super) fn new(draws: &Draws, users: u32) -> Self {
        let sixteen = |k: u32| draws.block(Purpose::HouseholdPattern, k, 0, 0).map(u32::to_le_bytes).into_iter().flatten();
        let count = users.div_ceil(BLOCK);
        let mut blocks: Vec<u8> = (0..count.div_ceil(16)).flat_map(sixteen).collect();
        blocks.truncate(count as usize);
        Households { patterns: patterns(draws), blocks }
    }

    /// First user of the household of `user`.
    #[inline(always)]
    pub(super) fn first(&self, user: u32) -> u32 {
        let up_to_user = self.pattern(user) & (!0 >> (BLOCK - 1 - user % BLOCK));
        user / BLOCK * BLOCK + (BLOCK - 1 - up_to_user.leading_zeros())
    }

    /// Users of the household of `user`.
    #[inline]
    pub(super) fn of(&self, user: u32) -> Range<u32> {
        let behind_user = (u64::from(self.pattern(user)) | 1 << BLOCK) >> (user % BLOCK + 1);
        self.first(user)..user + 1 + behind_user.trailing_zeros()
    }

    #[inline(always)]
    fn pattern(&self, user: u32) -> Pattern {
        // The first user of a block always begins a household.
        self.patterns[usize::from(self.blocks[(user / BLOCK) as usize])] | 1
    }
}

fn patterns(draws: &Draws) -> Box<[Pattern; PATTERNS]> {
    let mut rng = draws.sequence(Purpose::GraphPattern, 0);
    let mut patterns = Box::new([0; PATTERNS]);
    for pattern in patterns.iter_mut() {
        let mut start = 0;
        while start < BLOCK {
            *pattern |= 1 << start;
            let mut u: f64 = rng.random();
            let mut size = 1;
            for share in SIZES {
                if u < share {
                    break;
                }
                u -= share;
                size += 1;
            }
            start += size.min(SIZES.len() as u32);
        }
    }
    patterns
}

/// Mean number of other members in a user's household, over many users.
pub fn mean_others(draws: &Draws) -> f64 {
    let others = |pattern: &Pattern| {
        let starts: Vec<u32> = (0..BLOCK).filter(|k| pattern >> k & 1 == 1).chain([BLOCK]).collect();
        starts.windows(2).map(|w| f64::from((w[1] - w[0]) * (w[1] - w[0] - 1))).sum::<f64>()
    };
    patterns(draws).iter().map(others).sum::<f64>() / f64::from(BLOCK) / PATTERNS as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn households_tile_the_users() {
        let households = Households::new(&Draws::new(3), 10_000);
        let mut user = 0;
        while user < 10_000 {
            let household = households.of(user);
            assert_eq!(household.start, user);
            assert!(household.len() <= SIZES.len() && household.end.div_ceil(BLOCK) == user / BLOCK + 1);
            for member in household.clone() {
                assert_eq!((households.of(member), households.first(member)), (household.clone(), user));
            }
            user = household.end;
        }
    }
}
