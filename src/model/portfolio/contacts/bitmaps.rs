//! A map of contacts by messenger, a bit each: coverage, routing and what a new app would add are a few population counts.

use super::{ContactQuery, Reach, ask};
use crate::model::PublicState;
use crate::model::lanes::Packed;
use crate::scenario::MAX_MESSENGERS;
use fearless_simd::{Simd, i8x16, prelude::*};

/// A group of contacts, as bitmaps by messenger.
struct Maps {
    /// Holds it, and it works for them.
    has: [u32; MAX_MESSENGERS],
    /// Has it as main app, and it reaches the user.
    main: [u32; MAX_MESSENGERS],
}

/// Reads the words of a group.
#[inline(always)]
fn maps<S: Simd, const N: usize>(query: &ContactQuery<'_, S, N>, group: &[u32]) -> Maps {
    let mut maps = Maps { has: [0; MAX_MESSENGERS], main: [0; MAX_MESSENGERS] };
    for (k, sixteen) in group.chunks(16).enumerate() {
        let (eights, rest) = sixteen.as_chunks::<8>();
        let (one, two) = match eights {
            [one, two, ..] => (read(query, one), read(query, two)),
            [one] if rest.is_empty() => (read(query, one), Bytes::default()),
            [one] => (read(query, one), read_few(query, rest)),
            [] => (read_few(query, rest), Bytes::default()),
        };
        for b in 0..N {
            scatter(query.simd, [one.has[b], two.has[b]], &mut maps.has, 8 * b, 16 * k);
            scatter(query.simd, [one.main[b], two.main[b]], &mut maps.main, 8 * b, 16 * k);
        }
    }
    maps
}

/// Eight contacts, a byte each; for messengers 0 to 7 and 8 to 15.
#[derive(Clone, Copy, Default)]
struct Bytes {
    has: [u64; 2],
    main: [u64; 2],
}

#[inline(always)]
fn read<S: Simd, const N: usize>(query: &ContactQuery<'_, S, N>, eight: &[u32; 8]) -> Bytes {
    let mut bytes = Bytes::default();
    for n in 0..8 {
        let word = PublicState(query.states[eight[n] as usize]);
        let has = u32::from(word.holdings() & query.today.works()[word.row()]);
        let main = 1 << word.main_code() & has & u32::from(query.works);
        for b in 0..N {
            bytes.has[b] |= u64::from(has >> (8 * b) & 0xFF) << (8 * n);
            bytes.main[b] |= u64::from(main >> (8 * b) & 0xFF) << (8 * n);
        }
    }
    bytes
}

/// One to seven contacts: filled up with the last, whose copies are then blotted out.
#[inline(always)]
fn read_few<S: Simd, const N: usize>(query: &ContactQuery<'_, S, N>, few: &[u32]) -> Bytes {
    let last = few.len() - 1;
    let mut eight = [0; 8];
    for (k, contact) in eight.iter_mut().enumerate() {
        *contact = few[k.min(last)];
    }
    let mut bytes = read(query, &eight);
    let inside = !0 >> (56 - 8 * last);
    for b in 0..N {
        bytes.has[b] &= inside;
        bytes.main[b] &= inside;
    }
    bytes
}

/// Of 16 bytes, a contact each, bit m goes to the map of messenger `first` + m, from position `at` on.
#[inline(always)]
fn scatter<S: Simd>(simd: S, bytes: [u64; 2], maps: &mut [u32; MAX_MESSENGERS], first: usize, at: usize) {
    let mut bytes = i8x16::load_array(simd, bytemuck::cast([bytes[0].to_le(), bytes[1].to_le()]));
    for m in (0..8).rev() {
        // The highest bit of every byte; then the next one moves up.
        maps[first + m] |= (bytes.simd_lt(0).to_bitmask() as u32) << at;
        bytes = bytes + bytes;
    }
}

/// Counts of one group.
#[inline(always)]
pub(super) fn count<S: Simd, const N: usize>(
    query: &ContactQuery<'_, S, N>,
    group: &[u32],
    badly_reached: &mut [[[f32; 8]; N]; 2],
) -> [Packed<N>; 5] {
    let Maps { has, main } = &maps(query, group);
    let mut main_reaches = 0;
    for map in &main[..8 * N] {
        main_reaches |= map;
    }
    let [mut own, mut own_calls, mut incoming] = [Packed::default(); 3];
    // New contacts of each app in order, for messages and for calls. Both orders are of the same apps.
    let mut new = [[0; 2]; MAX_MESSENGERS];
    let mut reached = [0; 2];
    let calls = query.call_order.unwrap_or(query.order);
    for (m, c) in query.order.iter().zip(calls.iter()) {
        new[m][0] = has[m] & !reached[0];
        new[c][1] = has[c] & !reached[1];
        reached[0] |= has[m];
        reached[1] |= has[c];
        own.add(m, new[m][0].count_ones());
        own_calls.add(c, new[c][1].count_ones());
        // Contacts whose main app does not reach the user come over the best mutual one.
        incoming.add(m, (main[m] | new[m][0] & !main_reaches).count_ones());
    }
    let [holders, unreached] = ask(&query.ask, &Reached { has, new, by_none: !reached[0] }, badly_reached.each_mut());
    [own, own_calls, incoming, holders, unreached]
}

struct Reached<'a> {
    has: &'a [u32; MAX_MESSENGERS],
    new: [[u32; 2]; MAX_MESSENGERS],
    by_none: u32,
}

impl Reach for Reached<'_> {
    #[inline(always)]
    fn has(&self, m: usize) -> u32 {
        self.has[m]
    }

    #[inline(always)]
    fn by(&self, m: usize) -> [u32; 2] {
        self.new[m]
    }

    #[inline(always)]
    fn by_none(&self) -> u32 {
        self.by_none
    }
}
