//! Numbers by messenger, side by side in vector registers: eight at a time, one group or, for scenarios of more than
//! eight messengers, two.
//!
//! A review does the same arithmetic for every messenger and only then looks at those that matter; without branches
//! a messenger that does not matter costs nothing. Every lane is computed on its own and sums are taken in one fixed
//! order, so that neither the number of groups nor the processor can change a bit of a result. Only operations that
//! IEEE 754 defines exactly are used, none that fuses two.
//!
//! S stands for the processor's instructions: a rule is compiled once for each kind of vector registers, and which of
//! them a review runs on is found out when it runs (`dispatch!` of `fearless_simd`). All of it must be inlined, or
//! the compiler does not know which instructions it may use.

use crate::policy::PerMessenger;
use crate::random::{EXP_LIMIT, exp_parts};
use crate::scenario::MAX_MESSENGERS;
use fearless_simd::{f32x8, i32x8, mask32x8, prelude::*, u8x16, u16x8, u32x8};
use std::ops::{Add, BitAnd, Div, Mul, Neg, Sub};

/// An array of N groups, group b being the expression. No closure: one may be left as a call.
macro_rules! groups {
    ($b:ident => $group:expr) => {{
        let $b = 0;
        let mut groups = [$group; N];
        for $b in 1..N {
            groups[$b] = $group;
        }
        groups
    }};
}

/// A number for each of 8 N messengers.
#[derive(Clone, Copy)]
pub(super) struct Lanes<S: Simd, const N: usize>([f32x8<S>; N]);

/// Small counts by messenger, a byte each. Unlike an array they stay in a register, from which lanes are made at once.
#[derive(Clone, Copy)]
pub(super) struct Packed<const N: usize>([u64; N]);

impl<const N: usize> Default for Packed<N> {
    fn default() -> Self {
        Packed([0; N])
    }
}

#[cfg(target_arch = "x86_64")]
impl Packed<1> {
    /// Counts of eight messengers, the first one lowest.
    #[inline(always)]
    pub(super) fn of_eight(counts: u64) -> Self {
        Packed([counts])
    }
}

impl<const N: usize> Packed<N> {
    /// None of messengers behind the first eight.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    pub(super) fn of_one_group(counts: Packed<1>) -> Self {
        let mut all = [0; N];
        all[0] = counts.0[0];
        Packed(all)
    }

    /// Adds to the count of messenger m, of 255 at most.
    #[inline(always)]
    pub(super) fn add(&mut self, m: usize, more: u32) {
        self.0[m / 8 % N] += u64::from(more) << (m % 8 * 8);
    }
}

/// Which of 8 N messengers.
#[derive(Clone, Copy)]
pub(super) struct Mask<S: Simd, const N: usize>([mask32x8<S>; N]);

impl<S: Simd, const N: usize> Lanes<S, N> {
    /// The same number for all.
    #[inline(always)]
    pub(super) fn all(simd: S, x: f32) -> Self {
        Lanes([f32x8::splat(simd, x); N])
    }

    #[inline(always)]
    pub(super) fn of_groups(simd: S, groups: &[[f32; 8]; N]) -> Self {
        Lanes(groups!(b => f32x8::load_array_ref(simd, &groups[b])))
    }

    #[inline(always)]
    pub(super) fn of(simd: S, list: &PerMessenger) -> Self {
        Lanes(groups!(b => f32x8::load_array_ref(simd, eight(list, b))))
    }

    #[inline(always)]
    pub(super) fn of_packed(simd: S, counts: Packed<N>) -> Self {
        Lanes(groups!(b => f32x8::float_from(widen(simd, counts.0[b].to_le_bytes()))))
    }

    /// From bytes in 1/255.
    #[inline(always)]
    pub(super) fn of_bytes(simd: S, bytes: [[u8; 8]; N]) -> Self {
        Lanes(groups!(b => f32x8::float_from(widen(simd, bytes[b])) * (1.0 / 255.0)))
    }

    /// From whole steps.
    #[inline(always)]
    pub(super) fn of_steps(simd: S, steps: [[i8; 8]; N]) -> Self {
        // With the sign's bit turned round they count from -128.
        Lanes(groups!(b => {
            let from_least = u64::from_le_bytes(bytemuck::cast(steps[b])) ^ 0x8080_8080_8080_8080;
            f32x8::float_from(widen(simd, from_least.to_le_bytes())) - 128.0
        }))
    }

    /// Random words as numbers in (0, 1).
    #[inline(always)]
    pub(super) fn of_words(simd: S, words: &[[u32; 8]; N]) -> Self {
        // As `random::unit` of each.
        Lanes(groups!(b => {
            let word = u32x8::load_array_ref(simd, &words[b]);
            f32x8::float_from(signed(word >> 8 | 1)) * (1.0 / 16_777_216.0)
        }))
    }

    #[inline(always)]
    pub(super) fn to_array(self) -> PerMessenger {
        let mut list = [0.0; MAX_MESSENGERS];
        for b in 0..N {
            *eight_mut(&mut list, b) = self.0[b].to_array();
        }
        list
    }

    /// Bits 3 to 7 of random words, which [`Lanes::of_words`] does not look at, as numbers in (-1/2, 1/2).
    #[inline(always)]
    pub(super) fn of_rounding_bits(simd: S, words: &[[u32; 8]; N]) -> Self {
        Lanes(groups!(b => {
            let word = u32x8::load_array_ref(simd, &words[b]);
            (f32x8::float_from(signed(word >> 3 & 31)) + (0.5 - 16.0)) * (1.0 / 32.0)
        }))
    }

    /// `bytes` with the lanes of `mask` in 1/255, rounded after adding `fraction`, of less than 1/2: what is exact stays.
    #[inline(always)]
    pub(super) fn put_bytes(self, mut bytes: [[u8; 8]; N], mask: Mask<S, N>, fraction: Self) -> [[u8; 8]; N] {
        for b in 0..N {
            let x = (self.0[b] * 255.0 + fraction.0[b]).max(0.0).min(255.0);
            // In a number of this size the last bit counts ones: adding it rounds.
            let rounded = signed(to_bits(x + 8_388_608.0)) & 0xFF;
            let old = widen(x.simd, bytes[b]);
            bytes[b] = narrow(mask.0[b].select(rounded, old));
        }
        bytes
    }

    /// exp, the same bits as [`crate::random::exp`].
    #[inline(always)]
    pub(super) fn exp(self) -> Self {
        Lanes(groups!(b => {
            let [series, shifted] = exp_parts(self.0[b].max(-EXP_LIMIT).min(EXP_LIMIT));
            series * ((to_bits(shifted) + 127) << 23).bitcast::<f32x8<S>>()
        }))
    }

    /// Sum: halves against halves, so that an empty second group changes nothing.
    #[inline(always)]
    pub(super) fn sum(self) -> f32 {
        let mut total = self.0[0];
        for b in 1..N {
            total += self.0[b];
        }
        let (low, high) = total.split();
        let four = (low + high).to_array();
        (four[0] + four[2]) + (four[1] + four[3])
    }

    /// The greater in every lane.
    #[inline(always)]
    pub(super) fn max(self, other: Self) -> Self {
        Lanes(groups!(b => self.0[b].max(other.0[b])))
    }

    /// The smaller in every lane.
    #[inline(always)]
    pub(super) fn min(self, other: Self) -> Self {
        Lanes(groups!(b => self.0[b].min(other.0[b])))
    }

    /// The greatest of the lanes.
    #[inline(always)]
    pub(super) fn greatest(self) -> f32 {
        let mut most = self.0[0];
        for b in 1..N {
            most = most.max(self.0[b]);
        }
        let (low, high) = most.split();
        let x = low.max(high).to_array();
        let max = |a: f32, b: f32| if a > b { a } else { b };
        max(max(x[0], x[2]), max(x[1], x[3]))
    }

    #[inline(always)]
    pub(super) fn less(self, other: Self) -> Mask<S, N> {
        Mask(groups!(b => self.0[b].simd_lt(other.0[b])))
    }

    #[inline(always)]
    pub(super) fn equal(self, other: Self) -> Mask<S, N> {
        Mask(groups!(b => self.0[b].simd_eq(other.0[b])))
    }

    /// Stands for the instructions.
    #[inline(always)]
    pub(super) fn simd(self) -> S {
        self.0[0].simd
    }
}

impl<S: Simd, const N: usize> Mask<S, N> {
    /// The messengers whose bit is set.
    #[inline(always)]
    pub(super) fn of(simd: S, bits: u16) -> Self {
        Mask(groups!(b => mask32x8::from_bitmask(simd, u64::from(bits >> (8 * b) & 0xFF))))
    }

    /// A bit each.
    #[inline(always)]
    pub(super) fn bits(self) -> u16 {
        let mut bits = 0;
        for b in 0..N {
            bits |= (self.0[b].to_bitmask() as u16) << (8 * b);
        }
        bits
    }

    /// `x` where the messenger is one of these, else `y`.
    #[inline(always)]
    pub(super) fn choose(self, x: Lanes<S, N>, y: Lanes<S, N>) -> Lanes<S, N> {
        Lanes(groups!(b => self.0[b].select(x.0[b], y.0[b])))
    }
}

/// Zero where the mask is not set.
impl<S: Simd, const N: usize> BitAnd<Mask<S, N>> for Lanes<S, N> {
    type Output = Self;

    #[inline(always)]
    fn bitand(self, mask: Mask<S, N>) -> Self {
        mask.choose(self, Lanes::all(self.simd(), 0.0))
    }
}

impl<S: Simd, const N: usize> Neg for Lanes<S, N> {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Lanes(groups!(b => -self.0[b]))
    }
}

macro_rules! operator {
    ($Operator:ident, $operator:ident) => {
        impl<S: Simd, const N: usize> $Operator for Lanes<S, N> {
            type Output = Self;

            #[inline(always)]
            fn $operator(self, other: Self) -> Self {
                Lanes(groups!(b => self.0[b].$operator(other.0[b])))
            }
        }

        impl<S: Simd, const N: usize> $Operator<f32> for Lanes<S, N> {
            type Output = Self;

            #[inline(always)]
            fn $operator(self, other: f32) -> Self {
                self.$operator(Self::all(self.simd(), other))
            }
        }

        impl<S: Simd, const N: usize> $Operator<Lanes<S, N>> for f32 {
            type Output = Lanes<S, N>;

            #[inline(always)]
            fn $operator(self, other: Lanes<S, N>) -> Lanes<S, N> {
                Lanes::all(other.simd(), self).$operator(other)
            }
        }

        impl<S: Simd, const N: usize> $Operator<&PerMessenger> for Lanes<S, N> {
            type Output = Self;

            #[inline(always)]
            fn $operator(self, other: &PerMessenger) -> Self {
                self.$operator(Self::of(self.simd(), other))
            }
        }
    };
}
operator!(Add, add);
operator!(Sub, sub);
operator!(Mul, mul);
operator!(Div, div);

/// Rank of a messenger that is not in an order: greater than all ranks as a byte, and the last of sixteen by its lower half.
pub(super) const OUTSIDE: u8 = 0x8F;

/// An order of messengers by descending score; of equal scores (to a few parts in a million) the lower number comes first.
#[derive(Clone, Copy)]
pub(super) struct Order {
    /// Rank of each messenger; [`OUTSIDE`] for those that are not in it.
    ranks: [u8; MAX_MESSENGERS],
    len: usize,
}

impl Order {
    /// The order of the messengers of `mask`.
    #[inline(always)]
    pub(super) fn new<S: Simd, const N: usize>(mask: u16, scores: Lanes<S, N>) -> Self {
        // Bits of floats compare like whole numbers, once negative ones are turned round; the last four bits make way
        // for the messenger's number. Whoever is not in the mask comes behind all.
        const NUMBERS: [[i32; 8]; 2] = [[15, 14, 13, 12, 11, 10, 9, 8], [7, 6, 5, 4, 3, 2, 1, 0]];
        let simd = scores.simd();
        let inside = Mask::<S, N>::of(simd, mask);
        let keys: [i32x8<S>; N] = groups!(b => {
            let bits = signed(to_bits(scores.0[b]));
            let ordered = bits ^ signed((bits >> 31).bitcast::<u32x8<S>>() >> 1);
            let key = (ordered & !15) | i32x8::load_array(simd, NUMBERS[b]);
            inside.0[b].select(key, i32x8::splat(simd, i32::MIN))
        });
        let mut flat = [0; MAX_MESSENGERS];
        for b in 0..N {
            *eight_mut(&mut flat, b) = keys[b].to_array();
        }
        // A messenger's rank is the number of greater keys; comparisons give -1 where true.
        let mut places = [i32x8::splat(simd, 0); N];
        for &key in &flat[..8 * N] {
            places = groups!(b => places[b] - i32x8::splat(simd, key).simd_gt(keys[b]).to_vector());
        }
        let mut order = Order { ranks: [OUTSIDE; MAX_MESSENGERS], len: mask.count_ones() as usize };
        for b in 0..N {
            *eight_mut(&mut order.ranks, b) = narrow(inside.0[b].select(places[b], i32x8::splat(simd, i32::from(OUTSIDE))));
        }
        order
    }

    /// Number of messengers in it.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Ranks of the first eight messengers, a byte each, the first one lowest.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    pub(super) fn ranks(&self) -> u64 {
        u64::from_le_bytes(*eight(&self.ranks, 0))
    }

    /// The messengers, first to last.
    #[inline(always)]
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        let mut messengers = [0; MAX_MESSENGERS];
        for (m, &rank) in self.ranks.iter().enumerate() {
            // Those outside come last, where only the last of sixteen could stand.
            messengers[usize::from(rank) % MAX_MESSENGERS] = m;
        }
        messengers.into_iter().take(self.len)
    }
}

/// Eight numbers of at most 255 as bytes.
#[inline(always)]
fn narrow<S: Simd>(numbers: i32x8<S>) -> [u8; 8] {
    let (low, high) = numbers.bitcast::<u32x8<S>>().split();
    let bytes = low.relaxed_narrow(high).relaxed_narrow(u16x8::splat(numbers.simd, 0)).to_array();
    *bytes.first_chunk().expect("8 of 16")
}

#[inline(always)]
fn eight<T>(list: &[T; MAX_MESSENGERS], b: usize) -> &[T; 8] {
    list[8 * b..].first_chunk().expect("two groups of eight are sixteen")
}

#[inline(always)]
fn eight_mut<T>(list: &mut [T; MAX_MESSENGERS], b: usize) -> &mut [T; 8] {
    list[8 * b..].first_chunk_mut().expect("two groups of eight are sixteen")
}

#[inline(always)]
fn widen<S: Simd>(simd: S, bytes: [u8; 8]) -> i32x8<S> {
    let sixteen = u8x16::load_array(simd, bytemuck::cast([u64::from_ne_bytes(bytes), 0]));
    let (low, high) = sixteen.widen().0.widen();
    signed(low.combine(high))
}

#[inline(always)]
fn to_bits<S: Simd>(x: f32x8<S>) -> u32x8<S> {
    x.bitcast()
}

#[inline(always)]
fn signed<S: Simd>(x: u32x8<S>) -> i32x8<S> {
    x.bitcast()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;
    use fearless_simd::dispatch;

    #[test]
    fn all_holds_for_all_instructions() {
        for level in random::levels() {
            dispatch!(level, simd => a_second_group_that_is_empty_changes_no_sum(simd));
            dispatch!(level, simd => masks_go_to_lanes_and_back(simd));
            dispatch!(level, simd => lanes_compute_what_scalars_do(simd));
            dispatch!(level, simd => rounding_keeps_bytes_and_has_no_drift(simd));
            dispatch!(level, simd => packed_counts_add_up(simd));
            dispatch!(level, simd => order_is_by_score_then_number(simd));
        }
    }

    fn packed_counts_add_up<S: Simd>(simd: S) {
        let mut packed = Packed::<2>::default();
        for m in 0..MAX_MESSENGERS {
            packed.add(m, 200 + m as u32);
            packed.add(m, 40);
        }
        assert_eq!(Lanes::of_packed(simd, packed).to_array(), list(|m| 240.0 + m as f32));
    }

    fn list(f: impl Fn(usize) -> f32) -> PerMessenger {
        std::array::from_fn(f)
    }

    fn a_second_group_that_is_empty_changes_no_sum<S: Simd>(simd: S) {
        let x = list(|m| if m < 8 { 0.1 + m as f32 / 3.0 } else { 0.0 });
        assert_eq!(Lanes::<S, 1>::of(simd, &x).sum().to_bits(), Lanes::<S, 2>::of(simd, &x).sum().to_bits());
        assert!((Lanes::<S, 1>::of(simd, &x).sum() - x.iter().sum::<f32>()).abs() < 1e-5);
        assert_eq!((Lanes::<S, 1>::of(simd, &x).greatest(), Lanes::<S, 2>::of(simd, &x).greatest()), (x[7], x[7]));
    }

    fn masks_go_to_lanes_and_back<S: Simd>(simd: S) {
        for bits in [0, 1, 0b1010_0110, 0xFF, 0xA5A5, 0x8000, 0xFFFF] {
            assert_eq!(Mask::<S, 2>::of(simd, bits).bits(), bits);
            assert_eq!(Mask::<S, 1>::of(simd, bits).bits(), bits & 0xFF);
            let chosen = Mask::<S, 2>::of(simd, bits).choose(Lanes::all(simd, 2.0), Lanes::all(simd, -1.0)).to_array();
            assert_eq!(chosen, list(|m| if bits >> m & 1 == 1 { 2.0 } else { -1.0 }));
        }
    }

    fn lanes_compute_what_scalars_do<S: Simd>(simd: S) {
        for k in -1000..1000 {
            let x = list(|m| k as f32 * 0.1 + m as f32 * 0.013);
            assert_eq!(Lanes::<S, 2>::of(simd, &x).exp().to_array().map(f32::to_bits), x.map(|x| random::exp(x).to_bits()));
        }
        let words: [u32; MAX_MESSENGERS] = std::array::from_fn(|m| 0x1234_5678u32.wrapping_mul(m as u32 * 7 + 1));
        assert_eq!(Lanes::<S, 2>::of_words(simd, &bytemuck::cast(words)).to_array(), words.map(random::unit));
    }

    fn rounding_keeps_bytes_and_has_no_drift<S: Simd>(simd: S) {
        for byte in 0..=255u8 {
            for fraction in [0, 1, 0x80, 0xFF, 0x1234] {
                let bytes = [[byte; 8]; 2];
                let x = Lanes::<S, 2>::of_bytes(simd, bytes);
                let fraction = Lanes::of_rounding_bits(simd, &[[fraction; 8]; 2]);
                assert_eq!(x.put_bytes(bytes, Mask::of(simd, 0xFFFF), fraction), bytes);
            }
        }
        let mut sum = 0;
        for k in 0..256 {
            let fraction = Lanes::of_rounding_bits(simd, &[[k; 8]; 2]);
            let ten = Lanes::<S, 2>::all(simd, 10.3 / 255.0);
            let bytes = ten.put_bytes([[7; 8]; 2], Mask::of(simd, 0x00F0), fraction);
            assert_eq!((bytes[0][3], bytes[1][0]), (7, 7));
            sum += u32::from(bytes[0][4]);
        }
        // There are 32 ways to round.
        assert!((sum as f32 / 256.0 - 10.3).abs() <= 1.0 / 64.0);
    }

    fn order_is_by_score_then_number<S: Simd>(simd: S) {
        let scores = list(|m| [0.5, 2.0, 0.5, 3.0, -1.0, -2.0, 9.0, 0.0, 2.0, -7.5][m % 10]);
        let order = |mask| Order::new(mask, Lanes::<S, 2>::of(simd, &scores)).iter().collect::<Vec<_>>();
        assert_eq!(order(0b11_0011_1111), [3, 1, 8, 0, 2, 4, 5, 9]);
        assert_eq!(Order::new(0b1011_1111, Lanes::<S, 1>::of(simd, &scores)).iter().collect::<Vec<_>>(), [3, 1, 0, 2, 7, 4, 5]);
        assert!(order(0).is_empty());
        assert_eq!(order(0xFFFF).len(), 16);
    }
}
