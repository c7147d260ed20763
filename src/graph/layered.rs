//! The layered social graph: households, groups at work and school, local ties, ties within a city, national ties.
//!
//! User numbers follow geography: a household is a few neighbouring numbers, a *town* 4096 of them, a *city* 64
//! towns. Each town makes its own ties from its own draws, so any part can be regenerated at any time, and most ties
//! stay near in memory.
//!
//! * **Households** are cliques (see [`crate::population`]).
//! * **Groups** at work and school are cliques of a few people of similar age.
//! * **Local ties** join ends, of which sociable people have many: sociability is lognormal. Ends of similar age meet.
//! * **City** and **national ties** go to someone anywhere in the city, in the country.

use super::build::TieStream;
use crate::population::Population;
use crate::random::{Purpose, exp, normal_table};
use crate::scenario::Layers;
use rand::{Rng, RngExt};
use serde::Serialize;

/// Users of a town.
pub const TOWN: u32 = 4096;
/// Users of a city.
pub const CITY: u32 = 262_144;

/// Classes of age, with noise, among which people meet.
const CLASSES: usize = 64;
/// Towns that tell how many local ties get lost as repetitions.
const PILOT: u32 = 12;

/// Where a tie comes from, by the distance of its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TieKind {
    /// Of one household.
    Household,
    /// Of one town: work, school, friends, neighbours.
    Town,
    /// Of one city.
    City,
    /// Across the country.
    National,
}

impl TieKind {
    /// All of them, from near to far.
    pub const ALL: [TieKind; 4] = [TieKind::Household, TieKind::Town, TieKind::City, TieKind::National];
}

/// The kind of a tie of a layered graph, from its ends alone.
pub fn tie_kind(population: &Population, a: u32, b: u32) -> TieKind {
    match () {
        () if population.household(a).contains(&b) => TieKind::Household,
        () if a / TOWN == b / TOWN => TieKind::Town,
        () if a / CITY == b / CITY => TieKind::City,
        () => TieKind::National,
    }
}

/// The layered graph as a stream of ties, a part a town.
#[derive(Debug)]
pub struct Layered<'a> {
    population: &'a Population,
    /// Mean numbers per user: members of one's group besides oneself; local ends; city and national ties made.
    group: f64,
    local: f32,
    city: f32,
    national: f32,
    /// Standard deviation of the logarithm of sociability.
    sociability: f32,
    age_noise: f64,
}

impl<'a> Layered<'a> {
    /// The graph of a population with a mean degree; a few towns are made to find out how many ties get lost as
    /// repetitions, so that the mean degree comes out as asked.
    pub fn new(population: &'a Population, mean_degree: f64, layers: &Layers) -> Self {
        let users = population.users();
        let mean_degree = mean_degree.min(f64::from(users.saturating_sub(1)));
        let household = population.mean_household_others().min(mean_degree);
        let group = (layers.groups * mean_degree).min(mean_degree - household).max(0.0);
        let far = [layers.city, layers.national].map(|share| (share * mean_degree).min(mean_degree - household - group).max(0.0));
        let mut local = (mean_degree - household - group - far[0] - far[1]).max(0.0);
        let mut layered = Layered {
            population,
            group,
            local: 0.0,
            city: (far[0] / 2.0) as f32,
            national: (far[1] / 2.0) as f32,
            sociability: layers.sociability as f32,
            age_noise: layers.age_noise,
        };
        let towns = users.div_ceil(TOWN);
        // Some of the ties made for city and country end in the own town.
        let own = f64::from(TOWN.min(users));
        let back = far[0] * own / f64::from(CITY.min(users)) + far[1] * own / f64::from(users);
        let asked = local + household + group + back;
        for _ in 0..4 {
            layered.local = local as f32;
            let found = layered.pilot(towns);
            local = (local + asked - found).max(0.0);
        }
        layered.local = local as f32;
        layered
    }

    /// Mean number of different ties within the town that users of a few towns have.
    fn pilot(&self, towns: u32) -> f64 {
        let (mut ties, mut people) = (0, 0);
        for k in 0..towns.min(PILOT) {
            let town = (u64::from(k) * u64::from(towns) / u64::from(towns.min(PILOT))) as u32;
            let (mut pairs, range) = (Vec::new(), self.users_of(town));
            self.for_each(town as usize, |a, b| {
                if a != b && range.contains(&a) && range.contains(&b) {
                    pairs.push((a.min(b), a.max(b)));
                }
            });
            pairs.sort_unstable();
            pairs.dedup();
            ties += pairs.len();
            people += range.len();
        }
        2.0 * ties as f64 / (people as f64).max(1.0)
    }

    /// A user's draws, and sociability: 1 on average.
    fn sociable(&self, user: u32) -> ([u32; 4], f32) {
        let words = self.population.draws().block(Purpose::Sociability, user, 0, 0);
        // exp(-s^2/2) makes the mean 1.
        let scale = exp(-0.5 * self.sociability * self.sociability);
        (words, scale * exp(self.sociability * normal_table()[(words[0] & 0xFFF) as usize]))
    }

    /// Makes the ties of a town's users, in order, to city and country.
    fn far(&self, town: u32) -> Far<impl Rng> {
        let (all, first) = (self.population.users(), town * TOWN / CITY);
        Far {
            means: [self.city, self.national],
            city: first * CITY..first.saturating_add(1).saturating_mul(CITY).min(all),
            all,
            rng: self.population.draws().sequence(Purpose::GraphCity, u64::from(town)),
        }
    }

    fn users_of(&self, town: u32) -> std::ops::Range<u32> {
        town * TOWN..((town + 1).saturating_mul(TOWN)).min(self.population.users())
    }
}

/// Ties to city and country: mean numbers made by a user of each, and where they end.
struct Far<R> {
    means: [f32; 2],
    city: std::ops::Range<u32>,
    all: u32,
    rng: R,
}

impl<R: Rng> Far<R> {
    fn ties(&mut self, user: u32, words: [u32; 4], sociability: f32, mut emit: impl FnMut(u32, u32)) {
        for _ in 0..round(self.means[0] * sociability, words[2]) {
            emit(user, self.city.start + below(&mut self.rng, self.city.end - self.city.start));
        }
        for _ in 0..round(self.means[1] * sociability, words[3]) {
            emit(user, below(&mut self.rng, self.all));
        }
    }
}

/// Scratch space of a town.
#[derive(Default)]
struct Meeting {
    ends: Vec<u32>,
    class: Vec<u8>,
    order: Vec<u32>,
}

impl Meeting {
    fn clear(&mut self) {
        self.ends.clear();
        self.class.clear();
    }

    fn add(&mut self, user: u32, age: f64, noise: f64) {
        let class = ((age + noise) * CLASSES as f64) as i32;
        self.ends.push(user);
        self.class.push(class.clamp(0, CLASSES as i32 - 1) as u8);
    }

    /// The ends by class, in random order within each.
    fn meet(&mut self, rng: &mut impl Rng) -> &[u32] {
        let mut starts = [0usize; CLASSES + 1];
        for &class in &self.class {
            starts[usize::from(class) + 1] += 1;
        }
        for k in 0..CLASSES {
            starts[k + 1] += starts[k];
        }
        self.order.clear();
        self.order.resize(self.ends.len(), 0);
        let mut cursors = starts;
        for (&user, &class) in self.ends.iter().zip(&self.class) {
            let cursor = &mut cursors[usize::from(class)];
            self.order[*cursor] = user;
            *cursor += 1;
        }
        for k in 0..CLASSES {
            let class = &mut self.order[starts[k]..starts[k + 1]];
            for i in (1..class.len()).rev() {
                class.swap(i, below(rng, i as u32 + 1) as usize);
            }
        }
        &self.order
    }
}

/// A number below `n`: the high half of a product, whose bias is below n / 2^32.
#[inline]
fn below(rng: &mut impl Rng, n: u32) -> u32 {
    (u64::from(rng.next_u32()) * u64::from(n) >> 32) as u32
}

/// A whole number with mean `mean`, from one random word.
#[inline]
fn round(mean: f32, word: u32) -> u32 {
    let floor = mean as u32;
    floor + u32::from((word >> 8) as f32 * (1.0 / 16_777_216.0) < mean - floor as f32)
}

impl TieStream for Layered<'_> {
    fn nodes(&self) -> u32 {
        self.population.users()
    }

    fn parts(&self) -> usize {
        self.population.users().div_ceil(TOWN) as usize
    }

    fn home(&self) -> Option<u32> {
        Some(TOWN)
    }

    fn for_each_leaving(&self, part: usize, mut emit: impl FnMut(u32, u32)) {
        let users = self.users_of(part as u32);
        let mut leave = |a: u32, b: u32| {
            if !users.contains(&b) {
                emit(a, b);
            }
        };
        // Of households only the last may reach into the next town.
        let household = self.population.household(users.end - 1);
        for user in household.start.max(users.start)..users.end {
            (users.end..household.end).for_each(|other| leave(user, other));
        }
        let mut far = self.far(part as u32);
        for user in users.clone() {
            let (words, sociability) = self.sociable(user);
            far.ties(user, words, sociability, &mut leave);
        }
    }

    fn for_each(&self, part: usize, mut emit: impl FnMut(u32, u32)) {
        let population = self.population;
        let town = part as u32;
        let users = self.users_of(town);
        let draws = population.draws();
        let mut near = draws.sequence(Purpose::GraphLocal, u64::from(town));
        let mut far = self.far(town);
        let bands = population.age_bands().max(2) - 1;

        let (mut groups, mut friends) = (Meeting::default(), Meeting::default());
        groups.clear();
        friends.clear();
        let noise = |word: u32| (f64::from(word) / 4_294_967_296.0 * 2.0 - 1.0) * self.age_noise;
        for user in users.clone() {
            for other in population.household(user).filter(|&other| other > user) {
                emit(user, other);
            }
            let (words, sociability) = self.sociable(user);
            // Spread people evenly over their band.
            let age = (f64::from(population.age(user)) + f64::from(words[0] >> 20) / 4096.0) / (bands as f64 + 1.0);
            groups.add(user, age, noise(near.next_u32()));
            for _ in 0..round(self.local * sociability, words[1]) {
                friends.add(user, age, noise(near.next_u32()));
            }
            far.ties(user, words, sociability, &mut emit);
        }

        for pair in friends.meet(&mut near).chunks_exact(2) {
            emit(pair[0], pair[1]);
        }
        let mut left = groups.meet(&mut near);
        // Sizes from half to one and a half times the mean: a member of a group of n has n - 1 ties.
        let mut sizes = draws.sequence(Purpose::GraphPattern, 1 + u64::from(town));
        while self.group > 0.0 && left.len() > 1 {
            let size = ((self.group * sizes.random_range(0.5..1.3)) + 1.5) as usize;
            let (group, rest) = left.split_at(size.clamp(1, left.len()));
            for (k, &a) in group.iter().enumerate() {
                for &b in &group[k + 1..] {
                    emit(a, b);
                }
            }
            left = rest;
        }
    }
}
