//! Group chats: section 7.12 of the ODD protocol, as lists of members.

use crate::adapt;
use crate::policy::{Access, Policy};
use crate::rule::User;
use exodus::engine::Simulation;
use exodus::population::Population;
use exodus::random::Draws;
use exodus::scenario::Scenario;
use std::collections::BTreeMap;

/// Users of a stretch of numbers that no chat leaves.
const STRETCH: usize = 4096;

/// A group chat of two members or more.
pub struct Chat {
    kind: usize,
    /// First user of its stretch, and its place there: its draws are addressed by them.
    address: (u32, u32),
    pub members: Vec<usize>,
    pub app: Option<usize>,
}

/// Mean share of the people who are in a group.
fn share_of(scenario: &Scenario, group: usize) -> f64 {
    let (ages, shares) = (&scenario.population.ages, &scenario.population.groups[group].share_by_age);
    let of = |a: usize| if shares.len() == 1 { shares[0] } else { shares.get(a).copied().unwrap_or(0.0) };
    let sum: f64 = ages.iter().map(|age| age.share).sum();
    ages.iter().enumerate().map(|(a, age)| of(a) * age.share / sum).sum()
}

/// All chats, on no app.
pub fn all(scenario: &Scenario, population: &Population, users: &[User]) -> Vec<Chat> {
    let mut chats = Vec::new();
    for (kind, spec) in scenario.model.chats.kinds.iter().enumerate() {
        let group = spec.group.as_ref().and_then(|name| scenario.population.groups.iter().position(|g| g.name == *name));
        let mut members: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
        let is_in = |user: &User| group.is_none_or(|g| user.groups >> g & 1 == 1);
        for (i, _) in users.iter().enumerate().filter(|(_, user)| is_in(user)) {
            let (stretch, offset) = (i / STRETCH * STRETCH, i % STRETCH);
            let place = match spec.size {
                // A family has the place of its first member.
                None => population.household(i as u32).start as usize - stretch,
                // A stretch has as many chats as make their mean size; users are divided evenly.
                Some(size) => {
                    let chats = STRETCH as f64 * group.map_or(1.0, |g| share_of(scenario, g)) / size;
                    let chats = chats.round().clamp(1.0, 2048.0) as usize;
                    (0..chats).rev().find(|place| place * STRETCH <= offset * chats).expect("the first")
                }
            };
            members.entry((stretch as u32, place as u32)).or_default().push(i);
        }
        let of_two = members.into_iter().filter(|(_, members)| members.len() > 1);
        chats.extend(of_two.map(|(address, members)| Chat { kind, address, members, app: None }));
    }
    chats
}

/// on (47): share of the messages of each user in chats on each messenger.
pub fn on(scenario: &Scenario, chats: &[Chat], users: usize) -> Vec<Vec<f64>> {
    let mut on = vec![vec![0.0; scenario.messengers.len()]; users];
    for chat in chats {
        if let Some(m) = chat.app {
            chat.members.iter().for_each(|&i| on[i][m] += scenario.model.chats.kinds[chat.kind].share);
        }
    }
    on
}

/// Where the engine has a chat.
pub fn in_engine(simulation: &Simulation, chat: &Chat) -> Option<usize> {
    let app = usize::from(simulation.user_view(chat.members[0] as u32, &[]).chats[chat.kind]);
    (app < simulation.scenario().messengers.len()).then_some(app)
}

impl Chat {
    /// P (44), in 1/255 of a member.
    fn taking_part(&self, users: &[User], access: &dyn Fn(&User) -> Vec<Access>, near: &mut bool) -> Vec<f64> {
        let mut sums = vec![0.0; users[0].holds.len()];
        for &i in &self.members {
            for (m, access) in access(&users[i]).iter().enumerate().filter(|(m, access)| users[i].holds[*m] && access.works) {
                let part = 255.0 * access.access[0];
                *near |= (part - part.floor() - 0.5).abs() < 1e-3;
                sums[m] += part.round();
            }
        }
        sums
    }

    /// The app after a day, and whether that lay within rounding (45), (46), (48). Users are as of yesterday. `begins`: it is the first day.
    pub fn next(
        &self,
        policy: &Policy<'_>,
        draws: &Draws,
        day: i32,
        users: &[User],
        access: &dyn Fn(&User) -> Vec<Access>,
        begins: bool,
    ) -> (Option<usize>, bool) {
        let (scenario, mut near) = (policy.scenario, false);
        let spec = &scenario.model.chats;
        let (stretch, place) = self.address;
        // (46): of the region's chats of the group some are told to be on a messenger.
        if let Some(group) = &spec.kinds[self.kind].group {
            let g = scenario.population.groups.iter().position(|other| other.name == *group).expect("a group");
            let first = first_of_place(scenario, spec.kinds[self.kind].size, g, stretch, place);
            let region = users[first as usize].region;
            let draw = adapt::obedience(draws, self.kind, stretch + place);
            let mut told = 0.0;
            for m in 0..scenario.messengers.len() {
                told += policy.chats_told(m, region, g, day);
                near |= (draw - told).abs() < 1e-6;
                if draw < told {
                    return (Some(m), near);
                }
            }
        }
        let reviews = adapt::chat_reviews(draws, self.kind, stretch, place, day);
        near |= (reviews - spec.rate).abs() < 1e-6;
        if !begins && reviews >= spec.rate {
            return (self.app, near);
        }
        let sums = self.taking_part(users, access, &mut near);
        let best = (0..sums.len()).filter(|&m| sums[m] > 0.0).reduce(|a, b| if sums[b] > sums[a] { b } else { a });
        let (Some(best), Some(here)) = (best, self.app) else { return (best.or(self.app), near) };
        let all = 255.0 * self.members.len() as f64;
        let (most, gain) = (sums[best], sums[best] - sums[here]);
        near |= (most - spec.quorum * all).abs() < 1e-5 || (gain - spec.gain * all).abs() < 1e-5;
        let moves = gain > 0.0 && most >= spec.quorum * all && gain >= spec.gain * all;
        (Some(if moves { best } else { here }), near)
    }
}

/// The first user of a chat's place, member or not: its region is the chat's.
fn first_of_place(scenario: &Scenario, size: Option<f64>, g: usize, stretch: u32, place: u32) -> u32 {
    let Some(size) = size else { return stretch + place };
    let chats = (STRETCH as f64 * share_of(scenario, g) / size).round().clamp(1.0, 2048.0) as u32;
    let first = (0..STRETCH as u32).find(|offset| offset * chats / STRETCH as u32 == place);
    stretch + first.expect("a user")
}
