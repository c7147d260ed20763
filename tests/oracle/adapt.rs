//! From the engine to the oracle: users as plain numbers, draws by name. Nothing of the model is here.

use crate::rule::{Event, User};
use exodus::engine::Simulation;
use exodus::model::PublicState;
use exodus::population::Population;
use exodus::random::{Draws, Purpose};
use exodus::scenario::Scenario;

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
        on: vec![0.0; count],
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
    person.on = on(simulation.scenario(), person.groups, &simulation.user_view(user, &[]).chats);
    person
}

/// Share of messages in group chats on each messenger, where the chats around a user of these groups are on these apps.
pub fn on(scenario: &Scenario, groups: u8, chats: &[u8]) -> Vec<f64> {
    let mut on = vec![0.0; scenario.messengers.len()];
    for (kind, &app) in scenario.model.chats.kinds.iter().zip(chats) {
        let group = |name: &String| scenario.population.groups.iter().position(|group| group.name == *name).expect("a group");
        if kind.group.as_ref().is_none_or(|name| groups >> group(name) & 1 == 1)
            && let Some(on) = on.get_mut(usize::from(app))
        {
            *on += kind.share;
        }
    }
    on
}

/// Bit by bit, most significant first, 64 users or chats side by side.
fn side_by_side(draws: &Draws, purpose: Purpose, word: u32, at: u32, day: i32) -> f64 {
    let bit = |k: u32| {
        let block = draws.block(purpose, word, day, k / 2);
        let digits = u64::from(block[k as usize % 2 * 2]) | u64::from(block[k as usize % 2 * 2 + 1]) << 32;
        (digits >> at & 1) as f64
    };
    (0..32).map(|k| bit(k) * 0.5f64.powi(k as i32 + 1)).sum()
}

/// The draw that decides whether a chat reviews, by kind and place among those of the users from `first` on.
pub fn chat_reviews(draws: &Draws, kind: usize, first: u32, place: u32, day: i32) -> f64 {
    side_by_side(draws, Purpose::Chat, (kind as u32) << 26 | (first / 64 + place / 64), place % 64, day)
}

/// The draw that decides how early a chat obeys.
pub fn obedience(draws: &Draws, kind: usize, at: u32) -> f64 {
    f64::from(draws.block(Purpose::ChatOrder, at, 0, kind as u32)[0]) / 4_294_967_296.0
}

/// A word as a number from 0 to 1, by its first 24 bits.
fn unit(word: u32) -> f64 {
    (f64::from(word >> 8) + 0.5) / f64::from(1 << 24)
}

/// The uniform number that the engine draws for an event: the one place that knows which word is used for what.
pub fn uniform(draws: &Draws, user: u32, day: i32, event: Event) -> f64 {
    let word = |purpose, k: usize| draws.block(purpose, user, day, k as u32 / 4)[k % 4];
    match event {
        Event::Review => side_by_side(draws, Purpose::Review, user / 64, user % 64, day),
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
