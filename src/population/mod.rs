//! Who the users are. Nothing here is stored per user: region, age, household, groups and tastes are made again
//! from (seed, purpose, user) whenever they are needed, in some ten nanoseconds.

mod households;
mod places;

use crate::random::{Draws, Purpose, TABLE, chance, normal_cdf, normal_quantile, normal_table, uniform_table};
use crate::scenario::{GraphKind, GroupUnit, MAX_MESSENGERS, Scenario, TasteDistribution};
use households::Patterns;
pub use households::{BLOCK, mean_others};
pub use places::Place;
use places::Places;
use std::ops::Range;

/// Share of household members who are of the same age band as the household, beyond chance.
///
/// Couples and siblings share a band, parents and children do not; half and half keeps every band's share exact.
const SAME_AGE: f64 = 0.5;

/// What is fixed about a user, made from the seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    /// Region and urban or rural.
    pub place: Place,
    /// Age band.
    pub age: u8,
    /// Groups, a bit each in the scenario's order.
    pub groups: u8,
    /// First user of the household.
    pub household: u32,
    /// Index of the activity quantile in a table of 4096.
    activity: u16,
    /// Index of the VPN propensity quantile.
    propensity: u16,
    /// Index of the privacy concern quantile.
    privacy: u16,
}

/// The population of one run: a function from user number to traits.
#[derive(Debug)]
pub struct Population {
    users: u32,
    people: f64,
    draws: Draws,
    places: Places,
    /// Households of neighbouring user numbers; `None` where the graph carries no households.
    patterns: Option<Patterns>,
    /// Upper ends of the age bands' intervals, times 2^32.
    age_ends: Vec<u64>,
    groups: Vec<GroupTable>,
    abroad: u8,
    taste: &'static [f32; TABLE],
    /// Loadings of the household's and the user's own taste.
    loadings: [f32; 2],
}

#[derive(Debug)]
struct GroupTable {
    unit: GroupUnit,
    regions: u16,
    /// Threshold on a 16-bit draw, by age band.
    below: Vec<u32>,
}

impl Population {
    /// The population of `users` users. The scenario must have been validated.
    pub fn new(scenario: &Scenario, users: u32) -> Self {
        let spec = &scenario.population;
        let draws = Draws::new(scenario.seed);
        let layered = scenario.graph.kind == GraphKind::Layered;
        let total: f64 = spec.ages.iter().map(|a| a.share).sum();
        let mut sum = 0.0;
        let mut age_ends: Vec<u64> = spec
            .ages
            .iter()
            .map(|a| {
                sum += a.share / total;
                chance(sum)
            })
            .collect();
        if let Some(last) = age_ends.last_mut() {
            *last = 1 << 32;
        }
        let groups = spec
            .groups
            .iter()
            .map(|g| GroupTable {
                unit: g.unit,
                regions: if g.regions.is_empty() {
                    u16::MAX
                } else {
                    spec.regions.iter().enumerate().filter(|(_, r)| g.regions.contains(&r.name)).fold(0, |mask, (i, _)| mask | 1 << i)
                },
                below: (0..spec.ages.len())
                    .map(|a| {
                        let share = g.share_by_age.get(a).or(g.share_by_age.first().filter(|_| g.share_by_age.len() == 1)).copied().unwrap_or(0.0);
                        (share * 65536.0 + 0.5) as u32
                    })
                    .collect(),
            })
            .collect();
        let normal = spec.taste == TasteDistribution::Normal;
        let rho = if layered && normal { spec.household_correlation } else { 0.0 };
        Population {
            users,
            people: spec.people as f64,
            draws,
            places: Places::new(&spec.regions, users, layered),
            patterns: layered.then(|| Patterns::new(&draws)),
            age_ends,
            groups,
            abroad: spec.groups.iter().enumerate().filter(|(_, g)| g.contacts_abroad).fold(0, |mask, (i, _)| mask | 1 << i),
            taste: if normal { normal_table() } else { uniform_table() },
            loadings: [libm::sqrt(rho) as f32, libm::sqrt(1.0 - rho) as f32],
        }
    }

    /// Number of users.
    pub fn users(&self) -> u32 {
        self.users
    }

    /// People that one user stands for.
    pub fn people_per_user(&self) -> f64 {
        self.people / f64::from(self.users)
    }

    /// Addressed draws of the run's seed.
    pub fn draws(&self) -> &Draws {
        &self.draws
    }

    /// Region and urban or rural.
    #[inline]
    pub fn place(&self, user: u32) -> Place {
        self.places.of(user, &self.draws)
    }

    /// The members of the user's household, itself included: neighbouring user numbers.
    #[inline]
    pub fn household(&self, user: u32) -> Range<u32> {
        match &self.patterns {
            Some(patterns) => {
                let h = patterns.household(user, &self.draws);
                h.start..h.end.min(self.users)
            }
            None => user..user + 1,
        }
    }

    /// Age band.
    pub fn age(&self, user: u32) -> u8 {
        let own = self.draws.block(Purpose::Trait, user, 0, 0);
        self.age_of(own, self.draws.block(Purpose::HouseholdTrait, self.household(user).start, 0, 0))
    }

    #[inline]
    fn age_of(&self, own: [u32; 4], household: [u32; 4]) -> u8 {
        const SAME: u32 = (SAME_AGE * 65536.0) as u32;
        let same = self.patterns.is_some() && (own[3] >> 16) < SAME;
        let word = u64::from(if same { household[0] } else { own[0] });
        self.age_ends.iter().take_while(|&&end| word >= end).count() as u8
    }

    /// Everything fixed about a user but tastes.
    #[inline]
    pub fn profile(&self, user: u32) -> Profile {
        let household = self.household(user).start;
        let own = self.draws.block(Purpose::Trait, user, 0, 0);
        let house = self.draws.block(Purpose::HouseholdTrait, household, 0, 0);
        let place = self.place(user);
        let age = self.age_of(own, house);
        let mut groups = 0;
        if !self.groups.is_empty() {
            // 16 bits a group: groups 0 to 7 of the user, and of the household.
            let own_words = self.draws.block(Purpose::Trait, user, 0, 1);
            let house_words = self.draws.block(Purpose::HouseholdTrait, household, 0, 1);
            // A household's groups go by the band of its first member, whose own words decide it.
            for (g, table) in self.groups.iter().enumerate() {
                let (words, band) = match table.unit {
                    GroupUnit::Person => (&own_words, age),
                    GroupUnit::Household if household == user => (&house_words, age),
                    GroupUnit::Household => (&house_words, self.household_band(table, household, house)),
                };
                let half = words[g / 2] >> (16 * (g % 2)) & 0xFFFF;
                if half < table.below[usize::from(band)] && table.regions >> place.region & 1 == 1 {
                    groups |= 1 << g;
                }
            }
        }
        Profile {
            place,
            age,
            groups,
            household,
            activity: (own[1] & 0xFFF) as u16,
            propensity: (own[1] >> 16 & 0xFFF) as u16,
            privacy: (own[2] & 0xFFF) as u16,
        }
    }

    /// Age band that decides a household's group; not looked up where all bands have one share.
    #[inline]
    fn household_band(&self, table: &GroupTable, household: u32, house: [u32; 4]) -> u8 {
        if table.below.windows(2).all(|w| w[0] == w[1]) {
            return 0;
        }
        self.age_of(self.draws.block(Purpose::Trait, household, 0, 0), house)
    }

    /// Groups whose members have contacts abroad, a bit each.
    pub fn abroad_groups(&self) -> u8 {
        self.abroad
    }

    /// Persistent tastes for the first `messengers` messengers: standard normal, correlated inside a household.
    #[inline]
    pub fn tastes(&self, user: u32, household: u32, messengers: usize) -> [f32; MAX_MESSENGERS] {
        let mut tastes = [0.0; MAX_MESSENGERS];
        for half in 0..messengers.div_ceil(8) {
            let own = self.draws.block(Purpose::Taste, user, 0, half as u32);
            let house = if self.loadings[0] > 0.0 { self.draws.block(Purpose::HouseholdTaste, household, 0, half as u32) } else { [0; 4] };
            for k in 0..8 {
                let shift = 16 * (k % 2);
                let pick = |words: &[u32; 4]| self.taste[(words[k / 2] >> shift & 0xFFF) as usize];
                tastes[half * 8 + k] = self.loadings[0] * pick(&house) + self.loadings[1] * pick(&own);
            }
        }
        tastes
    }

    /// Activity before scaling, VPN propensity before its shift by age, privacy concern: standard normals.
    #[inline]
    pub fn normals(&self, profile: &Profile) -> Normals {
        let table = normal_table();
        Normals {
            activity: table[usize::from(profile.activity)],
            propensity: table[usize::from(profile.propensity)],
            privacy: table[usize::from(profile.privacy)],
        }
    }

    /// Number of age bands.
    pub fn age_bands(&self) -> usize {
        self.age_ends.len()
    }

    /// Shares of the age bands, summing to 1.
    pub fn age_shares(&self) -> Vec<f64> {
        let ends = self.age_ends.iter().map(|&e| e as f64 / 4_294_967_296.0);
        let mut last = 0.0;
        ends.map(|end| {
            let share = end - last;
            last = end;
            share
        })
        .collect()
    }
}

/// Standard normal traits of a user.
#[derive(Clone, Copy, Debug)]
pub struct Normals {
    /// Of activity: a = exp(s_act z).
    pub activity: f32,
    /// Of VPN propensity.
    pub propensity: f32,
    /// Of privacy concern.
    pub privacy: f32,
}

/// The threshold z at which a share `share` of a population lies above it, when a part `weights[k]` of the
/// population is distributed N(`shifts[k]`, 1). Bisection to 1e-9.
pub fn mixture_threshold(share: f64, weights: &[f64], shifts: &[f64]) -> f64 {
    if share <= 0.0 || share >= 1.0 {
        return normal_quantile(1.0 - share);
    }
    let above = |z: f64| weights.iter().zip(shifts).map(|(w, s)| w * normal_cdf(s - z)).sum::<f64>() / weights.iter().sum::<f64>();
    let (mut low, mut high) = (-20.0, 20.0);
    while high - low > 1e-9 {
        let middle = 0.5 * (low + high);
        if above(middle) > share { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}
