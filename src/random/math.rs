//! Functions that give the same bits on every platform: no call into a system's mathematics library.

use std::ops::{Add, Mul, Sub};
use std::sync::LazyLock;

/// Entries of the quantile tables; an index is 12 bits of a draw.
pub const TABLE: usize = 4096;

/// exp(x), relative error below 3e-7. Arguments beyond +-87 are cut there.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let [series, shifted] = exp_parts(x.clamp(-EXP_LIMIT, EXP_LIMIT));
    series * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

/// Greatest argument of [`exp`].
pub(crate) const EXP_LIMIT: f32 = 87.0;

/// The two factors of exp(x), |x| at most [`EXP_LIMIT`], of one number or of several in a vector: exp of what rounding to
/// a whole power of 2 leaves, and that power n, as the last bits of a number: no conversion is needed.
#[inline(always)]
pub(crate) fn exp_parts<T>(x: T) -> [T; 2]
where
    T: Copy + Add<Output = T> + Sub<Output = T> + Mul<Output = T>,
    T: Add<f32, Output = T> + Sub<f32, Output = T> + Mul<f32, Output = T>,
{
    // Adding and taking away 1.5 x 2^23 rounds to the nearest whole number.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts, the first of which is exact in few bits.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    const SERIES: [f32; 7] = [1.0, 1.0, 0.5, 0.166_666_66, 0.041_666_48, 0.008_333_685, 0.001_394_6];
    let c = SERIES;
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN_2[0] - n * LN_2[1];
    // Estrin's scheme: three short chains instead of a long one.
    let square = r * r;
    let high = r * c[5] + c[4] + square * c[6];
    [(r * c[1] + c[0]) + square * ((r * c[3] + c[2]) + square * high), shifted]
}

/// Whether an event of log-odds `v` happens at a pace, given a uniform word: u < pace / (1 + exp(-v)).
#[inline(always)]
pub fn logistic_happens(v: f32, word: u32, pace: f32) -> bool {
    // In (0, 1): the half keeps 0 out; the greatest words would be rounded to 1, of which nothing is certain.
    let u = ((word as f32 + 0.5) * (1.0 / 4_294_967_296.0)).min(1.0 - f32::EPSILON / 2.0);
    u * (1.0 + exp(-v)) < pace
}

/// Whether such an event can happen: costs less than [`logistic_happens`], and says yes too often, never too rarely.
#[inline(always)]
pub(crate) fn logistic_may_happen(v: f32, word: u32, pace: f32) -> bool {
    // exp(x) is above (1 + x/8)^8; the factor is far more than rounding.
    let mut least = (v * (-1.0 / 8.0) + 1.0).max(0.0);
    for _ in 0..3 {
        least *= least;
    }
    word as f32 * (1.0 / 4_294_967_296.0) * (1.0 + 0.999 * least) * 0.999 < pace
}

/// Quantile of the standard normal distribution; Wichura's algorithm AS 241 (1988), relative error about 1e-16.
/// `p` in (0, 1); outside, the infinities.
pub fn normal_quantile(p: f64) -> f64 {
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let ratio = |r: f64, num: &[f64; 8], den: &[f64; 8]| {
        let horner = |c: &[f64; 8]| c.iter().rev().fold(0.0, |sum, c| sum * r + c);
        horner(num) / horner(den)
    };
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        return q * ratio(0.180625 - q * q, &A, &B);
    }
    let r = f64::sqrt(-libm::log(if q < 0.0 { p } else { 1.0 - p }));
    let z = if r <= 5.0 { ratio(r - 1.6, &C, &D) } else { ratio(r - 5.0, &E, &F) };
    if q < 0.0 { -z } else { z }
}

/// Distribution function of the standard normal.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// Normal quantiles at the middles of 4096 equal intervals, scaled to variance 1.
pub fn normal_table() -> &'static [f32; TABLE] {
    static NORMAL: LazyLock<Box<[f32; TABLE]>> = LazyLock::new(|| {
        let z: Vec<f64> = (0..TABLE).map(|i| normal_quantile((i as f64 + 0.5) / TABLE as f64)).collect();
        let sd = (z.iter().map(|z| z * z).sum::<f64>() / TABLE as f64).sqrt();
        Box::new(std::array::from_fn(|i| (z[i] / sd) as f32))
    });
    &NORMAL
}

/// Middles of 4096 equal intervals of [-0.5, 0.5].
pub fn uniform_table() -> &'static [f32; TABLE] {
    static UNIFORM: LazyLock<Box<[f32; TABLE]>> =
        LazyLock::new(|| Box::new(std::array::from_fn(|i| ((i as f64 + 0.5) / TABLE as f64 - 0.5) as f32)));
    &UNIFORM
}

const A: [f64; 8] = [
    3.3871328727963666080e0,
    1.3314166789178437745e2,
    1.9715909503065514427e3,
    1.3731693765509461125e4,
    4.5921953931549871457e4,
    6.7265770927008700853e4,
    3.3430575583588128105e4,
    2.5090809287301226727e3,
];
const B: [f64; 8] = [
    1.0,
    4.2313330701600911252e1,
    6.8718700749205790830e2,
    5.3941960214247511077e3,
    2.1213794301586595867e4,
    3.9307895800092710610e4,
    2.8729085735721942674e4,
    5.2264952788528545610e3,
];
const C: [f64; 8] = [
    1.42343711074968357734e0,
    4.63033784615654529590e0,
    5.76949722146069140550e0,
    3.64784832476320460504e0,
    1.27045825245236838258e0,
    2.41780725177450611770e-1,
    2.27238449892691845833e-2,
    7.74545014278341407640e-4,
];
const D: [f64; 8] = [
    1.0,
    2.05319162663775882187e0,
    1.67638483018380384940e0,
    6.89767334985100004550e-1,
    1.48103976427480074590e-1,
    1.51986665636164571966e-2,
    5.47593808499534494600e-4,
    1.05075007164441684324e-9,
];
const E: [f64; 8] = [
    6.65790464350110377720e0,
    5.46378491116411436990e0,
    1.78482653991729133580e0,
    2.96560571828504891230e-1,
    2.65321895265761230930e-2,
    1.24266094738807843860e-3,
    2.71155556874348757815e-5,
    2.01033439929228813265e-7,
];
const F: [f64; 8] = [
    1.0,
    5.99832206555887937690e-1,
    1.36929880922735805310e-1,
    1.48753612908506148525e-2,
    7.86869131145613259100e-4,
    1.84631831751005468180e-5,
    1.42151175831644588870e-7,
    2.04426310338993978564e-15,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_close_everywhere() {
        let most = EXP_LIMIT.to_bits();
        for bits in (0..=most).step_by(1009).chain([most]) {
            for x in [f32::from_bits(bits), -f32::from_bits(bits)] {
                let exact = libm::exp(f64::from(x));
                assert!((f64::from(exp(x)) / exact - 1.0).abs() < 3e-7, "exp({x}) = {} {exact}", exp(x));
            }
        }
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(-1e9) > 0.0 && exp(1e9).is_finite());
    }

    #[test]
    fn what_is_certain_happens_and_what_is_impossible_does_not() {
        for word in [0, 1, u32::MAX / 2, u32::MAX - 128, u32::MAX - 1, u32::MAX] {
            assert!(logistic_happens(87.0, word, 1.0) && logistic_happens(1e30, word, 1.0), "{word}");
            assert!(!logistic_happens(-87.0, word, 1.0) && !logistic_happens(-1e30, word, 1.0), "{word}");
        }
        // Even odds: the lower half of the words.
        assert!(logistic_happens(0.0, u32::MAX / 2 - 128, 1.0) && !logistic_happens(0.0, u32::MAX / 2 + 129, 1.0));
    }

    #[test]
    fn what_happens_may_happen() {
        for k in -4000..4000 {
            let v = k as f32 / 40.0;
            for pace in [0.05, 1.0, 3.0] {
                // The greatest word at which it happens, or the next one.
                let (mut low, mut high) = (0, u32::MAX);
                while low < high {
                    let middle = low + (high - low) / 2;
                    if logistic_happens(v, middle, pace) { low = middle + 1 } else { high = middle }
                }
                for word in low.saturating_sub(300)..=low.saturating_add(300) {
                    let may = logistic_may_happen(v, word, pace);
                    assert!(may || !logistic_happens(v, word, pace), "log-odds {v}, word {word}, pace {pace}");
                }
            }
            // Not much too often where it is rare.
            if v < -5.0 {
                assert!(!logistic_may_happen(v, u32::MAX / 16, 1.0), "{v}");
            }
        }
    }

    #[test]
    fn quantile_inverts_the_distribution_function() {
        for p in [1e-12, 1e-6, 0.005, 0.1, 0.3, 0.5, 0.9, 0.999_999] {
            assert!((normal_cdf(normal_quantile(p)) / p - 1.0).abs() < 1e-9, "{p}");
        }
        assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-12);
    }

    #[test]
    fn tables_have_mean_0_and_the_right_variance() {
        for (table, variance) in [(normal_table(), 1.0), (uniform_table(), 1.0 / 12.0)] {
            let mean = table.iter().map(|&z| f64::from(z)).sum::<f64>() / TABLE as f64;
            let var = table.iter().map(|&z| f64::from(z) * f64::from(z)).sum::<f64>() / TABLE as f64;
            assert!(mean.abs() < 1e-6 && (var - variance).abs() < 1e-6);
        }
    }
}
