use super::super::TieStream;
use super::permutation::Permutation;
use super::{TIES, parts, range};
use crate::random::Draws;

/// Entries of the table that says where to look for a stub's class.
const GUIDE: u64 = 1 << 16;
/// Stubs looked up at once; even.
const BATCH: usize = 256;
/// Up to this largest degree repeated ties are many enough to be made up for, and few enough degrees to count them.
const COUNTED: f64 = 1000.0;

/// The configuration model (Molloy and Reed 1995) with degrees from a power law: every node has as many stubs as its
/// degree, and stubs are paired uniformly at random.
///
/// Degrees are not drawn: of n nodes, n P(k) have degree k, where P is the power law between a lower end, set so that
/// the mean degree comes out, and the structural cut-off sqrt(mean degree * n), above which repeated ties would be the
/// rule (Boguna, Pastor-Satorras and Vespignani 2004). Stubs are numbered in order of their node's degree, so a table
/// with one entry a degree tells whose a stub is; a pseudo-random permutation of stubs pairs them, one of the nodes
/// takes the order out of the numbers. Loops and repeated ties are dropped ("erased"); degrees are a little higher to
/// make up for them.
#[derive(Debug)]
pub struct Configuration {
    nodes: u32,
    classes: Vec<Class>,
    guide: Vec<u32>,
    /// Bits of a stub's number below those that the guide goes by.
    low_bits: u32,
    stubs: Permutation,
    numbers: Permutation,
}

/// Nodes of one degree.
#[derive(Clone, Copy, Debug)]
struct Class {
    /// First stub.
    stub: u64,
    /// First node.
    node: u64,
    degree: u64,
}

/// Power law between two ends.
#[derive(Clone, Copy, Debug)]
struct Law {
    least: f64,
    most: f64,
    exponent: f64,
}

impl Law {
    /// With the lower end that gives a mean degree.
    fn with_mean(mean: f64, most: f64, exponent: f64) -> Self {
        let (mut low, mut high) = (1e-3f64.min(most), most);
        for _ in 0..48 {
            let least = 0.5 * (low + high);
            if (Law { least, most, exponent }).mean() < mean { low = least } else { high = least }
        }
        Law { least: 0.5 * (low + high), most, exponent }
    }

    /// Share of nodes with degree above `k`.
    fn above(&self, k: u64) -> f64 {
        let [least, most, x] = [self.least, self.most, k as f64 + 0.5].map(|x| libm::pow(x, 1.0 - self.exponent));
        if least <= most {
            return f64::from(k as f64 + 0.5 < self.most);
        }
        ((x - most) / (least - most)).clamp(0.0, 1.0)
    }

    fn degrees(&self) -> std::ops::Range<u64> {
        0..libm::round(self.most) as u64 + 1
    }

    fn mean(&self) -> f64 {
        self.degrees().map(|k| self.above(k)).sum()
    }

    /// Degrees and how many of `nodes` nodes have each.
    fn counts(&self, nodes: u32) -> Vec<(u64, u64)> {
        let mut before = 0;
        let up_to = |k: u64| u64::from(nodes) - libm::round(f64::from(nodes) * self.above(k)) as u64;
        self.degrees().map(|k| (k, up_to(k) - std::mem::replace(&mut before, up_to(k)))).filter(|&(_, n)| n > 0).collect()
    }
}

/// Expected mean number of different ties of a node when stubs are paired at random.
fn different(counts: &[(u64, u64)], nodes: u32) -> f64 {
    let stubs: f64 = counts.iter().map(|&(k, n)| k as f64 * n as f64).sum();
    let mut sum = 0.0;
    for (i, &(k, n)) in counts.iter().enumerate() {
        let tied = |l: u64| -libm::expm1(-(k as f64) * l as f64 / stubs.max(1.0));
        sum += n as f64 * (n as f64 - 1.0) * tied(k);
        sum += counts[i + 1..].iter().map(|&(l, m)| 2.0 * n as f64 * m as f64 * tied(l)).sum::<f64>();
    }
    sum / f64::from(nodes.max(1))
}

impl Configuration {
    /// The graph of `nodes` nodes.
    pub fn new(draws: &Draws, nodes: u32, mean_degree: f64, exponent: f64) -> Self {
        let possible = f64::from(nodes.saturating_sub(1));
        let asked = mean_degree.clamp(0.0, possible);
        let most = f64::sqrt(asked * f64::from(nodes)).min(possible).max(1.0);
        let mut mean = asked;
        let mut counts = Law::with_mean(mean, most, exponent).counts(nodes);
        if most <= COUNTED {
            for _ in 0..4 {
                mean = (mean + asked - different(&counts, nodes)).clamp(0.0, most);
                counts = Law::with_mean(mean, most, exponent).counts(nodes);
            }
        }

        let (mut stub, mut node) = (0, 0);
        let mut classes = Vec::with_capacity(counts.len() + 1);
        for (degree, count) in counts.into_iter().filter(|&(degree, _)| degree > 0 && asked > 0.0) {
            classes.push(Class { stub, node, degree });
            stub += degree * count;
            node += count;
        }
        // The end, which is never found.
        classes.push(Class { stub, node, degree: 1 });

        let low_bits = (0..64).find(|&bits| stub >> bits < GUIDE).unwrap_or(0);
        let mut class = 0;
        let guide = (0..=stub >> low_bits)
            .map(|k| {
                while classes.get(class + 1).is_some_and(|next| next.stub <= k << low_bits) {
                    class += 1;
                }
                class as u32
            })
            .collect();
        Configuration {
            nodes,
            classes,
            guide,
            low_bits,
            stubs: Permutation::new(draws, 0, stub),
            numbers: Permutation::new(draws, 1, nodes.into()),
        }
    }

    /// Whose a stub is, by rank in degree.
    #[inline]
    fn rank(&self, stub: u64) -> u64 {
        let mut class = self.guide[(stub >> self.low_bits) as usize] as usize;
        while self.classes[class + 1].stub <= stub {
            class += 1;
        }
        let class = &self.classes[class];
        class.node + (stub - class.stub) / class.degree
    }
}

impl TieStream for Configuration {
    fn nodes(&self) -> u32 {
        self.nodes
    }

    fn parts(&self) -> usize {
        // One stub stays alone where their number is odd.
        parts(self.stubs.len() / 2, TIES)
    }

    fn for_each(&self, part: usize, mut emit: impl FnMut(u32, u32)) {
        // Step by step for some stubs at a time: what each step waits for is then waited for together.
        let mut stubs = [0; BATCH];
        let range = range(part, self.stubs.len() / 2, TIES);
        let (mut next, end) = (2 * range.start, 2 * range.end);
        while next < end {
            let batch = &mut stubs[..BATCH.min((end - next) as usize)];
            for (stub, number) in batch.iter_mut().zip(next..) {
                *stub = self.stubs.at(number);
            }
            for stub in &mut *batch {
                *stub = self.rank(*stub);
            }
            for stub in &mut *batch {
                *stub = self.numbers.at(*stub);
            }
            batch.chunks_exact(2).for_each(|pair| emit(pair[0] as u32, pair[1] as u32));
            next += batch.len() as u64;
        }
    }
}
