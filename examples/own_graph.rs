//! A graph of one's own: does a novelty spread faster where some neighbours are far away? A ring of a hundred by a
//! hundred people who know eight neighbours each, and the same with a tenth of the ties led elsewhere.
//!
//!     cargo run --release --example own_graph
//!
//! Lines marked CHANGE are yours. A graph that lies in a file needs no program: `[graph] kind = "file"`.

use exodus::engine::Simulation;
use exodus::graph::{Graph, TieStream};
use exodus::random::{Draws, Purpose, unit};
use exodus::scenario;
use std::path::Path;
use std::sync::Arc;

const SIDE: u32 = 100;

/// A torus of people; each tie leads anywhere instead with this chance.
struct Torus {
    far: f32,
    draws: Draws,
}

/// Ties are made in parts, twice, by many threads, so that none need be kept in a list: `for_each` must give the same
/// ones each time. CHANGE: yours. For a small graph, `Graph::from_ties(nodes, &ties)` takes the list.
impl TieStream for Torus {
    fn nodes(&self) -> u32 {
        SIDE * SIDE
    }

    fn parts(&self) -> usize {
        SIDE as usize
    }

    fn for_each(&self, part: usize, mut emit: impl FnMut(u32, u32)) {
        let y = part as u32;
        for x in 0..SIDE {
            let from = y * SIDE + x;
            // Half of the eight neighbours; the others count this node among theirs.
            for (k, (dx, dy)) in [(1, 0), (0, 1), (1, 1), (SIDE - 1, 1)].into_iter().enumerate() {
                let [first, second, ..] = self.draws.block(Purpose::User, from, 0, k as u32);
                let near = (y + dy) % SIDE * SIDE + (x + dx) % SIDE;
                let anywhere = (u64::from(second) * u64::from(SIDE * SIDE) >> 32) as u32;
                emit(from, if unit(first) < self.far { anywhere } else { near });
            }
        }
    }
}

/// Days until half of the people have the novelty, with this share of far ties.
pub fn days_to_half(far: f32) -> exodus::Result<usize> {
    let graph = Graph::from_stream(&Torus { far, draws: Draws::new(1) })?;
    // CHANGE: your scenario; the number of users is the graph's number of nodes.
    let changes = ["model.hazard.spontaneous=0.0001".into(), "model.hazard.peer=0.3".into(), "end=2025-12-31".into()];
    let scenario = scenario::load(Path::new("scenarios/bass.toml"), &changes)?;
    let mut simulation = Simulation::on_graph(scenario, Arc::new(graph))?;
    let (mut days, mut adopters) = (0, 0);
    while adopters * 2 < SIDE * SIDE && !simulation.finished() {
        simulation.step()?;
        // In this scenario a word changes once, when its user adopts.
        adopters += simulation.changes().count() as u32;
        days += 1;
    }
    Ok(days)
}

/// Prints both.
pub fn main() -> exodus::Result<()> {
    println!("far ties,days to half");
    for far in [0.0, 0.1] {
        println!("{far},{}", days_to_half(far)?);
    }
    Ok(())
}
