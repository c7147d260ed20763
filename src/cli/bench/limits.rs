//! What the machine allows, in the plainest loops that do the same to memory.

use exodus::engine::{CHUNK, Simulation};
use exodus::graph::{GraphView, Ties};
use exodus::memory::{Column, prefetch};
use exodus::random::{Purpose, below_64, chance};
use exodus::{Error, Result};
use rayon::prelude::*;
use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

/// Times each limit is measured; the best counts, as what disturbs can only slow it down.
const TIMES: usize = 4;

/// Bytes a second that the threads of this pool copy, read and written counted each, from and to columns of `bytes` bytes.
pub(super) fn copy(bytes: usize) -> Result<f64> {
    const PIECE: usize = 1 << 20;
    let mut from = Column::<u8>::zeroed(bytes)?;
    let mut to = Column::<u8>::zeroed(bytes)?;
    from.to_mut()?.par_chunks_mut(PIECE).for_each(|piece| piece.fill(1));
    let mut best = f64::INFINITY;
    // The first time finds no memory behind its pages yet.
    for time in 0..=TIMES {
        let start = Instant::now();
        to.to_mut()?.par_chunks_mut(PIECE).zip(from.par_chunks(PIECE)).for_each(|(to, from)| to.copy_from_slice(from));
        if time > 0 {
            best = best.min(start.elapsed().as_secs_f64());
        }
    }
    black_box(&to[..]);
    Ok(2.0 * bytes as f64 / best)
}

/// Words a second that the threads of this pool read of the users' contacts, along the ties that one day's reviews read,
/// in chunks and with the prefetches of the engine's review, and nothing else: no review can read more.
pub(super) fn gather(simulation: &Simulation, review_rate: f64) -> f64 {
    let draws = simulation.population().draws();
    let threshold = chance(review_rate);
    let users = simulation.state().users();
    let day = simulation.day() + 1;
    let reviewers: Vec<Vec<u32>> = (0..users.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let (first, last) = (chunk * CHUNK, ((chunk + 1) * CHUNK).min(users));
            let drawn = (first / 64..last.div_ceil(64)).flat_map(|word| {
                let mask = below_64(draws, Purpose::Review, word, day, [threshold])[0];
                (0..64).filter(move |bit| mask >> bit & 1 == 1).map(move |bit| word * 64 + bit)
            });
            drawn.filter(|&user| user < last).collect()
        })
        .collect();
    let graph = simulation.graph().view();
    let words = simulation.state().public();
    let mut best = f64::INFINITY;
    let mut reads = 0;
    for _ in 0..TIMES {
        let start = Instant::now();
        let counts = reviewers.par_iter().map(|list| match graph {
            GraphView::Plain(ties) => read(ties, words, list),
            GraphView::Packed(ties) => read(ties, words, list),
        });
        let (count, sum) = counts.reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1.wrapping_add(b.1)));
        best = best.min(start.elapsed().as_secs_f64());
        black_box(sum);
        reads = count;
    }
    reads as f64 / best
}

/// The engine's loop over the reviewers of a chunk, without the review: number of words read, and their sum.
fn read<T: Ties>(ties: T, words: &[u32], reviewers: &[u32]) -> (u64, u32) {
    // As in engine/kernel.rs.
    const AHEAD: [usize; 3] = [24, 16, 8];
    const RING: usize = 32;
    let mut ring: [T::Contacts; RING] = std::array::from_fn(|_| T::Contacts::default());
    let (mut reads, mut sum) = (0, 0u32);
    for k in 0..reviewers.len() + AHEAD[0] {
        if let Some(&user) = reviewers.get(k) {
            ties.prefetch(user);
        }
        let place = k.wrapping_sub(AHEAD[0] - AHEAD[1]);
        if let Some(&user) = reviewers.get(place) {
            ties.find(user, &mut ring[place % RING]);
        }
        let place = k.wrapping_sub(AHEAD[0] - AHEAD[2]);
        if place < reviewers.len() {
            let contacts = &mut ring[place % RING];
            ties.read(contacts);
            contacts.iter().for_each(|&j| prefetch(words, j as usize));
        }
        let place = k.wrapping_sub(AHEAD[0]);
        if place < reviewers.len() {
            let contacts = &ring[place % RING];
            sum = contacts.iter().fold(sum, |sum, &j| sum.wrapping_add(words[j as usize]));
            reads += contacts.len() as u64;
        }
    }
    (reads, sum)
}

/// Seconds to write these bytes to a new file, one after the other, and to have them on the disk.
pub(super) fn write(path: &Path, columns: &[&[u8]]) -> Result<f64> {
    let failed = |e| Error::io(path, "writing", e);
    let start = Instant::now();
    let mut file = File::create(path).map_err(failed)?;
    columns.iter().try_for_each(|column| file.write_all(column)).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    let seconds = start.elapsed().as_secs_f64();
    std::fs::remove_file(path).map_err(failed)?;
    Ok(seconds)
}
