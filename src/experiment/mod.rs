//! Runs: a simulation with its observation, its tables and its manifest.

mod run;
mod seeds;

pub use run::{Run, RunOptions, Status};
pub use seeds::replicate_seed;
