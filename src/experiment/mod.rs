//! Runs: a simulation with its observation, its tables and its manifest.

mod checkpoints;
mod curves;
mod fork;
mod run;
mod seeds;

pub use curves::curves;
pub use fork::FORK_MAY_CHANGE;
pub use run::{Run, RunOptions, resume_simulation};
pub use seeds::replicate_seed;
