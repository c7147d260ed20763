//! A calibration file with all that it refers to.

use super::file::{Calibration, Parameter, Score, interpret, rounded};
use super::prior::Prior;
use super::targets::Targets;
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
    /// Priors of the parameters.
    pub priors: Vec<Prior>,
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
        let priors = calibration.parameters.iter().map(Prior::of).collect();
        let bytes = crate::files::read(path).map_err(|e| crate::Error::io(path, "reading", e))?;
        let xxh3 = format!("{:016x}", xxhash_rust::xxh3::xxh3_64(&bytes));
        Ok(Plan { path: path.to_owned(), xxh3, calibration, scenario_path, scenario, targets, priors })
    }

    /// The same for scoring: with the further parameters, wider priors and, where given, so many users.
    ///
    /// Fails where the file does not say how forecasts are scored.
    pub fn for_score(mut self, users: Option<u64>) -> Result<(Plan, Score)> {
        let Some(score) = self.calibration.score.clone() else {
            let place = self.path.display();
            return Err(crate::Error::invalid(format!("{place}: found no table `score`; allowed a calibration file with one")));
        };
        self.calibration.parameters.extend(score.parameters.iter().cloned());
        let wider =
            |parameter: &Parameter| Prior::of(&Parameter { sd: parameter.sd.map(|sd| sd * score.widen), ..parameter.clone() });
        self.priors = self.calibration.parameters.iter().map(wider).collect();
        self.calibration.users = users.unwrap_or(self.calibration.users);
        Ok((self, score))
    }

    /// The `--set` options of a point.
    pub fn settings(&self, values: &[f64]) -> Vec<String> {
        let all = self.calibration.parameters.iter().zip(values);
        all.flat_map(|(parameter, value)| parameter.sets.iter().map(move |s| format!("{}={:?}", s.key, rounded(value * s.times))))
            .collect()
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
            self.calibration.set.iter().cloned().chain(self.settings(values)).chain(further.iter().cloned()).collect();
        scenario::load(&self.scenario_path, &options)
    }
}
