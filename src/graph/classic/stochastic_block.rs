use super::super::TieStream;
use super::pairs;
use super::permutation::Permutation;
use super::{TIES, parts, range};
use crate::random::Draws;

/// The stochastic block model (Holland, Laskey and Leinhardt 1983) with blocks of equal size and a fixed number of ties
/// within and between them: as in [`super::ErdosRenyi`], ties are the first ones of a pseudo-random permutation of all
/// pairs of the kind.
///
/// Blocks are runs of neighbouring numbers; where they cannot be equal, the first ones have one node more.
#[derive(Debug)]
pub struct StochasticBlock {
    nodes: u64,
    blocks: u64,
    /// Ties within blocks.
    within: u64,
    inner: Permutation,
    /// Numbers of pairs between blocks that are tied.
    between: u64,
    outer: Permutation,
}

impl StochasticBlock {
    /// The graph of `nodes` nodes in `blocks` blocks with `nodes * mean_degree / 2` ties, a share `within` of them inside
    /// a block. Ties that have no room on their side are made on the other.
    pub fn new(draws: &Draws, nodes: u32, mean_degree: f64, blocks: u32, within: f64) -> Self {
        let nodes = u64::from(nodes);
        let blocks = u64::from(blocks).clamp(1, nodes.max(1));
        let (size, more) = (nodes / blocks, nodes % blocks);
        let inner = more * pairs::count(size + 1) + (blocks - more) * pairs::count(size);
        let outer = pairs::count(nodes) - inner;
        let ties = ((nodes as f64 * mean_degree / 2.0).round() as u64).min(inner + outer);
        let within = ((ties as f64 * within).round() as u64).min(inner).max(ties.saturating_sub(outer));
        // Between blocks, pairs are numbered as if all blocks had the size of the largest; a few numbers stand for none,
        // and a few more numbers make up for them.
        let slots = nodes.div_ceil(blocks);
        let numbers = pairs::count(blocks) * slots * slots;
        let between = ((ties - within) as f64 * (numbers as f64 / (outer as f64).max(1.0))).round() as u64;
        StochasticBlock {
            nodes,
            blocks,
            within,
            inner: Permutation::new(draws, 0, inner),
            between: between.min(numbers),
            outer: Permutation::new(draws, 1, numbers),
        }
    }

    /// First node of a block; that of the block after the last is the number of nodes.
    #[inline]
    fn first(&self, block: u64) -> u64 {
        block * (self.nodes / self.blocks) + block.min(self.nodes % self.blocks)
    }

    /// The pair within a block that has the number `k`.
    #[inline]
    fn inside(&self, k: u64) -> (u64, u64) {
        let (size, more) = (self.nodes / self.blocks, self.nodes % self.blocks);
        let [larger, smaller] = [size + 1, size].map(pairs::count);
        let (block, k, size) = match k.checked_sub(more * larger) {
            None => (k / larger, k % larger, size + 1),
            Some(k) => (more + k / smaller, k % smaller, size),
        };
        let (a, b) = pairs::pair(size, k);
        (self.first(block) + a, self.first(block) + b)
    }

    /// The pair between blocks that has the number `k`, if there is one.
    #[inline]
    fn across(&self, k: u64) -> Option<(u64, u64)> {
        let slots = self.nodes.div_ceil(self.blocks);
        let (blocks, places) = (k / (slots * slots), k % (slots * slots));
        let (a, b) = pairs::pair(self.blocks, blocks);
        let in_block = |block: u64, slot: u64| {
            let node = self.first(block) + slot;
            (node < self.first(block + 1)).then_some(node)
        };
        Some((in_block(a, places / slots)?, in_block(b, places % slots)?))
    }
}

impl TieStream for StochasticBlock {
    fn nodes(&self) -> u32 {
        self.nodes as u32
    }

    fn parts(&self) -> usize {
        parts(self.within, TIES) + parts(self.between, TIES)
    }

    fn for_each(&self, part: usize, mut emit: impl FnMut(u32, u32)) {
        let mut emit = |(a, b): (u64, u64)| emit(a as u32, b as u32);
        match part.checked_sub(parts(self.within, TIES)) {
            None => range(part, self.within, TIES).for_each(|tie| emit(self.inside(self.inner.at(tie)))),
            Some(part) => {
                range(part, self.between, TIES).filter_map(|tie| self.across(self.outer.at(tie))).for_each(&mut emit);
            }
        }
    }
}
