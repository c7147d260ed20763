//! Runs: a simulation with its observation, its tables and its manifest.

pub mod calibrate;
mod checkpoints;
pub mod compare;
mod exchanged;
mod fork;
mod milestones;
mod observed;
pub mod recovery;
pub mod replicates;
pub mod resilience;
mod resumable;
mod run;
pub mod score;
mod seeds;
pub mod sensitivity;
mod side_by_side;
mod snapshots;
pub mod statistics;
pub mod study;
pub mod sweep;
pub mod threads;
pub mod validate;
mod verify;

pub use fork::{FORK_MAY_CHANGE, check_fork};
pub use milestones::milestones;
pub use observed::Observed;
pub use replicates::Replicates;
pub use run::{Run, RunOptions};
pub use seeds::{point_seed, replicate_seed};
pub use side_by_side::side_by_side;
pub use snapshots::resume_simulation;
pub use verify::{Verified, verify};
