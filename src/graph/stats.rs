//! What a graph looks like.

use super::csr::Graph;
use super::layered::{TieKind, tie_kind};
use crate::population::Population;
use crate::random::{Draws, Purpose};
use petgraph::unionfind::UnionFind;
use rayon::prelude::*;
use serde::Serialize;

/// Nodes looked at by clustering when it is sampled.
const CLUSTERING_SAMPLE: u32 = 20_000;
/// Clustering is counted in full up to this sum of squared degrees (a second or two).
const CLUSTERING_WORK: u64 = 200_000_000;
/// Most sources of breadth-first searches, and the arcs that all searches together may follow (one search at least).
const SOURCES: u64 = 32;
const SEARCH_WORK: u64 = 1_000_000_000;
/// Ties whose layer is looked up.
const KIND_SAMPLE: u32 = 200_000;
/// Nodes of a unit of parallel work.
const CHUNK: u32 = 4096;

/// Measures of a graph. Serialised under these names by `exodus graph stats --json`.
#[derive(Clone, Debug, Serialize)]
pub struct GraphStats {
    /// Nodes.
    pub nodes: u32,
    /// Undirected ties.
    pub ties: u64,
    /// Ties over pairs of nodes.
    pub density: f64,
    /// Bytes in memory.
    pub bytes: u64,
    /// Degrees.
    pub degree: DegreeStats,
    /// Triangles and clustering.
    pub clustering: Clustering,
    /// Connected components.
    pub components: Components,
    /// Distances.
    pub distance: Distance,
    /// Who is tied to whom; with a population only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub homophily: Option<Homophily>,
}

/// Degrees: numbers of ties of a node.
#[derive(Clone, Debug, Serialize)]
pub struct DegreeStats {
    /// Smallest.
    pub min: u32,
    /// Mean.
    pub mean: f64,
    /// Variance over nodes.
    pub variance: f64,
    /// Median.
    pub median: u32,
    /// 99th percentile: the least degree that 99 % of the nodes do not exceed.
    pub p99: u32,
    /// 99.9th percentile.
    pub p999: u32,
    /// Largest.
    pub max: u32,
    /// Pearson correlation of the degrees at the two ends of a tie; `None` where all degrees are the same.
    pub assortativity: Option<f64>,
    /// Number of nodes by degree, in bins 0, 1, 2-3, 4-7, 8-15 …
    pub distribution: Vec<DegreeBin>,
}

/// A bin of the degree distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DegreeBin {
    /// Smallest degree.
    pub from: u32,
    /// Largest degree.
    pub to: u32,
    /// Nodes.
    pub nodes: u64,
}

/// Triangles and clustering.
#[derive(Clone, Debug, Serialize)]
pub struct Clustering {
    /// Mean over nodes of the share of pairs of neighbours that are tied; 0 for nodes with fewer than two.
    pub mean_local: f64,
    /// Standard error of `mean_local`; 0 where all nodes were looked at.
    pub standard_error: f64,
    /// Share of pairs of ties at a node that are closed to a triangle.
    pub transitivity: f64,
    /// Number of triangles; `None` where only a sample of nodes was looked at.
    pub triangles: Option<u64>,
    /// Nodes looked at.
    pub sample: u32,
}

/// Connected components.
#[derive(Clone, Debug, Serialize)]
pub struct Components {
    /// Number of components; a node without ties is one.
    pub count: u32,
    /// Nodes without ties.
    pub isolated: u32,
    /// Share of the nodes in the largest component.
    pub giant_share: f64,
}

/// Distances, by breadth-first search from a sample of nodes.
#[derive(Clone, Debug, Serialize)]
pub struct Distance {
    /// Mean distance of two connected nodes, in ties; `None` without ties.
    pub mean: Option<f64>,
    /// Largest distance seen: the diameter is not smaller.
    pub largest_seen: u32,
    /// Nodes from which was searched.
    pub sources: u32,
}

/// Who is tied to whom.
#[derive(Clone, Debug, Serialize)]
pub struct Homophily {
    /// Pearson correlation of the age bands' numbers at the two ends of a tie; `None` where all are of one band.
    pub age_assortativity: Option<f64>,
    /// Share of ties within an age band.
    pub same_age: f64,
    /// Share of ties within a region.
    pub same_region: f64,
    /// Newman's assortativity by region: 0 as if tied at random, 1 only within; `None` where there is one region.
    pub region_assortativity: Option<f64>,
    /// Shares of ties by layer, from a sample of 200,000; in layered graphs only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<Vec<(TieKind, f64)>>,
}

impl GraphStats {
    /// Measures a graph; homophily needs the population whose users are its nodes.
    ///
    /// Samples are drawn from addresses: the same graph gives the same figures, for any number of threads.
    pub fn new(graph: &Graph, population: Option<&Population>) -> Self {
        let pairs = f64::from(graph.nodes()) * (f64::from(graph.nodes()) - 1.0) / 2.0;
        let degree = degrees(graph);
        GraphStats {
            nodes: graph.nodes(),
            ties: graph.ties(),
            density: if pairs > 0.0 { graph.ties() as f64 / pairs } else { 0.0 },
            bytes: graph.bytes(),
            clustering: clustering(graph),
            components: components(graph),
            distance: distance(graph),
            homophily: population.filter(|p| p.users() == graph.nodes()).map(|p| homophily(graph, p)),
            degree,
        }
    }
}

/// Draws of all samples here.
fn draws() -> Draws {
    Draws::new(0)
}

/// A node of the sample, uniform.
fn sample_node(draws: &Draws, what: i32, index: u32, nodes: u32) -> u32 {
    let word = draws.block(Purpose::GraphStatistics, index, what, 0)[0];
    ((u64::from(word) * u64::from(nodes)) >> 32) as u32
}

/// Sums of whole numbers over chunks of nodes; whole, so that the order does not matter.
fn sum_over_nodes<const N: usize>(nodes: u32, of: impl Fn(u32) -> [u64; N] + Sync) -> [u128; N] {
    let add = |mut a: [u128; N], b: [u128; N]| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    };
    let chunk = |c: u32| {
        (c * CHUNK..nodes.min(c.saturating_add(1).saturating_mul(CHUNK))).fold([0; N], |sum, i| add(sum, of(i).map(u128::from)))
    };
    (0..nodes.div_ceil(CHUNK)).into_par_iter().map(chunk).reduce(|| [0; N], add)
}

/// Pearson correlation over arcs, both ends having the same distribution; from the sums of 1, x, x^2 and x y.
fn correlation([n, x, xx, xy]: [u128; 4]) -> Option<f64> {
    let (n, x, xx, xy) = (n as f64, x as f64, xx as f64, xy as f64);
    let variance = xx / n - (x / n) * (x / n);
    (n > 0.0 && variance > 1e-12 * xx / n).then(|| (xy / n - (x / n) * (x / n)) / variance)
}

fn degrees(graph: &Graph) -> DegreeStats {
    let view = graph.view();
    let n = graph.nodes();
    let max = (0..n).into_par_iter().map(|i| view.degree(i)).max().unwrap_or(0);
    let mut counts = vec![0u64; max as usize + 1];
    (0..n).for_each(|i| counts[view.degree(i) as usize] += 1);
    let quantile = |p: f64| {
        let wanted = (p * f64::from(n)).ceil() as u64;
        let mut sum = 0;
        let found = counts.iter().position(|&count| {
            sum += count;
            sum >= wanted
        });
        found.unwrap_or(0) as u32
    };
    let mean = graph.mean_degree();
    let squares: f64 = counts.iter().enumerate().map(|(d, &count)| (d * d) as f64 * count as f64).sum();
    let mut distribution = Vec::new();
    let mut from = 0u32;
    while from <= max {
        let to = if from == 0 { 0 } else { 2 * from - 1 };
        let nodes = counts[from as usize..counts.len().min(to as usize + 1)].iter().sum();
        distribution.push(DegreeBin { from, to, nodes });
        from = to + 1;
    }
    let sums = sum_over_nodes(n, |i| {
        let d = u64::from(view.degree(i));
        [d, d * d, d * d * d, d * view.neighbors(i).iter().map(|&j| u64::from(view.degree(j))).sum::<u64>()]
    });
    DegreeStats {
        min: counts.iter().position(|&count| count > 0).unwrap_or(0) as u32,
        mean,
        variance: squares / f64::from(n.max(1)) - mean * mean,
        median: quantile(0.5),
        p99: quantile(0.99),
        p999: quantile(0.999),
        max,
        assortativity: correlation(sums),
        distribution,
    }
}

/// Ties among the neighbours of a node.
fn closed_pairs(graph: &Graph, node: u32) -> u64 {
    let row = graph.neighbors(node);
    let mut twice = 0;
    for &other in row {
        let (short, long) = match graph.neighbors(other) {
            r if r.len() < row.len() => (r, row),
            r => (row, r),
        };
        if short.len() * 16 < long.len() {
            twice += short.iter().filter(|j| long.binary_search(j).is_ok()).count() as u64;
            continue;
        }
        let (mut a, mut b) = (0, 0);
        while a < short.len() && b < long.len() {
            twice += u64::from(short[a] == long[b]);
            let step = short[a].cmp(&long[b]);
            a += usize::from(step.is_le());
            b += usize::from(step.is_ge());
        }
    }
    twice / 2
}

fn clustering(graph: &Graph) -> Clustering {
    let n = graph.nodes();
    let draws = draws();
    let [work] = sum_over_nodes(n, |i| [u64::from(graph.degree(i)).pow(2)]);
    let whole = n <= CLUSTERING_SAMPLE || work <= u128::from(CLUSTERING_WORK);
    let sample = if whole { n } else { CLUSTERING_SAMPLE };
    let looked: Vec<(u64, u64)> = (0..sample)
        .into_par_iter()
        .map(|k| {
            let node = if whole { k } else { sample_node(&draws, 0, k, n) };
            let d = u64::from(graph.degree(node));
            (closed_pairs(graph, node), d * d.saturating_sub(1) / 2)
        })
        .collect();
    let local = |&(closed, pairs): &(u64, u64)| if pairs > 0 { closed as f64 / pairs as f64 } else { 0.0 };
    let count = f64::from(sample.max(1));
    let mean = looked.iter().map(local).sum::<f64>() / count;
    let variance = looked.iter().map(|p| (local(p) - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
    let closed: u64 = looked.iter().map(|p| p.0).sum();
    let pairs: u64 = looked.iter().map(|p| p.1).sum();
    Clustering {
        mean_local: mean,
        standard_error: if whole { 0.0 } else { (variance / count).sqrt() },
        transitivity: if pairs > 0 { closed as f64 / pairs as f64 } else { 0.0 },
        triangles: whole.then_some(closed / 3),
        sample,
    }
}

fn components(graph: &Graph) -> Components {
    let n = graph.nodes() as usize;
    let mut union = UnionFind::<u32>::new(n);
    let mut count = graph.nodes();
    for (i, j) in graph.iter_ties() {
        count -= u32::from(union.union(i, j));
    }
    let mut sizes = vec![0u32; n];
    for root in union.into_labeling() {
        sizes[root as usize] += 1;
    }
    Components {
        count,
        isolated: (0..graph.nodes()).filter(|&i| graph.degree(i) == 0).count() as u32,
        giant_share: f64::from(sizes.into_iter().max().unwrap_or(0)) / n.max(1) as f64,
    }
}

fn distance(graph: &Graph) -> Distance {
    let n = graph.nodes();
    let draws = draws();
    let sources = if n == 0 { 0 } else { (SEARCH_WORK / graph.arcs().max(1)).clamp(1, SOURCES.min(u64::from(n))) as u32 };
    let found: Vec<(u64, u64, u32)> = (0..sources).into_par_iter().map(|k| search(graph, sample_node(&draws, 1, k, n))).collect();
    let (sum, pairs) = found.iter().fold((0, 0), |(sum, pairs), f| (sum + f.0, pairs + f.1));
    Distance {
        mean: (pairs > 0).then(|| sum as f64 / pairs as f64),
        largest_seen: found.iter().map(|f| f.2).max().unwrap_or(0),
        sources,
    }
}

/// Sum of distances, number of nodes reached, and the largest distance.
fn search(graph: &Graph, source: u32) -> (u64, u64, u32) {
    let view = graph.view();
    let mut seen = vec![0u64; (graph.nodes() as usize).div_ceil(64)];
    seen[source as usize / 64] |= 1 << (source % 64);
    let (mut shell, mut next) = (vec![source], Vec::new());
    let (mut sum, mut reached, mut far) = (0, 0, 0);
    loop {
        for i in shell.drain(..) {
            for &j in view.neighbors(i) {
                let (word, bit) = (&mut seen[j as usize / 64], 1 << (j % 64));
                if *word & bit == 0 {
                    *word |= bit;
                    next.push(j);
                }
            }
        }
        if next.is_empty() {
            return (sum, reached, far);
        }
        far += 1;
        sum += u64::from(far) * next.len() as u64;
        reached += next.len() as u64;
        std::mem::swap(&mut shell, &mut next);
    }
}

fn homophily(graph: &Graph, population: &Population) -> Homophily {
    let view = graph.view();
    let n = graph.nodes();
    let (mut ages, mut regions) = (vec![0u8; n as usize], vec![0u8; n as usize]);
    ages.par_iter_mut().enumerate().for_each(|(i, age)| *age = population.age(i as u32));
    regions.par_iter_mut().enumerate().for_each(|(i, region)| *region = population.place(i as u32).region);
    let sums = sum_over_nodes(n, |i| {
        let (a, d) = (u64::from(ages[i as usize]), u64::from(view.degree(i)));
        let (mut other, mut same_age, mut same_region) = (0, 0, 0);
        for &j in view.neighbors(i) {
            other += u64::from(ages[j as usize]);
            same_age += u64::from(ages[j as usize] == ages[i as usize]);
            same_region += u64::from(regions[j as usize] == regions[i as usize]);
        }
        [d, d * a, d * a * a, a * other, same_age, same_region]
    });
    let arcs = (sums[0] as f64).max(1.0);
    let mut by_region = [0u64; 256];
    (0..n).for_each(|i| by_region[usize::from(regions[i as usize])] += u64::from(view.degree(i)));
    let chance: f64 = by_region.iter().map(|&a| (a as f64 / arcs).powi(2)).sum();
    let same_region = sums[5] as f64 / arcs;
    Homophily {
        age_assortativity: correlation([sums[0], sums[1], sums[2], sums[3]]),
        same_age: sums[4] as f64 / arcs,
        same_region,
        region_assortativity: (chance < 1.0 - 1e-9 && chance > 0.0).then(|| (same_region - chance) / (1.0 - chance)),
        layers: population.has_households().then(|| kinds(graph, population)),
    }
}

fn kinds(graph: &Graph, population: &Population) -> Vec<(TieKind, f64)> {
    let draws = draws();
    let view = graph.view();
    let n = graph.nodes();
    let counts = (0..KIND_SAMPLE.min((graph.arcs() / 2) as u32))
        .into_par_iter()
        .map(|k| {
            // A uniform arc: a uniform position, whose row is found by bisection.
            let w = draws.block(Purpose::GraphStatistics, k, 2, 0);
            let position = ((u128::from(u64::from(w[0]) | u64::from(w[1]) << 32) * u128::from(graph.arcs())) >> 64) as usize;
            let (mut low, mut high) = (0, n);
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if view.start(middle) <= position { low = middle } else { high = middle }
            }
            let mut count = [0u64; TieKind::ALL.len()];
            count[tie_kind(population, low, graph.targets()[position]) as usize] += 1;
            count
        })
        .reduce(|| [0; TieKind::ALL.len()], |a, b| std::array::from_fn(|k| a[k] + b[k]));
    let total = counts.iter().sum::<u64>().max(1) as f64;
    TieKind::ALL.into_iter().zip(counts).map(|(kind, count)| (kind, count as f64 / total)).collect()
}
