//! Without conformity users choose independently: shares are multinomial logit (Luce 1959, McFadden 1974).

use crate::{assert_near, go_on, parse, share};
use exodus::engine::Simulation;

const USERS: u32 = 40_000;
const APPEAL: [f64; 3] = [0.4, 0.0, -0.7];
const BETA: f64 = 1.5;

/// All users start on the last messenger.
fn simulation(review_rate: f64) -> Simulation {
    let [a, b, c] = APPEAL;
    Simulation::new(parse(&format!(
        r#"
        name = "luce"
        start = 2025-01-01
        end = 2025-01-31
        seed = 11
        population = {{ people = {USERS}, users = {USERS} }}
        graph = {{ kind = "erdos_renyi", mean_degree = 2 }}
        model = {{ rule = "logit", review_rate = {review_rate}, logit = {{ sensitivity = {BETA}, conformity = 0.0 }} }}
        messenger = [
            {{ name = "A", appeal = {a}, taste_weight = 0.0 }},
            {{ name = "B", appeal = {b}, taste_weight = 0.0 }},
            {{ name = "C", appeal = {c}, taste_weight = 0.0, reach_by_age = [1.0] }},
        ]
        "#
    )))
    .expect("a simulation")
}

#[test]
fn shares_are_those_of_a_multinomial_logit() {
    let weights = APPEAL.map(|a| libm::exp(BETA * a));
    let sum: f64 = weights.iter().sum();
    // Whoever has not yet reviewed, (1 - rate)^days, is where they were.
    for (rate, days) in [(1.0, 1), (1.0, 2), (0.1, 1), (0.1, 10)] {
        let mut simulation = simulation(rate);
        go_on(&mut simulation, days);
        let stayed = (1.0 - rate).powi(days as i32);
        for m in 0..3 {
            let p = (1.0 - stayed) * weights[m] / sum + if m == 2 { stayed } else { 0.0 };
            let error = (p * (1.0 - p) / f64::from(USERS)).sqrt();
            assert_near(share(&simulation, m), p, error, &format!("messenger {m}, rate {rate}, day {days}"));
        }
    }
}
