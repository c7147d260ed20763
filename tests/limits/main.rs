//! The engine against theory: known limits of the rules, each with fixed seeds and a tolerance of four standard errors
//! taken from the theory itself. docs/verification.md lists them with formula and source.

mod bass;
mod brock_durlauf;
mod chats;
#[path = "../common/mod.rs"]
mod common;
mod logit;
mod ndlib;
mod noise;
mod policy;
mod symmetry;
mod threshold;
mod voter;

use exodus::engine::Simulation;
use exodus::graph::Graph;
use exodus::scenario::{self, Scenario};
use std::sync::Arc;

/// Standard errors that a result may be off.
const SIGMAS: f64 = 4.0;

/// A year of messengers A and B under a single-app rule, with further lines of TOML for `[model]`.
fn single_app(seed: u64, users: u32, reach: [f64; 2], model: &str) -> Scenario {
    parse(&format!(
        r#"
        name = "limit"
        start = 2025-01-01
        end = 2025-12-31
        seed = {seed}
        population = {{ people = {users}, users = {users} }}
        graph = {{ kind = "complete" }}
        [model]
        {model}
        [[messenger]]
        name = "A"
        reach_by_age = [{}]
        taste_weight = 0.0
        [[messenger]]
        name = "B"
        reach_by_age = [{}]
        taste_weight = 0.0
        "#,
        reach[0], reach[1]
    ))
}

fn parse(text: &str) -> Scenario {
    scenario::parse(text, "limit.toml", &[]).unwrap_or_else(|e| panic!("{e}"))
}

/// Everyone knows everyone.
fn complete(users: u32) -> Arc<Graph> {
    let ties: Vec<(u32, u32)> = (0..users).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
    Arc::new(Graph::from_ties(users, &ties).expect("a graph"))
}

/// A ring with longer steps: everyone has ten contacts.
fn circulant(users: u32) -> Vec<(u32, u32)> {
    (0..users).flat_map(|a| [1, 2, 5, 37, 91].map(|step| (a, (a + step) % users))).collect()
}

/// Goes on for so many days.
fn go_on(simulation: &mut Simulation, days: u32) {
    for _ in 0..days {
        simulation.step().expect("a step");
    }
}

/// Share of users whose main app is messenger `m`.
fn share(simulation: &Simulation, m: usize) -> f64 {
    let users = simulation.state().users();
    let on = (0..users).filter(|&user| simulation.state().public_of(user).main() == Some(m)).count();
    on as f64 / f64::from(users)
}

/// Asserts that `found` is `expected` within four standard errors.
#[track_caller]
fn assert_near(found: f64, expected: f64, standard_error: f64, what: &str) {
    let off = (found - expected) / standard_error;
    assert!(
        off.abs() <= SIGMAS,
        "{what}: found {found:.5}, expected {expected:.5}, {off:+.1} standard errors of {standard_error:.5}"
    );
}

/// Mean and standard deviation.
fn moments(numbers: &[f64]) -> (f64, f64) {
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    (mean, (numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
}
