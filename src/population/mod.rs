//! Who the users are. Nothing here is stored per user: region, age, household, groups and tastes are regenerated
//! from (seed, purpose, user) whenever they are needed, in some ten nanoseconds.

mod ages;
mod groups;
mod households;
mod known;
mod places;

use crate::random::{Address, Draws, Purpose, TABLE, address, normal_cdf, normal_quantile, normal_table, uniform_table};
use crate::scenario::{GraphKind, MAX_MESSENGERS, Scenario, TasteDistribution};
use ages::AgeTable;
use groups::Groups;
pub use households::BLOCK;
use households::Patterns;
pub use known::Known;
pub use places::Place;
use places::Places;
use std::ops::Range;
use std::sync::Arc;

/// What is fixed about a user, made from the seed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Profile {
    /// Region and urban or rural.
    pub place: Place,
    /// Age band.
    pub age: u8,
    /// Groups, a bit each in the scenario's order.
    pub groups: u8,
    /// First user of the household.
    pub household: u32,
    /// The household's tastes for the first eight messengers, as indices of 12 bits.
    house_taste: [u32; 3],
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
    ages: AgeTable,
    /// Share of users whose age is their household's, times 2^16: couples and siblings share a band, parents and children do
    /// not. Every band keeps its share.
    same_age: u32,
    groups: Groups,
    /// What a table says of users one by one.
    known: Option<Arc<Known>>,
    abroad: u8,
    taste: &'static [f32; TABLE],
    /// Loadings of the household's and the user's own taste.
    loadings: [f32; 2],
}

impl Population {
    /// The population of `users` users. The scenario must have been validated.
    pub fn new(scenario: &Scenario, users: u32) -> Self {
        Self::with(scenario, users, None)
    }

    /// The same, with what is known of users one by one in place of what would be drawn.
    pub fn with(scenario: &Scenario, users: u32, known: Option<Arc<Known>>) -> Self {
        let spec = &scenario.population;
        let draws = Draws::new(scenario.seed);
        let layered = scenario.graph.kind == GraphKind::Layered;
        let normal = spec.taste == TasteDistribution::Normal;
        let households = layered || known.as_ref().is_some_and(|known| known.has_households());
        let rho = if households && normal { spec.household_correlation } else { 0.0 };
        Population {
            users,
            people: spec.people as f64,
            draws,
            places: Places::new(&spec.regions, users, layered),
            patterns: layered.then(|| Patterns::new(&draws, &spec.household_sizes)),
            ages: AgeTable::new(&spec.ages),
            same_age: (spec.household_same_age * 65536.0) as u32,
            groups: Groups::new(spec, &draws),
            known,
            abroad: spec.groups.iter().enumerate().filter(|(_, g)| g.contacts_abroad).fold(0, |mask, (i, _)| mask | 1 << i),
            taste: if normal { normal_table() } else { uniform_table() },
            loadings: [f64::sqrt(rho) as f32, f64::sqrt(1.0 - rho) as f32],
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
        match self.known.as_ref().and_then(|known| known.region(user)) {
            Some(region) => self.places.in_region(region, user, &self.draws),
            None => self.places.of(user, &self.draws),
        }
    }

    /// The members of the user's household, itself included: neighbouring user numbers.
    #[inline(always)]
    pub fn household(&self, user: u32) -> Range<u32> {
        match &self.patterns {
            Some(patterns) => {
                let h = patterns.household(user, &self.draws);
                h.start..h.end.min(self.users)
            }
            None => user..user + 1,
        }
    }

    /// Mean number of other members in a user's household; 0 without households.
    pub fn mean_household_others(&self) -> f64 {
        self.patterns.as_ref().map_or(0.0, Patterns::mean_others)
    }

    /// The first member of the user's household.
    #[inline(always)]
    pub fn household_head(&self, user: u32) -> u32 {
        match self.known.as_ref().and_then(|known| known.household(user)) {
            Some(first) => first,
            None => self.household(user).start,
        }
    }

    /// Whether there are households of several users.
    pub fn has_households(&self) -> bool {
        self.is_layered() || self.known.as_ref().is_some_and(|known| known.has_households())
    }

    /// Whether places and households follow user numbers, as in a layered graph.
    pub fn is_layered(&self) -> bool {
        self.patterns.is_some()
    }

    /// Messengers held at the start, a bit each, where that is known.
    pub fn known_holdings(&self, user: u32) -> Option<u16> {
        self.known.as_ref()?.holdings(user)
    }

    /// Age band.
    #[inline]
    pub fn age(&self, user: u32) -> u8 {
        if let Some(age) = self.known.as_ref().and_then(|known| known.age(user)) {
            return age;
        }
        let [own, house] = self.draws.blocks(Self::trait_addresses(user, self.household_head(user)));
        self.age_of(own, house)
    }

    #[inline(always)]
    fn age_of(&self, own: [u32; 4], house: [u32; 4]) -> u8 {
        let same = self.has_households() && (own[2] >> 16) < self.same_age;
        // The last 12 bits of the household's word are its groups'.
        self.ages.band(if same { house[0] & !0xFFF } else { own[0] })
    }

    /// Everything fixed about a user but own tastes.
    #[inline]
    pub fn profile(&self, user: u32) -> Profile {
        let household = self.household_head(user);
        self.profile_from(user, household, self.place(user), self.draws.blocks(Self::trait_addresses(user, household)))
    }

    /// The blocks of draws that make a profile: the user's and the household's.
    #[inline(always)]
    pub(crate) fn trait_addresses(user: u32, household: u32) -> [Address; 2] {
        [address(Purpose::Trait, user, 0, 0), address(Purpose::HouseholdTrait, household, 0, 0)]
    }

    /// The profile of a user whose place is known already, and whose blocks of draws have been made.
    #[inline(always)]
    pub(crate) fn profile_from(&self, user: u32, household: u32, place: Place, [own, house]: [[u32; 4]; 2]) -> Profile {
        // Of a user's block: age; activity and VPN propensity; privacy concern and whether age is the household's;
        // groups. Of a household's: age and groups; eight tastes.
        let known = self.known.as_deref();
        let age = known.and_then(|known| known.age(user)).unwrap_or_else(|| self.age_of(own, house));
        let mut groups = self.groups.personal(age, own[3]);
        if self.groups.by_household() {
            // A household's groups go by the band of its first member.
            let band = match () {
                () if !self.groups.by_age() || household == user => age,
                () => self.age_of(self.draws.block(Purpose::Trait, household, 0, 0), house),
            };
            groups |= self.groups.of_household(band, house[0]);
        }
        groups &= self.groups.in_region(place.region);
        Profile {
            place,
            age,
            groups: known.map_or(groups, |known| known.groups(user, groups)),
            household,
            house_taste: [house[1], house[2], house[3]],
            activity: (own[1] & 0xFFF) as u16,
            propensity: (own[1] >> 16 & 0xFFF) as u16,
            privacy: (own[2] & 0xFFF) as u16,
        }
    }

    /// Groups whose members have contacts abroad, a bit each.
    pub fn abroad_groups(&self) -> u8 {
        self.abroad
    }

    /// Persistent tastes for the first `messengers` messengers: standard normal, correlated inside a household.
    #[inline(always)]
    pub fn tastes(&self, user: u32, profile: &Profile, messengers: usize) -> [f32; MAX_MESSENGERS] {
        let own = |block| self.draws.block(Purpose::Taste, user, 0, block);
        if messengers > 8 { self.tastes_from(profile, &[own(0), own(1)]) } else { self.tastes_from(profile, &[own(0)]) }
    }

    /// Tastes from the user's blocks at (`Taste`, 0, 0) and, for more than eight messengers, (`Taste`, 0, 1).
    #[inline(always)]
    pub(crate) fn tastes_from(&self, profile: &Profile, own: &[[u32; 4]]) -> [f32; MAX_MESSENGERS] {
        let mut tastes = [0.0; MAX_MESSENGERS];
        tastes[..8].copy_from_slice(&self.tastes_8(profile, own[0]));
        if let Some(&own) = own.get(1) {
            tastes[8..].copy_from_slice(&self.tastes_16(profile, own));
        }
        tastes
    }

    /// Tastes for messengers 0 to 7, from the user's block at (`Taste`, 0, 0).
    #[inline(always)]
    pub(crate) fn tastes_8(&self, profile: &Profile, own: [u32; 4]) -> [f32; 8] {
        // Eight indices of 12 bits: one in the lower bits of each word, then one in the next, then two of what is left.
        let [a, b, c] = profile.house_taste;
        let (g, h) = (a >> 24 | (c >> 24 & 15) << 8, b >> 24 | (c >> 28) << 8);
        self.mix(own, [a, b, c, a >> 12, b >> 12, c >> 12, g, h])
    }

    /// Tastes for messengers 8 to 15, from the user's block at (`Taste`, 0, 1).
    #[inline(always)]
    pub(crate) fn tastes_16(&self, profile: &Profile, own: [u32; 4]) -> [f32; 8] {
        let house = self.draws.block(Purpose::HouseholdTaste, profile.household, 0, 1);
        let [a, b, c, d] = house;
        self.mix(own, [a, a >> 16, b, b >> 16, c, c >> 16, d, d >> 16])
    }

    /// The user's own taste and the household's, whose indices are the last 12 bits of words. Without households all of it
    /// is the user's own, and any profile will do.
    #[inline(always)]
    fn mix(&self, own: [u32; 4], house: [u32; 8]) -> [f32; 8] {
        let mut tastes = [0.0; 8];
        for (k, taste) in tastes.iter_mut().enumerate() {
            *taste = self.loadings[1] * self.taste[half(&own, k)];
            if self.loadings[0] > 0.0 {
                *taste += self.loadings[0] * self.taste[house[k] as usize % TABLE];
            }
        }
        tastes
    }

    /// Activity before scaling, VPN propensity before its shift by age, privacy concern: standard normals.
    #[inline(always)]
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
        self.ages.bands()
    }

    /// Shares of the age bands, summing to 1.
    pub fn age_shares(&self) -> Vec<f64> {
        self.ages.shares()
    }
}

/// 12 bits of half-word `k`: an index into a table of quantiles.
#[inline(always)]
fn half(words: &[u32; 4], k: usize) -> usize {
    (words[k / 2] >> (16 * (k % 2)) & 0xFFF) as usize
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
