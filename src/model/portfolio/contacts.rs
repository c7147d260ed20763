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
pub(super) struct Question {
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
    pub poor: Option<[[f32; MAX_MESSENGERS]; 2]>,
}

/// What the pass finds.
#[derive(Default)]
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
pub(super) fn survey(review: &Review<'_>, question: &Question) -> Found {
    let mut found = Found::default();
    let wide = review.usage.len() > 8;
    for group in review.contacts.chunks(64) {
        let slice = if wide { slice::<true>(review, group, question.works) } else { slice::<false>(review, group, question.works) };
        count(&slice, question, &mut found);
    }
    found
}

/// Up to 64 contacts, as bitmaps.
struct Slice {
    /// By messenger: holds it and it works for them.
    has: [u64; MAX_MESSENGERS],
    /// Contacts whose main app does not reach the user.
    rest: u64,
    /// Contacts whose main app reaches the user, by main app.
    main: Counts,
    vpn: u32,
}

/// Reads the words of up to 64 contacts; `WIDE` when there are more than 8 messengers.
#[inline(always)]
fn slice<const WIDE: bool>(review: &Review<'_>, group: &[u32], works: u16) -> Slice {
    let table = &review.today().works[..];
    let mut out = Slice { has: [0; MAX_MESSENGERS], rest: 0, main: [0; MAX_MESSENGERS], vpn: 0 };
    let mut packed = [0u64; 2];
    for (k, eight) in group.chunks(8).enumerate() {
        let (mut low, mut high) = (0u64, 0u64);
        for (n, &j) in eight.iter().enumerate() {
            let word = Word(review.words[j as usize]);
            let has = word.holdings() & table[word.row()];
            low |= u64::from(has & 0xFF) << (8 * n);
            if WIDE {
                high |= u64::from(has >> 8) << (8 * n);
            }
            let main = word.main_code();
            let hit = u64::from(has & works) >> main & 1;
            out.rest |= (1 - hit) << (8 * k + n);
            if WIDE {
                packed[(main >> 3 & 1) as usize] += hit << (8 * (main & 7));
            } else {
                packed[0] += hit << (8 * (main & 7));
            }
            out.vpn += u32::from(word.vpn());
        }
        scatter(transpose(low), &mut out.has[..8], 8 * k);
        if WIDE {
            scatter(transpose(high), &mut out.has[8..], 8 * k);
        }
    }
    for (m, main) in out.main.iter_mut().enumerate() {
        *main = (packed[m >> 3] >> (8 * (m & 7)) & 0xFF) as u32;
    }
    out
}

/// Byte m of `bytes` holds 8 contacts' bits for messenger m: put them at `shift` of its map.
#[inline(always)]
fn scatter(bytes: u64, maps: &mut [u64], shift: usize) {
    for (m, map) in maps.iter_mut().enumerate() {
        *map |= (bytes >> (8 * m) & 0xFF) << shift;
    }
}

/// Transposes 8 x 8 bits: bit c of byte r goes to bit r of byte c (Warren, Hacker's Delight, section 7-3).
#[inline(always)]
fn transpose(mut x: u64) -> u64 {
    let mut t = (x ^ (x >> 7)) & 0x00AA_00AA_00AA_00AA;
    x ^= t ^ (t << 7);
    t = (x ^ (x >> 14)) & 0x0000_CCCC_0000_CCCC;
    x ^= t ^ (t << 14);
    t = (x ^ (x >> 28)) & 0x0000_0000_F0F0_F0F0;
    x ^ t ^ (t << 28)
}

#[inline(always)]
fn count(slice: &Slice, question: &Question, found: &mut Found) {
    // New contacts taken by each app in order, kept for the weights below.
    let mut taken = [0u64; 2];
    let mut takes = [[0u64; MAX_MESSENGERS]; 2];
    for m in question.order.apps() {
        let new = slice.has[m] & !taken[0];
        taken[0] |= new;
        takes[0][m] = new;
        found.own[m] += new.count_ones();
        found.incoming[m] += slice.main[m] + (new & slice.rest).count_ones();
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
    fn order_is_by_score_then_number() {
        let scores = [0.5, 2.0, 0.5, 3.0];
        let order = Order::new(0b1111, |m| scores[m]);
        assert_eq!(order.apps().collect::<Vec<_>>(), [3, 1, 0, 2]);
    }
}
