//! Who can still talk to whom, day by day, of those who could on the eve.

use crate::engine::Simulation;
use crate::observe::mutual;
use rayon::prelude::*;

/// Members whom one task visits.
const CHUNK: usize = 256;

/// The evening before.
pub(super) struct Eve {
    pub(super) simulation: Simulation,
    /// Users by main app; the last are those without one.
    pub(super) main: Vec<u64>,
    members: Vec<Member>,
}

/// A user whose ties are observed: as many as `observe.tie_panel` says, evenly among all.
struct Member {
    user: u32,
    /// Contacts with whom it could talk, and whether they are of its household.
    could: Vec<(u32, bool)>,
}

impl Eve {
    pub(super) fn of(simulation: Simulation) -> Self {
        let (population, state) = (simulation.population(), simulation.state());
        let users = u64::from(population.users());
        let size = u64::from(simulation.scenario().observe.tie_panel).clamp(1, users);
        let today = simulation.policy().today();
        let several = population.has_households();
        let member = |k: u64| {
            let user = (k * users / size) as u32;
            let (public, head) = (state.public_of(user), population.household_head(user));
            let contacts = simulation.graph().neighbors(user);
            let could = contacts.iter().copied().filter(|&j| mutual(today, public, state.public_of(j)) != 0);
            Member { user, could: could.map(|j| (j, several && population.household_head(j) == head)).collect() }
        };
        let members = (0..size).into_par_iter().map(member).collect();
        Eve { main: main_apps(&simulation), members, simulation }
    }
}

/// Users by main app, then those without one.
fn main_apps(simulation: &Simulation) -> Vec<u64> {
    let messengers = simulation.scenario().messengers.len();
    let mut counts = vec![0; messengers + 1];
    let state = simulation.state();
    for user in 0..state.users() {
        counts[state.public_of(user).main().unwrap_or(messengers)] += 1;
    }
    counts
}

/// Counts of an evening, of members and their ties.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Members who lost a tenth, half, all of the contacts with whom they could talk.
    pub(super) cut_off: [u64; 3],
    pub(super) lost: u64,
    pub(super) household_lost: u64,
    /// Of the ties lost on the first evening, those that are lost.
    pub(super) still_lost: u64,
}

impl Counts {
    fn add(self, other: Self) -> Self {
        Counts {
            cut_off: [0, 1, 2].map(|k| self.cut_off[k] + other.cut_off[k]),
            lost: self.lost + other.lost,
            household_lost: self.household_lost + other.household_lost,
            still_lost: self.still_lost + other.still_lost,
        }
    }
}

/// A future.
#[derive(Clone, Debug)]
pub(super) struct Course {
    /// People that a member, and a user, stand for.
    pub(super) people: [f64; 2],
    /// Ties that could talk on the eve, and those of them within households.
    pub(super) ties: [u64; 2],
    pub(super) days: Vec<Counts>,
    /// Users by main app on the last day, then those without one.
    pub(super) main: Vec<u64>,
    /// Of every tie observed, in order, whether it was lost on the first evening.
    first: Vec<Vec<bool>>,
}

impl Course {
    pub(super) fn new(simulation: &Simulation) -> Self {
        let people = simulation.scenario().population.people as f64;
        let per_user = people / f64::from(simulation.population().users());
        Course { people: [per_user; 2], ties: [0; 2], days: Vec::new(), main: Vec::new(), first: Vec::new() }
    }

    /// Looks at an evening; every one must be seen.
    pub(super) fn observe(&mut self, eve: &Eve, simulation: &Simulation) {
        let (today, state) = (simulation.policy().today(), simulation.state());
        let lost = |member: &Member| -> Vec<bool> {
            let public = state.public_of(member.user);
            member.could.iter().map(|&(j, _)| mutual(today, public, state.public_of(j)) == 0).collect()
        };
        if self.days.is_empty() {
            let all = simulation.scenario().population.people as f64;
            self.people[0] = all / eve.members.len() as f64;
            let household = |member: &Member| member.could.iter().filter(|(_, household)| *household).count() as u64;
            self.ties =
                [eve.members.iter().map(|member| member.could.len() as u64).sum(), eve.members.iter().map(household).sum()];
            self.first = eve.members.par_iter().map(lost).collect();
        }
        let first = &self.first;
        let counts = (eve.members.par_chunks(CHUNK).enumerate())
            .map(|(c, members)| {
                let mut sum = Counts::default();
                for (k, member) in members.iter().enumerate() {
                    let lost = lost(member);
                    let (had, gone) = (lost.len(), lost.iter().filter(|lost| **lost).count());
                    let cut_off = [10 * gone >= had, 2 * gone >= had, gone == had];
                    let household = member.could.iter().zip(&lost).filter(|((_, household), lost)| *household && **lost);
                    let before = first[c * CHUNK + k].iter().zip(&lost).filter(|(first, now)| **first && **now);
                    sum = sum.add(Counts {
                        cut_off: cut_off.map(|cut| u64::from(cut && gone > 0)),
                        lost: gone as u64,
                        household_lost: household.count() as u64,
                        still_lost: before.count() as u64,
                    });
                }
                sum
            })
            .reduce(Counts::default, Counts::add);
        self.days.push(counts);
    }

    /// Looks who uses what at the end.
    pub(super) fn end(&mut self, simulation: &Simulation) {
        self.main = main_apps(simulation);
        self.first = Vec::new();
    }

    /// Days after the first evening until half of the ties lost then can talk again; NaN where that is not seen, or none was lost.
    pub(super) fn half_recovered(&self) -> f64 {
        let lost = self.days.first().map_or(0, |day| day.still_lost);
        let back = |day: &Counts| 2 * day.still_lost <= lost;
        if lost == 0 { f64::NAN } else { self.days.iter().position(back).map_or(f64::NAN, |day| day as f64) }
    }
}
