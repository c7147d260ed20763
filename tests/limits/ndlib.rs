//! Against ndlib (Rossetti et al. 2018) on the same small graph from the same seeds: the threshold rule day by day, and
//! the hazard rule, which on a graph of equal degrees k is its SI model with beta = 1 - exp(-q / k), in distribution.
//!
//! Needs Python with ndlib; skipped with a message where there is none.

use crate::common::python;
use crate::{assert_near, circulant, go_on, moments, share, single_app};
use exodus::engine::Simulation;
use exodus::graph::Graph;
use std::process::Command;
use std::sync::Arc;

const USERS: u32 = 300;
const DAYS: usize = 20;
const PEER: f64 = 0.4;
const RUNS: u64 = 200;

const SCRIPT: &str = r#"
import json, sys, networkx as nx, numpy as np
import ndlib.models.ModelConfig as mc, ndlib.models.epidemics as ep
work = json.load(sys.stdin)
graph = nx.Graph(); graph.add_nodes_from(range(work["users"])); graph.add_edges_from(work["ties"])
def run(model, seeds, set_up):
    config = mc.Configuration()
    config.add_model_initial_configuration("Infected", seeds)
    set_up(config)
    model.set_initial_status(config)
    # Iteration 0 is the start.
    counts = [it["node_count"][1] for it in model.iteration_bunch(work["days"] + 1, node_status=False)]
    return [int(c) for c in counts]
def threshold(config):
    for node in graph.nodes(): config.add_node_configuration("threshold", node, work["threshold"])
def si(config): config.add_model_parameter("beta", work["beta"])
np.random.seed(1)
out = {"threshold": run(ep.ThresholdModel(graph), work["seeds"], threshold),
       "si": [run(ep.SIModel(graph, seed=k), work["seeds"], si) for k in range(work["runs"])]}
print(json.dumps(out))
"#;

/// What ndlib finds, or `None` where it is not there.
fn ndlib(work: &serde_json::Value) -> Option<serde_json::Value> {
    let python = python("ndlib.models.epidemics")?;
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("work.json");
    std::fs::write(&input, work.to_string()).expect("written");
    let input = std::fs::File::open(&input).expect("opened");
    let out = Command::new(&python).args(["-c", SCRIPT]).stdin(input).output().expect("python runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    Some(serde_json::from_slice(&out.stdout).expect("JSON"))
}

fn scenario(seed: u64, model: &str) -> exodus::scenario::Scenario {
    single_app(seed, USERS, [0.1, 0.0], &format!("review_rate = 1.0\n{model}"))
}

/// Share of adopters on the eve and on every day.
fn curve(mut simulation: Simulation) -> Vec<f64> {
    let mut curve = vec![share(&simulation, 0)];
    for _ in 0..DAYS {
        go_on(&mut simulation, 1);
        curve.push(share(&simulation, 0));
    }
    curve
}

#[test]
fn equal_to_ndlib_on_the_same_small_graph() {
    let ties = circulant(USERS);
    let graph = Arc::new(Graph::from_ties(USERS, &ties).expect("a graph"));
    let degree = graph.mean_degree();
    let (threshold, hazard) = (
        "rule = \"threshold\"\nthreshold = { distribution = \"fixed\", location = 0.25 }",
        format!("rule = \"hazard\"\nhazard = {{ spontaneous = 0.0, peer = {PEER} }}"),
    );
    // All runs start from the same adopters; `under` another seed they continue with other draws.
    let start = || Simulation::on_graph(scenario(1, threshold), Arc::clone(&graph)).expect("a simulation");
    let first = start();
    let seeds: Vec<u32> = (0..USERS).filter(|&user| first.state().public_of(user).main() == Some(0)).collect();
    let work = serde_json::json!({
        "users": USERS, "days": DAYS, "runs": RUNS, "ties": ties, "seeds": seeds,
        "threshold": 0.25, "beta": 1.0 - libm::exp(-PEER / degree),
    });
    let Some(theirs) = ndlib(&work) else { return };
    let numbers = |value: &serde_json::Value| -> Vec<f64> {
        let counts: Vec<u32> = serde_json::from_value(value.clone()).expect("counts");
        counts.iter().map(|&count| f64::from(count) / f64::from(USERS)).collect()
    };

    let ours = curve(first);
    assert_eq!(ours, numbers(&theirs["threshold"]), "threshold rule");
    assert!(ours[0] < ours[DAYS], "something happens");

    let theirs: Vec<Vec<f64>> = theirs["si"].as_array().expect("runs").iter().map(numbers).collect();
    let ours: Vec<Vec<f64>> = (0..RUNS).map(|seed| curve(start().under(scenario(seed, &hazard)).expect("goes on"))).collect();
    for day in 1..=DAYS {
        let [a, b] = [&ours, &theirs].map(|runs| moments(&runs.iter().map(|run| run[day]).collect::<Vec<_>>()));
        let error = ((a.1 * a.1 + b.1 * b.1) / RUNS as f64).sqrt();
        assert_near(a.0, b.0, error, &format!("hazard rule, day {day}"));
        // A standard deviation of normals has a relative error of sqrt(1 / 2 runs).
        let error = a.1.max(b.1) * (1.0 / RUNS as f64).sqrt();
        assert_near(a.1, b.1, error, &format!("hazard rule, spread on day {day}"));
    }
}
