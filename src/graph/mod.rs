//! Who knows whom: compressed sparse rows, how they are made, read and described.

mod build;
pub mod classic;
mod csr;
#[cfg(feature = "files")]
mod io;
mod layered;
mod stats;
mod traits;

pub use build::TieStream;
pub use csr::{Graph, GraphView};
#[cfg(feature = "files")]
pub use io::{Labels, read_edge_list, write_edge_list};
pub use layered::{CITY, Layered, TOWN, TieKind, tie_kind};
pub use stats::{Clustering, Components, DegreeBin, DegreeStats, Distance, GraphStats, Homophily};
pub use traits::{EdgeReferences, Edges, Tie, Visited};

use crate::error::{Error, Result};
use crate::population::Population;
use crate::scenario::{GraphKind, GraphSpec};

/// Version of the generators: another number wherever one of them comes to give another graph for the same scenario.
pub const VERSION: u32 = 1;

/// Makes the graph that a scenario asks for.
///
/// Works in the current rayon pool; the result does not depend on its threads. Fails where a file cannot be read or
/// memory cannot be had.
pub fn generate(spec: &GraphSpec, population: &Population) -> Result<Graph> {
    match spec.kind {
        GraphKind::Layered => Graph::from_stream(&Layered::new(population, spec.mean_degree, &spec.layers)),
        GraphKind::File => match &spec.path {
            #[cfg(feature = "files")]
            Some(path) => Ok(read_edge_list(std::path::Path::new(path))?.0),
            #[cfg(not(feature = "files"))]
            Some(path) => {
                Err(Error::invalid(format!("graph.path: found {path}; this build opens no files, give the graph itself")))
            }
            None => Err(Error::invalid("graph.path: not given; a graph of kind \"file\" needs one")),
        },
        _ => classic::generate(spec, population.draws(), population.users()),
    }
}

/// Bytes that making a graph of `users` users will take at its peak, the finished graph included.
pub fn predicted_bytes(spec: &GraphSpec, users: u64) -> u64 {
    let others = users.saturating_sub(1) as f64;
    // Repeated ties take memory until they are dropped.
    let repeated = match spec.kind {
        GraphKind::Layered | GraphKind::Configuration => 1.06,
        _ => 1.0,
    };
    let degree = if spec.kind == GraphKind::Complete { others } else { spec.mean_degree.min(others) * repeated };
    (users as f64 * (degree + 1.0) * 4.0) as u64
}
