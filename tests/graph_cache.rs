//! Graphs kept on disk: mapped, they are those that would be made; whatever happens to a file, results are the same.

mod common;

use assert_cmd::Command;
use common::{everything, root};
use exodus::engine::{Simulation, graph_key};
use exodus::graph;
use exodus::scenario::Scenario;
use exodus::storage::{GraphCache, Origin};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

fn cache(folder: &Path) -> GraphCache {
    GraphCache { folder: folder.to_owned(), limit: 1 << 30, least: 0 }
}

fn small(seed: u64) -> Scenario {
    everything(&[&format!("seed={seed}"), "population.users=3000"])
}

#[test]
fn a_mapped_graph_is_the_one_that_was_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = cache(&folder.path().join("not/yet/there"));
    let (made, origin) = cache.graph(&small(1)).expect("a graph");
    let Origin::Kept(path) = origin else { panic!("{origin:?}") };
    let (mapped, origin) = cache.graph(&small(1)).expect("a graph");
    assert!(matches!(origin, Origin::Mapped(from) if from == path));
    assert_eq!(mapped.fingerprint(), made.fingerprint());
    assert!((0..made.nodes()).all(|user| made.neighbors(user) == mapped.neighbors(user)));
    let hash = |graph| {
        let mut simulation = Simulation::on_graph(small(1), Arc::new(graph)).expect("a simulation");
        simulation.step().expect("a step");
        simulation.state().hash()
    };
    assert_eq!(hash(mapped), hash(made));
}

#[test]
fn a_damaged_file_is_made_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = cache(folder.path());
    let (made, origin) = cache.graph(&small(1)).expect("a graph");
    let Origin::Kept(path) = origin else { panic!("{origin:?}") };
    let whole = fs::read(&path).expect("a file");
    let again = |bytes: &[u8]| {
        fs::write(&path, bytes).expect("written");
        let (graph, origin) = cache.graph(&small(1)).expect("a graph");
        assert!(matches!(origin, Origin::Kept(_)), "{origin:?}");
        assert_eq!(graph.fingerprint(), made.fingerprint());
        assert_eq!(fs::read(&path).expect("a file"), whole);
    };
    for at in (0..whole.len()).step_by(whole.len() / 40) {
        // Gaps between sections are zeros that nobody reads.
        if whole[at] == 0 {
            continue;
        }
        let mut bytes = whole.clone();
        bytes[at] ^= 16;
        again(&bytes);
    }
    for length in [0, 7, 64, whole.len() / 2, whole.len() - 1] {
        again(&whole[..length]);
    }
}

#[test]
fn the_key_is_what_the_graph_is_made_from() {
    let key = |changes: &[&str]| graph_key(&everything(changes)).expect("a key").expect("a key");
    let own = key(&[]);
    assert_eq!(key(&["model.review_rate=0.5"]), own);
    assert_eq!(key(&["messenger.Green.appeal=3"]), own);
    for change in ["seed=8", "population.users=3001", "graph.mean_degree=9"] {
        assert_ne!(key(&[change]), own, "{change}");
    }
}

/// Kept graphs of an older version must not be taken for those of a newer one.
#[test]
fn whoever_changes_a_generator_changes_the_version() {
    let print = |kind: &str| {
        let scenario = everything(&["population.users=2000", "graph.mean_degree=8", &format!("graph.kind=\"{kind}\"")]);
        let population = exodus::population::Population::new(&scenario, 2000);
        graph::generate(&scenario.graph, &population).expect("a graph").fingerprint()[2]
    };
    let prints = ["layered", "erdos_renyi", "watts_strogatz", "barabasi_albert", "configuration", "stochastic_block"].map(print);
    let all = prints.iter().fold(0u64, |all, print| all.rotate_left(7) ^ print);
    assert_eq!((graph::VERSION, all), (1, 4_106_040_981_657_640_908), "another graph: raise graph::VERSION, and put both here");
}

#[test]
fn those_used_longest_ago_make_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cache = cache(folder.path());
    let file = |seed| folder.path().join(format!("{}.exg", graph_key(&small(seed)).expect("a key").expect("a key")));
    let used = |seed, hours: u64| {
        let time = SystemTime::now() - Duration::from_secs(3600 * hours);
        fs::File::options().append(true).open(file(seed)).and_then(|f| f.set_modified(time)).expect("a time");
    };
    for seed in [1, 2, 3] {
        cache.graph(&small(seed)).expect("a graph");
        used(seed, seed);
    }
    // Room for three and a half; the second is used again, so that the third goes.
    cache.limit = fs::metadata(file(1)).expect("a file").len() * 7 / 2;
    used(3, 5);
    cache.graph(&small(2)).expect("a graph");
    cache.graph(&small(4)).expect("a graph");
    assert_eq!([1, 2, 3, 4].map(|seed| file(seed).exists()), [true, true, false, true]);
    // What is larger than the limit is not kept, and drives nothing out.
    cache.limit = 1000;
    let (_, origin) = cache.graph(&small(5)).expect("a graph");
    assert!(matches!(origin, Origin::NotKept(_)), "{origin:?}");
    assert!(file(1).exists() && !file(5).exists());
}

#[test]
fn a_run_goes_on_where_nothing_can_be_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let no_folder = folder.path().join("a file");
    fs::write(&no_folder, "").expect("written");
    let (graph, origin) = cache(&no_folder).graph(&small(1)).expect("a graph");
    assert_eq!(graph.nodes(), 3000);
    let Origin::NotKept(error) = origin else { panic!("{origin:?}") };
    assert!(error.to_string().contains("a file"), "{error}");
}

/// Small graphs are not worth a file; the command says nothing of them.
#[test]
fn the_command_keeps_no_small_graphs() {
    let folder = tempfile::tempdir().expect("a folder");
    Command::cargo_bin("exodus")
        .expect("the command")
        .current_dir(folder.path())
        .arg("run")
        .arg(root().join("tests/scenarios/everything.toml"))
        .args(["--users", "500", "--until", "2025-01-05", "--out", "run", "--graph-cache", "graphs"])
        .assert()
        .success();
    assert!(!folder.path().join("graphs").exists());
}
