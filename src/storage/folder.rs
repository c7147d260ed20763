use super::folder_kind::FolderKind;
use super::inventory::Inventory;
use super::manifest::Manifest;
use super::output::STEMS;
use super::table::{PART, Table};
use crate::error::{Error, Result};
use crate::files::{self, Lock};
use crate::scenario::{Date, Scenario};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

/// The folder of one run, which nobody else writes into while this lives.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    _lock: Lock,
}

/// UTC time of the start (such as `20251231T235959Z`) and 8 digits of the hash of (scenario, seed, users).
pub fn run_id(started: &str, scenario: &Scenario) -> Result<String> {
    let text = format!("{} {} {}", scenario.hash()?, scenario.seed, scenario.population.users);
    Ok(format!("{started}-{:08x}", xxh3_64(text.as_bytes()) as u32))
}

impl RunFolder {
    /// Refuses a folder that is not empty, unless `force` and a run is in it. What a run of this `scenario` left that never
    /// got as far as its manifest is nothing: it would be written again as it is.
    pub fn check(path: &Path, force: bool, scenario: &str) -> Result<()> {
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries.collect::<std::io::Result<Vec<_>>>().map_err(|e| Error::io(path, "reading", e))?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::io(path, "opening", error)),
        };
        let nothing = |name: &str| match name {
            Lock::NAME => true,
            "scenario.toml" => files::read_text(&path.join(name)).is_ok_and(|text| text.trim_end() == scenario.trim_end()),
            // Of a fork, whose manifest comes later.
            "events.csv" => path.join("scenario.toml").exists(),
            _ => working_files().any(|working| working == name),
        };
        let place = path.display();
        match () {
            () if entries.iter().all(|entry| nothing(&entry.file_name().to_string_lossy())) => Ok(()),
            () if !force => Err(Error::invalid(format!(
                "{place}: found a folder with files in it; give an empty one, or --force to overwrite a run"
            ))),
            () => match FolderKind::of(path) {
                Some(FolderKind::Run) => Ok(()),
                Some(other) => {
                    Err(Error::invalid(format!("{place}: found the folder of {}; --force overwrites only runs", other.name())))
                }
                None => Err(Error::invalid(format!(
                    "{place}: found files but no manifest.json, so this is not a run folder; --force overwrites only runs"
                ))),
            },
        }
    }

    /// Makes the folder of a new run of `scenario`, or takes one over that [`RunFolder::check`] lets through.
    pub fn create(path: &Path, force: bool, scenario: &str) -> Result<Self> {
        Self::check(path, force, scenario)?;
        files::create_folder(path)?;
        let folder = Self::open(path)?;
        // Somebody may have been quicker.
        Self::check(path, force, scenario)?;
        Ok(folder)
    }

    /// The folder of a run that is to continue.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(RunFolder { path: path.to_owned(), _lock: Lock::take(path)? })
    }

    /// Removes what an earlier run left here: what its manifest lists, and what runs grow and leave unfinished. Its scenario
    /// and its manifest are written over: at no moment is there a folder that `resume` could not continue.
    pub fn clear(&self) -> Result<()> {
        let path = &self.path;
        if path.join("manifest.json").exists() {
            Inventory::read(path)?.remove(&["scenario.toml", "manifest.json"])?;
            let kept = Manifest::read(path)?.snapshot_on;
            let kept: Vec<Date> = kept.iter().filter_map(|date| date.parse().ok()).collect();
            for name in kept.iter().flat_map(|date| [format!("snapshots/{date}.exo"), format!("snapshots/{date}.exo.tmp")]) {
                files::remove(&path.join(name))?;
            }
            if path.join("snapshots").exists() {
                files::remove_empty_folder(&path.join("snapshots"))?;
            }
        }
        for name in working_files() {
            files::remove(&path.join(name))?;
        }
        Ok(())
    }

    /// Removes the run, and the folder if nothing else is in it.
    pub fn remove(self) -> Result<()> {
        let unfinished = Inventory::read(&self.path)?.is_unfinished();
        self.clear()?;
        // One that was killed lists nothing yet.
        let tables = STEMS.iter().flat_map(|stem| [format!("{stem}.csv"), format!("{stem}.parquet")]);
        let written =
            ["events.csv", "ro-crate-metadata.json"].into_iter().map(str::to_owned).chain(tables).filter(|_| unfinished);
        for name in written.chain(["scenario.toml", "manifest.json"].map(str::to_owned)) {
            files::remove(&self.path.join(name))?;
        }
        let path = self.path.clone();
        drop(self);
        files::remove_empty_folder(&path)
    }

    /// Removes the growing tables of a run that is finished.
    pub fn remove_parts(&self) -> Result<()> {
        Table::remove_parts(&self.path, &STEMS)
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Files that are in a run folder only during a run.
fn working_files() -> impl Iterator<Item = String> {
    let written =
        ["manifest.json", "scenario.toml", "events.csv", "ro-crate-metadata.json", "report.html", "checkpoint.next.exo"];
    let tables = STEMS.iter().flat_map(|stem| [format!("{stem}.parquet.tmp"), format!("{stem}.csv.tmp")]);
    let growing = STEMS.iter().chain(&["events"]).map(|stem| format!("{stem}{PART}"));
    let checkpoints = ["checkpoint.exo", "checkpoint.old.exo", "checkpoint.next.exo"].map(str::to_owned);
    written.into_iter().map(|name| format!("{name}.tmp")).chain(tables).chain(growing).chain(checkpoints)
}
