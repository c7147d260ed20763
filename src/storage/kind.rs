use crate::error::{Error, Result};
use std::path::Path;

/// What a folder of results is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
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

impl Kind {
    /// By the files that only folders of one kind have; `None` where nothing is known.
    pub fn of(folder: &Path) -> Option<Self> {
        let marks = [
            ("replicates.toml", Kind::Replicates),
            ("comparison.json", Kind::Comparison),
            ("calibration.json", Kind::Calibration),
            ("validation.json", Kind::Validation),
            ("study.json", Kind::Study),
            // Of older calibrations.
            ("parameters.csv", Kind::Calibration),
            ("sweep.toml", Kind::Sweep),
            ("points.csv", Kind::Sweep),
            ("manifest.json", Kind::Run),
        ];
        marks.into_iter().find(|(mark, _)| folder.join(mark).exists()).map(|(_, kind)| kind)
    }

    /// Fails, with what the folder is of, unless it is one of the kinds `allowed`; a folder of nothing known passes, to be
    /// told by who looks for its files.
    pub fn require(folder: &Path, allowed: &[Kind]) -> Result<()> {
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
            Kind::Run => "a run",
            Kind::Replicates => "replicates",
            Kind::Sweep => "a sweep",
            Kind::Comparison => "a comparison",
            Kind::Calibration => "a calibration",
            Kind::Validation => "a validation",
            Kind::Study => "a study",
        }
    }

    /// Name of the file that lists the others, and under which key.
    pub(super) fn manifest(self) -> (&'static str, &'static str) {
        match self {
            Kind::Run => ("manifest.json", "outputs"),
            Kind::Sweep => ("manifest.json", "files"),
            Kind::Replicates => ("replicates.json", "files"),
            Kind::Comparison => ("comparison.json", "files"),
            Kind::Calibration => ("calibration.json", "files"),
            Kind::Validation => ("validation.json", "files"),
            Kind::Study => ("study.json", "files"),
        }
    }
}
