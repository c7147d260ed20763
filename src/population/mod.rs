//! Who the users are. Nothing here is stored per user: region, age, household, groups and tastes are made again
//! from (seed, purpose, user) whenever they are needed, in some ten nanoseconds.

mod households;
mod places;

use crate::random::{Address, Draws, Purpose, TABLE, address, chance, normal_cdf, normal_quantile, normal_table, uniform_table};
use crate::scenario::{GraphKind, Group, GroupUnit, MAX_GROUPS, MAX_MESSENGERS, Scenario, TasteDistribution};
use households::Households;
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
    households: Option<Households>,
    /// Upper ends of the age bands' intervals, times 2^32.
    age_ends: Vec<u64>,
    /// Band of the first draw with each highest byte, from which a band is looked up in a step or two.
    age_from: Box<[u8; 256]>,
    groups: Groups,
    taste: &'static [f32; TABLE],
    /// Loadings of the household's and the user's own taste.
    loadings: [f32; 2],
}

/// Thresholds on a 16-bit draw for each group; 0 where a group is not of the unit.
type Below = [u32; MAX_GROUPS];

#[derive(Debug)]
struct Groups {
    /// By age band: groups of persons.
    person: Vec<Below>,
    /// By age band of the household's first member: groups of households.
    household: Vec<Below>,
    /// Whether the band matters for any group of households.
    household_by_age: bool,
    /// Whether a household's groups need more draws than come with its age.
    more_draws: bool,
    /// By region: groups that exist there, a bit each.
    here: Vec<u8>,
    /// Groups whose members have contacts abroad, a bit each.
    abroad: u8,
}

impl Groups {
    fn new(scenario: &Scenario) -> Self {
        let spec = &scenario.population;
        let share = |g: &Group, age: usize| match g.share_by_age[..] {
            [share] => share,
            ref shares => shares.get(age).copied().unwrap_or(0.0),
        };
        let below = |unit: GroupUnit| -> Vec<Below> {
            let row = |age: usize| {
                let mut row = [0; MAX_GROUPS];
                for (below, g) in row.iter_mut().zip(&spec.groups).filter(|(_, g)| g.unit == unit) {
                    *below = (share(g, age) * 65536.0 + 0.5) as u32;
                }
                row
            };
            (0..spec.ages.len()).map(row).collect()
        };
        let mask = |is: &dyn Fn(&Group) -> bool| {
            spec.groups.iter().enumerate().fold(0, |mask, (g, group)| mask | u8::from(is(group)) << g)
        };
        let household = below(GroupUnit::Household);
        Groups {
            person: below(GroupUnit::Person),
            household_by_age: household.windows(2).any(|w| w[0] != w[1]),
            more_draws: mask(&|g| g.unit == GroupUnit::Household) >> HOUSEHOLD_HALVES != 0,
            household,
            here: spec.regions.iter().map(|r| mask(&|g| g.regions.is_empty() || g.regions.contains(&r.name))).collect(),
            abroad: mask(&|g| g.contacts_abroad),
        }
    }
}

/// Groups of households that are decided by the block which also holds the household's age.
const HOUSEHOLD_HALVES: usize = 6;

/// A block as eight numbers of 16 bits.
#[inline(always)]
fn halves(words: [u32; 4]) -> [u32; 8] {
    let mut halves = [0; 8];
    for k in 0..8 {
        halves[k] = words[k / 2] >> (16 * (k % 2)) & 0xFFFF;
    }
    halves
}

/// The draws below their thresholds, a bit each.
#[inline(always)]
fn below(draws: [u32; 8], thresholds: &Below) -> u8 {
    let mut mask = 0;
    for g in 0..8 {
        mask |= u8::from(draws[g] < thresholds[g]) << g;
    }
    mask
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
        let normal = spec.taste == TasteDistribution::Normal;
        let rho = if layered && normal { spec.household_correlation } else { 0.0 };
        Population {
            users,
            people: spec.people as f64,
            draws,
            places: Places::new(&spec.regions, users, layered),
            households: layered.then(|| Households::new(&draws, users)),
            age_from: Box::new(std::array::from_fn(|byte| age_ends.partition_point(|&end| (byte as u64) << 24 >= end) as u8)),
            age_ends,
            groups: Groups::new(scenario),
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
        match &self.households {
            Some(households) => {
                let h = households.of(user);
                h.start..h.end.min(self.users)
            }
            None => user..user + 1,
        }
    }

    /// First member of the user's household.
    #[inline(always)]
    pub fn household_start(&self, user: u32) -> u32 {
        self.households.as_ref().map_or(user, |households| households.first(user))
    }

    /// Age band.
    pub fn age(&self, user: u32) -> u8 {
        let [own, _, house] = self.draws.blocks(Self::trait_addresses(user, self.household_start(user)));
        self.age_of(own, house)
    }

    #[inline(always)]
    fn age_of(&self, own: [u32; 4], house: [u32; 4]) -> u8 {
        const SAME: u32 = (SAME_AGE * 65536.0) as u32;
        let same = self.households.is_some() && (own[3] >> 16) < SAME;
        let word = if same { house[0] } else { own[0] };
        let mut band = self.age_from[(word >> 24) as usize];
        while u64::from(word) >= self.age_ends[usize::from(band)] {
            band += 1;
        }
        band
    }

    /// Everything fixed about a user but tastes.
    #[inline]
    pub fn profile(&self, user: u32) -> Profile {
        let household = self.household_start(user);
        let blocks = self.draws.blocks(Self::trait_addresses(user, household));
        self.profile_from(user, household, self.place(user), blocks)
    }

    /// Draws that [`Population::profile_from`] needs: the user's own, those for groups of persons, the household's.
    #[inline(always)]
    pub(crate) fn trait_addresses(user: u32, household: u32) -> [Address; 3] {
        [
            address(Purpose::Trait, user, 0, 0),
            address(Purpose::Trait, user, 0, 1),
            address(Purpose::HouseholdTrait, household, 0, 0),
        ]
    }

    /// The profile, from draws that were made together with others.
    #[inline(always)]
    pub(crate) fn profile_from(&self, user: u32, household: u32, place: Place, [own, person, house]: [[u32; 4]; 3]) -> Profile {
        let age = self.age_of(own, house);
        let words = [house[1], house[2], house[3], if self.groups.more_draws { self.more_draws(household) } else { 0 }];
        let band = if self.groups.household_by_age && household != user { self.age_of_first(household, house) } else { age };
        let groups = below(halves(person), &self.groups.person[usize::from(age)])
            | below(halves(words), &self.groups.household[usize::from(band)]);
        Profile {
            place,
            age,
            groups: groups & self.groups.here[usize::from(place.region)],
            household,
            activity: (own[1] & 0xFFF) as u16,
            propensity: (own[1] >> 16 & 0xFFF) as u16,
            privacy: (own[2] & 0xFFF) as u16,
        }
    }

    /// Age band of the first member of a household.
    #[cold]
    fn age_of_first(&self, household: u32, house: [u32; 4]) -> u8 {
        self.age_of(self.draws.block(Purpose::Trait, household, 0, 0), house)
    }

    #[cold]
    fn more_draws(&self, household: u32) -> u32 {
        self.draws.block(Purpose::HouseholdTrait, household, 0, 1)[0]
    }

    /// Groups whose members have contacts abroad, a bit each.
    pub fn abroad_groups(&self) -> u8 {
        self.groups.abroad
    }

    /// Persistent tastes for the first `messengers` messengers: standard normal, correlated inside a household.
    #[inline]
    pub fn tastes(&self, user: u32, household: u32, messengers: usize) -> [f32; MAX_MESSENGERS] {
        let mut tastes = [0.0; MAX_MESSENGERS];
        for (half, tastes) in tastes.chunks_exact_mut(8).enumerate().take(messengers.div_ceil(8)) {
            tastes.copy_from_slice(&self.tastes_from(self.draws.blocks(Self::taste_addresses(user, household, half as u32))));
        }
        tastes
    }

    /// Draws that [`Population::tastes_from`] needs for eight messengers, the `half`-th: the user's, the household's.
    #[inline(always)]
    pub(crate) fn taste_addresses(user: u32, household: u32, half: u32) -> [Address; 2] {
        [address(Purpose::Taste, user, 0, half), address(Purpose::HouseholdTaste, household, 0, half)]
    }

    /// Tastes for eight messengers, from draws that were made together with others.
    #[inline(always)]
    pub(crate) fn tastes_from(&self, blocks: [[u32; 4]; 2]) -> [f32; 8] {
        let [own, house] = [halves(blocks[0]), halves(blocks[1])];
        let mut tastes = [0.0; 8];
        for m in 0..8 {
            let pick = |half: u32| self.taste[half as usize % TABLE];
            tastes[m] = self.loadings[0] * pick(house[m]) + self.loadings[1] * pick(own[m]);
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
    let above =
        |z: f64| weights.iter().zip(shifts).map(|(w, s)| w * normal_cdf(s - z)).sum::<f64>() / weights.iter().sum::<f64>();
    let (mut low, mut high) = (-20.0, 20.0);
    while high - low > 1e-9 {
        let middle = 0.5 * (low + high);
        if above(middle) > share { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}
