//! What a run's folder holds to go on with.

use super::checkpoints::Checkpoints;
use crate::error::{Error, Result};
use crate::scenario::{self, Scenario};
use crate::storage::{Inventory, Manifest, OutputFile, RunFolder, restore_scenario};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What there is to resume in a folder.
#[derive(Serialize, Deserialize)]
pub(super) struct Resumable {
    pub finished: bool,
    pub manifest: Manifest,
    /// The newest checkpoint.
    pub snapshot: Option<PathBuf>,
    /// Where there is none, the scenario that the run began with.
    pub scenario: String,
}

impl Resumable {
    /// The folder, taken, unless the run in it is finished.
    pub(super) fn in_folder(folder: &Path) -> Result<(Option<RunFolder>, Self)> {
        Manifest::read(folder)?;
        let run_folder = RunFolder::open(folder)?;
        // Whoever had the folder until now may have written it.
        let manifest = Manifest::read(folder)?;
        if manifest.status == "finished" && is_complete(folder, &manifest)? {
            // It may have been killed while it tidied up.
            run_folder.remove_parts()?;
            Checkpoints::new(folder, None).remove()?;
            return Ok((None, Resumable { finished: true, manifest, snapshot: None, scenario: String::new() }));
        }
        let snapshot = Checkpoints::newest(folder).map(|snapshot| snapshot.path().to_owned());
        let scenario = if snapshot.is_some() { String::new() } else { begun_with(folder, &manifest)?.to_toml()? };
        Ok((Some(run_folder), Resumable { finished: false, manifest, snapshot, scenario }))
    }
}

/// Whether a finished run has all that its manifest lists, but for page and figures, which are made from the rest.
///
/// Fails where something has changed, or is gone and cannot be regenerated.
fn is_complete(folder: &Path, manifest: &Manifest) -> Result<bool> {
    let differences = Inventory::read(folder)?.differences()?;
    let differences: Vec<_> = differences.into_iter().filter(|d| !Inventory::is_made_from_results(&d.path)).collect();
    match differences.iter().find(|d| d.changed.is_some() || manifest.parent.is_some()) {
        Some(d) => Err(Error::corrupt(folder, format!("{d}; the run can be repeated into another folder"))),
        None => Ok(differences.is_empty()),
    }
}

/// The scenario that a run without a checkpoint began with.
///
/// Fails where `scenario.toml` is another.
fn begun_with(folder: &Path, manifest: &Manifest) -> Result<Scenario> {
    let path = folder.join("scenario.toml");
    if manifest.parent.is_some() {
        return Err(Error::corrupt(folder, "is a fork without a whole checkpoint; start it again from its snapshot"));
    }
    if let Some(text) = &manifest.scenario {
        // A kill in the first moment leaves the scenario of the run that was here before.
        if folder.join("events.csv").exists() {
            restore_scenario(folder, text)?;
        }
        return scenario::parse_written(text, &path, &[]);
    }
    // Of an older version, or finished.
    let scenario = scenario::load_written(&path, &[])?;
    // Hashes are of keys as they are called now; the file itself may be as it was signed.
    let signed = |file: &OutputFile| file.path == "scenario.toml" && file.difference(folder).is_ok_and(|change| change.is_none());
    let same = scenario.hash()? == manifest.scenario_hash || manifest.outputs.iter().any(signed);
    if !same || (scenario.seed, scenario.population.users) != (manifest.seed, manifest.users) {
        return Err(Error::corrupt(&path, "found another scenario than the one the run began with"));
    }
    Ok(scenario)
}
