//! The graph, however its rows are kept.

use super::csr::{Csr, CsrView, SPAN};
use super::packed::{Packed, PackedContacts, PackedView};
use super::ties::Ties;
use crate::error::Result;
use crate::memory::Column;
use crate::population::Known;
use crate::scenario::GraphMemory;
use std::ops::Deref;
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3;

/// An undirected graph in compressed sparse rows.
///
/// Every tie is kept as two arcs. Neighbours of a node stand in increasing order, without loops and repetitions. Rows are plain
/// numbers, or packed into about half the memory; nothing but time and memory depends on which.
#[derive(Debug)]
pub struct Graph {
    rows: Rows,
    /// What a table says of the nodes.
    known: Option<Arc<Known>>,
}

#[derive(Debug)]
enum Rows {
    Plain(Csr),
    Packed(Packed),
}

/// The rows of a [`Graph`], for hot loops: each kind has a loop of its own, compiled for it (see [`Ties`]).
#[derive(Clone, Copy, Debug)]
pub enum GraphView<'a> {
    /// Plain numbers.
    Plain(CsrView<'a>),
    /// Gaps.
    Packed(PackedView<'a>),
}

/// The neighbours of a node, as a slice.
#[derive(Debug)]
pub struct Neighbors<'a>(Kept<'a>);

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "unpacked in place; a box would cost more than the bytes")]
enum Kept<'a> {
    Plain(&'a [u32]),
    Packed(PackedContacts<'a>),
}

impl Deref for Neighbors<'_> {
    type Target = [u32];

    #[inline]
    fn deref(&self) -> &[u32] {
        match &self.0 {
            Kept::Plain(row) => row,
            Kept::Packed(row) => row,
        }
    }
}

impl<T: AsRef<[u32]>> PartialEq<T> for Neighbors<'_> {
    fn eq(&self, other: &T) -> bool {
        **self == *other.as_ref()
    }
}

impl AsRef<[u32]> for Neighbors<'_> {
    fn as_ref(&self) -> &[u32] {
        self
    }
}

impl From<Csr> for Graph {
    fn from(rows: Csr) -> Self {
        Graph { rows: Rows::Plain(rows), known: None }
    }
}

impl From<Packed> for Graph {
    fn from(rows: Packed) -> Self {
        Graph { rows: Rows::Packed(rows), known: None }
    }
}

impl Graph {
    /// The same graph again; memory is shared.
    pub fn share(&self) -> Self {
        let rows = match &self.rows {
            Rows::Plain(rows) => Rows::Plain(rows.share()),
            Rows::Packed(rows) => Rows::Packed(rows.share()),
        };
        Graph { rows, known: self.known.clone() }
    }

    /// The same graph, with what is known of the users at its nodes.
    pub fn with_known(self, known: Known) -> Self {
        Graph { known: Some(Arc::new(known)), ..self }
    }

    /// What is known of the users at its nodes.
    pub fn known(&self) -> Option<&Arc<Known>> {
        self.known.as_ref()
    }

    /// How its rows are kept.
    pub fn memory(&self) -> GraphMemory {
        match self.rows {
            Rows::Plain(_) => GraphMemory::Plain,
            Rows::Packed(_) => GraphMemory::Packed,
        }
    }

    /// The same graph with its rows kept so.
    pub fn kept(self, memory: GraphMemory) -> Result<Self> {
        let rows = match (self.rows, memory) {
            (Rows::Plain(rows), GraphMemory::Packed) => Rows::Packed(Packed::of(rows.view(), rows.nodes())?),
            (Rows::Packed(rows), GraphMemory::Plain) => Rows::Plain(rows.unpacked()?),
            (rows, _) => rows,
        };
        Ok(Graph { rows, ..self })
    }

    /// Its rows as plain numbers: shared where they are, else unpacked.
    pub fn to_csr(&self) -> Result<Csr> {
        match &self.rows {
            Rows::Plain(rows) => Ok(rows.share()),
            Rows::Packed(rows) => rows.unpacked(),
        }
    }

    /// The columns as bytes, to be kept: name, type, content.
    pub fn columns(&self) -> Vec<(String, &'static str, &[u8])> {
        match &self.rows {
            Rows::Plain(rows) => rows.columns().map(|(name, kind, bytes)| (name.to_owned(), kind, bytes)).into(),
            Rows::Packed(rows) => rows.columns(),
        }
    }

    /// The graph of columns that [`Graph::columns`] gave of plain rows; `None` where they do not fit together. Rows are not
    /// checked: whoever reads columns from a file must know that they are the bytes that were written.
    pub fn from_kept(bases: Vec<u64>, starts: Column<u32>, targets: Column<u32>) -> Option<Self> {
        Csr::from_kept(bases, starts, targets).map(Graph::from)
    }

    /// The graph of columns that [`Graph::columns`] gave of packed rows; `None` where they are no such rows.
    pub fn from_kept_packed(nodes: u32, groups: Column<u8>, slabs: Vec<Column<u8>>) -> Option<Self> {
        Packed::from_kept(nodes, groups, slabs).map(Graph::from)
    }

    /// Nodes, arcs, and xxh3-64 of the plain columns and what is known of the nodes: the same for the same graph, however its rows
    /// are kept.
    pub fn fingerprint(&self) -> [u64; 3] {
        let mut hasher = Xxh3::new();
        match &self.rows {
            Rows::Plain(rows) => {
                hasher.update(bytemuck::cast_slice(rows.starts()));
                hasher.update(bytemuck::cast_slice(rows.targets()));
            }
            Rows::Packed(rows) => {
                let view = rows.view();
                let mut start = 0u32;
                for node in 0..=self.nodes() {
                    start = if node.is_multiple_of(SPAN) { 0 } else { start };
                    hasher.update(&start.to_le_bytes());
                    if node < self.nodes() {
                        start = start.wrapping_add(view.degree(node));
                    }
                }
                (0..self.nodes()).for_each(|node| hasher.update(bytemuck::cast_slice(&view.contacts(node))));
            }
        }
        if let Some(known) = &self.known {
            hasher.update(&known.fingerprint().to_le_bytes());
        }
        [u64::from(self.nodes()), self.arcs(), hasher.digest()]
    }

    /// The rows, for hot loops.
    #[inline]
    pub fn view(&self) -> GraphView<'_> {
        match &self.rows {
            Rows::Plain(rows) => GraphView::Plain(rows.view()),
            Rows::Packed(rows) => GraphView::Packed(rows.view()),
        }
    }

    /// Number of nodes.
    #[inline]
    pub fn nodes(&self) -> u32 {
        match &self.rows {
            Rows::Plain(rows) => rows.nodes(),
            Rows::Packed(rows) => rows.nodes(),
        }
    }

    /// Number of arcs: twice the number of ties.
    #[inline]
    pub fn arcs(&self) -> u64 {
        match &self.rows {
            Rows::Plain(rows) => rows.arcs(),
            Rows::Packed(rows) => rows.arcs(),
        }
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
        match &self.rows {
            Rows::Plain(rows) => rows.bytes(),
            Rows::Packed(rows) => rows.bytes(),
        }
    }

    /// The nodes tied to `node`, in increasing order.
    #[inline]
    pub fn neighbors(&self, node: u32) -> Neighbors<'_> {
        Neighbors(match self.view() {
            GraphView::Plain(rows) => Kept::Plain(rows.neighbors(node)),
            GraphView::Packed(rows) => Kept::Packed(rows.contacts(node)),
        })
    }

    /// Number of ties of `node`.
    #[inline]
    pub fn degree(&self, node: u32) -> u32 {
        match self.view() {
            GraphView::Plain(rows) => rows.degree(node),
            GraphView::Packed(rows) => rows.degree(node),
        }
    }

    /// Whether `a` and `b` are tied.
    #[inline]
    pub fn has_tie(&self, a: u32, b: u32) -> bool {
        self.neighbors(a).binary_search(&b).is_ok()
    }

    /// Every tie once, as (smaller, larger) node, in increasing order.
    pub fn iter_ties(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (0..self.nodes()).flat_map(move |i| {
            let row = self.neighbors(i);
            (row.partition_point(|&j| j < i)..row.len()).map(move |k| (i, row[k]))
        })
    }
}
