use super::fork;
use super::snapshots::{graph_of, observation_of, resume_on, simulation_of, snapshot_of};
use crate::engine::{OwnRule, Simulation, plan};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::observe::Observation;
use crate::peers::Peers;
use crate::scenario::Scenario;
use crate::storage::snapshot::Snapshot;
use crate::storage::{Cache, Curves};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A simulation with its daily figures in memory: a run without a folder, for those who look at it between two days.
///
/// ```
/// use exodus::experiment::Observed;
/// use exodus::scenario;
/// use std::path::Path;
/// use std::sync::atomic::AtomicBool;
///
/// let changes = ["population.users=2000".into()];
/// let scenario = scenario::load(Path::new("scenarios/whatsapp-outage.toml"), &changes)?;
/// let mut run = Observed::begin(scenario, None, &AtomicBool::new(false))?;
/// run.day()?;
/// let fork = run.fork(scenario::parse(&run.simulation().scenario().to_toml()?, "as it is", &[])?, None)?;
/// assert_eq!(fork.simulation().state().hash(), run.simulation().state().hash());
/// assert_eq!((run.curves().dates().len(), fork.curves().dates().len()), (1, 0));
/// # Ok::<(), exodus::Error>(())
/// ```
#[derive(Debug)]
pub struct Observed {
    simulation: Simulation,
    observation: Observation,
    curves: Curves,
    /// What a snapshot cannot say, where there is something.
    unsaid: Option<&'static str>,
}

impl Observed {
    /// Makes population and graph, and comes to the eve of the start; ends early, with [`Error::stopped`], once somebody sets
    /// `stop`. All in the current rayon pool.
    ///
    /// Fails where the run will not fit into memory, or a file that the scenario names cannot be read.
    pub fn begin(scenario: Scenario, cache: Option<&Cache>, stop: &AtomicBool) -> Result<Self> {
        plan::check(&scenario, scenario.population.users)?;
        let (graph, _) = graph_of(&scenario, cache, &Peers::alone(), stop)?;
        Self::of(simulation_of(scenario, graph, cache, &Peers::alone(), stop)?.0, None)
    }

    /// The same on a graph, or by a rule, that is not the scenario's.
    pub fn begin_with(scenario: Scenario, graph: Option<Arc<Graph>>, rule: Option<OwnRule>, stop: &AtomicBool) -> Result<Self> {
        let unsaid = match (&graph, &rule) {
            (Some(_), _) => Some("graph"),
            (_, Some(_)) => Some("rule of choice"),
            _ => None,
        };
        let graph = match graph {
            Some(graph) => graph,
            None => {
                plan::check(&scenario, scenario.population.users)?;
                Arc::new(graph_of(&scenario, None, &Peers::alone(), stop)?.0)
            }
        };
        Self::of(Simulation::begin_until(scenario, graph, rule, stop)?, unsaid)
    }

    fn of(simulation: Simulation, unsaid: Option<&'static str>) -> Result<Self> {
        let (observation, curves) = (Observation::new(&simulation)?, Curves::new(simulation.scenario()));
        Ok(Observed { simulation, observation, curves, unsaid })
    }

    /// Goes on from the evening of a snapshot.
    ///
    /// Fails where the snapshot is damaged, or the graph that its scenario gives is another.
    pub fn open(snapshot: &Snapshot, cache: Option<&Cache>, stop: &AtomicBool) -> Result<Self> {
        let (simulation, _) = resume_on(snapshot, cache, &Peers::alone(), stop)?;
        let observation = observation_of(snapshot, &simulation)?;
        let curves = Curves::new(simulation.scenario());
        Ok(Observed { simulation, observation, curves, unsaid: None })
    }

    /// Another simulation that continues from this evening under `scenario`; this one stays as it is. Memory is shared where it
    /// can be. A rule that is not the scenario's is given again as `rule`.
    ///
    /// Fails where `scenario` differs in what the past depends on ([`FORK_MAY_CHANGE`](super::FORK_MAY_CHANGE)).
    pub fn fork(&self, scenario: Scenario, rule: Option<OwnRule>) -> Result<Self> {
        let simulation = &self.simulation;
        fork::check(simulation.scenario(), &scenario, simulation.day())?;
        let (graph, state) = (Arc::clone(simulation.graph()), simulation.state().share());
        let parent = simulation.scenario().clone();
        let simulation = Simulation::resume_with(simulation.past().to_vec(), parent, graph, state, rule)?.under(scenario)?;
        let (opened, households) = self.observation.memory();
        let observation = Observation::resume(&simulation, opened, &households)?;
        let curves = Curves::new(simulation.scenario());
        Ok(Observed { simulation, observation, curves, unsaid: self.unsaid })
    }

    /// Simulates and observes one day. Does nothing after the last.
    pub fn day(&mut self) -> Result<()> {
        if self.simulation.finished() {
            return Ok(());
        }
        self.simulation.step()?;
        let tally = self.observation.observe(&self.simulation)?;
        self.curves.day(&self.simulation, tally);
        Ok(())
    }

    /// Writes a snapshot of this evening, as `exodus run --snapshot-on` keeps them.
    ///
    /// Fails where graph or rule are not the scenario's, as a snapshot holds neither.
    pub fn snapshot(&self, path: &Path) -> Result<()> {
        if let Some(what) = self.unsaid {
            return Err(Error::invalid(format!(
                "found a {what} that is not the scenario's, which a snapshot cannot hold; fork instead"
            )));
        }
        snapshot_of(&self.simulation, &self.observation, self.simulation.graph().fingerprint(), path, None)
    }

    /// The simulation.
    pub fn simulation(&self) -> &Simulation {
        &self.simulation
    }

    /// The daily figures so far, those of a fork from its own first day on.
    pub fn curves(&self) -> &Curves {
        &self.curves
    }
}
