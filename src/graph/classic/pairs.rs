//! Numbers for pairs of different nodes.

/// Pairs among `n` nodes.
pub(super) fn count(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

/// The pair with number `k` below [`count`], among nodes 0 to `n` - 1.
///
/// Pairs are numbered by their distance around a ring: n at distance 1, n at distance 2, and so on; for even n, the
/// distance n/2 has n/2 pairs, which are the last. Unlike numbering by rows this needs no square root.
#[inline(always)]
pub(super) fn pair(n: u64, k: u64) -> (u64, u64) {
    let (a, distance) = (k % n, k / n + 1);
    let b = a + distance;
    (a, if b >= n { b - n } else { b })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_pair_has_one_number() {
        for n in 0..40 {
            let pairs: BTreeSet<_> = (0..count(n)).map(|k| pair(n, k)).map(|(a, b)| (a.min(b), a.max(b))).collect();
            assert_eq!(pairs.len() as u64, count(n));
            assert!(pairs.iter().all(|&(a, b)| a < b && b < n));
        }
    }
}
