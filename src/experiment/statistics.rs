//! Means, intervals and quantiles over replicates.

use statrs::distribution::{Continuous, ContinuousCDF, StudentsT};

/// Count, mean and variance of numbers that are seen once (Welford's algorithm); NaN is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    n: u32,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Takes in a number.
    pub fn push(&mut self, x: f64) {
        if x.is_nan() {
            return;
        }
        self.n += 1;
        let before = x - self.mean;
        self.mean += before / f64::from(self.n);
        self.squares += before * (x - self.mean);
    }

    /// Numbers seen.
    pub fn n(&self) -> u32 {
        self.n
    }

    /// Their mean; NaN where there is none.
    pub fn mean(&self) -> f64 {
        if self.n == 0 { f64::NAN } else { self.mean }
    }

    /// Their variance, with n - 1 in the denominator; NaN of fewer than two.
    pub fn variance(&self) -> f64 {
        if self.n < 2 { f64::NAN } else { self.squares / f64::from(self.n - 1) }
    }

    /// Their standard deviation; NaN of fewer than two.
    pub fn sd(&self) -> f64 {
        self.variance().sqrt()
    }

    /// Half the width of the 95 % interval of the mean, by Student's t; NaN of fewer than two.
    pub fn half_width(&self) -> f64 {
        if self.n < 2 { f64::NAN } else { t_975(u64::from(self.n) - 1) * (self.variance() / f64::from(self.n)).sqrt() }
    }
}

impl FromIterator<f64> for Moments {
    fn from_iter<I: IntoIterator<Item = f64>>(numbers: I) -> Self {
        let mut moments = Moments::default();
        numbers.into_iter().for_each(|x| moments.push(x));
        moments
    }
}

/// The 97.5 % quantile of the normal distribution.
pub const Z_975: f64 = 1.959_963_984_540_054;

/// The 97.5 % quantile of Student's t with so many degrees of freedom (at least 1): what a 95 % interval is made with.
pub fn t_975(freedom: u64) -> f64 {
    let (n, z) = (freedom.max(1) as f64, Z_975);
    if freedom > 1000 {
        // The series of Abramowitz and Stegun 26.7.5, within 1e-8 here.
        return z + (z.powi(3) + z) / (4.0 * n) + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * n * n);
    }
    upper_t(0.975, n, z)
}

/// The quantile of Student's t with which `comparisons` intervals hold together with 95 % (Bonferroni).
pub fn t_975_of(comparisons: usize, freedom: u64) -> f64 {
    if comparisons <= 1 {
        return t_975(freedom);
    }
    upper_t(1.0 - 0.025 / comparisons as f64, freedom.max(1) as f64, Z_975)
}

/// The `p` quantile (0.975 or more) with `n` degrees of freedom, from a `start` that is not above it.
fn upper_t(p: f64, n: f64, start: f64) -> f64 {
    // Location 0, scale 1 and at least one degree of freedom make a distribution.
    let Ok(student) = StudentsT::new(0.0, 1.0, n) else { return f64::NAN };
    // Newton's method from below: the distribution is concave there, so the steps never go too far.
    // (The crate's own inverse does not end for some degrees of freedom.)
    let mut t = start;
    for _ in 0..50 {
        let step = (p - student.cdf(t)) / student.pdf(t);
        t += step;
        if step.abs() < 1e-13 * t {
            break;
        }
    }
    t
}

/// The `p` quantile (0 to 1) of numbers in order, linear between them (type 7 of Hyndman and Fan 1996, the default of R
/// and NumPy); NaN where there is none.
pub fn quantile(sorted: &[f64], p: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = p * last as f64;
    let below = (at as usize).min(last);
    let above = (below + 1).min(last);
    sorted[below] + (at - below as f64) * (sorted[above] - sorted[below])
}

/// The median: the middle number, of an even count the mean of the two in the middle; NaN where there is none. NaN is left
/// out.
pub fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.into_iter().filter(|x| !x.is_nan()).collect();
    numbers.sort_by(f64::total_cmp);
    quantile(&numbers, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_textbook() {
        let m: Moments = [2.0, 4.0, f64::NAN, 9.0].into_iter().collect();
        assert_eq!((m.n(), m.mean(), m.variance()), (3, 5.0, 13.0));
        // 4.302653 * sqrt(13 / 3)
        assert!((m.half_width() - 8.956_686).abs() < 1e-6, "{}", m.half_width());
        let one: Moments = [2.0].into_iter().collect();
        assert!(one.sd().is_nan() && one.half_width().is_nan() && Moments::default().mean().is_nan());
    }

    #[test]
    fn quantiles_of_t_are_those_of_the_tables() {
        // scipy.stats.t.ppf(0.975, n)
        let table = [(1, 12.706_204_736), (2, 4.302_652_730), (5, 2.570_581_836), (9, 2.262_157_163), (19, 2.093_024_054)];
        for (freedom, t) in table.into_iter().chain([(100, 1.983_971_519), (999, 1.962_341_461)]) {
            assert!((t_975(freedom) - t).abs() < 1e-8, "{freedom}: {}", t_975(freedom));
        }
        for freedom in 1..=1100u64 {
            let p = StudentsT::new(0.0, 1.0, freedom as f64).expect("a distribution").cdf(t_975(freedom));
            assert!((p - 0.975).abs() < 1e-9, "{freedom}: {p}");
        }
    }

    #[test]
    fn adjusted_quantiles_are_those_of_bonferroni_tables() {
        // scipy.stats.t.ppf(1 - 0.025 / m, n)
        for (m, freedom, t) in [(2, 10, 2.633_77), (3, 9, 2.933_32), (5, 20, 2.845_34)] {
            assert!((t_975_of(m, freedom) - t).abs() < 1e-4, "{m}, {freedom}: {}", t_975_of(m, freedom));
        }
        assert_eq!(t_975_of(1, 9), t_975(9));
    }

    #[test]
    fn quantiles_are_those_of_numpy() {
        let x = [1.0, 2.0, 4.0, 8.0];
        assert_eq!([0.0, 0.05, 0.5, 0.95, 1.0].map(|p| quantile(&x, p)), [1.0, 1.15, 3.0, 7.399_999_999_999_999, 8.0]);
        assert!(quantile(&[], 0.5).is_nan());
        assert_eq!([median([17.6, 1.8]), median([3.0, f64::NAN, 1.0, 2.0])], [9.700000000000001, 2.0]);
        assert!(median([]).is_nan());
        assert_eq!(quantile(&[3.0], 0.95), 3.0);
    }
}
