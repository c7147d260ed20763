//! Randomness: every draw has an address, (seed, purpose, entity, tick), and can be regenerated at any time.
//!
//! In the tick draws come from the counter-based generator Philox4x32-10; its key is derived from the seed by
//! ChaCha. Nothing is drawn "in sequence", so neither the number of threads nor the order of work can change a
//! value, and two scenarios with one seed share every draw (common random numbers). Graph generators draw
//! sequences, each from its own addressed ChaCha stream ([`Draws::sequence`]).

mod math;
mod philox;

pub(crate) use math::{EXP_LIMIT, exp_parts, logistic_may_happen};
pub use math::{TABLE, exp, logistic_happens, normal_cdf, normal_quantile, normal_table, uniform_table};

use fearless_simd::Level;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a draw is for. The numbers are part of the determinism contract: never reuse or renumber one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Age, activity, VPN propensity, personal groups of a user.
    Trait = 1,
    /// Persistent tastes of a user.
    Taste = 2,
    /// Region and place of a user where the graph carries no geography.
    Place = 3,
    /// Which pattern of households a block of users has.
    HouseholdPattern = 4,
    /// Who is in a group (a sequence).
    Group = 9,
    /// Age and groups of a household.
    HouseholdTrait = 5,
    /// Persistent tastes of a household.
    HouseholdTaste = 6,
    /// Awareness at the start.
    StartAware = 7,
    /// Main app at the start (single-app rules).
    StartMain = 8,
    /// Who reviews today.
    Review = 16,
    /// Decisions of a review: the VPN's word, then one a messenger.
    Decide = 17,
    /// Who reviews today because of a shock.
    Shock = 18,
    /// Hearing of new messengers, one word a messenger.
    Hear = 19,
    /// Which group chats review today.
    Chat = 20,
    /// Whether a group chat obeys orders early or late.
    ChatOrder = 21,
    /// Openings of apps by the audience panel.
    Open = 24,
    /// Who is in the panels.
    Panel = 25,
    /// Patterns of households (a sequence).
    GraphPattern = 32,
    /// Ties of a place (a sequence).
    GraphLocal = 33,
    /// Ties of a city (a sequence).
    GraphCity = 34,
    /// Ties across the country (a sequence).
    GraphNational = 35,
    /// Sociability of a user.
    Sociability = 36,
    /// Generators of textbook graphs.
    GraphClassic = 37,
    /// Sampling for graph statistics.
    GraphStatistics = 38,
    /// Designs of sweeps.
    Design = 48,
    /// For rules of choice written by library users.
    User = 64,
}

/// Where a block of draws stands; made by [`address`].
pub type Address = [u32; 4];

/// The address of block `index` at (purpose, entity, tick).
#[inline(always)]
pub fn address(purpose: Purpose, entity: u32, tick: i32, index: u32) -> Address {
    [entity, tick as u32, purpose as u32, index]
}

/// Addressed draws of one seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    seed: u64,
    key: [u32; 2],
}

impl Draws {
    /// The draws of `seed`.
    pub fn new(seed: u64) -> Self {
        let mut chacha = ChaCha8Rng::seed_from_u64(seed);
        Draws { seed, key: [chacha.next_u32(), chacha.next_u32()] }
    }

    /// Four uniform words at (purpose, entity, tick); `index` counts further blocks at the same address.
    #[inline(always)]
    pub fn block(&self, purpose: Purpose, entity: u32, tick: i32, index: u32) -> [u32; 4] {
        philox::block(address(purpose, entity, tick, index), self.key)
    }

    /// The blocks at up to eight addresses, made side by side: eight take little longer than one.
    #[inline(always)]
    pub fn blocks<const N: usize>(&self, addresses: [Address; N]) -> [[u32; 4]; N] {
        self.blocks_at(Level::new(), addresses)
    }

    /// The same, where the level of instructions is known already.
    #[inline(always)]
    pub(crate) fn blocks_at<const N: usize>(&self, level: Level, addresses: [Address; N]) -> [[u32; 4]; N] {
        philox::blocks(level, addresses, self.key)
    }

    /// A uniform word at (purpose, entity), for what is looked up too often for a block: the finaliser of SplitMix64
    /// (Steele, Lea and Flood 2014) over address and key.
    #[inline(always)]
    pub fn word(&self, purpose: Purpose, entity: u32) -> u32 {
        let mut x = (u64::from(self.key[0]) << 32 | u64::from(self.key[1])) ^ (purpose as u64) << 32;
        x = x.wrapping_add(u64::from(entity).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (x ^ (x >> 31)) as u32
    }

    /// A long sequence of draws at (purpose, entity), for generators that need many.
    pub fn sequence(&self, purpose: Purpose, entity: u64) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed ^ ((purpose as u64) << 56));
        rng.set_stream(entity);
        rng
    }
}

/// A uniform word as a number in (0, 1): one of the 2^23 odd multiples of 2^-24, each as likely.
#[inline(always)]
pub fn unit(word: u32) -> f32 {
    // 24 bits fit a float exactly; the last of them, always set, keeps 0 out, and rounding never leads to 1.
    (word >> 8 | 1) as f32 * (1.0 / 16_777_216.0)
}

/// Probability as a threshold: `word < chance(p)` happens with probability p (p = 1 always).
#[inline]
pub fn chance(probability: f64) -> u64 {
    (probability.clamp(0.0, 1.0) * 4_294_967_296.0) as u64
}

/// For 64 users at once: which of them draw a uniform number below each of the thresholds.
///
/// User k of the word compares bit k of successive random words, most significant digit first, with the digits
/// of the threshold; most are decided after a few words, so a user costs under a nanosecond. All thresholds are
/// compared with the same number: whoever is below the lower one is below the higher one.
/// Thresholds are fractions times 2^32, as from [`chance`].
#[inline]
pub fn below_64<const N: usize>(draws: &Draws, purpose: Purpose, word: u32, tick: i32, thresholds: [u64; N]) -> [u64; N] {
    const ALWAYS: u64 = 1 << 32;
    let mut below = thresholds.map(|t| if t >= ALWAYS { !0u64 } else { 0 });
    let mut undecided = thresholds.map(|t| if t >= ALWAYS || t == 0 { 0u64 } else { !0 });
    let mut bit = 32u32;
    while bit > 0 && undecided.iter().any(|&left| left != 0) {
        // Eight blocks cost little more than one; the first half of their digits is about as many as it takes.
        let first = (32 - bit) / 2;
        let blocks = draws.blocks::<8>(std::array::from_fn(|k| address(purpose, word, tick, first + k as u32)));
        for eight in blocks.as_flattened().as_chunks::<2>().0.as_chunks::<8>().0 {
            for [low, high] in eight {
                let digits = u64::from(*low) | u64::from(*high) << 32;
                bit -= 1;
                for k in 0..N {
                    // All ones where the threshold's digit is 1: then a digit 0 decides for below, else a digit 1 against.
                    let one = (thresholds[k] >> bit & 1).wrapping_neg();
                    below[k] |= undecided[k] & !digits & one;
                    undecided[k] &= digits ^ !one;
                }
            }
            if undecided.iter().all(|&left| left == 0) {
                break;
            }
        }
    }
    below
}

/// All kinds of instructions that this processor has, least first.
#[cfg(test)]
pub(crate) fn levels() -> Vec<Level> {
    let best = Level::new();
    #[cfg(target_arch = "x86_64")]
    let others = [best.as_sse2().map(Level::Sse2), best.as_sse4_2().map(Level::Sse4_2), best.as_avx2().map(Level::Avx2)];
    #[cfg(not(target_arch = "x86_64"))]
    let others = [Some(Level::baseline())];
    others.into_iter().flatten().chain([best]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_is_between_0_and_1_and_even() {
        let ends = [0, 1, 255, 256, 511, 512, u32::MAX / 2, u32::MAX / 2 + 1, u32::MAX - 256, u32::MAX - 1, u32::MAX];
        for word in (0..=u32::MAX).step_by(0xFFF).chain(ends) {
            // In whole numbers: the middle of the interval of 512 words in which the word lies.
            let exact = f64::from(word / 512 * 2 + 1) / f64::from(1u32 << 24);
            assert!(0.0 < unit(word) && unit(word) < 1.0, "{word}");
            assert_eq!(f64::from(unit(word)), exact, "{word}");
        }
    }

    #[test]
    fn below_64_agrees_with_comparing_whole_numbers() {
        let draws = Draws::new(7);
        let thresholds = [chance(0.0714), chance(0.163)];
        for word in 0..200 {
            let masks = below_64(&draws, Purpose::Review, word, 3, thresholds);
            for k in 0..64 {
                let mut number = 0u64;
                for index in 0..16 {
                    let b = draws.block(Purpose::Review, word, 3, index);
                    for half in [0, 2] {
                        let digits = u64::from(b[half]) | u64::from(b[half + 1]) << 32;
                        number = number << 1 | (digits >> k & 1);
                    }
                }
                for (mask, threshold) in masks.iter().zip(thresholds) {
                    assert_eq!(mask >> k & 1 == 1, number < threshold);
                }
            }
        }
    }

    #[test]
    fn below_64_has_the_right_frequency() {
        let draws = Draws::new(1);
        let n = 1 << 14;
        let hits: u32 =
            (0..n).map(|w| below_64(&draws, Purpose::Review, w, 0, [chance(0.0714), chance(0.0714)])[0].count_ones()).sum();
        let users = f64::from(n) * 64.0;
        let sd = (users * 0.0714 * (1.0 - 0.0714)).sqrt();
        assert!((f64::from(hits) - users * 0.0714).abs() < 4.0 * sd);
        assert_eq!(below_64(&draws, Purpose::Review, 0, 0, [0, chance(1.0)]), [0, !0]);
    }
}
