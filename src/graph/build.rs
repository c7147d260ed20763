//! Building in parallel, in two passes over a stream of ties that can be regenerated: count, then fill.

use super::Graph;
use super::csr::{Csr, SPAN};
use crate::error::{Error, Result};
use crate::memory::{Column, prefetch};
use crate::peers::Peers;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

/// Undirected ties that can be generated again and again, in independent parts.
///
/// Loops and repeated ties are allowed and dropped. Parts that follow each other should be about nodes near each other:
/// then counting and filling stay in cache.
pub trait TieStream: Sync {
    /// Number of nodes; all ends of ties lie below.
    fn nodes(&self) -> u32;

    /// Number of parts.
    fn parts(&self) -> usize;

    /// Shows every tie of a part, always the same ones.
    fn for_each(&self, part: usize, emit: impl FnMut(u32, u32));

    /// Nodes of a part, n, where most ties of part k have both ends among nodes k n to (k + 1) n. `None` where parts are about
    /// nodes anywhere.
    fn home(&self) -> Option<u32> {
        None
    }

    /// Shows, of a part with a home, the ties with an end elsewhere, and perhaps others.
    fn for_each_leaving(&self, part: usize, emit: impl FnMut(u32, u32)) {
        self.for_each(part, emit);
    }
}

impl Graph {
    /// The graph of a stream, the same for any number of threads.
    ///
    /// Besides the finished graph, memory is needed only for repeated ties. Fails where it cannot be had.
    pub fn from_stream(stream: &impl TieStream) -> Result<Self> {
        Self::from_stream_until(stream, &Peers::alone(), &AtomicBool::new(false))
    }

    /// The same; ends early, with [`Error::stopped`], once somebody sets `stop`. Of several ranks each makes the rows of its part: it is
    /// shown all ties, but of the homes of others only those that leave them.
    pub fn from_stream_until(stream: &impl TieStream, peers: &Peers, stop: &AtomicBool) -> Result<Self> {
        let part = peers.part(stream.nodes());
        let rows = if peers.is_alone() {
            rows(stream, part, |node| Some(node as usize), stop)?
        } else {
            let Range { start, end } = part;
            rows(stream, part, |node| (start..end).contains(&node).then(|| (node - start) as usize), stop)?
        };
        Ok(Self::plain_among(stream.nodes(), rows, peers))
    }

    /// A graph of the given ties between `nodes` nodes; loops and repetitions are dropped.
    ///
    /// Fails where a tie ends at a node that is not there.
    pub fn from_ties(nodes: u32, ties: &[(u32, u32)]) -> Result<Self> {
        if let Some((a, b)) = ties.iter().find(|(a, b)| *a.max(b) >= nodes) {
            return Err(Error::invalid(format!("found a tie between nodes {a} and {b}; there are {nodes} nodes")));
        }
        Self::from_stream(&Listed { nodes, ties })
    }
}

/// Shows the ties of a part of a stream that may end at some nodes.
pub(super) fn ties_at(stream: &impl TieStream, nodes: &Range<u32>, part: usize, emit: impl FnMut(u32, u32)) {
    let is_far = |size: u32| {
        let first = part as u64 * u64::from(size);
        first >= u64::from(nodes.end) || first + u64::from(size) <= u64::from(nodes.start)
    };
    if stream.home().is_some_and(is_far) { stream.for_each_leaving(part, emit) } else { stream.for_each(part, emit) }
}

/// The rows of some nodes of a stream; `row_of` says which of them is a node's.
fn rows(
    stream: &impl TieStream,
    part: Range<u32>,
    row_of: impl Fn(u32) -> Option<usize> + Copy + Sync,
    stop: &AtomicBool,
) -> Result<Csr> {
    let nodes = part.len();
    let mut starts = Column::<u32>::zeroed(nodes + 1)?;
    let spans = nodes / SPAN as usize + 1;

    // 1. Count the ends of ties at each node.
    {
        let counts = atomics(starts.to_mut()?);
        let count = |row: u32| counts[row as usize].fetch_add(1, Relaxed);
        (0..stream.parts()).into_par_iter().for_each(|k| {
            if stop.load(Relaxed) {
                return;
            }
            let mut coming = DelayLine::default();
            ties_at(stream, &part, k, |a, b| {
                for row in [a, b].into_iter().filter_map(row_of) {
                    prefetch(counts, row);
                    coming.push(row as u32).map(count);
                }
            });
            coming.rest().for_each(|row| {
                count(row);
            });
        });
    }

    Error::if_stopped(stop)?;

    // 2. Rows follow each other: counts become positions within the span of 65,536 nodes.
    let totals: Vec<u64> = (starts.to_mut()?.par_chunks_mut(SPAN as usize))
        .map(|span| {
            let mut sum = 0u64;
            for start in span {
                let count = *start;
                *start = sum as u32;
                sum += u64::from(count);
            }
            sum
        })
        .collect();
    if totals.iter().any(|&total| total > u64::from(u32::MAX)) {
        return Err(Error::invalid(format!("the graph has more than {} ties at 65,536 neighbouring nodes", u32::MAX)));
    }
    let mut bases = vec![0u64; spans + 1];
    for (k, total) in totals.iter().enumerate() {
        bases[k + 1] = bases[k] + total;
    }
    let arcs = usize::try_from(bases[totals.len()]).map_err(|_| Error::memory(u64::MAX, 0, 0))?;

    // 3. Fill the rows, each in whatever order threads come by; positions count up to the rows' ends.
    let mut targets = Column::<u32>::zeroed(arcs)?;
    {
        let (cursors, targets) = (atomics(starts.to_mut()?), atomics(targets.to_mut()?));
        let place = |(at, target): (u32, u32)| {
            let position = bases[(at / SPAN) as usize] + u64::from(cursors[at as usize].fetch_add(1, Relaxed));
            prefetch(targets, position as usize);
            (position as usize, target)
        };
        let put = |(position, target): (usize, u32)| targets[position].store(target, Relaxed);
        (0..stream.parts()).into_par_iter().for_each(|k| {
            if stop.load(Relaxed) {
                return;
            }
            let (mut coming, mut placed) = (DelayLine::default(), DelayLine::default());
            ties_at(stream, &part, k, |a, b| {
                for (at, target) in [(a, b), (b, a)] {
                    let Some(row) = row_of(at) else { continue };
                    prefetch(cursors, row);
                    let arc = (row as u32, target);
                    if let Some(arc) = coming.push(arc).and_then(|arc| placed.push(place(arc))) {
                        put(arc);
                    }
                }
            });
            placed.rest().chain(coming.rest().map(place)).for_each(put);
        });
    }

    Error::if_stopped(stop)?;

    // 4. Sort each row, which makes the order of threads vanish, and drop loops and repetitions.
    let kept: Vec<usize> = (starts.to_mut()?.par_chunks_mut(SPAN as usize).enumerate())
        .zip(rows_of_spans(targets.to_mut()?, &totals))
        .map(|((k, ends), rows)| tidy(part.start + k as u32 * SPAN, part.end, ends, rows))
        .collect();

    // 5. Close the gaps between spans.
    let all = targets.to_mut()?;
    let mut position = 0usize;
    for (k, &len) in kept.iter().enumerate() {
        let from = bases[k] as usize;
        all.copy_within(from..from + len, position);
        bases[k] = position as u64;
        position += len;
    }
    bases.truncate(spans);
    targets.truncate(position);
    Ok(Csr::from_columns(part.start, bases, starts, targets))
}

struct Listed<'a> {
    nodes: u32,
    ties: &'a [(u32, u32)],
}

/// Ties of a part of a list.
const LISTED: usize = 1 << 16;

impl TieStream for Listed<'_> {
    fn nodes(&self) -> u32 {
        self.nodes
    }

    fn parts(&self) -> usize {
        self.ties.len().div_ceil(LISTED)
    }

    fn for_each(&self, part: usize, mut emit: impl FnMut(u32, u32)) {
        for &(a, b) in &self.ties[part * LISTED..self.ties.len().min((part + 1) * LISTED)] {
            emit(a, b);
        }
    }
}

/// Items that wait while memory that they need is on its way.
///
/// An atomic addition to memory out of cache holds up everything behind it, some hundred nanoseconds; ties that go
/// anywhere are counted and filled three times as fast when they ask for the memory first and add later.
struct DelayLine<T> {
    items: [T; AHEAD],
    pushed: usize,
}

/// How many items wait.
const AHEAD: usize = 32;

impl<T: Copy + Default> Default for DelayLine<T> {
    fn default() -> Self {
        DelayLine { items: [T::default(); AHEAD], pushed: 0 }
    }
}

impl<T> DelayLine<T> {
    /// Puts an item in, and takes out the one that has waited long enough, if any.
    #[inline(always)]
    fn push(&mut self, item: T) -> Option<T> {
        let oldest = std::mem::replace(&mut self.items[self.pushed % AHEAD], item);
        self.pushed += 1;
        (self.pushed > AHEAD).then_some(oldest)
    }

    /// The items that still wait.
    fn rest(self) -> impl Iterator<Item = T> {
        self.items.into_iter().take(self.pushed)
    }
}

/// The same memory as atomics.
fn atomics(values: &mut [u32]) -> &[AtomicU32] {
    // SAFETY: `AtomicU32` has the size, alignment and bit validity of `u32`, and the mutable borrow keeps every other
    // access away while the atomics live.
    unsafe { &*(std::ptr::from_mut(values) as *const [AtomicU32]) }
}

/// Splits the targets by span.
fn rows_of_spans<'a>(mut targets: &'a mut [u32], totals: &[u64]) -> Vec<&'a mut [u32]> {
    totals
        .iter()
        .map(|&total| {
            let (rows, rest) = std::mem::take(&mut targets).split_at_mut(total as usize);
            targets = rest;
            rows
        })
        .collect()
}

/// Sorts the rows of one span and closes the gaps between them; `ends` become starts. The number of arcs kept. `end` is behind the last
/// node that has a row.
fn tidy(first: u32, end: u32, ends: &mut [u32], rows: &mut [u32]) -> usize {
    let mut end_before = 0;
    let mut kept = 0;
    for (k, row_end) in ends.iter_mut().enumerate() {
        let node = first + k as u32;
        if node == end {
            // The closing entry is no node.
            *row_end = kept as u32;
            break;
        }
        let row = end_before..*row_end as usize;
        end_before = row.end;
        *row_end = kept as u32;
        rows[row.clone()].sort_unstable();
        let mut last = None;
        for k in row {
            let target = rows[k];
            if target != node && last != Some(target) {
                rows[kept] = target;
                kept += 1;
                last = Some(target);
            }
        }
    }
    kept
}
