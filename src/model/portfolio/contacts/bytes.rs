//! A byte by contact, all of a group in a register, for at most eight messengers and 32 rows of access.
//!
//! What a contact has is a byte of eight bits. The first of them in an order of apps is looked up: by each half of the
//! byte, a table of sixteen ranks; the lesser of both is the first. No branch depends on what contacts have.

use super::{Ask, ContactQuery, Reach, ask};
use crate::model::lanes::{OUTSIDE, Packed};
use crate::policy::BYTE_ROWS;
use fearless_simd::{Avx2, Simd, prelude::*, u8x16, u32x8};
use std::arch::x86_64::*;

/// Up to 32 contacts, a byte each.
#[derive(Clone, Copy)]
struct Contacts {
    /// Messengers held that work for them.
    has: __m256i,
    /// Rank of the user's app that reaches them first, by messages and by calls; above 127 is none.
    first: [__m256i; 2],
    /// Rank of the app over which their traffic comes in.
    incoming: __m256i,
}

/// What a group is asked, and what all of the tables are looked up for.
#[derive(Clone, Copy)]
struct ByteQuery<'a> {
    /// Public states of all users.
    states: &'a [u32],
    /// Messengers that work, by row.
    table: &'a [u8; BYTE_ROWS],
    /// Rank of each messenger, for messages and for calls.
    ranks: [u64; 2],
    /// Whether these are the same.
    same: bool,
    /// Whether only the first four ranks are taken.
    few: bool,
    ask: Ask<'a>,
}

/// Counts of one group.
#[inline(always)]
pub(super) fn count<S: Simd, const N: usize>(
    avx2: Avx2,
    table: &[u8; BYTE_ROWS],
    query: &ContactQuery<'_, S, N>,
    group: &[u32],
    badly_reached: &mut [[[f32; 8]; N]; 2],
) -> [Packed<N>; 5] {
    let ranks = [query.order, query.call_order.unwrap_or(query.order)].map(|order| order.ranks());
    let (same, few) = (query.call_order.is_none(), query.order.len() <= 4);
    let query = ByteQuery { states: query.states, table, ranks, same, few, ask: query.ask };
    let badly_reached = badly_reached.each_mut().map(|groups| groups.first_chunk_mut().expect("N is at least 1"));
    counts_of(avx2, &query, group, badly_reached).map(Packed::of_one_group)
}

fearless_simd::kernel!(
    /// A call of its own, in which all of this module is inlined.
    fn counts_of(avx2: Avx2, query: &ByteQuery<'_>, group: &[u32], badly_reached: [&mut [[f32; 8]; 1]; 2]) -> [Packed<1>; 5] {
        let contacts = read(avx2, query, group);
        let [own, calls, incoming] = histograms(avx2, query, contacts).map(Packed::of_eight);
        let [holders, unreached] = ask(&query.ask, &Reached { avx2, contacts, ranks: query.ranks }, badly_reached);
        [own, calls, incoming, holders, unreached]
    }
);

struct Reached {
    avx2: Avx2,
    contacts: Contacts,
    ranks: [u64; 2],
}

impl Reach for Reached {
    #[inline(always)]
    fn has(&self, m: usize) -> u32 {
        with_bit(self.avx2, self.contacts.has, m)
    }

    #[inline(always)]
    fn by(&self, m: usize) -> [u32; 2] {
        [0, 1].map(|service| {
            let rank = (self.ranks[service] >> (8 * m)) as u8;
            equal_to(self.avx2, self.contacts.first[service], rank)
        })
    }

    #[inline(always)]
    fn by_none(&self) -> u32 {
        with_bit(self.avx2, self.contacts.first[0], 7)
    }
}

/// Eight of these from place 8 - k on: all ones in the first k, then zero; from place 8 + k on: all ones in the last k, zero before.
static INSIDE: [u32; 24] = {
    let mut ones = [0; 24];
    let mut k = 0;
    while k < 8 {
        (ones[k], ones[16 + k]) = (u32::MAX, u32::MAX);
        k += 1;
    }
    ones
};

fearless_simd::kernel!(
    #[inline(always)]
    fn eight_words(avx2: Avx2, words: &[u32], contacts: &[u32; 8]) -> __m256i {
        u32x8::load_array(avx2, contacts.map(|j| words[j as usize])).into()
    }
);

fearless_simd::kernel!(
    /// The words of up to 32 contacts; zero, which has nothing, in other places.
    #[inline(always)]
    fn words_of(avx2: Avx2, words: &[u32], contacts: &[u32]) -> [__m256i; 4] {
        let mut found = [_mm256_setzero_si256(); 4];
        let (eights, rest) = contacts.as_chunks::<8>();
        for k in 0..4 {
            if let Some(eight) = eights.get(k) {
                found[k] = eight_words(avx2, words, eight);
            }
        }
        if let Some(&last) = rest.last() {
            // The last eight, without those that have been read; or all, filled up with the last.
            let (tail, inside) = match contacts.last_chunk::<8>() {
                Some(tail) => (*tail, 8 + rest.len()),
                None => (std::array::from_fn(|k| *rest.get(k).unwrap_or(&last)), 8 - rest.len()),
            };
            let inside = u32x8::load_array_ref(avx2, INSIDE[inside..].first_chunk().expect("at most 16"));
            found[eights.len() % 4] = _mm256_and_si256(eight_words(avx2, words, &tail), inside.into());
        }
        found
    }
);

fearless_simd::kernel!(
    /// The low bytes of 32 numbers of 16 bits; all in the same order, which is not the contacts'.
    #[inline(always)]
    fn narrow(avx2: Avx2, low: __m256i, high: __m256i) -> __m256i {
        let byte = _mm256_set1_epi16(0xFF);
        _mm256_packus_epi16(_mm256_and_si256(low, byte), _mm256_and_si256(high, byte))
    }
);

fearless_simd::kernel!(
    #[inline(always)]
    fn twice(avx2: Avx2, sixteen: [u8; 16]) -> __m256i {
        _mm256_broadcastsi128_si256(u8x16::load_array(avx2, sixteen).into())
    }
);

fearless_simd::kernel!(
    /// Ranks of eight messengers, and none for other numbers.
    #[inline(always)]
    fn spread(avx2: Avx2, ranks: u64) -> __m256i {
        twice(avx2, bytemuck::cast([ranks.to_le(), u64::from_ne_bytes([OUTSIDE; 8])]))
    }
);

fearless_simd::kernel!(
    /// For each half of a byte of messengers, the least rank by its four bits.
    #[inline(always)]
    fn least_ranks(avx2: Avx2, ranks: __m256i) -> [__m256i; 2] {
        // The lower lane is of messengers 0 to 3, the upper of 4 to 7.
        const NUMBERS: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        let numbers = twice(avx2, NUMBERS);
        let mut least = _mm256_set1_epi8(-1);
        for bit in 0..4 {
            let messenger = _mm256_set_m128i(_mm_set1_epi8(4 + bit), _mm_set1_epi8(bit));
            let rank = _mm256_shuffle_epi8(ranks, messenger);
            let without = _mm256_cmpeq_epi8(_mm256_and_si256(numbers, _mm256_set1_epi8(1 << bit)), _mm256_setzero_si256());
            least = _mm256_min_epu8(least, _mm256_or_si256(rank, without));
        }
        [_mm256_permute4x64_epi64::<0b01_00_01_00>(least), _mm256_permute4x64_epi64::<0b11_10_11_10>(least)]
    }
);

fearless_simd::kernel!(
    /// Bit r by rank r, or bit m by messenger m; nothing for what is none.
    #[inline(always)]
    fn bit_of(avx2: Avx2, numbers: __m256i) -> __m256i {
        const BITS: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0];
        _mm256_shuffle_epi8(twice(avx2, BITS), numbers)
    }
);

fearless_simd::kernel!(
    /// Asks up to 32 contacts.
    #[inline(always)]
    fn read(avx2: Avx2, query: &ByteQuery<'_>, contacts: &[u32]) -> Contacts {
        let ByteQuery { states, table, ranks, same, .. } = *query;
        let [a, b, c, d] = words_of(avx2, states, contacts);
        let low = _mm256_set1_epi32(0xFFFF);
        // Holdings, and what stands above them: main app in 5 bits, row from bit 7 on.
        let held = [
            _mm256_packus_epi32(_mm256_and_si256(a, low), _mm256_and_si256(b, low)),
            _mm256_packus_epi32(_mm256_and_si256(c, low), _mm256_and_si256(d, low)),
        ];
        let upper = [
            _mm256_packus_epi32(_mm256_srli_epi32::<16>(a), _mm256_srli_epi32::<16>(b)),
            _mm256_packus_epi32(_mm256_srli_epi32::<16>(c), _mm256_srli_epi32::<16>(d)),
        ];
        let held = narrow(avx2, held[0], held[1]);
        let row = narrow(avx2, _mm256_srli_epi16::<7>(upper[0]), _mm256_srli_epi16::<7>(upper[1]));
        let main = _mm256_and_si256(narrow(avx2, upper[0], upper[1]), _mm256_set1_epi8(31));
        // Rows 0 to 15, and 16 to 31: the bit of value 16 moves to the top of its byte.
        let (tables, _) = table.as_chunks::<16>();
        let works = _mm256_blendv_epi8(
            _mm256_shuffle_epi8(twice(avx2, tables[0]), row),
            _mm256_shuffle_epi8(twice(avx2, tables[1]), row),
            _mm256_slli_epi16::<3>(row),
        );
        let has = _mm256_and_si256(held, works);
        let half = _mm256_set1_epi8(15);
        let halves = [_mm256_and_si256(has, half), _mm256_and_si256(_mm256_srli_epi16::<4>(has), half)];
        let messages = spread(avx2, ranks[0]);
        let by_message = first(avx2, messages, halves);
        let by_call = if same { by_message } else { first(avx2, spread(avx2, ranks[1]), halves) };
        // Contacts whose main app does not reach the user come over the best mutual one.
        let no_main = _mm256_cmpeq_epi8(_mm256_and_si256(bit_of(avx2, main), has), _mm256_setzero_si256());
        let rank_of_main = _mm256_shuffle_epi8(messages, main);
        let incoming = _mm256_blendv_epi8(rank_of_main, by_message, _mm256_or_si256(no_main, rank_of_main));
        Contacts { has, first: [by_message, by_call], incoming }
    }
);

fearless_simd::kernel!(
    #[inline(always)]
    fn first(avx2: Avx2, ranks: __m256i, halves: [__m256i; 2]) -> __m256i {
        let least = least_ranks(avx2, ranks);
        _mm256_min_epu8(_mm256_shuffle_epi8(least[0], halves[0]), _mm256_shuffle_epi8(least[1], halves[1]))
    }
);

fearless_simd::kernel!(
    /// Contacts by messenger, a byte each: own, calls, incoming.
    #[inline(always)]
    fn histograms(avx2: Avx2, query: &ByteQuery<'_>, contacts: Contacts) -> [u64; 3] {
        let ByteQuery { ranks, same, few, .. } = *query;
        let histogram = |first, ranks| if few { histogram_of_four(avx2, first, ranks) } else { histogram(avx2, first, ranks) };
        let own = histogram(contacts.first[0], ranks[0]);
        let calls = if same { own } else { histogram(contacts.first[1], ranks[1]) };
        [own, calls, histogram(contacts.incoming, ranks[0])]
    }
);

fearless_simd::kernel!(
    #[inline(always)]
    fn histogram(avx2: Avx2, first: __m256i, ranks: u64) -> u64 {
        let mut bits = bit_of(avx2, first);
        let mut counts = 0;
        for _ in 0..8 {
            // The highest rank left stands at the top of every byte; then the next one moves up.
            counts = counts << 8 | u64::from((_mm256_movemask_epi8(bits) as u32).count_ones());
            bits = _mm256_add_epi8(bits, bits);
        }
        by_messenger(avx2, counts, ranks)
    }
);

fearless_simd::kernel!(
    /// The same where no rank is above the fourth, as most people use no more apps.
    #[inline(always)]
    fn histogram_of_four(avx2: Avx2, first: __m256i, ranks: u64) -> u64 {
        let mut bits = _mm256_slli_epi16::<4>(bit_of(avx2, first));
        let mut counts = 0;
        for _ in 0..4 {
            counts = counts << 8 | u64::from((_mm256_movemask_epi8(bits) as u32).count_ones());
            bits = _mm256_add_epi8(bits, bits);
        }
        by_messenger(avx2, counts, ranks)
    }
);

fearless_simd::kernel!(
    /// From counts by rank to counts by messenger; none for those that have no rank.
    #[inline(always)]
    fn by_messenger(avx2: Avx2, counts: u64, ranks: u64) -> u64 {
        _mm_cvtsi128_si64(_mm_shuffle_epi8(_mm_cvtsi64_si128(counts as i64), _mm_cvtsi64_si128(ranks as i64))) as u64
    }
);

fearless_simd::kernel!(
    /// Contacts whose byte has the bit.
    #[inline(always)]
    fn with_bit(avx2: Avx2, bytes: __m256i, bit: usize) -> u32 {
        let up = _mm_cvtsi32_si128(7 - bit as i32);
        _mm256_movemask_epi8(_mm256_sll_epi16(bytes, up)) as u32
    }
);

fearless_simd::kernel!(
    /// Contacts whose byte is this one.
    #[inline(always)]
    fn equal_to(avx2: Avx2, bytes: __m256i, byte: u8) -> u32 {
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte as i8))) as u32
    }
);
