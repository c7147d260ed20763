//! One scenario on its way, observed every day, with states kept to come back to.

use super::openers::Openers;
use super::past::same_until;
use crate::engine::{Simulation, State};
use crate::error::Result;
use crate::graph::Graph;
use crate::observe::{Observation, Tally};
use crate::scenario::Scenario;
use std::sync::Arc;

/// Memory for states kept, in bytes, and about how many a user takes in one.
const MEMORY: u64 = 64 << 20;
const BYTES_PER_USER: u64 = 64;
/// Least and most states kept.
const LEAST: u64 = 4;
const MOST: u64 = 32;

/// A scenario that is simulated day by day.
#[derive(Debug)]
pub(super) struct Course {
    simulation: Simulation,
    observation: Observation,
    openers: Openers,
    kept: Vec<Arc<Kept>>,
}

/// The evening of a day, to continue from.
#[derive(Debug)]
pub(super) struct Kept {
    state: State,
    opened: Vec<u16>,
    households: Vec<u32>,
}

impl Kept {
    fn of(simulation: &Simulation, observation: &Observation) -> Result<Arc<Self>> {
        let (opened, households) = observation.memory();
        Ok(Arc::new(Kept { state: simulation.state().share(), opened: opened.to_vec(), households }))
    }

    /// Its tick.
    pub(super) fn day(&self) -> i32 {
        self.state.day
    }
}

/// A state kept, with those before it.
pub(super) struct Before {
    kept: Vec<Arc<Kept>>,
    last: Arc<Kept>,
}

impl Before {
    /// Its tick.
    pub(super) fn day(&self) -> i32 {
        self.last.day()
    }

    /// Goes on from it under a scenario that has the same past.
    pub(super) fn resume(self, scenario: Scenario, graph: Arc<Graph>) -> Result<Course> {
        let Before { kept, last } = self;
        let simulation = Simulation::resume(scenario, graph, last.state.share())?;
        let observation = Observation::resume(&simulation, &last.opened, &last.households)?;
        let openers = Openers::begin(&observation, last.day());
        Ok(Course { simulation, observation, openers, kept })
    }
}

impl Course {
    /// On the eve of its start; on a graph that was made for the same people, where there is one.
    pub(super) fn begin(scenario: Scenario, graph: Option<Arc<Graph>>) -> Result<Self> {
        let simulation = match graph {
            Some(graph) => Simulation::on_graph(scenario, graph)?,
            None => Simulation::new(scenario)?,
        };
        let observation = Observation::new(&simulation)?;
        let kept = vec![Kept::of(&simulation, &observation)?];
        let openers = Openers::begin(&observation, simulation.day());
        Ok(Course { simulation, observation, openers, kept })
    }

    /// Simulates and observes a day.
    pub(super) fn step(&mut self) -> Result<()> {
        let Course { simulation, observation, openers, kept } = self;
        simulation.step()?;
        observation.observe(simulation)?;
        openers.push(observation, simulation.day());
        if (simulation.day() + 1) % days_between(simulation.scenario()) == 0 {
            kept.push(Kept::of(simulation, observation)?);
        }
        Ok(())
    }

    /// The last state kept that a scenario would have come to as well.
    pub(super) fn kept_before(&self, scenario: &Scenario) -> Option<Before> {
        let same = same_until(self.scenario(), scenario);
        let kept: Vec<_> = self.kept.iter().filter(|kept| kept.day() <= same).cloned().collect();
        Some(Before { last: kept.last()?.clone(), kept })
    }

    pub(super) fn finished(&self) -> bool {
        self.simulation.finished()
    }

    pub(super) fn scenario(&self) -> &Scenario {
        self.simulation.scenario()
    }

    pub(super) fn graph(&self) -> Arc<Graph> {
        self.simulation.graph().clone()
    }

    /// Last tick simulated.
    pub(super) fn tick(&self) -> i32 {
        self.simulation.day()
    }

    pub(super) fn hash(&self) -> String {
        self.simulation.state().hash()
    }

    pub(super) fn tally(&self) -> &Tally {
        self.observation.tally()
    }

    pub(super) fn openers(&self) -> &Openers {
        &self.openers
    }
}

/// Days from one state kept to the next.
fn days_between(scenario: &Scenario) -> i32 {
    let count = (MEMORY / (scenario.population.users * BYTES_PER_USER).max(1)).clamp(LEAST, MOST);
    u64::from(scenario.days()).div_ceil(count).max(1) as i32
}
