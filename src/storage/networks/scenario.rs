//! The graph of a scenario, with what a table says of its nodes and what they are called.

use super::labels::Labels;
use super::{Network, Reading, nodes, read};
use crate::engine::{self, plan};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::observe::Trace;
use crate::peers::Peers;
use crate::scenario::{GraphKind, Scenario};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The graph of a scenario: read where it names a file, else made.
///
/// Works in the current rayon pool. Fails where the file cannot be read, or memory cannot be had.
pub fn of_scenario(scenario: &Scenario) -> Result<Graph> {
    of_scenario_until(scenario, &AtomicBool::new(false))
}

/// The same; ends early, with [`Error::stopped`], once somebody sets `stop` while the graph is made.
pub fn of_scenario_until(scenario: &Scenario, stop: &AtomicBool) -> Result<Graph> {
    of_scenario_among(scenario, &Peers::alone(), stop)
}

/// The same, of several ranks by each the rows of its part. A graph of a file is read by each as a whole, before it keeps its part.
pub fn of_scenario_among(scenario: &Scenario, peers: &Peers, stop: &AtomicBool) -> Result<Graph> {
    if scenario.graph.kind != GraphKind::File {
        let memory = plan::graph_memory_of_rank(scenario, scenario.population.users, peers.size(), plan::available_bytes());
        return with_nodes(scenario, engine::make_graph(scenario, memory, peers, stop)?);
    }
    let Some(path) = &scenario.graph.path else {
        return Err(Error::invalid("graph.path: not given; a graph of kind \"file\" needs one"));
    };
    let (graph, labels) = labelled(scenario, Path::new(path))?;
    // It is there in plain numbers already: it is packed where that is asked for, to leave room for the state.
    let graph = graph.kept(scenario.graph.memory.unwrap_or_default())?.divided(peers)?;
    if labels.are_node_numbers() {
        return Ok(graph);
    }
    let followed = Trace::of(scenario, graph.nodes()).filter_map(|user| Some((user, labels.get(user)?.into_owned())));
    let followed = followed.collect();
    Ok(graph.with_labels(followed))
}

/// A network with what its table of nodes says, users without ties that the table alone names included, and what all are called.
fn labelled(scenario: &Scenario, path: &Path) -> Result<(Graph, Labels)> {
    let Network { graph, labels, .. } = read(path, &Reading::default())?;
    let Some(nodes) = &scenario.graph.nodes else { return Ok((graph, labels)) };
    let (known, added) = nodes::read(Path::new(nodes), &labels, true, scenario)?;
    let graph = wider(graph, added.len())?.with_known(known);
    Ok((graph, labels.with(&added)))
}

/// The graph of a scenario, and what its nodes are called where that is not their numbers.
pub(in crate::storage) fn with_labels(scenario: &Scenario) -> Result<(Graph, Option<Labels>)> {
    match &scenario.graph.path {
        Some(path) if scenario.graph.kind == GraphKind::File => {
            let (graph, labels) = labelled(scenario, Path::new(path))?;
            Ok((graph, Some(labels).filter(|labels| !labels.are_node_numbers())))
        }
        _ => Ok((of_scenario(scenario)?, None)),
    }
}

/// A graph that was made, with what the scenario's table of nodes says; labels are node numbers.
pub fn with_nodes(scenario: &Scenario, graph: Graph) -> Result<Graph> {
    let Some(nodes) = &scenario.graph.nodes else { return Ok(graph) };
    if scenario.graph.kind == GraphKind::Layered {
        return Err(Error::invalid(
            "graph.nodes: found with a layered graph, which is made from ages, places and households; allowed with other kinds",
        ));
    }
    let (known, _) = nodes::read(Path::new(nodes), &Labels::range(0, graph.nodes()), false, scenario)?;
    Ok(graph.with_known(known))
}

/// The same graph with more nodes, that have no ties.
fn wider(graph: Graph, more: usize) -> Result<Graph> {
    if more == 0 {
        return Ok(graph);
    }
    let nodes = u32::try_from(graph.nodes() as usize + more).map_err(|_| Error::invalid("graph.nodes: found too many nodes"))?;
    let ties: Vec<(u32, u32)> = graph.iter_ties().collect();
    Graph::from_ties(nodes, &ties)
}
