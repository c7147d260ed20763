use crate::error::Error;
use crate::storage::FolderKind;
use std::path::Path;

/// What a folder is of; one that is not known is looked at as a run's, of which messages then say what is missing.
pub(super) fn kind_of(folder: &Path) -> FolderKind {
    FolderKind::of(folder).unwrap_or(FolderKind::Run)
}

/// Of a folder that has tables alone.
pub(super) fn no_page(folder: &Path) -> Error {
    let place = folder.display();
    Error::invalid(format!(
        "{place}: found the folder of a validation, which has no page and no figures; allowed one of another kind"
    ))
}
