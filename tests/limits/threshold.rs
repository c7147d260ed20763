//! The threshold rule: Granovetter's fixed point on a complete graph, Watts' cascade window on Poisson graphs.

use crate::{assert_near, complete, go_on, moments, share, single_app};
use exodus::engine::Simulation;
use exodus::random::normal_cdf;
use std::sync::Arc;

const USERS: u32 = 1500;

fn granovetter(seed: u64, mean: f64, deviation: f64, rate: f64) -> exodus::scenario::Scenario {
    let model = format!(
        "rule = \"threshold\"\nreview_rate = {rate}\nthreshold = {{ distribution = \"normal\", location = {mean}, scale = {deviation} }}"
    );
    single_app(seed, USERS, [0.0, 0.0], &model)
}

/// A riot ends where F(x) = x for the first time, F being the distribution of thresholds (Granovetter 1978). The sample's
/// own F is off by sqrt(F (1 - F) / N), its fixed point by 1 / (1 - F') times that.
#[test]
fn adoption_ends_at_granovetters_fixed_point() {
    let graph = complete(USERS);
    let seeds = 8;
    // Of his example, mean 25 of 100, a small change of the deviation changes everything: 0.122 is critical.
    for (mean, deviation) in [(0.25, 0.10), (0.25, 0.15), (0.6, 0.6)] {
        let cdf = |x: f64| normal_cdf((x - mean) / deviation);
        let expected = (0..10_000).fold(0.0, |x, _| cdf(x));
        let slope = (cdf(expected + 1e-4) - cdf(expected - 1e-4)) / 2e-4;
        let ends: Vec<f64> = (0..seeds)
            .map(|seed| {
                let scenario = granovetter(seed, mean, deviation, 1.0);
                let mut simulation = Simulation::on_graph(scenario, Arc::clone(&graph)).expect("a simulation");
                go_on(&mut simulation, 80);
                share(&simulation, 0)
            })
            .collect();
        let error = (expected * (1.0 - expected) / f64::from(USERS) / seeds as f64).sqrt() / (1.0 - slope);
        // One user more or less is what whole users can do.
        let error = error.max(1.0 / f64::from(USERS));
        assert_near(moments(&ends).0, expected, error, &format!("thresholds {mean} +- {deviation}"));
    }
}

/// Thresholds only wait: the same people adopt in the end, however seldom they look.
#[test]
fn the_order_of_reviews_does_not_change_who_adopts() {
    let graph = complete(USERS);
    let [a, b] = [1.0, 0.2].map(|rate| {
        let mut simulation = Simulation::on_graph(granovetter(5, 0.6, 0.6, rate), Arc::clone(&graph)).expect("a simulation");
        go_on(&mut simulation, 360);
        simulation.state().public().to_vec()
    });
    assert_eq!(a, b);
    assert!(a.iter().any(|&word| word != a[0]), "some adopt, some do not");
}

/// A node of k ties is tipped by one adopter if 1/k >= phi: k <= 5 at phi = 0.18. Cascades are global where such nodes
/// percolate, z Q(z) > 1 with Q the chance that one end of a tie has so few further ties (Watts 2002): 1 < z < 5.76.
#[test]
fn cascades_are_global_inside_watts_window_only() {
    let phi = 0.18;
    let most = (1.0f64 / phi) as i32;
    let percolates = |z: f64| {
        let mut term = libm::exp(-z);
        let mut q = 0.0;
        for k in 0..most - 1 {
            q += term;
            term *= z / f64::from(k + 1);
        }
        z * q > 1.0
    };
    for (z, global) in [(0.8, false), (1.5, true), (3.0, true), (5.0, true), (7.0, false), (9.0, false)] {
        assert_eq!(percolates(z), global, "z = {z}");
        let model =
            format!("rule = \"threshold\"\nreview_rate = 1.0\nthreshold = {{ distribution = \"fixed\", location = {phi} }}");
        let mut scenario = single_app(6, 30_000, [0.0004, 0.0], &model);
        scenario.graph.kind = exodus::scenario::GraphKind::ErdosRenyi;
        scenario.graph.mean_degree = z;
        let mut simulation = Simulation::new(scenario).expect("a simulation");
        let seeds = share(&simulation, 0);
        assert!(seeds > 0.0);
        go_on(&mut simulation, 200);
        // A global cascade takes all but a few of the giant component, S = 1 - exp(-z S).
        let giant = (0..1000).fold(1.0f64, |s, _| 1.0 - libm::exp(-z * s));
        let end = share(&simulation, 0);
        let right = if global { end > 0.9 * giant && end < giant + 0.02 } else { end < 0.01 };
        assert!(right, "z = {z}: {end:.4} adopted, {seeds:.4} at the start; the giant component has {giant:.4}");
    }
}
