use crate::error::{Error, Result};
use std::path::Path;

/// What a folder of results is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderKind {
    /// A run, finished or not.
    Run,
    /// Runs of one scenario with different seeds.
    Replicates,
    /// A sweep, or a shard of one.
    Sweep,
    /// A comparison of runs.
    Comparison,
    /// A calibration, finished or not.
    Calibration,
    /// Patterns held against a scenario.
    Validation,
    /// What an experiment says in tables, words and figures.
    Study,
}

impl FolderKind {
    /// By the files that only folders of one kind have; `None` where nothing is known.
    pub fn of(folder: &Path) -> Option<Self> {
        let marks = [
            ("replicates.toml", FolderKind::Replicates),
            ("comparison.json", FolderKind::Comparison),
            ("calibration.json", FolderKind::Calibration),
            ("validation.json", FolderKind::Validation),
            ("study.json", FolderKind::Study),
            // Of older calibrations.
            ("parameters.csv", FolderKind::Calibration),
            ("sweep.toml", FolderKind::Sweep),
            ("points.csv", FolderKind::Sweep),
            ("manifest.json", FolderKind::Run),
        ];
        marks.into_iter().find(|(mark, _)| folder.join(mark).exists()).map(|(_, kind)| kind)
    }

    /// Fails, with what the folder is of, unless it is one of the kinds `allowed`; a folder of nothing known passes, to be
    /// reported by whoever looks for its files.
    pub fn require(folder: &Path, allowed: &[FolderKind]) -> Result<()> {
        match Self::of(folder) {
            Some(found) if !allowed.contains(&found) => {
                let allowed: Vec<&str> = allowed.iter().map(|kind| kind.name()).collect();
                let (place, found, allowed) = (folder.display(), found.name(), allowed.join(" or "));
                Err(Error::invalid(format!("{place}: found the folder of {found}; allowed that of {allowed}")))
            }
            _ => Ok(()),
        }
    }

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            FolderKind::Run => "a run",
            FolderKind::Replicates => "replicates",
            FolderKind::Sweep => "a sweep",
            FolderKind::Comparison => "a comparison",
            FolderKind::Calibration => "a calibration",
            FolderKind::Validation => "a validation",
            FolderKind::Study => "a study",
        }
    }

    /// Name of the file that lists the others, and under which key.
    pub(super) fn manifest(self) -> (&'static str, &'static str) {
        match self {
            FolderKind::Run => ("manifest.json", "outputs"),
            FolderKind::Sweep => ("manifest.json", "files"),
            FolderKind::Replicates => ("replicates.json", "files"),
            FolderKind::Comparison => ("comparison.json", "files"),
            FolderKind::Calibration => ("calibration.json", "files"),
            FolderKind::Validation => ("validation.json", "files"),
            FolderKind::Study => ("study.json", "files"),
        }
    }
}
