//! One pass over the contacts: which messengers reach whom, by bits.
//!
//! Contacts are taken 64 at a time. Of each group we keep one 64-bit map per messenger: contact k holds it and it
//! works for them. Coverage, routing and what a new app would add are then a few population counts, and a hub
//! with a thousand ties is just more groups.

use crate::model::{Review, Word, bits};
use crate::scenario::MAX_MESSENGERS;

/// Counts of contacts, by messenger.
type Counts = [u32; MAX_MESSENGERS];

/// Order in which a user's apps take contacts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    apps: [u8; MAX_MESSENGERS],
    len: usize,
}

impl Order {
    /// The messengers of `mask` by descending score; equal scores by number.
    #[inline(always)]
    pub(super) fn new(mask: u16, score: impl Fn(usize) -> f32) -> Self {
        let mut order = Order { apps: [0; MAX_MESSENGERS], len: 0 };
        let mut scores = [0.0f32; MAX_MESSENGERS];
        for m in bits(mask) {
            let s = score(m);
            let mut k = order.len;
            while k > 0 && scores[k - 1] < s {
                scores[k] = scores[k - 1];
                order.apps[k] = order.apps[k - 1];
                k -= 1;
            }
            scores[k] = s;
            order.apps[k] = m as u8;
            order.len += 1;
        }
        order
    }

    #[inline(always)]
    pub(super) fn apps(&self) -> impl Iterator<Item = usize> + '_ {
        self.apps[..self.len].iter().map(|&m| usize::from(m))
    }
}

/// What the pass needs to know beforehand.
pub(super) struct Question<'a> {
    /// Apps held that work for the user.
    pub works: u16,
    /// Order for messages.
    pub order: Order,
    /// Order for calls, where it may differ.
    pub call_order: Option<Order>,
    /// Messengers to ask about: not held but could be installed, or lost without a VPN.
    pub ask: u16,
    /// Weight of a contact already reached by each held app, in messages and calls: how badly it works.
    /// `None` when all work well.
    pub poor: Option<[&'a [f32; MAX_MESSENGERS]; 2]>,
}

/// What the pass finds.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Contacts for whom each app is the user's first choice.
    pub own: Counts,
    /// The same for calls.
    pub calls: Counts,
    /// Contacts whose traffic comes in over each app.
    pub incoming: Counts,
    /// Contacts who hold each asked messenger, working for them (|B_m|).
    pub holders: Counts,
    /// Of these, contacts whom no held app reaches.
    pub unreached: Counts,
    /// Of these, contacts reached, weighted by how badly: by messages, and by calls.
    pub poorly: [[f32; MAX_MESSENGERS]; 2],
    /// Contacts with a VPN.
    pub vpn: u32,
}

/// The pass.
#[inline(always)]
pub(super) fn survey(review: &Review<'_>, question: &Question<'_>, found: &mut Found) {
    let wide = review.usage.len() > 8;
    for group in review.contacts.chunks(64) {
        let slice =
            if wide { slice::<true>(review, group, question.works) } else { slice::<false>(review, group, question.works) };
        count(&slice, question, found);
    }
}

/// Up to 64 contacts, as bitmaps by messenger.
struct Slice {
    /// Holds it and it works for them.
    has: [u64; MAX_MESSENGERS],
    /// The same, and it is their main app, and it works for the user.
    main: [u64; MAX_MESSENGERS],
    vpn: u32,
}

/// Reads the words of up to 64 contacts; `WIDE` when there are more than 8 messengers.
#[inline(always)]
fn slice<const WIDE: bool>(review: &Review<'_>, group: &[u32], works: u16) -> Slice {
    let table = review.today().works();
    // Messengers 0 to 7, then 8 to 15, a byte a contact.
    let (mut has, mut main) = ([[0u8; 64]; 2], [[0u8; 64]; 2]);
    let mut vpn = 0;
    for (k, &j) in group.iter().enumerate().take(64) {
        let word = Word(review.words[j as usize]);
        let holds = word.holdings() & table[word.row()];
        // No main app is a shift out of the mask.
        let reaches = (1u32 << word.main_code()) as u16 & holds & works;
        has[0][k] = holds as u8;
        main[0][k] = reaches as u8;
        if WIDE {
            has[1][k] = (holds >> 8) as u8;
            main[1][k] = (reaches >> 8) as u8;
        }
        vpn += u32::from(word.vpn());
    }
    let mut out = Slice { has: [0; MAX_MESSENGERS], main: [0; MAX_MESSENGERS], vpn };
    for half in 0..if WIDE { 2 } else { 1 } {
        bitmaps(&has[half], group.len(), &mut out.has[half * 8..]);
        bitmaps(&main[half], group.len(), &mut out.main[half * 8..]);
    }
    out
}

/// From a byte a contact to a 64-bit map for each of the eight bits.
#[inline(always)]
fn bitmaps(bytes: &[u8; 64], len: usize, maps: &mut [u64]) {
    #[cfg(target_arch = "x86_64")]
    for (k, bytes) in bytes.chunks_exact(16).enumerate().take(len.div_ceil(16)) {
        // Every x86-64 processor has these: the top bits of 16 bytes in one instruction.
        use std::arch::x86_64::{_mm_add_epi8, _mm_movemask_epi8, _mm_set_epi64x};
        let quad = |at: usize| i64::from_le_bytes(std::array::from_fn(|n| bytes[at + n]));
        // SAFETY: SSE2 is part of x86-64; the instructions touch no memory.
        #[allow(unused_unsafe, reason = "older compilers ask for it")]
        unsafe {
            let mut x = _mm_set_epi64x(quad(8), quad(0));
            for map in maps[..8].iter_mut().rev() {
                *map |= (_mm_movemask_epi8(x) as u32 as u64) << (16 * k);
                x = _mm_add_epi8(x, x);
            }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    bitmaps_portable(bytes, len, maps);
}

/// The same on any processor, by transposing 8 x 8 bits.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn bitmaps_portable(bytes: &[u8; 64], len: usize, maps: &mut [u64]) {
    for (k, bytes) in bytes.chunks_exact(8).enumerate().take(len.div_ceil(8)) {
        let square = transpose(u64::from_le_bytes(std::array::from_fn(|n| bytes[n])));
        for (m, map) in maps.iter_mut().enumerate().take(8) {
            *map |= (square >> (8 * m) & 0xFF) << (8 * k);
        }
    }
}

/// Transposes 8 x 8 bits: bit c of byte r goes to bit r of byte c (Warren, Hacker's Delight, section 7-3).
#[cfg(any(test, not(target_arch = "x86_64")))]
fn transpose(mut x: u64) -> u64 {
    let mut t = (x ^ (x >> 7)) & 0x00AA_00AA_00AA_00AA;
    x ^= t ^ (t << 7);
    t = (x ^ (x >> 14)) & 0x0000_CCCC_0000_CCCC;
    x ^= t ^ (t << 14);
    t = (x ^ (x >> 28)) & 0x0000_0000_F0F0_F0F0;
    x ^ t ^ (t << 28)
}

#[inline(always)]
fn count(slice: &Slice, question: &Question<'_>, found: &mut Found) {
    // New contacts taken by each app in order, kept for the weights below.
    let mut taken = [0u64; 2];
    // Contacts whose main app does not reach the user write over what the user reaches them by.
    let rest = !slice.main.iter().fold(0, |all, main| all | main);
    let mut takes = [[0u64; MAX_MESSENGERS]; 2];
    for m in question.order.apps() {
        let new = slice.has[m] & !taken[0];
        taken[0] |= new;
        takes[0][m] = new;
        found.own[m] += new.count_ones();
        found.incoming[m] += slice.main[m].count_ones() + (new & rest).count_ones();
    }
    match &question.call_order {
        Some(order) => {
            for m in order.apps() {
                let new = slice.has[m] & !taken[1];
                taken[1] |= new;
                takes[1][m] = new;
                found.calls[m] += new.count_ones();
            }
        }
        None => {
            takes[1] = takes[0];
            for m in question.order.apps() {
                found.calls[m] += takes[0][m].count_ones();
            }
        }
    }
    for m in bits(question.ask) {
        found.holders[m] += slice.has[m].count_ones();
        found.unreached[m] += (slice.has[m] & !taken[0]).count_ones();
        if let Some(poor) = &question.poor {
            for service in 0..2 {
                for k in bits(question.works) {
                    found.poorly[service][m] += poor[service][k] * (slice.has[m] & takes[service][k]).count_ones() as f32;
                }
            }
        }
    }
    found.vpn += slice.vpn;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transpose_moves_every_bit() {
        for r in 0..8 {
            for c in 0..8 {
                assert_eq!(transpose(1 << (8 * r + c)), 1 << (8 * c + r));
            }
        }
    }

    #[test]
    fn bitmaps_are_the_same_on_every_processor() {
        let bytes = std::array::from_fn(|k| (k as u32).wrapping_mul(0x9E37_79B1).rotate_left(9) as u8);
        for len in [0, 1, 7, 8, 9, 15, 16, 17, 63, 64] {
            let mut bytes: [u8; 64] = bytes;
            bytes[len..].fill(0);
            let (mut fast, mut portable) = ([0; 8], [0; 8]);
            bitmaps(&bytes, len, &mut fast);
            bitmaps_portable(&bytes, len, &mut portable);
            assert_eq!(fast, portable);
            assert!((0..8).all(|m| (0..64).all(|k| fast[m] >> k & 1 == u64::from(bytes[k] >> m & 1))));
        }
    }

    #[test]
    fn order_is_by_score_then_number() {
        let scores = [0.5, 2.0, 0.5, 3.0];
        let order = Order::new(0b1111, |m| scores[m]);
        assert_eq!(order.apps().collect::<Vec<_>>(), [3, 1, 0, 2]);
    }
}
