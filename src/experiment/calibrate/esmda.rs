//! Ensemble smoother with multiple data assimilation, ESMDA (Emerick and Reynolds, Computers & Geosciences 55, 2013): a sample of
//! the prior is moved, in a few steps, to one of the posterior, along the regression of parameters on figures that the
//! sample itself shows. It takes hundreds of evaluations where sampling by rejection takes many thousands; exact where
//! figures are linear in the parameters, an approximation elsewhere. Small samples make the posterior look too narrow: what they
//! show by chance alone is damped (localisation), and a few hundred members are better than a few tens.

use super::draws::Sequence;
use super::evaluate::{Evaluation, Evaluator, Point};
use super::file::Esmda;
use super::measured::Measured;
use super::plan::Plan;
use super::targets::Cell;
use crate::error::{Error, Result};
use nalgebra::{DMatrix, DVector};

/// The cells that a sample is fitted to.
#[derive(Debug)]
pub(crate) struct Data {
    /// Their places among the figures.
    pub(crate) cells: Vec<usize>,
    target: DVector<f64>,
    /// Of the measurement, with the factor on its noise; a cell of weight one half counts as one of twice the variance.
    variance: DVector<f64>,
}

impl Data {
    /// Those of weight, with noise, of the targets those for which `keep` is true.
    pub(crate) fn of(plan: &Plan, noise_factor: f64, keep: impl Fn(&Cell) -> bool) -> Self {
        let all: Vec<&Measured> = plan.measured().collect();
        // What is known of other worlds stands behind the cells.
        let kept = |k: usize| plan.targets.cells.get(k).is_none_or(&keep);
        let used = |k: &usize| all[*k].weight > 0.0 && all[*k].sd > 0.0 && kept(*k);
        let cells: Vec<usize> = (0..all.len()).filter(used).collect();
        let variance = |&k: &usize| (all[k].sd * noise_factor).powi(2) / all[k].weight;
        Data {
            target: DVector::from_iterator(cells.len(), cells.iter().map(|&k| all[k].value)),
            variance: DVector::from_iterator(cells.len(), cells.iter().map(variance)),
            cells,
        }
    }

    /// Takes the model's figures for measured, each with an error of the size that is assumed of it.
    pub(crate) fn measure(&mut self, figures: &[f64], mut normal: impl FnMut() -> f64) {
        for (k, &cell) in self.cells.iter().enumerate() {
            self.target[k] = figures[cell] + self.variance[k].sqrt() * normal();
        }
    }

    /// Logarithm of the likelihood of the model's figures, but for a constant.
    pub(crate) fn log_likelihood(&self, figures: &[f64]) -> f64 {
        let squares = self.cells.iter().enumerate().map(|(k, &cell)| (figures[cell] - self.target[k]).powi(2) / self.variance[k]);
        -0.5 * squares.sum::<f64>()
    }
}

/// The sample after `spec.steps` steps, each of which takes in one of `parts` equal parts of the data, evaluated; `None` where the
/// evaluator was stopped.
pub(crate) fn sample(
    plan: &Plan,
    spec: &Esmda,
    data: &Data,
    parts: u32,
    evaluator: &mut Evaluator<'_>,
) -> Result<Option<Vec<Evaluation>>> {
    let Some(points) = moved(plan, spec, data, parts, evaluator, None)? else { return Ok(None) };
    evaluator.evaluate(&points)
}

/// The points of that sample. Perturbations of the data are drawn from `errors`, or else by the sequence that the first sample, of the prior,
/// is drawn from.
pub(crate) fn moved(
    plan: &Plan,
    spec: &Esmda,
    data: &Data,
    parts: u32,
    evaluator: &mut Evaluator<'_>,
    errors: Option<Sequence>,
) -> Result<Option<Vec<Point>>> {
    let (parameters, members) = (plan.priors.len(), spec.members as usize);
    let variance = &data.variance * f64::from(parts);
    let mut normal = Sequence::new(plan.calibration.seed, 1);
    let mut z = DMatrix::from_fn(parameters, members, |_, _| normal.normal());
    let mut errors = errors.unwrap_or(normal);
    let points = |z: &DMatrix<f64>| z.column_iter().map(|z| super::point(plan, z.as_slice())).collect::<Vec<Point>>();
    for _ in 0..spec.steps {
        let Some(evaluations) = evaluator.evaluate(&points(&z))? else { return Ok(None) };
        let figures = DMatrix::from_fn(data.cells.len(), members, |k, j| evaluations[j].figures[data.cells[k]]);
        let spread = |matrix: &DMatrix<f64>| {
            let mean = matrix.column_mean();
            DMatrix::from_fn(matrix.nrows(), members, |k, j| matrix[(k, j)] - mean[k])
        };
        let [of_z, of_figures] = [spread(&z), spread(&figures)];
        let n = (members - 1) as f64;
        let mut cross = &of_z * of_figures.transpose() / n;
        if spec.localise {
            let squares = |matrix: &DMatrix<f64>, k: usize| matrix.row(k).norm_squared() / n;
            cross = DMatrix::from_fn(parameters, data.cells.len(), |p, k| {
                let both = squares(&of_z, p) * squares(&of_figures, k);
                cross[(p, k)] * taper(if both > 0.0 { cross[(p, k)].powi(2) / both } else { 0.0 }, members)
            });
        }
        let within = &of_figures * of_figures.transpose() / n + DMatrix::from_diagonal(&variance);
        let perturbed =
            DMatrix::from_fn(data.cells.len(), members, |k, _| data.target[k] + f64::sqrt(variance[k]) * errors.normal());
        let singular = || Error::invalid("the targets' noise is too small to compute with; raise `noise` or `floor`");
        let gain = within.cholesky().ok_or_else(singular)?.solve(&(perturbed - figures));
        z += cross * gain;
    }
    Ok(Some(points(&z)))
}

/// The part of a covariance that is not expected from chance, of a squared correlation seen in so many members: the factor of least
/// expected error (pseudo-optimal localisation: Furrer and Bengtsson 2007; Lacerda, Emerick and Pires 2019).
fn taper(squared: f64, members: usize) -> f64 {
    squared / (squared + (1.0 + squared) / members as f64)
}

#[cfg(test)]
mod tests {
    use super::taper;

    #[test]
    fn what_chance_shows_is_damped_and_what_is_sure_is_not() {
        // Without a correlation 1/N is seen in the mean of squares: about half of it goes.
        assert!((taper(1.0 / 200.0, 200) - 1.0 / 2.005).abs() < 1e-12);
        assert!((taper(1.0, 200) - 1.0 / 1.01).abs() < 1e-12);
        assert_eq!(taper(0.0, 200), 0.0);
    }
}
