//! The hazard rule on a complete graph: the Bass curve (Bass 1969) in days.

use crate::{assert_near, complete, go_on, share, single_app};
use exodus::engine::Simulation;
use std::sync::Arc;

const USERS: u32 = 1500;

fn model(rate: f64, p: f64, q: f64) -> String {
    format!("rule = \"hazard\"\nreview_rate = {rate}\nhazard = {{ spontaneous = {p}, peer = {q} }}")
}

/// Contacts are read as of yesterday and everyone reviews every day, so that the curve is F += (1 - F)(1 - exp(-p - q F));
/// its noise grows by the slope of this map, and by binomial draws.
#[test]
fn adoption_follows_the_bass_curve() {
    let graph = complete(USERS);
    for (seed, p, q) in [(1, 0.002, 0.08), (2, 0.01, 0.05), (3, 0.005, 0.0)] {
        let mut simulation = Simulation::on_graph(single_app(seed, USERS, [0.0, 0.0], &model(1.0, p, q)), Arc::clone(&graph))
            .expect("a simulation");
        let (mut f, mut variance) = (0.0f64, 0.0f64);
        for day in 1..=150 {
            go_on(&mut simulation, 1);
            let hazard = 1.0 - libm::exp(-p - q * f);
            let slope = (1.0 - hazard) * (1.0 + (1.0 - f) * q);
            variance = slope * slope * variance + (1.0 - f) * hazard * (1.0 - hazard) / f64::from(USERS);
            f += (1.0 - f) * hazard;
            assert_near(share(&simulation, 0), f, variance.sqrt(), &format!("p = {p}, q = {q}, day {day}"));
            // A day is a step of Euler's, with an error of the order of p + q against the differential equation's curve.
            let decay = libm::exp(-(p + q) * f64::from(day));
            let bass = (1.0 - decay) / (1.0 + q / p * decay);
            assert!((f - bass).abs() < 0.5 * (p + q), "day {day}: {f} against {bass}");
        }
    }
}

/// With fewer reviews a spontaneous hazard is paid for all the days since the last one: whoever reviewed last on day k
/// has adopted with 1 - exp(-p k).
#[test]
fn days_between_reviews_are_made_up_for() {
    let (rate, p, users) = (0.1f64, 0.03, 20_000);
    let graph = exodus::graph::Graph::from_ties(users, &[]).expect("a graph");
    let scenario = single_app(4, users, [0.0, 0.0], &model(rate, p, 0.0));
    let mut simulation = Simulation::on_graph(scenario, Arc::new(graph)).expect("a simulation");
    for n in 1..=60 {
        go_on(&mut simulation, 1);
        let reviewed = (1..=n).map(|k| rate * (1.0 - rate).powi(n - k) * libm::exp(-p * f64::from(k))).sum::<f64>();
        let f = 1.0 - (1.0 - rate).powi(n) - reviewed;
        assert_near(share(&simulation, 0), f, (f * (1.0 - f) / f64::from(users)).sqrt(), &format!("day {n}"));
    }
}
