use crate::random::{Draws, Purpose};
use crate::scenario::{GroupUnit, PopulationSpec};
use rand::seq::SliceRandom;

/// Entries of a table of group memberships; an index is 12 bits of a draw.
const TABLE: usize = 4096;

/// From 12 uniform bits to the groups that a person, or a household, is in.
///
/// Entry k of a band's table says which groups draw k is in. Each group takes its share of the entries, by an order of
/// its own: shares are exact to 1/4096, and groups independent up to chance.
#[derive(Debug)]
pub(super) struct Groups {
    /// By age band, 4096 entries each; empty where there are no such groups.
    personal: Vec<u8>,
    household: Vec<u8>,
    /// Groups that exist in each region.
    regions: Vec<u8>,
    /// Whether shares of households differ between age bands.
    by_age: bool,
}

impl Groups {
    pub(super) fn new(spec: &PopulationSpec, draws: &Draws) -> Self {
        let table = |unit: GroupUnit| {
            if spec.groups.iter().all(|g| g.unit != unit) {
                return Vec::new();
            }
            let mut table = vec![0u8; TABLE * spec.ages.len()];
            for (g, group) in spec.groups.iter().enumerate().filter(|(_, group)| group.unit == unit) {
                let mut order: Vec<usize> = (0..TABLE).collect();
                order.shuffle(&mut draws.sequence(Purpose::Group, g as u64));
                for (age, entries) in table.chunks_mut(TABLE).enumerate() {
                    for &k in &order[..(group.share(age) * TABLE as f64 + 0.5) as usize] {
                        entries[k] |= 1 << g;
                    }
                }
            }
            table
        };
        let household = table(GroupUnit::Household);
        Groups {
            personal: table(GroupUnit::Person),
            by_age: household.chunks(TABLE).any(|band| band != &household[..TABLE]),
            household,
            regions: (spec.regions.iter())
                .map(|region| {
                    let here = |names: &[String]| names.is_empty() || names.contains(&region.name);
                    spec.groups.iter().enumerate().filter(|(_, g)| here(&g.regions)).fold(0, |mask, (k, _)| mask | 1 << k)
                })
                .collect(),
        }
    }

    #[inline(always)]
    pub(super) fn personal(&self, age: u8, word: u32) -> u8 {
        self.personal.get(usize::from(age) * TABLE + (word & 0xFFF) as usize).copied().unwrap_or(0)
    }

    #[inline(always)]
    pub(super) fn of_household(&self, age: u8, word: u32) -> u8 {
        self.household.get(usize::from(age) * TABLE + (word & 0xFFF) as usize).copied().unwrap_or(0)
    }

    #[inline(always)]
    pub(super) fn by_household(&self) -> bool {
        !self.household.is_empty()
    }

    #[inline(always)]
    pub(super) fn by_age(&self) -> bool {
        self.by_age
    }

    #[inline(always)]
    pub(super) fn in_region(&self, region: u8) -> u8 {
        self.regions.get(usize::from(region)).copied().unwrap_or(0)
    }
}
