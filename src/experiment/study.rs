//! What an experiment says that is more than a table: a folder of tables with `study.json`, from which page and figures are made.

use crate::error::{Error, Result};
use crate::files::{self, Lock};
use crate::scenario::Scenario;
use crate::storage::{FolderKind, Inventory, OutputFile, Table, machine};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The file that makes a folder that of a study; it is written first, and again at the end.
const NAME: &str = "study.json";

/// `study.json`: what was asked, what came out in words and figures, and the files beside it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Study {
    /// Version of exodus.
    pub exodus_version: String,
    /// Commit of the sources it was built from.
    pub git_commit: String,
    /// Compiler.
    pub rustc: String,
    /// Target triple.
    pub target: String,
    /// Processor.
    pub cpu: String,
    /// UTC time, RFC 3339.
    pub made: String,
    /// `running` or `finished`; a running one has no results yet.
    pub status: String,
    /// Heading of the page.
    pub title: String,
    /// What was asked and how, in a paragraph.
    pub text: String,
    /// The command that makes it again in this folder, without `--out`.
    pub command: String,
    /// Name and xxh3-128 of the scenario in `scenario.toml`.
    pub scenario: [String; 2],
    /// Seed of the first run.
    pub seed: u64,
    /// Users of each run.
    pub users: u64,
    /// What came out, in numbers.
    pub numbers: StudyTable,
    /// What came out, to look at.
    pub figures: Vec<StudyFigure>,
    /// Every file written, with its size and xxh3-64.
    pub files: Vec<OutputFile>,
}

/// A table in words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StudyTable {
    /// What is in it.
    pub note: String,
    /// Heads of its columns.
    pub head: Vec<String>,
    /// Its rows; the first cell names the row.
    pub rows: Vec<Vec<String>>,
}

/// A figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyFigure {
    /// Name of its file.
    pub name: String,
    /// Heading.
    pub title: String,
    /// What is to be seen.
    pub text: String,
    /// The figure.
    pub plot: Plot,
}

/// Its kinds. A number that cannot be had is null.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Plot {
    /// Bars from zero, with intervals.
    Bars {
        /// What is counted: `people`, `share` or `number`.
        unit: String,
        /// From above.
        bars: Vec<Bar>,
    },
    /// Lines over numbers or days.
    Lines {
        /// What is counted: `people`, `share` or `number`.
        unit: String,
        /// What they go along; empty of days.
        what: String,
        /// Numbers, or days (ISO 8601), in order.
        along: Vec<String>,
        /// The lines.
        lines: Vec<StudyLine>,
    },
    /// A value for each pair of levels.
    Map {
        /// Across, and upwards.
        factors: [String; 2],
        /// Levels of both.
        levels: [Vec<String>; 2],
        /// By level upwards, then across.
        cells: Vec<Vec<Option<f64>>>,
    },
}

/// A bar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// Whose.
    pub name: String,
    /// Its end.
    pub value: Option<f64>,
    /// Lower and upper end of its interval.
    pub interval: [Option<f64>; 2],
}

/// A line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyLine {
    /// Whose.
    pub name: String,
    /// A value for each place.
    pub values: Vec<Option<f64>>,
    /// Lower and upper ends of a band; empty where there is none.
    pub band: [Vec<Option<f64>>; 2],
    /// What was measured: a place's index and the value.
    pub points: Vec<(usize, f64)>,
}

/// The number, unless it cannot be had.
pub fn known(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

impl Study {
    /// A study of a scenario with nothing in it yet. `made` is the UTC time, RFC 3339.
    pub fn of(scenario: &Scenario, made: String) -> Result<Self> {
        let [git_commit, rustc, target] = machine::BUILT.map(str::to_owned);
        Ok(Study {
            exodus_version: env!("CARGO_PKG_VERSION").to_owned(),
            git_commit,
            rustc,
            target,
            cpu: machine::cpu(),
            made,
            status: "running".into(),
            scenario: [scenario.name.clone(), scenario.hash()?],
            seed: scenario.seed,
            users: scenario.population.users,
            ..Study::default()
        })
    }

    /// Reads that of a folder.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        let text = files::read_text(&path).map_err(|e| Error::io(&path, "reading", e))?;
        serde_json::from_str(&text).map_err(|e| Error::corrupt(&path, format!("is no study: {e}")))
    }

    /// Takes the folder for this study and says there what is to come, with the scenario and texts by name, so that a folder whose study was
    /// killed is known as one. It is made where there is none.
    ///
    /// Fails where something else is in the folder, or a finished study unless `force`: then all that it lists makes way but `kept`.
    pub fn begin(
        self,
        folder: &Path,
        force: bool,
        scenario: &Scenario,
        texts: &[(&str, String)],
        kept: &[&str],
    ) -> Result<StudyFolder> {
        Self::check(folder, force)?;
        files::create_folder(folder)?;
        let lock = Lock::take(folder)?;
        // Somebody may have been quicker.
        Self::check(folder, force)?;
        if folder.join(NAME).exists() {
            Inventory::read(folder)?.remove(kept)?;
        }
        self.put(folder)?;
        let scenario = ("scenario.toml", scenario.to_toml()?);
        let mut files = Vec::new();
        for (name, text) in std::iter::once(&scenario).chain(texts) {
            files::write_text(&folder.join(name), text)?;
            files.push(OutputFile::of_text(name, text));
        }
        Ok(StudyFolder { path: folder.to_owned(), files, _lock: lock })
    }

    /// Writes the tables and, last, `study.json`, which lists all files.
    pub fn end(mut self, folder: &StudyFolder, tables: impl FnOnce(&Path) -> Result<Vec<Table>>) -> Result<()> {
        self.files.extend(folder.files.iter().cloned());
        for table in tables(&folder.path)? {
            self.files.extend(table.finish(true, false)?);
        }
        self.status = "finished".into();
        self.put(&folder.path)
    }

    fn put(&self, folder: &Path) -> Result<()> {
        let path = folder.join(NAME);
        let text = serde_json::to_string_pretty(self).map_err(|e| Error::corrupt(&path, e.to_string()))?;
        files::write_text(&path, &text)
    }

    /// Refuses a folder with anything else in it, or with an older study unless `force`: known before anything is read or made.
    pub fn check(folder: &Path, force: bool) -> Result<()> {
        FolderKind::Study.check_place(folder, force)
    }
}

/// The folder of a study that is under way, into which nobody else writes while this lives.
#[derive(Debug)]
pub struct StudyFolder {
    path: PathBuf,
    /// Its texts.
    files: Vec<OutputFile>,
    _lock: Lock,
}

impl StudyFolder {
    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
