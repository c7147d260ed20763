//! The simulation alone, without files, clock or terminal: `--no-default-features`. Prints the hash of the state that
//! `scenarios/russia.toml` comes to, on any processor and under WebAssembly the same.
//!
//! `cargo run --release --no-default-features --example portable [USERS] [DAYS]`

use exodus::engine::Simulation;
use exodus::scenario;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u32>());
    let (users, days) = (numbers.next().unwrap_or(Ok(50_000))?, numbers.next().unwrap_or(Ok(40))?);
    // Files that the scenario names are found among those compiled in.
    let read = |path: &Path| match path.to_str() {
        Some("data/russia-targets.csv") => Ok(include_bytes!("../scenarios/data/russia-targets.csv").to_vec()),
        _ => Err(std::io::ErrorKind::NotFound.into()),
    };
    let text = include_str!("../scenarios/russia.toml");
    let scenario = scenario::parse_with(text, "russia.toml", &[format!("population.users={users}")], &read)?;
    let mut simulation = Simulation::new(scenario)?;
    for _ in 0..days {
        simulation.step()?;
    }
    println!("{} {}", simulation.date(), simulation.state().hash());
    Ok(())
}
