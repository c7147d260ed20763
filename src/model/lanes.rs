//! Numbers by messenger, side by side in vector registers: eight at a time, one group or, for scenarios of more than
//! eight messengers, two.
//!
//! A review does the same arithmetic for every messenger and only then looks at those that matter; without branches
//! a messenger that does not matter costs nothing. Every lane is computed on its own and sums are taken in one fixed
//! order, so that neither the number of groups nor the processor can change a bit of a result. Only operations that
//! IEEE 754 defines exactly are used, none that fuses two.

use crate::policy::PerMessenger;
use crate::random::EXP;
use crate::scenario::MAX_MESSENGERS;
use std::ops::{Add, BitAnd, Div, Mul, Neg, Not, Sub};
use wide::{f32x8, i16x8, i32x8, u8x16, u16x8, u32x8};

/// An array of N groups, group b being the expression. (Closures may be left as calls.)
macro_rules! groups {
    ($b:ident => $group:expr) => {{
        let mut groups = [Default::default(); N];
        for $b in 0..N {
            groups[$b] = $group;
        }
        groups
    }};
}

/// A number for each of 8 N messengers.
#[derive(Clone, Copy)]
pub(super) struct Lanes<const N: usize>([f32x8; N]);

/// Which of 8 N messengers.
#[derive(Clone, Copy)]
pub(super) struct Mask<const N: usize>([u32x8; N]);

impl<const N: usize> Lanes<N> {
    pub(super) const ZERO: Self = Lanes([f32x8::ZERO; N]);

    /// The same number for all.
    #[inline(always)]
    pub(super) fn all(x: f32) -> Self {
        Lanes([f32x8::splat(x); N])
    }

    #[inline(always)]
    pub(super) fn of(list: &PerMessenger) -> Self {
        Lanes(groups!(b => f32x8::from(*eight(list, b))))
    }

    #[inline(always)]
    pub(super) fn of_counts(list: &[i32; MAX_MESSENGERS]) -> Self {
        Lanes(groups!(b => i32x8::from(*eight(list, b)).round_float()))
    }

    /// From bytes in 1/255.
    #[inline(always)]
    pub(super) fn of_bytes(bytes: &[u8; MAX_MESSENGERS]) -> Self {
        Lanes(groups!(b => widen(bytes, b).round_float() * f32x8::splat(1.0 / 255.0)))
    }

    /// Random words as numbers in (0, 1).
    #[inline(always)]
    pub(super) fn of_words(words: &[u32; MAX_MESSENGERS]) -> Self {
        // 24 bits fit a float exactly; the half keeps 0 out.
        let unit = |word: u32x8| (signed(word >> 8).round_float() + f32x8::splat(0.5)) * f32x8::splat(1.0 / 16_777_216.0);
        Lanes(groups!(b => unit(u32x8::from(*eight(words, b)))))
    }

    #[inline(always)]
    pub(super) fn to_array(self) -> PerMessenger {
        let mut list = [0.0; MAX_MESSENGERS];
        for b in 0..N {
            *eight_mut(&mut list, b) = self.0[b].to_array();
        }
        list
    }

    /// The last eight bits of random words, which [`Lanes::of_words`] does not look at, as numbers in (-1/2, 1/2).
    #[inline(always)]
    pub(super) fn of_last_bits(words: &[u32; MAX_MESSENGERS]) -> Self {
        let fraction = |word: u32x8| {
            let last = signed(word & u32x8::splat(0xFF)).round_float();
            (last + f32x8::splat(0.5 - 128.0)) * f32x8::splat(1.0 / 256.0)
        };
        Lanes(groups!(b => fraction(u32x8::from(*eight(words, b)))))
    }

    /// Writes the lanes of `mask` in 1/255, rounded after adding `fraction`, of less than 1/2: what is exact stays.
    #[inline(always)]
    pub(super) fn put_bytes(self, bytes: &mut [u8; MAX_MESSENGERS], mask: Mask<N>, fraction: Self) {
        for b in 0..N {
            let x = self.0[b] * f32x8::splat(255.0) + fraction.0[b];
            let x = x.fast_max(f32x8::ZERO).fast_min(f32x8::splat(255.0));
            // In a number of this size the last bit counts ones: adding it rounds.
            let rounded = to_bits(x + f32x8::splat(8_388_608.0)) & u32x8::splat(0xFF);
            let old: u32x8 = bytemuck::cast(widen(bytes, b));
            let new = (rounded & mask.0[b]) | (old & !mask.0[b]);
            let narrow = u8x16::narrow_i16x8(i16x8::from_i32x8_truncate(signed(new)), i16x8::ZERO).to_array();
            *eight_mut(bytes, b) = *narrow.first_chunk().expect("8 of 16");
        }
    }

    /// exp, the same bits as [`crate::random::exp`].
    #[inline(always)]
    pub(super) fn exp(self) -> Self {
        let exp = |x: f32x8| {
            let x = x.fast_max(f32x8::splat(-EXP.limit)).fast_min(f32x8::splat(EXP.limit));
            let shifted = x * f32x8::splat(std::f32::consts::LOG2_E) + f32x8::splat(EXP.round);
            let n = shifted - f32x8::splat(EXP.round);
            let r = x - n * f32x8::splat(EXP.ln_2[0]) - n * f32x8::splat(EXP.ln_2[1]);
            let c = |k: usize| f32x8::splat(EXP.series[k]);
            let square = r * r;
            let high = c(4) + c(5) * r + c(6) * square;
            let p = (c(0) + c(1) * r) + square * ((c(2) + c(3) * r) + square * high);
            p * bytemuck::cast::<u32x8, f32x8>((to_bits(shifted) + u32x8::splat(127)) << 23)
        };
        Lanes(groups!(b => exp(self.0[b])))
    }

    /// Sum: halves against halves, so that an empty second group changes nothing.
    #[inline(always)]
    pub(super) fn sum(self) -> f32 {
        let mut total = self.0[0];
        for b in 1..N {
            total += self.0[b];
        }
        let x = total.to_array();
        let four = [x[0] + x[4], x[1] + x[5], x[2] + x[6], x[3] + x[7]];
        (four[0] + four[2]) + (four[1] + four[3])
    }

    /// The greater in every lane.
    #[inline(always)]
    pub(super) fn max(self, other: Self) -> Self {
        Lanes(groups!(b => self.0[b].fast_max(other.0[b])))
    }

    /// The smaller in every lane.
    #[inline(always)]
    pub(super) fn min(self, other: Self) -> Self {
        Lanes(groups!(b => self.0[b].fast_min(other.0[b])))
    }

    /// The greatest of the lanes.
    #[inline(always)]
    pub(super) fn greatest(self) -> f32 {
        let mut most = self.0[0];
        for b in 1..N {
            most = most.fast_max(self.0[b]);
        }
        let x = most.to_array();
        let max = |a: f32, b: f32| if a > b { a } else { b };
        max(max(max(x[0], x[4]), max(x[2], x[6])), max(max(x[1], x[5]), max(x[3], x[7])))
    }

    #[inline(always)]
    pub(super) fn less(self, other: Self) -> Mask<N> {
        Mask(groups!(b => to_bits(self.0[b].simd_lt(other.0[b]))))
    }

    #[inline(always)]
    pub(super) fn equal(self, other: Self) -> Mask<N> {
        Mask(groups!(b => to_bits(self.0[b].simd_eq(other.0[b]))))
    }
}

impl<const N: usize> Mask<N> {
    /// The messengers whose bit is set.
    #[inline(always)]
    pub(super) fn of(bits: u16) -> Self {
        const ONES: u32x8 = u32x8::new([1, 2, 4, 8, 16, 32, 64, 128]);
        Mask(
            groups!(b => bytemuck::cast::<i32x8, u32x8>(signed(u32x8::splat(u32::from(bits) >> (8 * b)) & ONES).simd_eq(signed(ONES)))),
        )
    }

    /// A bit each.
    #[inline(always)]
    pub(super) fn bits(self) -> u16 {
        let mut bits = 0;
        for b in 0..N {
            bits |= (bytemuck::cast::<u32x8, f32x8>(self.0[b]).to_bitmask() as u16) << (8 * b);
        }
        bits
    }

    /// `x` where the messenger is one of these, else `y`.
    #[inline(always)]
    pub(super) fn choose(self, x: Lanes<N>, y: Lanes<N>) -> Lanes<N> {
        (x & self).or(y & !self)
    }
}

impl<const N: usize> Lanes<N> {
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Lanes(groups!(b => self.0[b] | other.0[b]))
    }
}

/// Zero where the mask is not set.
impl<const N: usize> BitAnd<Mask<N>> for Lanes<N> {
    type Output = Self;

    #[inline(always)]
    fn bitand(self, mask: Mask<N>) -> Self {
        Lanes(groups!(b => self.0[b] & bytemuck::cast::<u32x8, f32x8>(mask.0[b])))
    }
}

impl<const N: usize> Not for Mask<N> {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        Mask(groups!(b => !self.0[b]))
    }
}

impl<const N: usize> Neg for Lanes<N> {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Lanes(groups!(b => -self.0[b]))
    }
}

macro_rules! operator {
    ($Operator:ident, $operator:ident) => {
        impl<const N: usize> $Operator for Lanes<N> {
            type Output = Self;

            #[inline(always)]
            fn $operator(self, other: Self) -> Self {
                Lanes(groups!(b => self.0[b].$operator(other.0[b])))
            }
        }

        impl<const N: usize> $Operator<f32> for Lanes<N> {
            type Output = Self;

            #[inline(always)]
            fn $operator(self, other: f32) -> Self {
                self.$operator(Self::all(other))
            }
        }

        impl<const N: usize> $Operator<Lanes<N>> for f32 {
            type Output = Lanes<N>;

            #[inline(always)]
            fn $operator(self, other: Lanes<N>) -> Lanes<N> {
                Lanes::all(self).$operator(other)
            }
        }

        impl<const N: usize> $Operator<&PerMessenger> for Lanes<N> {
            type Output = Self;

            #[inline(always)]
            fn $operator(self, other: &PerMessenger) -> Self {
                self.$operator(Self::of(other))
            }
        }
    };
}
operator!(Add, add);
operator!(Sub, sub);
operator!(Mul, mul);
operator!(Div, div);

/// An order of messengers by descending score, each with its rank; of equal scores (to a few parts in a million) the
/// lower number comes first.
#[derive(Clone, Copy)]
pub(super) struct Order {
    messengers: [u8; MAX_MESSENGERS],
    len: usize,
}

impl Order {
    /// The order of the messengers of `mask`.
    #[inline(always)]
    pub(super) fn new<const N: usize>(mask: u16, scores: Lanes<N>) -> Self {
        // Bits of floats compare like whole numbers, once negative ones are turned round; the last four bits make way
        // for the messenger's number. Whoever is not in the mask comes behind all.
        let numbers = [i32x8::new([15, 14, 13, 12, 11, 10, 9, 8]), i32x8::new([7, 6, 5, 4, 3, 2, 1, 0])];
        let inside = Mask::<N>::of(mask);
        let key = |b: usize| {
            let bits = signed(to_bits(scores.0[b]));
            let ordered = bits ^ signed(bytemuck::cast::<i32x8, u32x8>(bits >> 31) >> 1);
            let key = (ordered & i32x8::splat(!15)) | numbers[b];
            let inside = signed(inside.0[b]);
            (key & inside) | (i32x8::splat(i32::MIN) & !inside)
        };
        let keys: [i32x8; N] = groups!(b => key(b));
        let mut flat = [0; MAX_MESSENGERS];
        for b in 0..N {
            *eight_mut(&mut flat, b) = keys[b].to_array();
        }
        // A messenger's place is the number of greater keys; comparisons give -1 where true.
        let mut places: [i32x8; N] = [i32x8::ZERO; N];
        for &key in &flat[..8 * N] {
            places = groups!(b => places[b] - i32x8::splat(key).simd_gt(keys[b]));
        }
        let mut order = Order { messengers: [0; MAX_MESSENGERS], len: mask.count_ones() as usize };
        for b in 0..N {
            for (m, place) in places[b].to_array().into_iter().enumerate() {
                order.messengers[place as usize % MAX_MESSENGERS] = (8 * b + m) as u8;
            }
        }
        order
    }

    /// The messengers, first to last.
    #[inline(always)]
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.messengers[..self.len.min(MAX_MESSENGERS)].iter().map(|&m| usize::from(m) % MAX_MESSENGERS)
    }
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
fn widen(bytes: &[u8; MAX_MESSENGERS], b: usize) -> i32x8 {
    let all = u8x16::from(*bytes);
    i32x8::from_u16x8(if b == 0 { u16x8::from_u8x16_low(all) } else { u16x8::from_u8x16_high(all) })
}

#[inline(always)]
fn to_bits(x: f32x8) -> u32x8 {
    bytemuck::cast(x)
}

#[inline(always)]
fn signed(x: u32x8) -> i32x8 {
    bytemuck::cast(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    fn list(f: impl Fn(usize) -> f32) -> PerMessenger {
        std::array::from_fn(f)
    }

    #[test]
    fn a_second_group_that_is_empty_changes_no_sum() {
        let x = list(|m| if m < 8 { 0.1 + m as f32 / 3.0 } else { 0.0 });
        assert_eq!(Lanes::<1>::of(&x).sum().to_bits(), Lanes::<2>::of(&x).sum().to_bits());
        assert!((Lanes::<1>::of(&x).sum() - x.iter().sum::<f32>()).abs() < 1e-5);
        assert_eq!((Lanes::<1>::of(&x).greatest(), Lanes::<2>::of(&x).greatest()), (x[7], x[7]));
    }

    #[test]
    fn masks_go_to_lanes_and_back() {
        for bits in [0, 1, 0b1010_0110, 0xFF, 0xA5A5, 0x8000, 0xFFFF] {
            assert_eq!(Mask::<2>::of(bits).bits(), bits);
            assert_eq!(Mask::<1>::of(bits).bits(), bits & 0xFF);
            let chosen = Mask::<2>::of(bits).choose(Lanes::all(2.0), Lanes::all(-1.0)).to_array();
            assert_eq!(chosen, list(|m| if bits >> m & 1 == 1 { 2.0 } else { -1.0 }));
        }
    }

    #[test]
    fn lanes_compute_what_scalars_do() {
        for k in -1000..1000 {
            let x = list(|m| k as f32 * 0.1 + m as f32 * 0.013);
            assert_eq!(Lanes::<2>::of(&x).exp().to_array().map(f32::to_bits), x.map(|x| random::exp(x).to_bits()));
        }
        let words = std::array::from_fn(|m| 0x1234_5678u32.wrapping_mul(m as u32 * 7 + 1));
        assert_eq!(Lanes::<2>::of_words(&words).to_array(), words.map(random::unit));
    }

    #[test]
    fn rounding_keeps_bytes_and_has_no_drift() {
        for byte in 0..=255u8 {
            for fraction in [0, 1, 0x80, 0xFF, 0x1234] {
                let mut bytes = [byte; MAX_MESSENGERS];
                let x = Lanes::<2>::of_bytes(&bytes);
                x.put_bytes(&mut bytes, Mask::of(0xFFFF), Lanes::of_last_bits(&[fraction; MAX_MESSENGERS]));
                assert_eq!(bytes, [byte; MAX_MESSENGERS]);
            }
        }
        let mut sum = 0;
        for k in 0..256 {
            let mut bytes = [7; MAX_MESSENGERS];
            let fraction = Lanes::of_last_bits(&[k; MAX_MESSENGERS]);
            Lanes::<2>::all(10.3 / 255.0).put_bytes(&mut bytes, Mask::of(0x00F0), fraction);
            assert_eq!((bytes[3], bytes[8]), (7, 7));
            sum += u32::from(bytes[4]);
        }
        assert!((sum as f32 / 256.0 - 10.3).abs() < 0.003);
    }

    #[test]
    fn order_is_by_score_then_number() {
        let scores = list(|m| [0.5, 2.0, 0.5, 3.0, -1.0, -2.0, 9.0, 0.0, 2.0, -7.5][m % 10]);
        let order = |mask| Order::new(mask, Lanes::<2>::of(&scores)).iter().collect::<Vec<_>>();
        assert_eq!(order(0b11_0011_1111), [3, 1, 8, 0, 2, 4, 5, 9]);
        assert_eq!(Order::new(0b1011_1111, Lanes::<1>::of(&scores)).iter().collect::<Vec<_>>(), [3, 1, 0, 2, 7, 4, 5]);
        assert!(order(0).is_empty());
        assert_eq!(order(0xFFFF).len(), 16);
    }
}
