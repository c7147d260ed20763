//! From the engine to the oracle: users as plain numbers, draws by name. Nothing of the model is here.

use crate::rule::{Event, User};
use exodus::engine::Simulation;
use exodus::model::PublicState;
use exodus::population::Population;
use exodus::random::{Draws, Purpose};

/// Bits of a mask, by messenger.
pub fn list(mask: u16, count: usize) -> Vec<bool> {
    (0..count).map(|m| mask >> m & 1 == 1).collect()
}

/// Traits are kept in steps of 1/32, up to 127 of them (2).
pub fn kept(trait_: f32) -> f64 {
    (f64::from(trait_) * 32.0).round_ties_even().clamp(-127.0, 127.0) / 32.0
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
        taste: population.tastes(user, &profile, count)[..count].iter().map(|&t| kept(t)).collect(),
        propensity: kept(normals.propensity),
        privacy: kept(normals.privacy),
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

/// Takes over what a public state says.
pub fn read_public(user: &mut User, public: PublicState) {
    user.holds = list(public.holdings(), user.holds.len());
    user.main = public.main();
    user.vpn = public.vpn();
}

/// A user as the engine's state has it, use as of the last review.
pub fn stored(simulation: &Simulation, user: u32) -> User {
    let state = simulation.state();
    let count = simulation.scenario().messengers.len();
    let mut person = person(simulation.population(), user, count);
    read_public(&mut person, state.public_of(user));
    let field = |name| state.field_of(user, name).expect("a row of the portfolio rule");
    person.usage = field("usage")[..count].iter().map(|&u| f64::from(u) / 255.0).collect();
    person.target = field("target")[..count].iter().map(|&x| f64::from(x) / 255.0).collect();
    person.taste = field("taste")[..count].iter().map(|&t| f64::from(t as i8) / 32.0).collect();
    person.knows = list(u16::from_le_bytes([field("aware")[0], field("aware")[1]]), count);
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
        Event::Change(m) => unit(word(Purpose::Decide, m)),
        Event::Round(m) => (f64::from(word(Purpose::Decide, m) >> 3 & 31) + 0.5) / 32.0,
        // Three bits of each of eight words.
        Event::Vpn => {
            let bits = (0..8).map(|m| (word(Purpose::Decide, m) & 7) << (3 * m)).sum::<u32>();
            (f64::from(bits) + 0.5) / f64::from(1 << 24)
        }
        Event::Open(m) => {
            let block = draws.block(Purpose::Open, user, day, m as u32 / 8);
            let (word, high) = (block[m % 4], m % 8 >= 4);
            (f64::from(if high { word >> 16 } else { word & 0xFFFF }) + 0.5) / 65536.0
        }
    }
}
