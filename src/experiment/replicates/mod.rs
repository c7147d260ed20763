//! Runs of one scenario with different seeds, in one folder: the runs, and what they have in common.

mod figures;

pub use figures::{Figure, REPLICATE_FIELDS};

use super::{Run, RunOptions, replicate_seed, side_by_side};
use crate::engine::plan;
use crate::error::{Error, Result};
use crate::files::{self, Lock};
use crate::peers::Peers;
use crate::scenario::{self, Date, Scenario};
use crate::storage::snapshot::Snapshot;
use crate::storage::{Inventory, Manifest, RunFolder};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is to be run; `replicates.toml` in the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    /// How many runs.
    pub replicates: u32,
    /// Days between checkpoints of a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<u32>,
    /// Evenings on which every run keeps a snapshot.
    pub snapshot_on: Vec<Date>,
    /// The snapshot from which all replicates branch; without one each begins on the first day, with a seed of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Branching>,
}

/// Where replicates branch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branching {
    /// The snapshot's file.
    pub snapshot: PathBuf,
    /// xxh3-128 of the state in it.
    pub state_hash: String,
}

impl Branching {
    /// The snapshot. Fails where it is gone, or another one is in its place.
    fn open(&self) -> Result<Snapshot> {
        let snapshot = Snapshot::open(&self.snapshot)?;
        let found = &snapshot.metadata().state_hash;
        if *found != self.state_hash {
            let place = self.snapshot.display();
            return Err(Error::invalid(format!(
                "{place}: found state {found}; these replicates branch from {}",
                self.state_hash
            )));
        }
        Ok(snapshot)
    }
}

/// Most runs in one folder.
pub const MAX_REPLICATES: u32 = 100_000;

/// Names of the plan's file and of the scenario's.
const PLAN: &str = "replicates.toml";
const SCENARIO: &str = "scenario.toml";

/// A folder of replicates: `scenario.toml` and `replicates.toml`, a run folder `replicate-000` and so on for each, and
/// `replicates.csv` once all are finished. A killed one is opened again, and continues where it was.
#[derive(Debug)]
pub struct Replicates {
    folder: PathBuf,
    scenario: Scenario,
    plan: Plan,
    peers: Peers,
    /// Held by who runs them, of several processes by the first; looking at them takes none.
    _lock: Option<Lock>,
}

impl Replicates {
    /// A new folder; one that is not empty is refused, unless `force` and replicates are in it, which are then removed.
    ///
    /// Where several processes compute each run together, all of them make the same calls.
    pub fn create(folder: &Path, scenario: Scenario, plan: Plan, force: bool, peers: &Peers) -> Result<Self> {
        let text = toml::to_string(&plan).map_err(|e| Error::corrupt(folder.join(PLAN), e.to_string()))?;
        peers.same("plan of replicates", text.as_bytes())?;
        let lock = peers.first_does(|| Self::prepare(folder, &scenario.to_toml()?, &text, force))?;
        Ok(Replicates { folder: folder.to_owned(), scenario, plan, peers: peers.clone(), _lock: lock })
    }

    fn prepare(folder: &Path, scenario: &str, plan: &str, force: bool) -> Result<Lock> {
        Self::check(folder, force, scenario)?;
        files::create_folder(folder)?;
        let lock = Lock::take(folder)?;
        // Somebody may have been quicker.
        Self::check(folder, force, scenario)?;
        if Self::is_here(folder) {
            Self::open(folder)?.remove_runs()?;
        }
        // In this order, so that whoever finds a plan finds a scenario to resume.
        files::write_text(&folder.join(SCENARIO), scenario)?;
        files::write_text(&folder.join(PLAN), plan)?;
        Ok(lock)
    }

    /// Refuses a folder that is not empty, unless `force` and replicates are in it. What the first moment of those of this scenario leaves is
    /// nothing: it would be written again as it is.
    fn check(folder: &Path, force: bool, scenario: &str) -> Result<()> {
        let nothing = |name: &str| match name {
            SCENARIO => files::read_text(&folder.join(name)).is_ok_and(|text| text.trim_end() == scenario.trim_end()),
            _ => [Lock::NAME, "scenario.toml.tmp", "replicates.toml.tmp"].contains(&name),
        };
        let other = |entry: std::io::Result<fs::DirEntry>| entry.is_ok_and(|e| !nothing(&e.file_name().to_string_lossy()));
        if fs::read_dir(folder).is_ok_and(|mut entries| entries.any(other)) && !(force && Self::is_here(folder)) {
            let place = folder.display();
            return Err(Error::invalid(format!(
                "{place}: found a folder with files in it; give an empty one, or --force to overwrite replicates"
            )));
        }
        Ok(())
    }

    /// Whether a folder is one of replicates.
    pub fn is_here(folder: &Path) -> bool {
        folder.join(PLAN).exists()
    }

    /// One that was made before, to resume, be it by another number of processes; refused while somebody else does.
    pub fn resume(folder: &Path, peers: &Peers) -> Result<Self> {
        let lock = peers.first_does(|| Lock::take(folder))?;
        Ok(Replicates { peers: peers.clone(), _lock: lock, ..peers.agree(Self::open(folder))? })
    }

    /// One that was made before, to be read.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(PLAN);
        let text = files::read_text(&path).map_err(|e| Error::io(&path, "reading", e))?;
        let plan: Plan = toml::from_str(&text).map_err(|e| Error::corrupt(&path, e.message().to_owned()))?;
        if plan.replicates > MAX_REPLICATES {
            let found = plan.replicates;
            return Err(Error::corrupt(&path, format!("found {found} replicates; allowed at most {MAX_REPLICATES}")));
        }
        let scenario = scenario::load_written(&folder.join(SCENARIO), &[])?;
        Ok(Replicates { folder: folder.to_owned(), scenario, plan, peers: Peers::alone(), _lock: None })
    }

    /// Of all replicates, whatever the folder's plan says now; what their manifests do not list stays.
    fn remove_runs(&self) -> Result<()> {
        for entry in fs::read_dir(&self.folder).map_err(|e| Error::io(&self.folder, "opening", e))? {
            let path = entry.map_err(|e| Error::io(&self.folder, "reading", e))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            match () {
                () if name.starts_with("replicate-") && path.join("manifest.json").exists() => {
                    RunFolder::open(&path)?.remove()?;
                    if path.exists() {
                        let place = path.display();
                        return Err(Error::invalid(format!(
                            "{place}: found files that no run wrote; allowed none, as a run is to go there"
                        )));
                    }
                }
                () if name == "replicates.json" => {
                    Inventory::read(&self.folder)?.remove(&[SCENARIO, PLAN])?;
                    files::remove(&path)?;
                }
                () => {}
            }
        }
        Ok(())
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The scenario, with the seed of replicate 0.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The processes that compute each run together.
    pub fn peers(&self) -> &Peers {
        &self.peers
    }

    /// How many replicates there are to be.
    pub fn count(&self) -> u32 {
        self.plan.replicates
    }

    /// Run folders of all replicates, whether they are there or not.
    pub fn runs(&self) -> Vec<PathBuf> {
        (0..self.plan.replicates).map(|replicate| self.run_folder(replicate)).collect()
    }

    fn run_folder(&self, replicate: u32) -> PathBuf {
        self.folder.join(format!("replicate-{replicate:03}"))
    }

    /// Runs what is missing, with at most so many threads, side by side where runs are small, and writes `replicates.csv`, each row
    /// of which is also shown to `see`. Several processes do one run after another, each of them together; the first alone writes
    /// tables and shows rows. `simulated` hears of days that are done, those of before too, `now` gives the UTC time
    /// (RFC 3339). `false` where somebody set `stop` before the last run ended: all are left to be resumed.
    pub fn run(
        &self,
        threads: usize,
        stop: &Arc<AtomicBool>,
        simulated: &(dyn Fn(u64) + Sync),
        now: &(dyn Fn() -> String + Sync),
        see: impl FnMut(&Figure<'_>),
    ) -> Result<bool> {
        let memory = plan::available_bytes().unwrap_or(u64::MAX);
        let needs = match self.peers.is_alone() {
            true => plan::side_by_side(&self.scenario, self.count().into(), threads, memory),
            false => [1, threads],
        };
        let replicates: Vec<u32> = (0..self.count()).collect();
        let failed = AtomicBool::new(false);
        // The others pause too where one fails; whoever of several processes is told to stop, all do.
        let is_over = || Ok(self.peers.sum_of((stop.load(Ordering::Relaxed) || failed.load(Ordering::Relaxed)).into())? > 0);
        let one = |&replicate: &u32| -> Result<()> {
            if is_over()? {
                return Err(Error::stopped());
            }
            let Some(mut run) = self.begin(replicate, stop, now())? else {
                simulated(self.scenario.days().into());
                return Ok(());
            };
            simulated((run.simulation().day() + 1) as u64);
            while !run.simulation().finished() {
                if is_over()? {
                    run.pause()?;
                    return Err(Error::stopped());
                }
                run.day()?;
                simulated(1);
            }
            run.end(now())?;
            Ok(())
        };
        let work = |replicate: &u32| one(replicate).inspect_err(|_| failed.store(true, Ordering::Relaxed));
        // They look at `stop` together, before each run and each day.
        if side_by_side(&replicates, needs, &AtomicBool::new(false), work)?.is_none() {
            return Ok(false);
        }
        self.peers.first_does(|| {
            figures::write(&self.folder, &self.runs(), see)?;
            let own = [SCENARIO, PLAN, "replicates.csv"].map(|name| self.folder.join(name));
            Inventory::read(&self.folder)?.record(&own)
        })?;
        Ok(true)
    }

    /// Replicate `replicate`, begun, or resumed where it was begun before; `None` where it is finished.
    fn begin(&self, replicate: u32, stop: &Arc<AtomicBool>, started: String) -> Result<Option<Run>> {
        let scenario = self.scenario_of(replicate);
        let (folder, users) = (self.run_folder(replicate), scenario.population.users);
        let options = RunOptions {
            folder: folder.clone(),
            force: false,
            report: false,
            values: Vec::new(),
            predicted_bytes: plan::predicted_bytes_of_rank(&scenario, users, self.peers.size(), plan::available_bytes()),
            started,
            checkpoint_every: self.plan.checkpoint_every,
            snapshot_on: self.plan.snapshot_on.clone(),
            // Every replicate has a graph of its own: there is nothing to share.
            cache: None,
            stop: Arc::clone(stop),
            peers: self.peers.clone(),
        };
        if self.peers.first_says(folder.join("manifest.json").exists())? {
            return Run::resume(&folder, &options);
        }
        match &self.plan.from {
            None => Run::begin(scenario, &options).map(Some),
            Some(from) => Run::fork(&self.peers.agree(from.open())?, scenario, &options).map(Some),
        }
    }

    /// Replicates differ in their seed; those that branch from one snapshot share it, and differ in their branch.
    fn scenario_of(&self, replicate: u32) -> Scenario {
        let mut scenario = self.scenario.clone();
        match self.plan.from {
            None => scenario.seed = replicate_seed(scenario.seed, replicate),
            Some(_) => scenario.branch += replicate,
        }
        scenario
    }

    /// Manifests of all replicates; fails where one is not finished.
    pub fn manifests(&self) -> Result<Vec<Manifest>> {
        self.runs().iter().map(|folder| Manifest::finished(folder)).collect()
    }
}
