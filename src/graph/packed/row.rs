//! One row as bytes: how many neighbours, then the gaps between them in one to four bytes each, four lengths to a control
//! byte before them all (Lemire, Kurz and Rupp 2018, "Stream VByte").
//!
//! ```text
//! degree, 7 bits a byte, low ones first │ ⌈degree/4⌉ control bytes │ first - node, zigzag │ gap │ gap │ …
//! ```

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x16, u32x4};

/// Bytes that may be read behind a row.
pub(super) const BEHIND: usize = 16;

/// A signed distance as a number that is small where the distance is short.
#[inline(always)]
fn zigzag(distance: u32) -> u32 {
    let distance = distance as i32;
    (distance << 1 ^ distance >> 31) as u32
}

#[inline(always)]
fn unzigzag(z: u32) -> u32 {
    z >> 1 ^ (z & 1).wrapping_neg()
}

/// Appends the row of `node`; `targets` stand in increasing order.
pub(super) fn write(node: u32, targets: &[u32], out: &mut Vec<u8>) {
    let mut degree = targets.len();
    while degree >= 128 {
        out.push(degree as u8 | 128);
        degree >>= 7;
    }
    out.push(degree as u8);
    let controls = out.len();
    out.resize(controls + targets.len().div_ceil(4), 0);
    let mut before = 0;
    for (k, &target) in targets.iter().enumerate() {
        let gap = if k == 0 { zigzag(target.wrapping_sub(node)) } else { target - before };
        before = target;
        let bytes = width(gap);
        out[controls + k / 4] |= (bytes as u8 - 1) << (2 * (k % 4));
        out.extend_from_slice(&gap.to_le_bytes()[..bytes]);
    }
}

/// Bytes that a gap takes: 1 to 4.
fn width(gap: u32) -> usize {
    4 - (gap | 1).leading_zeros() as usize / 8
}

/// Number of neighbours, and where the control bytes begin.
#[inline(always)]
pub(super) fn degree(row: &[u8]) -> (u32, usize) {
    if row[0] < 128 {
        return (u32::from(row[0]), 1);
    }
    let (mut degree, mut at) = (0, 0);
    loop {
        degree |= u32::from(row[at] & 127) << (7 * at);
        at += 1;
        if row[at - 1] < 128 {
            return (degree, at);
        }
    }
}

/// Reads `degree` neighbours of `node` from the control bytes on, behind which there are at least [`BEHIND`] bytes more than
/// the row has. `out` has room for the next multiple of four.
#[inline(always)]
pub(super) fn read(level: Level, node: u32, degree: u32, row: &[u8], out: &mut [u32]) {
    if can_shuffle(level) {
        dispatch!(level, simd => read_by_four(simd, node, degree as usize, row, out));
    } else {
        read_by_one(node, degree as usize, row, out);
    }
}

/// Whether bytes are shuffled by an instruction.
#[inline(always)]
fn can_shuffle(level: Level) -> bool {
    match level {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        Level::Sse2(_) => false,
        _ => !level.is_fallback(),
    }
}

fn read_by_one(node: u32, degree: usize, row: &[u8], out: &mut [u32]) {
    let (controls, mut data) = row.split_at(degree.div_ceil(4));
    let mut target = node;
    for k in 0..degree {
        let bytes = usize::from(controls[k / 4] >> (2 * (k % 4)) & 3) + 1;
        let mut gap = [0; 4];
        gap[..bytes].copy_from_slice(&data[..bytes]);
        data = &data[bytes..];
        let gap = u32::from_le_bytes(gap);
        target = target.wrapping_add(if k == 0 { unzigzag(gap) } else { gap });
        out[k] = target;
    }
}

/// By control byte: where the bytes of four numbers come from, 255 for a zero, and how many there are.
static SHUFFLES: [[u8; 16]; 256] = tables().0;
static LENGTHS: [u8; 256] = tables().1;

const fn tables() -> ([[u8; 16]; 256], [u8; 256]) {
    let (mut shuffles, mut lengths) = ([[255; 16]; 256], [0; 256]);
    let mut control = 0;
    while control < 256 {
        let mut from = 0;
        let mut k = 0;
        while k < 4 {
            let mut byte = 0;
            while byte <= control >> (2 * k) & 3 {
                shuffles[control][4 * k + byte] = from;
                from += 1;
                byte += 1;
            }
            k += 1;
        }
        lengths[control] = from;
        control += 1;
    }
    (shuffles, lengths)
}

#[inline(always)]
fn read_by_four<S: Simd>(simd: S, node: u32, degree: usize, row: &[u8], out: &mut [u32]) {
    const LAST: [u8; 16] = [12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15];
    let (controls, mut data) = row.split_at(degree.div_ceil(4));
    let (zero, last) = (u32x4::splat(simd, 0), u8x16::load_array(simd, LAST));
    let mut before = zero;
    for (k, (&control, out)) in controls.iter().zip(out.chunks_exact_mut(4)).enumerate() {
        let (sixteen, _) = data.split_first_chunk::<16>().expect("bytes behind the row");
        let shuffle = u8x16::load_array_ref(simd, &SHUFFLES[usize::from(control)]);
        let gaps = u8x16::load_array_ref(simd, sixteen).swizzle_dyn_precise(shuffle).bitcast::<u32x4<S>>();
        if k == 0 {
            // The first number is no gap: what makes one of it is taken for the neighbour before.
            let first = gaps[0];
            before = u32x4::splat(simd, node.wrapping_add(unzigzag(first)).wrapping_sub(first));
        }
        let pairs = gaps + zero.slide::<3>(gaps);
        let sums = pairs + zero.slide::<2>(pairs) + before;
        before = sums.bitcast::<u8x16<S>>().swizzle_dyn_precise(last).bitcast();
        out.copy_from_slice(&sums.to_array());
        data = &data[usize::from(LENGTHS[usize::from(control)])..];
    }
}

/// Whether these bytes are the row of a node of a graph of so many.
pub(super) fn is_row(node: u32, nodes: u32, row: &[u8]) -> bool {
    let Some(header) = row.iter().take(5).position(|&byte| byte < 128) else { return false };
    let degree = row[..=header].iter().rev().fold(0u64, |sum, &byte| sum << 7 | u64::from(byte & 127));
    if degree >= u64::from(nodes) || (header > 0 && row[header] == 0) {
        return false;
    }
    let (degree, row) = (degree as usize, &row[header + 1..]);
    let Some((controls, mut data)) = row.split_at_checked(degree.div_ceil(4)) else { return false };
    let mut before = None;
    for k in 0..degree {
        let bytes = usize::from(controls[k / 4] >> (2 * (k % 4)) & 3) + 1;
        let Some((gap, rest)) = data.split_at_checked(bytes) else { return false };
        data = rest;
        let gap = gap.iter().rev().fold(0u32, |sum, &byte| sum << 8 | u32::from(byte));
        let target = match before {
            None => Some(node.wrapping_add(unzigzag(gap))),
            Some(before) => u32::checked_add(before, gap).filter(|_| gap > 0),
        };
        match target.filter(|&target| target < nodes && target != node && width(gap) == bytes) {
            None => return false,
            target => before = target,
        }
    }
    // The fields of the last control byte that stand for nothing are zero.
    let unused = controls.last().is_some_and(|&last| degree % 4 != 0 && last >> (2 * (degree % 4)) != 0);
    data.is_empty() && !unused
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// The row as bytes, and what every decoder makes of them.
    fn there_and_back(node: u32, targets: &[u32]) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(node, targets, &mut bytes);
        let row = bytes.clone();
        bytes.resize(bytes.len() + BEHIND, 0);
        let (degree, at) = degree(&bytes);
        assert_eq!(degree as usize, targets.len());
        let mut out = vec![0; targets.len().next_multiple_of(4)];
        read_by_one(node, targets.len(), &bytes[at..], &mut out);
        assert_eq!(&out[..targets.len()], targets, "scalar");
        for level in crate::random::levels() {
            out.fill(0);
            dispatch!(level, simd => read_by_four(simd, node, targets.len(), &bytes[at..], &mut out));
            assert_eq!(&out[..targets.len()], targets, "{level:?}");
            out.fill(0);
            read(level, node, degree, &bytes[at..], &mut out);
            assert_eq!(&out[..targets.len()], targets, "{level:?}");
        }
        row
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

        #[test]
        fn rows_go_to_bytes_and_back(
            node: u32,
            steps in prop::collection::vec(prop_oneof![1u32..4, 1u32..600, 1u32..70_000, 1u32..20_000_000, any::<u32>()], 0..200),
            first: u32,
        ) {
            let sums = steps.iter().scan(first, |sum, &step| {
                *sum = sum.checked_add(step)?;
                Some(*sum)
            });
            let targets: BTreeSet<u32> = sums.filter(|&target| target != node && target != u32::MAX).collect();
            let targets: Vec<u32> = targets.into_iter().collect();
            let bytes = there_and_back(node, &targets);
            prop_assert!(is_row(node, u32::MAX, &bytes));
            // Cut short, made longer, or of a smaller graph it is none.
            prop_assert!(!is_row(node, u32::MAX, &bytes[..bytes.len() - 1]));
            prop_assert!(!is_row(node, u32::MAX, &[&bytes[..], &[0]].concat()));
            if let Some(&last) = targets.last() {
                prop_assert!(!is_row(node, last, &bytes));
            }
        }

        /// Whatever bytes there are: those that pass for a row are the bytes that it is written as.
        #[test]
        fn a_row_has_one_form(node in 0u32..300, bytes in prop::collection::vec(any::<u8>(), 0..12)) {
            if is_row(node, 300, &bytes) {
                let mut padded = bytes.clone();
                padded.resize(bytes.len() + BEHIND, 0);
                let (degree, at) = degree(&padded);
                let mut out = vec![0; (degree as usize).next_multiple_of(4)];
                read(Level::new(), node, degree, &padded[at..], &mut out);
                prop_assert_eq!(there_and_back(node, &out[..degree as usize]), bytes);
            }
        }
    }

    #[test]
    fn hubs_go_to_bytes_and_back() {
        for degree in [63, 64, 65, 127, 128, 16_383, 16_384, 1_000_000] {
            let targets: Vec<u32> = (0..degree).map(|k| 3 * k + k / 7).collect();
            assert!(is_row(1, 4_000_000, &there_and_back(1, &targets)));
        }
    }
}
