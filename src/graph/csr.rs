use crate::memory::{Column, prefetch};

/// Nodes per entry of `bases`.
pub(super) const SPAN: u32 = 1 << 16;

/// An undirected graph in compressed sparse row form.
///
/// Every tie is kept as two arcs. Neighbours of a node stand in increasing order, without loops and repetitions.
/// Positions are split into a 64-bit base for every 65,536 nodes and a 32-bit rest for every node: half the memory
/// of plain 64-bit offsets.
#[derive(Debug)]
pub struct Graph {
    bases: Vec<u64>,
    /// `nodes + 1` entries; the last closes the last node's row.
    starts: Column<u32>,
    targets: Column<u32>,
}

impl Graph {
    /// From columns that fit together.
    pub(super) fn from_columns(bases: Vec<u64>, starts: Column<u32>, targets: Column<u32>) -> Self {
        debug_assert_eq!(bases.len(), (starts.len() - 1) / SPAN as usize + 1);
        Graph { bases, starts, targets }
    }

    /// Number of nodes.
    #[inline]
    pub fn nodes(&self) -> u32 {
        self.starts.len() as u32 - 1
    }

    /// Number of arcs: twice the number of ties.
    pub fn arcs(&self) -> u64 {
        self.targets.len() as u64
    }

    /// Number of undirected ties.
    pub fn ties(&self) -> u64 {
        self.arcs() / 2
    }

    /// Where the row of `node` starts in [`Graph::targets`]; `node` may be `nodes()`, which gives the end.
    #[inline(always)]
    pub fn start(&self, node: u32) -> usize {
        (self.bases[(node / SPAN) as usize] + u64::from(self.starts[node as usize])) as usize
    }

    /// All rows, one after the other.
    #[inline]
    pub fn targets(&self) -> &[u32] {
        &self.targets
    }

    /// The nodes tied to `node`, in increasing order.
    #[inline]
    pub fn neighbors(&self, node: u32) -> &[u32] {
        &self.targets[self.start(node)..self.start(node + 1)]
    }

    /// Number of ties of `node`.
    #[inline]
    pub fn degree(&self, node: u32) -> u32 {
        (self.start(node + 1) - self.start(node)) as u32
    }

    /// The columns as slices, for loops over many nodes.
    pub fn view(&self) -> View<'_> {
        View { bases: &self.bases, starts: &self.starts, targets: &self.targets }
    }
}

/// Borrowed columns of a [`Graph`].
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    bases: &'a [u64],
    starts: &'a [u32],
    targets: &'a [u32],
}

impl<'a> View<'a> {
    #[inline(always)]
    fn start(&self, node: u32) -> usize {
        (self.bases[(node / SPAN) as usize] + u64::from(self.starts[node as usize])) as usize
    }

    /// The nodes tied to `node`, in increasing order.
    #[inline(always)]
    pub fn neighbors(&self, node: u32) -> &'a [u32] {
        &self.targets[self.start(node)..self.start(node + 1)]
    }

    /// Asks for the cache line that tells where the row of `node` starts.
    #[inline(always)]
    pub fn prefetch_start(&self, node: u32) {
        prefetch(self.starts, node as usize);
    }

    /// Asks for the row of `node`: its first lines, where its length is already at hand.
    #[inline(always)]
    pub fn prefetch_row(&self, node: u32) {
        let (start, end) = (self.start(node), self.start(node + 1));
        for position in (start..end.min(start + 64)).step_by(16) {
            prefetch(self.targets, position);
        }
        prefetch(self.targets, end.wrapping_sub(1));
    }
}
