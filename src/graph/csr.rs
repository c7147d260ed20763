use crate::error::Result;
use crate::memory::{Column, prefetch};
use std::ops::Range;

/// Nodes per entry of `bases`.
pub(super) const SPAN: u32 = 1 << 16;

/// Compressed sparse rows: the neighbours of each node as plain numbers, row after row, in increasing order.
///
/// Positions are split into a 64-bit base for every 65,536 nodes and a 32-bit rest for every node: half the memory
/// of plain 64-bit offsets.
#[derive(Debug)]
pub struct Csr {
    /// The node of the first row: 0, unless several processes have a part of the rows each.
    first: u32,
    bases: Vec<u64>,
    /// An entry a row, and one that closes the last.
    starts: Column<u32>,
    targets: Column<u32>,
}

/// The columns of a [`Csr`] as plain slices: take one before a hot loop, its methods cost no more than their loads.
#[derive(Clone, Copy, Debug)]
pub struct CsrView<'a> {
    first: u32,
    bases: &'a [u64],
    starts: &'a [u32],
    targets: &'a [u32],
}

impl Csr {
    /// The rows of columns that the building loop has just made.
    pub(super) fn from_columns(first: u32, bases: Vec<u64>, starts: Column<u32>, targets: Column<u32>) -> Self {
        Csr { first, bases, starts, targets }
    }

    /// Rows, one after the other, of some nodes in order.
    pub(super) fn from_rows(part: Range<u32>, arcs: u64, mut row: impl FnMut(u32, &mut Vec<u32>)) -> Result<Self> {
        let nodes = part.end - part.start;
        let mut bases = vec![0u64; (nodes / SPAN) as usize + 1];
        let (mut starts, mut targets) = (Column::<u32>::zeroed(nodes as usize + 1)?, Column::<u32>::zeroed(arcs as usize)?);
        let (mut at, mut list) = (0, Vec::new());
        let (all, places) = (targets.to_mut()?, starts.to_mut()?);
        for node in 0..=nodes {
            if node.is_multiple_of(SPAN) {
                bases[(node / SPAN) as usize] = at as u64;
            }
            places[node as usize] = (at as u64 - bases[(node / SPAN) as usize]) as u32;
            if node < nodes {
                list.clear();
                row(part.start + node, &mut list);
                all[at..at + list.len()].copy_from_slice(&list);
                at += list.len();
            }
        }
        Ok(Csr { first: part.start, bases, starts, targets })
    }

    /// The same rows again; memory is shared.
    pub fn share(&self) -> Self {
        Csr { first: self.first, bases: self.bases.clone(), starts: self.starts.share(), targets: self.targets.share() }
    }

    /// The columns as bytes, to be kept: name, type, content.
    pub(super) fn columns(&self) -> [(&'static str, &'static str, &[u8]); 3] {
        [
            ("bases", "u64", bytemuck::cast_slice(&self.bases)),
            ("starts", "u32", bytemuck::cast_slice(&self.starts)),
            ("targets", "u32", bytemuck::cast_slice(&self.targets)),
        ]
    }

    /// The rows of columns that [`Csr::columns`] gave; `None` where they do not fit together.
    pub(super) fn from_kept(bases: Vec<u64>, starts: Column<u32>, targets: Column<u32>) -> Option<Self> {
        let nodes = u32::try_from(starts.len().checked_sub(1)?).ok()?;
        let end = bases.get((nodes / SPAN) as usize)?.checked_add(u64::from(*starts.last()?))?;
        let fits = bases.len() == (nodes / SPAN) as usize + 1 && end == targets.len() as u64;
        fits.then_some(Csr { first: 0, bases, starts, targets })
    }

    /// Where rows start, each counted from the last node before it whose number is a multiple of 65,536.
    pub(super) fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// The columns as slices, for hot loops.
    #[inline]
    pub fn view(&self) -> CsrView<'_> {
        CsrView { first: self.first, bases: &self.bases, starts: &self.starts, targets: &self.targets }
    }

    /// Number of nodes: of those that have a row here.
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

    /// Bytes of the columns.
    pub fn bytes(&self) -> u64 {
        8 * self.bases.len() as u64 + 4 * self.starts.len() as u64 + 4 * self.targets.len() as u64
    }

    /// Where the row of `node` starts in [`Csr::targets`]; `node` may be `nodes()`, which gives the end.
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
        (self.first..self.first + self.nodes()).flat_map(move |i| {
            let row = view.neighbors(i);
            row[row.partition_point(|&j| j < i)..].iter().map(move |&j| (i, j))
        })
    }
}

impl<'a> CsrView<'a> {
    /// Where the row of `node` starts; `node` may be the number of nodes, which gives the end.
    #[inline(always)]
    pub fn start(self, node: u32) -> usize {
        let row = node - self.first;
        (self.bases[(row / SPAN) as usize] + u64::from(self.starts[row as usize])) as usize
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

    /// Asks for the cache line that says where the row of `node` starts.
    #[inline(always)]
    pub fn prefetch_start(self, node: u32) {
        prefetch(self.starts, node.wrapping_sub(self.first) as usize);
    }
}
