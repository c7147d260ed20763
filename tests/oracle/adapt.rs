//! From the engine to the oracle: users as plain numbers, draws by name. Nothing of the model is here.

use crate::rule::{Event, User};
use exodus::engine::Simulation;
use exodus::model::Word;
use exodus::population::Population;
use exodus::random::{Draws, Purpose};

/// Bits of a mask, by messenger.
pub fn list(mask: u16, count: usize) -> Vec<bool> {
    (0..count).map(|m| mask >> m & 1 == 1).collect()
}

/// A user with the traits that the population gives, who holds nothing.
pub fn person(population: &Population, user: u32, count: usize) -> User {
    let profile = population.profile(user);
    let normals = population.normals(&profile);
    User {
        region: usize::from(profile.place.region),
        age: usize::from(profile.age),
        groups: profile.groups,
        contacts_abroad: profile.groups & population.abroad_groups() != 0,
        taste: population.tastes(user, &profile, count)[..count].iter().map(|&t| f64::from(t)).collect(),
        propensity: f64::from(normals.propensity),
        privacy: f64::from(normals.privacy),
        activity: f64::from(normals.activity),
        holds: vec![false; count],
        main: None,
        vpn: false,
        knows: vec![false; count],
        usage: vec![0.0; count],
        target: vec![0.0; count],
        reviewed: 0,
    }
}

/// Takes over what a published word says.
pub fn read_word(user: &mut User, word: Word) {
    user.holds = list(word.holdings(), user.holds.len());
    user.main = word.main();
    user.vpn = word.vpn();
}

/// A user as the engine's state has it, use as of the last review.
pub fn stored(simulation: &Simulation, user: u32) -> User {
    let state = simulation.state();
    let count = simulation.scenario().messengers.len();
    let mut person = person(simulation.population(), user, count);
    read_word(&mut person, state.word(user));
    let (usage, target) = state.usage(user);
    person.usage = usage.iter().map(|&u| f64::from(u) / 255.0).collect();
    person.target = target.iter().map(|&x| f64::from(x) / 255.0).collect();
    person.knows = list(state.aware(user), count);
    person.reviewed = state.last_review(user);
    person
}

/// A word as a number from 0 to 1, by its first 24 bits.
fn unit(word: u32) -> f64 {
    (f64::from(word >> 8) + 0.5) / f64::from(1 << 24)
}

/// The uniform number that the engine draws for an event: the one place that knows which word is used for what.
pub fn uniform(draws: &Draws, user: u32, day: i32, event: Event) -> f64 {
    let word = |purpose, k: usize| draws.block(purpose, user, day, k as u32 / 4)[k % 4];
    match event {
        Event::Review => {
            // Bit by bit, most significant first, 64 users side by side.
            let bit = |k: u32| {
                let block = draws.block(Purpose::Review, user / 64, day, k / 2);
                let digits = u64::from(block[k as usize % 2 * 2]) | u64::from(block[k as usize % 2 * 2 + 1]) << 32;
                (digits >> (user % 64) & 1) as f64
            };
            (0..32).map(|k| bit(k) * 0.5f64.powi(k as i32 + 1)).sum()
        }
        Event::Shock => unit(word(Purpose::Shock, 0)),
        Event::Hear(m) => unit(word(Purpose::Hear, m)),
        Event::Change(m) => unit(word(Purpose::Decide, m + 1)),
        Event::Round(m) => (f64::from(word(Purpose::Decide, m + 1) & 0xFF) + 0.5) / 256.0,
        Event::Vpn => (f64::from(word(Purpose::Decide, 0)) + 0.5) / 4_294_967_296.0,
        Event::Open(m) => {
            let block = draws.block(Purpose::Open, user, day, m as u32 / 8);
            let (word, high) = (block[m % 4], m % 8 >= 4);
            (f64::from(if high { word >> 16 } else { word & 0xFFFF }) + 0.5) / 65536.0
        }
    }
}
