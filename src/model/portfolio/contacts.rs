//! One pass over the contacts: which messengers reach whom, by bits.
//!
//! Contacts are taken 64 at a time. Of each group we keep one 64-bit map per messenger: contact k holds it and it
//! works for them. Coverage, routing and what a new app would add are then a few population counts, and a hub
//! with a thousand ties is just more groups.

use crate::model::lanes::{Lanes, Order, Packed};
use crate::model::{Word, bits};
use crate::policy::{PerMessenger, ROWS};
use crate::scenario::MAX_MESSENGERS;
use fearless_simd::{Simd, i8x16, prelude::*};

/// What the pass needs to know beforehand. N is 1 for at most eight messengers, else 2.
pub(super) struct Question<'a, S: Simd, const N: usize> {
    /// Stands for the instructions, as in [`Lanes`].
    pub simd: S,
    /// User numbers of the contacts.
    pub contacts: &'a [u32],
    /// Published words of all users.
    pub words: &'a [u32],
    /// Messengers that work, by row of the access tables.
    pub table: &'a [u16; ROWS],
    /// Apps held that work for the user.
    pub works: u16,
    /// Order in which these take contacts, for messages.
    pub order: &'a Order,
    /// The same for calls.
    pub call_order: &'a Order,
    /// Messengers to ask about: not held but possibly installed, or lost without a VPN.
    pub ask: u16,
    /// Apps held that work badly, where that matters.
    pub poor: u16,
    /// Weight of a contact already reached by each app, in messages and calls: how badly it works.
    pub weight: &'a [PerMessenger; 2],
}

/// What the pass finds: counts of contacts, by messenger.
#[derive(Clone, Copy)]
pub(super) struct Found<S: Simd, const N: usize> {
    /// Contacts for whom each app is the user's first choice.
    pub own: Lanes<S, N>,
    /// The same for calls.
    pub calls: Lanes<S, N>,
    /// Contacts whose traffic comes in over each app.
    pub incoming: Lanes<S, N>,
    /// Contacts who hold each messenger asked about, working for them (|B_m|).
    pub holders: Lanes<S, N>,
    /// Of these, contacts whom no app of the user reaches.
    pub unreached: Lanes<S, N>,
    /// Of these, contacts reached by poor apps, weighted by how badly: by messages, and by calls.
    pub poorly: [Lanes<S, N>; 2],
}

/// The pass.
#[inline(always)]
pub(super) fn survey<S: Simd, const N: usize>(question: &Question<'_, S, N>) -> Found<S, N> {
    let none = Lanes::all(question.simd, 0.0);
    let (mut counts, mut poorly) = ([none; 5], [[0.0; MAX_MESSENGERS]; 2]);
    for group in question.contacts.chunks(64) {
        let group = count(&maps(question, group), question, &mut poorly);
        for k in 0..5 {
            counts[k] = counts[k] + Lanes::of_packed(question.simd, group[k]);
        }
    }
    let [own, calls, incoming, holders, unreached] = counts;
    let poorly = [Lanes::of(question.simd, &poorly[0]), Lanes::of(question.simd, &poorly[1])];
    Found { own, calls, incoming, holders, unreached, poorly }
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
fn maps<S: Simd, const N: usize>(question: &Question<'_, S, N>, group: &[u32]) -> Maps {
    let mut maps = Maps { has: [0; MAX_MESSENGERS], main: [0; MAX_MESSENGERS] };
    for (k, sixteen) in group.chunks(16).enumerate() {
        let (eights, rest) = sixteen.as_chunks::<8>();
        let (one, two) = match eights {
            [one, two, ..] => (read(question, one), read(question, two)),
            [one] if rest.is_empty() => (read(question, one), Bytes::default()),
            [one] => (read(question, one), read_few(question, rest)),
            [] => (read_few(question, rest), Bytes::default()),
        };
        for b in 0..N {
            scatter(question.simd, [one.has[b], two.has[b]], &mut maps.has, 8 * b, 16 * k);
            scatter(question.simd, [one.main[b], two.main[b]], &mut maps.main, 8 * b, 16 * k);
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
fn read<S: Simd, const N: usize>(question: &Question<'_, S, N>, eight: &[u32; 8]) -> Bytes {
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
fn read_few<S: Simd, const N: usize>(question: &Question<'_, S, N>, few: &[u32]) -> Bytes {
    let last = few.len() - 1;
    let mut eight = [0; 8];
    for (k, contact) in eight.iter_mut().enumerate() {
        *contact = few[k.min(last)];
    }
    let mut bytes = read(question, &eight);
    let inside = !0 >> (56 - 8 * last);
    for b in 0..N {
        bytes.has[b] &= inside;
        bytes.main[b] &= inside;
    }
    bytes
}

/// Of 16 bytes, a contact each, bit m goes to the map of messenger `first` + m, from position `at` on.
#[inline(always)]
fn scatter<S: Simd>(simd: S, bytes: [u64; 2], maps: &mut [u64; MAX_MESSENGERS], first: usize, at: usize) {
    let mut bytes = i8x16::load_array(simd, bytemuck::cast([bytes[0].to_le(), bytes[1].to_le()]));
    for m in (0..8).rev() {
        // The highest bit of every byte; then the next one moves up.
        maps[first + m] |= bytes.simd_lt(0).to_bitmask() << at;
        bytes = bytes + bytes;
    }
}

/// Own, calls, incoming, holders and unreached of up to 64 contacts.
#[inline(always)]
fn count<S: Simd, const N: usize>(
    maps: &Maps,
    question: &Question<'_, S, N>,
    poorly: &mut [[f32; MAX_MESSENGERS]; 2],
) -> [Packed<N>; 5] {
    let Maps { has, main } = maps;
    let mut main_reaches = 0;
    for map in &main[..8 * N] {
        main_reaches |= map;
    }
    let [mut own, mut own_calls, mut incoming, mut holders, mut unreached] = [Packed::default(); 5];
    // New contacts of each app in order, for messages and for calls. Both orders are of the same apps.
    let mut new = [[0; MAX_MESSENGERS]; 2];
    let mut reached = [0; 2];
    for (m, c) in question.order.iter().zip(question.call_order.iter()) {
        new[0][m] = has[m] & !reached[0];
        new[1][c] = has[c] & !reached[1];
        reached[0] |= has[m];
        reached[1] |= has[c];
        own.add(m, ones(new[0][m]));
        own_calls.add(c, ones(new[1][c]));
        // Contacts whose main app does not reach the user come over the best mutual one.
        incoming.add(m, ones(main[m] | new[0][m] & !main_reaches));
    }
    for m in bits(question.ask) {
        holders.add(m, ones(has[m]));
        unreached.add(m, ones(has[m] & !reached[0]));
        for k in bits(question.poor) {
            for service in 0..2 {
                poorly[service][m] += question.weight[service][k] * ones(has[m] & new[service][k]) as f32;
            }
        }
    }
    [own, own_calls, incoming, holders, unreached]
}

#[inline(always)]
fn ones(map: u64) -> u32 {
    map.count_ones()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fearless_simd::{Level, dispatch};
    use proptest::prelude::*;

    /// The same pass without bits: contact by contact, as model.md words it.
    fn plain<S: Simd, const N: usize>(question: &Question<'_, S, N>) -> [PerMessenger; 7] {
        let mut found = [[0.0; MAX_MESSENGERS]; 7];
        let [own_counts, call_counts, incoming, holders, unreached, poorly @ ..] = &mut found;
        for &j in question.contacts {
            let contact = Word(question.words[j as usize]);
            let has = |m: usize| (contact.holdings() & question.table[contact.row()]) >> m & 1 == 1;
            let first = |order: &Order| order.iter().find(|&m| has(m));
            let own = first(question.order);
            let calls = first(question.call_order);
            own.into_iter().for_each(|m| own_counts[m] += 1.0);
            calls.into_iter().for_each(|m| call_counts[m] += 1.0);
            // The contact's main app where it reaches the user, else the user's best mutual one.
            let main = contact.main().filter(|&m| has(m) && question.works >> m & 1 == 1);
            main.or(own).into_iter().for_each(|m| incoming[m] += 1.0);
            for m in bits(question.ask).filter(|&m| has(m)) {
                holders[m] += 1.0;
                unreached[m] += if own.is_none() { 1.0 } else { 0.0 };
                for (service, first) in [own, calls].into_iter().enumerate() {
                    let poor = first.filter(|k| question.poor >> k & 1 == 1);
                    poorly[service][m] += poor.map_or(0.0, |k| question.weight[service][k]);
                }
            }
        }
        found
    }

    fn agree<S: Simd, const N: usize>(
        simd: S,
        words: &[u32],
        table: &[u16; ROWS],
        degree: usize,
        scores: &[[f32; MAX_MESSENGERS]; 2],
        masks: [u16; 3],
    ) {
        let inside = (1u32 << (8 * N)).wrapping_sub(1) as u16;
        let [works, ask, degraded] = masks.map(|mask| mask & inside);
        // An irregular walk over the words, with repetitions.
        let contacts: Vec<u32> = (0..degree).map(|k| (k * k * 7 + k) as u32 % words.len() as u32).collect();
        let words: Vec<u32> = words.iter().map(|word| word & !u32::from(!inside)).collect();
        // Eighths add up exactly in any order.
        let weight = scores.map(|scores| scores.map(|score| (score * 8.0).round().abs() / 8.0));
        let order = Order::new(works, Lanes::<S, N>::of(simd, &scores[0]));
        let call_order = if works & degraded == 0 { order } else { Order::new(works, Lanes::<S, N>::of(simd, &scores[1])) };
        let question = Question::<S, N> {
            simd,
            contacts: &contacts,
            words: &words,
            table,
            works,
            order: &order,
            call_order: &call_order,
            ask: ask & !works,
            poor: works & degraded,
            weight: &weight,
        };
        let Found { own, calls, incoming, holders, unreached, poorly: [messages, by_call] } = survey(&question);
        let found = [own, calls, incoming, holders, unreached, messages, by_call].map(Lanes::to_array);
        assert_eq!(found, plain(&question));
    }

    proptest! {
        #[test]
        fn bits_find_what_loops_find(
            words in prop::collection::vec(any::<u32>(), 1..200),
            table in prop::collection::vec(any::<u16>(), ROWS),
            degree in prop_oneof![
                prop::sample::select(vec![0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 127, 128, 129, 1045]),
                0..200usize,
            ],
            scores in prop::array::uniform2(prop::array::uniform16(-4.0f32..4.0)),
            masks in prop::array::uniform3(any::<u16>()),
        ) {
            // Main apps beyond the messengers stand for none.
            let words: Vec<u32> = words.iter().map(|&word| Word(word).with_main(Word(word).main()).0).collect();
            let table: &[u16; ROWS] = table.first_chunk().expect("a table of all rows");
            dispatch!(Level::new(), simd => agree::<_, 1>(simd, &words, table, degree, &scores, masks));
            dispatch!(Level::new(), simd => agree::<_, 2>(simd, &words, table, degree, &scores, masks));
        }
    }
}
