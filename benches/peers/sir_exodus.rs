//! The epidemic as a rule of one's own in exodus: `EDGES AGENTS SEED THREADS`, as `run.py` calls it.

mod edges;

use exodus::engine::Simulation;
use exodus::graph::Graph;
use exodus::model::{PublicState, Rule, UserView};
use exodus::random::{Purpose, unit};
use exodus::scenario;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const BETA: f32 = 0.03;
const DURATION: i32 = 10;
const SUSCEPTIBLE: usize = 0;
const INFECTED: usize = 1;
const RECOVERED: usize = 2;

exodus::row! {
    /// What one keeps to oneself.
    pub struct Course {
        /// Day of the last review plus 4096.
        pub reviewed: u16,
        /// Day of the infection.
        pub since: u16,
    }
}

struct Epidemic {
    /// Chance to escape so many infected contacts.
    escape: Vec<f32>,
}

impl Rule for Epidemic {
    type Row = Course;

    fn reads_contacts(&self, public: PublicState) -> bool {
        public.main() == Some(SUSCEPTIBLE)
    }

    fn review(&self, review: &UserView<'_>, row: &mut Course) -> PublicState {
        let day = review.today().day;
        match review.public.main() {
            Some(SUSCEPTIBLE) => {
                let infected = review.contact_states().filter(|contact| contact.main() == Some(INFECTED)).count();
                let draw = || unit(review.population.draws().block(Purpose::User, review.user, day, 0)[0]);
                if infected == 0 || draw() < self.escape[infected] {
                    return review.public;
                }
                row.since = day as u16;
                review.public.with_only(Some(INFECTED))
            }
            // Others see from tomorrow on what is decided today.
            Some(INFECTED) if i32::from(row.since) + DURATION <= day + 1 => review.public.with_only(Some(RECOVERED)),
            _ => review.public,
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let started = Instant::now();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [edges, agents, seed, threads] = &args[..] else { return Err("usage: EDGES AGENTS SEED THREADS".into()) };
    rayon::ThreadPoolBuilder::new().num_threads(threads.parse()?).build_global()?;
    let n: u32 = agents.parse()?;

    let graph = Graph::from_ties(n, &edges::read(edges)?)?;
    let most = (0..n).map(|user| graph.degree(user)).max().unwrap_or(0);
    let escape = (0..=most).map(|k| libm::pow(1.0 - f64::from(BETA), f64::from(k)) as f32).collect();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/sir.toml");
    let scenario = scenario::load(&file, &[format!("seed={seed}")])?;
    let mut simulation = Simulation::with_rule(scenario, Arc::new(graph), Epidemic { escape })?;
    let mut users = [0i64; 3];
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
