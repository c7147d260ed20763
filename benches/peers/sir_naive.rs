//! The epidemic as a plain loop over arrays, as one would write it by hand for this model alone: `EDGES AGENTS SEED`, as `run.py`
//! calls it. No prefetch, no vectors, no threads; a small generator of random numbers in sequence.

#![allow(clippy::disallowed_methods, reason = "as one would write it: the platform's powers")]

use std::time::Instant;

const TICKS: i32 = 60;
const BETA: f64 = 0.03;
const DURATION: i32 = 10;
const START: f64 = 0.01;
const SUSCEPTIBLE: u8 = 0;
const INFECTED: u8 = 1;
const RECOVERED: u8 = 2;

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((x ^ x >> 31) >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let started = Instant::now();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [edges, agents, seed] = &args[..] else { return Err("usage: EDGES AGENTS SEED".into()) };
    let n: usize = agents.parse()?;
    let mut random = Random(seed.parse()?);

    // Neighbour lists, one behind the other.
    let bytes = std::fs::read(edges)?;
    let number = |b: &[u8]| u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
    let ties: Vec<(u32, u32)> = bytes.chunks_exact(8).map(|tie| (number(tie), number(&tie[4..]))).collect();
    let mut starts = vec![0usize; n + 1];
    for &(a, b) in &ties {
        starts[a as usize + 1] += 1;
        starts[b as usize + 1] += 1;
    }
    for i in 0..n {
        starts[i + 1] += starts[i];
    }
    let mut cursors = starts.clone();
    let mut neighbours = vec![0u32; 2 * ties.len()];
    for &(a, b) in &ties {
        for (from, to) in [(a, b), (b, a)] {
            neighbours[cursors[from as usize]] = to;
            cursors[from as usize] += 1;
        }
    }
    drop((bytes, ties, cursors));
    let most = starts.windows(2).map(|ends| ends[1] - ends[0]).max().unwrap_or(0);
    let escape: Vec<f64> = (0..=most).map(|k| (1.0 - BETA).powi(k as i32)).collect();

    let mut state: Vec<u8> = (0..n).map(|_| if random.unit() < START { INFECTED } else { SUSCEPTIBLE }).collect();
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
                if infected > 0 && random.unit() >= escape[infected] {
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
