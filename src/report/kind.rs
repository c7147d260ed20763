use crate::experiment::Replicates;
use crate::experiment::calibrate::Found;
use crate::experiment::compare::ComparisonManifest;
use crate::experiment::sweep::SweepManifest;
use std::path::Path;

/// What a folder of results is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A run, finished or not; or nothing that is known.
    Run,
    Replicates,
    Sweep,
    Comparison,
    Calibration,
}

impl Kind {
    pub(super) fn of(folder: &Path) -> Self {
        match () {
            () if Replicates::is_here(folder) => Kind::Replicates,
            () if SweepManifest::is_here(folder) => Kind::Sweep,
            () if ComparisonManifest::is_here(folder) => Kind::Comparison,
            () if Found::is_here(folder) => Kind::Calibration,
            () => Kind::Run,
        }
    }
}
