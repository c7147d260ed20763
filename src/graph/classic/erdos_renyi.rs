use super::super::TieStream;
use super::pairs;
use super::permutation::Permutation;
use super::{TIES, parts, range};
use crate::random::Draws;

/// The uniform random graph G(n, m) of Erdos and Renyi (1959): m different ties out of all possible ones.
///
/// All pairs of nodes have numbers; the ties are the first m pairs of a pseudo-random permutation of these numbers. So
/// no tie comes twice, and the number of ties is exact, however small or dense the graph.
#[derive(Debug)]
pub struct ErdosRenyi {
    nodes: u32,
    ties: u64,
    order: Permutation,
}

impl ErdosRenyi {
    /// The graph of `nodes` nodes with `nodes * mean_degree / 2` ties, at most all there can be.
    pub fn new(draws: &Draws, nodes: u32, mean_degree: f64) -> Self {
        let all = pairs::count(nodes.into());
        let ties = (f64::from(nodes) * mean_degree / 2.0).round() as u64;
        ErdosRenyi { nodes, ties: ties.min(all), order: Permutation::new(draws, 0, all) }
    }
}

impl TieStream for ErdosRenyi {
    fn nodes(&self) -> u32 {
        self.nodes
    }

    fn parts(&self) -> usize {
        parts(self.ties, TIES)
    }

    fn for_each(&self, part: usize, mut emit: impl FnMut(u32, u32)) {
        for tie in range(part, self.ties, TIES) {
            let (a, b) = pairs::pair(self.nodes.into(), self.order.at(tie));
            emit(a as u32, b as u32);
        }
    }
}
