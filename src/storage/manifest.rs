use super::machine;
use crate::error::{Error, Result};
use crate::files;
use crate::scenario::ScenarioValue;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::path::Path;
use xxhash_rust::xxh3::Xxh3;

/// `manifest.json`: what was run, on what, and what came out. Units are SI.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// Version of exodus.
    pub exodus_version: String,
    /// Commit of the sources it was built from.
    pub git_commit: String,
    /// Compiler.
    pub rustc: String,
    /// Target triple.
    pub target: String,
    /// Processor.
    pub cpu: String,
    /// Threads used. They have no influence on results.
    pub threads: usize,
    /// Name of the scenario.
    pub scenario_name: String,
    /// xxh3-128 of the resolved scenario, less seed and number of users.
    pub scenario_hash: String,
    /// Seed.
    pub seed: u64,
    /// Branch: which draws of the days; left out where it is 0.
    #[serde(skip_serializing_if = "crate::scenario::is_zero")]
    pub branch: u32,
    /// Users simulated.
    pub users: u64,
    /// People they stand for.
    pub people: u64,
    /// Undirected ties of the graph.
    pub ties: u64,
    /// Ticks (days) simulated.
    pub ticks: u32,
    /// The snapshot that a fork began from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// Evenings on which a snapshot is kept, also of those yet to come.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub snapshot_on: Vec<String>,
    /// `running`, `finished` or `stopped`.
    pub status: String,
    /// UTC time, RFC 3339.
    pub started: String,
    /// UTC time; `null` while running.
    pub finished: Option<String>,
    /// Wall time by stage.
    pub seconds: Seconds,
    /// Users carried over one tick, per second of tick time.
    pub user_updates_per_second: f64,
    /// Reviews per second of tick time.
    pub reviews_per_second: f64,
    /// Contacts' states read per second of tick time.
    pub tie_reads_per_second: f64,
    /// Days of settling that the start took; more than the scenario's where these did not make it stationary.
    pub settled_days: u32,
    /// How far from stationary the start still was: the share of all use that would move within 30 days if nothing were done; `null`
    /// where nothing settled.
    pub start_drift: Option<f64>,
    /// What the processes (ranks) that computed the run together told each other; left out where one computed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Exchange>,
    /// Memory predicted before the run, its page and figures included.
    pub predicted_bytes: u64,
    /// Most memory that the process has held, up to now; of a run with page and figures these included.
    pub peak_rss_bytes: Option<u64>,
    /// xxh3-128 of the final state.
    pub state_hash: String,
    /// The same every 30 days.
    pub state_hashes: Vec<StateHash>,
    /// How far figures of the panels may be from those of all users, at the end.
    pub panel_error: PanelError,
    /// How far figures may be from those of all people, of whom only some are simulated and fewer observed.
    pub sampling_error: SamplingError,
    /// Whether a page and figures belong to the run.
    pub report: bool,
    /// Values of the scenario whose authors say what they rest on: measured, fitted (with an interval) or assumed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub marked: Vec<ScenarioValue>,
    /// Every file written, with its size and xxh3-64; in a checkpoint those of growing tables so far.
    pub outputs: Vec<OutputFile>,
    /// The resolved scenario, as TOML, during the run: with the manifest alone it can be begun again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
}

/// Where a fork comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Parent {
    /// xxh3-128 of the state in the snapshot.
    pub state_hash: String,
    /// Hash of the scenario that led there.
    pub scenario_hash: String,
    /// Evening of the snapshot.
    pub date: String,
}

/// Wall time by stage, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seconds {
    /// Making or reading the graph.
    pub graph: f64,
    /// Holdings at the start and warm-up.
    pub population: f64,
    /// The simulation's days: policy, reviews, commit, and, of several ranks, telling what changed.
    pub ticks: f64,
    /// Of these, tables of the policy.
    pub policy: f64,
    /// Of these, reviews.
    pub reviews: f64,
    /// Of these, writing changed words.
    pub commit: f64,
    /// Panels and tallies.
    pub observe: f64,
    /// Writing tables and other files.
    pub output: f64,
    /// All of it.
    pub total: f64,
}

/// What the ranks of a run told each other. A byte is counted once, by the rank that gives it, however many receive it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Exchange {
    /// Ranks, of a run that was resumed the last.
    pub ranks: usize,
    /// Bytes before the first day, or on resuming.
    pub start_bytes: u64,
    /// Days that several ranks computed.
    pub days: u32,
    /// Bytes on these days: the public states that changed, and sums.
    pub day_bytes: u64,
    /// The same on the day with most.
    pub most_bytes_of_a_day: u64,
    /// Bytes between days: to the first rank for hashes of the state, snapshots and checkpoints.
    pub state_bytes: u64,
    /// Wall time of telling changed public states on these days, on the first rank; waiting for the slowest is in it (s).
    pub seconds: f64,
}

/// The state's hash on a day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StateHash {
    /// The day.
    pub date: String,
    /// xxh3-128 of the state that evening, in hex.
    pub hash: String,
}

/// How far figures may be from those of all people: the users are a sample of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SamplingError {
    /// Standard error of monthly reach on the last day, in people, by messenger, as of a simple random sample as large as the
    /// audience panel. Neighbours are alike, so that replicates differ by somewhat more. 0 where everybody is simulated and
    /// observed.
    pub monthly_reach: BTreeMap<String, f64>,
}

/// How far panel figures may be from those of all users.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PanelError {
    /// Users of the audience panel.
    pub audience_panel: u32,
    /// Users of the tie panel.
    pub tie_panel: u32,
    /// Standard error of monthly reach on the last day, in people, by messenger. 0 when the panel is everyone.
    pub monthly_reach: BTreeMap<String, f64>,
}

/// A file of the run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OutputFile {
    /// Path within the run folder.
    pub path: String,
    /// Size.
    pub bytes: u64,
    /// xxh3-64 of its content, in hex.
    pub xxh3: String,
}

impl OutputFile {
    /// Describes a file of the folder.
    pub fn of(folder: &Path, path: &str) -> Result<Self> {
        Self::of_first(folder, path, u64::MAX)
    }

    /// Describes the first `bytes` bytes of a file, or all where it is shorter.
    pub fn of_first(folder: &Path, path: &str, bytes: u64) -> Result<Self> {
        let full = folder.join(path);
        let file = files::open(&full).map_err(|e| Error::io(&full, "reading", e))?;
        let mut hasher = Xxh3::new();
        let bytes = std::io::copy(&mut file.take(bytes), &mut hasher).map_err(|e| Error::io(&full, "reading", e))?;
        Ok(Self::new(path, bytes, &hasher))
    }

    /// Describes a text as [`files::write_text`] writes it.
    pub fn of_text(path: &str, text: &str) -> Self {
        let text = format!("{}\n", text.trim_end());
        let mut hasher = Xxh3::new();
        hasher.update(text.as_bytes());
        Self::new(path, text.len() as u64, &hasher)
    }

    /// Of so many bytes that went through a hasher.
    pub(crate) fn new(path: &str, bytes: u64, hasher: &Xxh3) -> Self {
        OutputFile { path: path.to_owned(), bytes, xxh3: format!("{:016x}", hasher.digest()) }
    }
}

/// Says that there is nothing like `allowed` at `folder`, which has a file named `mark`; and which run may have been meant, as
/// runs without a name stand one deeper.
pub(crate) fn no_run(folder: &Path, mark: &str, allowed: &str) -> Error {
    let place = folder.display();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Error::invalid(format!("{place}: found no such folder; allowed {allowed}"));
    };
    let inside = entries.flatten().map(|entry| entry.path()).filter(|path| path.join("manifest.json").exists()).max();
    let meant = inside.map(|run| format!(" (did you mean `{}`?)", run.display())).unwrap_or_default();
    Error::invalid(format!("{place}: found no {mark}; allowed {allowed}{meant}"))
}

impl Manifest {
    /// Notes how much memory the process has held by now, where that is more than what the manifest of a run says.
    ///
    /// To be called by who has the folder's lock.
    pub fn note_memory(folder: &Path) -> Result<()> {
        let mut manifest = Manifest::read(folder)?;
        manifest.peak_rss_bytes = manifest.peak_rss_bytes.max(machine::peak_rss_bytes());
        manifest.write(folder)
    }

    /// Writes `manifest.json`.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join("manifest.json");
        let text = serde_json::to_string_pretty(self).map_err(|e| Error::corrupt(&path, e.to_string()))?;
        files::write_text(&path, &text)
    }

    /// Reads `manifest.json`. Fails where the folder is not that of a run.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("manifest.json");
        let text = files::read_text(&path).map_err(|e| match e.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => no_run(folder, "manifest.json", "the folder of a run"),
            _ => Error::io(&path, "reading", e),
        })?;
        serde_json::from_str(&text).map_err(|e| Error::corrupt(&path, e.to_string()))
    }

    /// Reads `manifest.json` of a run that must be finished.
    pub fn finished(folder: &Path) -> Result<Self> {
        let manifest = Self::read(folder)?;
        if manifest.status == "finished" {
            return Ok(manifest);
        }
        let (place, status) = (folder.display(), &manifest.status);
        Err(Error::invalid(format!("{place}: found a run that is {status}; allowed a finished one (exodus resume continues it)")))
    }
}
