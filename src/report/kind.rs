use crate::storage::FolderKind;
use std::path::Path;

/// What a folder is of; one that is not known is looked at as a run's, of which messages then say what is missing.
pub(super) fn kind_of(folder: &Path) -> FolderKind {
    FolderKind::of(folder).unwrap_or(FolderKind::Run)
}
