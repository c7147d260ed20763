//! Building packed rows without ever having the plain rows of more than a few thousand nodes.
//!
//! Nodes are worked on in bins small enough for a cache. A stream whose parts are about the nodes of one bin each (towns) is made
//! twice: once to collect the ties that leave a bin, as letters to the bin at their other end, and once for each bin's own rows. Of
//! other streams all ties are letters; they are regenerated for every sixteenth of the nodes, so that the letters take a
//! fraction of the memory of the rows.

use super::super::Graph;
use super::super::build::{TieStream, ties_at};
use super::letters::{Bag, Delivery, Letter};
use super::{GROUP, Group, Packed, SLAB, row, too_many};
use crate::error::{Error, Result};
use crate::memory::Column;
use crate::peers::Peers;
use fearless_simd::Level;
use rayon::prelude::*;
use std::mem::take;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Nodes of a bin, where the stream does not say.
const BIN: u32 = 4096;
/// How often a stream without bins is regenerated.
pub(super) const PASSES: u32 = 16;

/// Packed rows of some nodes in order.
struct Bin {
    nodes: Range<u32>,
    next: u32,
    arcs: u64,
    rows: Vec<u8>,
    groups: Vec<Group>,
    /// Lengths of the rows of the last group so far.
    lengths: Vec<u32>,
}

impl Bin {
    fn new(nodes: Range<u32>) -> Self {
        let (rows, groups) = (Vec::with_capacity(40 * nodes.len()), Vec::with_capacity(nodes.len() / GROUP as usize + 1));
        Bin { next: nodes.start, nodes, arcs: 0, rows, groups, lengths: Vec::new() }
    }

    /// The row of the next node.
    fn add(&mut self, targets: &[u32]) {
        if self.lengths.is_empty() {
            self.groups.push(Group { at: self.rows.len() as u32, ..Group::default() });
        }
        let before = self.rows.len();
        row::write(self.next, targets, &mut self.rows);
        self.lengths.push((self.rows.len() - before) as u32);
        self.arcs += targets.len() as u64;
        self.next += 1;
        if self.lengths.len() == GROUP as usize || self.next == self.nodes.end {
            self.close();
        }
    }

    fn close(&mut self) {
        let Some(group) = self.groups.last_mut() else { return };
        let lengths = take(&mut self.lengths);
        if lengths.iter().all(|&len| len <= u32::from(u8::MAX)) {
            group.lengths.iter_mut().zip(&lengths).for_each(|(to, &len)| *to = len as u8);
        } else {
            let at = group.at as usize;
            let absent = GROUP as usize - lengths.len();
            let wide = lengths.into_iter().chain(std::iter::repeat_n(0, absent)).flat_map(u32::to_le_bytes);
            self.rows.splice(at..at, wide);
        }
    }
}

/// The rows of all bins of a part of the nodes: those of a slab are made together.
fn assemble(part: &Range<u32>, mut bins_of: impl FnMut(Range<u32>) -> Result<Vec<Bin>>) -> Result<Packed> {
    let nodes = part.end - part.start;
    let mut groups = Column::<Group>::zeroed(nodes.div_ceil(GROUP) as usize)?;
    let (mut slabs, mut arcs) = (Vec::new(), 0);
    for first in (0..nodes).step_by(SLAB as usize) {
        let bins = bins_of(part.start + first..part.start + first.saturating_add(SLAB).min(nodes))?;
        let bytes: usize = bins.iter().map(|bin| bin.rows.len()).sum();
        if u32::try_from(bytes).is_err() {
            return Err(too_many());
        }
        let mut slab = Column::<u8>::zeroed(bytes + row::BEHIND)?;
        let (mut rows, mut places) = (slab.to_mut()?, &mut groups.to_mut()?[(first / GROUP) as usize..]);
        let mut at = 0;
        let mut parts = Vec::with_capacity(bins.len());
        for bin in bins {
            let (own_rows, other_rows) = rows.split_at_mut(bin.rows.len());
            let (own_places, other_places) = places.split_at_mut(bin.groups.len());
            (rows, places) = (other_rows, other_places);
            arcs += bin.arcs;
            let len = bin.rows.len() as u32;
            parts.push((bin, at, own_rows, own_places));
            at += len;
        }
        parts.into_par_iter().for_each(|(bin, at, rows, places)| {
            rows.copy_from_slice(&bin.rows);
            places.iter_mut().zip(&bin.groups).for_each(|(to, group)| *to = Group { at: at + group.at, ..*group });
        });
        slabs.push(slab);
    }
    Ok(Packed { first: part.start, nodes, arcs, groups, slabs, level: Level::new() })
}

/// Rows that are there already.
pub(super) fn from_rows<'a>(part: Range<u32>, row: impl Fn(u32) -> &'a [u32] + Sync) -> Result<Packed> {
    assemble(&part, |range| {
        let bins = bins(&range, BIN).map(|nodes| {
            let mut bin = Bin::new(nodes.clone());
            nodes.for_each(|node| bin.add(row(node)));
            bin
        });
        Ok(bins.collect())
    })
}

fn bins(range: &Range<u32>, size: u32) -> impl IndexedParallelIterator<Item = Range<u32>> + use<> {
    let Range { start, end } = *range;
    (0..(end - start).div_ceil(size)).into_par_iter().map(move |k| {
        let first = start + k * size;
        first..first.saturating_add(size).min(end)
    })
}

impl Graph {
    /// The graph of a stream, its rows packed; the same for any number of threads.
    ///
    /// Besides the finished graph, memory is needed for ties between towns; for those of streams without towns, a quarter more.
    pub fn packed_from_stream(stream: &impl TieStream) -> Result<Self> {
        Self::packed_from_stream_until(stream, &Peers::alone(), &AtomicBool::new(false))
    }

    /// The same; ends early, with [`Error::stopped`], once somebody sets `stop`. Of several ranks each makes the rows of its part.
    pub fn packed_from_stream_until(stream: &impl TieStream, peers: &Peers, stop: &AtomicBool) -> Result<Self> {
        let part = peers.part(stream.nodes());
        let bins_fit = |size: &u32| size.is_multiple_of(GROUP) && SLAB.is_multiple_of(*size) && part.start.is_multiple_of(*size);
        let home = stream.home().filter(bins_fit);
        let slabs = (part.end - part.start).div_ceil(SLAB);
        let wave = if home.is_some() { slabs } else { slabs.div_ceil(PASSES) };
        let mut boxes = Vec::new();
        let packed = assemble(&part, |range| {
            let slab = (range.start - part.start) / SLAB;
            if slab.is_multiple_of(wave) {
                let last = part.start.saturating_add((slab + wave).saturating_mul(SLAB)).min(part.end);
                boxes = letters_to(stream, home, &(range.start..last), stop)?;
            }
            let size = home.unwrap_or(BIN);
            let letters = Delivery::new(take(&mut boxes[(slab % wave) as usize]), &range, size)?;
            let bins = bins(&range, size).enumerate().map_init(Desk::default, |desk, (k, nodes)| {
                if stop.load(Relaxed) {
                    return Bin::new(0..0);
                }
                let part = home.map(|size| (nodes.start / size) as usize);
                desk.bin(stream, part, letters.to(k), nodes)
            });
            let bins = bins.collect();
            Error::if_stopped(stop)?;
            Ok(bins)
        })?;
        Ok(Self::packed_among(stream.nodes(), packed, peers))
    }
}

/// Ties of some nodes that their bins do not make themselves, by slab.
fn letters_to(
    stream: &impl TieStream,
    home: Option<u32>,
    nodes: &Range<u32>,
    stop: &AtomicBool,
) -> Result<Vec<Vec<Column<Letter>>>> {
    let slabs = nodes.clone().step_by(SLAB as usize).len();
    let bags = (0..stream.parts()).into_par_iter().fold(
        || Bag::new(slabs),
        |mut bag, part| {
            let mut post = |letter: Letter| {
                if nodes.contains(&letter[0]) {
                    bag.post(((letter[0] - nodes.start) / SLAB) as usize, letter);
                }
            };
            match home {
                _ if stop.load(Relaxed) => {}
                None => ties_at(stream, nodes, part, |a, b| [[a, b], [b, a]].into_iter().for_each(&mut post)),
                Some(size) => stream.for_each_leaving(part, |a, b| {
                    [[a, b], [b, a]].into_iter().filter(|letter| (letter[0] / size) as usize != part).for_each(&mut post);
                }),
            }
            bag
        },
    );
    let bags = bags.collect();
    Error::if_stopped(stop)?;
    Bag::sort(bags, slabs)
}

/// Scratch space for a bin's rows.
#[derive(Default)]
struct Desk {
    arcs: Vec<Letter>,
    ends: Vec<u32>,
    targets: Vec<u32>,
}

impl Desk {
    /// The rows of `nodes`, of the letters to them and, where there is one, of a part of the stream.
    fn bin<'a>(
        &mut self,
        stream: &impl TieStream,
        part: Option<usize>,
        letters: impl Iterator<Item = &'a [Letter]>,
        nodes: Range<u32>,
    ) -> Bin {
        let Desk { arcs, ends, targets } = self;
        arcs.clear();
        if let Some(part) = part {
            stream.for_each(part, |a, b| {
                arcs.extend([[a, b], [b, a]].into_iter().filter(|[at, _]| nodes.contains(at)));
            });
        }
        letters.for_each(|letters| arcs.extend_from_slice(letters));
        ends.clear();
        ends.resize(nodes.len(), 0);
        let place = |at: u32| (at - nodes.start) as usize;
        arcs.iter().for_each(|&[at, _]| ends[place(at)] += 1);
        let mut sum = 0;
        for end in &mut *ends {
            let count = std::mem::replace(end, sum);
            sum += count;
        }
        targets.clear();
        targets.resize(arcs.len(), 0);
        for &[at, target] in &*arcs {
            let end = &mut ends[place(at)];
            targets[*end as usize] = target;
            *end += 1;
        }
        let mut bin = Bin::new(nodes.clone());
        let mut start = 0;
        for (node, &end) in nodes.zip(&*ends) {
            let row = &mut targets[start..end as usize];
            start = end as usize;
            row.sort_unstable();
            let (mut kept, mut last) = (0, None);
            for k in 0..row.len() {
                let target = row[k];
                if target != node && last != Some(target) {
                    row[kept] = target;
                    kept += 1;
                    last = Some(target);
                }
            }
            bin.add(&row[..kept]);
        }
        bin
    }
}
