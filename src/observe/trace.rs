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
    /// In order, each as it was when it was last looked at.
    followed: Vec<Step>,
}

impl Trace {
    /// `observe.trace` of the users, or all if there are fewer.
    pub fn new(simulation: &Simulation) -> Self {
        let all = u64::from(simulation.state().users());
        let size = u64::from(simulation.scenario().observe.trace).min(all);
        let users = (0..size).map(|k| (k * all / size) as u32);
        Trace { followed: users.map(|user| Step { user, public: simulation.state().public_of(user) }).collect() }
    }

    /// All followed users, as on the eve of the start.
    pub fn begin(&self) -> &[Step] {
        &self.followed
    }

    /// Those whose public state changed since the last look.
    pub fn changes<'a>(&'a mut self, simulation: &'a Simulation) -> impl Iterator<Item = Step> + 'a {
        self.followed.iter_mut().filter_map(|step| {
            let before = std::mem::replace(&mut step.public, simulation.state().public_of(step.user));
            (step.public != before).then_some(*step)
        })
    }
}
