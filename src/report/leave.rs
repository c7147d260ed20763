use super::{FigureWidth, write_figures, write_page};
use crate::error::Result;
use crate::files::Lock;
use crate::storage::Inventory;
use std::path::Path;

/// What experiments end with: the page and the figures, listed in the folder's manifest. By who does not hold its lock.
pub fn leave(folder: &Path) -> Result<()> {
    let _lock = Lock::take(folder)?;
    leave_locked(folder)
}

/// The same by who holds it.
pub fn leave_locked(folder: &Path) -> Result<()> {
    let mut paths = vec![write_page(folder)?];
    paths.extend(write_figures(folder, FigureWidth::default())?);
    Inventory::read(folder)?.record(&paths)
}
