//! Social graphs, of a simulation or made of arrays.

use crate::error::{raised, refused};
use crate::views::Memory;
use crate::work::Work;
use exodus::engine::plan;
use exodus::scenario::{GraphKind, Scenario};
use exodus::storage::networks;
use exodus::{Error, graph};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// An undirected graph; a table of what is known of its nodes may go with it.
#[pyclass(frozen, module = "exodus._exodus")]
pub(crate) struct Graph {
    pub(crate) graph: Arc<graph::Graph>,
    /// A CSV table by node number.
    attributes: Option<PathBuf>,
}

#[pymethods]
impl Graph {
    /// Of ties between numbered nodes, whose ends are the bytes of two arrays of `uint32`.
    #[new]
    #[pyo3(signature = (nodes, sources, targets, attributes=None))]
    fn new(py: Python<'_>, nodes: u32, sources: &[u8], targets: &[u8], attributes: Option<PathBuf>) -> PyResult<Self> {
        let ends = |bytes: &[u8]| bytes.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect::<Vec<_>>();
        if sources.len() != targets.len() {
            return Err(refused(
                py,
                format!("found {} sources and {} targets; allowed as many", sources.len() / 4, targets.len() / 4),
            ));
        }
        // Rows, a count for each node, and both directions of each tie beside the list itself.
        let needed = 12 * u64::from(nodes) + 4 * sources.len() as u64;
        let made = Work::default().run(py, None, None, |_| {
            if let Some(available) = plan::available_bytes().filter(|available| needed > *available) {
                let [needed, available] = [needed, available].map(|bytes| bytes as f64 / 1e9);
                let found = format!("nodes: found {nodes}, which need about {needed:.1} GB of memory");
                return Err(Error::invalid(format!("{found}; {available:.1} GB are available")));
            }
            let ties: Vec<(u32, u32)> = ends(sources).into_iter().zip(ends(targets)).collect();
            graph::Graph::from_ties(nodes, &ties)
        })?;
        Ok(Graph { graph: Arc::new(made), attributes })
    }

    #[getter]
    fn nodes(&self) -> u32 {
        self.graph.nodes()
    }

    #[getter]
    fn ties(&self) -> u64 {
        self.graph.ties()
    }

    /// Where the row of each node starts in `indices`; one more entry closes the last row.
    fn indptr(&self, py: Python<'_>) -> PyResult<Memory> {
        let rows = self.graph.to_csr().map_err(|error| raised(py, &error))?;
        Ok(py.detach(|| Memory::of_i64((0..=rows.nodes()).map(|node| rows.start(node) as i64))))
    }

    fn indices(&self, py: Python<'_>) -> PyResult<Memory> {
        Ok(Memory::of_targets(self.graph.to_csr().map_err(|error| raised(py, &error))?))
    }
}

impl Graph {
    pub(crate) fn of(graph: &Arc<graph::Graph>) -> Self {
        Graph { graph: Arc::clone(graph), attributes: None }
    }

    /// The graph for a simulation of this scenario, and the scenario as one of a graph that is given.
    pub(crate) fn for_scenario(&self, py: Python<'_>, scenario: &Scenario) -> PyResult<(Scenario, Arc<graph::Graph>)> {
        let mut scenario = scenario.clone();
        scenario.graph.kind = GraphKind::File;
        scenario.population.users = u64::from(self.graph.nodes());
        let Some(attributes) = &self.attributes else { return Ok((scenario, Arc::clone(&self.graph))) };
        scenario.graph.nodes = Some(attributes.display().to_string());
        let graph = networks::with_nodes(&scenario, self.graph.share()).map_err(|error| raised(py, &error))?;
        scenario.graph.nodes = None;
        Ok((scenario, Arc::new(graph)))
    }
}
