//! Elementary effects (Morris, Technometrics 33, 1991): how much the error changes when one parameter goes half its prior
//! up or down, from several places.

use super::draws::Sequence;
use super::evaluate::{Evaluator, Point};
use super::file::Screening;
use super::plan::Plan;
use crate::error::Result;
use crate::experiment::statistics::Moments;
use crate::random::normal_quantile;

/// Effects of one parameter on the error, per whole width of the prior.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Mean of their sizes: how much the parameter matters.
    pub mean_size: f64,
    /// Their standard deviation: how much that depends on where it, and the others, are.
    pub spread: f64,
}

/// Effects of all parameters; `None` where the evaluator was stopped.
pub(super) fn effects(plan: &Plan, spec: &Screening, evaluator: &mut Evaluator<'_>) -> Result<Option<Vec<Effect>>> {
    let n = plan.priors.len();
    let mut draws = Sequence::new(plan.calibration.seed, 0);
    let mut points = Vec::new();
    // Of each move: the evaluation before it, the parameter, and the way it went.
    let mut moves: Vec<(usize, usize, f64)> = Vec::new();
    for _ in 0..spec.trajectories {
        // Of the prior's quantiles four are visited, 1/8 to 7/8; a move goes over half of them.
        let ways: Vec<f64> = (0..n).map(|_| if draws.uniform() < 0.5 { 1.0 } else { -1.0 }).collect();
        let mut quantiles: Vec<f64> =
            ways.iter().map(|way| 0.5 + way * if draws.uniform() < 0.5 { -0.375 } else { -0.125 }).collect();
        let mut order: Vec<(f64, usize)> = (0..n).map(|k| (draws.uniform(), k)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        points.push(at(plan, &quantiles));
        for (_, k) in order {
            moves.push((points.len() - 1, k, ways[k]));
            quantiles[k] += MOVE * ways[k];
            points.push(at(plan, &quantiles));
        }
    }
    let Some(evaluations) = evaluator.evaluate(&points)? else { return Ok(None) };
    let mut effects = vec![Vec::new(); n];
    for (before, k, way) in moves {
        effects[k].push((evaluations[before + 1].error - evaluations[before].error) * way / MOVE);
    }
    Ok(Some(effects.iter().map(|effects| effect(effects)).collect()))
}

/// Share of the prior that a move goes over.
const MOVE: f64 = 0.5;

fn at(plan: &Plan, quantiles: &[f64]) -> Point {
    let z: Vec<f64> = quantiles.iter().map(|&p| normal_quantile(p)).collect();
    super::point(plan, &z)
}

fn effect(effects: &[f64]) -> Effect {
    let mean_size: Moments = effects.iter().map(|effect| effect.abs()).collect();
    let moments: Moments = effects.iter().copied().collect();
    Effect { mean_size: mean_size.mean(), spread: moments.sd() }
}
