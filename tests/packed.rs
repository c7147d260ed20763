//! Packed rows: the graph, and every result on it, is that of plain rows.

mod common;

use common::{everything, load, on_threads, root};
use exodus::engine::{Simulation, plan};
use exodus::graph::{Graph, GraphStats, TieStream, classic, generate};
use exodus::memory::Column;
use exodus::observe::Observation;
use exodus::population::Population;
use exodus::random::Draws;
use exodus::scenario::{GraphKind, GraphMemory, GraphSpec, Scenario};
use proptest::prelude::*;
use std::sync::Arc;

fn assert_same(plain: &Graph, packed: &Graph) {
    assert_eq!((plain.memory(), packed.memory()), (GraphMemory::Plain, GraphMemory::Packed));
    assert_eq!(plain.fingerprint(), packed.fingerprint());
    for node in 0..plain.nodes() {
        assert_eq!(plain.neighbors(node)[..], packed.neighbors(node)[..], "row of {node}");
        assert_eq!(plain.degree(node), packed.degree(node));
    }
    assert!(plain.iter_ties().eq(packed.iter_ties()));
}

/// Ties of a list, with or without bins to which most of them belong.
struct Listed<'a> {
    nodes: u32,
    ties: &'a [(u32, u32)],
    home: Option<u32>,
}

impl TieStream for Listed<'_> {
    fn nodes(&self) -> u32 {
        self.nodes
    }

    fn parts(&self) -> usize {
        self.home.map_or(3, |size| self.nodes.div_ceil(size) as usize)
    }

    fn for_each(&self, part: usize, mut emit: impl FnMut(u32, u32)) {
        for (k, &(a, b)) in self.ties.iter().enumerate() {
            if self.home.map_or(k % 3, |size| (a / size) as usize) == part {
                emit(a, b);
            }
        }
    }

    fn home(&self) -> Option<u32> {
        self.home
    }
}

/// Name and bytes of a graph's columns.
fn kept(graph: &Graph) -> Vec<(String, Vec<u8>)> {
    graph.columns().into_iter().map(|(name, _, bytes)| (name, bytes.to_vec())).collect()
}

fn from_kept(nodes: u32, columns: &[(String, Vec<u8>)]) -> Option<Graph> {
    let column = |(_, bytes): &(String, Vec<u8>)| Column::from_slice(bytes).expect("memory");
    Graph::from_kept_packed(nodes, column(columns.first()?), columns[1..].iter().map(column).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn rows_are_the_plain_ones(
        (nodes, ties) in prop_oneof![1u32..40, 1u32..300, 4_090u32..4_200, 70_000u32..70_040].prop_flat_map(|nodes| {
            (Just(nodes), prop::collection::vec((0..nodes, 0..nodes), 0..600))
        }),
        hub: bool,
    ) {
        let mut ties = ties;
        if hub {
            ties.extend((0..nodes.min(5000)).map(|node| (nodes / 2, node)));
        }
        let plain = Graph::from_ties(nodes, &ties).expect("a graph");
        for home in [None, Some(16), Some(64), Some(4096), Some(17)] {
            let packed = Graph::packed_from_stream(&Listed { nodes, ties: &ties, home }).expect("a graph");
            assert_same(&plain, &packed);
        }
        let packed = plain.share().kept(GraphMemory::Packed).expect("a graph");
        assert_same(&plain, &packed);
        let columns = kept(&packed);
        assert_same(&plain, &from_kept(nodes, &columns).expect("columns that fit"));
        prop_assert_eq!(packed.bytes(), columns.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>());
        let again = packed.kept(GraphMemory::Plain).expect("a graph");
        prop_assert_eq!(kept(&again), kept(&plain));
    }

    /// Whatever is changed in the columns: they are refused, or they are some graph's.
    #[test]
    fn damaged_columns_are_refused(
        ties in prop::collection::vec((0u32..90, 0u32..90), 0..300),
        hub: bool,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..4),
        more in -2i32..3,
    ) {
        let mut ties = ties;
        if hub {
            ties.extend((0..1000).map(|node| (7, node)));
        }
        let nodes = if hub { 1000 } else { 90 };
        let graph = Graph::from_ties(nodes, &ties).and_then(|graph| graph.kept(GraphMemory::Packed)).expect("a graph");
        let mut columns = kept(&graph);
        for (column, at, value) in changes {
            let len = columns.len();
            let bytes = &mut columns[column.index(len)].1;
            let len = bytes.len();
            bytes[at.index(len)] = value;
        }
        if let Some(found) = from_kept(nodes, &columns) {
            let mut arcs = 0;
            for node in 0..nodes {
                let row = found.neighbors(node);
                prop_assert!(row.is_sorted_by(|a, b| a < b) && row.iter().all(|&other| other < nodes && other != node));
                arcs += row.len() as u64;
            }
            prop_assert_eq!(found.arcs(), arcs);
        }
        // Too short, too long, of another number of nodes.
        let len = columns[1].1.len() as i32 + more;
        columns = kept(&graph);
        columns[1].1.resize(len as usize, 0);
        prop_assert_eq!(from_kept(nodes, &columns).is_some(), more == 0);
        let groups = |nodes: u32| nodes.div_ceil(16);
        prop_assert!(groups(nodes + 40) == groups(nodes) || from_kept(nodes + 40, &kept(&graph)).is_none());
    }
}

#[test]
fn every_kind_of_graph_is_the_plain_one() {
    let kinds = [
        (GraphKind::ErdosRenyi, 20_000),
        (GraphKind::WattsStrogatz, 20_000),
        (GraphKind::BarabasiAlbert, 20_000),
        (GraphKind::Configuration, 20_000),
        (GraphKind::StochasticBlock, 20_000),
        (GraphKind::Complete, 700),
    ];
    for (kind, nodes) in kinds {
        let made = |memory| {
            let spec = GraphSpec { kind, memory, ..GraphSpec::default() };
            classic::generate(&spec, &Draws::new(11), nodes).expect("a graph")
        };
        assert_same(&made(None), &made(Some(GraphMemory::Packed)));
    }
}

/// More than one slab; towns whose ties go to the other slab.
#[test]
fn the_layered_graph_is_the_plain_one_on_any_threads() {
    let scenario = load(&root().join("scenarios/russia.toml"), &[]);
    let population = Population::new(&scenario, 1_060_000);
    let packed = GraphSpec { memory: Some(GraphMemory::Packed), ..scenario.graph.clone() };
    let plain = generate(&scenario.graph, &population).expect("a graph");
    for threads in [1, 3] {
        assert_same(&plain, &on_threads(threads, || generate(&packed, &population).expect("a graph")));
    }
}

/// The hub of a star has a million contacts.
#[test]
fn a_hub_is_packed() {
    let nodes = 1_000_001;
    let ties: Vec<(u32, u32)> = (0..nodes).filter(|&node| node != 500_000).map(|node| (500_000, node)).collect();
    let plain = Graph::from_ties(nodes, &ties).expect("a graph");
    let packed = plain.share().kept(GraphMemory::Packed).expect("a graph");
    assert_same(&plain, &packed);
    assert_eq!(packed.degree(500_000), 1_000_000);
    let stats = GraphStats::new(&packed, None).expect("statistics");
    assert_eq!((stats.degree.max, stats.bytes), (1_000_000, packed.bytes()));
}

/// Hashes and tallies of every day.
fn days(scenario: &Scenario, graph: Graph) -> Vec<(String, String)> {
    let mut simulation = Simulation::on_graph(scenario.clone(), Arc::new(graph)).expect("a simulation");
    let mut observation = Observation::new(&simulation).expect("observers");
    let mut days = Vec::new();
    while !simulation.finished() && days.len() < 40 {
        simulation.step().expect("a step");
        observation.observe(&simulation).expect("a look");
        days.push((simulation.state().hash(), format!("{:?}", observation.tally())));
    }
    days
}

#[test]
fn results_are_those_of_plain_rows() {
    let files = ["tests/scenarios/everything.toml", "scenarios/russia.toml", "benches/peers/reference.toml"];
    for file in files {
        let scenario = load(&root().join(file), &["population.users=6000"]);
        let spec = scenario.graph.clone();
        let made = |memory| {
            let spec = GraphSpec { memory: Some(memory), ..spec.clone() };
            generate(&spec, &Population::new(&scenario, 6000)).expect("a graph")
        };
        assert_eq!(days(&scenario, made(GraphMemory::Plain)), days(&scenario, made(GraphMemory::Packed)), "{file}");
    }
}

#[test]
fn rows_are_packed_where_plain_ones_do_not_fit() {
    let scenario = everything(&["population.users=1000000"]);
    let [plain, packed] =
        ["plain", "packed"].map(|memory| everything(&["population.users=1000000", &format!("graph.memory=\"{memory}\"")]));
    let bytes = |scenario: &Scenario, available| plan::predicted_bytes(scenario, 1_000_000, available);
    let memory = |scenario: &Scenario, available| plan::graph_memory(scenario, 1_000_000, available);
    let (most, least) = (bytes(&plain, None), bytes(&packed, None));
    assert!(least < most, "{least} {most}");
    for (available, expected) in
        [(None, GraphMemory::Plain), (Some(most), GraphMemory::Plain), (Some(most - 1), GraphMemory::Packed)]
    {
        assert_eq!(memory(&scenario, available), expected);
        assert_eq!(bytes(&scenario, available), if expected == GraphMemory::Plain { most } else { least });
        assert_eq!((memory(&plain, available), memory(&packed, available)), (GraphMemory::Plain, GraphMemory::Packed));
    }
    assert!(plan::most_users(&scenario, most) > plan::most_users(&plain, most));
    assert_eq!(plan::most_users(&scenario, most), plan::most_users(&packed, most));
}

#[test]
fn predicted_memory_is_that_of_the_graph() {
    let scenario = load(&root().join("scenarios/russia.toml"), &[]);
    let spec = GraphSpec { memory: Some(GraphMemory::Packed), ..scenario.graph.clone() };
    let graph = generate(&spec, &Population::new(&scenario, 200_000)).expect("a graph");
    let predicted = exodus::graph::predicted_bytes(&spec, 200_000, GraphMemory::Packed);
    let leaving = (spec.layers.city + spec.layers.national) * graph.arcs() as f64;
    println!("{:.3} bytes an arc", graph.bytes() as f64 / graph.arcs() as f64);
    // All are in one slab: its rows twice, or once beside eight bytes for each arc that leaves its town; then once, and what is left behind.
    let rows = graph.bytes() as f64;
    for (predicted, bytes) in [(predicted.making, rows + f64::max(rows, 8.0 * leaving)), (predicted.made, 1.15 * rows)] {
        let ratio = predicted as f64 / bytes;
        assert!((0.95..1.1).contains(&ratio), "{predicted} {bytes}: {ratio}");
    }
}
