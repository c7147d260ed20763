use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Seed of replicate `replicate` of a run with `seed`: the seed itself for number 0, then the upper 63 bits (as seeds of
/// scenarios go) of xxh3-64 of the number (eight bytes, little-endian) seeded with `seed`.
pub fn replicate_seed(seed: u64, replicate: u32) -> u64 {
    if replicate == 0 { seed } else { xxh3_64_with_seed(&u64::from(replicate).to_le_bytes(), seed) >> 1 }
}

/// Seed of a replicate of one point of a sweep, where points share none: the upper 63 bits of xxh3-64 of point and
/// replicate (eight bytes each, little-endian) seeded with `seed`.
pub fn point_seed(seed: u64, point: u32, replicate: u32) -> u64 {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&u64::from(point).to_le_bytes());
    bytes[8..].copy_from_slice(&u64::from(replicate).to_le_bytes());
    xxh3_64_with_seed(&bytes, seed) >> 1
}

#[cfg(test)]
mod tests {
    use super::replicate_seed;

    #[test]
    fn replicates_do_not_share_seeds() {
        let mut seeds: Vec<u64> = (0..10).flat_map(|seed| (0..1000).map(move |r| replicate_seed(seed, r))).collect();
        assert!(seeds.iter().all(|&seed| i64::try_from(seed).is_ok()), "a scenario can hold them");
        seeds.sort_unstable();
        seeds.dedup();
        assert_eq!(seeds.len(), 10_000);
        assert_eq!(replicate_seed(5, 0), 5);
    }
}
