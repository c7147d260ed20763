use super::factor::Factor;
use super::plan::SweepPlan;
use crate::error::{Error, Result};
use crate::files;
use crate::measure::Output;
use crate::storage::{OutputFile, machine};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// `manifest.json` of a sweep: what was varied, and how. Units are SI.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SweepManifest {
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
    /// Name of the sweep.
    pub name: String,
    /// Name of the scenario.
    pub scenario_name: String,
    /// xxh3-128 of the resolved scenario, less seed and number of users.
    pub scenario_hash: String,
    /// Seed of the scenario, from which those of the runs follow.
    pub seed: u64,
    /// Users of a run, unless they are a factor.
    pub users: u64,
    /// Ticks (days) of a run.
    pub ticks: u32,
    /// Kind of design, as in the sweep file.
    pub design: String,
    /// Seed of the design's own draws.
    pub design_seed: u64,
    /// The sweep file's `points`, `trajectories` and `levels`.
    pub design_points: Option<u32>,
    /// See `design_points`.
    pub trajectories: Option<u32>,
    /// See `design_points`.
    pub levels: Option<u32>,
    /// Points visited.
    pub points: u64,
    /// Runs at every point.
    pub replicates: u32,
    /// `common` or `independent`.
    pub seeds: String,
    /// All runs of the sweep, those of other shards included.
    pub runs: u64,
    /// Which shard this is, such as `2/8`; `null` of a whole sweep.
    pub shard: Option<String>,
    /// What was varied, in the order of the tables' columns.
    pub factors: Vec<FactorEntry>,
    /// What was kept, in the order of the tables' columns.
    pub outputs: Vec<OutputEntry>,
    /// `running`, `stopped` or `finished`.
    pub status: String,
    /// UTC time, RFC 3339; of the first beginning, where it was resumed.
    pub started: String,
    /// UTC time; `null` unless finished.
    pub finished: Option<String>,
    /// Every file written, with its size and xxh3-64; rows of runs have their own checksums.
    pub files: Vec<OutputFile>,
}

/// A factor in the manifest; values as text, days as `2025-08-13`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FactorEntry {
    /// Its column.
    pub name: String,
    /// What figures and pages call it, where that is not its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Its key.
    pub key: String,
    /// Its values; empty where it has a range, or a list says.
    pub values: Vec<String>,
    /// Least value.
    pub low: Option<String>,
    /// Greatest value.
    pub high: Option<String>,
    /// Whether its logarithm is spread evenly.
    pub log: bool,
    /// Whether it takes whole numbers only.
    pub whole: bool,
}

/// An output in the manifest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OutputEntry {
    /// Its column.
    pub name: String,
    /// What figures and pages call it, where that is not its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Column of `series.csv` or `population.csv`, or `installed_at_least_N`.
    pub column: String,
    /// Messenger; `null` but for columns of `series.csv`.
    pub messenger: Option<String>,
    /// Age bands to which it was restricted; empty for everyone.
    pub ages: Vec<String>,
    /// Which figure: a day, `peak`, `trough`, `mean`, `integral`, or `time_to` with the value.
    pub figure: String,
    /// Whether the baseline's was taken off.
    pub difference: bool,
}

impl SweepManifest {
    /// Of a sweep that begins. `started` is the UTC time, RFC 3339.
    pub(super) fn new(plan: &SweepPlan, shard: Option<String>, started: String) -> Result<Self> {
        let [git_commit, rustc, target] = machine::BUILT.map(str::to_owned);
        let (file, scenario) = (&plan.file, &plan.scenario);
        Ok(SweepManifest {
            exodus_version: env!("CARGO_PKG_VERSION").to_owned(),
            git_commit,
            rustc,
            target,
            cpu: machine::cpu(),
            name: file.name.clone(),
            scenario_name: scenario.name.clone(),
            scenario_hash: scenario.hash()?,
            seed: scenario.seed,
            users: scenario.population.users,
            ticks: scenario.days(),
            design: file.design.name().into(),
            design_seed: file.seed,
            design_points: file.points,
            trajectories: file.trajectories,
            levels: file.levels,
            points: plan.design().points(),
            replicates: file.replicates,
            seeds: file.seeds.name().into(),
            runs: plan.runs(),
            shard,
            factors: file.factors.iter().map(FactorEntry::new).collect(),
            outputs: file.outputs.iter().map(OutputEntry::new).collect(),
            status: "running".into(),
            started,
            finished: None,
            files: Vec::new(),
        })
    }

    /// Whether a folder is that of a sweep.
    pub fn is_here(folder: &Path) -> bool {
        folder.join("points.csv").exists()
    }

    /// Reads the manifest of a sweep's folder.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("manifest.json");
        let text = files::read_text(&path).map_err(|e| Error::io(&path, "reading", e))?;
        serde_json::from_str(&text).map_err(|e| Error::corrupt(&path, format!("is no manifest of a sweep: {e}")))
    }

    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join("manifest.json");
        let text = serde_json::to_string_pretty(self).map_err(|e| Error::corrupt(&path, e.to_string()))?;
        files::write_text(&path, &text)
    }
}

impl FactorEntry {
    fn new(factor: &Factor) -> Self {
        FactorEntry {
            name: factor.name().into(),
            label: factor.label.clone(),
            unit: factor.unit.clone(),
            key: factor.key.clone(),
            values: factor.values.iter().map(ToString::to_string).collect(),
            low: factor.low.as_ref().map(ToString::to_string),
            high: factor.high.as_ref().map(ToString::to_string),
            log: factor.log,
            whole: factor.whole,
        }
    }
}

impl OutputEntry {
    fn new(output: &Output) -> Self {
        OutputEntry {
            name: output.name(),
            label: output.label.clone(),
            unit: output.unit.clone(),
            column: output.column(),
            messenger: output.messenger.clone(),
            ages: output.ages.clone(),
            figure: output.figure(),
            difference: output.difference,
        }
    }
}
