use super::kind::kind_of;
use super::{FigureWidth, write_figures, write_page};
use crate::error::Result;
use crate::files::Lock;
use crate::storage::{FolderKind, Inventory, Manifest};
use std::path::Path;

/// What experiments end with: the page and the figures, listed in the folder's manifest. By who does not hold its lock.
pub fn leave(folder: &Path) -> Result<()> {
    let _lock = Lock::take(folder)?;
    leave_locked(folder)
}

/// The same by who holds it.
pub fn leave_locked(folder: &Path) -> Result<()> {
    let figures = write_figures(folder, FigureWidth::default())?;
    // Figures take the most memory: the page says how much it was.
    if kind_of(folder) == FolderKind::Run {
        Manifest::note_memory(folder)?;
    }
    let mut paths = vec![write_page(folder)?];
    paths.extend(figures);
    Inventory::read(folder)?.record(&paths)
}
