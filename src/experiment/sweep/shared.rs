//! What runs of a sweep have in common, made once: the graph, and the state on the eve of the start.

use crate::engine::{self, Simulation, Start};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::peers::Peers;
use crate::scenario::Scenario;
use std::collections::VecDeque;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

/// Simulations that share what they can, and end early, with [`Error::stopped`], once somebody sets `stop`.
#[derive(Debug)]
pub(super) struct Shared<'a> {
    pub(super) stop: &'a AtomicBool,
    peers: Peers,
    graphs: Recent<Graph>,
    /// `None` where the factors change the start anyway.
    starts: Option<Recent<Start>>,
}

impl<'a> Shared<'a> {
    /// For so many runs side by side.
    pub(super) fn new(at_a_time: usize, starts: bool, stop: &'a AtomicBool) -> Self {
        Self::among(Peers::alone(), at_a_time, starts, stop)
    }

    /// The same, each run computed by all ranks: one at a time, in the same order on all of them.
    pub(super) fn among(peers: Peers, at_a_time: usize, starts: bool, stop: &'a AtomicBool) -> Self {
        Shared { stop, peers, graphs: Recent::new(at_a_time), starts: starts.then(|| Recent::new(at_a_time)) }
    }

    /// As `Simulation::new`, bit by bit.
    pub(super) fn simulation(&self, scenario: Scenario) -> Result<Simulation> {
        let key = engine::graph_key(&scenario)?.unwrap_or_else(|| format!("{:?}{:?}", scenario.graph, scenario.population));
        let graph = self
            .graphs
            .get(key, || self.peers.agree(crate::storage::networks::of_scenario_among(&scenario, &self.peers, self.stop)))?;
        let Some(starts) = &self.starts else { return Simulation::begin_until(scenario, graph, None, self.stop) };
        let begin = || Simulation::begin_until(scenario.clone(), graph.clone(), None, self.stop);
        let start = || begin()?.start().ok_or_else(|| Error::invalid("the simulation is not on the eve of its start"));
        let start = starts.get(engine::start_key(&scenario)?, start)?;
        Simulation::from_start(scenario, graph, start.share())
    }
}

/// The last few things that were made, by key. Who asks for one that is being made waits for it.
#[derive(Debug)]
pub(super) struct Recent<T> {
    most: usize,
    slots: Mutex<VecDeque<(String, Arc<Slot<T>>)>>,
}

type Slot<T> = Mutex<Option<Arc<T>>>;

impl<T> Recent<T> {
    pub(super) fn new(most: usize) -> Self {
        Recent { most: most.max(1), slots: Mutex::default() }
    }

    pub(super) fn get(&self, key: String, make: impl FnOnce() -> Result<T>) -> Result<Arc<T>> {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            let known = slots.iter().position(|(k, _)| *k == key).and_then(|at| slots.remove(at));
            let newest = known.unwrap_or_else(|| (key, Arc::default()));
            let slot = newest.1.clone();
            slots.push_front(newest);
            slots.truncate(self.most);
            slot
        };
        let mut made = slot.lock().unwrap_or_else(PoisonError::into_inner);
        match &*made {
            Some(thing) => Ok(thing.clone()),
            None => Ok(made.insert(Arc::new(make()?)).clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;
    use std::path::Path;

    fn hashes(mut simulation: Simulation) -> Vec<String> {
        let mut hashes = vec![simulation.state().hash()];
        while !simulation.finished() {
            simulation.step().expect("a step");
            hashes.push(simulation.state().hash());
        }
        hashes
    }

    #[test]
    fn sharing_changes_no_bit() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/everything.toml");
        let load = |change: &str| {
            let options = ["population.users=3000", "end=2025-03-01", change].map(String::from);
            scenario::load(&path, &options).expect("a scenario")
        };
        // Dates and severities; access classes, which a severity of 0 unmakes; what was in force before the start; a number
        // of the model; another graph.
        let changes = [
            "seed=7",
            "intervention.full block.from=2025-01-20",
            "intervention.full block.severity=0.25",
            "intervention.full block.from=2024-06-01",
            "intervention.Small blocked for officials.severity=0",
            "intervention.1.from=2025-01-08",
            "model.review_rate=0.1",
            "graph.mean_degree=8",
            "population.users=2000",
            "seed=8",
        ];
        let stop = AtomicBool::new(false);
        let shared = Shared::new(2, true, &stop);
        for change in changes.iter().chain(&changes) {
            let alone = hashes(Simulation::new(load(change)).expect("a simulation"));
            assert_eq!(hashes(shared.simulation(load(change)).expect("a simulation")), alone, "{change}");
        }
    }

    #[test]
    fn policy_of_the_future_shares_the_start() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/everything.toml");
        let key =
            |change: &str| engine::start_key(&scenario::load(&path, &[change.to_owned()]).expect("a scenario")).expect("a key");
        let usual = key("end=2025-04-30");
        assert_eq!(usual, key("intervention.full block.severity=0.25"));
        assert_ne!(usual, key("intervention.full block.from=2024-06-01"), "in force before the start");
        assert_ne!(usual, key("intervention.Small blocked for officials.severity=0"), "without its access classes");
        assert_ne!(usual, key("model.review_rate=0.1"));
        assert_ne!(usual, key("seed=77"));
    }
}
