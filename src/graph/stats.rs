//! What a graph looks like.

use super::Graph;
use super::csr::Csr;
use super::layered::{TieKind, tie_kind};
use crate::error::Result;
use crate::population::Population;
use crate::random::{Draws, Purpose};
use petgraph::unionfind::UnionFind;
use rayon::prelude::*;
use serde::Serialize;

/// Nodes in the sample of clustering.
const CLUSTERING_SAMPLE: u32 = 20_000;
/// Clustering is counted in full up to this sum of squared degrees (a second or two).
const CLUSTERING_WORK: u64 = 200_000_000;
/// Arcs and nodes that all breadth-first searches together may look at (one search at least, two where there are two nodes);
/// searches start at every node where that is enough.
const SEARCH_WORK: u64 = 1_000_000_000;
/// Most sources where not all nodes are.
const SOURCES: u64 = 256;
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
    /// Standard error of `mean_local`; 0 where all nodes were counted.
    pub standard_error: f64,
    /// Share of pairs of ties at a node that are closed to a triangle.
    pub transitivity: f64,
    /// Standard error of `transitivity`; 0 where all nodes were counted.
    pub transitivity_error: f64,
    /// Number of triangles; `None` where only a sample of nodes was counted.
    pub triangles: Option<u64>,
    /// Nodes counted.
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

/// Distances, by breadth-first search from every node where that is cheap, else from a sample without repetition.
#[derive(Clone, Debug, Serialize)]
pub struct Distance {
    /// Mean distance of two connected nodes, in ties; `None` without ties.
    pub mean: Option<f64>,
    /// Standard error of `mean`; 0 where all nodes were sources, `None` without ties or with a single source.
    pub standard_error: Option<f64>,
    /// Largest distance seen: the diameter is not smaller, and where all nodes were sources it is this.
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
    /// Shares of ties by layer, from a sample where there are more than 200,000; in layered graphs only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<Vec<(TieKind, f64)>>,
}

impl GraphStats {
    /// Measures a graph; homophily needs the population whose users are its nodes.
    ///
    /// Samples are drawn from addresses: the same graph gives the same figures, for any number of threads.
    ///
    /// Fails where rows are packed, and there is no memory for plain ones.
    pub fn new(graph: &Graph, population: Option<&Population>) -> Result<Self> {
        let bytes = graph.bytes();
        let graph = &graph.to_csr()?;
        let pairs = f64::from(graph.nodes()) * (f64::from(graph.nodes()) - 1.0) / 2.0;
        let degree = degrees(graph);
        Ok(GraphStats {
            nodes: graph.nodes(),
            ties: graph.ties(),
            density: if pairs > 0.0 { graph.ties() as f64 / pairs } else { 0.0 },
            bytes,
            clustering: clustering(graph),
            components: components(graph),
            distance: distance(graph),
            homophily: population.filter(|p| p.users() == graph.nodes()).map(|p| homophily(graph, p)),
            degree,
        })
    }
}

/// Draws of all samples here.
fn draws() -> Draws {
    Draws::new(0)
}

/// `count` different nodes, each set of them as likely as any other; all of them where there are no more.
fn sample_nodes(what: u64, count: u32, nodes: u32) -> Vec<u32> {
    if count >= nodes {
        return (0..nodes).collect();
    }
    let mut rng = draws().sequence(Purpose::GraphStatistics, what);
    let chosen = rand::seq::index::sample(&mut rng, nodes as usize, count as usize);
    chosen.into_iter().map(|node| node as u32).collect()
}

/// A ratio of two sums over a sample of `all` units without repetition, and its standard error: 0 where all are in the
/// sample, `None` where there is one (Cochran 1977, section 2.11).
fn ratio(sample: &[(f64, f64)], all: u32) -> Option<(f64, Option<f64>)> {
    let (above, below) = sample.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
    if below <= 0.0 {
        return None;
    }
    let (ratio, n) = (above / below, sample.len() as f64);
    if sample.len() >= all as usize {
        return Some((ratio, Some(0.0)));
    }
    let squares: f64 = sample.iter().map(|(x, y)| (x - ratio * y).powi(2)).sum();
    let variance = (1.0 - n / f64::from(all)) * squares / (n - 1.0) / n / (below / n).powi(2);
    Some((ratio, (n > 1.0).then(|| variance.sqrt())))
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

fn degrees(graph: &Csr) -> DegreeStats {
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
    let mean = graph.arcs() as f64 / f64::from(n.max(1));
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
fn closed_pairs(graph: &Csr, node: u32) -> u64 {
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

fn clustering(graph: &Csr) -> Clustering {
    let n = graph.nodes();
    let [work] = sum_over_nodes(n, |i| [u64::from(graph.degree(i)).pow(2)]);
    let whole = n <= CLUSTERING_SAMPLE || work <= u128::from(CLUSTERING_WORK);
    let nodes = sample_nodes(0, if whole { n } else { CLUSTERING_SAMPLE }, n);
    let looked: Vec<(u64, u64)> = (nodes.par_iter())
        .map(|&node| {
            let d = u64::from(graph.degree(node));
            (closed_pairs(graph, node), d * d.saturating_sub(1) / 2)
        })
        .collect();
    let local = |&(closed, pairs): &(u64, u64)| if pairs > 0 { closed as f64 / pairs as f64 } else { 0.0 };
    let locals: Vec<(f64, f64)> = looked.iter().map(|p| (local(p), 1.0)).collect();
    let pairs: Vec<(f64, f64)> = looked.iter().map(|&(closed, pairs)| (closed as f64, pairs as f64)).collect();
    let (mean_local, standard_error) = ratio(&locals, n).unwrap_or_default();
    let (transitivity, transitivity_error) = ratio(&pairs, n).unwrap_or_default();
    Clustering {
        mean_local,
        standard_error: standard_error.unwrap_or(0.0),
        transitivity,
        transitivity_error: transitivity_error.unwrap_or(0.0),
        triangles: whole.then(|| looked.iter().map(|p| p.0).sum::<u64>() / 3),
        sample: nodes.len() as u32,
    }
}

fn components(graph: &Csr) -> Components {
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

fn distance(graph: &Csr) -> Distance {
    let n = graph.nodes();
    let affordable = SEARCH_WORK / (graph.arcs() + u64::from(n)).max(1);
    let sources = if affordable >= u64::from(n) { n } else { affordable.clamp(2, SOURCES) as u32 };
    let sources = sample_nodes(1, sources, n);
    let found: Vec<(u64, u64, u32)> = sources.par_iter().map(|&source| search(graph, source)).collect();
    let sums: Vec<(f64, f64)> = found.iter().map(|&(sum, pairs, _)| (sum as f64, pairs as f64)).collect();
    let mean = ratio(&sums, n);
    Distance {
        mean: mean.map(|(mean, _)| mean),
        standard_error: mean.and_then(|(_, error)| error),
        largest_seen: found.iter().map(|f| f.2).max().unwrap_or(0),
        sources: sources.len() as u32,
    }
}

/// Sum of distances, number of nodes reached, and the largest distance.
fn search(graph: &Csr, source: u32) -> (u64, u64, u32) {
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

fn homophily(graph: &Csr, population: &Population) -> Homophily {
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
        layers: population.is_layered().then(|| kinds(graph, population)),
    }
}

fn kinds(graph: &Csr, population: &Population) -> Vec<(TieKind, f64)> {
    let view = graph.view();
    let kinds = TieKind::ALL.len();
    let add = |mut a: Vec<u64>, b: Vec<u64>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    };
    let count = |counts: &mut Vec<u64>, i: u32, j: u32| counts[tie_kind(population, i, j) as usize] += 1;
    let counts = if graph.ties() <= u64::from(KIND_SAMPLE) {
        let mut counts = vec![0; kinds];
        graph.iter_ties().for_each(|(i, j)| count(&mut counts, i, j));
        counts
    } else {
        let draws = draws();
        (0..KIND_SAMPLE)
            .into_par_iter()
            .fold(
                || vec![0; kinds],
                |mut counts, k| {
                    // A uniform arc: a uniform position, whose row is found by bisection.
                    let w = draws.block(Purpose::GraphStatistics, k, 2, 0);
                    let word = u128::from(u64::from(w[0]) | u64::from(w[1]) << 32);
                    let position = ((word * u128::from(graph.arcs())) >> 64) as usize;
                    let (mut low, mut high) = (0, graph.nodes());
                    while high - low > 1 {
                        let middle = low + (high - low) / 2;
                        if view.start(middle) <= position { low = middle } else { high = middle }
                    }
                    count(&mut counts, low, graph.targets()[position]);
                    counts
                },
            )
            .reduce(|| vec![0; kinds], add)
    };
    let total = counts.iter().sum::<u64>().max(1) as f64;
    TieKind::ALL.into_iter().zip(counts).map(|(kind, count)| (kind, count as f64 / total)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_of_small_graphs_are_exact() {
        // A path of three: 1, 1 and 2. Two components: (1 + 1 + 2 + 1) / 4.
        for (nodes, ties, mean) in [(3, &[(0, 1), (1, 2)][..], 4.0 / 3.0), (5, &[(0, 1), (1, 2), (3, 4)], 5.0 / 4.0)] {
            let graph = Graph::from_ties(nodes, ties).expect("a graph").to_csr().expect("rows");
            let found = distance(&graph);
            assert_eq!((found.mean, found.standard_error, found.sources), (Some(mean), Some(0.0), nodes));
        }
        let none = distance(&Graph::from_ties(4, &[]).expect("a graph").to_csr().expect("rows"));
        assert_eq!((none.mean, none.standard_error, none.sources), (None, None, 4));
    }

    #[test]
    fn a_sample_names_no_node_twice_and_reaches_all() {
        let mut hits = [0; 10];
        for what in 0..2000 {
            let mut nodes = sample_nodes(what, 4, 10);
            nodes.sort_unstable();
            nodes.dedup();
            assert_eq!(nodes.len(), 4);
            nodes.iter().for_each(|&node| hits[node as usize] += 1);
        }
        assert!(hits.iter().all(|&hits| (650..950).contains(&hits)), "{hits:?}");
    }

    #[test]
    fn the_error_of_a_ratio_is_as_wide_as_it_spreads() {
        let values: Vec<(f64, f64)> = (0..100).map(|k| (f64::from(k * k % 37), 1.0 + f64::from(k % 5))).collect();
        let (right, error) = ratio(&values, 100).expect("a ratio");
        assert_eq!(error, Some(0.0));
        let (mut squares, mut reported) = (0.0, 0.0);
        for what in 0..2000 {
            let sample: Vec<(f64, f64)> = sample_nodes(what, 30, 100).into_iter().map(|k| values[k as usize]).collect();
            let (found, error) = ratio(&sample, 100).expect("a ratio");
            squares += (found - right).powi(2) / 2000.0;
            reported += error.expect("an error") / 2000.0;
        }
        assert!((reported / squares.sqrt() - 1.0).abs() < 0.1, "reported {reported}, spread {}", squares.sqrt());
    }
}
