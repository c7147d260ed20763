//! The audience panel (model.md, section 6): a fixed sample of users, visited every day, whose openings are drawn.

use super::tally::FIXED;
use super::{Cells, Measure, Scalar, Tally};
use crate::engine::{Simulation, State};
use crate::error::Result;
use crate::memory::Column;
use crate::model::opening::Openings;
use crate::model::{Word, bits};
use crate::random::Purpose;
use crate::scenario::MAX_MESSENGERS;
use rayon::prelude::*;

/// Days over which monthly reach counts openings, today included.
pub const WINDOW: i32 = 30;
/// Members whom one task visits.
const CHUNK: usize = 8192;
/// Members ahead whose state is fetched.
const AHEAD: usize = 12;
/// Added to the day of an opening; 0 stands for never.
const DAY_ZERO: i32 = 4096;

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
    members: Vec<Member>,
    /// Day of the last opening plus 4096, a row of `messengers` a member; 0 is never.
    opened: Column<u16>,
}

impl Panel {
    /// Draws the panel, one member from each of as many equal intervals of user numbers (which follow geography), and
    /// lets a month of openings go by at the start's probabilities, so that the first day's monthly reach is right.
    pub(super) fn new(simulation: &Simulation, cells: Cells) -> Result<Self> {
        let scenario = simulation.scenario();
        let population = simulation.population();
        let users = u64::from(population.users());
        let size = u64::from(scenario.observe.audience_panel).min(users);
        let openings = Openings::new(&scenario.model.opening);
        let members = (0..size)
            .into_par_iter()
            .map(|k| {
                let (first, end) = (k * users / size, (k + 1) * users / size);
                let offset = u64::from(population.draws().block(Purpose::Panel, k as u32, 0, 0)[0]) * (end - first) >> 32;
                let user = (first + offset) as u32;
                let profile = population.profile(user);
                Member { user, cell: cells.of(&profile) as u32, activity: openings.activity(population.normals(&profile).activity) }
            })
            .collect::<Vec<_>>();
        let messengers = scenario.messengers.len();
        let mut opened = Column::<u16>::zeroed(members.len() * messengers)?;
        (members.par_iter().zip(opened.to_mut()?.par_chunks_mut(messengers))).for_each(|(member, opened)| {
            let day = simulation.day();
            let draws = draw(simulation, member.user, day);
            visit(simulation, &openings, member, |m, seen| {
                // Days since the last opening are geometric: the first k with 1 - (1 - p)^(k+1) above the draw.
                let mut closed = 1.0f32;
                for k in 0..WINDOW {
                    closed *= 1.0 - seen.probability;
                    if f32::from(draws[m]) < 65536.0 * (1.0 - closed) {
                        opened[m] = (day - k + DAY_ZERO) as u16;
                        break;
                    }
                }
            });
        });
        Ok(Panel { cells, messengers, openings, members, opened })
    }

    pub(super) fn len(&self) -> u32 {
        self.members.len() as u32
    }

    /// User numbers of the members, in order.
    pub(super) fn users(&self) -> impl Iterator<Item = u32> + '_ {
        self.members.iter().map(|m| m.user)
    }

    pub(super) fn observe(&mut self, simulation: &Simulation, tally: &mut Tally) {
        let Panel { cells, messengers, openings, members, opened } = self;
        let day = simulation.day();
        let month_ago = (day - WINDOW + DAY_ZERO) as u16;
        let empty = || Tally::new(cells.len(), *messengers);
        // The panel's column is always its own memory, so this cannot fail.
        let Ok(opened) = opened.to_mut() else { return };
        let sums = (members.par_chunks(CHUNK).zip(opened.par_chunks_mut(CHUNK * *messengers)))
            .fold(empty, |mut tally, (members, opened)| {
                for (k, member) in members.iter().enumerate() {
                    if let Some(next) = members.get(k + AHEAD) {
                        simulation.state().prefetch(next.user);
                    }
                    let cell = member.cell as usize;
                    let opened = &mut opened[k * *messengers..][..*messengers];
                    let draws = draw(simulation, member.user, day);
                    let mut lost = 0.0;
                    visit(simulation, openings, member, |m, seen| {
                        let reach = (seen.probability * FIXED) as i64;
                        tally.add(cell, Measure::Reach, m, reach);
                        lost += seen.use_ * (1.0 - seen.access);
                        if seen.works {
                            tally.add(cell, Measure::Use, m, reach);
                            let traffic = (seen.use_ * FIXED) as i64;
                            tally.add(cell, Measure::Traffic, m, traffic);
                            if seen.by_vpn {
                                tally.add(cell, Measure::VpnTraffic, m, traffic);
                            }
                        }
                        if f32::from(draws[m]) < 65536.0 * seen.probability {
                            opened[m] = (day + DAY_ZERO) as u16;
                        }
                    });
                    for (m, &last) in opened.iter().enumerate() {
                        tally.add(cell, Measure::Monthly, m, i64::from(last > month_ago));
                    }
                    tally.add_scalar(cell, Scalar::Panel, 1);
                    tally.add_scalar(cell, Scalar::LostUse, (lost * FIXED) as i64);
                }
                tally
            })
            .reduce(empty, |mut a, b| {
                a.merge(&b);
                a
            });
        tally.merge(&sums);
    }
}

/// 16 bits a messenger, addressed by user and day.
#[inline(always)]
fn draw(simulation: &Simulation, user: u32, day: i32) -> [u16; MAX_MESSENGERS] {
    let mut out = [0; MAX_MESSENGERS];
    for block in 0..simulation.scenario().messengers.len().div_ceil(8) {
        let words = simulation.population().draws().block(Purpose::Open, user, day, block as u32);
        for (k, word) in words.into_iter().enumerate() {
            out[block * 8 + 2 * k] = word as u16;
            out[block * 8 + 2 * k + 1] = (word >> 16) as u16;
        }
    }
    out
}

/// One app of one member today.
struct Seen {
    use_: f32,
    access: f32,
    probability: f32,
    works: bool,
    by_vpn: bool,
}

/// Shows every app that a member holds. Rules of one app have no use: their app is opened every day while it works.
#[inline(always)]
fn visit(simulation: &Simulation, openings: &Openings, member: &Member, mut show: impl FnMut(usize, Seen)) {
    let state: &State = simulation.state();
    let word = Word(state.words()[member.user as usize]);
    let access = &simulation.policy().today().access[word.row()];
    let rule = simulation.portfolio();
    let (usage, target) = state.usage(member.user);
    let since = state.last_review(member.user);
    for m in bits(word.holdings()) {
        let works = access.works >> m & 1 == 1;
        let (use_, probability) = match rule {
            Some(rule) => {
                let use_ = rule.use_today(simulation.policy(), word.row(), m, [usage[m], target[m]], since);
                (use_, openings.probability(member.activity, use_, works, access.messages[m]))
            }
            None => (1.0, f32::from(u8::from(works))),
        };
        show(m, Seen { use_, access: access.messages[m], probability, works, by_vpn: access.by_vpn >> m & 1 == 1 });
    }
}
