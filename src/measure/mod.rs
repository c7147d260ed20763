//! What is taken of a run: its daily figures, and the outputs that sweeps and validations make of them.

mod curves;
mod output;
mod outputs;

pub use curves::curves;
pub use output::{Output, Take};
pub(crate) use outputs::measure;
