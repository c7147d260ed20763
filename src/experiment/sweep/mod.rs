//! Sweeps: many runs of a scenario, at the points of a design, each leaving a row of a table.
//!
//! A sweep's folder holds `sweep.toml` and `scenario.toml` (which give it again), `points.csv`, `manifest.json`, while it
//! runs `rows-N.csv`, and at the end `results.csv` and `results.parquet`. A finished run is in a row and never repeated,
//! an unfinished one is: whatever happens in between, the results are those of a sweep never stopped. Of several machines
//! each writes into a folder of its own, and [`merge`] joins them.

mod design;
mod factor;
mod factor_value;
mod file;
mod folder;
mod interpret;
mod manifest;
mod plan;
mod remembered;
mod rows;
mod shared;
mod threshold;

pub use design::{Design, MAX_HELD, MAX_POINTS, MAX_SOBOL, MAX_SOBOL_FACTORS};
pub use factor::Factor;
pub use factor_value::FactorValue;
pub use file::{DesignKind, Search, Seeds, SweepFile};
pub use folder::{Shard, merge};
pub(crate) use folder::{check_rows, shard_folders};
pub use manifest::{FactorEntry, OutputEntry, SweepManifest};
pub use plan::{Needs, SweepPlan};
pub use threshold::{SEARCH_FIELDS, Searched, THRESHOLD_FIELDS, Thresholds, TippingPoint, thresholds};

use crate::error::{Error, Result};
use crate::experiment::threads;
use crate::files::Lock;
use crate::peers::Peers;
use rows::{Index, Rows};
use shared::{Recent, Shared};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

/// A sweep, or a shard of one, in its folder, into which nobody else writes meanwhile.
#[derive(Debug)]
pub struct Sweep {
    plan: SweepPlan,
    folder: PathBuf,
    shard: Option<Shard>,
    manifest: SweepManifest,
    index: Index,
    peers: Peers,
    _lock: Lock,
}

impl Sweep {
    /// Begins a sweep in a folder, or resumes it where it is there already. `started` is the UTC time, RFC 3339.
    ///
    /// Fails where something else is in the folder; another sweep makes way with `force`, and then this one starts over.
    pub fn open(plan: SweepPlan, folder: &Path, shard: Option<Shard>, force: bool, started: String) -> Result<Self> {
        let (folder, lock, manifest) = folder::open(&plan, folder, shard, force, started)?;
        let index = Index::read(std::slice::from_ref(&folder), &plan)?;
        Ok(Sweep { plan, folder, shard, manifest, index, peers: Peers::alone(), _lock: lock })
    }

    /// Goes on with the sweep, or the shard of one, that is in a folder. `started` is the UTC time, RFC 3339.
    pub fn resume(folder: &Path, started: String) -> Result<Self> {
        if !folder.join("sweep.toml").exists() {
            let place = folder.display();
            let again = "the command that began it starts over";
            return Err(Error::invalid(format!("{place}: found a sweep that was killed before it began; {again}")));
        }
        let manifest = SweepManifest::read(folder)?;
        let plan = SweepPlan::read(&folder.join("sweep.toml"))?;
        let shard = manifest.shard.as_deref().map(str::parse).transpose().map_err(|e: String| Error::corrupt(folder, e))?;
        let absolute = std::path::absolute(folder).map_err(|e| Error::io(folder, "finding", e))?;
        let root = if shard.is_some() { absolute.parent().unwrap_or(&absolute) } else { folder };
        Self::open(plan, root, shard, false, started)
    }

    /// The same, every run computed by all ranks; this is the first of them, and the others [`assist`].
    pub fn among(self, peers: &Peers) -> Self {
        Sweep { peers: peers.clone(), ..self }
    }

    /// Its folder; that of the shard, if it is one.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What is run.
    pub fn plan(&self) -> &SweepPlan {
        &self.plan
    }

    /// Its manifest.
    pub fn manifest(&self) -> &SweepManifest {
        &self.manifest
    }

    /// How many runs it has; those of the shard, if it is one.
    pub fn runs(&self) -> u64 {
        self.shard.map_or(self.plan.runs(), |shard| shard.runs(self.plan.runs()))
    }

    /// How many of them are still to be simulated.
    pub fn left(&self) -> u64 {
        if self.manifest.status == "finished" { 0 } else { self.runs().saturating_sub(self.index.finished()) }
    }

    /// Simulates what is missing, and writes the results. `needs` says how much at a time, `on_progress` is called at the end of every run that
    /// ends, `now` tells the UTC time (RFC 3339). `false` where `stop` was set before the last run ended.
    pub fn run(
        mut self,
        needs: &Needs,
        stop: &AtomicBool,
        on_progress: &(dyn Fn() + Sync),
        now: impl Fn() -> String,
    ) -> Result<bool> {
        self.plan.same_on_all(&self.peers)?;
        if self.manifest.status == "finished" {
            self.peers.from_first(Vec::new())?;
            // It may have been killed while it tidied up.
            if self.shard.is_none() {
                folder::remove_rows(&self.folder)?;
            }
            return Ok(true);
        }
        self.manifest.status = "running".into();
        self.manifest.write(&self.folder)?;
        let whole = self.simulate(needs, stop, on_progress);
        if !matches!(whole, Ok(true)) {
            self.manifest.status = "stopped".into();
            self.manifest.write(&self.folder)?;
            return whole;
        }
        match self.shard {
            Some(_) => {
                self.manifest.status = "finished".into();
                self.manifest.finished = Some(now());
                self.manifest.write(&self.folder)?;
            }
            None => {
                folder::join(&self.folder, now())?;
            }
        }
        Ok(true)
    }

    fn simulate(&self, needs: &Needs, stop: &AtomicBool, on_progress: &(dyn Fn() + Sync)) -> Result<bool> {
        let plan = &self.plan;
        let (shared, baselines) = in_common(plan, needs, &self.peers, stop);
        let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
        let work = |worker: usize| -> Result<()> {
            let pool = threads::pool(needs.threads)?;
            let mut rows = Rows::open(&self.folder, worker, plan)?;
            while !stop.load(Ordering::Relaxed) && !failed.load(Ordering::Relaxed) {
                let k = next.fetch_add(1, Ordering::Relaxed);
                if k >= plan.runs() {
                    break;
                }
                // One replicate after another: what its runs share is made once, and not kept for long.
                let (point, replicate) = ((k % plan.design().points()) as u32, (k / plan.design().points()) as u32);
                let run = plan.number(point, replicate);
                if self.index.has(run) || self.shard.is_some_and(|shard| !shard.has(run)) {
                    continue;
                }
                self.peers.from_first(run.to_le_bytes().to_vec())?;
                let outputs = self.peers.agree(pool.install(|| outputs(plan, &shared, &baselines, point, replicate)));
                rows.append(point, replicate, plan.seed(point, replicate), &outputs?)?;
                on_progress();
            }
            // That was all.
            self.peers.from_first(Vec::new())?;
            Ok(())
        };
        // A run that was stopped leaves no row, and is done again.
        let work = |worker| Error::unless_stopped(work(worker)).inspect_err(|_| failed.store(true, Ordering::Relaxed));
        thread::scope(|scope| {
            let spawn =
                |worker| threads::spawn(scope, move || work(worker)).inspect_err(|_| failed.store(true, Ordering::Relaxed));
            // Ranks go through the runs together.
            let at_a_time = if self.peers.is_alone() { needs.at_a_time } else { 1 };
            let workers: Vec<_> = (0..at_a_time).map(spawn).collect();
            let join = |w: Result<thread::ScopedJoinHandle<'_, Result<Option<()>>>>| {
                w.and_then(|w| w.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            };
            let ends: Vec<_> = workers.into_iter().map(join).collect();
            ends.into_iter().collect::<Result<Vec<_>>>()
        })?;
        Ok(next.into_inner() >= plan.runs() && !stop.load(Ordering::Relaxed))
    }
}

/// What the other ranks do while the first one has the sweep's folder: their parts of every run, one after another.
pub fn assist(plan: &SweepPlan, needs: &Needs, peers: &Peers, stop: &AtomicBool) -> Result<()> {
    plan.same_on_all(peers)?;
    let (shared, baselines) = in_common(plan, needs, peers, stop);
    let pool = threads::pool(needs.threads)?;
    while let Ok(run) = <[u8; 4]>::try_from(peers.from_first(Vec::new())?) {
        let (point, replicate) = plan.run(u32::from_le_bytes(run));
        let made = peers.agree(pool.install(|| outputs(plan, &shared, &baselines, point, replicate)));
        if Error::unless_stopped(made)?.is_none() {
            break;
        }
    }
    Ok(())
}

/// What the runs have in common.
fn in_common<'a>(plan: &SweepPlan, needs: &Needs, peers: &Peers, stop: &'a AtomicBool) -> (Shared<'a>, Recent<Vec<f64>>) {
    let starts = plan.file.factors.iter().any(|factor| factor.key.starts_with("intervention"));
    (Shared::among(peers.clone(), needs.at_a_time, starts, stop), Recent::new(plan.file.replicates as usize))
}

/// The outputs of one run.
fn outputs(plan: &SweepPlan, shared: &Shared<'_>, baselines: &Recent<Vec<f64>>, point: u32, replicate: u32) -> Result<Vec<f64>> {
    let scenario = plan.scenario_at(point, replicate)?;
    let seed = scenario.seed;
    let mut outputs = plan.outputs(shared, scenario)?;
    if plan.compares() {
        let baseline = || plan.outputs(shared, plan.baseline(seed)?);
        let baseline = baselines.get(seed.to_string(), baseline)?;
        for ((x, base), output) in outputs.iter_mut().zip(&*baseline).zip(&plan.file.outputs) {
            if output.difference {
                *x -= base;
            }
        }
    }
    Ok(outputs)
}
