//! One pass over the contacts: which messengers reach whom, by bits.
//!
//! Contacts are taken 64 at a time. Of each group we keep one 64-bit map per messenger: contact k holds it and it
//! works for them. Coverage, routing and what a new app would add are then a few population counts, and a hub
//! with a thousand ties is just more groups.

use super::lanes::Order;
use crate::model::{Word, bits};
use crate::policy::{PerMessenger, ROWS};
use crate::scenario::MAX_MESSENGERS;
use wide::u8x16;

/// What the pass needs to know beforehand. N is 1 for at most eight messengers, else 2.
pub(super) struct Question<'a, const N: usize> {
    /// User numbers of the contacts.
    pub contacts: &'a [u32],
    /// Published words of all users.
    pub words: &'a [u32],
    /// Messengers that work, by row of the access tables.
    pub table: &'a [u16; ROWS],
    /// Apps held that work for the user.
    pub works: u16,
    /// Order in which these take contacts, for messages.
    pub order: Order,
    /// The same for calls, where it may differ.
    pub call_order: Option<Order>,
    /// Apps of which it matters how badly they work.
    pub bad: u16,
    /// How badly each app works, for messages and calls: the weight of a contact whom it reaches.
    pub badness: &'a [PerMessenger; 2],
}

/// Counts of contacts, by messenger.
pub(super) type Counts = [i32; MAX_MESSENGERS];

/// What the pass finds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Found {
    /// Contacts for whom each app is the user's first choice.
    pub own: Counts,
    /// The same for calls.
    pub calls: Counts,
    /// Contacts whose traffic comes in over each app.
    pub incoming: Counts,
    /// Contacts who hold each messenger, working for them (|B_m|).
    pub holders: Counts,
    /// Of these, contacts whom no app of the user reaches.
    pub unreached: Counts,
    /// Of these, contacts reached by bad apps, weighted by how badly: by messages, and by calls.
    pub poorly: [[f32; MAX_MESSENGERS]; 2],
}

/// The pass.
#[inline(always)]
pub(super) fn survey<const N: usize>(question: &Question<'_, N>) -> Found {
    let mut found = Found::default();
    for group in question.contacts.chunks(64) {
        count(&maps(question, group), question, &mut found);
    }
    if question.call_order.is_none() {
        found.calls = found.own;
    }
    found
}

/// Up to 64 contacts, as bitmaps by messenger.
struct Maps {
    /// Holds it, and it works for them.
    has: [u64; MAX_MESSENGERS],
    /// Has it as main app, and it reaches the user.
    main: [u64; MAX_MESSENGERS],
}

/// Reads the words of up to 64 contacts.
#[inline(always)]
fn maps<const N: usize>(question: &Question<'_, N>, group: &[u32]) -> Maps {
    let mut maps = Maps { has: [0; MAX_MESSENGERS], main: [0; MAX_MESSENGERS] };
    for (k, sixteen) in group.chunks(16).enumerate() {
        let (eights, rest) = sixteen.as_chunks::<8>();
        let one = eights.first().map_or_else(|| read_few(question, rest), |eight| read(question, eight));
        let two = match eights {
            [] => Bytes::default(),
            [_] if rest.is_empty() => Bytes::default(),
            [_] => read_few(question, rest),
            [_, eight, ..] => read(question, eight),
        };
        for b in 0..N {
            scatter([one.has[b], two.has[b]], &mut maps.has, 8 * b, 16 * k);
            scatter([one.main[b], two.main[b]], &mut maps.main, 8 * b, 16 * k);
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
fn read<const N: usize>(question: &Question<'_, N>, eight: &[u32; 8]) -> Bytes {
    let mut bytes = Bytes::default();
    for n in 0..8 {
        let word = Word(question.words[eight[n] as usize]);
        let has = u32::from(word.holdings() & question.table[word.row()]);
        let main = 1 << word.main_code() & has & u32::from(question.works);
        for b in 0..N {
            bytes.has[b] |= u64::from(has >> (8 * b) & 0xFF) << (8 * n);
            bytes.main[b] |= u64::from(main >> (8 * b) & 0xFF) << (8 * n);
        }
    }
    bytes
}

/// One to seven contacts: filled up with the last, whose copies are then blotted out.
#[inline(always)]
fn read_few<const N: usize>(question: &Question<'_, N>, few: &[u32]) -> Bytes {
    let last = few.len() - 1;
    let bytes = read(question, &[0, 1, 2, 3, 4, 5, 6, 7].map(|k: usize| few[k.min(last)]));
    let inside = !0 >> (56 - 8 * last);
    Bytes { has: bytes.has.map(|bytes| bytes & inside), main: bytes.main.map(|bytes| bytes & inside) }
}

/// Of 16 bytes, a contact each, bit m goes to the map of messenger `first` + m, from position `at` on.
#[inline(always)]
fn scatter(bytes: [u64; 2], maps: &mut [u64; MAX_MESSENGERS], first: usize, at: usize) {
    let mut bytes: u8x16 = bytemuck::cast(bytes.map(u64::to_le_bytes));
    for m in (0..8).rev() {
        // The highest bit of every byte; then the next one moves up.
        maps[first + m] |= u64::from(bytes.to_bitmask()) << at;
        bytes = bytes + bytes;
    }
}

#[inline(always)]
fn count<const N: usize>(maps: &Maps, question: &Question<'_, N>, found: &mut Found) {
    let Maps { has, main } = maps;
    let main_reaches = main.iter().fold(0, |any, map| any | map);
    // New contacts of each app in order.
    let mut new = [[0; MAX_MESSENGERS]; 2];
    let mut reached = 0;
    for m in question.order.iter() {
        new[0][m] = has[m] & !reached;
        reached |= has[m];
        found.own[m] += ones(new[0][m]);
        // Contacts whose main app does not reach the user come over the best mutual one.
        found.incoming[m] += ones(main[m] | new[0][m] & !main_reaches);
    }
    match &question.call_order {
        Some(order) => {
            let mut reached = 0;
            for m in order.iter() {
                new[1][m] = has[m] & !reached;
                reached |= has[m];
                found.calls[m] += ones(new[1][m]);
            }
        }
        None => new[1] = new[0],
    }
    for m in 0..8 * N {
        found.holders[m] += ones(has[m]);
        found.unreached[m] += ones(has[m] & !reached);
    }
    for k in bits(question.bad) {
        for service in 0..2 {
            for m in 0..8 * N {
                found.poorly[service][m] += question.badness[service][k] * ones(has[m] & new[service][k]) as f32;
            }
        }
    }
}

#[inline(always)]
fn ones(map: u64) -> i32 {
    map.count_ones() as i32
}
