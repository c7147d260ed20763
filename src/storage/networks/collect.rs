//! From ties by label to a graph.

use super::labels::{Interner, Labels, number};
use crate::error::{Error, Result};
use crate::graph::{Graph, TieStream};
use crate::scenario::MAX_USERS;
use rayon::prelude::*;

/// Ties shown to the reader before they are taken.
const SHOWN: usize = 3;
/// Nodes of a part of the finished list of ties.
const PART: u32 = 4096;

/// Ties as they come, and the nodes between which they are.
#[derive(Debug)]
pub(super) struct Collector {
    nodes: Nodes,
    /// The two ends, one in the upper half and one in the lower: labels while these are numbers, else node numbers.
    ties: Vec<u64>,
    shown: Vec<[String; 2]>,
}

#[derive(Debug)]
enum Nodes {
    /// Labels are whole numbers so far; those of nodes named apart from ties are kept.
    Numbers { named: Vec<u32>, largest: u32 },
    /// Labels are text: nodes are numbered as they come.
    Text(Interner),
    /// Labels are the numbers from `first` on, so many of them.
    Counted { first: u32, nodes: u32 },
}

/// A graph from a file, and what it was made of.
#[derive(Debug)]
pub(super) struct Collected {
    pub(super) graph: Graph,
    pub(super) labels: Labels,
    pub(super) duplicates: u64,
    pub(super) loops: u64,
    /// The first ties, as they are in the file.
    pub(super) shown: Vec<[u32; 2]>,
}

fn too_many() -> String {
    format!("found more nodes than that; allowed at most {MAX_USERS}")
}

impl Collector {
    /// Nodes are numbered by increasing label where all labels are whole numbers below 2^32, else by first appearance.
    pub(super) fn by_label() -> Self {
        Self::new(Nodes::Numbers { named: Vec::new(), largest: 0 })
    }

    /// Nodes are numbered in the order in which they are named.
    pub(super) fn in_order() -> Self {
        Self::new(Nodes::Text(Interner::default()))
    }

    /// Labels are the numbers from `first` on.
    ///
    /// A file of `bytes` bytes, packed or not, hardly has more nodes than a thousand for each, and some: a number that is
    /// wrong should not take all memory.
    pub(super) fn counted(first: u32, nodes: u64, bytes: u64) -> std::result::Result<Self, String> {
        let most = bytes.saturating_mul(1000).saturating_add(1_000_000);
        if nodes > most {
            return Err(format!("found {nodes} nodes in a file of {bytes} bytes; allowed at most {most}"));
        }
        let nodes = u32::try_from(nodes).ok().filter(|&n| u64::from(n) <= MAX_USERS);
        nodes.map(|nodes| Self::new(Nodes::Counted { first, nodes })).ok_or_else(too_many)
    }

    fn new(nodes: Nodes) -> Self {
        Collector { nodes, ties: Vec::new(), shown: Vec::new() }
    }

    /// Whether every label so far is a whole number.
    pub(super) fn numbers(&self) -> bool {
        !matches!(self.nodes, Nodes::Text(_))
    }

    /// A node that may have no tie; whether it is new, where that is known already.
    pub(super) fn node(&mut self, label: &str) -> std::result::Result<bool, String> {
        if let (Nodes::Numbers { named, largest }, Some(n)) = (&mut self.nodes, number(label)) {
            *largest = n.max(*largest);
            named.push(n);
            return Ok(true);
        }
        self.text()?.intern(label).map(|(_, new)| new).ok_or_else(too_many)
    }

    pub(super) fn has(&self, label: &str) -> bool {
        matches!(&self.nodes, Nodes::Text(names) if names.find(label).is_some())
    }

    /// A tie between two labels.
    #[inline]
    pub(super) fn tie(&mut self, a: &str, b: &str) -> std::result::Result<(), String> {
        if self.shown.len() < SHOWN {
            self.shown.push([a.to_owned(), b.to_owned()]);
        }
        let ends = match (&mut self.nodes, number(a), number(b)) {
            (Nodes::Numbers { largest, .. }, Some(a), Some(b)) => {
                *largest = a.max(b).max(*largest);
                [a, b]
            }
            (Nodes::Counted { first, nodes }, m, n) => {
                let (first, nodes) = (*first, *nodes);
                let last = (u64::from(first) + u64::from(nodes)).saturating_sub(1);
                let known = |label: &str, n: Option<u32>| {
                    let place = n.and_then(|n| n.checked_sub(first)).filter(|&n| n < nodes);
                    place.ok_or_else(|| {
                        format!("found node `{}`; allowed {first} to {last}", super::input::shown(label.as_bytes()))
                    })
                };
                [known(a, m)?, known(b, n)?]
            }
            _ => {
                let names = self.text()?;
                let mut node = |label: &str| names.intern(label).map(|(node, _)| node).ok_or_else(too_many);
                [node(a)?, node(b)?]
            }
        };
        self.ties.push(u64::from(ends[0]) << 32 | u64::from(ends[1]));
        Ok(())
    }

    /// Labels turn out to be text: those so far are numbered in order of first appearance.
    fn text(&mut self) -> std::result::Result<&mut Interner, String> {
        if let Nodes::Numbers { named, .. } = &self.nodes {
            let mut names = Interner::default();
            let mut node = |n: u32| names.intern(&n.to_string()).map(|(node, _)| node).ok_or_else(too_many);
            for &n in named {
                node(n)?;
            }
            for tie in &mut self.ties {
                let (a, b) = (node((*tie >> 32) as u32)?, node(*tie as u32)?);
                *tie = u64::from(a) << 32 | u64::from(b);
            }
            self.nodes = Nodes::Text(names);
        }
        match &mut self.nodes {
            Nodes::Text(names) => Ok(names),
            _ => Err("found a label where nodes are counted".into()),
        }
    }

    /// How often a label is an end of a tie; `None` where nodes are called by numbers, or the label is not there.
    pub(super) fn ends_at(&self, label: &str) -> Option<u64> {
        let Nodes::Text(names) = &self.nodes else { return None };
        let node = u64::from(names.find(label)?);
        Some(self.ties.par_iter().map(|tie| u64::from(tie >> 32 == node) + u64::from(tie & 0xFFFF_FFFF == node)).sum())
    }

    /// The largest label after those of the first tie; `None` where labels are no numbers.
    pub(super) fn largest_but_first(&self) -> Option<u32> {
        let Nodes::Numbers { .. } = &self.nodes else { return None };
        self.ties.get(1..)?.par_iter().map(|tie| ((tie >> 32) as u32).max(*tie as u32)).max()
    }

    /// Whether labels are numbers, and these are an end of the first tie alone.
    pub(super) fn only_first(&self, labels: [u32; 2]) -> bool {
        let among = |tie: &u64| labels.contains(&((tie >> 32) as u32)) || labels.contains(&(*tie as u32));
        matches!(self.nodes, Nodes::Numbers { .. }) && !self.ties.iter().skip(1).any(among)
    }

    /// The graph. At its peak memory holds one and a half times the finished graph, beside the labels.
    pub(super) fn finish(self) -> Result<Collected> {
        let Collector { nodes, mut ties, shown } = self;
        let ends = |find: &dyn Fn(&str) -> Option<u32>| -> Vec<[u32; 2]> {
            shown.iter().filter_map(|[a, b]| Some([find(a)?, find(b)?])).collect()
        };
        let mut first = Vec::new();
        let labels = match nodes {
            Nodes::Text(names) => {
                first = ends(&|label| names.find(label));
                names.finish()
            }
            Nodes::Counted { first, nodes } => Labels::range(first, nodes),
            Nodes::Numbers { named, largest } => Labels::numbers(renumber(&mut ties, named, largest)),
        };
        if labels.are_numbers() {
            first = ends(&|label| labels.find_number(label));
        }
        let count = u32::try_from(labels.len()).map_err(|_| Error::invalid(too_many()))?;
        let given = ties.len() as u64;
        ties.retain(|tie| tie >> 32 != tie & 0xFFFF_FFFF);
        let loops = given - ties.len() as u64;
        ties.par_iter_mut().for_each(|tie| {
            let (a, b) = ((*tie >> 32) as u32, *tie as u32);
            *tie = u64::from(a.min(b)) << 32 | u64::from(a.max(b));
        });
        ties.par_sort_unstable();
        let before = ties.len() as u64;
        ties.dedup();
        let duplicates = before - ties.len() as u64;
        let graph = Graph::from_stream(&Sorted::new(count, ties))?;
        Ok(Collected { graph, labels, duplicates, loops, shown: first })
    }
}

/// Replaces labels by node numbers in order of label; the labels that are there.
fn renumber(ties: &mut [u64], mut named: Vec<u32>, largest: u32) -> Vec<u32> {
    // Bits by label, unless they would be far more than the labels.
    let words = largest as usize / 64 + 1;
    if words > 4 * (ties.len() + named.len()) + 1024 {
        named.extend(ties.iter().flat_map(|tie| [(tie >> 32) as u32, *tie as u32]));
        named.par_sort_unstable();
        named.dedup();
        let place = |label: u32| named.partition_point(|&n| n < label) as u64;
        ties.par_iter_mut().for_each(|tie| *tie = place((*tie >> 32) as u32) << 32 | place(*tie as u32));
        return named;
    }
    let mut there = vec![0u64; words];
    let mut mark = |label: u32| there[label as usize / 64] |= 1 << (label % 64);
    named.iter().for_each(|&n| mark(n));
    for tie in ties.iter() {
        mark((tie >> 32) as u32);
        mark(*tie as u32);
    }
    drop(named);
    let mut sum = 0u32;
    let mut before = Vec::with_capacity(words);
    for word in &there {
        before.push(sum);
        sum += word.count_ones();
    }
    let place = |label: u32| {
        let word = label as usize / 64;
        u64::from(before[word] + (there[word] & ((1 << (label % 64)) - 1)).count_ones())
    };
    ties.par_iter_mut().for_each(|tie| *tie = place((*tie >> 32) as u32) << 32 | place(*tie as u32));
    let mut labels = Vec::with_capacity(sum as usize);
    for (k, &word) in there.iter().enumerate() {
        let mut rest = word;
        while rest != 0 {
            labels.push((k * 64) as u32 + rest.trailing_zeros());
            rest &= rest - 1;
        }
    }
    labels
}

/// Ties in order, with the smaller end first, once each: the larger ends, in half the memory of the pairs, and a bit or two to tell whose.
struct Sorted {
    nodes: u32,
    /// Two ends to a word.
    words: Vec<u64>,
    /// For each node as the smaller end, a bit that is set for every tie, then one that is not.
    whose: Vec<u64>,
    /// Where the ties of every 4096 nodes begin.
    parts: Vec<u64>,
}

impl Sorted {
    fn new(nodes: u32, mut ties: Vec<u64>) -> Self {
        let len = ties.len();
        let mut whose = vec![0u64; (len + nodes as usize).div_ceil(64)];
        let mut parts = Vec::with_capacity(nodes.div_ceil(PART) as usize);
        for k in 0..len {
            let tie = ties[k];
            let node = (tie >> 32) as usize;
            parts.resize(parts.len().max(node / PART as usize + 1), k as u64);
            let bit = k + node;
            whose[bit / 64] |= 1 << (bit % 64);
            // The pair at k is read, and that at k / 2 has been.
            let half = &mut ties[k / 2];
            *half = if k % 2 == 0 { tie & 0xFFFF_FFFF } else { *half | tie << 32 };
        }
        parts.resize(nodes.div_ceil(PART) as usize, len as u64);
        ties.truncate(len.div_ceil(2));
        ties.shrink_to_fit();
        Sorted { nodes, parts, words: ties, whose }
    }
}

impl TieStream for Sorted {
    fn nodes(&self) -> u32 {
        self.nodes
    }

    fn parts(&self) -> usize {
        self.parts.len()
    }

    fn for_each(&self, part: usize, mut emit: impl FnMut(u32, u32)) {
        let first = part as u32 * PART;
        let mut at = self.parts[part] as usize;
        for node in first..self.nodes.min(first.saturating_add(PART)) {
            // A set bit at `at + node` is another tie of this node.
            while self.whose[(at + node as usize) / 64] >> ((at + node as usize) % 64) & 1 == 1 {
                emit(node, (self.words[at / 2] >> (32 * (at % 2))) as u32);
                at += 1;
            }
        }
    }
}
