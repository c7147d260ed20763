//! Graphs and starts kept on disk: they are those that would be made; whatever happens to a file, results are the same.

mod common;

use assert_cmd::Command;
use common::{everything, load, root};
use exodus::engine::{Simulation, graph_key};
use exodus::graph;
use exodus::scenario::{GraphMemory, Scenario};
use exodus::storage::{Cache, Origin};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

fn cache(folder: &Path) -> Cache {
    Cache { folder: folder.to_owned(), limit: 1 << 30, least: 0 }
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
    assert!(matches!(origin, Origin::Reused(from) if from == path));
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

/// A simulation by a cache, and where its start came from.
fn begun(cache: &Cache, scenario: Scenario) -> (Simulation, Origin) {
    let graph = cache.graph(&scenario).expect("a graph").0;
    cache.simulation_until(scenario, Arc::new(graph), &AtomicBool::new(false)).expect("a simulation")
}

/// Everything that a start decides: the eve's state, what is said of it, and some days more.
fn course(mut simulation: Simulation) -> (Vec<String>, u32, Option<f64>) {
    let mut hashes = vec![simulation.state().hash()];
    for _ in 0..3 {
        simulation.step().expect("a step");
        hashes.push(simulation.state().hash());
    }
    (hashes, simulation.settled_days(), simulation.start_drift())
}

#[test]
fn a_start_that_was_kept_is_the_one_that_would_be_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = cache(folder.path());
    let made = course(Simulation::new(small(1)).expect("a simulation"));
    assert!(made.2.is_some());
    let (first, origin) = begun(&cache, small(1));
    let Origin::Kept(path) = origin else { panic!("{origin:?}") };
    assert_eq!(course(first), made);
    // Packed lists and another policy of the future start alike; so do rules that settle nothing.
    let later = "intervention.full block.severity=0.25";
    for changes in [&[][..], &["graph.memory=\"packed\""], &["end=2025-03-01", "title=\"Another\"", later]] {
        let scenario = || everything(&[&["seed=1", "population.users=3000"], changes].concat());
        let (again, origin) = begun(&cache, scenario());
        assert!(matches!(origin, Origin::Reused(ref from) if *from == path), "{changes:?}: {origin:?}");
        assert_eq!(course(again), course(Simulation::new(scenario()).expect("a simulation")), "{changes:?}");
    }
    for name in ["bass", "brock-durlauf", "watts-cascade"] {
        let scenario = || load(&root().join(format!("scenarios/{name}.toml")), &["population.users=3000"]);
        let made = course(Simulation::new(scenario()).expect("a simulation"));
        assert_eq!([(); 2].map(|()| course(begun(&cache, scenario()).0)), [made.clone(), made], "{name}");
    }
    for change in ["seed=2", "model.review_rate=0.1", "graph.mean_degree=8", "messenger.Green.appeal=3", "start=2025-01-02"] {
        let (_, origin) = begun(&cache, everything(&["seed=1", "population.users=3000", change]));
        assert!(matches!(origin, Origin::Kept(_)), "{change}: {origin:?}");
    }
}

#[test]
fn a_damaged_start_is_made_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = cache(folder.path());
    let made = course(Simulation::new(small(1)).expect("a simulation"));
    let Origin::Kept(path) = begun(&cache, small(1)).1 else { panic!("not kept") };
    let Origin::Kept(other) = begun(&cache, small(2)).1 else { panic!("not kept") };
    let whole = fs::read(&path).expect("a file");
    let again = |bytes: &[u8]| {
        fs::write(&path, bytes).expect("written");
        let (simulation, origin) = begun(&cache, small(1));
        assert!(matches!(origin, Origin::Kept(_)), "{origin:?}");
        assert_eq!(simulation.state().hash(), made.0[0]);
        assert_eq!(fs::read(&path).expect("a file"), whole);
    };
    for at in (0..whole.len()).step_by(whole.len() / 40).filter(|&at| whole[at] != 0) {
        let mut bytes = whole.clone();
        bytes[at] ^= 16;
        again(&bytes);
    }
    for length in [0, 7, 64, whole.len() / 2, whole.len() - 1] {
        again(&whole[..length]);
    }
    again(&fs::read(other).expect("a file"));
}

/// What the path of a file names may be another thing tomorrow.
#[test]
fn a_start_on_a_graph_from_a_file_is_not_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ties.csv");
    fs::write(&file, "a,b\nb,c\nc,a\n").expect("written");
    let graph = format!("graph={{kind=\"file\",path={:?}}}", file.display().to_string());
    let (simulation, origin) = begun(&cache(&folder.path().join("kept")), everything(&[&graph]));
    assert_eq!(simulation.state().users(), 3);
    assert!(matches!(origin, Origin::Made), "{origin:?}");
}

#[test]
fn packed_rows_are_kept_and_held_to_their_checksums() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = cache(folder.path());
    let [plain, packed] =
        ["plain", "packed"].map(|memory| everything(&[&format!("graph.memory=\"{memory}\""), "population.users=3000"]));
    let (made, _) = cache.graph(&plain).expect("a graph");
    let (first, origin) = cache.graph(&packed).expect("a graph");
    let Origin::Kept(path) = origin else { panic!("{origin:?}") };
    let (mapped, origin) = cache.graph(&packed).expect("a graph");
    assert!(matches!(origin, Origin::Reused(from) if from == path));
    assert_eq!((first.memory(), mapped.memory()), (GraphMemory::Packed, GraphMemory::Packed));
    assert_eq!([first.fingerprint(), mapped.fingerprint()], [made.fingerprint(); 2]);
    assert_eq!(names(folder.path()).len(), 2);
    let whole = fs::read(&path).expect("a file");
    for at in (0..whole.len()).step_by(whole.len() / 40).filter(|&at| whole[at] != 0) {
        let mut bytes = whole.clone();
        bytes[at] ^= 16;
        fs::write(&path, &bytes).expect("written");
        let (graph, origin) = cache.graph(&packed).expect("a graph");
        assert!(matches!(origin, Origin::Kept(_)), "{origin:?}");
        assert_eq!(graph.fingerprint(), made.fingerprint());
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
    // Starts count, and make way as graphs do.
    let graph = cache.graph(&small(4)).expect("a graph").0;
    used(1, 9);
    cache.limit = fs::metadata(file(1)).expect("a file").len() * 3 + 1000;
    let start = cache.simulation_until(small(4), Arc::new(graph), &AtomicBool::new(false)).expect("a simulation").1;
    let Origin::Kept(start) = start else { panic!("{start:?}") };
    assert_eq!([1, 2, 4].map(|seed| file(seed).exists()), [false, true, true]);
    let time = SystemTime::now() - Duration::from_secs(3600 * 9);
    fs::File::options().append(true).open(&start).and_then(|f| f.set_modified(time)).expect("a time");
    cache.graph(&small(1)).expect("a graph");
    assert!(!start.exists() && file(1).exists());
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

/// All names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The graph that a scenario has, made without any cache.
fn made(scenario: &Scenario) -> [u64; 3] {
    let population = exodus::population::Population::new(scenario, scenario.population.users as u32);
    graph::generate(&scenario.graph, &population).expect("a graph").fingerprint()
}

#[test]
fn a_graph_under_another_key_is_not_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = cache(folder.path());
    let file = |seed| folder.path().join(format!("{}.exg", graph_key(&small(seed)).expect("a key").expect("a key")));
    cache.graph(&small(1)).expect("a graph");
    fs::copy(file(1), file(2)).expect("copied");
    let (graph, origin) = cache.graph(&small(2)).expect("a graph");
    assert!(matches!(origin, Origin::Kept(path) if path == file(2)));
    assert_eq!(graph.fingerprint(), made(&small(2)));
    assert_ne!(graph.fingerprint(), made(&small(1)));
    let (graph, origin) = cache.graph(&small(2)).expect("a graph");
    assert!(matches!(origin, Origin::Reused(_)));
    assert_eq!(graph.fingerprint(), made(&small(2)));
}

/// Whatever stands under the name of a graph.
#[test]
fn what_is_no_file_of_ours_is_no_hindrance() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = graph_key(&small(1)).expect("a key").expect("a key");
    let graphs = folder.path().join("graphs");
    let path = graphs.join(format!("{key}.exg"));
    let graph = || {
        let (graph, origin) = cache(&graphs).graph(&small(1)).expect("a graph");
        assert_eq!(graph.fingerprint(), made(&small(1)));
        origin
    };
    fs::create_dir_all(&path).expect("a folder");
    assert!(matches!(graph(), Origin::NotKept(_)), "a folder of its name stays");
    fs::remove_dir(&path).expect("removed");
    assert_eq!(names(&graphs), Vec::<String>::new(), "nothing is left of the attempt");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path().join("nowhere"), &path).expect("a link");
        assert!(matches!(graph(), Origin::Kept(_)), "a link is replaced");
        assert!(!folder.path().join("nowhere").exists(), "and not followed");
    }
    let others = ["notes.txt", "a.b.c.exg", "exg", "exg.tmp"];
    others.iter().for_each(|name| fs::write(graphs.join(name), "mine").expect("written"));
    let mut cache = cache(&graphs);
    cache.limit = fs::metadata(&path).expect("a file").len();
    cache.graph(&small(2)).expect("a graph");
    assert!(others.iter().all(|name| graphs.join(name).exists()), "files of others are left alone");
    // The folder is gone while its graph is in use.
    let (graph, _) = cache.graph(&small(2)).expect("a graph");
    fs::remove_dir_all(&graphs).expect("removed");
    assert_eq!(graph.fingerprint(), made(&small(2)));
    assert!(matches!(cache.graph(&small(2)).expect("a graph").1, Origin::Kept(_)));
}

/// Set for the process that keeps graphs for another test: the folder.
const FOLDER: &str = "EXODUS_TEST_KEEPS_GRAPHS_IN";

/// This program once more, keeping graphs in a folder, as another process would.
fn other_process(folder: &Path) -> std::process::Child {
    let mut command = std::process::Command::new(std::env::current_exe().expect("this program"));
    let quiet = std::process::Stdio::null;
    command.args(["--exact", "keeps_graphs_for_another_test", "--ignored"]).env(FOLDER, folder).stdout(quiet()).stderr(quiet());
    command.spawn().expect("a process")
}

#[test]
#[ignore = "the other process of tests"]
fn keeps_graphs_for_another_test() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    for seed in 1..=6 {
        let (graph, _) = cache(Path::new(&folder)).graph(&small(seed)).expect("a graph");
        assert_eq!(graph.fingerprint(), made(&small(seed)));
    }
}

#[test]
fn processes_may_keep_the_same_graphs_at_once() {
    let [one, many] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    assert!(other_process(one.path()).wait().expect("it ends").success());
    let mut others: Vec<_> = (0..4).map(|_| other_process(many.path())).collect();
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| (1..=6).for_each(|seed| drop(cache(many.path()).graph(&small(seed)).expect("a graph"))));
        }
    });
    assert!(others.iter_mut().all(|other| other.wait().expect("it ends").success()));
    assert_eq!(names(many.path()), names(one.path()), "each graph once, and nothing else");
    for name in names(one.path()) {
        let [a, b] = [one.path(), many.path()].map(|folder| fs::read(folder.join(&name)).expect("a file"));
        assert!(a == b, "{name}");
    }
}

#[test]
fn what_killed_writings_leave_is_counted_and_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut killed, mut left) = (0, Vec::new());
    while killed < 300 && left.len() < 3 {
        let mut other = other_process(folder.path());
        std::thread::sleep(Duration::from_micros(3000 + 700 * (killed % 40)));
        other.kill().expect("killed");
        other.wait().expect("it ends");
        killed += 1;
        left = names(folder.path()).into_iter().filter(|name| name.matches('.').count() > 1).collect();
        // What is whole would be mapped, and nothing written any more.
        let whole = |name: &String| name.matches('.').count() == 1;
        names(folder.path())
            .iter()
            .filter(|name| whole(name))
            .for_each(|name| fs::remove_file(folder.path().join(name)).expect("removed"));
    }
    assert!(left.len() >= 3, "{killed} kills left {left:?}");
    // Just written, they may be somebody's, and take their room.
    let taken: u64 = left.iter().map(|name| fs::metadata(folder.path().join(name)).expect("a file").len()).sum();
    assert!(taken > 0, "{left:?}");
    let mut full = cache(folder.path());
    let (graph, _) = cache(&folder.path().join("other")).graph(&small(1)).expect("a graph");
    fs::remove_dir_all(folder.path().join("other")).expect("removed");
    full.limit = taken + graph.bytes() - 1;
    let (_, origin) = full.graph(&small(1)).expect("a graph");
    assert!(matches!(origin, Origin::NotKept(_)), "{origin:?}");
    // After an hour without a word they go, whether the next graph is made or mapped.
    let old = SystemTime::now() - Duration::from_secs(2 * 3600);
    let age = |name: &String| {
        let file = fs::File::options().append(true).open(folder.path().join(name)).expect("a file");
        file.set_modified(old).expect("a time");
    };
    age(&left[0]);
    cache(folder.path()).graph(&small(1)).expect("a graph");
    assert!(!folder.path().join(&left[0]).exists() && left[1..].iter().all(|name| folder.path().join(name).exists()));
    left[1..].iter().for_each(age);
    let (mapped, origin) = cache(folder.path()).graph(&small(1)).expect("a graph");
    assert!(matches!(origin, Origin::Reused(_)), "{origin:?}");
    assert_eq!(mapped.fingerprint(), made(&small(1)));
    assert_eq!(names(folder.path()), [format!("{}.exg", graph_key(&small(1)).expect("a key").expect("a key"))]);
}

/// Small graphs and starts are not worth a file; the command says nothing of them.
#[test]
fn the_command_keeps_nothing_small() {
    let folder = tempfile::tempdir().expect("a folder");
    Command::cargo_bin("exodus")
        .expect("the command")
        .current_dir(folder.path())
        .arg("run")
        .arg(root().join("tests/scenarios/everything.toml"))
        .args(["--users", "500", "--until", "2025-01-05", "--out", "run", "--cache", "kept"])
        .assert()
        .success();
    assert!(!folder.path().join("kept").exists());
}
