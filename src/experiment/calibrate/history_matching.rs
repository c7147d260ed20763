//! Ensemble smoother with multiple data assimilation (Emerick and Reynolds, Computers & Geosciences 55, 2013): a sample of
//! the prior is moved, in a few steps, to one of the posterior, along the regression of parameters on figures that the
//! sample itself shows. It takes hundreds of evaluations where sampling by rejection takes many thousands; exact where
//! figures are linear in the parameters, an approximation elsewhere. Small samples make the posterior look too narrow.

use super::draws::Sequence;
use super::evaluate::{Evaluation, Evaluator, Point};
use super::file::HistoryMatching;
use super::plan::Plan;
use crate::error::{Error, Result};
use nalgebra::{DMatrix, DVector};

/// The posterior sample; `None` where the evaluator was stopped.
pub(super) fn sample(plan: &Plan, spec: &HistoryMatching, evaluator: &mut Evaluator<'_>) -> Result<Option<Vec<Evaluation>>> {
    let (parameters, members) = (plan.priors.len(), spec.members as usize);
    let used: Vec<usize> =
        (0..plan.targets.cells.len()).filter(|&k| plan.targets.cells[k].weight > 0.0 && plan.targets.cells[k].sd > 0.0).collect();
    let target = DVector::from_iterator(used.len(), used.iter().map(|&k| plan.targets.cells[k].value));
    // A cell of weight one half counts as one of twice the variance. In all steps together the targets count once.
    let variance = DVector::from_iterator(
        used.len(),
        used.iter().map(|&k| {
            let cell = &plan.targets.cells[k];
            let sd = cell.sd * spec.noise_factor;
            sd * sd / cell.weight * f64::from(spec.steps)
        }),
    );
    let mut normal = Sequence::new(plan.calibration.seed, 1);
    let mut z = DMatrix::from_fn(parameters, members, |_, _| normal.normal());
    for step in 0..=spec.steps {
        let points: Vec<Point> = z.column_iter().map(|z| super::point(plan, z.as_slice())).collect();
        let Some(evaluations) = evaluator.evaluate(&points)? else { return Ok(None) };
        if step == spec.steps {
            return Ok(Some(evaluations));
        }
        let figures = DMatrix::from_fn(used.len(), members, |k, j| evaluations[j].figures[used[k]]);
        let spread = |matrix: &DMatrix<f64>| {
            let mean = matrix.column_mean();
            DMatrix::from_fn(matrix.nrows(), members, |k, j| matrix[(k, j)] - mean[k])
        };
        let [of_z, of_figures] = [spread(&z), spread(&figures)];
        let n = (members - 1) as f64;
        let cross = &of_z * of_figures.transpose() / n;
        let within = &of_figures * of_figures.transpose() / n + DMatrix::from_diagonal(&variance);
        let perturbed = DMatrix::from_fn(used.len(), members, |k, _| target[k] + f64::sqrt(variance[k]) * normal.normal());
        let singular = || Error::invalid("the targets' noise is too small to compute with; raise `noise` or `floor`");
        let gain = within.cholesky().ok_or_else(singular)?.solve(&(perturbed - figures));
        z += cross * gain;
    }
    Ok(None)
}
