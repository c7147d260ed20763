//! The reference workload on exodus: `EDGES AGENTS SEED THREADS`, as `run.py` calls it.

mod edges;

use exodus::engine::Simulation;
use exodus::graph::Graph;
use exodus::model::PublicState;
use exodus::scenario;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let started = Instant::now();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [edges, agents, seed, threads] = &args[..] else { return Err("usage: EDGES AGENTS SEED THREADS".into()) };
    rayon::ThreadPoolBuilder::new().num_threads(threads.parse()?).build_global()?;
    let n: u32 = agents.parse()?;

    let graph = Graph::from_ties(n, &edges::read(edges)?)?;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/reference.toml");
    let mut simulation = Simulation::on_graph(scenario::load(&file, &[format!("seed={seed}")])?, Arc::new(graph))?;
    let mut users = [0i64; 4];
    for &word in simulation.state().public() {
        PublicState(word).main().into_iter().for_each(|m| users[m] += 1);
    }
    let setup = started.elapsed();

    let mut shares = Vec::new();
    let begun = Instant::now();
    while !simulation.finished() {
        simulation.step()?;
        for change in simulation.changes() {
            change.old.main().into_iter().for_each(|m| users[m] -= 1);
            change.new.main().into_iter().for_each(|m| users[m] += 1);
        }
        shares.push(users.map(|count| count as f64 / f64::from(n)));
    }
    let (setup, seconds) = (setup.as_secs_f64(), begun.elapsed().as_secs_f64());
    let version = env!("CARGO_PKG_VERSION");
    println!("{}", json!({"setup_seconds": setup, "loop_seconds": seconds, "shares": shares, "version": version}));
    Ok(())
}
