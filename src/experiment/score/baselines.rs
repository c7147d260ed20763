//! What a forecast must be better than: four that know nothing but the series.

use super::rules::Mixture;

/// Their names.
pub const BASELINES: [&str; 4] = ["persistence", "drift", "damped trend", "logistic curve"];

/// Factor on the trend for each further month (Gardner and McKenzie 1985).
const DAMPING: f64 = 0.85;

/// All baselines `horizon` months after the last value of a series: months and values, in order; `noise` is the standard deviation of
/// a measurement there, which none falls below, and nothing exceeds `most`. `None` where there is no value yet.
///
/// Each is a normal distribution. Its spread is that of the steps that persistence, or the trend, did not know, a month, and grows with the
/// root of the horizon; with fewer than two steps it is the noise alone.
pub fn baselines(series: &[(f64, f64)], horizon: f64, noise: f64, most: f64) -> Option<[Mixture; 4]> {
    let &(last, value) = series.last()?;
    let steps: Vec<[f64; 2]> = series.windows(2).map(|pair| [pair[1].0 - pair[0].0, pair[1].1 - pair[0].1]).collect();
    let spread = |trend: f64| {
        let squares: f64 = steps.iter().map(|[time, step]| (step - trend * time).powi(2) / time).sum();
        if steps.len() < 2 { noise } else { (squares / steps.len() as f64).sqrt() }
    };
    let first = series[0];
    let drift = if steps.is_empty() { 0.0 } else { (value - first.1) / (last - first.0) };
    let trend = steps.last().map_or(0.0, |[time, step]| step / time);
    // The damped trend's sum over the months.
    let damped = trend * DAMPING * (1.0 - libm::pow(DAMPING, horizon)) / (1.0 - DAMPING);
    let normal = |mean: f64, sd: f64| Mixture::normal(mean.clamp(0.0, most), (sd * sd * horizon + noise * noise).sqrt());
    let curve = logistic(series, last + horizon, most);
    Some([
        normal(value, spread(0.0)),
        normal(value + drift * horizon, spread(drift)),
        normal(value + damped, spread(trend)),
        curve.map_or_else(|| normal(value, spread(0.0)), |[mean, residual]| normal(mean, residual)),
    ])
}

/// The logistic curve of least squares through at least three values that rise, at a time, and the root of its mean squared residual:
/// for a ceiling on a grid up to `most` the logit of the values is a straight line. `None` of others.
fn logistic(series: &[(f64, f64)], at: f64, most: f64) -> Option<[f64; 2]> {
    let (n, high) = (series.len() as f64, series.iter().map(|x| x.1).fold(0.0, f64::max));
    if series.len() < 3 || series[0].1 >= series[series.len() - 1].1 || series.iter().any(|x| x.1 <= 0.0) {
        return None;
    }
    let fit = |ceiling: f64| {
        let logits: Vec<(f64, f64)> = series.iter().map(|&(t, v)| (t, libm::log(v / (ceiling - v)))).collect();
        let mean = |of: fn(&(f64, f64)) -> f64| logits.iter().map(of).sum::<f64>() / n;
        let (t, y) = (mean(|x| x.0), mean(|x| x.1));
        let slope =
            logits.iter().map(|x| (x.0 - t) * (x.1 - y)).sum::<f64>() / logits.iter().map(|x| (x.0 - t).powi(2)).sum::<f64>();
        let curve = |time: f64| ceiling / (1.0 + libm::exp(-(y + slope * (time - t))));
        let squares = series.iter().map(|&(t, v)| (curve(t) - v).powi(2)).sum::<f64>() / n;
        [curve(at), squares.sqrt()]
    };
    const CEILINGS: i32 = 200;
    let ceilings = (1..=CEILINGS).map(|k| high + (most - high) * f64::from(k) / f64::from(CEILINGS));
    ceilings.filter(|ceiling| *ceiling > high).map(fit).min_by(|a, b| a[1].total_cmp(&b[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(series: &[(f64, f64)], horizon: f64) -> [f64; 4] {
        baselines(series, horizon, 0.1, 100.0).expect("values").map(|mixture| mixture.0[0][1])
    }

    #[test]
    fn baselines_are_what_they_are_called() {
        // By hand: drift 9 in 3 months; the last step 6 a month, damped 0.85 + 0.7225 times.
        let found = means(&[(0.0, 1.0), (2.0, 4.0), (3.0, 10.0)], 2.0);
        for (found, truth) in found.into_iter().zip([10.0, 16.0, 10.0 + 6.0 * 1.5725]) {
            assert!((found - truth).abs() < 1e-9, "{found} {truth}");
        }
        // A logistic curve is found again.
        let truth = |t: f64| 80.0 / (1.0 + libm::exp(5.0 - t));
        let series: Vec<(f64, f64)> = (0..6).map(|t| (f64::from(t), truth(f64::from(t)))).collect();
        let found = means(&series, 3.0)[3];
        assert!((found - truth(8.0)).abs() < 1.0, "{found} {}", truth(8.0));
        // What does not rise is carried on.
        assert_eq!(means(&[(0.0, 9.0), (1.0, 8.0), (2.0, 7.0)], 1.0)[3], 7.0);
        assert!(baselines(&[], 1.0, 0.1, 100.0).is_none());
        // One value: its noise, twice; persistence of steps 3 and 6 a month: 9 / 2 and 36, mean 20.25, in one month.
        let sd = |series: &[(f64, f64)]| baselines(series, 1.0, 0.1, 100.0).expect("values")[0].0[0][2];
        assert!((sd(&[(0.0, 5.0)]) - 0.1 * 2f64.sqrt()).abs() < 1e-12);
        assert!((sd(&[(0.0, 1.0), (2.0, 4.0), (3.0, 10.0)]) - (20.25f64 + 0.01).sqrt()).abs() < 1e-9);
    }
}
