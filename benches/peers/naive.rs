//! The reference workload as a plain loop over arrays, as one would write it by hand for this model alone: `EDGES AGENTS
//! SEED`, as `run.py` calls it. No prefetch, no vectors, no threads; a small generator of random numbers in sequence.

#![allow(clippy::disallowed_methods, reason = "as one would write it: the platform's exp")]

use std::time::Instant;

const TICKS: usize = 50;
const APPEAL: [f32; 4] = [1.0, 0.8, 0.2, 0.0];
const START: [f32; 4] = [0.60, 0.90, 0.95, 1.0];

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((x ^ x >> 31) >> 40) as f32 * (1.0 / 16_777_216.0)
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

    let taste: Vec<[f32; 4]> = (0..n).map(|_| std::array::from_fn(|_| random.unit() - 0.5)).collect();
    let vpn: Vec<bool> = (0..n).map(|_| random.unit() < 0.3).collect();
    let mut app: Vec<u8> = (0..n)
        .map(|_| {
            let draw = random.unit();
            START.iter().position(|&below| draw < below).unwrap_or(3) as u8
        })
        .collect();
    let mut next = app.clone();
    let setup = started.elapsed();

    let mut shares = Vec::new();
    let begun = Instant::now();
    for tick in 0..TICKS {
        for i in 0..n {
            if random.unit() >= 0.1 {
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
            let mut left = random.unit() * sum;
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
