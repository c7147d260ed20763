//! Promises 0, 1 and 2 of the interface: looking never changes, same bits, common random numbers.

mod common;

use common::{everything, hashes, load, on_threads, root};
use exodus::engine::Simulation;
use exodus::experiment::{Run, RunOptions};
use exodus::graph::Graph;
use exodus::scenario::{self, Scenario};
use std::path::Path;
use std::sync::Arc;

#[test]
fn any_number_of_threads_gives_the_same_state_on_every_day() {
    let one = on_threads(1, || hashes(everything(&[])));
    assert_eq!(one.len(), 121);
    for threads in [2, 3, 8] {
        assert_eq!(one, on_threads(threads, || hashes(everything(&[]))), "{threads} threads");
    }
}

#[test]
fn any_number_of_threads_gives_the_same_state_under_every_rule_and_graph() {
    for rule in ["logit", "threshold", "hazard"] {
        for graph in ["erdos_renyi", "watts_strogatz", "barabasi_albert", "configuration", "stochastic_block"] {
            let scenario = || {
                let [green, blue] = ["messenger.Green.reach_by_age=[0.3,0.3,0.3]", "messenger.Blue.reach_by_age=[0.4,0.4,0.4]"];
                everything(&[&format!("model.rule={rule}"), &format!("graph.kind={graph}"), green, blue, "end=2025-01-20"])
            };
            assert_eq!(on_threads(1, || hashes(scenario())), on_threads(3, || hashes(scenario())), "{rule} on {graph}");
        }
    }
}

/// Leaves a run folder.
fn run(scenario: Scenario, folder: &Path, threads: usize) {
    on_threads(threads, || {
        let options = RunOptions { folder: folder.to_owned(), ..RunOptions::default() };
        let mut run = Run::begin(scenario, &options).expect("a run");
        while !run.simulation().finished() {
            run.day().expect("a day");
        }
        run.end(String::new()).expect("an end");
    });
}

#[test]
fn any_number_of_threads_gives_the_same_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let [one, three] = [1, 3].map(|threads| {
        let folder = folder.path().join(threads.to_string());
        run(everything(&[]), &folder, threads);
        folder
    });
    for file in
        ["series.csv", "population.csv", "events.csv", "scenario.toml", "series.parquet", "cohorts.parquet", "trace.parquet"]
    {
        let [a, b] = [&one, &three].map(|folder| std::fs::read(folder.join(file)).expect("a file of the run"));
        assert!(a == b && !a.is_empty(), "{file}");
    }
}

#[test]
fn the_resolved_scenario_reproduces_the_run() {
    let scenario = everything(&["population.users=3000"]);
    let text = scenario.to_toml().expect("TOML");
    let again = scenario::parse(&text, "resolved.toml", &[]).expect("a scenario");
    assert_eq!(scenario, again);
    assert_eq!(hashes(scenario), hashes(again));
}

/// Ties of a small world over the first `nodes` nodes.
fn ties(nodes: u32) -> Vec<(u32, u32)> {
    (0..nodes).flat_map(|i| [1, 2, 5, 377].map(|step| (i, (i + step) % nodes))).collect()
}

#[test]
fn an_isolated_user_changes_nobody() {
    let users = 5000;
    let mut simulations = [users, users + 1].map(|nodes| {
        let graph = Graph::from_ties(nodes, &ties(users)).expect("a graph");
        Simulation::on_graph(everything(&["graph.kind=erdos_renyi"]), Arc::new(graph)).expect("a simulation")
    });
    while !simulations[0].finished() {
        let [a, b] = &mut simulations;
        a.step().expect("a step");
        b.step().expect("a step");
        assert_eq!(a.state().public(), &b.state().public()[..users as usize], "{}", a.date());
        assert!((0..users).all(|user| a.state().row_of(user) == b.state().row_of(user)), "{}", a.date());
    }
}

/// States that must be equal, user by user, for the messengers that both scenarios have.
fn assert_same_users(a: Scenario, b: Scenario, until: Option<i32>) {
    let common = a.messengers.len().min(b.messengers.len());
    let users = a.population.users as u32;
    let mut a = Simulation::new(a).expect("a simulation");
    let mut b = Simulation::new(b).expect("a simulation");
    while !a.finished() && until.is_none_or(|day| a.day() + 1 < day) {
        a.step().expect("a step");
        b.step().expect("a step");
        let date = a.date();
        assert_eq!(a.state().public(), b.state().public(), "{date}");
        for user in 0..users {
            for field in ["usage", "target"] {
                let [x, y] = [&a, &b].map(|s| &s.state().field_of(user, field).expect("the portfolio rule")[..common]);
                assert_eq!(x, y, "user {user}: {field} on {date}");
            }
        }
    }
}

#[test]
fn a_block_of_severity_0_changes_nothing() {
    let base = everything(&[]);
    for with in [r#"messenger = "Blue""#, "messenger = \"Green\"\ngroups = [\"pupils\"]\nsalience = 3.0"] {
        let text = format!("{}\n[[intervention]]\nkind = \"block\"\nfrom = 2025-02-01\nseverity = 0.0\n{with}\n", file());
        let scenario = scenario::parse(&text, "t.toml", &[]).expect("a scenario");
        assert_eq!(hashes(base.clone()), hashes(scenario), "{with}");
    }
}

#[test]
fn a_messenger_that_nobody_can_hold_changes_nothing() {
    // One more messenger, and so many that the wide paths are taken.
    for more in [1, 6, 12] {
        let extra: String =
            (0..more).map(|k| format!("[[messenger]]\nname = \"Nobody {k}\"\nlaunch = 2030-01-01\naware = 0.0\n")).collect();
        let scenario = scenario::parse(&format!("{}\n{extra}", file()), "t.toml", &[]).expect("a scenario");
        assert_same_users(everything(&[]), scenario, None);
    }
}

#[test]
fn the_past_is_common_to_all_futures() {
    // The full block is on 5 March, tick 63; the same day differs, the days before do not.
    let other = || everything(&["intervention.full block.severity=0.2"]);
    assert_same_users(everything(&[]), other(), Some(63));
    let [a, b] = [everything(&[]), other()].map(hashes);
    assert_eq!(a[..64], b[..64]);
    assert!(a[64..].iter().zip(&b[64..]).all(|(x, y)| x != y));
}

#[test]
fn seeds_differ() {
    let [a, b] = ["seed=7", "seed=8"].map(|seed| hashes(everything(&[seed, "end=2025-01-05"])));
    assert!(a.iter().zip(&b).all(|(x, y)| x != y));
}

/// Hashes of the gallery and of the scenario above after their last day. Made again by `EXODUS_BLESS=1 cargo test
/// --release --test determinism`, which is a change of results: see CONTRIBUTING.md.
#[test]
fn golden_hashes() {
    let path = root().join("tests/golden/hashes.txt");
    let mut found = String::new();
    for file in common::gallery().into_iter().chain([root().join("tests/scenarios/everything.toml")]) {
        let scenario = load(&file, &["population.users=2000"]);
        let name = scenario.name.clone();
        let last = hashes(scenario).pop().unwrap_or_default();
        found.push_str(&format!("{name} {last}\n"));
    }
    if std::env::var_os("EXODUS_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, &found).expect("the golden file is written");
    }
    let golden = std::fs::read_to_string(&path).expect("the golden file is there");
    assert_eq!(golden, found, "results have changed; if that is meant, bless them and say so in CHANGELOG.md");
}

fn file() -> String {
    std::fs::read_to_string(root().join("tests/scenarios/everything.toml")).expect("the scenario is there")
}
