use super::file::Plan;
use super::judge::Validation;
use crate::error::{Error, Result};
use crate::files;
use crate::storage::{OutputFile, machine};
use serde::Serialize;
use std::path::Path;

/// Name of the file that makes a folder that of a validation.
pub(super) const NAME: &str = "validation.json";

/// `validation.json`: what was held against what, and the files that it left.
#[derive(Debug, Serialize)]
pub(super) struct ValidationManifest {
    exodus_version: &'static str,
    git_commit: &'static str,
    rustc: &'static str,
    target: &'static str,
    cpu: String,
    /// `running` or `finished`; a running one has no files yet.
    pub(super) status: &'static str,
    /// Hashes of the worlds' scenarios.
    scenario_hashes: Vec<String>,
    users: Vec<u64>,
    replicates: u32,
    patterns: usize,
    passed: usize,
    /// Every file, with its size and xxh3-64.
    pub(super) files: Vec<OutputFile>,
}

impl ValidationManifest {
    pub(super) fn new(plan: &Plan, validation: &Validation) -> Result<Self> {
        let [git_commit, rustc, target] = machine::BUILT;
        Ok(ValidationManifest {
            exodus_version: env!("CARGO_PKG_VERSION"),
            git_commit,
            rustc,
            target,
            cpu: machine::cpu(),
            status: "running",
            scenario_hashes: plan.worlds.iter().map(crate::scenario::Scenario::hash).collect::<Result<_>>()?,
            users: plan.worlds.iter().map(|world| world.population.users).collect(),
            replicates: plan.file.replicates,
            patterns: plan.file.patterns.len(),
            passed: validation.passed(),
            files: Vec::new(),
        })
    }

    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(NAME);
        let text = serde_json::to_string_pretty(self).map_err(|e| Error::corrupt(&path, e.to_string()))?;
        files::write_text(&path, &text)
    }
}
