//! What is taken of a run: its daily figures, and the outputs that sweeps and validations make of them.

mod curves;
mod output;
mod outputs;

pub use curves::{curves, curves_until};
pub use output::{Output, Take};
pub(crate) use outputs::measure;
