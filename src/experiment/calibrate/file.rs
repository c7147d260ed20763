//! What the user writes: a calibration file in TOML.

use super::month::month_days;
use super::worlds::Checked;
use crate::error::Result;
use crate::experiment::validate;
use crate::scenario::{self, Cursor, Date, Problems, Scenario, names, too_long};
use crate::storage::Curves;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A calibration: which numbers of a scenario are free, what they are fitted to, and how.
///
/// The methods whose tables are there are used, in this order: screening, ESMDA, CMA-ES.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The scenario's file, relative to this one.
    pub scenario: String,
    /// Changes to it, as `--set` takes them.
    #[serde(default)]
    pub set: Vec<String>,
    /// Table of what was measured, relative to this file: CSV with the columns `month`, `series`, `value_mln`, `flag`.
    pub targets: String,
    /// File of patterns, relative to this one, whose worlds the same numbers have to explain: checks that have `published`, `low` and `high`
    /// are values to be met, beside the targets. Half of what is allowed on either side is taken for one standard deviation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patterns: Option<String>,
    /// Users of each run of the search.
    #[schemars(range(min = 1, max = 4_294_967_294u64))]
    pub users: u64,
    /// Runs with different seeds at every point; the same seeds at all of them.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1000))]
    pub replicates: u32,
    /// Seed of the search's own draws; those of the runs follow from the scenario's.
    #[serde(default)]
    pub seed: u64,
    /// What the table's flags are worth.
    #[serde(rename = "flag")]
    pub flags: Vec<Flag>,
    /// What the table's series are in the model, and how well they are known.
    pub series: Vec<Series>,
    /// The free numbers.
    #[serde(rename = "parameter")]
    pub parameters: Vec<Parameter>,
    /// Which parameters matter at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screening: Option<Screening>,
    /// Which values the targets leave open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub esmda: Option<Esmda>,
    /// The point of least error, from the best found so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cma_es: Option<CmaEs>,
    /// The best few points again, with more users; the best of these is the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm: Option<Confirm>,
    /// Several points of near-equal error.
    #[serde(default)]
    pub ensemble: Ensemble,
    /// How forecasts are scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    /// What else is evaluated at the result, such as the model without one of its mechanisms.
    #[serde(rename = "variant", default)]
    pub variants: Vec<Variant>,
}

/// A flag of the table of targets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// The flag.
    pub name: String,
    /// Weight of its cells in the error. Cells of weight 1 are measured: for these it is reported whether the model hits them.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub weight: f64,
}

/// A series of the table of targets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// The series in the table.
    pub name: String,
    /// The messenger in the scenario.
    pub messenger: String,
    /// The column of `series.csv`, such as `monthly_reach`.
    pub column: String,
    /// Which figure of the month.
    #[serde(default)]
    pub take: Take,
    /// Standard deviation of the measurement, as a share of the value.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub noise: f64,
    /// The same in millions, for small values; both are added in squares.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub floor: f64,
    /// Standard deviation of what the model does not know of it, as a share of the value, in a forecast of one month; it grows with the
    /// root of the months [default: twice the noise].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub discrepancy: Option<f64>,
    /// Greatest deviation of a hit, as a share of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub tolerance: Option<f64>,
    /// The same in millions. Without either, no cell of the series is judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub tolerance_mln: Option<f64>,
}

/// Which figure of a month stands for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// That of its last day: for what looks back over a month, or counts a stock.
    #[default]
    Last,
    /// The mean over its days.
    Mean,
}

/// A free number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Short name, a column of the tables.
    pub name: String,
    /// What it means, with its unit.
    pub meaning: String,
    /// The keys of the scenario that it sets. None makes it a control: the targets cannot say anything of it, so that its posterior should
    /// be as wide as its prior.
    pub sets: Vec<Setting>,
    /// Where the search begins; middle of a normal prior.
    pub start: f64,
    /// Least value.
    pub low: f64,
    /// Greatest value.
    pub high: f64,
    /// Whether the prior is of the logarithm.
    #[serde(default)]
    pub log: bool,
    /// Standard deviation of a normal prior, cut off at `low` and `high`; of the logarithm with `log`. Without, the
    /// prior is uniform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.000_001))]
    pub sd: Option<f64>,
}

/// A key that a parameter sets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The key, as `--set` takes it.
    pub key: String,
    /// The parameter's value is multiplied by this.
    #[serde(default = "unit")]
    pub times: f64,
    /// Name of the scenario in which it is set, among those of `patterns`; `*` is every one [default: `scenario` alone].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub world: Option<String>,
}

/// Elementary effects (Morris 1991).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Screening {
    /// Paths through the prior; each takes one evaluation more than there are parameters.
    #[schemars(range(min = 2, max = 1000))]
    pub trajectories: u32,
}

/// Ensemble smoother with multiple data assimilation, ESMDA (Emerick and Reynolds 2013).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Esmda {
    /// Points carried along; each step evaluates all of them.
    #[serde(default = "members")]
    #[schemars(range(min = 8, max = 10_000))]
    pub members: u32,
    /// Steps in which the targets are taken in, little by little.
    #[schemars(range(min = 1, max = 100))]
    pub steps: u32,
    /// Factor on the noise of the targets: the model is not perfect either.
    #[serde(default = "unit")]
    #[schemars(range(min = 0.01, max = 1000.0))]
    pub noise_factor: f64,
    /// Whether covariances of parameters and figures are reduced by the amount that arises by chance with this number of members.
    #[serde(default = "yes")]
    pub localise: bool,
}

/// How forecasts are scored (`exodus score`): fitted to what was measured up to a month, they are compared with what was measured afterwards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Last months of what is fitted to, such as `2025-08`.
    pub origins: Vec<String>,
    /// Months that are forecast from each.
    #[serde(default = "horizon")]
    #[schemars(range(min = 1, max = 120))]
    pub horizon: u32,
    /// Last month that the last origin forecasts, such as `2026-12`, whether anything was measured of it or not [default: that of the
    /// table].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Members of the forecast.
    #[serde(default = "members")]
    #[schemars(range(min = 8, max = 10_000))]
    pub members: u32,
    /// Steps of ESMDA at each origin; they take in all but one of `steps` + 1 equal parts of the data, the last one is taken in as
    /// weights of the members.
    #[serde(default)]
    #[schemars(range(max = 100))]
    pub steps: u32,
    /// Factor on the noise of the targets.
    #[serde(default = "unit")]
    #[schemars(range(min = 0.01, max = 1000.0))]
    pub noise_factor: f64,
    /// Factor on the standard deviations of normal priors: where they are centred on a fit that has seen the data.
    #[serde(default = "unit")]
    #[schemars(range(min = 0.1, max = 100.0))]
    pub widen: f64,
    /// Further numbers that are not known, beside the free ones: constants of the model, strengths of later interventions.
    #[serde(rename = "parameter", default)]
    pub parameters: Vec<Parameter>,
}

/// Evolution strategy with covariance matrix adaptation (Hansen 2016).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CmaEs {
    /// Generations.
    #[schemars(range(min = 1, max = 100_000))]
    pub generations: u32,
    /// Points of each [default: 4 + 3 ln n].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 4, max = 10_000))]
    pub population: Option<u32>,
    /// First step, in standard deviations of the prior.
    #[serde(default = "step")]
    #[schemars(range(min = 0.000_1, max = 10.0))]
    pub step: f64,
}

/// A second look with more users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    /// Users of each run.
    #[schemars(range(min = 1, max = 4_294_967_294u64))]
    pub users: u64,
    /// Runs at every point.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1000))]
    pub replicates: u32,
    /// Points evaluated again.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 10_000))]
    pub candidates: u32,
}

/// Points of near-equal error, as different from each other as can be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ensemble {
    /// How many, at most.
    #[schemars(range(min = 1, max = 1000))]
    pub members: u32,
    /// How much greater than the least their error may be, as a share of it.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub within: f64,
}

impl Default for Ensemble {
    fn default() -> Self {
        Ensemble { members: 16, within: 0.1 }
    }
}

/// The scenario with further changes, evaluated at the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Its name in the table.
    pub name: String,
    /// The changes, as `--set` takes them, after the parameters.
    pub set: Vec<String>,
    /// Name of the scenario that is changed, among those of `patterns`; `*` is every one [default: `scenario` alone].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub world: Option<String>,
}

fn members() -> u32 {
    200
}

fn horizon() -> u32 {
    3
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

fn unit() -> f64 {
    1.0
}

fn step() -> f64 {
    0.3
}

/// Values have six significant digits: more would be noise in the files.
pub(super) fn rounded(x: f64) -> f64 {
    format!("{x:.5e}").parse().unwrap_or(x)
}

/// In `world`: all scenarios that are simulated.
const EVERY_WORLD: &str = "*";

/// Most items of each list.
const MOST_ITEMS: usize = 1000;

/// What the schema cannot say.
pub(super) fn interpret(root: &Cursor<'_>, folder: &Path, problems: &mut Problems) {
    let score = root.get("score");
    if too_long(root, &["flag", "series", "parameter", "variant", "set"], MOST_ITEMS, problems)
        || score.as_ref().is_some_and(|score| too_long(score, &["origins", "parameter"], MOST_ITEMS, problems))
        || root.items("parameter").iter().any(|parameter| too_long(parameter, &["sets"], MOST_ITEMS, problems))
        || root.items("variant").iter().any(|variant| too_long(variant, &["set"], MOST_ITEMS, problems))
    {
        return;
    }
    for list in ["flag", "series", "parameter", "variant"] {
        let items = root.items(list);
        if list != "parameter" {
            names(&items, "name", problems);
        }
        if items.is_empty() && root.has(list) && list != "variant" {
            root.problem(problems, list, "an empty list", "at least one");
        }
    }
    let set = |at: &Cursor<'_>, key| -> Vec<String> {
        at.items(key).iter().filter_map(|item| item.node.text()).map(str::to_owned).collect()
    };
    let options = set(root, "set");
    let scenario = root.text("scenario").and_then(|name| match scenario::load(&folder.join(name), &options) {
        Ok(scenario) => Some(scenario),
        Err(error) => {
            for line in error.to_string().lines() {
                root.problem(problems, "scenario", format!("{name:?}, of which: {line}"), "a valid scenario");
            }
            None
        }
    });
    for series in root.items("series") {
        if let Some(scenario) = &scenario {
            let known: Vec<&str> = scenario.messengers.iter().map(|m| m.name.as_str()).collect();
            series.known(problems, "messenger", &known);
            series.known(problems, "column", &Curves::series_columns());
        }
        let nothing = |key| series.number(key).is_none_or(|x| x == 0.0);
        if series.has("noise") && nothing("noise") && nothing("floor") {
            series.problem(problems, "noise", "no noise", "`noise` or `floor` above 0");
        }
        if series.has("tolerance") && series.has("tolerance_mln") {
            series.problem(problems, "tolerance", "`tolerance` and `tolerance_mln`", "one of them");
        }
    }
    let path = root.text("scenario").map(|name| folder.join(name));
    let patterns = root.text("patterns").and_then(|name| match validate::Plan::read(&folder.join(name), None, None) {
        Ok(patterns) => Some(patterns),
        Err(error) => {
            for line in error.to_string().lines() {
                root.problem(problems, "patterns", format!("{name:?}, of which: {line}"), "a valid file of patterns");
            }
            None
        }
    });
    if patterns.as_ref().is_some_and(|patterns| Checked::all_of(patterns).is_empty()) {
        let found = "no check that is one";
        root.problem(problems, "patterns", found, "at least one with `published`, `low` and `high`");
    }
    let worlds: Vec<&str> = patterns.iter().flat_map(|patterns| &patterns.worlds).map(|world| world.name.as_str()).collect();
    let every: Vec<&str> =
        [EVERY_WORLD].into_iter().chain(worlds.iter().copied()).chain(scenario.as_ref().map(|s| s.name.as_str())).collect();
    // Why changes cannot be made in the scenarios that they are meant for.
    let fault = |world: Option<&str>, further: &[String]| {
        let own = path.as_deref().zip(scenario.as_ref()).filter(|(_, own)| is_meant(world, None, &own.name));
        let with: Vec<String> = options.iter().chain(further).cloned().collect();
        let own = own.and_then(|(path, own)| unfit(own, scenario::load(path, &with)));
        let of_world = |k: &usize| is_meant(world, Some(worlds[*k]), "");
        own.or_else(|| {
            let patterns = patterns.as_ref()?;
            let mut meant = (0..worlds.len()).filter(of_world);
            meant.find_map(|k| {
                unfit(&patterns.worlds[k], patterns.scenario_at(k, further)).map(|why| format!("{}: {why}", worlds[k]))
            })
        })
    };
    let further = score.as_ref().map(|score| score.items("parameter")).unwrap_or_default();
    let all: Vec<Cursor<'_>> = root.items("parameter").into_iter().chain(further).collect();
    names(&all, "name", problems);
    for origin in score.iter().flat_map(|score| score.items("origins")) {
        let text = origin.node.text().unwrap_or_default();
        if month_days(text).is_none() {
            root.problem(problems, "score", format!("the origin {text:?}"), "months such as 2025-08");
        }
    }
    if let Some(score) = &score
        && let Some(text) = score.text("until")
    {
        let within = |days: [Date; 2]| scenario.as_ref().is_none_or(|scenario| days[1] <= scenario.end);
        if !month_days(text).is_some_and(within) {
            let allowed =
                scenario.as_ref().map_or(String::new(), |scenario| format!(", up to the scenario's end, {}", scenario.end));
            score.problem(problems, "until", format!("{text:?}"), format!("a month such as 2026-12{allowed}"));
        }
    }
    for parameter in all {
        range(&parameter, problems);
        for setting in &parameter.items("sets") {
            let Some(key) = setting.text("key") else { continue };
            let times = setting.number("times").unwrap_or(1.0);
            setting.known(problems, "world", &every);
            let values = ["low", "start", "high"].iter().filter_map(|at| parameter.number(at));
            let found = values.map(|value| format!("{key}={:?}", rounded(value * times))).find_map(|option| {
                let why = fault(setting.text("world"), std::slice::from_ref(&option))?;
                Some(format!("{option:?}, of which: {why}"))
            });
            if let Some(found) = found {
                setting.problem(
                    problems,
                    "key",
                    found,
                    "a key outside population and graph that takes all values from `low` to `high`",
                );
            }
        }
    }
    for variant in &root.items("variant") {
        variant.known(problems, "world", &every);
        if let Some(why) = fault(variant.text("world"), &set(variant, "set")) {
            variant.problem(problems, "set", format!("changes of which: {why}"), "changes outside population and graph");
        }
    }
}

fn range(parameter: &Cursor<'_>, problems: &mut Problems) {
    let [low, start, high] = ["low", "start", "high"].map(|key| parameter.number(key));
    let (Some(low), Some(start), Some(high)) = (low, start, high) else { return };
    if low >= high {
        parameter.problem(problems, "high", high, format!("more than `low`, {low}"));
    } else if !(low..=high).contains(&start) {
        parameter.problem(problems, "start", start, format!("from `low` to `high`, {low} to {high}"));
    }
    if low <= 0.0 && parameter.node.get("log").is_some_and(|log| log.shown() == "true") {
        parameter.problem(problems, "low", low, "more than 0 with `log`");
    }
}

/// Whether a change is made in a scenario: in that of `name` among the worlds, or, without a name, in the calibration's own.
pub(super) fn is_meant(world: Option<&str>, name: Option<&str>, own: &str) -> bool {
    match world {
        None => name.is_none(),
        Some(EVERY_WORLD) => true,
        Some(world) => world == name.unwrap_or(own),
    }
}

/// Why a scenario cannot be used as it was changed; `None` where it can.
///
/// One graph serves all points, so none may change what it is made of.
fn unfit(scenario: &Scenario, changed: Result<Scenario>) -> Option<String> {
    match changed {
        Err(error) => error.to_string().lines().next().map(|line| line.split_once(": ").map_or(line, |(_, why)| why).to_owned()),
        Ok(changed) => {
            let same = (&changed.population, &changed.graph, changed.seed, changed.start)
                == (&scenario.population, &scenario.graph, scenario.seed, scenario.start);
            (!same).then(|| "it changes the population, the graph, the seed or the start".to_owned())
        }
    }
}

impl Series {
    /// Greatest deviation of a hit at a value (millions).
    pub(super) fn tolerated(&self, value: f64) -> Option<f64> {
        self.tolerance_mln.or(self.tolerance.map(|share| share * value))
    }

    /// Standard deviation of the measurement at a value (millions).
    pub(crate) fn deviation(&self, value: f64) -> f64 {
        f64::sqrt((self.noise * value) * (self.noise * value) + self.floor * self.floor)
    }
}
