//! Patterns that a good model reproduces: worlds are simulated, figures are taken from them as sweeps do, and what is made
//! of these is held against what was published.

mod file;
mod judge;
mod manifest;
mod write;

pub use file::{Check, Pattern, PatternFile, Plan, World};
pub use judge::{Judged, Outputs, Validation};
pub use write::{CHECK_FIELDS, PATTERN_FIELDS, check as check_folder, write};

use crate::engine::{Simulation, plan};
use crate::error::{Error, Result};
use crate::experiment::{replicate_seed, side_by_side};
use crate::measure::measure;
use crate::scenario;
use crate::storage::networks;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// The patterns of a scenario, where it has some; else the file itself.
///
/// Fails where that is a scenario: one line, instead of one for each key that a file of patterns does not have.
pub fn patterns_of(file: &Path) -> Result<PathBuf> {
    let beside = file.with_file_name("patterns").join(file.file_name().unwrap_or_default());
    if beside.exists() {
        return Ok(beside);
    }
    if scenario::load(file, &[]).is_ok() {
        let (place, beside) = (file.display(), beside.display());
        let message = format!("{place}: found a scenario without patterns; allowed a file of patterns, or one at {beside}");
        return Err(Error::invalid(message));
    }
    Ok(file.to_owned())
}

impl Plan {
    /// How many runs there are: every world with every seed.
    pub fn runs(&self) -> u64 {
        self.worlds.len() as u64 * u64::from(self.file.replicates)
    }

    /// Runs at a time and threads of each, with so many threads and the memory that there is.
    ///
    /// Fails where not even one run fits into memory.
    pub fn needs(&self, threads: usize) -> Result<[usize; 2]> {
        let size = |k: &usize| plan::predicted_bytes(&self.worlds[*k], self.worlds[*k].population.users, None);
        let Some(largest) = (0..self.worlds.len()).max_by_key(size).map(|k| &self.worlds[k]) else { return Ok([1, threads]) };
        let (available, users) = (plan::available_bytes().unwrap_or(u64::MAX), largest.population.users);
        let bytes = plan::predicted_bytes(largest, users, Some(available));
        if bytes > available {
            return Err(Error::memory(bytes, available, plan::most_users(largest, available)));
        }
        Ok(plan::side_by_side(largest, self.runs(), threads, available))
    }
}

/// Simulates all worlds with all seeds and judges what comes out. `needs` says how much at a time, which has no influence
/// on results; `on_progress` is called at the end of every run.
///
/// `None` where `stop` was set before the last run ended.
pub fn validate(
    plan: &Plan,
    needs: [usize; 2],
    stop: &AtomicBool,
    on_progress: &(dyn Fn() + Sync),
) -> Result<Option<Validation>> {
    let replicates = plan.file.replicates;
    let runs: Vec<(usize, u32)> = (0..plan.worlds.len()).flat_map(|w| (0..replicates).map(move |r| (w, r))).collect();
    let taken = side_by_side(&runs, needs, stop, |&(world, replicate)| {
        let mut scenario = plan.worlds[world].clone();
        scenario.seed = replicate_seed(scenario.seed, replicate);
        let figures = measure(&plan.file.worlds[world].outputs, scenario, stop, |scenario| {
            let graph = networks::of_scenario_until(&scenario, stop)?;
            Simulation::begin_until(scenario, graph.into(), None, stop)
        })?;
        on_progress();
        Ok(figures)
    })?;
    let Some(taken) = taken else { return Ok(None) };
    let mut outputs = vec![Outputs::new(); replicates as usize];
    for ((world, replicate), figures) in runs.into_iter().zip(taken) {
        let names = plan.file.worlds[world].outputs.iter().map(|output| output.name());
        outputs[replicate as usize].extend(names.zip(figures));
    }
    Ok(Some(Validation::of(&plan.file, &outputs)))
}
