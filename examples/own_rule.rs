//! A rule of choice of one's own: everybody copies somebody (the voter model; Holley and Liggett 1975), unless what
//! they copy does not work today.
//!
//!     cargo run --release --example own_rule
//!
//! The graph, the population, what authorities do, and the tables stay those of the scenario. Lines marked CHANGE are yours.

use exodus::engine::Simulation;
use exodus::graph;
use exodus::measure;
use exodus::model::{PublicState, Rule, SingleRow, UserView};
use exodus::population::Population;
use exodus::random::{Purpose, unit};
use exodus::scenario;
use exodus::storage::Curves;
use std::path::Path;
use std::sync::Arc;

/// The rule's parameters. CHANGE: your own; read them from wherever you like, they are constant over a run.
struct Copying {
    /// Chance that a review ends in copying.
    chance: f32,
}

impl Rule for Copying {
    /// What a user keeps to itself from review to review. CHANGE: here nothing; a row of your own is declared with
    /// `exodus::row!`, as in the documentation of `model::Row`.
    type Row = SingleRow;

    /// One user decides. `review` is all that the user sees today: the own public state, the contacts' of yesterday, what
    /// works, traits, the day. What is returned is the user's public state from tomorrow on.
    fn review(&self, review: &UserView<'_>, _row: &mut SingleRow) -> PublicState {
        // Four random words of this user on this day, the same whatever the number of threads. Never take others.
        let [first, second, ..] = review.population.draws().block(Purpose::User, review.user, review.today().day, 0);
        if review.contacts.is_empty() || unit(first) > self.chance {
            return review.public;
        }
        // CHANGE: how a user decides. Here, the main app of a contact, if it works for this user.
        let contact = (u64::from(second) * review.contacts.len() as u64 >> 32) as usize;
        let theirs = PublicState(review.states[review.contacts[contact] as usize]).main();
        let works = review.today().access[review.public.row()].works;
        match theirs {
            Some(app) if works >> app & 1 == 1 => review.public.with_only(theirs),
            _ => review.public,
        }
    }
}

/// Simulates the scenario under the rule; its daily figures, as they would stand in `series.csv`.
pub fn curves() -> exodus::Result<Curves> {
    // CHANGE: your scenario. What it says of `[model]` is not used, but for `review_rate`.
    let scenario = scenario::load(Path::new("scenarios/whatsapp-outage.toml"), &["population.users=10_000".into()])?;
    let population = Population::new(&scenario, scenario.population.users as u32);
    let graph = graph::generate(&scenario.graph, &population)?;
    measure::curves(Simulation::with_rule(scenario, Arc::new(graph), Copying { chance: 0.5 })?)
}

/// Prints shares of main apps, a row a fortnight.
pub fn main() -> exodus::Result<()> {
    let curves = curves()?;
    println!("date,{}", curves.messengers().join(","));
    let shares: Vec<Vec<f64>> = curves.messengers().iter().filter_map(|name| curves.series("main_share", name)).collect();
    for (day, date) in curves.dates().iter().enumerate().step_by(14) {
        println!("{date},{}", shares.iter().map(|share| format!("{:.4}", share[day])).collect::<Vec<_>>().join(","));
    }
    Ok(())
}
