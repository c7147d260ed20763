//! The audience panel (model.md, section 6): a fixed sample of users, visited every day, whose openings are drawn.
//!
//! These visits are the costliest part of observation, so apps are visited eight at a time: arrays of eight numbers,
//! one a messenger, without branches, which compilers turn into vector instructions. Draws are made for eight members
//! at a time.

use super::tally::FIXED;
use super::{Cells, Measure, Scalar, Tally};
use crate::engine::{ErasedRule, Simulation, State};
use crate::error::{Error, Result};
use crate::memory::{Column, prefetch};
use crate::model::opening::Openings;
use crate::policy::PerMessenger;
use crate::random::{Purpose, address};
use crate::scenario::{MAX_MESSENGERS, Service};
use fearless_simd::{Level, dispatch};
use rayon::prelude::*;
use std::ops::Range;

/// Most days over which monthly reach counts openings, today included.
pub const WINDOW: i32 = 30;
/// Members whom one task visits: few enough for sums of fractions in 2^-20 to fit 32 bits.
const CHUNK: usize = 1024;
/// Members ahead whose state is fetched.
const AHEAD: usize = 12;
/// Added to the day of an opening; 0 stands for never.
const DAY_ZERO: i32 = 4096;
/// Messengers visited together.
const LANES: usize = 8;
/// Groups of as many messengers, at most.
const HALVES: usize = MAX_MESSENGERS / LANES;
/// Members whose draws are made side by side.
const SIDE_BY_SIDE: usize = 8;

/// A number for each of eight messengers.
type Lanes = [f32; LANES];

/// A member of the panel.
#[derive(Clone, Copy, Debug)]
struct Member {
    user: u32,
    cell: u32,
    activity: f32,
}

#[derive(Debug)]
pub(super) struct Panel {
    cells: Cells,
    messengers: usize,
    openings: Openings,
    /// Days over which monthly reach counts openings, today included; at most [`WINDOW`].
    window: i32,
    /// Members in all, and which of them are users of this process: their places among all, in the order of user numbers.
    size: usize,
    own: Range<usize>,
    members: Vec<Member>,
    /// Day of the last opening plus 4096, eight or sixteen a member; 0 is never.
    opened: Column<u16>,
}

/// Today's access of one row of the access tables, for eight messengers.
#[derive(Clone, Copy, Debug)]
struct Row {
    works: u8,
    by_vpn: u8,
    /// Floor of the opening probability at activity 1.
    floor: Lanes,
    /// Openings a day at full use and activity 1.
    rate: Lanes,
    /// Share of use lost.
    lost: Lanes,
}

/// Sums over the members of one cell in one chunk, by messenger.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sums {
    /// In the order of [`MEASURES`].
    lanes: [[u32; LANES]; MEASURES.len()],
    lost: [u32; LANES],
    visits: u32,
}

/// What [`Sums`] holds by messenger.
const MEASURES: [Measure; 5] = [Measure::Reach, Measure::Use, Measure::Traffic, Measure::VpnTraffic, Measure::Monthly];

/// By a mask of eight bits: all ones in the lanes that are set.
static MASKS: [[u32; LANES]; 256] = {
    let mut masks = [[0; LANES]; 256];
    let mut mask = 0;
    while mask < 256 {
        let mut k = 0;
        while k < LANES {
            masks[mask][k] = if mask >> k & 1 == 1 { u32::MAX } else { 0 };
            k += 1;
        }
        mask += 1;
    }
    masks
};

impl Panel {
    /// Draws the panel, one member from each of as many equal intervals of user numbers (which follow geography), and
    /// lets a month of openings go by at the start's probabilities, so that the first day's monthly reach is right.
    pub(super) fn new(simulation: &Simulation, cells: Cells) -> Result<Self> {
        let scenario = simulation.scenario();
        let population = simulation.population();
        let users = u64::from(population.users());
        let size = scenario.observe.audience_panel.among(users);
        let openings = Openings::new(&scenario.model.opening);
        let window = i32::from(scenario.observe.reach_days);
        let user_of = |k: u64| {
            let (first, end) = (k * users / size, (k + 1) * users / size);
            let offset = u64::from(population.draws().block(Purpose::Panel, k as u32, 0, 0)[0]) * (end - first) >> 32;
            (first + offset) as u32
        };
        // Of a user anywhere, the member whose interval it lies in may be before or behind it.
        let first_from = |user: u32| {
            let near = u64::from(user) * size / users;
            (near.saturating_sub(1)..size.min(near + 2)).find(|&k| user_of(k) >= user).unwrap_or(size.min(near + 2))
        };
        let part = simulation.part();
        let own = first_from(part.start)..first_from(part.end);
        let members = own
            .clone()
            .into_par_iter()
            .map(|k| {
                let user = user_of(k);
                let profile = population.profile(user);
                Member {
                    user,
                    cell: cells.of(&profile) as u32,
                    activity: openings.activity(population.normals(&profile).activity, usize::from(profile.age)),
                }
            })
            .collect::<Vec<_>>();
        let messengers = scenario.messengers.len();
        let width = messengers.div_ceil(LANES) * LANES;
        let mut opened = Column::<u16>::zeroed(members.len() * width)?;
        let day = simulation.day();
        let visit = Visit::new(simulation, &openings, window, messengers);
        (members.par_iter().zip(opened.to_mut()?.par_chunks_mut(width))).for_each(|(member, opened)| {
            let uses = visit.uses(member);
            for (half, opened) in opened.chunks_exact_mut(LANES).enumerate() {
                let draws = sixteen_bits(visit.draws(Level::new(), &[*member], half)[0]);
                let seen = visit.see(member, half, &uses);
                for k in 0..LANES {
                    // Days since the last opening are geometric: the first d with 1 - (1 - p)^(d + 1) above the draw.
                    let mut closed = 1.0f32;
                    for d in 0..WINDOW {
                        closed *= 1.0 - seen.probability[k] as f32 / FIXED;
                        if (draws[k] as f32) < 65536.0 * (1.0 - closed) {
                            opened[k] = (day - d + DAY_ZERO) as u16;
                            break;
                        }
                    }
                }
            }
        });
        let (size, own) = (size as usize, own.start as usize..own.end as usize);
        Ok(Panel { cells, messengers, openings, window, size, own, members, opened })
    }

    /// Number of members, those of other processes too.
    pub(super) fn len(&self) -> u32 {
        self.size as u32
    }

    /// Days of last openings a member: eight or sixteen.
    pub(super) fn width(&self) -> usize {
        self.messengers.div_ceil(LANES) * LANES
    }

    /// Days of last openings, of the members who are users of this process.
    pub(super) fn memory(&self) -> &[u16] {
        &self.opened
    }

    /// By member the messengers opened in the days of monthly reach that end with `day`, a bit each.
    pub(super) fn opened_in_window(&self, day: i32) -> impl Iterator<Item = u16> + '_ {
        let month_ago = day - self.window + DAY_ZERO;
        let bits =
            move |opened: &[u16]| opened.iter().rev().fold(0, |bits, &day| bits << 1 | u16::from(i32::from(day) > month_ago));
        self.opened.chunks_exact(self.width()).map(bits)
    }

    /// Takes what was remembered of all members.
    pub(super) fn remember(&mut self, opened: &[u16]) -> Result<()> {
        let width = self.width();
        if opened.len() != self.size * width {
            let allowed = self.size * width;
            return Err(Error::invalid(format!("found {} openings of the audience panel; allowed {allowed}", opened.len())));
        }
        self.opened = Column::from_slice(&opened[self.own.start * width..self.own.end * width])?;
        Ok(())
    }

    /// Of every place among all members at which a user of this process stands, its number.
    pub(super) fn user_at(&self, place: usize) -> Option<u32> {
        Some(self.members.get(place.checked_sub(self.own.start)?)?.user)
    }

    pub(super) fn observe(&mut self, simulation: &Simulation, tally: &mut Tally) {
        let Panel { cells, messengers, openings, window, members, opened, .. } = self;
        let messengers = *messengers;
        let visit = Visit::new(simulation, openings, *window, messengers);
        let empty = || Tally::new(cells.len(), messengers);
        // The panel's column is always its own memory, so this cannot fail.
        let Ok(opened) = opened.to_mut() else { return };
        let width = visit.halves * LANES;
        let sums = (members.par_chunks(CHUNK).zip(opened.par_chunks_mut(CHUNK * width)))
            .fold(
                || (empty(), vec![Sums::default(); cells.len() * visit.halves]),
                |(mut tally, mut sums), (members, opened)| {
                    visit.chunk(Level::new(), members, opened, &mut sums);
                    for (at, sums) in sums.iter_mut().enumerate().filter(|(_, sums)| sums.visits > 0) {
                        let (cell, first) = (at / visit.halves, at % visit.halves * LANES);
                        for (measure, lanes) in MEASURES.into_iter().zip(sums.lanes) {
                            for (m, sum) in (first..messengers).zip(lanes) {
                                tally.add(cell, measure, m, i64::from(sum));
                            }
                        }
                        tally.add_scalar(cell, Scalar::Panel, if first == 0 { i64::from(sums.visits) } else { 0 });
                        tally.add_scalar(cell, Scalar::LostUse, sums.lost.iter().map(|&lost| i64::from(lost)).sum());
                        *sums = Sums::default();
                    }
                    (tally, sums)
                },
            )
            .map(|(tally, _)| tally)
            .reduce(empty, |mut a, b| {
                a.merge(&b);
                a
            });
        tally.merge(&sums);
    }
}

/// What all visits of a day share.
struct Visit<'a> {
    simulation: &'a Simulation,
    state: &'a State,
    rule: &'a dyn ErasedRule,
    /// Not under rules of one app: there is no use, and an app is opened every day while it works.
    has_use: bool,
    /// By row and half of the messengers.
    rows: Vec<Row>,
    halves: usize,
    window: i32,
    day: i32,
    draw_tick: i32,
}

/// Apps of one member today; zero where not held. In 2^-20.
struct MemberApps {
    held: u8,
    works: u8,
    by_vpn: u8,
    probability: [u32; LANES],
    use_: [u32; LANES],
    lost: [u32; LANES],
}

impl<'a> Visit<'a> {
    fn new(simulation: &'a Simulation, openings: &Openings, window: i32, messengers: usize) -> Self {
        let halves = messengers.div_ceil(LANES);
        let policy = simulation.policy();
        let rows = policy.today().access.iter().enumerate().flat_map(|(row, access)| {
            (0..halves).map(move |half| {
                let of = |lane: usize| (half * LANES + lane).min(MAX_MESSENGERS - 1);
                let works = (access.works >> (half * LANES)) as u8;
                let patience: Lanes = std::array::from_fn(|k| openings.patience(policy.days_failing(row, of(k))));
                Row {
                    works,
                    by_vpn: (access.by_vpn >> (half * LANES)) as u8,
                    floor: std::array::from_fn(|k| openings.floor(works >> k & 1 == 1, access.to[Service::Messages][of(k)])),
                    rate: patience.map(|patience| patience * openings.rate()),
                    lost: std::array::from_fn(|k| access.lost[of(k)]),
                }
            })
        });
        Visit {
            state: simulation.state(),
            rule: simulation.rule(),
            has_use: simulation.rule().has_use(),
            rows: rows.collect(),
            halves,
            window,
            day: simulation.day(),
            draw_tick: simulation.policy().today().draw_tick,
            simulation,
        }
    }

    /// Visits the members of a chunk by the instructions of `level`; all compute the same bits.
    fn chunk(&self, level: Level, members: &[Member], opened: &mut [u16], sums: &mut [Sums]) {
        dispatch!(level, _ => self.chunk_inlined(level, members, opened, sums));
    }

    #[inline(always)]
    fn chunk_inlined(&self, level: Level, members: &[Member], opened: &mut [u16], sums: &mut [Sums]) {
        let mut draws = [[[0; 4]; SIDE_BY_SIDE]; HALVES];
        for (k, member) in members.iter().enumerate() {
            if k % SIDE_BY_SIDE == 0 {
                let next = &members[k..members.len().min(k + SIDE_BY_SIDE)];
                for half in 0..self.halves {
                    draws[half] = self.draws(level, next, half);
                }
            }
            if let Some(next) = members.get(k + AHEAD) {
                prefetch(self.state.public(), next.user as usize);
                prefetch(self.state.rows(), self.state.place_of(next.user));
            }
            let uses = self.uses(member);
            for half in 0..self.halves {
                let Some(opened) = opened[(k * self.halves + half) * LANES..].first_chunk_mut::<LANES>() else { return };
                let sums = &mut sums[member.cell as usize * self.halves + half];
                self.visit(member, half, &uses, draws[half][k % SIDE_BY_SIDE], opened, sums);
            }
        }
    }

    /// Visits one member and eight of the messengers.
    #[inline(always)]
    fn visit(
        &self,
        member: &Member,
        half: usize,
        uses: &PerMessenger,
        draws: [u32; 4],
        opened: &mut [u16; LANES],
        sums: &mut Sums,
    ) {
        let today = (self.day + DAY_ZERO) as u32;
        let month_ago = (self.day - self.window + DAY_ZERO) as u32;
        let (seen, draws) = (self.see(member, half, uses), sixteen_bits(draws));
        let works = MASKS[usize::from(seen.works & seen.held)];
        let by_vpn = MASKS[usize::from(seen.works & seen.held & seen.by_vpn)];
        let drawn: [u32; LANES] = std::array::from_fn(|k| u32::from(draws[k] < seen.probability[k] >> 4).wrapping_neg());
        let before: [u32; LANES] = opened.map(u32::from);
        let days: [u32; LANES] = std::array::from_fn(|k| today & drawn[k] | before[k] & !drawn[k]);
        *opened = days.map(|day| day as u16);
        add(&mut sums.lanes[0], seen.probability);
        add(&mut sums.lanes[1], and(seen.probability, works));
        add(&mut sums.lanes[2], and(seen.use_, works));
        add(&mut sums.lanes[3], and(seen.use_, by_vpn));
        add(&mut sums.lanes[4], days.map(|day| u32::from(day > month_ago)));
        add(&mut sums.lost, seen.lost);
        sums.visits += 1;
    }

    /// Use today of all messengers by a member.
    #[inline(always)]
    fn uses(&self, member: &Member) -> PerMessenger {
        let public = self.state.public_of(member.user);
        self.rule.use_today(self.simulation.policy(), public, self.state.row_of(member.user))
    }

    #[inline(always)]
    fn see(&self, member: &Member, half: usize, uses: &PerMessenger) -> MemberApps {
        let public = self.state.public_of(member.user);
        let row = &self.rows[public.row() * self.halves + half];
        let held = (public.holdings() >> (half * LANES)) as u8;
        let mut seen = MemberApps {
            held,
            works: row.works,
            by_vpn: row.by_vpn,
            probability: [0; LANES],
            use_: [0; LANES],
            lost: [0; LANES],
        };
        let mask = &MASKS[usize::from(held)];
        if !self.has_use {
            let works = &MASKS[usize::from(row.works)];
            seen.use_ = std::array::from_fn(|k| FIXED as u32 & mask[k]);
            seen.probability = std::array::from_fn(|k| seen.use_[k] & works[k]);
            return seen;
        }
        let uses: Lanes = std::array::from_fn(|k| uses[half * LANES + k]);
        for k in 0..LANES {
            let floor = (member.activity * row.floor[k]).min(Openings::MOST_FLOOR);
            let probability = 1.0 - (1.0 - floor) * crate::random::exp(-row.rate[k] * member.activity * uses[k]);
            seen.probability[k] = fixed(probability) & mask[k];
            seen.use_[k] = fixed(uses[k]) & mask[k];
            seen.lost[k] = fixed(uses[k] * row.lost[k]) & mask[k];
        }
        seen
    }

    /// The words of up to eight members, addressed by user and day; of fewer, the rest means nothing.
    #[inline(always)]
    fn draws(&self, level: Level, members: &[Member], half: usize) -> [[u32; 4]; SIDE_BY_SIDE] {
        let mut addresses = [[0; 4]; SIDE_BY_SIDE];
        for (at, member) in addresses.iter_mut().zip(members) {
            *at = address(Purpose::Open, member.user, self.draw_tick, half as u32);
        }
        self.simulation.population().draws().blocks_at(level, addresses)
    }
}

/// 16 bits for each of eight messengers.
#[inline(always)]
fn sixteen_bits(words: [u32; 4]) -> [u32; LANES] {
    std::array::from_fn(|k| if k < 4 { words[k] & 0xFFFF } else { words[k - 4] >> 16 })
}

#[inline(always)]
fn add(sums: &mut [u32; LANES], more: [u32; LANES]) {
    for k in 0..LANES {
        sums[k] += more[k];
    }
}

#[inline(always)]
fn and(a: [u32; LANES], b: [u32; LANES]) -> [u32; LANES] {
    std::array::from_fn(|k| a[k] & b[k])
}

/// A fraction from 0 to 1 in 2^-20, rounded: in 8 to 16 a float's last bit is worth 2^-20.
#[inline(always)]
fn fixed(fraction: f32) -> u32 {
    (fraction + 8.0).to_bits() - 8.0f32.to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;
    use proptest::prelude::*;
    use std::path::Path;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) })]

        #[test]
        fn the_best_instructions_see_what_all_processors_do(seed in 0u32..1000, users in 50u32..3000, days in 0usize..6) {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/everything.toml");
            let changes = [
                format!("seed={seed}"),
                format!("population.users={users}"),
                "model.warm_up_days=2".into(),
                "model.settle_days=2".into(),
            ];
            let scenario = scenario::load(&file, &changes).expect("a scenario");
            let mut simulation = Simulation::new(scenario).expect("a simulation");
            let panel = Panel::new(&simulation, Cells::new(simulation.scenario())).expect("a panel");
            for _ in 0..days {
                simulation.step().expect("a step");
            }
            let visit = Visit::new(&simulation, &panel.openings, panel.window, panel.messengers);
            let [best, least] = [Level::new(), Level::baseline()].map(|level| {
                let mut opened = panel.opened.to_vec();
                let mut sums = vec![Sums::default(); panel.cells.len() * visit.halves];
                let members = &panel.members[..panel.members.len().min(CHUNK)];
                visit.chunk(level, members, &mut opened, &mut sums);
                (opened, sums)
            });
            prop_assert!(best.1.iter().any(|sums| sums.visits > 0));
            prop_assert!(best == least);
        }
    }
}
