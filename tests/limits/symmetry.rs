//! Names and places of messengers carry no meaning. Draws are addressed by place in the file, so that another order gives
//! other draws: results are equal in distribution.

use crate::{SIGMAS, moments, parse};
use exodus::engine::Simulation;
use exodus::measure;
use exodus::scenario::Scenario;

const MESSENGERS: [&str; 3] = [
    "name = \"Green\"\nreach_by_age = [0.9]\nappeal = 0.8",
    "name = \"Blue\"\nreach_by_age = [0.6]\nappeal = 0.2\nonboarding = 4.0",
    "name = \"New\"\nreach_by_age = [0.05]\nappeal = 0.3\nonboarding = 3.0",
];

fn scenario(seed: u64, order: [usize; 3]) -> Scenario {
    let messengers: String = order.iter().map(|&m| format!("[[messenger]]\n{}\n", MESSENGERS[m])).collect();
    parse(&format!(
        r#"
        name = "relabelled"
        start = 2025-01-01
        end = 2025-02-14
        seed = {seed}
        population = {{ people = 2000, users = 2000 }}
        model = {{ warm_up_days = 20, settle_days = 20 }}
        {messengers}
        [[intervention]]
        kind = "block"
        messenger = "Green"
        from = 2025-01-11
        "#
    ))
}

/// By seed: holders, monthly reach and main share of every messenger on the last day.
fn ends(order: [usize; 3]) -> Vec<Vec<f64>> {
    (0..30)
        .map(|seed| {
            let curves = measure::curves(Simulation::new(scenario(seed, order)).expect("a simulation")).expect("curves");
            let last = |column, name| curves.series(column, name).and_then(|c| c.last().copied()).expect("a figure");
            ["Green", "Blue", "New"]
                .into_iter()
                .flat_map(|name| [last("holders", name), last("monthly_reach", name), last("main_share", name)])
                .collect()
        })
        .collect()
}

#[test]
fn the_order_of_messengers_has_no_meaning() {
    let base = ends([0, 1, 2]);
    for order in [[2, 0, 1], [1, 0, 2]] {
        let other = ends(order);
        for figure in 0..base[0].len() {
            let [a, b] = [&base, &other].map(|runs| moments(&runs.iter().map(|run| run[figure]).collect::<Vec<_>>()));
            let error = ((a.1 * a.1 + b.1 * b.1) / base.len() as f64).sqrt();
            assert!((a.0 - b.0).abs() <= SIGMAS * error, "figure {figure}, order {order:?}: {a:?} and {b:?}");
        }
    }
}
