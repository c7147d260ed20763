//! The files of a folder of results, as its manifest lists them: with length and hash.

use super::folder_kind::FolderKind;
use super::manifest::{OutputFile, no_run};
use crate::error::{Error, Result};
use crate::files::{self, Lock};
use serde_json::{Map, Value};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What is not as the manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Path within the folder.
    pub path: String,
    /// What is wrong, in words; `None` where the file is gone.
    pub changed: Option<String>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path, self.changed.as_deref().unwrap_or("is missing"))
    }
}

/// The list of a folder's files in its manifest.
#[derive(Clone, Debug)]
pub struct Inventory {
    folder: PathBuf,
    path: PathBuf,
    key: &'static str,
    document: Map<String, Value>,
    files: Vec<OutputFile>,
}

impl Inventory {
    /// Of a folder of results. One that has no list yet (of an older version) has an empty one.
    ///
    /// Fails where the folder is not one of results, or its manifest cannot be read.
    pub fn read(folder: &Path) -> Result<Self> {
        let kind = FolderKind::of(folder).ok_or_else(|| no_run(folder, "manifest.json", "a folder of results"))?;
        let (name, key) = kind.manifest();
        let path = folder.join(name);
        let document: Map<String, Value> = match files::read_text(&path) {
            Ok(text) => serde_json::from_str(&text).map_err(|e| Error::corrupt(&path, e.to_string()))?,
            Err(error) if error.kind() == ErrorKind::NotFound => Map::new(),
            Err(error) => return Err(Error::io(&path, "reading", error)),
        };
        let listed = document.get(key).cloned().unwrap_or_else(|| Value::Array(Vec::new()));
        let files = serde_json::from_value(listed).map_err(|e| Error::corrupt(&path, format!("`{key}`: {e}")))?;
        Ok(Inventory { folder: folder.to_owned(), path, key, document, files })
    }

    /// Of files of a folder, to be read only.
    pub(crate) fn of(folder: &Path, files: Vec<OutputFile>) -> Self {
        Inventory { folder: folder.to_owned(), path: PathBuf::new(), key: "files", document: Map::new(), files }
    }

    /// The files.
    pub fn files(&self) -> &[OutputFile] {
        &self.files
    }

    /// Whether what the folder is of was not finished yet, as far as its manifest tells.
    pub fn is_unfinished(&self) -> bool {
        self.document.get("status").and_then(Value::as_str).is_some_and(|status| status != "finished")
    }

    /// Whether a file of a folder is one that `exodus report` makes.
    pub fn is_made_from_results(path: &str) -> bool {
        path == "report.html" || path.starts_with("figures/")
    }

    /// Whether it lists figures, which are the last files of all.
    pub fn has_figures(&self) -> bool {
        self.files.iter().any(|file| file.path == "figures/README.txt")
    }

    /// Lists files as they are now, in place of those of the same name, and writes the manifest.
    ///
    /// To be called by who has the folder's lock.
    pub fn record(mut self, paths: &[PathBuf]) -> Result<()> {
        for path in paths {
            let name = path.strip_prefix(&self.folder).unwrap_or(path).to_string_lossy().replace('\\', "/");
            let file = OutputFile::of(&self.folder, &name)?;
            match self.files.iter_mut().find(|old| old.path == name) {
                Some(old) => *old = file,
                None => self.files.push(file),
            }
        }
        let files = serde_json::to_value(&self.files).map_err(|e| Error::corrupt(&self.path, e.to_string()))?;
        self.document.insert(self.key.to_owned(), files);
        let text = serde_json::to_string_pretty(&self.document).map_err(|e| Error::corrupt(&self.path, e.to_string()))?;
        files::write_text(&self.path, &text)
    }

    /// What is not as it is listed.
    pub fn differences(&self) -> Result<Vec<Difference>> {
        let differences = self.files.iter().map(|file| file.difference(&self.folder));
        differences.filter_map(Result::transpose).collect()
    }

    /// Removes the listed files but for some, and the folders that this leaves empty. Nothing else is touched.
    pub fn remove(&self, but: &[&str]) -> Result<()> {
        for file in self.files.iter().filter(|file| is_inside(&file.path) && !but.contains(&file.path.as_str())) {
            let path = self.folder.join(&file.path);
            files::remove(&path)?;
            if let Some(folder) = path.parent().filter(|folder| *folder != self.folder) {
                files::remove_empty_folder(folder)?;
            }
        }
        Ok(())
    }
}

impl FolderKind {
    /// Refuses a folder as the place of new results of this kind, unless it is empty, or its manifest says that it is of this kind: then
    /// those of a work that was killed make way, finished ones only with `force`. What no manifest lists is somebody's.
    pub(crate) fn check_place(self, folder: &Path, force: bool) -> Result<()> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries.collect::<std::io::Result<Vec<_>>>().map_err(|e| Error::io(folder, "reading", e))?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::io(folder, "opening", error)),
        };
        let (mark, _) = self.manifest();
        let (place, what) = (folder.display(), self.name().trim_start_matches("a "));
        if Self::of(folder) == Some(self) {
            return match force || Inventory::read(folder)?.is_unfinished() {
                true => Ok(()),
                false => Err(Error::invalid(format!(
                    "{place}: found a folder with a {what} in it; give an empty one, or --force to overwrite the {what}"
                ))),
            };
        }
        // What the first moment leaves, in which there is no manifest yet.
        let first = [Lock::NAME.to_owned(), format!("{mark}.tmp")];
        match entries.iter().find(|entry| !first.contains(&entry.file_name().to_string_lossy().into_owned())) {
            Some(other) => {
                let other = other.path();
                Err(Error::invalid(format!("{}: found a file that no {what} lists; give an empty folder", other.display())))
            }
            None => Ok(()),
        }
    }
}

/// Whether a path in a manifest stays within its folder.
fn is_inside(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

impl OutputFile {
    /// Whether the file is still as described; a growing table (`.part`) may have become longer.
    pub(crate) fn difference(&self, folder: &Path) -> Result<Option<Difference>> {
        let path = folder.join(&self.path);
        let differs = |changed| Ok(Some(Difference { path: self.path.clone(), changed }));
        if !is_inside(&self.path) {
            return differs(Some("is a path outside the folder".into()));
        }
        let length = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => return differs(None),
            Err(error) => return Err(Error::io(&path, "reading", error)),
        };
        let grows = self.path.ends_with(".part") && length > self.bytes;
        if length != self.bytes && !grows {
            return differs(Some(format!("found {length} bytes; the manifest says {}", self.bytes)));
        }
        let found = Self::of_first(folder, &self.path, self.bytes)?;
        if found.xxh3 == self.xxh3 {
            Ok(None)
        } else {
            differs(Some("has changed: its checksum is not that of the manifest".into()))
        }
    }
}
