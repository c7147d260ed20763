//! Ties that can still talk, measured on a part of the audience panel.

use super::panel::Panel;
use super::tally::FIXED;
use super::{Cells, Scalar, Tally};
use crate::engine::Simulation;
use crate::error::{Error, Result};
use crate::graph::{GraphView, Ties};
use crate::memory::prefetch;
use crate::model::PublicState;
use crate::policy::Today;
use rayon::prelude::*;

/// Members whom one task visits.
const CHUNK: usize = 256;
/// Members ahead whose own lines, and whose contacts' public states, are being fetched.
const AHEAD: [usize; 2] = [12, 4];

#[derive(Clone, Copy, Debug)]
struct Member {
    user: u32,
    cell: u32,
    /// Other members of the household tied and connected on the eve of the start, a bit each by number.
    household: u32,
}

#[derive(Debug)]
pub(super) struct TiePanel {
    cells: Cells,
    messengers: usize,
    /// Members in all, and the place among them of the first who is a user of this process.
    size: usize,
    first: usize,
    members: Vec<Member>,
}

/// Messengers, a bit each, that both hold and that work for both on that day.
#[inline]
pub fn mutual(today: &Today, a: PublicState, b: PublicState) -> u16 {
    a.holdings() & b.holdings() & today.works()[a.row()] & today.works()[b.row()]
}

/// Contacts in a user's household, with a bit for each: up to 32.
fn mates<'a>(simulation: &'a Simulation, user: u32, contacts: &'a [u32]) -> impl Iterator<Item = (u32, u32)> + 'a {
    let population = simulation.population();
    let (layered, several) = (population.is_layered(), population.has_households());
    let first = if several { population.household_head(user) } else { user };
    // In a layered graph members are neighbours in number, and known by their place.
    let house = if layered { population.household(user) } else { 0..0 };
    let is_mate = move |j: u32| if layered { house.contains(&j) } else { several && population.household_head(j) == first };
    let mates = contacts.iter().copied().filter(move |&j| is_mate(j));
    mates.zip(0..32).map(move |(j, place)| (if layered { j - first } else { place }, j))
}

impl TiePanel {
    pub(super) fn new(simulation: &Simulation, cells: Cells, panel: &Panel) -> Self {
        let population = simulation.population();
        let size = simulation.scenario().observe.tie_panel.min(panel.len()).max(1);
        let (size, all) = (u64::from(size), u64::from(panel.len()));
        let own: Vec<(usize, u32)> =
            (0..size).filter_map(|k| Some((k as usize, panel.user_at((k * all / size) as usize)?))).collect();
        let first = own.first().map_or(0, |&(k, _)| k);
        let members = own
            .into_par_iter()
            .map(|(_, user)| {
                let today = simulation.policy().today();
                let contacts = simulation.graph().neighbors(user);
                let talk = mates(simulation, user, &contacts)
                    .filter(|&(_, j)| mutual(today, simulation.state().public_of(user), simulation.state().public_of(j)) != 0);
                let household = talk.fold(0, |mask, (bit, _)| mask | 1 << bit);
                Member { user, cell: cells.of(&population.profile(user)) as u32, household }
            })
            .collect();
        TiePanel { cells, messengers: simulation.scenario().messengers.len(), size: size as usize, first, members }
    }

    /// Household ties at the start, of the members who are users of this process.
    pub(super) fn memory(&self) -> Vec<u32> {
        self.members.iter().map(|m| m.household).collect()
    }

    /// Takes what was remembered of all members.
    pub(super) fn remember(&mut self, households: &[u32]) -> Result<()> {
        if households.len() != self.size {
            return Err(Error::invalid(format!("found {} members of the tie panel; allowed {}", households.len(), self.size)));
        }
        for (member, &household) in self.members.iter_mut().zip(&households[self.first..]) {
            member.household = household;
        }
        Ok(())
    }

    /// Number of members, those of other processes too.
    pub(super) fn len(&self) -> u32 {
        self.size as u32
    }

    pub(super) fn observe(&self, simulation: &Simulation, tally: &mut Tally) {
        match simulation.graph().view() {
            GraphView::Plain(ties) => self.observe_on(ties, simulation, tally),
            GraphView::Packed(ties) => self.observe_on(ties, simulation, tally),
        }
    }

    fn observe_on(&self, ties: impl Ties, simulation: &Simulation, tally: &mut Tally) {
        let today = simulation.policy().today();
        let state = simulation.state();
        let empty = || Tally::new(self.cells.len(), self.messengers);
        let sums = (self.members.par_chunks(CHUNK))
            .fold(empty, |mut tally, members| {
                for (k, member) in members.iter().enumerate() {
                    if let Some(next) = members.get(k + AHEAD[0]) {
                        ties.prefetch(next.user);
                        prefetch(state.public(), next.user as usize);
                        prefetch(state.rows(), state.place_of(next.user));
                    }
                    if let Some(next) = members.get(k + AHEAD[1]) {
                        for &j in &*ties.contacts(next.user) {
                            prefetch(state.public(), j as usize);
                        }
                    }
                    let cell = member.cell as usize;
                    let public = state.public_of(member.user);
                    let contacts = ties.contacts(member.user);
                    let (mut connected, mut without) = (0, 0);
                    for &j in &*contacts {
                        let contact = state.public_of(j);
                        connected += i64::from(mutual(today, public, contact) != 0);
                        without += i64::from(mutual(today, public.with_vpn(false), contact.with_vpn(false)) != 0);
                    }
                    tally.add_scalar(cell, Scalar::Ties, contacts.len() as i64);
                    tally.add_scalar(cell, Scalar::Connected, connected);
                    tally.add_scalar(cell, Scalar::ConnectedWithoutVpn, without);
                    let house = mates(simulation, member.user, &contacts).filter(|(bit, _)| member.household >> bit & 1 == 1);
                    let lost = house.filter(|&(_, j)| mutual(today, public, state.public_of(j)) == 0).count();
                    tally.add_scalar(cell, Scalar::HouseholdTies, i64::from(member.household.count_ones()));
                    tally.add_scalar(cell, Scalar::HouseholdLost, lost as i64);
                    if !contacts.is_empty()
                        && let Some(outlook) = simulation.outlook(member.user)
                    {
                        tally.add_scalar(cell, Scalar::Callers, 1);
                        tally.add_scalar(cell, Scalar::PhoneCalls, (outlook.phone_share * FIXED) as i64);
                    }
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
