use crate::scenario;

/// Days tabulated one by one; beyond, powers of whole blocks of them.
const DAYS: usize = 2048;
/// Blocks of days, for more than the longest run.
const BLOCKS: usize = 32;

/// Use between reviews (model.md, section 5; equation 24 of the ODD protocol): while an app works, use goes to its target by
/// a share `adapt` of the gap a day; while it does not, it fades by `fail` a day. In closed form, so that it needs no daily
/// pass.
#[derive(Debug)]
pub struct Usage {
    /// (1 - adapt)^days and (1 - fail)^days, by days below [`DAYS`].
    days: Box<[[f32; 2]; DAYS]>,
    /// By whole blocks of them.
    blocks: [[f32; 2]; BLOCKS],
}

impl Usage {
    /// Tables of the powers.
    pub fn new(spec: &scenario::Usage) -> Self {
        let powers = |n: usize| [spec.adapt, spec.fail].map(|rate| libm::pow(1.0 - rate, n as f64) as f32);
        Usage { days: Box::new(std::array::from_fn(powers)), blocks: std::array::from_fn(|n| powers(n * DAYS)) }
    }

    /// (1 - adapt)^days and (1 - fail)^days: what is left of the gap to the target, and of the use of an app that
    /// does not work.
    #[inline(always)]
    pub fn factors(&self, days: i32) -> [f32; 2] {
        let ([a, b], [c, d]) = (self.days[days as usize % DAYS], self.blocks[days as usize / DAYS % BLOCKS]);
        [a * c, b * d]
    }

    #[inline(always)]
    fn over(&self, use_: f32, target: f32, days: i32, works: bool) -> f32 {
        let [adapt, fail] = self.factors(days);
        if works { target + (use_ - target) * adapt } else { use_ * fail }
    }

    /// Use on the evening of `day`, when it was `use_` on the evening of day `since`.
    ///
    /// `works` says whether the app works on `day`; `flips` are the days, in order and none after `day`, on which
    /// that changed.
    #[inline(always)]
    pub fn at(&self, use_: f32, target: f32, since: i32, day: i32, works: bool, flips: &[i32]) -> f32 {
        match flips.last() {
            Some(&last) if last > since + 1 => self.replay(use_, target, since, day, works, flips),
            _ => self.over(use_, target, day - since, works),
        }
    }

    #[cold]
    fn replay(&self, mut use_: f32, target: f32, mut since: i32, day: i32, works: bool, flips: &[i32]) -> f32 {
        let first = flips.partition_point(|&flip| flip <= since + 1);
        // Before the first of an odd number of changes it was the other way round.
        let mut works = works ^ ((flips.len() - first) % 2 == 1);
        for &flip in &flips[first..] {
            use_ = self.over(use_, target, flip - 1 - since, works);
            since = flip - 1;
            works = !works;
        }
        self.over(use_, target, day - since, works)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn use_moves_for_as_long_as_a_run_may_last() {
        let spec = scenario::Usage { adapt: 0.0001, fail: 0.00005 };
        let usage = Usage::new(&spec);
        let days = crate::scenario::MAX_DAYS as i32;
        let (mut running, mut fading) = (0.9, 0.9);
        for day in 1..=days {
            running += spec.adapt * (0.1 - running);
            fading -= spec.fail * fading;
            if day % 997 == 0 || day == days || day % 2048 < 2 {
                let at_once = [true, false].map(|works| f64::from(usage.at(0.9, 0.1, 0, day, works, &[])));
                assert!((at_once[0] - running).abs() < 1e-6 && (at_once[1] - fading).abs() < 1e-6, "day {day}: {at_once:?}");
            }
        }
    }

    #[test]
    fn closed_form_equals_daily_steps() {
        let spec = scenario::Usage { adapt: 0.19, fail: 0.05 };
        let usage = Usage::new(&spec);
        let flips = [-3, 4, 5, 9, 20, 33];
        // Works on day d?
        let works = |d: i32| flips.iter().filter(|&&f| f <= d).count() % 2 == 0;
        for since in -6..40 {
            let mut u: f64 = 0.7;
            let target = 0.3;
            for day in since + 1..45 {
                u += if works(day) { spec.adapt * (target - u) } else { -spec.fail * u };
                let past = &flips[..flips.partition_point(|&f| f <= day)];
                let closed = usage.at(0.7, target as f32, since, day, works(day), past);
                assert!((f64::from(closed) - u).abs() < 1e-5, "since {since}, day {day}: {closed} {u}");
            }
        }
    }
}
