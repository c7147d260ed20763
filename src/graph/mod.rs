//! Who knows whom: compressed sparse rows, how they are made and described.

mod build;
pub mod classic;
mod csr;
mod layered;
mod network;
mod packed;
mod stats;
mod ties;
mod traits;

pub use build::TieStream;
pub use csr::{Csr, CsrView};
pub use layered::{CITY, Layered, TOWN, TieKind, tie_kind};
pub use network::{Graph, GraphView, Neighbors};
pub use packed::{PackedContacts, PackedView};
pub use stats::{Clustering, Components, DegreeBin, DegreeStats, Distance, GraphStats, Homophily};
pub use ties::Ties;
pub use traits::{EdgeReferences, Edges, Tie, Visited};

use crate::error::{Error, Result};
use crate::peers::Peers;
use crate::population::Population;
use crate::scenario::{GraphKind, GraphMemory, GraphSpec};
use std::sync::atomic::AtomicBool;

/// Version of the generators: another number wherever one of them comes to give another graph for the same scenario.
pub const VERSION: u32 = 1;

/// Makes the graph that a scenario asks for.
///
/// Works in the current rayon pool; the result does not depend on its threads. Fails where memory cannot be had, or
/// the graph is one of a file.
pub fn generate(spec: &GraphSpec, population: &Population) -> Result<Graph> {
    generate_until(spec, population, spec.memory.unwrap_or_default(), &Peers::alone(), &AtomicBool::new(false))
}

/// The same with its rows kept as asked for, of several ranks by each those of its part; ends early, with [`Error::stopped`], once
/// somebody sets `stop`.
pub fn generate_until(
    spec: &GraphSpec,
    population: &Population,
    memory: GraphMemory,
    peers: &Peers,
    stop: &AtomicBool,
) -> Result<Graph> {
    match spec.kind {
        GraphKind::Layered => build(&Layered::new(population, spec.mean_degree, &spec.layers), memory, peers, stop),
        GraphKind::File => Err(Error::invalid(
            "graph.kind: found \"file\"; allowed a graph that is made, as one of a file is read by `storage::networks`",
        )),
        _ => classic::generate_until(spec, population.draws(), population.users(), memory, peers, stop),
    }
}

/// The graph of a stream, its rows kept as asked for.
fn build(stream: &impl TieStream, memory: GraphMemory, peers: &Peers, stop: &AtomicBool) -> Result<Graph> {
    match memory {
        GraphMemory::Plain => Graph::from_stream_until(stream, peers, stop),
        GraphMemory::Packed => Graph::packed_from_stream_until(stream, peers, stop),
    }
}

/// Bytes that a graph takes.
#[derive(Clone, Copy, Debug)]
pub struct GraphBytes {
    /// At the most, while it is made.
    pub making: u64,
    /// When it is made.
    pub made: u64,
}

/// Bytes that a graph of `users` users will take.
pub fn predicted_bytes(spec: &GraphSpec, users: u64, memory: GraphMemory) -> GraphBytes {
    let others = users.saturating_sub(1) as f64;
    let degree = if spec.kind == GraphKind::Complete { others } else { spec.mean_degree.min(others) };
    let [making, made] = match memory {
        // Repeated ties take memory until they are dropped, and no other does then.
        GraphMemory::Plain => match spec.kind {
            GraphKind::Layered | GraphKind::Configuration => [4.0 * (degree * 1.06 + 1.0); 2],
            _ => [4.0 * (degree + 1.0); 2],
        },
        GraphMemory::Packed => {
            // Of a layered graph those between towns are written down before.
            let leaving = spec.layers.city + spec.layers.national;
            let towns = (spec.kind == GraphKind::Layered).then_some((f64::from(layered::TOWN), leaving));
            packed::predicted_bytes(towns, users as f64, degree)
        }
    };
    let all = |bytes: f64| (users as f64 * bytes) as u64;
    GraphBytes { making: all(making), made: all(made) }
}
