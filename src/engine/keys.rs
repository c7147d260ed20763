//! What a graph and a start depend on: whoever keeps them asks for them by these keys.

use crate::error::{Error, Result};
use crate::graph;
use crate::policy::Policy;
use crate::scenario::{GraphKind, GraphSpec, Observe, Scenario};
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_128;

/// What the graph of a scenario is made from, as 32 hexadecimal digits: two scenarios of one key have the same graph.
/// `None` where it is read from a file.
pub fn graph_key(scenario: &Scenario) -> Result<Option<String>> {
    if scenario.graph.kind == GraphKind::File {
        return Ok(None);
    }
    // However its rows are kept.
    let graph = GraphSpec { memory: None, ..scenario.graph.clone() };
    digest(&(graph::VERSION, scenario.seed, graph, &scenario.population)).map(Some)
}

/// What the state on the eve of the start depends on, as 32 hexadecimal digits: two scenarios of one key, on the same graph, start
/// alike. That is everything but names, the end, what is observed, and interventions, of which only the tables of the eve count.
///
/// A file that the scenario names is in it by its path, not by what it holds.
pub fn start_key(scenario: &Scenario) -> Result<String> {
    let policy = Policy::new(scenario);
    let eve = format!("{:?} {:?}", policy.access_groups(), policy.today());
    let mut same = scenario.clone();
    (same.name, same.title) = (String::new(), String::new());
    same.end = same.start;
    same.graph.memory = None;
    same.observe = Observe::default();
    same.interventions.clear();
    same.targets.clear();
    digest(&(same, eve))
}

fn digest(parts: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string(parts).map_err(|e| Error::invalid(format!("the scenario cannot be written: {e}")))?;
    Ok(format!("{:032x}", xxh3_128(text.as_bytes())))
}
