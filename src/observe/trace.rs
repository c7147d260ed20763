//! Users whose whole path is kept.

use crate::engine::Simulation;
use crate::model::PublicState;
use crate::scenario::Scenario;

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
        let users = Self::of(simulation.scenario(), simulation.state().users());
        Trace { followed: users.map(|user| Step { user, public: simulation.state().public_of(user) }).collect() }
    }

    /// Which of so many users a run of this scenario follows, in order.
    pub fn of(scenario: &Scenario, users: u32) -> impl Iterator<Item = u32> + use<> {
        let all = u64::from(users);
        let size = u64::from(scenario.observe.trace).min(all);
        (0..size).map(move |k| (k * all / size) as u32)
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
