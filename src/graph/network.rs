//! The graph, however its rows are kept.

use super::csr::{Csr, CsrView, SPAN};
use super::packed::{Packed, PackedContacts, PackedView};
use super::ties::Ties;
use crate::error::Result;
use crate::memory::Column;
use crate::peers::Peers;
use crate::population::Known;
use crate::scenario::GraphMemory;
use std::collections::BTreeMap;
use std::ops::{Deref, Range};
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3;

/// An undirected graph in compressed sparse rows.
///
/// Every tie is kept as two arcs. Neighbours of a node stand in increasing order, without loops and repetitions. Rows are plain
/// numbers, or packed into about half the memory; nothing but time and memory depends on which.
///
/// Where several processes compute one run, each has a graph of all nodes with the rows of its own part of them
/// ([`Graph::part`]). Only these may be asked for.
#[derive(Debug)]
pub struct Graph {
    nodes: u32,
    rows: Rows,
    peers: Peers,
    /// What a table says of the nodes.
    known: Option<Arc<Known>>,
    /// What a file calls nodes: those whose labels are asked for.
    labels: Option<Arc<BTreeMap<u32, String>>>,
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

/// Where the rows of plain columns start, from their lengths.
#[derive(Default)]
struct Starts {
    node: u32,
    start: u32,
}

impl Starts {
    fn next(&mut self, degree: u32, hasher: &mut Xxh3) {
        self.close(hasher);
        self.start = self.start.wrapping_add(degree);
        self.node += 1;
    }

    /// Of the node behind the last: its start is the end of the last row.
    fn close(&mut self, hasher: &mut Xxh3) {
        self.start = if self.node.is_multiple_of(SPAN) { 0 } else { self.start };
        hasher.update(&self.start.to_le_bytes());
    }
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
        Graph::among(rows.nodes(), Rows::Plain(rows), Peers::alone())
    }
}

impl From<Packed> for Graph {
    fn from(rows: Packed) -> Self {
        Graph::among(rows.nodes(), Rows::Packed(rows), Peers::alone())
    }
}

impl Graph {
    /// A graph of which this rank has these rows.
    fn among(nodes: u32, rows: Rows, peers: Peers) -> Self {
        Graph { nodes, rows, peers, known: None, labels: None }
    }

    /// The same with rows in plain numbers.
    pub(super) fn plain_among(nodes: u32, rows: Csr, peers: &Peers) -> Self {
        Self::among(nodes, Rows::Plain(rows), peers.clone())
    }

    /// The same with packed rows.
    pub(super) fn packed_among(nodes: u32, rows: Packed, peers: &Peers) -> Self {
        Self::among(nodes, Rows::Packed(rows), peers.clone())
    }

    /// Of a graph that this rank has as a whole, as all others do: each keeps the rows of its own part.
    pub fn divided(self, peers: &Peers) -> Result<Self> {
        if peers.is_alone() {
            return Ok(self);
        }
        let part = peers.part(self.nodes);
        let arcs = part.clone().map(|node| u64::from(self.degree(node))).sum();
        let rows = Csr::from_rows(part, arcs, |node, row| row.extend_from_slice(&self.neighbors(node)))?;
        let memory = self.memory();
        Graph { rows: Rows::Plain(rows), peers: peers.clone(), ..self }.kept(memory)
    }

    /// The ranks that have its rows.
    pub fn peers(&self) -> &Peers {
        &self.peers
    }

    /// The nodes whose rows are here: all, unless several processes compute one run.
    pub fn part(&self) -> Range<u32> {
        self.peers.part(self.nodes)
    }

    /// The same graph again; memory is shared.
    pub fn share(&self) -> Self {
        let rows = match &self.rows {
            Rows::Plain(rows) => Rows::Plain(rows.share()),
            Rows::Packed(rows) => Rows::Packed(rows.share()),
        };
        Graph { rows, known: self.known.clone(), labels: self.labels.clone(), peers: self.peers.clone(), ..*self }
    }

    /// The same graph, with what is known of the users at its nodes.
    pub fn with_known(self, known: Known) -> Self {
        Graph { known: Some(Arc::new(known)), ..self }
    }

    /// What is known of the users at its nodes.
    pub fn known(&self) -> Option<&Arc<Known>> {
        self.known.as_ref()
    }

    /// The same graph, with what some of its nodes are called.
    pub fn with_labels(self, labels: BTreeMap<u32, String>) -> Self {
        Graph { labels: Some(Arc::new(labels)), ..self }
    }

    /// Whether nodes have labels that are not their numbers.
    pub fn has_labels(&self) -> bool {
        self.labels.is_some()
    }

    /// What a node is called, where that was asked for.
    pub fn label(&self, node: u32) -> Option<&str> {
        self.labels.as_ref()?.get(&node).map(String::as_str)
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
            (Rows::Plain(rows), GraphMemory::Packed) => Rows::Packed(Packed::of(rows.view(), self.peers.part(self.nodes))?),
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
    /// are kept. Of a graph that this rank has as a whole.
    pub fn fingerprint(&self) -> [u64; 3] {
        let mut hasher = Xxh3::new();
        match &self.rows {
            Rows::Plain(rows) => {
                hasher.update(bytemuck::cast_slice(rows.starts()));
                hasher.update(bytemuck::cast_slice(rows.targets()));
            }
            Rows::Packed(_) => {
                let mut starts = Starts::default();
                (0..self.nodes).for_each(|node| starts.next(self.degree(node), &mut hasher));
                starts.close(&mut hasher);
                (0..self.nodes).for_each(|node| hasher.update(bytemuck::cast_slice(&self.neighbors(node))));
            }
        }
        self.fingerprint_of(self.arcs(), hasher)
    }

    /// The same of a graph that all ranks have together, known to all.
    pub fn common_fingerprint(&self) -> Result<[u64; 3]> {
        if self.peers.is_alone() {
            return Ok(self.fingerprint());
        }
        let (mut hasher, mut starts) = (Xxh3::new(), Starts::default());
        let by_piece = |emit: &mut dyn FnMut(&[u8]) -> Result<()>, write: &dyn Fn(u32, &mut Vec<u32>)| {
            let mut piece = Vec::new();
            for node in self.part() {
                write(node, &mut piece);
                if piece.len() >= 1 << 20 {
                    emit(bytemuck::cast_slice(&piece))?;
                    piece.clear();
                }
            }
            emit(bytemuck::cast_slice(&piece))
        };
        let degree_at = |bytes: &[u8]| u32::from_ne_bytes(std::array::from_fn(|k| bytes[k]));
        self.peers.to_first(
            |emit| by_piece(emit, &|node, piece| piece.push(self.degree(node))),
            |bytes| {
                bytes.chunks_exact(4).for_each(|bytes| starts.next(degree_at(bytes), &mut hasher));
                Ok(())
            },
        )?;
        starts.close(&mut hasher);
        self.peers.to_first(
            |emit| by_piece(emit, &|node, piece| piece.extend_from_slice(&self.neighbors(node))),
            |bytes| {
                hasher.update(bytes);
                Ok(())
            },
        )?;
        let arcs = self.peers.sum_of(self.arcs())?;
        let of_first = self.peers.from_first(bytemuck::bytes_of(&self.fingerprint_of(arcs, hasher)).to_vec())?;
        Ok(std::array::from_fn(|k| u64::from_ne_bytes(std::array::from_fn(|byte| of_first[8 * k + byte]))))
    }

    fn fingerprint_of(&self, arcs: u64, mut hasher: Xxh3) -> [u64; 3] {
        if let Some(known) = &self.known {
            hasher.update(&known.fingerprint().to_le_bytes());
        }
        [u64::from(self.nodes), arcs, hasher.digest()]
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
        self.nodes
    }

    /// Number of arcs, twice the number of ties: of the rows that are here.
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

    /// Every tie once, as (smaller, larger) node, in increasing order; of the rows that are here.
    pub fn iter_ties(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.part().flat_map(move |i| {
            let row = self.neighbors(i);
            (row.partition_point(|&j| j < i)..row.len()).map(move |k| (i, row[k]))
        })
    }
}
