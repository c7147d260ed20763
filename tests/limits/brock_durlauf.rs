//! Two equal messengers under conformity on a complete graph: mean field m = tanh(K m + h), with m the difference of
//! shares, K = beta J / 2 and h half the difference of appeals times beta (Brock and Durlauf 2001).

use crate::{assert_near, complete, go_on, share, single_app};
use exodus::engine::Simulation;
use exodus::graph::Graph;
use exodus::scenario::Scenario;
use std::sync::Arc;

const USERS: u32 = 1500;
const RATE: f64 = 0.5;

fn scenario(k: f64, h: f64, m: f64) -> Scenario {
    let model = format!("rule = \"logit\"\nreview_rate = {RATE}\nlogit = {{ sensitivity = 1.0, conformity = {} }}", 2.0 * k);
    let mut scenario = single_app(3, USERS, [(1.0 + m) / 2.0, (1.0 - m) / 2.0], &model);
    scenario.messengers[0].appeal = 2.0 * h;
    scenario
}

fn magnetisation(simulation: &Simulation) -> f64 {
    share(simulation, 0) - share(simulation, 1)
}

/// The fixed point that iteration from `m` comes to.
fn fixed_point(k: f64, h: f64, m: f64) -> f64 {
    (0..10_000).fold(m, |m, _| libm::tanh(k * m + h))
}

/// Standard deviation of m around a fixed point. A day takes m to (1 - r) m + r tanh(K m + h), a slope of
/// a = 1 - r (1 - K (1 - m^2)), and adds noise of variance r (2 - r) (1 - m^2) / N.
fn deviation(k: f64, m: f64) -> f64 {
    let slope = 1.0 - RATE * (1.0 - k * (1.0 - m * m));
    let noise = RATE * (2.0 - RATE) * (1.0 - m * m) / f64::from(USERS);
    (noise / (1.0 - slope * slope)).sqrt()
}

#[track_caller]
fn assert_at(simulation: &Simulation, k: f64, h: f64, from: f64) {
    let expected = fixed_point(k, h, from);
    assert_near(magnetisation(simulation), expected, deviation(k, expected), &format!("K = {k}, h = {h}, from {from}"));
}

fn run(graph: &Arc<Graph>, k: f64, h: f64, from: f64) -> Simulation {
    let mut simulation = Simulation::on_graph(scenario(k, h, from), Arc::clone(graph)).expect("a simulation");
    go_on(&mut simulation, 60);
    simulation
}

#[test]
fn below_the_critical_conformity_where_one_starts_is_forgotten() {
    let graph = complete(USERS);
    for (h, from) in [(0.0, 0.9), (0.0, -0.9), (0.1, 0.9), (0.1, -0.9)] {
        assert_at(&run(&graph, 0.5, h, from), 0.5, h, from);
    }
    assert!((fixed_point(0.5, 0.1, 0.9) - fixed_point(0.5, 0.1, -0.9)).abs() < 1e-9, "one solution");
}

#[test]
fn above_it_the_leader_keeps_what_it_has() {
    let graph = complete(USERS);
    for from in [0.4, -0.4] {
        assert_at(&run(&graph, 1.5, 0.0, from), 1.5, 0.0, from);
    }
    assert!((fixed_point(1.5, 0.0, 0.4) - 0.8586).abs() < 1e-4);
}

/// There and back: the field 0.1 is too weak to tip the market, 0.35 is not (the lower branch ends at h = 0.2079 for
/// K = 1.5), and when it falls to 0.1 again the market stays where it went.
#[test]
fn above_it_history_matters() {
    let (k, graph) = (1.5, complete(USERS));
    let mut simulation = run(&graph, k, 0.1, -0.9);
    let before = magnetisation(&simulation);
    assert_at(&simulation, k, 0.1, -0.9);
    simulation = simulation.under(scenario(k, 0.35, -0.9)).expect("goes on");
    go_on(&mut simulation, 80);
    assert_at(&simulation, k, 0.35, 0.9);
    simulation = simulation.under(scenario(k, 0.1, -0.9)).expect("goes on");
    go_on(&mut simulation, 60);
    assert_at(&simulation, k, 0.1, 0.9);
    assert!(before < -0.7 && magnetisation(&simulation) > 0.8);
}
