use crate::random::chance;
use crate::scenario::Age;

/// From a uniform word to an age band.
#[derive(Debug)]
pub(super) struct AgeTable {
    /// Upper ends of the bands' intervals, times 2^32.
    ends: Vec<u64>,
    /// Band of the smallest word with given first eight bits.
    first: [u8; 256],
}

impl AgeTable {
    pub(super) fn new(ages: &[Age]) -> Self {
        let total: f64 = ages.iter().map(|a| a.share).sum();
        let mut sum = 0.0;
        let mut ends: Vec<u64> = ages
            .iter()
            .map(|a| {
                sum += a.share / total;
                chance(sum)
            })
            .collect();
        if let Some(last) = ends.last_mut() {
            *last = 1 << 32;
        }
        let first = std::array::from_fn(|k| ends.iter().take_while(|&&end| (k as u64) << 24 >= end).count() as u8);
        AgeTable { ends, first }
    }

    #[inline(always)]
    pub(super) fn band(&self, word: u32) -> u8 {
        let mut band = self.first[(word >> 24) as usize];
        while self.ends.get(usize::from(band)).is_some_and(|&end| u64::from(word) >= end) {
            band += 1;
        }
        band
    }

    pub(super) fn bands(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn shares(&self) -> Vec<f64> {
        let ends = self.ends.iter().map(|&e| e as f64 / 4_294_967_296.0);
        let mut last = 0.0;
        ends.map(|end| end - std::mem::replace(&mut last, end)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_intervals_of_the_word() {
        let ages: Vec<Age> = [0.1, 0.0, 0.5, 0.001, 0.399].iter().map(|&share| Age { name: String::new(), share }).collect();
        let table = AgeTable::new(&ages);
        for k in 0..100_000u64 {
            let word = (k * 42_949) as u32;
            let plain = table.ends.iter().take_while(|&&end| u64::from(word) >= end).count();
            assert_eq!(usize::from(table.band(word)), plain);
        }
        assert!(table.shares().iter().zip(&ages).all(|(s, a)| (s - a.share).abs() < 1e-6));
    }
}
