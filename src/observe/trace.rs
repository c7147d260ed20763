//! Users whose whole path is kept.

use crate::engine::Simulation;
use crate::model::PublicState;

/// A point of a followed user's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// User number.
    pub user: u32,
    /// The public state from this day on.
    pub public: PublicState,
}

/// The followed users: evenly spread over user numbers.
#[derive(Debug)]
pub struct Trace {
    /// In order.
    users: Vec<u32>,
}

impl Trace {
    /// `observe.trace` of the users, or all if there are fewer.
    pub fn new(simulation: &Simulation) -> Self {
        let all = u64::from(simulation.state().users());
        let size = u64::from(simulation.scenario().observe.trace).min(all);
        Trace { users: (0..size).map(|k| (k * all / size) as u32).collect() }
    }

    /// The words of all followed users, as on the eve of the start.
    pub fn begin<'a>(&'a self, simulation: &'a Simulation) -> impl Iterator<Item = Step> + 'a {
        self.users.iter().map(|&user| Step { user, public: simulation.state().public_of(user) })
    }

    /// Those whose public state changed in the last tick.
    pub fn changes<'a>(&'a self, simulation: &'a Simulation) -> impl Iterator<Item = Step> + 'a {
        let mut followed = self.users.iter().copied().peekable();
        // Both lists are in order of user number.
        simulation.changes().filter_map(move |change| {
            while followed.next_if(|&user| user < change.user).is_some() {}
            followed.next_if_eq(&change.user).map(|user| Step { user, public: change.new })
        })
    }
}
