//! From outputs to verdicts.

use super::file::{Check, PatternFile};
use crate::experiment::statistics::Moments;
use std::collections::BTreeMap;

/// The outputs of one replicate of all worlds, by name.
pub type Outputs = BTreeMap<String, f64>;

/// What came out of all patterns, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Validation {
    /// For each pattern its checks, in their order.
    pub patterns: Vec<Vec<Judged>>,
}

/// What came out of a check.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Figures of the replicates, in the check's unit; NaN where there is none.
    pub figures: Vec<f64>,
    /// Whether their mean is within the tolerance, which it is not where a replicate has no figure; `None` where there is no
    /// tolerance.
    pub passes: Option<bool>,
}

impl Judged {
    /// Mean and spread over the replicates; NaN where one has no figure.
    pub fn moments(&self) -> Moments {
        if self.figures.iter().any(|x| x.is_nan()) { Moments::default() } else { self.figures.iter().copied().collect() }
    }
}

impl Validation {
    /// Judges the outputs of all replicates.
    pub fn of(file: &PatternFile, replicates: &[Outputs]) -> Self {
        let judged = |check: &Check| {
            let mut judged = Judged { figures: replicates.iter().map(|r| check.figure(r)).collect(), passes: None };
            judged.passes = check.allows(judged.moments().mean());
            judged
        };
        Validation { patterns: file.patterns.iter().map(|p| p.checks.iter().map(judged).collect()).collect() }
    }

    /// Whether pattern `k`, counted from 0, is reproduced: none of its checks fails.
    pub fn passes(&self, k: usize) -> bool {
        self.patterns[k].iter().all(|judged| judged.passes != Some(false))
    }

    /// How many patterns are reproduced.
    pub fn passed(&self) -> usize {
        (0..self.patterns.len()).filter(|&k| self.passes(k)).count()
    }
}

impl Check {
    /// The figure of a replicate, in the check's unit; NaN where an output has none.
    pub fn figure(&self, outputs: &Outputs) -> f64 {
        let sum = |names: &[String]| names.iter().map(|name| outputs.get(name).copied().unwrap_or(f64::NAN)).sum::<f64>();
        let over = if self.over.is_empty() { 1.0 } else { sum(&self.over) };
        let figure = (sum(&self.plus) - sum(&self.minus)) / over / self.per;
        // Nothing by nothing, or anything by nothing, is no figure.
        if figure.is_finite() { figure } else { f64::NAN }
    }

    /// Whether a figure is within the tolerance; `None` where there is none.
    pub fn allows(&self, figure: f64) -> Option<bool> {
        let within = self.low.is_none_or(|low| figure >= low) && self.high.is_none_or(|high| figure <= high);
        (self.low.is_some() || self.high.is_some()).then_some(within && !figure.is_nan())
    }
}
