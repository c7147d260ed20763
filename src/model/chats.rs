//! Group chats: each lives on one app until it moves as one (model.md). Numbers in brackets are those of the equations in
//! section 7 of the ODD protocol.
//!
//! No list says who is in which chat: members are neighbours by user number, and no chat crosses the end of a chunk of users.
//! So a chat is a byte that belongs to its chunk, and only its chunk reads or writes it.

use super::bits;
use crate::peers::CHUNK;
use crate::policy::Policy;
use crate::population::Population;
use crate::random::{Purpose, below_64, chance};
use crate::scenario::{MAX_CHATS, MAX_MESSENGERS, PopulationSpec, Scenario, Service};
use std::ops::Range;

/// A chat on no app yet, as nobody could take part in it.
pub const NOWHERE: u8 = 254;
/// No chat: fewer than two members.
pub const NO_CHAT: u8 = 255;

/// What is counted for a member who can take part with full access to messages.
const WHOLE: f32 = 255.0;
/// What is at its quorum, but for rounding, has reached it.
const ROUNDING: f64 = 1e-6;

/// The group chats of a scenario: where the bytes of a chunk's chats lie, and how chats move.
#[derive(Clone, Debug)]
pub struct Chats {
    kinds: Vec<Kind>,
    /// Bytes of a chunk of users.
    bytes: usize,
    /// Reviews a day, times 2^32.
    rate: u64,
    quorum: f64,
    gain: f64,
}

#[derive(Clone, Debug, PartialEq)]
struct Kind {
    /// The group whose members have such chats; everyone if `None`.
    group: Option<usize>,
    /// Chats of a chunk: of as many users each, or where they are of households one a user, of which that of its first member counts.
    places: u32,
    of_households: bool,
    /// The first of them among the bytes of a chunk.
    first: usize,
}

/// Who could take part where in a chat.
struct Count {
    members: u32,
    /// By app, over members who hold it and for whom it works: access to messages, in 1/255.
    taking_part: [u32; MAX_MESSENGERS],
}

impl Chats {
    /// Of a validated scenario; `None` where it has no chats.
    pub fn new(scenario: &Scenario) -> Option<Self> {
        let spec = &scenario.model.chats;
        if spec.are_off() {
            return None;
        }
        let mut bytes = 0;
        let kinds = spec.kinds.iter().map(|kind| {
            let population = &scenario.population;
            let group = kind.group.as_ref().and_then(|name| population.group(name));
            let share = group.map_or(1.0, |g| share_of_group(population, g));
            let places = kind.size.map_or(CHUNK, |size| (f64::from(CHUNK) * share / size).round().clamp(1.0, 2048.0) as u32);
            let first = bytes;
            bytes += places as usize;
            Kind { group, places, of_households: kind.size.is_none(), first }
        });
        let kinds = kinds.collect();
        Some(Chats { kinds, bytes, rate: chance(spec.rate), quorum: spec.quorum, gain: spec.gain })
    }

    /// Bytes of the chats of a chunk of users.
    pub fn bytes_of_chunk(&self) -> usize {
        self.bytes
    }

    /// Bytes of the chats of so many users, from the first of a chunk on.
    pub fn bytes_of(&self, users: usize) -> usize {
        users.div_ceil(CHUNK as usize) * self.bytes
    }

    /// Whether other chats have the same members, however they move.
    pub fn have_members_of(&self, other: &Chats) -> bool {
        self.kinds == other.kinds
    }

    /// By kind the app, [`NOWHERE`] or [`NO_CHAT`] of the chat where `user` lives. Whether the user is in it, its groups say. `chats` are those
    /// of the user's chunk.
    #[inline]
    pub fn around(&self, population: &Population, user: u32, chats: &[u8]) -> [u8; MAX_CHATS] {
        let mut around = [NO_CHAT; MAX_CHATS];
        let offset = user % CHUNK;
        for (around, kind) in around.iter_mut().zip(&self.kinds) {
            let place = if kind.of_households { population.household_head(user) % CHUNK } else { offset * kind.places / CHUNK };
            *around = chats[kind.first + place as usize];
        }
        around
    }

    /// The chats of a chunk of users on the first day: on the app on which most could take part, or as ordered (48).
    pub fn begin(&self, chunk: &Chunk<'_>, chats: &mut [u8]) {
        for (k, kind) in self.kinds.iter().enumerate() {
            for place in 0..kind.places {
                let users = kind.users(chunk, place);
                let count = kind.count(chunk, users.clone());
                chats[kind.first + place as usize] = if count.members < 2 {
                    NO_CHAT
                } else {
                    let order = kind.order(k, chunk, place, &users);
                    order.unwrap_or_else(|| self.best(NOWHERE, &count))
                };
            }
        }
    }

    /// The chats of a chunk of users after a day: those that are told to be on an app are, and of the others some review.
    pub fn review(&self, chunk: &Chunk<'_>, chats: &mut [u8]) {
        let today = chunk.policy.today();
        for (k, kind) in self.kinds.iter().enumerate() {
            let chats = &mut chats[kind.first..][..kind.places as usize];
            let ordered = kind.group.is_some_and(|g| today.regions.iter().any(|region| region.chat_groups >> g & 1 == 1));
            for base in (0..kind.places).step_by(64) {
                let word = (k as u32) << 26 | (chunk.first + base) / 64;
                let [due] = below_64(chunk.population.draws(), Purpose::Chat, word, today.draw_tick, [self.rate]);
                let inside = if kind.places - base < 64 { (1 << (kind.places - base)) - 1 } else { !0 };
                let mut left = if ordered { inside } else { due & inside };
                while left != 0 {
                    let bit = left.trailing_zeros();
                    left &= left - 1;
                    let app = &mut chats[(base + bit) as usize];
                    if *app == NO_CHAT {
                        continue;
                    }
                    let users = kind.users(chunk, base + bit);
                    if let Some(order) = ordered.then(|| kind.order(k, chunk, base + bit, &users)).flatten() {
                        *app = order;
                    } else if due >> bit & 1 == 1 {
                        *app = self.best(*app, &kind.count(chunk, users));
                    }
                }
            }
        }
    }

    /// Where a chat that is on `app` goes (45): to the app on which most could take part, where they are a quorum and enough more than
    /// here; of equals the first in the file.
    fn best(&self, app: u8, count: &Count) -> u8 {
        let (mut best, mut most) = (app, 0);
        for (m, &taking_part) in (0..).zip(&count.taking_part) {
            if taking_part > most {
                (best, most) = (m, taking_part);
            }
        }
        let Some(&here) = count.taking_part.get(usize::from(app)) else { return best };
        let all = f64::from(WHOLE) * f64::from(count.members);
        let (there, here) = (f64::from(most), f64::from(here));
        let moves = there > here && there + ROUNDING >= self.quorum * all && there - here + ROUNDING >= self.gain * all;
        if moves { best } else { app }
    }
}

/// A chunk of users, and what chats see of them.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    /// Its first user.
    pub first: u32,
    /// Traits, and draws.
    pub population: &'a Population,
    /// Today's policy.
    pub policy: &'a Policy,
    /// Public states of all users.
    pub public: &'a [u32],
    /// What its users keep to themselves, in rows of so many bytes.
    pub rows: &'a [u8],
    /// See there.
    pub row_size: usize,
    /// Where a row says which groups its user is in, a bit each; where it does not, they are regenerated.
    pub groups_at: Option<usize>,
}

impl Chunk<'_> {
    #[inline]
    fn groups(&self, user: u32) -> u8 {
        match self.groups_at {
            Some(at) => self.rows[(user - self.first) as usize * self.row_size + at],
            None => self.population.profile(user).groups,
        }
    }
}

impl Kind {
    /// The users among whom the members of a chat are; none where a place is that of no household's first member.
    fn users(&self, chunk: &Chunk<'_>, place: u32) -> Range<u32> {
        let user = |offset: u32| chunk.first.saturating_add(offset).min(chunk.public.len() as u32);
        if self.of_households {
            let first = user(place);
            let household = if first < user(place + 1) { chunk.population.household(first) } else { first..first };
            return if household.start == first { household } else { first..first };
        }
        user((place * CHUNK).div_ceil(self.places))..user(((place + 1) * CHUNK).div_ceil(self.places))
    }

    /// How many members there are, and how well they could take part on each app (44).
    fn count(&self, chunk: &Chunk<'_>, users: Range<u32>) -> Count {
        let mut count = Count { members: 0, taking_part: [0; MAX_MESSENGERS] };
        for user in users.filter(|&user| self.group.is_none_or(|g| chunk.groups(user) >> g & 1 == 1)) {
            let public = super::PublicState(chunk.public[user as usize]);
            let access = &chunk.policy.today().access[public.row()];
            count.members += 1;
            for m in bits(public.holdings() & access.works) {
                count.taking_part[m] += (access.to[Service::Messages][m] * WHOLE + 0.5) as u32;
            }
        }
        count
    }

    /// The app on which a chat is told to be today (46): orders take the chats of a group in an order that stays.
    fn order(&self, k: usize, chunk: &Chunk<'_>, place: u32, users: &Range<u32>) -> Option<u8> {
        let class = super::PublicState(*chunk.public.get(users.start as usize)?).class();
        let orders = &chunk.policy.today().regions[usize::from(chunk.policy.place(class).region)];
        let g = self.group.filter(|g| orders.chat_groups >> g & 1 == 1)?;
        let draw = chunk.population.draws().block(Purpose::ChatOrder, chunk.first + place, 0, k as u32)[0];
        let mut share = 0.0;
        orders.chats[g].iter().zip(0..).find_map(|(&more, m)| {
            share += more;
            (u64::from(draw) < chance(f64::from(share))).then_some(m)
        })
    }
}

/// Share of the people of the regions where it exists who are in a group.
fn share_of_group(population: &PopulationSpec, g: usize) -> f64 {
    let all: f64 = population.ages.iter().map(|age| age.share).sum();
    population.ages.iter().enumerate().map(|(a, age)| age.share * population.groups[g].share(a)).sum::<f64>() / all
}
