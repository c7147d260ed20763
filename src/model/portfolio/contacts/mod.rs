//! One pass over the contacts: which messengers reach whom.
//!
//! Contacts are taken 32 at a time, so that a hub with a thousand ties is just more groups. There are two ways to count
//! in a group, which find the same: one map of contacts by messenger, a bit each, for all processors; and one byte by
//! contact, in a register whose bytes can be looked up in tables of sixteen.

mod bitmaps;
#[cfg(target_arch = "x86_64")]
mod bytes;

use crate::model::bits;
use crate::model::lanes::{Lanes, Order, Packed};
use crate::policy::{PerMessenger, Today};
use fearless_simd::Simd;

/// Contacts of a group.
const GROUP: usize = 32;

/// What the pass needs to know beforehand. N is 1 for at most eight messengers, else 2.
pub(super) struct ContactQuery<'a, S: Simd, const N: usize> {
    /// Stands for the instructions, as in [`Lanes`].
    pub simd: S,
    /// User numbers of the contacts.
    pub contacts: &'a [u32],
    /// Public states of all users.
    pub states: &'a [u32],
    /// Tables of the day: which messengers work.
    pub today: &'a Today,
    /// Apps held that work for the user.
    pub works: u16,
    /// Order in which these take contacts, for messages.
    pub order: &'a Order,
    /// The same for calls, where it may be another.
    pub call_order: Option<&'a Order>,
    /// What is asked of them.
    pub ask: Ask<'a>,
}

/// What contacts are asked about.
#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    /// Messengers to ask all about: not held, but perhaps installed today.
    pub all: u16,
    /// Messengers of which the holders alone count: perhaps heard of, or perhaps a reason for a VPN.
    pub holders: u16,
    /// Apps held that work, but badly, where that matters.
    pub degraded: u16,
    /// Weight of a contact already reached by each app, in messages and calls: how badly it works.
    pub weight: &'a [PerMessenger; 2],
}

/// What the pass finds: counts of contacts, by messenger.
#[derive(Clone, Copy)]
pub(super) struct ContactCounts<S: Simd, const N: usize> {
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
    /// Of these, contacts reached by such apps, weighted by how badly: by messages, and by calls.
    pub badly_reached: [Lanes<S, N>; 2],
}

/// The pass.
#[inline(always)]
pub(super) fn count_contacts<S: Simd, const N: usize>(query: &ContactQuery<'_, S, N>) -> ContactCounts<S, N> {
    let none = Lanes::all(query.simd, 0.0);
    let mut badly_reached = [[[0.0; 8]; N]; 2];
    // Most people have one group of contacts.
    let (first, others) = query.contacts.split_at(query.contacts.len().min(GROUP));
    let group = count(query, first, &mut badly_reached);
    let mut counts = [none; 5];
    for k in 0..5 {
        counts[k] = Lanes::of_packed(query.simd, group[k]);
    }
    for group in others.chunks(GROUP) {
        let group = count(query, group, &mut badly_reached);
        for k in 0..5 {
            counts[k] = counts[k] + Lanes::of_packed(query.simd, group[k]);
        }
    }
    let [own, calls, incoming, holders, unreached] = counts;
    let badly_reached = [Lanes::of_groups(query.simd, &badly_reached[0]), Lanes::of_groups(query.simd, &badly_reached[1])];
    ContactCounts { own, calls, incoming, holders, unreached, badly_reached }
}

/// Own, calls, incoming, holders and unreached of one group.
#[inline(always)]
fn count<S: Simd, const N: usize>(
    query: &ContactQuery<'_, S, N>,
    group: &[u32],
    badly_reached: &mut [[[f32; 8]; N]; 2],
) -> [Packed<N>; 5] {
    #[cfg(target_arch = "x86_64")]
    if N == 1
        && let Some(avx2) = query.simd.level().as_avx2()
        && let Some(table) = query.today.works_in_bytes()
    {
        return bytes::count(avx2, table, query, group, badly_reached);
    }
    // A call of its own: beside the other way, what it unpacks would be unpacked for nothing.
    query.simd.vectorize(
        #[inline(always)]
        || bitmaps::count(query, group, badly_reached),
    )
}

/// Who of a group is reached, a bit each.
trait Reach {
    /// Holds a messenger, and it works for them.
    fn has(&self, m: usize) -> u32;
    /// Is reached by an app of the user first: by messages, and by calls.
    fn by(&self, m: usize) -> [u32; 2];
    /// Is reached by none.
    fn by_none(&self) -> u32;
}

/// Holders and unreached, by messenger asked about; adds to those reached badly.
#[inline(always)]
fn ask<const N: usize>(asked: &Ask<'_>, reached: &impl Reach, badly_reached: [&mut [[f32; 8]; N]; 2]) -> [Packed<N>; 2] {
    let [mut holders, mut unreached] = [Packed::default(); 2];
    for m in bits(asked.holders) {
        holders.add(m, reached.has(m).count_ones());
    }
    for m in bits(asked.all) {
        let has = reached.has(m);
        holders.add(m, has.count_ones());
        unreached.add(m, (has & reached.by_none()).count_ones());
        for k in bits(asked.degraded) {
            let by = reached.by(k);
            for service in 0..2 {
                badly_reached[service][m / 8 % N][m % 8] += asked.weight[service][k] * (has & by[service]).count_ones() as f32;
            }
        }
    }
    [holders, unreached]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PublicState;
    use crate::policy::{BYTE_ROWS, ROWS};
    use crate::scenario::MAX_MESSENGERS;
    use fearless_simd::dispatch;
    use proptest::prelude::*;

    /// The same pass without bits: contact by contact, as model.md words it.
    fn plain<S: Simd, const N: usize>(query: &ContactQuery<'_, S, N>) -> [PerMessenger; 7] {
        let mut found = [[0.0; MAX_MESSENGERS]; 7];
        let [own_counts, call_counts, incoming, holders, unreached, badly_reached @ ..] = &mut found;
        for &j in query.contacts {
            let contact = PublicState(query.states[j as usize]);
            let has = |m: usize| (contact.holdings() & query.today.works()[contact.row()]) >> m & 1 == 1;
            let first = |order: &Order| order.iter().find(|&m| has(m));
            let own = first(query.order);
            let calls = first(query.call_order.unwrap_or(query.order));
            own.into_iter().for_each(|m| own_counts[m] += 1.0);
            calls.into_iter().for_each(|m| call_counts[m] += 1.0);
            // The contact's main app where it reaches the user, else the user's best mutual one.
            let main = contact.main().filter(|&m| has(m) && query.works >> m & 1 == 1);
            main.or(own).into_iter().for_each(|m| incoming[m] += 1.0);
            for m in bits(query.ask.all | query.ask.holders).filter(|&m| has(m)) {
                holders[m] += 1.0;
            }
            for m in bits(query.ask.all).filter(|&m| has(m)) {
                unreached[m] += if own.is_none() { 1.0 } else { 0.0 };
                for (service, first) in [own, calls].into_iter().enumerate() {
                    let bad = first.filter(|k| query.ask.degraded >> k & 1 == 1);
                    badly_reached[service][m] += bad.map_or(0.0, |k| query.ask.weight[service][k]);
                }
            }
        }
        found
    }

    fn agree<S: Simd, const N: usize>(
        simd: S,
        words: &[u32],
        today: &Today,
        degree: usize,
        scores: &[[f32; MAX_MESSENGERS]; 2],
        masks: [u16; 4],
    ) {
        let inside = (1u32 << (8 * N)).wrapping_sub(1) as u16;
        let [works, ask, count, degraded] = masks.map(|mask| mask & inside);
        // An irregular walk over the words, with repetitions.
        let contacts: Vec<u32> = (0..degree).map(|k| (k * k * 7 + k) as u32 % words.len() as u32).collect();
        let words: Vec<u32> = words.iter().map(|word| word & !u32::from(!inside)).collect();
        // Eighths add up exactly in any order.
        let weight = scores.map(|scores| scores.map(|score| (score * 8.0).round().abs() / 8.0));
        let order = Order::new(works, Lanes::<S, N>::of(simd, &scores[0]));
        let call_order = (works & degraded != 0).then(|| Order::new(works, Lanes::<S, N>::of(simd, &scores[1])));
        let query = ContactQuery::<S, N> {
            simd,
            contacts: &contacts,
            states: &words,
            today,
            works,
            order: &order,
            call_order: call_order.as_ref(),
            ask: Ask { all: ask & !works, holders: count & !ask & !works, degraded: works & degraded, weight: &weight },
        };
        let ContactCounts { own, calls, incoming, holders, unreached, badly_reached: [messages, by_call] } =
            count_contacts(&query);
        let found = [own, calls, incoming, holders, unreached, messages, by_call].map(Lanes::to_array);
        assert_eq!(found, plain(&query));
    }

    proptest! {
        #[test]
        fn bits_and_bytes_find_what_loops_find(
            words in prop::collection::vec(any::<u32>(), 1..200),
            table in prop::collection::vec(any::<u16>(), ROWS),
            degree in prop_oneof![
                prop::sample::select(vec![0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 127, 128, 129, 1045]),
                0..200usize,
            ],
            scores in prop::array::uniform2(prop::array::uniform16(-4.0f32..4.0)),
            masks in prop::array::uniform4(any::<u16>()),
        ) {
            // Main apps beyond the messengers stand for none.
            let words: Vec<u32> = words.iter().map(|&word| PublicState(word).with_main(PublicState(word).main()).0).collect();
            for rows in [ROWS, BYTE_ROWS] {
                // Of few rows and eight messengers there is a table in bytes.
                let today = Today::of_works(&table[..rows]);
                let eight = Today::of_works(&table[..rows].iter().map(|works| works & 0xFF).collect::<Vec<_>>());
                let words: Vec<u32> = words.iter().map(|word| (u64::from(*word) & (((rows as u64) << 23) - 1)) as u32).collect();
                for level in crate::random::levels() {
                    dispatch!(level, simd => agree::<_, 1>(simd, &words, &eight, degree, &scores, masks));
                    dispatch!(level, simd => agree::<_, 2>(simd, &words, &today, degree, &scores, masks));
                }
            }
        }
    }
}
