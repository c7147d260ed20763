//! Noise of a share falls as 1 / N. Under conformity below its critical value (K = 1/2, no field, everyone reviews every
//! day) m is a first-order autoregression of slope K and variance 1 / N a day: its variance is 1 / (N (1 - K^2)).

use crate::{assert_near, complete, go_on, share, single_app};
use exodus::engine::Simulation;
use std::sync::Arc;

#[test]
fn the_variance_of_a_share_falls_as_one_over_the_number_of_users() {
    let runs = 400;
    for users in [100, 200, 400] {
        let graph = complete(users);
        let model = "rule = \"logit\"\nreview_rate = 1.0\nlogit = { sensitivity = 1.0, conformity = 1.0 }";
        let squares = (0..runs).map(|seed| {
            let scenario = single_app(seed, users, [0.5, 0.5], model);
            let mut simulation = Simulation::on_graph(scenario, Arc::clone(&graph)).expect("a simulation");
            go_on(&mut simulation, 8);
            (share(&simulation, 0) - share(&simulation, 1)).powi(2)
        });
        let variance = squares.sum::<f64>() / runs as f64;
        // A mean of squares of normals of known mean has a relative error of sqrt(2 / runs).
        let expected = 1.0 / f64::from(users) / (1.0 - 0.25);
        assert_near(variance, expected, expected * (2.0 / runs as f64).sqrt(), &format!("{users} users"));
    }
}
