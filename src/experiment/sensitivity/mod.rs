//! Which factors of a finished sweep its outputs depend on.
//!
//! Indices are of the mean over replicates at a point; their intervals are of the design, drawn again.

mod bootstrap;
mod data;
mod morris;
mod prcc;
mod sobol;

pub use bootstrap::{Bootstrap, Estimate};
pub use morris::morris;
pub use prcc::prcc;
pub use sobol::sobol;

use crate::error::{Error, Result};
use crate::observe::{Field, ValueType};
use crate::storage::{Table, Value};
use data::Data;
use std::path::Path;

/// Columns of `sensitivity.csv`: a row per output, factor and index.
pub const SENSITIVITY_FIELDS: &[Field] = &[
    Field::plain("output", ValueType::Text, "Output of the sweep."),
    Field::plain("factor", ValueType::Text, "Factor of the sweep."),
    Field::plain(
        "index",
        ValueType::Text,
        "`first_order` and `total` (Sobol'), `mu`, `mu_star` and `sigma` (Morris), or `prcc`.",
    ),
    Field::plain(
        "value",
        ValueType::Float(6),
        "Estimate; of mu, mu_star and sigma in the output's unit over the factor's range.",
    ),
    Field::plain("low", ValueType::Float(6), "Lower end of its 95 % bootstrap interval."),
    Field::plain("high", ValueType::Float(6), "Upper end."),
];

/// Indices of all outputs.
#[derive(Clone, Debug)]
pub struct Sensitivity {
    /// Kind of design.
    pub design: String,
    /// Names of the indices that go with it.
    pub indices: &'static [&'static str],
    /// Factors of the sweep.
    pub factors: Vec<String>,
    /// Outputs of the sweep, each with its indices by factor and index; none where not every point has the output.
    pub outputs: Vec<(String, Vec<Vec<Estimate>>)>,
}

impl Sensitivity {
    /// Of the sweep in a folder: Sobol' indices of a `sobol` design, Morris's of a `morris` design, partial rank
    /// correlations of any other; in the current rayon pool.
    ///
    /// Fails where the sweep is not finished, or its tables are not those of its design.
    pub fn of(folder: &Path, bootstrap: Bootstrap) -> Result<Self> {
        let Data { design, factors, outputs, x, y } = Data::read(folder)?;
        let k = factors.len();
        let (indices, block): (&'static [&'static str], usize) = match design.as_str() {
            "sobol" => (&["first_order", "total"], k + 2),
            "morris" => (&["mu", "mu_star", "sigma"], k + 1),
            _ => (&["prcc"], 1),
        };
        let bad = |what: String| Error::corrupt(folder.join("points.csv"), what);
        if x.is_empty() || x.len() % block != 0 {
            let n = x.len();
            return Err(bad(format!("found {n} points; a {design} design of {k} factors has a multiple of {block}")));
        }
        let named = outputs.into_iter().zip(y).map(|(output, y)| {
            let estimates = match design.as_str() {
                "sobol" | "morris" if y.iter().any(|y| y.is_nan()) => Vec::new(),
                "sobol" => sobol(&y, k, bootstrap).into_iter().map(Vec::from).collect(),
                "morris" => {
                    let effects = morris(&x, &y, bootstrap);
                    let effects =
                        effects.ok_or_else(|| bad("a step of a trajectory does not change exactly one factor".into()))?;
                    effects.into_iter().map(Vec::from).collect()
                }
                _ => {
                    // Points without the output tell nothing.
                    let (x, y): (Vec<_>, Vec<_>) = x.iter().cloned().zip(y).filter(|(_, y)| !y.is_nan()).unzip();
                    prcc(&x, &y, bootstrap).into_iter().map(|estimate| vec![estimate]).collect()
                }
            };
            Ok((output, estimates))
        });
        let outputs = named.collect::<Result<_>>()?;
        Ok(Sensitivity { design, indices, factors, outputs })
    }

    /// Writes `sensitivity.csv`.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let mut table = Table::create(folder, "sensitivity", SENSITIVITY_FIELDS, &[])?;
        for (output, estimates) in &self.outputs {
            for (factor, estimates) in self.factors.iter().zip(estimates) {
                for (index, e) in self.indices.iter().zip(estimates) {
                    let head = [output, factor.as_str(), index].map(Value::Text);
                    table.row(head.into_iter().chain([e.value, e.low, e.high].map(Value::Float)))?;
                }
            }
        }
        table.finish(true, false).map(|_| ())
    }
}
