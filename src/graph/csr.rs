use crate::error::{Error, Result};
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

/// A [`Graph`]'s columns as plain slices: take one before a hot loop, its methods cost no more than their loads.
#[derive(Clone, Copy, Debug)]
pub struct GraphView<'a> {
    bases: &'a [u64],
    starts: &'a [u32],
    targets: &'a [u32],
}

impl Graph {
    /// The graph of these columns, as [`Graph::columns`] gives them.
    ///
    /// Checks all that memory safety and absence of panics need (every row inside `targets`, every target a node),
    /// and that the rows are in order and without loops: one pass over the graph.
    pub(crate) fn from_columns(bases: Vec<u64>, starts: Column<u32>, targets: Column<u32>) -> Result<Self> {
        let graph = Graph { bases, starts, targets };
        match graph.fault() {
            None => Ok(graph),
            Some(fault) => Err(Error::invalid(format!("not a graph: {fault}"))),
        }
    }

    /// The same for columns that the building loop has just made.
    pub(super) fn from_columns_unchecked(bases: Vec<u64>, starts: Column<u32>, targets: Column<u32>) -> Self {
        Graph { bases, starts, targets }
    }

    /// What is wrong with the columns.
    fn fault(&self) -> Option<String> {
        let Some(nodes) = self.starts.len().checked_sub(1).and_then(|n| u32::try_from(n).ok()) else {
            return Some(format!("{} row starts; 1 to 2^32 are allowed", self.starts.len()));
        };
        if self.bases.len() != (nodes / SPAN) as usize + 1 {
            return Some(format!("{} bases for {nodes} nodes", self.bases.len()));
        }
        let view = self.view();
        if view.start(0) != 0 || view.start(nodes) != self.targets.len() {
            return Some("rows do not cover the targets".into());
        }
        for node in 0..nodes {
            let (start, end) = (view.start(node), view.start(node + 1));
            if start > end || end > self.targets.len() {
                return Some(format!("the row of node {node} is out of order"));
            }
            let row = &self.targets[start..end];
            let rising = row.windows(2).all(|pair| pair[0] < pair[1]);
            if !rising || row.last().is_some_and(|&last| last >= nodes) || row.binary_search(&node).is_ok() {
                return Some(format!("the row of node {node} is not in order, leaves the graph or has a loop"));
            }
        }
        None
    }

    /// The raw columns: bases, row starts, targets.
    pub(crate) fn columns(&self) -> (&[u64], &[u32], &[u32]) {
        (&self.bases, &self.starts, &self.targets)
    }

    /// The columns as slices, for hot loops.
    #[inline]
    pub fn view(&self) -> GraphView<'_> {
        GraphView { bases: &self.bases, starts: &self.starts, targets: &self.targets }
    }

    /// Number of nodes.
    #[inline]
    pub fn nodes(&self) -> u32 {
        (self.starts.len() - 1) as u32
    }

    /// Number of arcs: twice the number of ties.
    #[inline]
    pub fn arcs(&self) -> u64 {
        self.targets.len() as u64
    }

    /// Number of undirected ties.
    #[inline]
    pub fn ties(&self) -> u64 {
        self.arcs() / 2
    }

    /// Mean number of ties of a node; 0 without nodes.
    pub fn mean_degree(&self) -> f64 {
        self.arcs() as f64 / f64::from(self.nodes().max(1))
    }

    /// Bytes of the graph's columns.
    pub fn bytes(&self) -> u64 {
        8 * self.bases.len() as u64 + 4 * self.starts.len() as u64 + 4 * self.targets.len() as u64
    }

    /// Where the row of `node` starts in [`Graph::targets`]; `node` may be `nodes()`, which gives the end.
    #[inline(always)]
    pub fn start(&self, node: u32) -> usize {
        self.view().start(node)
    }

    /// All rows, one after the other.
    #[inline]
    pub fn targets(&self) -> &[u32] {
        &self.targets
    }

    /// The nodes tied to `node`, in increasing order.
    #[inline(always)]
    pub fn neighbors(&self, node: u32) -> &[u32] {
        self.view().neighbors(node)
    }

    /// Number of ties of `node`.
    #[inline(always)]
    pub fn degree(&self, node: u32) -> u32 {
        self.view().degree(node)
    }

    /// Whether `a` and `b` are tied.
    #[inline]
    pub fn has_tie(&self, a: u32, b: u32) -> bool {
        self.neighbors(a).binary_search(&b).is_ok()
    }

    /// Every tie once, as (smaller, larger) node, in increasing order.
    pub fn iter_ties(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let view = self.view();
        (0..self.nodes()).flat_map(move |i| {
            let row = view.neighbors(i);
            row[row.partition_point(|&j| j < i)..].iter().map(move |&j| (i, j))
        })
    }
}

impl<'a> GraphView<'a> {
    /// Where the row of `node` starts; `node` may be the number of nodes, which gives the end.
    #[inline(always)]
    pub fn start(self, node: u32) -> usize {
        (self.bases[(node / SPAN) as usize] + u64::from(self.starts[node as usize])) as usize
    }

    /// The nodes tied to `node`, in increasing order.
    #[inline(always)]
    pub fn neighbors(self, node: u32) -> &'a [u32] {
        &self.targets[self.start(node)..self.start(node + 1)]
    }

    /// Number of ties of `node`.
    #[inline(always)]
    pub fn degree(self, node: u32) -> u32 {
        (self.start(node + 1) - self.start(node)) as u32
    }

    /// Asks for the cache line that tells where the row of `node` starts.
    #[inline(always)]
    pub(crate) fn prefetch_start(self, node: u32) {
        prefetch(self.starts, node as usize);
    }

    /// Asks for the row of `node`: its first lines, where its length is already at hand.
    #[inline(always)]
    pub(crate) fn prefetch_row(self, node: u32) {
        let (start, end) = (self.start(node), self.start(node + 1));
        for position in (start..end.min(start + 64)).step_by(16) {
            prefetch(self.targets, position);
        }
        if end > start {
            prefetch(self.targets, end - 1);
        }
    }
}
