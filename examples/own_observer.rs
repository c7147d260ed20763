//! An observer of one's own: of those who took another main app, how many went where a contact already was?
//!
//!     cargo run --release --example own_observer
//!
//! Whatever looks at a `&Simulation` after a step is an observer: there is nothing to implement and nothing to register.
//! It can change nothing, so results stay those of a run that nobody watches. Lines marked CHANGE are yours.

use exodus::engine::Simulation;
use exodus::scenario::{self, Date};
use std::path::Path;

/// What is kept of a day. CHANGE: your own columns.
#[derive(Clone, Copy, Debug)]
pub struct Moves {
    /// The day.
    pub date: Date,
    /// Users who took another main app.
    pub moved: u32,
    /// Of these, users with a contact whose main app it was already.
    pub followed: u32,
}

/// Looks at the day that was just simulated.
pub fn observe(simulation: &Simulation) -> Moves {
    let (state, graph) = (simulation.state(), simulation.graph());
    let mut moves = Moves { date: simulation.date(), moved: 0, followed: 0 };
    // Users whose public state is another than yesterday, with both words. CHANGE: `0..state.users()` for everyone;
    // `simulation.population().profile(user)` tells age, region and groups.
    for change in simulation.changes() {
        let Some(app) = change.new.main().filter(|_| change.new.main() != change.old.main()) else { continue };
        let there = |&contact: &u32| state.public_of(contact).main() == Some(app);
        moves.moved += 1;
        moves.followed += u32::from(graph.neighbors(change.user).iter().any(there));
    }
    moves
}

/// Simulates the scenario and watches every day.
pub fn days() -> exodus::Result<Vec<Moves>> {
    // CHANGE: your scenario; the strings are what `--set` takes.
    let changes = ["population.users=10_000".into(), "end=2025-07-15".into()];
    let mut simulation = Simulation::new(scenario::load(Path::new("scenarios/whatsapp-outage.toml"), &changes)?)?;
    let mut days = Vec::new();
    while !simulation.finished() {
        simulation.step()?;
        days.push(observe(&simulation));
    }
    Ok(days)
}

/// Prints the days around the outage of 16 June as CSV.
pub fn main() -> exodus::Result<()> {
    println!("date,moved,followed");
    for Moves { date, moved, followed } in days()?.into_iter().skip(42).take(10) {
        println!("{date},{moved},{followed}");
    }
    Ok(())
}
