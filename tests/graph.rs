//! Graphs: rows against a naive model, the same graph for any number of threads, known statistics of every kind.

#![allow(clippy::disallowed_methods, reason = "statistics of a test may differ in the last bit between platforms")]

mod common;

use common::{load, on_threads, root};
use exodus::engine::Simulation;
use exodus::graph::{Graph, TieStream, classic, generate};
use exodus::population::Population;
use exodus::random::Draws;
use exodus::scenario::{GraphKind, GraphMemory, GraphSpec};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

const CLASSIC: [GraphKind; 6] = [
    GraphKind::ErdosRenyi,
    GraphKind::WattsStrogatz,
    GraphKind::BarabasiAlbert,
    GraphKind::Configuration,
    GraphKind::StochasticBlock,
    GraphKind::Complete,
];

fn spec(kind: GraphKind) -> GraphSpec {
    GraphSpec { kind, ..GraphSpec::default() }
}

/// A textbook graph of the scenario format's default parameters.
fn graph(kind: GraphKind, nodes: u32) -> Graph {
    classic::generate(&spec(kind), &Draws::new(11), nodes).expect("a graph")
}

fn made(stream: &impl TieStream) -> Graph {
    Graph::from_stream(stream).expect("a graph")
}

/// The layered graph of the Russian population.
fn layered(users: u32) -> (Population, Graph) {
    let scenario = load(&root().join("scenarios/russia.toml"), &[]);
    let population = Population::new(&scenario, users);
    let graph = generate(&scenario.graph, &population).expect("a graph");
    (population, graph)
}

fn mean_degree(graph: &Graph) -> f64 {
    graph.arcs() as f64 / f64::from(graph.nodes())
}

fn degrees(graph: &Graph) -> impl Iterator<Item = u32> + '_ {
    (0..graph.nodes()).map(|node| graph.degree(node))
}

fn assert_close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected} +- {tolerance}");
}

/// Rows increase strictly, name nodes that are there, and every arc has its opposite.
fn assert_well_formed(graph: &Graph) {
    let mut arcs = 0;
    for a in 0..graph.nodes() {
        let row = graph.neighbors(a);
        arcs += row.len() as u64;
        assert_eq!(row.len(), graph.degree(a) as usize);
        assert!(row.is_sorted_by(|x, y| x < y), "row of {a}");
        for &b in &*row {
            assert!(b < graph.nodes() && b != a, "{a} - {b}");
            assert!(graph.neighbors(b).binary_search(&a).is_ok(), "{a} - {b} but not {b} - {a}");
        }
    }
    assert_eq!((arcs, arcs), (graph.arcs(), 2 * graph.ties()));
    assert_eq!(graph.to_csr().expect("rows").targets().len() as u64, arcs);
}

fn assert_same(a: &Graph, b: &Graph, what: &str) {
    assert_eq!(a.nodes(), b.nodes(), "{what}");
    assert!((0..a.nodes()).all(|node| a.neighbors(node) == b.neighbors(node)), "{what}");
}

// ---- Rows ----

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// Few nodes make loops and repetitions frequent, many leave most rows empty.
    #[test]
    fn rows_are_those_of_a_naive_model(
        (nodes, ties) in prop_oneof![1u32..12, 1u32..300, 65_530u32..65_545]
            .prop_flat_map(|nodes| (Just(nodes), prop::collection::vec((0..nodes, 0..nodes), 0..400)))
    ) {
        let graph = Graph::from_ties(nodes, &ties).expect("a graph");
        let mut model = vec![BTreeSet::new(); nodes as usize];
        for &(a, b) in ties.iter().filter(|(a, b)| a != b) {
            model[a as usize].insert(b);
            model[b as usize].insert(a);
        }
        prop_assert_eq!(graph.nodes(), nodes);
        for (node, neighbors) in model.iter().enumerate() {
            prop_assert!(graph.neighbors(node as u32).iter().eq(neighbors), "row of {}", node);
            prop_assert_eq!(graph.degree(node as u32) as usize, neighbors.len());
        }
        prop_assert_eq!(graph.arcs() as usize, model.iter().map(BTreeSet::len).sum::<usize>());
    }
}

/// What the hub reads does not depend on how many it reads: 70 of 100 of its 99,999 contacts are on messenger 1.
#[test]
fn the_hub_of_a_star_decides_by_all_its_contacts() {
    let nodes = 100_000;
    let reference = root().join("benches/peers/reference.toml");
    let changes = [
        "messenger.0.reach_by_age=[0.3]",
        "messenger.1.reach_by_age=[0.7]",
        "messenger.2.reach_by_age=[0.0]",
        "messenger.3.reach_by_age=[0.0]",
        "model.review_rate=1",
        "model.logit.conformity=100",
    ];
    for hub in [0, 65_536, nodes - 1] {
        let ties: Vec<_> = (0..nodes).filter(|&node| node != hub).map(|node| (hub, node)).collect();
        let graph = Arc::new(Graph::from_ties(nodes, &ties).expect("a graph"));
        let mut simulation = Simulation::on_graph(load(&reference, &changes), graph).expect("a simulation");
        simulation.step().expect("a step");
        assert_eq!(simulation.state().public_of(hub).main(), Some(1));
    }
}

#[test]
fn ties_to_nodes_that_are_not_there_are_refused() {
    assert!(Graph::from_ties(3, &[(0, 1), (2, 3)]).is_err_and(|e| e.is_invalid()));
    assert!(Graph::from_ties(0, &[(0, 0)]).is_err());
    assert_eq!(Graph::from_ties(3, &[]).expect("a graph").arcs(), 0);
}

#[test]
fn a_star_of_100_000_nodes() {
    let nodes = 100_000;
    for hub in [0, 65_535, 65_536, nodes - 1] {
        // Every tie twice, once from either side.
        let ties: Vec<_> = (0..nodes).flat_map(|node| [(hub, node), (node, hub)]).collect();
        let graph = Graph::from_ties(nodes, &ties).expect("a graph");
        assert_eq!(graph.ties(), u64::from(nodes) - 1);
        assert!(graph.neighbors(hub).iter().copied().eq((0..nodes).filter(|&node| node != hub)));
        assert!((0..nodes).filter(|&node| node != hub).all(|node| graph.neighbors(node) == [hub]));
    }
}

#[test]
fn numbers_of_nodes_around_a_span() {
    for nodes in [65_535, 65_536, 65_537, 131_071, 131_072, 131_073] {
        let ring: Vec<_> = (0..nodes).map(|node| (node, (node + 1) % nodes)).collect();
        let graph = Graph::from_ties(nodes, &ring).expect("a graph");
        assert_eq!(graph.ties(), u64::from(nodes));
        assert_well_formed(&graph);
        assert!((1..nodes - 1).all(|node| graph.neighbors(node) == [node - 1, node + 1]));
        for kind in &CLASSIC[..5] {
            let graph =
                classic::generate(&GraphSpec { mean_degree: 4.0, ..spec(*kind) }, &Draws::new(3), nodes).expect("a graph");
            assert_eq!(graph.nodes(), nodes);
            assert_well_formed(&graph);
            assert_close(mean_degree(&graph), 4.0, 0.04);
        }
    }
}

// ---- All kinds ----

#[test]
fn any_number_of_threads_gives_the_same_graph() {
    for kind in CLASSIC {
        // Complete graphs grow with the square.
        let nodes = if kind == GraphKind::Complete { 1500 } else { 20_011 };
        let one = on_threads(1, || graph(kind, nodes));
        assert_well_formed(&one);
        for threads in [2, 3, 8] {
            assert_same(&one, &on_threads(threads, || graph(kind, nodes)), &format!("{kind:?}, {threads} threads"));
        }
    }
    let (_, one) = on_threads(1, || layered(20_011));
    assert_well_formed(&one);
    for threads in [2, 3, 8] {
        assert_same(&one, &on_threads(threads, || layered(20_011)).1, &format!("layered, {threads} threads"));
    }
}

#[test]
fn graphs_of_a_few_nodes() {
    for nodes in 1..=40 {
        for kind in CLASSIC {
            let graph = graph(kind, nodes);
            assert_eq!(graph.nodes(), nodes, "{kind:?}");
            assert_well_formed(&graph);
        }
        let (_, graph) = layered(nodes);
        assert_eq!(graph.nodes(), nodes);
        assert_well_formed(&graph);
    }
    for (nodes, ties) in [(1, 0), (2, 1), (3, 3)] {
        // With a mean degree of 16 asked for, everyone is tied to everyone, where no loops take their place.
        for kind in CLASSIC.into_iter().filter(|&kind| kind != GraphKind::Configuration) {
            assert_eq!(graph(kind, nodes).ties(), ties, "{kind:?} of {nodes}");
        }
    }
}

#[test]
fn no_ties_where_none_are_asked_for() {
    for kind in &CLASSIC[..5] {
        for nodes in [1, 2, 1000] {
            let spec = GraphSpec { mean_degree: 0.0, ..spec(*kind) };
            assert_eq!(classic::generate(&spec, &Draws::new(1), nodes).expect("a graph").arcs(), 0, "{kind:?}");
        }
    }
}

#[test]
fn other_seeds_give_other_graphs() {
    for kind in &CLASSIC[..5] {
        let [a, b] = [1, 2].map(|seed| classic::generate(&spec(*kind), &Draws::new(seed), 1000).expect("a graph"));
        let same = (0..1000).filter(|&node| a.neighbors(node) == b.neighbors(node)).count();
        assert!(same < 10, "{kind:?}: {same} rows are the same");
    }
}

#[test]
fn the_mean_degree_is_right_in_small_graphs() {
    for nodes in [100, 300, 1000, 3000] {
        for (kind, tolerance) in [
            (GraphKind::ErdosRenyi, 0.01),
            (GraphKind::WattsStrogatz, 1.0),
            (GraphKind::StochasticBlock, 0.01),
            (GraphKind::Configuration, 0.48),
        ] {
            // Ten nodes a block leave room for nine ties a node.
            let spec = GraphSpec { within: 0.3, ..spec(kind) };
            let graph = classic::generate(&spec, &Draws::new(5), nodes).expect("a graph");
            // About 0.32 ties in all are lost where nodes rewire onto each other.
            let tolerance = if kind == GraphKind::WattsStrogatz { 10.0 / f64::from(nodes) } else { tolerance };
            println!("{kind:?} of {nodes}: {}", mean_degree(&graph));
            assert_close(mean_degree(&graph), 16.0, tolerance);
        }
        // The first nine nodes are tied to each other, all others make eight ties.
        assert_eq!(graph(GraphKind::BarabasiAlbert, nodes).ties(), u64::from(nodes) * 8 - 36);
    }
}

#[test]
fn predicted_memory_is_that_of_the_graph() {
    for kind in CLASSIC {
        let nodes = if kind == GraphKind::Complete { 1000 } else { 50_000 };
        let graph = graph(kind, nodes);
        let bytes = 4 * (graph.arcs() + u64::from(nodes)) as i64;
        let predicted = exodus::graph::predicted_bytes(&spec(kind), nodes.into(), GraphMemory::Plain).making as i64;
        assert!((bytes - bytes / 500..bytes + bytes / 14).contains(&predicted), "{kind:?}: {predicted} for {bytes}");
    }
}

// ---- Erdos-Renyi ----

#[test]
fn erdos_renyi_degrees_are_poisson() {
    let nodes = 100_000;
    let graph = graph(GraphKind::ErdosRenyi, nodes);
    assert_eq!(graph.ties(), u64::from(nodes) * 8);
    let n = f64::from(nodes);
    let mean = mean_degree(&graph);
    let variance = degrees(&graph).map(|d| (f64::from(d) - mean).powi(2)).sum::<f64>() / n;
    // The variance of a sample variance is (kurtosis - 1) sigma^4 / n, with kurtosis 3 + 1/16 for Poisson.
    assert_close(variance, 16.0, 4.0 * (2.0625f64 * 256.0 / n).sqrt());

    // Chi-square over degrees 6 to 28 and the two tails.
    let mut counts = [0u32; 25];
    degrees(&graph).for_each(|d| counts[(d.clamp(5, 29) - 5) as usize] += 1);
    let poisson: Vec<f64> =
        (1..200).scan(libm::exp(-16.0), |p, k| Some(std::mem::replace(p, *p * 16.0 / f64::from(k)))).collect();
    let tails = [poisson[..=5].iter().sum::<f64>(), poisson[29..].iter().sum::<f64>()];
    let square: f64 = (0..25)
        .map(|k| match k {
            0 => tails[0],
            24 => tails[1],
            k => poisson[k + 5],
        })
        .zip(counts)
        .map(|(p, count)| (f64::from(count) - n * p).powi(2) / (n * p))
        .sum();
    assert!(square < 24.0 + 4.0 * 48f64.sqrt(), "{square}");
}

#[test]
fn erdos_renyi_ties_go_anywhere() {
    let nodes = 64_000;
    let graph = graph(GraphKind::ErdosRenyi, nodes);
    // Ties between eighths of the numbers: 28 cells of n^2/64 pairs, 8 of n^2/128.
    let mut cells = [[0u32; 8]; 8];
    (0..nodes).for_each(|a| {
        graph.neighbors(a).iter().filter(|&&b| b < a).for_each(|&b| cells[(a / 8000) as usize][(b / 8000) as usize] += 1)
    });
    let square: f64 = (0..8)
        .flat_map(|a| (0..=a).map(move |b| (a, b)))
        .map(|(a, b)| {
            let expected = graph.ties() as f64 / if a == b { 64.0 } else { 32.0 };
            (f64::from(cells[a][b]) - expected).powi(2) / expected
        })
        .sum();
    assert!(square < 35.0 + 4.0 * 70f64.sqrt(), "{square}");
    // Triangles: a sixth of (n p)^3.
    let triangles: usize = (0..nodes)
        .flat_map(|a| graph.neighbors(a).to_vec().into_iter().filter(move |&b| b < a).map(move |b| (a, b)))
        .map(|(a, b)| graph.neighbors(b).iter().filter(|&&c| c < b && graph.neighbors(a).binary_search(&c).is_ok()).count())
        .sum();
    let expected = 16f64.powi(3) / 6.0;
    assert_close(triangles as f64, expected, 4.0 * expected.sqrt());
}

// ---- Watts-Strogatz ----

#[test]
fn watts_strogatz_keeps_most_of_its_ring() {
    let (nodes, rewire) = (50_000, 0.1);
    let graph = made(&classic::WattsStrogatz::new(&Draws::new(4), nodes, 16.0, rewire, false));
    let all = f64::from(nodes) * 8.0;
    // Both ends rewire onto each other for about 0.32 ties.
    assert!(graph.ties() <= all as u64 && graph.ties() + 6 > all as u64, "{}", graph.ties());
    let distance = |a: u32, b: u32| a.abs_diff(b).min(nodes - a.abs_diff(b));
    let ring: usize = (0..nodes).map(|a| graph.neighbors(a).iter().filter(|&&b| distance(a, b) <= 8).count()).sum();
    assert_close(ring as f64 / 2.0, all * (1.0 - rewire), 4.0 * (all * rewire * (1.0 - rewire)).sqrt() + 30.0);
    // Every node keeps the ties it makes itself, wherever they go.
    assert!(degrees(&graph).all(|d| d >= 8));
    let variance = degrees(&graph).map(|d| (f64::from(d) - 16.0).powi(2)).sum::<f64>() / f64::from(nodes);
    // Eight made ties are certain; of eight coming ones each leaves with probability 0.1, and Poisson(0.8) others come.
    assert_close(variance, 8.0 * rewire * (1.0 - rewire) + 8.0 * rewire, 0.04);
}

#[test]
fn watts_strogatz_without_rewiring_is_the_ring() {
    for (nodes, degree) in [(1000, 6.0), (9, 8.0), (8, 4.0), (4200, 10.0)] {
        let graph = made(&classic::WattsStrogatz::new(&Draws::new(4), nodes, degree, 0.0, false));
        for a in 0..nodes {
            let ring: BTreeSet<u32> = (1..=degree as u32 / 2).flat_map(|k| [(a + k) % nodes, (a + nodes - k) % nodes]).collect();
            assert!(graph.neighbors(a).iter().eq(&ring), "{a} of {nodes}");
        }
    }
}

#[test]
fn a_shuffled_watts_strogatz_graph_has_no_order_but_its_ring() {
    let nodes = 20_000;
    let [plain, shuffled] =
        [false, true].map(|shuffle| made(&classic::WattsStrogatz::new(&Draws::new(4), nodes, 16.0, 0.1, shuffle)));
    // The same graph up to the numbers.
    let sorted = |graph: &Graph| {
        let mut degrees: Vec<u32> = degrees(graph).collect();
        degrees.sort_unstable();
        degrees
    };
    assert_eq!(sorted(&plain), sorted(&shuffled));
    let [a, b] = [&plain, &shuffled].map(|graph| clustering(graph, 1));
    assert_close(a, b, 1e-9);
    // Clustering of the ring, 0.7, times the chance that all three ties stay.
    assert_close(a, 0.7 * 0.9f64.powi(3), 0.02);
    // Numbers of tied nodes differ by a third of n on average, as those of any two.
    let apart: f64 =
        (0..nodes).flat_map(|a| shuffled.neighbors(a).to_vec().into_iter().map(move |b| f64::from(a.abs_diff(b)))).sum();
    assert_close(apart / shuffled.arcs() as f64 / f64::from(nodes), 1.0 / 3.0, 0.01);
}

// ---- Barabasi-Albert ----

#[test]
fn barabasi_albert_degrees_are_a_power_law() {
    let nodes = 200_000;
    let graph = graph(GraphKind::BarabasiAlbert, nodes);
    assert_eq!(degrees(&graph).min(), Some(8));
    let n = f64::from(nodes);
    // P(k) = 2 m (m + 1) / (k (k + 1) (k + 2)) (Dorogovtsev et al. 2000; Krapivsky et al. 2000).
    for k in 8..20 {
        let expected = n * 2.0 * 8.0 * 9.0 / f64::from(k * (k + 1) * (k + 2));
        let found = degrees(&graph).filter(|&d| d == k).count() as f64;
        assert_close(found, expected, 4.0 * expected.sqrt());
    }
    // Exponent of the tail by maximum likelihood (Clauset et al. 2009, equation 3.7).
    let least = 64;
    let logs: Vec<f64> =
        degrees(&graph).filter(|&d| d >= least).map(|d| libm::log(f64::from(d) / (f64::from(least) - 0.5))).collect();
    let exponent = 1.0 + logs.len() as f64 / logs.iter().sum::<f64>();
    println!("exponent {exponent}, largest degree {:?}", degrees(&graph).max());
    assert_close(exponent, 3.0, 0.15);
    // The oldest nodes have about m sqrt(n) ties.
    let hub = f64::from(degrees(&graph).max().unwrap_or(0));
    assert!(hub > 8.0 * n.sqrt() / 4.0 && hub < 8.0 * n.sqrt() * 4.0, "{hub}");
}

// ---- Configuration model ----

#[test]
fn configuration_degrees_are_a_power_law() {
    for exponent in [2.0, 2.5, 3.0, 10.0] {
        for nodes in [20_000, 200_000] {
            let graph = made(&classic::Configuration::new(&Draws::new(4), nodes, 16.0, exponent));
            let hub = degrees(&graph).max().unwrap_or(0);
            println!("exponent {exponent}, {nodes} nodes: mean degree {}, largest {hub}", mean_degree(&graph));
            assert_close(mean_degree(&graph), 16.0, 0.03 * 16.0);
            // The cut-off, less what repeated ties take from the largest.
            let cut = (16.0 * f64::from(nodes)).sqrt();
            assert!(f64::from(hub) <= cut + 1.0, "{hub}");
            if exponent == 2.5 {
                assert!(f64::from(hub) > 0.5 * cut, "{hub}");
                // Between 3 and 6 times the mean the share falls with 1 - exponent, but for the cut-off.
                let above = |k: u32| degrees(&graph).filter(|&d| d >= k).count() as f64;
                let slope = libm::log(above(24) / above(96)) / libm::log(4.0);
                assert_close(slope, 1.5, 0.1);
            }
        }
    }
}

#[test]
fn configuration_pairs_stubs_at_random() {
    let nodes = 20_000;
    let graph = graph(GraphKind::Configuration, nodes);
    // No order of numbers is left: degrees in each tenth have the same mean (standard deviation of a degree about 30).
    for tenth in 0..10 {
        let range = tenth * nodes / 10..(tenth + 1) * nodes / 10;
        let mean = range.map(|node| f64::from(graph.degree(node))).sum::<f64>() / 2000.0;
        assert_close(mean, 16.0, 4.0 * 30.0 / 2000f64.sqrt());
    }
    // Neighbours of nodes of small degree are drawn in proportion to degree: their mean degree is <k^2> / <k>.
    let square = degrees(&graph).map(|d| f64::from(d).powi(2)).sum::<f64>() / graph.arcs() as f64;
    let low: Vec<f64> = (0..nodes)
        .filter(|&node| graph.degree(node) <= 8)
        .flat_map(|node| graph.neighbors(node).to_vec().into_iter().map(|b| f64::from(graph.degree(b))))
        .collect();
    // Erased ties make them rather more: hubs lose theirs among each other.
    assert_close(low.iter().sum::<f64>() / low.len() as f64 / square, 1.03, 0.06);
}

// ---- Stochastic block model ----

#[test]
fn stochastic_blocks_have_their_share_of_ties() {
    for (nodes, blocks, within) in [(20_000, 10, 0.8), (20_003, 7, 0.5), (20_000, 1000, 0.3), (2000, 1, 0.8), (999, 999, 0.0)] {
        let graph = made(&classic::StochasticBlock::new(&Draws::new(4), nodes, 16.0, blocks, within));
        assert_well_formed(&graph);
        let (size, more) = (nodes / blocks, nodes % blocks);
        let block =
            |node: u32| if node < more * (size + 1) { node / (size + 1) } else { more + (node - more * (size + 1)) / size };
        let inside: usize = (0..nodes).map(|a| graph.neighbors(a).iter().filter(|&&b| block(a) == block(b)).count()).sum();
        let share = inside as f64 / graph.arcs() as f64;
        println!("{blocks} blocks: mean degree {}, share {share}", mean_degree(&graph));
        assert_close(share, if blocks == 1 { 1.0 } else { within }, 0.002);
        assert_close(mean_degree(&graph), 16.0, 0.03);
    }
}

#[test]
fn stochastic_blocks_put_ties_where_there_is_room() {
    // Blocks of five have room for two ties a node.
    let graph = made(&classic::StochasticBlock::new(&Draws::new(4), 1000, 16.0, 200, 1.0));
    assert_close(mean_degree(&graph), 16.0, 0.1);
    assert!((0..1000).all(|a| (a / 5 * 5..a / 5 * 5 + 5).all(|b| a == b || graph.neighbors(a).contains(&b))));
}

#[test]
fn complete_is_complete() {
    for nodes in [1, 2, 65, 700] {
        let graph = graph(GraphKind::Complete, nodes);
        assert!((0..nodes).all(|a| graph.neighbors(a).iter().copied().eq((0..nodes).filter(|&b| b != a))));
    }
}

// ---- The layered graph ----

/// Mean local clustering of every `every`-th node; nodes of fewer than two ties count as zero.
fn clustering(graph: &Graph, every: usize) -> f64 {
    let sample: Vec<u32> = (0..graph.nodes()).step_by(every).collect();
    let local = |&node: &u32| {
        let row = graph.neighbors(node);
        let closed: usize = row.iter().map(|&b| graph.neighbors(b).iter().filter(|c| row.binary_search(c).is_ok()).count()).sum();
        closed as f64 / (row.len() * row.len().saturating_sub(1)).max(1) as f64
    };
    sample.iter().map(local).sum::<f64>() / sample.len() as f64
}

/// Nodes of the largest component.
fn giant(graph: &Graph) -> usize {
    let mut seen = vec![false; graph.nodes() as usize];
    let mut largest = 0;
    for start in 0..graph.nodes() {
        let mut queue = Vec::new();
        let mut size = 0;
        if !std::mem::replace(&mut seen[start as usize], true) {
            queue.push(start);
        }
        while let Some(node) = queue.pop() {
            size += 1;
            queue.extend(graph.neighbors(node).iter().filter(|&&b| !std::mem::replace(&mut seen[b as usize], true)));
        }
        largest = largest.max(size);
    }
    largest
}

/// Pearson correlation of the age bands at both ends of an arc.
fn assortativity(graph: &Graph, population: &Population) -> f64 {
    let ages: Vec<f64> = (0..graph.nodes()).map(|node| f64::from(population.age(node))).collect();
    let pairs =
        || (0..graph.nodes()).flat_map(|a| graph.neighbors(a).to_vec().into_iter().map(move |b| (a as usize, b as usize)));
    let n = graph.arcs() as f64;
    let mean = pairs().map(|(a, _)| ages[a]).sum::<f64>() / n;
    let covariance = pairs().map(|(a, b)| (ages[a] - mean) * (ages[b] - mean)).sum::<f64>() / n;
    covariance / (pairs().map(|(a, _)| (ages[a] - mean).powi(2)).sum::<f64>() / n)
}

#[test]
fn the_layered_graph_looks_like_a_social_network() {
    let users = 200_000;
    let (population, graph) = layered(users);
    let mut sorted: Vec<u32> = degrees(&graph).collect();
    sorted.sort_unstable();
    let found = [
        ("mean degree", mean_degree(&graph), 15.84..16.16),
        ("p99.9 of degree over its mean", f64::from(sorted[users as usize * 999 / 1000]) / mean_degree(&graph), 5.0..50.0),
        ("giant component", giant(&graph) as f64 / f64::from(users), 0.995..1.01),
        ("mean local clustering", clustering(&graph, 20), 0.12..0.16),
        ("age assortativity", assortativity(&graph, &population), 0.3..0.9),
    ];
    found.iter().for_each(|(what, value, range)| println!("{what}: {value:.4} of {range:?}"));
    let wrong: Vec<_> = found.iter().filter(|(_, value, range)| !range.contains(value)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
