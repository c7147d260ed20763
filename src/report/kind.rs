use crate::error::{Error, Result};
use crate::storage::{FolderKind, Inventory};
use std::path::Path;

/// What a folder is of; one that is not known is treated as a run's, of which messages then say what is missing.
pub(super) fn kind_of(folder: &Path) -> FolderKind {
    FolderKind::of(folder).unwrap_or(FolderKind::Run)
}

/// What a folder is of that is to be shown. Fails where it is made in one go and is not finished: there is nothing to be seen yet.
pub(super) fn kind_to_show(folder: &Path) -> Result<FolderKind> {
    let kind = kind_of(folder);
    if matches!(kind, FolderKind::Comparison | FolderKind::Study) && Inventory::read(folder)?.is_unfinished() {
        let (place, what) = (folder.display(), kind.name());
        let found = format!("found {what} that is not finished; allowed a finished one (`exodus resume` says the command)");
        return Err(Error::invalid(format!("{place}: {found}")));
    }
    Ok(kind)
}

/// Of a folder that has tables alone.
pub(super) fn no_page(folder: &Path) -> Error {
    let place = folder.display();
    Error::invalid(format!(
        "{place}: found the folder of a validation, which has no page and no figures; allowed one of another kind"
    ))
}
