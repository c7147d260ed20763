use crate::memory::{Column, prefetch};
use crate::population::Known;
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3;

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
    /// What a table says of the nodes.
    known: Option<Arc<Known>>,
}

/// A [`Graph`]'s columns as plain slices: take one before a hot loop, its methods cost no more than their loads.
#[derive(Clone, Copy, Debug)]
pub struct GraphView<'a> {
    bases: &'a [u64],
    starts: &'a [u32],
    targets: &'a [u32],
}

impl Graph {
    /// The graph of columns that the building loop has just made.
    pub(super) fn from_columns(bases: Vec<u64>, starts: Column<u32>, targets: Column<u32>) -> Self {
        Graph { bases, starts, targets, known: None }
    }

    /// The same graph again; memory is shared.
    pub fn share(&self) -> Self {
        let Graph { bases, starts, targets, known } = self;
        Graph { bases: bases.clone(), starts: starts.share(), targets: targets.share(), known: known.clone() }
    }

    /// The same graph, with what is known of the users at its nodes.
    pub fn with_known(self, known: Known) -> Self {
        Graph { known: Some(Arc::new(known)), ..self }
    }

    /// What is known of the users at its nodes.
    pub fn known(&self) -> Option<&Arc<Known>> {
        self.known.as_ref()
    }

    /// The columns as bytes, to be kept: name, type, content.
    pub fn columns(&self) -> [(&'static str, &'static str, &[u8]); 3] {
        [
            ("bases", "u64", bytemuck::cast_slice(&self.bases)),
            ("starts", "u32", bytemuck::cast_slice(&self.starts)),
            ("targets", "u32", bytemuck::cast_slice(&self.targets)),
        ]
    }

    /// The graph of columns that [`Graph::columns`] gave; `None` where they do not fit together. Rows are not looked at:
    /// whoever reads columns from a file must know that they are the bytes that were written.
    pub fn from_kept(bases: Vec<u64>, starts: Column<u32>, targets: Column<u32>) -> Option<Self> {
        let nodes = u32::try_from(starts.len().checked_sub(1)?).ok()?;
        let end = bases.get((nodes / SPAN) as usize)?.checked_add(u64::from(*starts.last()?))?;
        let fits = bases.len() == (nodes / SPAN) as usize + 1 && end == targets.len() as u64;
        fits.then_some(Graph { bases, starts, targets, known: None })
    }

    /// Nodes, arcs, and xxh3-64 of the columns and what is known of the nodes: the same for the same graph.
    pub fn fingerprint(&self) -> [u64; 3] {
        let mut hasher = Xxh3::new();
        hasher.update(bytemuck::cast_slice(&self.starts));
        hasher.update(bytemuck::cast_slice(&self.targets));
        if let Some(known) = &self.known {
            hasher.update(&known.fingerprint().to_le_bytes());
        }
        [u64::from(self.nodes()), self.arcs(), hasher.digest()]
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
    pub fn prefetch_start(self, node: u32) {
        prefetch(self.starts, node as usize);
    }
}
