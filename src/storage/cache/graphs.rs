//! Kept graphs, which are mapped.

use super::super::networks;
use super::super::sections::{Data, FileKind, Sections};
use super::{Cache, Kept, Origin};
use crate::engine::{self, graph_key, plan};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::peers::Peers;
use crate::scenario::{GraphMemory, Scenario};
use std::sync::atomic::AtomicBool;

pub(super) const KEPT: Kept =
    Kept { kind: FileKind { magic: *b"\x89EXG\r\n\x1a\n", version: [2, 1], what: "a graph" }, ending: "exg", name: "a graph" };
/// The section of the number of nodes.
const NODES: &str = "nodes";

impl Cache {
    /// The graph of a scenario: mapped where it was kept, else made, and kept. A file that is damaged, or that holds the graph of
    /// another key, is regenerated.
    ///
    /// Works in the current rayon pool. Fails where the graph cannot be made; not where it cannot be kept.
    pub fn graph(&self, scenario: &Scenario) -> Result<(Graph, Origin)> {
        self.graph_until(scenario, &AtomicBool::new(false))
    }

    /// The same; ends early, with [`Error::stopped`], once somebody sets `stop` while the graph is made.
    pub fn graph_until(&self, scenario: &Scenario, stop: &AtomicBool) -> Result<(Graph, Origin)> {
        let Some(key) = graph_key(scenario)? else { return Ok((networks::of_scenario_until(scenario, stop)?, Origin::Made)) };
        let memory = plan::graph_memory(scenario, scenario.population.users, plan::available_bytes());
        let key = match memory {
            GraphMemory::Plain => key,
            GraphMemory::Packed => format!("{key}-packed"),
        };
        let (graph, origin) = match self.open(&KEPT, &key).and_then(|file| graph_of(&file, memory)) {
            Ok(graph) => (graph, self.reused(self.path(&KEPT, &key))),
            Err(_) => self.make(scenario, memory, &key, stop)?,
        };
        Ok((networks::with_nodes(scenario, graph)?, origin))
    }

    fn make(&self, scenario: &Scenario, memory: GraphMemory, key: &str, stop: &AtomicBool) -> Result<(Graph, Origin)> {
        let graph = engine::make_graph(scenario, memory, &Peers::alone(), stop)?;
        if graph.bytes() < self.least {
            return Ok((graph, Origin::Made));
        }
        let nodes = graph.nodes().to_le_bytes();
        let columns = graph.columns();
        let all =
            [(NODES, "u32", &nodes[..])].into_iter().chain(columns.iter().map(|(name, kind, bytes)| (&**name, *kind, *bytes)));
        let all: Vec<_> = all.map(|(name, kind, bytes)| Data { name, kind, width: 1, bytes }).collect();
        let origin = self.keep(&KEPT, key, &all);
        Ok((graph, origin))
    }
}

/// The graph in a file, mapped, once all its checksums are right.
fn graph_of(file: &Sections, memory: GraphMemory) -> Result<Graph> {
    file.verify()?;
    let graph = match memory {
        GraphMemory::Plain => {
            let bases = file.column("bases", "u64")?.to_vec();
            Graph::from_kept(bases, file.mapped("starts", "u32")?, file.mapped("targets", "u32")?)
        }
        GraphMemory::Packed => {
            let slabs = file.sections().iter().filter(|section| section.name.starts_with("rows_")).count();
            let slabs = (0..slabs).map(|k| file.mapped(&format!("rows_{k}"), "u8")).collect::<Result<_>>()?;
            let nodes = file.column::<u32>(NODES, "u32")?.first().copied().unwrap_or(0);
            Graph::from_kept_packed(nodes, file.mapped("groups", "u8")?, slabs)
        }
    };
    graph.ok_or_else(|| Error::corrupt(file.path(), "its sections are not those of a graph"))
}
