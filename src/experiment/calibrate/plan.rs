//! A calibration file with all that it refers to.

use super::file::{Calibration, Parameter, Score, interpret, is_meant, rounded};
use super::measured::Measured;
use super::month::month_of;
use super::prior::Prior;
use super::targets::Targets;
use super::worlds::Worlds;
use crate::error::Result;
use crate::scenario::{self, Scenario};
use std::path::{Path, PathBuf};

/// A calibration that was read and checked, with all it refers to.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Path of the file.
    pub path: PathBuf,
    /// xxh3-64 of its text, in hex.
    pub xxh3: String,
    /// The file.
    pub calibration: Calibration,
    /// Path of the scenario's file.
    pub scenario_path: PathBuf,
    /// The scenario with `set`, up to the last month of the targets.
    pub scenario: Scenario,
    /// The targets.
    pub targets: Targets,
    /// Other worlds that the same numbers have to explain.
    pub worlds: Option<Worlds>,
    /// Names of the worlds that are left out of the fit.
    pub left_out: Vec<String>,
    /// Priors of the parameters.
    pub priors: Vec<Prior>,
}

/// What an error, or a number of hits, is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All values.
    All,
    /// Those of a series of the targets, by its place in the file.
    Series(usize),
    /// Those of a world, by its place in the file of patterns.
    World(usize),
}

impl Plan {
    /// Reads a calibration file and all that it refers to. Fails with all problems at once ([`crate::Error::is_invalid`]), or
    /// because a file cannot be read.
    pub fn read(path: &Path) -> Result<Plan> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let calibration: Calibration = scenario::read(path, |root, problems| interpret(root, folder, problems))?;
        let scenario_path = folder.join(&calibration.scenario);
        let mut scenario = scenario::load(&scenario_path, &calibration.set)?;
        let targets = Targets::read(&folder.join(&calibration.targets), &calibration, &scenario)?;
        scenario.end = targets.last_day;
        let worlds = calibration.patterns.as_ref().map(|name| Worlds::read(&folder.join(name))).transpose()?;
        let priors = calibration.parameters.iter().map(Prior::of).collect();
        let bytes = crate::files::read(path).map_err(|e| crate::Error::io(path, "reading", e))?;
        let xxh3 = format!("{:016x}", xxhash_rust::xxh3::xxh3_64(&bytes));
        Ok(Plan {
            path: path.to_owned(),
            xxh3,
            calibration,
            scenario_path,
            scenario,
            targets,
            worlds,
            left_out: Vec::new(),
            priors,
        })
    }

    /// The same with so many users of each run of the search, where they are given.
    pub fn with_users(mut self, users: Option<u64>) -> Plan {
        self.calibration.users = users.unwrap_or(self.calibration.users);
        self
    }

    /// The same without weight for what is known of some of the worlds, by the names of their scenarios: how well they are met shows what the
    /// rest says of them.
    ///
    /// Fails where there is none of that name.
    pub fn leave_out(mut self, names: &[String]) -> Result<Plan> {
        let place = self.path.display();
        for name in names {
            let Some(worlds) = &mut self.worlds else {
                return Err(crate::Error::invalid(format!("{place}: found no other worlds, of which to leave out {name:?}")));
            };
            worlds.leave_out(name).map_err(|why| crate::Error::invalid(format!("{place}: {why}")))?;
        }
        self.left_out.extend_from_slice(names);
        Ok(self)
    }

    /// The same for scoring: with the further parameters, wider priors, no other worlds and, where given, so many users.
    ///
    /// Fails where the file does not say how forecasts are scored.
    pub fn for_score(mut self, users: Option<u64>) -> Result<(Plan, Score)> {
        let Some(score) = self.calibration.score.clone() else {
            let place = self.path.display();
            return Err(crate::Error::invalid(format!("{place}: found no table `score`; allowed a calibration file with one")));
        };
        self.calibration.parameters.extend(score.parameters.iter().cloned());
        self.worlds = None;
        if let Some(until) = score.until.as_deref().and_then(month_of) {
            self.scenario.end = self.targets.look_ahead(until);
        }
        let wider =
            |parameter: &Parameter| Prior::of(&Parameter { sd: parameter.sd.map(|sd| sd * score.widen), ..parameter.clone() });
        self.priors = self.calibration.parameters.iter().map(wider).collect();
        Ok((self.with_users(users), score))
    }

    /// The same with other people and other chance, in all worlds.
    pub(crate) fn with_other_seeds(&self) -> Plan {
        let mut plan = self.clone();
        let worlds = plan.worlds.iter_mut().flat_map(|worlds| &mut worlds.patterns.worlds);
        for scenario in std::iter::once(&mut plan.scenario).chain(worlds) {
            // Beyond those of replicates.
            scenario.seed = crate::experiment::replicate_seed(scenario.seed, u32::MAX);
        }
        plan
    }

    /// The same without the months of which nothing is known, which stand last.
    pub(crate) fn without_months_ahead(&self) -> Plan {
        let mut plan = self.clone();
        plan.targets.cells.retain(|cell| !cell.measured.value.is_nan());
        plan.scenario.end = plan.targets.last_day;
        plan
    }

    /// The `--set` options of a point in the scenario, or in the world of this name.
    pub fn settings(&self, values: &[f64], world: Option<&str>) -> Vec<String> {
        let all = self.calibration.parameters.iter().zip(values);
        let all = all.flat_map(|(parameter, value)| parameter.sets.iter().map(move |setting| (setting, value * setting.times)));
        let meant = all.filter(|(setting, _)| is_meant(setting.world.as_deref(), world, &self.scenario.name));
        meant.map(|(setting, value)| format!("{}={:?}", setting.key, rounded(value))).collect()
    }

    /// The changes that a variant makes in the scenario, or in the world of this name.
    pub(super) fn changes(&self, variant: Option<usize>, world: Option<&str>) -> &[String] {
        let variant = variant.map(|v| &self.calibration.variants[v]);
        let meant = variant.filter(|variant| is_meant(variant.world.as_deref(), world, &self.scenario.name));
        meant.map_or(&[], |variant| &variant.set)
    }

    /// All values to be met, in the order of figures: those of the targets, then those of the worlds.
    pub(super) fn measured(&self) -> impl Iterator<Item = &Measured> {
        let cells = self.targets.cells.iter().map(|cell| &cell.measured);
        cells.chain(self.worlds.iter().flat_map(|worlds| &worlds.checks).map(|check| &check.measured))
    }

    /// Places of the values of a part among the figures.
    fn places(&self, part: Part) -> Vec<usize> {
        let cells = self.targets.cells.iter().map(|cell| Part::Series(cell.series));
        let checks = self.worlds.iter().flat_map(|worlds| &worlds.checks).map(|check| Part::World(check.world));
        cells.chain(checks).enumerate().filter(|(_, of)| part == Part::All || part == *of).map(|(k, _)| k).collect()
    }

    /// Weighted error: the root of the weighted mean of squared deviations in standard deviations of the measurement, over the values of
    /// a part. NaN where none has weight.
    pub fn error(&self, figures: &[f64], part: Part) -> f64 {
        let all: Vec<&Measured> = self.measured().collect();
        let of = self.places(part).into_iter().map(|k| (all[k], figures[k])).filter(|(m, _)| m.weight > 0.0 && m.sd > 0.0);
        let (sum, weights) = of.fold((0.0, 0.0), |(sum, weights), (measured, figure)| {
            let z = (figure - measured.value) / measured.sd;
            (sum + measured.weight * z * z, weights + measured.weight)
        });
        f64::sqrt(sum / weights)
    }

    /// Judged values of a part that figures hit, and all judged ones.
    pub fn hits(&self, figures: &[f64], part: Part) -> [usize; 2] {
        let all: Vec<&Measured> = self.measured().collect();
        let judged = self.places(part).into_iter().filter_map(|k| all[k].hit(figures[k]));
        judged.fold([0, 0], |[hits, all], hit| [hits + usize::from(hit), all + 1])
    }

    /// xxh3-128 of all that is simulated and held against it, but for the free numbers, seeds and users.
    pub fn hash(&self) -> Result<String> {
        let own = self.scenario.hash()?;
        let Some(worlds) = &self.worlds else { return Ok(own) };
        Ok(format!("{:032x}", xxhash_rust::xxh3::xxh3_128(format!("{own} {}", worlds.identity()?).as_bytes())))
    }

    /// The scenario at a point, as far as the targets go, with further changes.
    pub fn scenario_at(&self, values: &[f64], further: &[String]) -> Result<Scenario> {
        let mut scenario = self.whole_scenario_at(values, further)?;
        scenario.end = self.scenario.end;
        Ok(scenario)
    }

    /// The same to the scenario's own end.
    pub fn whole_scenario_at(&self, values: &[f64], further: &[String]) -> Result<Scenario> {
        let options: Vec<String> =
            self.calibration.set.iter().cloned().chain(self.settings(values, None)).chain(further.iter().cloned()).collect();
        scenario::load(&self.scenario_path, &options)
    }
}
