//! Where users live.

use crate::population::households::BLOCK;
use crate::random::{Draws, Purpose, chance};
use crate::scenario::Region;

/// Region and kind of settlement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Index of the region.
    pub region: u8,
    /// Town rather than village.
    pub urban: bool,
}

/// From user number to place.
///
/// In a layered graph, user numbers follow geography: regions one after the other, in each the towns first, so
/// that neighbours in space are neighbours in memory. Other graphs carry no geography: places are drawn.
#[derive(Debug)]
pub(super) struct Places {
    /// Upper ends: user numbers when `ordered`, else fractions times 2^32.
    ends: Vec<(u64, Place)>,
    ordered: bool,
    /// Chances of a town, by region.
    urban: Vec<u64>,
}

impl Places {
    pub(super) fn new(regions: &[Region], users: u32, ordered: bool) -> Self {
        let total: f64 = regions.iter().map(|r| r.share).sum();
        let mut ends = Vec::new();
        let mut sum = 0.0;
        for (i, region) in regions.iter().enumerate() {
            for (urban, part) in [(true, region.urban), (false, 1.0 - region.urban)] {
                sum += region.share / total * part;
                let end = if ordered {
                    // Whole blocks, so that no household is cut by a border.
                    (sum * f64::from(users) / f64::from(BLOCK)).round() as u64 * u64::from(BLOCK)
                } else {
                    chance(sum)
                };
                ends.push((end, Place { region: i as u8, urban }));
            }
        }
        if let Some(last) = ends.iter().rposition(|(_, p)| {
            if p.urban { regions[usize::from(p.region)].urban > 0.0 } else { regions[usize::from(p.region)].urban < 1.0 }
        }) {
            ends.truncate(last + 1);
            ends[last].0 = u64::MAX;
        }
        Places { ends, ordered, urban: regions.iter().map(|region| chance(region.urban)).collect() }
    }

    /// The place of a user whose region is known: town or village as often as its region has them.
    pub(super) fn in_region(&self, region: u8, user: u32, draws: &Draws) -> Place {
        let urban = u64::from(draws.block(Purpose::Place, user, 0, 0)[1]) < self.urban[usize::from(region)];
        Place { region, urban }
    }

    #[inline]
    pub(super) fn of(&self, user: u32, draws: &Draws) -> Place {
        let key = if self.ordered {
            u64::from(user)
        } else if self.ends.len() == 1 {
            0
        } else {
            u64::from(draws.block(Purpose::Place, user, 0, 0)[0])
        };
        let k = self.ends.iter().take_while(|(end, _)| key >= *end).count();
        self.ends[k.min(self.ends.len() - 1)].1
    }
}
