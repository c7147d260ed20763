use super::bootstrap::{Bootstrap, Estimate};

/// Partial rank correlation of every factor with `y`, given the other factors: -P / sqrt(P P) of the inverse of the ranks'
/// correlation matrix (Marino et al. 2008, doi 10.1016/j.jtbi.2008.04.011). `x` holds a row a point; ties share their mean
/// rank. NaN for a factor that does not vary, and where factors vary together only.
pub fn prcc(x: &[Vec<f64>], y: &[f64], bootstrap: Bootstrap) -> Vec<Estimate> {
    let Some(factors) = x.first().map(Vec::len) else { return Vec::new() };
    bootstrap.estimate(x.len().min(y.len()), |chosen| {
        let column = |f: usize| chosen.iter().map(|&p| if f < factors { x[p][f] } else { y[p] }).collect::<Vec<_>>();
        let columns: Vec<Vec<f64>> = (0..=factors).map(|f| standard_ranks(&column(f))).collect();
        // What does not vary, or is no number, takes no part.
        let varies: Vec<usize> = (0..=factors).filter(|&f| columns[f].iter().all(|r| r.is_finite())).collect();
        let mut out = vec![f64::NAN; factors];
        if varies.last() != Some(&factors) {
            return out;
        }
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let matrix = varies.iter().map(|&a| varies.iter().map(|&b| dot(&columns[a], &columns[b])).collect()).collect();
        let Some(inverse) = inverse(matrix) else { return out };
        let last = varies.len() - 1;
        for (k, &factor) in varies[..last].iter().enumerate() {
            out[factor] = -inverse[k][last] / (inverse[k][k] * inverse[last][last]).sqrt();
        }
        out
    })
}

/// Ranks with mean 0 and squares that sum to 1; NaN where all are the same.
fn standard_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for same in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = below as f64 + (same.len() as f64 - 1.0) / 2.0 - (values.len() as f64 - 1.0) / 2.0;
        same.iter().for_each(|&p| ranks[p] = rank);
        below += same.len();
    }
    if values.iter().any(|x| x.is_nan()) {
        return vec![f64::NAN; values.len()];
    }
    let length = ranks.iter().map(|r| r * r).sum::<f64>().sqrt();
    ranks.iter().map(|r| r / length).collect()
}

/// By Gauss and Jordan, with pivots; `None` of a singular matrix.
fn inverse(mut a: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let n = a.len();
    for (k, row) in a.iter_mut().enumerate() {
        row.extend((0..n).map(|c| if c == k { 1.0 } else { 0.0 }));
    }
    for k in 0..n {
        let pivot = (k..n).max_by(|&p, &q| a[p][k].abs().total_cmp(&a[q][k].abs()))?;
        if a[pivot][k].abs() < 1e-10 {
            return None;
        }
        a.swap(k, pivot);
        let own: Vec<f64> = a[k].iter().map(|x| x / a[k][k]).collect();
        for (r, row) in a.iter_mut().enumerate() {
            let by = row[k];
            let zipped = row.iter_mut().zip(&own);
            if r == k { zipped.for_each(|(x, o)| *x = *o) } else { zipped.for_each(|(x, o)| *x -= by * o) }
        }
    }
    Some(a.into_iter().map(|row| row[n..].to_vec()).collect())
}
