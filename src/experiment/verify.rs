//! Whether a folder of results is as its manifest says.

use super::Replicates;
use super::checkpoints::Checkpoints;
use super::sweep;
use crate::error::{Error, Result};
use crate::storage::{FolderKind, Inventory, Manifest};
use std::path::{Path, PathBuf};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Files that were checked.
    pub files: usize,
    /// What differs, a line each: the path within the folder, and what is wrong with it.
    pub differences: Vec<String>,
    /// Whether what the folder is of, or a part of it, was not finished yet.
    pub unfinished: bool,
}

/// Reads every file that the manifest of a folder lists, those of runs in it too. Of a run that is not finished these are the
/// files of its newest checkpoint; of a sweep that is not, also the rows of its runs.
///
/// Fails where the folder is not one of results, or a manifest cannot be read.
pub fn verify(folder: &Path) -> Result<Verified> {
    let mut verified = Verified::default();
    for part in parts(folder)? {
        let inside = part.strip_prefix(folder).unwrap_or(Path::new(""));
        let one = of_one(&part)?;
        verified.files += one.files;
        verified.differences.extend(one.differences.into_iter().map(|line| inside.join(line).display().to_string()));
        verified.unfinished |= one.unfinished;
    }
    Ok(verified)
}

/// The folder and those in it that have manifests of their own.
fn parts(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut parts = Vec::new();
    if FolderKind::of(folder) == Some(FolderKind::Replicates) {
        // Those that were never begun are no folders yet.
        parts.extend(Replicates::open(folder)?.runs().into_iter().filter(|run| run.join("manifest.json").exists()));
    } else {
        parts.extend(sweep::shard_folders(folder)?);
    }
    if parts.is_empty() || FolderKind::of(folder).is_some() {
        parts.insert(0, folder.to_owned());
    }
    Ok(parts)
}

fn of_one(folder: &Path) -> Result<Verified> {
    let manifest = Inventory::read(folder)?;
    let unfinished = manifest.is_unfinished();
    let of = |inventory: &Inventory, unfinished: bool| -> Result<Verified> {
        let differences = inventory.differences()?.iter().map(ToString::to_string).collect();
        Ok(Verified { files: inventory.files().len(), differences, unfinished })
    };
    match FolderKind::of(folder) {
        Some(FolderKind::Run) => match Checkpoints::newest(folder).filter(|_| unfinished) {
            Some(checkpoint) => {
                let progress = checkpoint.metadata().run.clone().unwrap_or_default();
                let then: Manifest =
                    serde_json::from_str(&progress.manifest).map_err(|e| Error::corrupt(checkpoint.path(), e.to_string()))?;
                of(&Inventory::of(folder, then.outputs), true)
            }
            // Page and figures come after all else.
            None => of(&manifest, unfinished || Manifest::read(folder)?.report && !manifest.has_figures()),
        },
        Some(FolderKind::Sweep) => {
            let mut found = of(&manifest, unfinished)?;
            if found.differences.is_empty() {
                found.differences.extend(sweep::check_rows(folder).err().map(|error| error.to_string()));
            }
            Ok(found)
        }
        Some(FolderKind::Replicates) => of(&manifest, manifest.files().is_empty()),
        _ => of(&manifest, unfinished),
    }
}
