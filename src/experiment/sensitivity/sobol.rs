use super::bootstrap::{Bootstrap, Estimate};

/// First-order and total Sobol' indices of `factors` factors, from values in Saltelli's order: for every base sample A,
/// then A with one column after another from B, then B.
///
/// First order: Saltelli et al. (2010), f(B) (f(AB) - f(A)); total: Jansen (1999), (f(A) - f(AB))^2 / 2; both by the
/// variance of f over A and B, and of values less their mean, which keeps the first-order estimate from depending on it.
/// Doi 10.1016/j.cpc.2009.09.018. NaN where the values do not vary.
pub fn sobol(y: &[f64], factors: usize, bootstrap: Bootstrap) -> Vec<[Estimate; 2]> {
    let block = factors + 2;
    let n = y.len() / block;
    if n == 0 {
        return Vec::new();
    }
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    let y: Vec<f64> = y.iter().map(|y| y - mean).collect();
    let estimates = bootstrap.estimate(n, |chosen| {
        let rows = || chosen.iter().map(|&j| &y[j * block..(j + 1) * block]);
        let m = chosen.len() as f64;
        let centre = rows().map(|row| row[0] + row[factors + 1]).sum::<f64>() / (2.0 * m);
        let square = |x: f64| (x - centre) * (x - centre);
        let variance = rows().map(|row| square(row[0]) + square(row[factors + 1])).sum::<f64>() / (2.0 * m);
        let of = |factor: usize| {
            let first = rows().map(|row| row[factors + 1] * (row[factor + 1] - row[0])).sum::<f64>() / m;
            let total = rows().map(|row| (row[0] - row[factor + 1]).powi(2)).sum::<f64>() / (2.0 * m);
            if variance > 0.0 { [first / variance, total / variance] } else { [f64::NAN; 2] }
        };
        (0..factors).flat_map(of).collect()
    });
    estimates.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
}
