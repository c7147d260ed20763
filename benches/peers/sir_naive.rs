//! The epidemic as a plain loop over arrays, as one would write it by hand for this model alone: `EDGES AGENTS SEED`, as `run.py`
//! calls it. No prefetch, no vectors, no threads; a small generator of random numbers in sequence.

#![allow(clippy::disallowed_methods, reason = "as one would write it: the platform's powers")]

mod by_hand;
mod edges;

use by_hand::Random;
use std::time::Instant;

const TICKS: i32 = 60;
const BETA: f64 = 0.03;
const DURATION: i32 = 10;
const START: f64 = 0.01;
const SUSCEPTIBLE: u8 = 0;
const INFECTED: u8 = 1;
const RECOVERED: u8 = 2;

/// From 0 to below 1.
fn unit(random: &mut Random) -> f64 {
    (random.bits() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let started = Instant::now();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [edges, agents, seed] = &args[..] else { return Err("usage: EDGES AGENTS SEED".into()) };
    let n: usize = agents.parse()?;
    let mut random = Random(seed.parse()?);

    let (starts, neighbours) = by_hand::rows(n, &edges::read(edges)?);
    let most = starts.windows(2).map(|ends| ends[1] - ends[0]).max().unwrap_or(0);
    let escape: Vec<f64> = (0..=most).map(|k| (1.0 - BETA).powi(k as i32)).collect();

    let mut state: Vec<u8> = (0..n).map(|_| if unit(&mut random) < START { INFECTED } else { SUSCEPTIBLE }).collect();
    let mut since = vec![0i32; n];
    let mut next = state.clone();
    let setup = started.elapsed();

    let mut shares = Vec::new();
    let begun = Instant::now();
    for tick in 0..TICKS {
        for i in 0..n {
            if state[i] == INFECTED && since[i] + DURATION <= tick {
                state[i] = RECOVERED;
            }
        }
        let mut counts = [0u32; 3];
        for i in 0..n {
            next[i] = state[i];
            if state[i] == SUSCEPTIBLE {
                let row = &neighbours[starts[i]..starts[i + 1]];
                let infected = row.iter().filter(|&&j| state[j as usize] == INFECTED).count();
                if infected > 0 && unit(&mut random) >= escape[infected] {
                    next[i] = INFECTED;
                    since[i] = tick;
                }
            }
            counts[next[i] as usize] += 1;
        }
        std::mem::swap(&mut state, &mut next);
        shares.push(counts.map(|count| f64::from(count) / n as f64));
    }
    let (setup, seconds) = (setup.as_secs_f64(), begun.elapsed().as_secs_f64());
    println!("{}", serde_json::json!({"setup_seconds": setup, "loop_seconds": seconds, "shares": shares, "version": "-"}));
    Ok(())
}
