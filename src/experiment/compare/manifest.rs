use super::{Comparison, RunSet};
use crate::error::{Error, Result};
use crate::files;
use crate::storage::{OutputFile, machine};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// `comparison.json`: what was compared with what, and what else its folder's tables do not say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ComparisonManifest {
    /// Version of exodus that compared.
    pub exodus_version: String,
    /// Commit of the sources it was built from.
    pub git_commit: String,
    /// Compiler.
    pub rustc: String,
    /// Target triple.
    pub target: String,
    /// Processor.
    pub cpu: String,
    /// UTC time, RFC 3339.
    pub made: String,
    /// `running` or `finished`; a running one has no files yet.
    pub status: String,
    /// What the others are compared with.
    pub reference: ComparedSide,
    /// The others, in order.
    pub others: Vec<ComparedOther>,
    /// Every file written, with its size and xxh3-64.
    pub files: Vec<OutputFile>,
}

/// A side of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ComparedSide {
    /// Folder of its run or replicates, as it was given.
    pub folder: String,
    /// Its scenario, a file beside this one.
    pub scenario: String,
    /// Whether it is a folder of replicates.
    pub replicates: bool,
    /// Version of exodus that simulated.
    pub exodus_version: String,
    /// xxh3-128 of the resolved scenario, less seed and number of users.
    pub scenario_hash: String,
    /// Users of a run.
    pub users: u64,
    /// Seeds of its runs.
    pub seeds: Vec<u64>,
    /// Hashes of their final states.
    pub state_hashes: Vec<String>,
}

/// A side that is compared with the reference.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ComparedOther {
    /// The side.
    #[serde(flatten)]
    pub side: ComparedSide,
    /// Pairs of runs with the same seed.
    pub pairs: usize,
    /// What makes differences harder to read, a line each.
    pub warnings: Vec<String>,
    /// First day on which anything differs; `null` where all is the same.
    pub first_difference: Option<String>,
    /// Users followed, over all pairs.
    pub followed: u64,
    /// Of these, with another main app at the end.
    pub main_differs: u64,
    /// Of these, who hold other messengers.
    pub holdings_differ: u64,
    /// Of these, with a VPN on one side only.
    pub vpn_differs: u64,
}

/// The file that makes a folder that of a comparison.
const NAME: &str = "comparison.json";

impl ComparisonManifest {
    /// Whether a folder is that of a comparison.
    pub fn is_here(folder: &Path) -> bool {
        folder.join(NAME).exists()
    }

    /// Reads the manifest of a comparison's folder.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        let text = files::read_text(&path).map_err(|e| Error::io(&path, "reading", e))?;
        serde_json::from_str(&text).map_err(|e| Error::corrupt(&path, format!("is no manifest of a comparison: {e}")))
    }

    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(NAME);
        let text = serde_json::to_string_pretty(self).map_err(|e| Error::corrupt(&path, e.to_string()))?;
        files::write_text(&path, &text)
    }

    /// Of sides, the first being the reference, and the comparisons of the others with it.
    pub(super) fn new(sides: &[RunSet], comparisons: &[Comparison], made: String) -> Result<Self> {
        let [git_commit, rustc, target] = machine::BUILT.map(str::to_owned);
        let sides: Vec<ComparedSide> = sides.iter().enumerate().map(|(k, side)| entry(k, side)).collect::<Result<_>>()?;
        let other = |(side, c): (&ComparedSide, &Comparison)| ComparedOther {
            side: side.clone(),
            pairs: c.pairs,
            warnings: c.warnings.clone(),
            first_difference: c.first_difference.map(|date| date.to_string()),
            followed: c.flows.followed,
            main_differs: c.flows.main_differs,
            holdings_differ: c.flows.holdings_differ,
            vpn_differs: c.flows.vpn_differs,
        };
        Ok(ComparisonManifest {
            exodus_version: env!("CARGO_PKG_VERSION").to_owned(),
            git_commit,
            rustc,
            target,
            cpu: machine::cpu(),
            made,
            status: "running".into(),
            reference: sides.first().cloned().unwrap_or_default(),
            others: sides.iter().skip(1).zip(comparisons).map(other).collect(),
            files: Vec::new(),
        })
    }
}

/// Set of runs `k`; the reference is side 0.
fn entry(k: usize, side: &RunSet) -> Result<ComparedSide> {
    let first = side.runs.first().map(|(_, manifest)| manifest);
    Ok(ComparedSide {
        folder: side.name.clone(),
        scenario: if k == 0 { "reference.toml".into() } else { format!("other-{k}.toml") },
        replicates: side.replicates,
        exodus_version: first.map(|m| m.exodus_version.clone()).unwrap_or_default(),
        scenario_hash: side.scenario.hash()?,
        users: side.scenario.population.users,
        seeds: side.runs.iter().map(|(_, m)| m.seed).collect(),
        state_hashes: side.runs.iter().map(|(_, m)| m.state_hash.clone()).collect(),
    })
}
