//! What the user writes: a file of patterns in TOML.

use crate::error::Result;
use crate::measure::Output;
use crate::scenario::{self, Cursor, Problems, Scenario, names};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Patterns that a good model reproduces: what is taken from which worlds, and what has to come out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatternFile {
    /// Users of each run [default: the scenarios'].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4_294_967_294u64))]
    pub users: Option<u64>,
    /// Runs of each world, with different seeds.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 1000))]
    pub replicates: u32,
    /// What is simulated.
    #[serde(rename = "world")]
    pub worlds: Vec<World>,
    /// What has to come out.
    #[serde(rename = "pattern")]
    pub patterns: Vec<Pattern>,
}

/// A scenario, and what is taken from its runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// The scenario's file, relative to this one.
    pub scenario: String,
    /// Changes to it, as `--set` takes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<String>,
    /// Figures, as sweeps have them; their names are those that checks use.
    #[serde(rename = "output")]
    pub outputs: Vec<Output>,
}

/// A pattern: it is reproduced where all its checks that have a tolerance are passed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// Its number in the list that it is from.
    pub number: u32,
    /// What it says.
    pub text: String,
    /// Where it is published.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// What must be known of how it is measured.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Figures, of which those with a tolerance must be within it.
    #[serde(rename = "check")]
    pub checks: Vec<Check>,
}

/// A figure of the model, and what is allowed: (sum of `plus` minus sum of `minus`) divided by the sum of `over` and by `per`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What it is.
    pub name: String,
    /// Outputs that are added.
    pub plus: Vec<String>,
    /// Outputs that are taken off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub minus: Vec<String>,
    /// Outputs by whose sum this is divided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over: Vec<String>,
    /// Number by which this is divided: 1_000_000 for millions, 0.01 for per cent.
    #[serde(default = "one")]
    pub per: f64,
    /// What it is then in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// What was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<f64>,
    /// Least value that passes. Without this and `high` the figure is reported but not tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Greatest value that passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
}

fn ten() -> u32 {
    10
}

fn one() -> f64 {
    1.0
}

/// A file of patterns that was read and checked, with all it refers to.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The file.
    pub file: PatternFile,
    /// The worlds' scenarios, up to the last day that an output looks at.
    pub worlds: Vec<Scenario>,
    folder: PathBuf,
}

impl Plan {
    /// Reads a file of patterns and all that it refers to; other `users` and `replicates` than the file's may be asked for.
    /// Fails with all problems at once ([`crate::Error::is_invalid`]), or because a file cannot be read.
    pub fn read(path: &Path, users: Option<u64>, replicates: Option<u32>) -> Result<Self> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut file: PatternFile = scenario::read(path, |root, problems| interpret(root, folder, problems))?;
        file.users = users.or(file.users);
        file.replicates = replicates.unwrap_or(file.replicates);
        let mut plan = Plan { file, worlds: Vec::new(), folder: folder.to_owned() };
        plan.worlds = (0..plan.file.worlds.len()).map(|world| plan.scenario_at(world, &[])).collect::<Result<_>>()?;
        Ok(plan)
    }

    /// The scenario of a world with further changes, as `--set` takes them, up to the last day that an output looks at.
    pub fn scenario_at(&self, world: usize, further: &[String]) -> Result<Scenario> {
        let world = &self.file.worlds[world];
        let users = self.file.users.map(|users| format!("population.users={users}"));
        let options: Vec<String> = world.set.iter().cloned().chain(users).chain(further.iter().cloned()).collect();
        let mut scenario = scenario::load(&self.folder.join(&world.scenario), &options)?;
        scenario.end = world.outputs.iter().map(|output| output.last_day(&scenario)).max().unwrap_or(scenario.end);
        Ok(scenario)
    }
}

/// What the schema cannot say.
fn interpret(root: &Cursor<'_>, folder: &Path, problems: &mut Problems) {
    let (worlds, patterns) = (root.items("world"), root.items("pattern"));
    not_empty(root, "world", problems);
    not_empty(root, "pattern", problems);
    let mut outputs = Vec::new();
    for world in &worlds {
        not_empty(world, "output", problems);
        let scenario = load(world, folder, problems);
        for output in world.items("output") {
            Output::check(&output, scenario.as_ref(), problems);
            if output.has("difference") {
                output.problem(problems, "difference", "it", "only in sweeps; `minus` takes an output off here");
            }
            if !output.has("name") {
                output.problem(problems, "name", "nothing", "a name, which checks use");
            }
            outputs.push(output);
        }
    }
    let known = names(&outputs, "name", problems);
    let mut numbers = Vec::new();
    for pattern in &patterns {
        not_empty(pattern, "check", problems);
        if let Some(number) = pattern.number("number") {
            if numbers.contains(&number) {
                pattern.problem(problems, "number", format!("{number} a second time"), "numbers that differ");
            }
            numbers.push(number);
        }
        let checks = pattern.items("check");
        names(&checks, "name", problems);
        for check in &checks {
            not_empty(check, "plus", problems);
            for key in ["plus", "minus", "over"] {
                check.known(problems, key, &known);
            }
            if check.number("per") == Some(0.0) {
                check.problem(problems, "per", 0, "any other number");
            }
            if let (Some(low), Some(high)) = (check.number("low"), check.number("high"))
                && low > high
            {
                check.problem(problems, "high", high, format!("at least `low`, {low}"));
            }
        }
        if !checks.is_empty() && !checks.iter().any(|check| check.has("low") || check.has("high")) {
            pattern.problem(problems, "check", "none with a tolerance", "at least one with `low` or `high`");
        }
    }
}

fn not_empty(at: &Cursor<'_>, list: &str, problems: &mut Problems) {
    if at.has(list) && at.items(list).is_empty() {
        at.problem(problems, list, "an empty list", "at least one");
    }
}

/// The scenario of a world.
fn load(world: &Cursor<'_>, folder: &Path, problems: &mut Problems) -> Option<Scenario> {
    let name = world.text("scenario")?;
    let options: Vec<String> = world.items("set").iter().filter_map(|item| item.node.text()).map(str::to_owned).collect();
    match scenario::load(&folder.join(name), &options) {
        Ok(scenario) => Some(scenario),
        Err(error) => {
            for line in error.to_string().lines() {
                world.problem(problems, "scenario", format!("{name:?}, of which: {line}"), "a valid scenario");
            }
            None
        }
    }
}
