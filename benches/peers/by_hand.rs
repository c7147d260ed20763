//! What both plain loops need: neighbour lists, and a generator of random numbers in sequence.

/// SplitMix64 (Steele, Lea and Flood 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ x >> 31
    }
}

/// Neighbour lists of n nodes, one behind the other, and where each begins.
pub(crate) fn rows(n: usize, ties: &[(u32, u32)]) -> (Vec<usize>, Vec<u32>) {
    let mut starts = vec![0usize; n + 1];
    for &(a, b) in ties {
        starts[a as usize + 1] += 1;
        starts[b as usize + 1] += 1;
    }
    for i in 0..n {
        starts[i + 1] += starts[i];
    }
    let mut cursors = starts.clone();
    let mut neighbours = vec![0u32; 2 * ties.len()];
    for &(a, b) in ties {
        for (from, to) in [(a, b), (b, a)] {
            neighbours[cursors[from as usize]] = to;
            cursors[from as usize] += 1;
        }
    }
    (starts, neighbours)
}
