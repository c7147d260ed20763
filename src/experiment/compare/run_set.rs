//! What is compared: a run, or replicates; and whether two of them can be.

use crate::error::{Error, Result};
use crate::experiment::Replicates;
use crate::scenario::{self, Scenario};
use crate::storage::{FolderKind, Manifest, no_run};
use std::path::{Path, PathBuf};

/// A finished run, or finished replicates.
#[derive(Debug)]
pub struct RunSet {
    /// The folder, as it was given.
    pub name: String,
    /// Its scenario.
    pub scenario: Scenario,
    /// Whether they are replicates.
    pub replicates: bool,
    /// Its runs.
    pub runs: Vec<(PathBuf, Manifest)>,
}

impl RunSet {
    /// Opens a run folder, or a folder of replicates; all runs must be finished.
    pub fn open(folder: &Path) -> Result<Self> {
        FolderKind::require(folder, &[FolderKind::Run, FolderKind::Replicates])?;
        let name = folder.display().to_string();
        let runs = match () {
            () if Replicates::is_here(folder) => Replicates::open(folder)?.runs(),
            () if folder.join("manifest.json").exists() => vec![folder.to_owned()],
            () => {
                return Err(no_run(folder, "manifest.json or replicates.toml", "the folder of a run, or of replicates"));
            }
        };
        let runs = runs.into_iter().map(|run| Manifest::finished(&run).map(|manifest| (run, manifest)));
        let scenario = scenario::load_written(&folder.join("scenario.toml"), &[])?;
        Ok(RunSet { name, scenario, replicates: Replicates::is_here(folder), runs: runs.collect::<Result<_>>()? })
    }
}

/// Runs of the same seed: a pair of folders each. With warnings about what makes differences harder to read.
///
/// Fails where the pairs would not be of the same people on the same graph from the same day on: then the difference of
/// a pair says nothing that two unpaired runs would not.
pub(super) fn pair<'a>(a: &'a RunSet, b: &'a RunSet) -> Result<(Vec<[&'a Path; 2]>, Vec<String>)> {
    let differ = |what: &str, x: &dyn std::fmt::Display, y: &dyn std::fmt::Display| {
        let (a, b) = (&a.name, &b.name);
        Err(Error::invalid(format!("{b}: found {what} {y}; a paired comparison needs that of {a}, {x}")))
    };
    let [sa, sb] = [&a.scenario, &b.scenario];
    let [pa, pb] = [&sa.population, &sb.population];
    match () {
        () if sa.start != sb.start => return differ("start", &sa.start, &sb.start),
        () if pa.users != pb.users => return differ("population.users", &pa.users, &pb.users),
        () if pa.people != pb.people => return differ("population.people", &pa.people, &pb.people),
        () if pa != pb => return differ("another population", &"with all its shares", &"(section [population])"),
        () if sa.graph != sb.graph => return differ("another graph", &"with all its figures", &"(section [graph])"),
        () => {}
    }
    let mut warnings = Vec::new();
    let mut pairs = Vec::new();
    for (folder, manifest) in &a.runs {
        let Some((other, theirs)) = b.runs.iter().find(|(_, m)| (m.seed, m.branch) == (manifest.seed, manifest.branch)) else {
            continue;
        };
        if manifest.ties != theirs.ties {
            return differ("a graph with ties", &manifest.ties, &theirs.ties);
        }
        if manifest.exodus_version != theirs.exodus_version && pairs.is_empty() {
            let [x, y] = [&manifest.exodus_version, &theirs.exodus_version];
            warnings.push(format!("made by exodus {x} and {y}: a part of the differences may be due to that"));
        }
        pairs.push([folder.as_path(), other.as_path()]);
    }
    if pairs.is_empty() {
        let seed = |side: &RunSet| side.runs.first().map_or(0, |(_, m)| m.seed);
        return differ("no seed in common: first seed", &seed(a), &seed(b));
    }
    for side in [a, b].into_iter().filter(|side| side.runs.len() > pairs.len()) {
        let more = side.runs.len() - pairs.len();
        warnings.push(format!("{}: {more} runs have no partner of the same seed and are left out", side.name));
    }
    let names = |s: &Scenario| s.messengers.iter().map(|m| m.name.clone()).collect::<Vec<_>>();
    if names(sa) != names(sb) {
        warnings.push("the messengers are not the same: only those of both are compared day by day".into());
    }
    let panels = |s: &Scenario| (s.observe.audience_panel, s.observe.tie_panel);
    if panels(sa) != panels(sb) {
        warnings.push("observe.audience_panel or observe.tie_panel differs: so do their figures, for that alone".into());
    }
    Ok((pairs, warnings))
}
