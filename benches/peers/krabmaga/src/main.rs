//! The reference workload in krABMaga: `EDGES AGENTS SEED`. Every agent is in the schedule; what agents know lies in plain
//! vectors of the state, since the library's own network, hash maps of labelled edges, takes some twenty times the memory.

use krabmaga::engine::{agent::Agent, schedule::Schedule, state::State};
use rand::{rngs::SmallRng, Rng, SeedableRng};
use std::any::Any;
use std::time::Instant;

const TICKS: usize = 50;
const APPEAL: [f32; 4] = [1.0, 0.8, 0.2, 0.0];
const START: [f32; 4] = [0.60, 0.90, 0.95, 1.0];

struct World {
    neighbours: Vec<Vec<u32>>,
    taste: Vec<[f32; 4]>,
    vpn: Vec<bool>,
    app: Vec<u8>,
    next: Vec<u8>,
    tick: usize,
    random: SmallRng,
    shares: Vec<[f64; 4]>,
}

#[derive(Clone, Copy)]
struct User(u32);

impl Agent for User {
    fn step(&mut self, state: &mut dyn State) {
        let world = state.as_any_mut().downcast_mut::<World>().expect("the state");
        let i = self.0 as usize;
        if world.random.random::<f32>() >= 0.1 {
            return;
        }
        let mut on = [0u32; 4];
        for &j in &world.neighbours[i] {
            on[world.app[j as usize] as usize] += 1;
        }
        let degree = world.neighbours[i].len().max(1) as f32;
        let mut weights = [0.0f32; 4];
        for m in 0..4 {
            let mut utility = APPEAL[m] + world.taste[i][m] + 2.0 * on[m] as f32 / degree;
            if m == 0 && world.tick >= TICKS / 2 {
                utility -= if world.vpn[i] { 1.0 } else { 2.0 };
            }
            weights[m] = utility.exp();
        }
        let mut left = world.random.random::<f32>() * weights.iter().sum::<f32>();
        let mut choice = 0;
        while choice < 3 && left >= weights[choice] {
            left -= weights[choice];
            choice += 1;
        }
        world.next[i] = choice as u8;
    }
}

impl State for World {
    fn init(&mut self, schedule: &mut Schedule) {
        for i in 0..self.app.len() {
            schedule.schedule_repeating(Box::new(User(i as u32)), 0.0, 0);
        }
    }

    fn after_step(&mut self, _: &mut Schedule) {
        self.app.copy_from_slice(&self.next);
        let mut users = [0u32; 4];
        for &m in &self.app {
            users[m as usize] += 1;
        }
        self.shares.push(users.map(|count| f64::from(count) / self.app.len() as f64));
        self.tick += 1;
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn as_state(&self) -> &dyn State {
        self
    }

    fn as_state_mut(&mut self) -> &mut dyn State {
        self
    }

    fn reset(&mut self) {}

    fn update(&mut self, _: u64) {}
}

fn main() {
    let started = Instant::now();
    let args: Vec<String> = std::env::args().collect();
    let n: usize = args[2].parse().expect("a number of agents");
    let mut random = SmallRng::seed_from_u64(args[3].parse().expect("a seed"));
    let bytes = std::fs::read(&args[1]).expect("the edge file");
    let number = |b: &[u8]| u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
    let mut neighbours = vec![Vec::new(); n];
    for tie in bytes.chunks_exact(8) {
        let (a, b) = (number(tie), number(&tie[4..]));
        neighbours[a as usize].push(b);
        neighbours[b as usize].push(a);
    }
    let start = |draw: f32| START.iter().position(|&below| draw < below).unwrap_or(3) as u8;
    let app: Vec<u8> = (0..n).map(|_| start(random.random())).collect();
    let mut world = World {
        neighbours,
        taste: (0..n).map(|_| std::array::from_fn(|_| random.random::<f32>() - 0.5)).collect(),
        vpn: (0..n).map(|_| random.random_bool(0.3)).collect(),
        next: app.clone(),
        app,
        tick: 0,
        random,
        shares: Vec::new(),
    };
    let mut schedule = Schedule::new();
    world.init(&mut schedule);
    let setup = started.elapsed().as_secs_f64();
    let begun = Instant::now();
    for _ in 0..TICKS {
        schedule.step(&mut world);
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!("{{\"setup_seconds\": {setup}, \"loop_seconds\": {seconds}, \"shares\": {:?}}}", world.shares);
}
