//! Pseudo-random permutations that are computed, not stored.

use crate::random::{Draws, Purpose};
use rand::Rng;

/// Four rounds suffice for a permutation that looks random from both sides (Luby and Rackoff 1988).
const ROUNDS: usize = 4;

/// A pseudo-random permutation of the numbers below `len`.
///
/// A Feistel network over mixed radix (Black and Rogaway 2002, "Ciphers with arbitrary finite domains"): a number is
/// split into digits of radix about sqrt(len), each in turn shifted by a hash of the other. What falls into the small
/// gap between `len` and the product of the radices is permuted again until it falls below `len`.
#[derive(Clone, Debug)]
pub(super) struct Permutation {
    len: u64,
    radix: [u64; 2],
    keys: [u64; ROUNDS],
}

impl Permutation {
    /// The permutation with number `entity` of the numbers below `len`, which is at most 2^63.
    pub(super) fn new(draws: &Draws, entity: u64, len: u64) -> Self {
        let root = (len.isqrt() + u64::from(len.isqrt().pow(2) < len)).max(1);
        let mut rng = draws.sequence(Purpose::GraphClassic, entity);
        Permutation { len, radix: [root, len.div_ceil(root).max(1)], keys: std::array::from_fn(|_| rng.next_u64()) }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Where `number`, which is below `len`, goes.
    #[inline(always)]
    pub(super) fn at(&self, mut number: u64) -> u64 {
        let [a, b] = self.radix;
        loop {
            let (mut x, mut y) = (number / b, number % b);
            for keys in self.keys.chunks_exact(2) {
                x = shift(x, mix(y, keys[0]), a);
                y = shift(y, mix(x, keys[1]), b);
            }
            number = x * b + y;
            if number < self.len {
                return number;
            }
        }
    }
}

/// `digit` plus a random number below `radix`, around the clock.
#[inline(always)]
fn shift(digit: u64, word: u64, radix: u64) -> u64 {
    let sum = digit + ((word * radix) >> 32);
    if sum >= radix { sum - radix } else { sum }
}

/// 32 well mixed bits: the multipliers of SplitMix64's finalizer (Stafford's variant 13).
#[inline(always)]
fn mix(x: u64, key: u64) -> u64 {
    let x = (x ^ key).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (x ^ x >> 32).wrapping_mul(0x94D0_49BB_1331_11EB) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_once() {
        for len in (1..200).chain([65_535, 65_536, 65_537]) {
            let permutation = Permutation::new(&Draws::new(5), 1, len);
            let mut seen: Vec<u64> = (0..len).map(|k| permutation.at(k)).collect();
            seen.sort_unstable();
            assert!(seen.into_iter().eq(0..len), "{len}");
        }
    }

    /// Chi-square over quarters of the range before and after, for numbers and for what follows them.
    #[test]
    fn nothing_is_left_of_the_order() {
        let len = 1_000_003u64;
        let permutation = Permutation::new(&Draws::new(5), 0, len);
        let mut table = [[[0u32; 16]; 16]; 2];
        for k in 0..len - 1 {
            let [here, next] = [k, k + 1].map(|k| permutation.at(k) * 16 / len);
            table[0][(k * 16 / len) as usize][here as usize] += 1;
            table[1][here as usize][next as usize] += 1;
        }
        for cells in table {
            let expected = len as f64 / 256.0;
            let square: f64 = cells.iter().flatten().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
            // 225 degrees of freedom, standard deviation 21.
            assert!((square - 225.0).abs() < 4.0 * 21.3, "{square}");
        }
    }

    #[test]
    fn numbers_up_to_2_to_the_63_fit() {
        let len = (1u64 << 63) - (1 << 31);
        let permutation = Permutation::new(&Draws::new(5), 0, len);
        assert!((0..1000).all(|k| permutation.at(len - 1 - k) < len));
    }
}
