//! Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").

use fearless_simd::{Level, dispatch};
#[cfg(target_arch = "x86_64")]
use fearless_simd::{prelude::*, u32x8};
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

const M0: u64 = 0xD251_1F53;
const M1: u64 = 0xCD9E_8D57;
const W0: u32 = 0x9E37_79B9;
const W1: u32 = 0xBB67_AE85;

/// Ten rounds over `counter` with `key`.
#[inline(always)]
pub(super) fn block(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    rounds([counter], key)[0]
}

/// The same for up to eight counters side by side, by the instructions of `level`; all give the same. A round is a chain
/// of multiplications each waiting for the one before; several chains in vector registers take little longer than one.
#[inline(always)]
pub(super) fn blocks<const N: usize>(level: Level, counters: [[u32; 4]; N], key: [u32; 2]) -> [[u32; 4]; N] {
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = level.as_avx2() {
        // Two counters a register; places left over are computed for nothing.
        let mut all = [[0; 4]; 8];
        all[..N].copy_from_slice(&counters);
        let pairs: [[u32; 8]; 4] = bytemuck::cast(all);
        let made: [[u32; 4]; 8] = bytemuck::cast(match N {
            0..=2 => [one_pair(avx2, pairs[0], key), pairs[1], pairs[2], pairs[3]],
            _ => four_pairs(avx2, pairs, key),
        });
        return *made.first_chunk().expect("at most eight");
    }
    blocks_portable(level, &counters, key)
}

#[cfg(target_arch = "x86_64")]
fearless_simd::kernel!(
    /// One round of two counters. The halves that are multiplied are the lower ones of 64 bits as they stand, and what
    /// a round does but for its products is one shuffle: words (3, 2, 1, 0) of them.
    #[inline(always)]
    fn round(avx2: Avx2, pair: __m256i, keys: __m256i) -> __m256i {
        let factors = _mm256_set_epi64x(M1 as i64, M0 as i64, M1 as i64, M0 as i64);
        let shuffled = _mm256_shuffle_epi32::<0b00_01_10_11>(_mm256_mul_epu32(pair, factors));
        _mm256_xor_si256(shuffled, _mm256_xor_si256(_mm256_srli_epi64::<32>(pair), keys))
    }
);

#[cfg(target_arch = "x86_64")]
fearless_simd::kernel!(
    /// The key of the first round, or what is added to it from round to round, as a round needs it.
    #[inline(always)]
    fn spread(avx2: Avx2, key: [u32; 2]) -> __m256i {
        _mm256_set_epi32(0, key[1] as i32, 0, key[0] as i32, 0, key[1] as i32, 0, key[0] as i32)
    }
);

#[cfg(target_arch = "x86_64")]
fearless_simd::kernel!(
    #[inline(always)]
    fn one_pair(avx2: Avx2, pair: [u32; 8], key: [u32; 2]) -> [u32; 8] {
        let (mut keys, steps) = (spread(avx2, key), spread(avx2, [W0, W1]));
        let mut pair = u32x8::load_array(avx2, pair).into();
        for _ in 0..10 {
            pair = round(avx2, pair, keys);
            keys = _mm256_add_epi32(keys, steps);
        }
        u32x8::simd_from(avx2, pair).to_array()
    }
);

#[cfg(target_arch = "x86_64")]
fearless_simd::kernel!(
    #[inline(always)]
    fn four_pairs(avx2: Avx2, pairs: [[u32; 8]; 4], key: [u32; 2]) -> [[u32; 8]; 4] {
        let (mut keys, steps) = (spread(avx2, key), spread(avx2, [W0, W1]));
        let mut made = [_mm256_setzero_si256(); 4];
        for k in 0..4 {
            made[k] = u32x8::load_array(avx2, pairs[k]).into();
        }
        for _ in 0..10 {
            for pair in &mut made {
                *pair = round(avx2, *pair, keys);
            }
            keys = _mm256_add_epi32(keys, steps);
        }
        let mut out = pairs;
        for k in 0..4 {
            out[k] = u32x8::simd_from(avx2, made[k]).to_array();
        }
        out
    }
);

// A function of its own: inside a larger one the compiler does not find the vectors.
#[inline(never)]
fn blocks_portable<const N: usize>(level: Level, counters: &[[u32; 4]; N], key: [u32; 2]) -> [[u32; 4]; N] {
    dispatch!(level, _ => rounds(*counters, key))
}

#[inline(always)]
fn rounds<const N: usize>(counters: [[u32; 4]; N], mut key: [u32; 2]) -> [[u32; 4]; N] {
    // A column for each word, in 64 bits, the width of a product. Only the low halves count.
    let mut words: [[u64; N]; 4] = std::array::from_fn(|k| std::array::from_fn(|n| u64::from(counters[n][k])));
    for _ in 0..10 {
        let a: [u64; N] = std::array::from_fn(|n| M0 * (words[0][n] & 0xFFFF_FFFF));
        let b: [u64; N] = std::array::from_fn(|n| M1 * (words[2][n] & 0xFFFF_FFFF));
        words = [
            std::array::from_fn(|n| b[n] >> 32 ^ words[1][n] ^ u64::from(key[0])),
            b,
            std::array::from_fn(|n| a[n] >> 32 ^ words[3][n] ^ u64::from(key[1])),
            a,
        ];
        key = [key[0].wrapping_add(W0), key[1].wrapping_add(W1)];
    }
    std::array::from_fn(|n| std::array::from_fn(|k| words[k][n] as u32))
}

#[cfg(test)]
mod tests {
    use super::{block, blocks, blocks_portable};
    use proptest::prelude::*;

    // The known-answer vectors published with Random123.
    const COUNTERS: [[u32; 4]; 3] = [[0; 4], [!0; 4], [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344]];
    const KEYS: [[u32; 2]; 3] = [[0; 2], [!0; 2], [0xa409_3822, 0x299f_31d0]];
    const ANSWERS: [[u32; 4]; 3] = [
        [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8],
        [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd],
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
    ];

    #[test]
    fn known_answers() {
        for k in 0..3 {
            assert_eq!(block(COUNTERS[k], KEYS[k]), ANSWERS[k]);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn side_by_side_is_one_by_one(counters: [[u32; 4]; 8], key: [u32; 2]) {
            let one_by_one = counters.map(|counter| block(counter, key));
            for level in crate::random::levels() {
                prop_assert_eq!(blocks(level, counters, key), one_by_one);
                prop_assert_eq!(blocks_portable(level, &counters, key), one_by_one);
                prop_assert_eq!(&blocks(level, [counters[0], counters[1], counters[2]], key), &one_by_one[..3]);
                prop_assert_eq!(&blocks(level, [counters[3], counters[4]], key), &one_by_one[3..5]);
            }
        }
    }
}
