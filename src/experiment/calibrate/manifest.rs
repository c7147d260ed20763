use super::Plan;
use super::results::relative;
use crate::error::{Error, Result};
use crate::files;
use crate::storage::{OutputFile, machine};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// `calibration.json`: what was calibrated, and what its folder holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CalibrationManifest {
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
    /// The calibration file, as seen from the folder.
    pub calibration: String,
    /// xxh3-64 of its text.
    pub calibration_xxh3: String,
    /// xxh3-128 of the resolved scenario and of other worlds, less seeds and numbers of users.
    pub scenario_hash: String,
    /// Users of each run of the search.
    pub users: u64,
    /// Worlds that were left out of the fit.
    pub left_out: Vec<String>,
    /// `running` or `finished`.
    pub status: String,
    /// Every file of a finished one, with its size and xxh3-64; evaluations have their own checksums.
    pub files: Vec<OutputFile>,
}

const NAME: &str = "calibration.json";

impl CalibrationManifest {
    pub(super) fn new(plan: &Plan, folder: &Path) -> Result<Self> {
        let [git_commit, rustc, target] = machine::BUILT.map(str::to_owned);
        Ok(CalibrationManifest {
            exodus_version: env!("CARGO_PKG_VERSION").to_owned(),
            git_commit,
            rustc,
            target,
            cpu: machine::cpu(),
            calibration: relative(&folder.join(NAME), &plan.path).display().to_string(),
            calibration_xxh3: plan.xxh3.clone(),
            scenario_hash: plan.hash()?,
            users: plan.calibration.users,
            left_out: plan.left_out.clone(),
            status: "running".into(),
            files: Vec::new(),
        })
    }

    /// Of a calibration's folder.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        let text = files::read_text(&path).map_err(|e| Error::io(&path, "reading", e))?;
        serde_json::from_str(&text).map_err(|e| Error::corrupt(&path, format!("is no manifest of a calibration: {e}")))
    }

    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(NAME);
        let text = serde_json::to_string_pretty(self).map_err(|e| Error::corrupt(&path, e.to_string()))?;
        files::write_text(&path, &text)
    }

    /// Reads the plan again that the folder was begun with.
    ///
    /// Fails where its file is gone or has changed since.
    pub fn plan(&self, folder: &Path) -> Result<Plan> {
        let path: PathBuf = folder.join(&self.calibration);
        let plan = Plan::read(&path)?.with_users(Some(self.users).filter(|users| *users > 0)).leave_out(&self.left_out)?;
        if plan.xxh3 == self.calibration_xxh3 && plan.hash()? == self.scenario_hash {
            return Ok(plan);
        }
        Err(Error::invalid(format!(
            "{}: found another calibration or scenario than the one begun in {}; allowed the same \
             (exodus calibrate {0} --out {1} begins with this one)",
            path.display(),
            folder.display()
        )))
    }
}
