use crate::error::{Error, Result};
use crate::scenario::Scenario;
use std::fs;
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

/// The folder of one run.
#[derive(Debug)]
pub struct RunFolder(PathBuf);

/// UTC time of the start (such as `20251231T235959Z`) and 8 digits of the hash of (scenario, seed, users).
pub fn run_id(started: &str, scenario: &Scenario) -> Result<String> {
    let text = format!("{} {} {}", scenario.hash()?, scenario.seed, scenario.population.users);
    Ok(format!("{started}-{:08x}", xxh3_64(text.as_bytes()) as u32))
}

impl RunFolder {
    /// Makes the folder. One that exists and is not empty is refused, unless `force` and a run is in it.
    pub fn create(path: &Path, force: bool) -> Result<Self> {
        let io = |doing| move |error| Error::io(path, doing, error);
        let taken = match fs::read_dir(path) {
            Ok(mut entries) => entries.next().is_some(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
            Err(error) => return Err(Error::io(path, "opening", error)),
        };
        if taken && !force {
            return Err(Error::invalid(format!(
                "{}: found a folder with files in it; give an empty one, or --force to overwrite a run",
                path.display()
            )));
        }
        if taken && !path.join("manifest.json").exists() {
            return Err(Error::invalid(format!(
                "{}: found files but no manifest.json, so this is not a run folder; --force overwrites only runs",
                path.display()
            )));
        }
        fs::create_dir_all(path).map_err(io("creating"))?;
        Ok(RunFolder(path.to_owned()))
    }

    /// Removes what an earlier run left here, but for its scenario and its manifest, which are written over: at no moment
    /// is there a folder from which `resume` could not go on.
    pub fn clear(&self) -> Result<()> {
        let path = &self.0;
        for entry in fs::read_dir(path).map_err(|e| Error::io(path, "opening", e))? {
            let entry = entry.map_err(|e| Error::io(path, "reading", e))?.path();
            let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let removed = match () {
                () if matches!(name.as_str(), "snapshots" | "figures") && entry.is_dir() => fs::remove_dir_all(&entry),
                () if made_by_a_run(&name) && !matches!(name.as_str(), "manifest.json" | "scenario.toml") => {
                    fs::remove_file(&entry)
                }
                () => Ok(()),
            };
            removed.map_err(|error| Error::io(&entry, "removing", error))?;
        }
        Ok(())
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

fn made_by_a_run(name: &str) -> bool {
    let name = name.trim_end_matches(".part").trim_end_matches(".tmp");
    let stems = [
        "series",
        "population",
        "cohorts",
        "trace",
        "events",
        "checkpoint",
        "manifest",
        "ro-crate-metadata",
        "scenario",
        "report",
    ];
    let ends = [".csv", ".parquet", ".json", ".toml", ".exo", ".html"];
    ends.iter().filter_map(|end| name.strip_suffix(end)).any(|stem| stems.iter().any(|s| stem.starts_with(s)))
}
