//! Textbook graphs: streams of ties with next to no memory of their own.
//!
//! Every tie is a function of its number and the seed, so parts can be made in any order, any number of times, by any
//! number of threads ("communication-free" generation: Funke et al. 2019, "Communication-free massively distributed
//! graph generation").

mod barabasi_albert;
mod complete;
mod configuration;
mod erdos_renyi;
mod pairs;
mod permutation;
mod stochastic_block;
mod watts_strogatz;

pub use barabasi_albert::BarabasiAlbert;
pub use complete::Complete;
pub use configuration::Configuration;
pub use erdos_renyi::ErdosRenyi;
pub use stochastic_block::StochasticBlock;
pub use watts_strogatz::WattsStrogatz;

use super::{Graph, build};
use crate::error::{Error, Result};
use crate::peers::Peers;
use crate::random::Draws;
use crate::scenario::{GraphKind, GraphMemory, GraphSpec};
use std::sync::atomic::AtomicBool;

/// Makes a textbook graph of `nodes` nodes.
///
/// Fails where memory cannot be had, and for kinds that are no textbook graphs.
pub fn generate(spec: &GraphSpec, draws: &Draws, nodes: u32) -> Result<Graph> {
    generate_until(spec, draws, nodes, spec.memory.unwrap_or_default(), &Peers::alone(), &AtomicBool::new(false))
}

/// The same with its rows kept as asked for, of several ranks by each those of its part; ends early, with [`Error::stopped`], once somebody sets `stop`.
pub fn generate_until(
    spec: &GraphSpec,
    draws: &Draws,
    nodes: u32,
    memory: GraphMemory,
    peers: &Peers,
    stop: &AtomicBool,
) -> Result<Graph> {
    let degree = spec.mean_degree;
    match spec.kind {
        GraphKind::ErdosRenyi => build(&ErdosRenyi::new(draws, nodes, degree), memory, peers, stop),
        GraphKind::WattsStrogatz => {
            build(&WattsStrogatz::new(draws, nodes, degree, spec.rewire, spec.shuffle), memory, peers, stop)
        }
        GraphKind::BarabasiAlbert => build(&BarabasiAlbert::new(draws, nodes, degree), memory, peers, stop),
        GraphKind::Configuration => build(&Configuration::new(draws, nodes, degree, spec.exponent), memory, peers, stop),
        GraphKind::StochasticBlock => {
            build(&StochasticBlock::new(draws, nodes, degree, spec.blocks, spec.within), memory, peers, stop)
        }
        GraphKind::Complete => build(&Complete::new(nodes), memory, peers, stop),
        GraphKind::Layered | GraphKind::File => Err(Error::invalid(format!("{:?} is no textbook graph", spec.kind))),
    }
}

/// Ties of a part, where ties are numbered.
const TIES: u64 = 1 << 16;
/// Nodes of a part, where each node makes its own ties.
const NODES: u32 = 1 << 12;

/// Numbers of parts of `size` among `all`.
fn parts(all: u64, size: u64) -> usize {
    all.div_ceil(size) as usize
}

/// What belongs to a part.
fn range(part: usize, all: u64, size: u64) -> std::ops::Range<u64> {
    let start = part as u64 * size;
    start..(start + size).min(all)
}

/// A number below `n` from 64 random bits, whose bias is below n / 2^64.
#[inline(always)]
fn below(words: [u32; 2], n: u64) -> u64 {
    let word = u64::from(words[0]) | u64::from(words[1]) << 32;
    ((u128::from(word) * u128::from(n)) >> 64) as u64
}
