//! Who knows whom: compressed sparse rows, how they are made, read and described.

mod build;
mod csr;
mod layered;

pub use build::TieStream;
pub use csr::{Graph, View};
pub use layered::{CITY, Layered, TOWN, TieKind, tie_kind};

use crate::error::{Error, Result};
use crate::population::Population;
use crate::scenario::{GraphKind, GraphSpec};

/// Makes the graph that a scenario asks for.
///
/// Works in the current rayon pool; the result does not depend on its threads. Fails where a file cannot be read or
/// memory cannot be had.
pub fn generate(spec: &GraphSpec, population: &Population) -> Result<Graph> {
    match spec.kind {
        GraphKind::Layered => Graph::from_stream(&Layered::new(population, spec.mean_degree)),
        _ => Err(Error::invalid("not there yet")),
    }
}

/// Bytes that making a graph of `users` users will take at its peak, the finished graph included.
pub fn predicted_bytes(spec: &GraphSpec, users: u64) -> u64 {
    let arcs = match spec.kind {
        GraphKind::Complete => users as f64 * users.saturating_sub(1) as f64,
        _ => users as f64 * spec.mean_degree,
    };
    // Repeated ties take memory until they are dropped.
    (arcs * 4.0 * 1.06 + users as f64 * 4.0) as u64
}
