//! The reference workload as a plain loop over arrays, as one would write it by hand for this model alone: `EDGES AGENTS
//! SEED`, as `run.py` calls it. No prefetch, no vectors, no threads; a small generator of random numbers in sequence.

#![allow(clippy::disallowed_methods, reason = "as one would write it: the platform's exp")]

mod by_hand;
mod edges;

use by_hand::Random;
use std::time::Instant;

const TICKS: usize = 50;
const APPEAL: [f32; 4] = [1.0, 0.8, 0.2, 0.0];
const START: [f32; 4] = [0.60, 0.90, 0.95, 1.0];

/// From 0 to below 1.
fn unit(random: &mut Random) -> f32 {
    (random.bits() >> 40) as f32 * (1.0 / 16_777_216.0)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let started = Instant::now();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [edges, agents, seed] = &args[..] else { return Err("usage: EDGES AGENTS SEED".into()) };
    let n: usize = agents.parse()?;
    let mut random = Random(seed.parse()?);

    let (starts, neighbours) = by_hand::rows(n, &edges::read(edges)?);

    let taste: Vec<[f32; 4]> = (0..n).map(|_| std::array::from_fn(|_| unit(&mut random) - 0.5)).collect();
    let vpn: Vec<bool> = (0..n).map(|_| unit(&mut random) < 0.3).collect();
    let mut app: Vec<u8> = (0..n)
        .map(|_| {
            let draw = unit(&mut random);
            START.iter().position(|&below| draw < below).unwrap_or(3) as u8
        })
        .collect();
    let mut next = app.clone();
    let setup = started.elapsed();

    let mut shares = Vec::new();
    let begun = Instant::now();
    for tick in 0..TICKS {
        for i in 0..n {
            if unit(&mut random) >= 0.1 {
                next[i] = app[i];
                continue;
            }
            let mut on = [0u32; 4];
            let row = &neighbours[starts[i]..starts[i + 1]];
            for &j in row {
                on[app[j as usize] as usize] += 1;
            }
            let degree = row.len().max(1) as f32;
            let mut weights = [0.0f32; 4];
            let mut sum = 0.0;
            for m in 0..4 {
                let mut utility = APPEAL[m] + taste[i][m] + 2.0 * (on[m] as f32 / degree);
                if m == 0 && tick >= TICKS / 2 {
                    utility -= if vpn[i] { 1.0 } else { 2.0 };
                }
                weights[m] = utility.exp();
                sum += weights[m];
            }
            let mut left = unit(&mut random) * sum;
            let mut choice = 0;
            while choice < 3 && left >= weights[choice] {
                left -= weights[choice];
                choice += 1;
            }
            next[i] = choice as u8;
        }
        std::mem::swap(&mut app, &mut next);
        let mut users = [0u32; 4];
        for &m in &app {
            users[m as usize] += 1;
        }
        shares.push(users.map(|count| f64::from(count) / n as f64));
    }
    let (setup, seconds) = (setup.as_secs_f64(), begun.elapsed().as_secs_f64());
    println!("{}", serde_json::json!({"setup_seconds": setup, "loop_seconds": seconds, "shares": shares, "version": "-"}));
    Ok(())
}
