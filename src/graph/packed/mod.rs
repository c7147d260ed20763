//! Rows as gaps: about two bytes an arc in a layered graph instead of four.

mod build;
mod letters;
mod row;

use super::csr::{Csr, CsrView};
use super::ties::Ties;
use crate::error::{Error, Result};
use crate::memory::{Column, prefetch};
use build::PASSES;
use bytemuck::{Pod, Zeroable};
use fearless_simd::Level;
use letters::Letter;
use rayon::prelude::*;
use std::ops::{Deref, Range};

/// Nodes of a group, which have their place in common.
const GROUP: u32 = 16;
/// Nodes of a slab, whose rows lie in one column.
const SLAB: u32 = 1 << 20;

/// Where the rows of 16 nodes lie, one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
#[repr(C)]
struct Group {
    /// First byte in the slab.
    at: u32,
    /// Bytes of each row. Where a row has more than 255 all are zero: then the rows come behind their lengths as 16 u32.
    lengths: [u8; GROUP as usize],
}

/// Packed rows.
#[derive(Debug)]
pub(super) struct Packed {
    /// The node of the first row, and how many have one.
    first: u32,
    nodes: u32,
    arcs: u64,
    groups: Column<Group>,
    /// The rows, and a few zeros behind them, of 2^20 nodes each.
    slabs: Vec<Column<u8>>,
    level: Level,
}

/// Packed rows, for hot loops.
#[derive(Clone, Copy, Debug)]
pub struct PackedView<'a> {
    first: u32,
    groups: &'a [Group],
    slabs: &'a [Column<u8>],
    level: Level,
}

/// Rows up to here are unpacked in place; longer ones have memory of their own.
const FEW: usize = 64;

/// The contacts of one user, packed until they are read.
#[derive(Debug)]
pub struct PackedContacts<'a> {
    user: u32,
    len: u32,
    /// From the row on to the end of its slab.
    bytes: &'a [u8],
    few: [u32; FEW],
    many: Vec<u32>,
}

impl Default for PackedContacts<'_> {
    fn default() -> Self {
        PackedContacts { user: 0, len: 0, bytes: &[], few: [0; FEW], many: Vec::new() }
    }
}

impl Deref for PackedContacts<'_> {
    type Target = [u32];

    #[inline(always)]
    fn deref(&self) -> &[u32] {
        let len = self.len as usize;
        if len <= FEW { &self.few[..len] } else { &self.many[..len] }
    }
}

impl Packed {
    /// Packs the rows of a graph.
    pub(super) fn of(rows: CsrView<'_>, part: Range<u32>) -> Result<Self> {
        build::from_rows(part, |node| rows.neighbors(node))
    }

    /// The rows as plain numbers.
    pub(super) fn unpacked(&self) -> Result<Csr> {
        let view = self.view();
        Csr::from_rows(self.first..self.first + self.nodes, self.arcs, |node, row| row.extend_from_slice(&view.contacts(node)))
    }

    pub(super) fn share(&self) -> Self {
        Packed { groups: self.groups.share(), slabs: self.slabs.iter().map(Column::share).collect(), ..*self }
    }

    pub(super) fn view(&self) -> PackedView<'_> {
        PackedView { first: self.first, groups: &self.groups, slabs: &self.slabs, level: self.level }
    }

    pub(super) fn nodes(&self) -> u32 {
        self.nodes
    }

    pub(super) fn arcs(&self) -> u64 {
        self.arcs
    }

    pub(super) fn bytes(&self) -> u64 {
        size_of_val(&self.groups[..]) as u64 + self.slabs.iter().map(|slab| slab.len() as u64).sum::<u64>()
    }

    /// Name, type and bytes of the columns.
    pub(super) fn columns(&self) -> Vec<(String, &'static str, &[u8])> {
        let groups = ("groups".to_owned(), "u8", bytemuck::cast_slice(&self.groups));
        let slabs = self.slabs.iter().enumerate().map(|(k, slab)| (format!("rows_{k}"), "u8", &slab[..]));
        [groups].into_iter().chain(slabs).collect()
    }

    /// Columns that [`Packed::columns`] gave; every row is checked. `None` where they are not packed rows of so many nodes.
    pub(super) fn from_kept(nodes: u32, groups: Column<u8>, slabs: Vec<Column<u8>>) -> Option<Self> {
        let groups = groups.cast::<Group>()?;
        let mut packed = Packed { first: 0, nodes, arcs: 0, groups, slabs, level: Level::new() };
        packed.arcs = packed.count()?;
        Some(packed)
    }

    /// Number of arcs; `None` where anything is not as [`build`] makes it.
    fn count(&self) -> Option<u64> {
        if self.groups.len() != self.nodes.div_ceil(GROUP) as usize || self.slabs.len() != self.nodes.div_ceil(SLAB) as usize {
            return None;
        }
        let arcs = (0..self.groups.len()).into_par_iter().map(|g| {
            let (group, slab) = (&self.groups[g], &self.slabs[g / (SLAB / GROUP) as usize][..]);
            let rows = slab.len().checked_sub(row::BEHIND)?;
            let mut at = group.at as usize;
            let wide = if group.lengths == [0; GROUP as usize] {
                let lengths = slab[..rows].get(at..at + 4 * GROUP as usize)?;
                at += lengths.len();
                Some(lengths)
            } else {
                None
            };
            let mut arcs = 0;
            for k in 0..GROUP {
                let len = match wide {
                    Some(lengths) => u32::from_le_bytes(lengths[4 * k as usize..][..4].try_into().ok()?) as usize,
                    None => usize::from(group.lengths[k as usize]),
                };
                let node = g as u32 * GROUP + k;
                let row = slab[..rows].get(at..at.checked_add(len)?)?;
                at += len;
                if node >= self.nodes {
                    (len == 0).then_some(())?;
                } else {
                    row::is_row(node, self.nodes, row).then_some(())?;
                    arcs += u64::from(row::degree(row).0);
                }
            }
            // The next group begins where this one ends.
            let next = g + 1;
            let last = next == self.groups.len() || next.is_multiple_of((SLAB / GROUP) as usize);
            let end = if last { rows } else { self.groups[next].at as usize };
            let begins = !g.is_multiple_of((SLAB / GROUP) as usize) || group.at == 0;
            (at == end && begins && slab[rows..].iter().all(|&byte| byte == 0)).then_some(arcs)
        });
        arcs.try_reduce(|| 0, |a, b| Some(a + b))
    }
}

impl<'a> PackedView<'a> {
    /// From the row of `node` on to the end of its slab, and the row's length.
    #[inline(always)]
    fn row(self, node: u32) -> (&'a [u8], usize) {
        let row = node - self.first;
        let group = &self.groups[(row / GROUP) as usize];
        let slab: &'a [u8] = &self.slabs[(row / SLAB) as usize];
        let k = row % GROUP;
        if group.lengths[0] == 0 {
            return wide_row(&slab[group.at as usize..], k as usize);
        }
        let before = u128::from_le_bytes(group.lengths) & ((1 << (8 * k)) - 1);
        (&slab[group.at as usize + sum_of_bytes(before)..], usize::from(group.lengths[k as usize]))
    }
}

#[cold]
fn wide_row(group: &[u8], k: usize) -> (&[u8], usize) {
    let (lengths, rows) = group.split_at(4 * GROUP as usize);
    let length = |k: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| lengths[4 * k + byte])) as usize;
    (&rows[(0..k).map(length).sum()..], length(k))
}

/// Sum of the sixteen bytes of a number: at most 15 of them are 255.
#[inline(always)]
fn sum_of_bytes(bytes: u128) -> usize {
    const EVEN: u64 = 0x00FF_00FF_00FF_00FF;
    let pairs = |x: u64| (x & EVEN) + (x >> 8 & EVEN);
    let all = pairs(bytes as u64) + pairs((bytes >> 64) as u64);
    (all.wrapping_mul(0x0001_0001_0001_0001) >> 48) as usize
}

impl<'a> Ties for PackedView<'a> {
    type Contacts = PackedContacts<'a>;

    #[inline(always)]
    fn prefetch(self, user: u32) {
        prefetch(self.groups, (user.wrapping_sub(self.first) / GROUP) as usize);
    }

    #[inline(always)]
    fn find(self, user: u32, contacts: &mut PackedContacts<'a>) {
        let (bytes, len) = self.row(user);
        prefetch(bytes, 0);
        prefetch(bytes, len.wrapping_sub(1));
        contacts.user = user;
        contacts.bytes = bytes;
    }

    #[inline(always)]
    fn read(self, contacts: &mut PackedContacts<'a>) {
        let (degree, at) = row::degree(contacts.bytes);
        contacts.len = degree;
        let out = if degree as usize <= FEW {
            &mut contacts.few[..]
        } else {
            contacts.many.resize((degree as usize).next_multiple_of(4), 0);
            &mut contacts.many[..]
        };
        row::read(self.level, contacts.user, degree, &contacts.bytes[at..], out);
    }

    #[inline(always)]
    fn degree(self, user: u32) -> u32 {
        row::degree(self.row(user).0).0
    }
}

/// More bytes of rows than a slab can have.
fn too_many() -> Error {
    Error::invalid(format!("the graph has more ties at {SLAB} neighbouring nodes than {} bytes hold", u32::MAX))
}

/// Bytes a node of packed rows of a graph of so many nodes: while they are made, and then; `home` are nodes of a home and the share of arcs
/// that leave it, of a graph that has homes.
pub(super) fn predicted_bytes(home: Option<(f64, f64)>, nodes: f64, degree: f64) -> [f64; 2] {
    // Neighbours are anywhere among so many: gaps between them are exponential. A quarter of a byte says how many bytes follow.
    let arcs = |count: f64, among: f64| {
        let gap = among / count.max(1.0);
        let wider_than = |bits: i32| libm::exp(-f64::powi(2.0, bits) / gap);
        count * (1.25 + wider_than(8) + wider_than(16) + wider_than(24))
    };
    let row = |arcs: f64| arcs + 1.0 + size_of::<Group>() as f64 / f64::from(GROUP);
    let slab = (f64::from(SLAB) / nodes).min(1.0);
    let (rows, letters) = match home {
        Some((size, leaving)) => {
            let away = leaving * degree;
            (row(arcs(degree - away, size.min(nodes)) + arcs(away, nodes)), away)
        }
        None => (row(arcs(degree, nodes)), degree * slab.max(1.0 / f64::from(PASSES))),
    };
    let letters = letters * size_of::<Letter>() as f64;
    // The rows of a slab are made of its letters, and then put together.
    let making = f64::max(letters, rows + slab * f64::max(letters, rows));
    // The allocator keeps some of what a slab was made in, as measured.
    [making, rows + 0.15 * slab * rows]
}
