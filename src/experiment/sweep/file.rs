//! What the user writes: a sweep file in TOML.

use super::factor::Factor;
use crate::measure::Output;
use crate::scenario::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A sweep: a scenario, what is varied in it and how, and what is kept of every run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SweepFile {
    /// Short name: letters, digits, `-` and `_`; the folder is called after it.
    pub name: String,
    /// The scenario's file, relative to this one.
    pub scenario: String,
    /// Changes to it at all points, as `--set` takes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<String>,
    /// Users of each run [default: the scenario's].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4_294_967_294u64))]
    pub users: Option<u64>,
    /// Last day of each run [default: the scenario's]. Days that no output looks at are not simulated in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Which points are visited.
    pub design: DesignKind,
    /// latin_hypercube: number of points. sobol: points of each of the two matrices, a power of two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub points: Option<u32>,
    /// morris: number of trajectories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub trajectories: Option<u32>,
    /// grid: values taken from `low` to `high`. morris: levels of the grid, an even number [default: 4].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 1_000_000))]
    pub levels: Option<u32>,
    /// list: CSV file of the points, relative to this one, with a column for each factor by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// threshold: which change of lead is searched, over the first factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<Search>,
    /// Seed of the design's own draws; those of the runs follow from the scenario's.
    #[serde(default)]
    pub seed: u64,
    /// Runs at every point, with different seeds.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub replicates: u32,
    /// Whether the points share their seeds.
    #[serde(default)]
    pub seeds: Seeds,
    /// Most threads [default: all cores].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_threads: Option<u32>,
    /// Most memory of all runs under way, in GB [default: what is available].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.001))]
    pub max_memory: Option<f64>,
    /// Changes that make the baseline, as `--set` takes them; it has no factors, and is simulated once for every seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Vec<String>>,
    /// What is varied.
    #[serde(rename = "factor")]
    pub factors: Vec<Factor>,
    /// What is kept of every run.
    #[serde(rename = "output")]
    pub outputs: Vec<Output>,
}

/// Kinds of design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DesignKind {
    /// All combinations of the factors' values; the last factor changes fastest.
    Grid,
    /// The first values of all factors, then the second ones, and so on.
    Zip,
    /// One point in each of `points` strata of every factor (McKay, Beckman and Conover 1979).
    LatinHypercube,
    /// Saltelli's scheme for Sobol' indices (Saltelli et al. 2010): of each of `points` points of a scrambled Sobol'
    /// sequence with two dimensions a factor, A, then A with the first, second, … factor from B, then B.
    Sobol,
    /// Elementary effects (Morris 1991): `trajectories` paths on which one factor after another moves.
    Morris,
    /// The rows of `file`.
    List,
    /// Bisection over the range of the first factor, for every combination of the others' values: see `search`.
    Threshold,
}

/// A change of lead: where one output comes to exceed another, or a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Name of an output.
    pub of: String,
    /// Name of another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// A value, instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// How often the range is halved; each takes a run.
    #[serde(default = "halvings")]
    #[schemars(range(min = 1, max = 16))]
    pub halvings: u32,
}

impl Search {
    /// Levels of the first factor, of which a search visits a few.
    pub(super) fn levels(&self) -> u32 {
        (1 << self.halvings) + 1
    }
}

/// Seeds of the runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Seeds {
    /// A replicate has the same seed at all points, so that differences between points are not of chance
    /// ([`crate::experiment::replicate_seed`]).
    #[default]
    Common,
    /// Every run has its own ([`crate::experiment::point_seed`]).
    Independent,
}

fn halvings() -> u32 {
    7
}

fn one() -> u32 {
    1
}

impl DesignKind {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            DesignKind::Grid => "grid",
            DesignKind::Zip => "zip",
            DesignKind::LatinHypercube => "latin_hypercube",
            DesignKind::Sobol => "sobol",
            DesignKind::Morris => "morris",
            DesignKind::List => "list",
            DesignKind::Threshold => "threshold",
        }
    }
}

impl Seeds {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Seeds::Common => "common",
            Seeds::Independent => "independent",
        }
    }
}
