//! petgraph's visit traits for [`Csr`]: its algorithms run on our storage.
//!
//! ```
//! use exodus::graph::Graph;
//! use petgraph::algo::{connected_components, dijkstra};
//!
//! let graph = Graph::from_ties(5, &[(0, 1), (1, 2), (3, 4)])?.to_csr()?;
//! assert_eq!(connected_components(&graph), 2);
//! assert_eq!(dijkstra(&graph, 0, None, |_| 1)[&2], 2);
//! # Ok::<(), exodus::Error>(())
//! ```

use super::csr::{Csr, CsrView};
use petgraph::visit::{
    Data, EdgeCount, EdgeRef, GetAdjacencyMatrix, GraphBase, GraphProp, IntoEdgeReferences, IntoEdges, IntoNeighbors,
    IntoNeighborsDirected, IntoNodeIdentifiers, IntoNodeReferences, NodeCompactIndexable, NodeCount, NodeIndexable, VisitMap,
    Visitable,
};
use petgraph::{Direction, Undirected};
use std::iter::Copied;
use std::ops::Range;

/// A tie as petgraph's algorithms see it, from one of its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tie {
    source: u32,
    target: u32,
}

impl EdgeRef for Tie {
    type NodeId = u32;
    type EdgeId = (u32, u32);
    type Weight = ();

    fn source(&self) -> u32 {
        self.source
    }

    fn target(&self) -> u32 {
        self.target
    }

    fn weight(&self) -> &() {
        &()
    }

    fn id(&self) -> (u32, u32) {
        (self.source.min(self.target), self.source.max(self.target))
    }
}

/// Nodes visited, a bit each.
#[derive(Clone, Debug, Default)]
pub struct Visited(Vec<u64>);

impl VisitMap<u32> for Visited {
    fn visit(&mut self, node: u32) -> bool {
        let (word, bit) = (&mut self.0[node as usize / 64], 1 << (node % 64));
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    fn is_visited(&self, node: &u32) -> bool {
        self.0[*node as usize / 64] >> (node % 64) & 1 == 1
    }

    fn unvisit(&mut self, node: u32) -> bool {
        let (word, bit) = (&mut self.0[node as usize / 64], 1 << (node % 64));
        let old = *word & bit != 0;
        *word &= !bit;
        old
    }
}

impl GraphBase for Csr {
    type EdgeId = (u32, u32);
    type NodeId = u32;
}

impl GraphProp for Csr {
    type EdgeType = Undirected;
}

impl Data for Csr {
    type NodeWeight = ();
    type EdgeWeight = ();
}

impl NodeCount for Csr {
    fn node_count(&self) -> usize {
        self.nodes() as usize
    }
}

impl EdgeCount for Csr {
    fn edge_count(&self) -> usize {
        self.ties() as usize
    }
}

impl NodeIndexable for Csr {
    fn node_bound(&self) -> usize {
        self.nodes() as usize
    }

    fn to_index(&self, node: u32) -> usize {
        node as usize
    }

    fn from_index(&self, index: usize) -> u32 {
        index as u32
    }
}

impl NodeCompactIndexable for Csr {}

impl Visitable for Csr {
    type Map = Visited;

    fn visit_map(&self) -> Visited {
        Visited(vec![0; (self.nodes() as usize).div_ceil(64)])
    }

    fn reset_map(&self, map: &mut Visited) {
        map.0.clear();
        map.0.resize((self.nodes() as usize).div_ceil(64), 0);
    }
}

impl GetAdjacencyMatrix for Csr {
    // Rows are sorted: looking up a tie needs no matrix.
    type AdjMatrix = ();

    fn adjacency_matrix(&self) {}

    fn is_adjacent(&self, (): &(), a: u32, b: u32) -> bool {
        self.has_tie(a, b)
    }
}

impl<'a> IntoNeighbors for &'a Csr {
    type Neighbors = Copied<std::slice::Iter<'a, u32>>;

    fn neighbors(self, node: u32) -> Self::Neighbors {
        self.view().neighbors(node).iter().copied()
    }
}

impl IntoNeighborsDirected for &Csr {
    type NeighborsDirected = Self::Neighbors;

    fn neighbors_directed(self, node: u32, _: Direction) -> Self::NeighborsDirected {
        IntoNeighbors::neighbors(self, node)
    }
}

impl IntoNodeIdentifiers for &Csr {
    type NodeIdentifiers = Range<u32>;

    fn node_identifiers(self) -> Range<u32> {
        0..self.nodes()
    }
}

impl IntoNodeReferences for &Csr {
    type NodeRef = (u32, ());
    type NodeReferences = std::iter::Map<Range<u32>, fn(u32) -> (u32, ())>;

    fn node_references(self) -> Self::NodeReferences {
        (0..self.nodes()).map(|node| (node, ()))
    }
}

/// The ties of one node, for petgraph.
#[derive(Clone, Debug)]
pub struct Edges<'a> {
    source: u32,
    targets: std::slice::Iter<'a, u32>,
}

impl Iterator for Edges<'_> {
    type Item = Tie;

    fn next(&mut self) -> Option<Tie> {
        self.targets.next().map(|&target| Tie { source: self.source, target })
    }
}

impl<'a> IntoEdges for &'a Csr {
    type Edges = Edges<'a>;

    fn edges(self, node: u32) -> Edges<'a> {
        Edges { source: node, targets: self.view().neighbors(node).iter() }
    }
}

/// Every tie once, for petgraph.
#[derive(Clone, Debug)]
pub struct EdgeReferences<'a> {
    view: CsrView<'a>,
    nodes: Range<u32>,
    edges: Edges<'a>,
}

impl Iterator for EdgeReferences<'_> {
    type Item = Tie;

    fn next(&mut self) -> Option<Tie> {
        loop {
            if let Some(tie) = self.edges.next() {
                return Some(tie);
            }
            let source = self.nodes.next()?;
            let row = self.view.neighbors(source);
            self.edges = Edges { source, targets: row[row.partition_point(|&j| j < source)..].iter() };
        }
    }
}

impl<'a> IntoEdgeReferences for &'a Csr {
    type EdgeRef = Tie;
    type EdgeReferences = EdgeReferences<'a>;

    fn edge_references(self) -> EdgeReferences<'a> {
        EdgeReferences { view: self.view(), nodes: 0..self.nodes(), edges: Edges { source: 0, targets: [].iter() } }
    }
}
