//! The folder of a sweep: begun, resumed, split into shards and joined again.

use super::manifest::SweepManifest;
use super::plan::SweepPlan;
use super::rows::{HEAD, Index, is_rows, record};
use crate::error::{Error, Result};
use crate::files::{self, Lock};
use crate::observe::ValueType;
use crate::storage::{Cells, Inventory, OutputFile, PARQUET, PARQUET_ROWS, write_parquet};
use crate::tables::damaged_table;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::Xxh3;

/// A part of a sweep: of the runs 0, 1, 2, … every `of`-th from `index` - 1 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    of: u32,
}

impl Shard {
    /// Shard `index` of `of`, counted from 1; `None` where there is no such shard.
    pub fn new(index: u32, of: u32) -> Option<Self> {
        (1..=of).contains(&index).then_some(Shard { index, of })
    }

    /// Whether run `run` belongs to it.
    pub(super) fn has(self, run: u32) -> bool {
        run % self.of == self.index - 1
    }

    /// How many of so many runs do.
    pub(super) fn runs(self, all: u64) -> u64 {
        all / u64::from(self.of) + u64::from(all % u64::from(self.of) >= u64::from(self.index))
    }

    fn folder(self, root: &Path) -> PathBuf {
        root.join(format!("shard-{}-of-{}", self.index, self.of))
    }

    /// The shard whose folder has this name.
    fn of_folder(name: &str) -> Option<Self> {
        let (index, of) = name.strip_prefix("shard-")?.split_once("-of-")?;
        Self::new(index.parse().ok()?, of.parse().ok()?)
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let parts = text.split_once('/').and_then(|(index, of)| Self::new(index.parse().ok()?, of.parse().ok()?));
        parts.ok_or_else(|| format!("found {text:?}; allowed I/N with I from 1 to N, such as 2/8"))
    }
}

/// The file without which a folder is not a sweep's; it is written last.
const SWEEP: &str = "sweep.toml";
const SCENARIO: &str = "scenario.toml";
const MANIFEST: &str = "manifest.json";
const POINTS: &str = "points.csv";
/// With which a sweep begins.
const BEGINNING: [&str; 4] = [SCENARIO, POINTS, MANIFEST, SWEEP];
const RESULTS: [&str; 2] = ["results.csv", "results.parquet"];

/// Begins or resumes a sweep; its folder, which is now locked, and its manifest.
pub(super) fn open(
    plan: &SweepPlan,
    root: &Path,
    shard: Option<Shard>,
    force: bool,
    started: String,
) -> Result<(PathBuf, Lock, SweepManifest)> {
    let folder = shard.map_or(root.to_owned(), |shard| shard.folder(root));
    match shard {
        None if !shards(root)?.is_empty() => {
            return Err(Error::invalid(format!(
                "{}: found a sweep in shards; join them with `exodus sweep merge`, or give another --out",
                root.display()
            )));
        }
        Some(_) if entries(root)?.iter().any(|path| is_rows(path)) => {
            return Err(Error::invalid(format!("{}: found a sweep without shards; give another --out", root.display())));
        }
        _ => {}
    }
    let text = text(plan)?;
    check_empty(plan, &folder)?;
    files::create_folder(&folder)?;
    let lock = Lock::take(&folder)?;
    // Somebody may have been quicker.
    check_empty(plan, &folder)?;
    let there = folder.join(SWEEP).exists();
    if there && !force {
        let manifest = SweepManifest::read(&folder)?;
        let mut same = manifest.exodus_version == env!("CARGO_PKG_VERSION");
        for (name, text) in [(SWEEP, &text), (SCENARIO, &plan.text)] {
            same &= read(&folder.join(name))?.trim_end() == text.trim_end();
        }
        if !same {
            return Err(Error::invalid(format!(
                "{}: found another sweep, or this one before its file, its scenario or exodus changed; \
                 give another --out, or --force to begin anew",
                folder.display()
            )));
        }
        check_files(&folder)?;
        return Ok((folder, lock, manifest));
    }
    if there {
        clear(&folder)?;
    }
    let mut manifest = SweepManifest::new(plan, shard.map(|shard| shard.to_string()), started)?;
    write(plan, &folder, &text, &mut manifest)?;
    Ok((folder, lock, manifest))
}

/// The sweep file as it is in the folder.
pub(super) fn text(plan: &SweepPlan) -> Result<String> {
    toml::to_string(&plan.file).map_err(|e| Error::invalid(format!("the sweep cannot be written as TOML: {e}")))
}

/// Holds all that the manifest lists against it, but for what is regenerated from the rest.
///
/// Fails where a file has changed or is gone.
fn check_files(folder: &Path) -> Result<()> {
    let differences = Inventory::read(folder)?.differences()?;
    let again = |path: &str| path == "sensitivity.csv" || Inventory::is_made_from_results(path);
    match differences.iter().find(|difference| !again(&difference.path)) {
        Some(difference) => Err(Error::corrupt(folder, format!("{difference}; put it back, or give --force to start over"))),
        None => Ok(()),
    }
}

/// Everything but rows and results; the manifest lists it.
fn write(plan: &SweepPlan, folder: &Path, text: &str, manifest: &mut SweepManifest) -> Result<()> {
    files::write_text(&folder.join(SCENARIO), &plan.text)?;
    files::write(&folder.join(POINTS), |out| write_points(plan, out))?;
    let [scenario, points] = [SCENARIO, POINTS].map(|name| OutputFile::of(folder, name));
    manifest.files = vec![scenario?, points?, OutputFile::of_text(SWEEP, text)];
    manifest.write(folder)?;
    files::write_text(&folder.join(SWEEP), text)
}

fn write_points(plan: &SweepPlan, out: &mut impl Write) -> std::io::Result<()> {
    let names = plan.design().factors().iter().map(|factor| factor.name().to_owned());
    out.write_all(record(std::iter::once("point".to_owned()).chain(names))?.as_bytes())?;
    for p in 0..plan.design().points() as u32 {
        let values = plan.design().point(p).into_iter().map(|value| value.to_string());
        out.write_all(record(std::iter::once(p.to_string()).chain(values))?.as_bytes())?;
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.map(|e| e.path()).map_err(|e| Error::io(folder, "reading", e))).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::io(folder, "opening", error)),
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Refuses a folder that is not a sweep's with files in it. What the first moment of this sweep leaves is nothing: it would be written again
/// as it is.
fn check_empty(plan: &SweepPlan, folder: &Path) -> Result<()> {
    if folder.join(SWEEP).exists() {
        return Ok(());
    }
    let nothing = |path: &PathBuf| match name(path).as_str() {
        SCENARIO => files::read_text(path).is_ok_and(|text| text.trim_end() == plan.text.trim_end()),
        POINTS => is_points(plan, folder),
        MANIFEST => [SCENARIO, POINTS].iter().all(|name| folder.join(name).exists()),
        // Of a scheduler that is to run it.
        name => name == Lock::NAME || BEGINNING.iter().any(|file| name == format!("{file}.tmp")) || name.starts_with("slurm"),
    };
    match entries(folder)?.iter().find(|path| !nothing(path)) {
        Some(other) => {
            Err(Error::invalid(format!("{}: found a file that no sweep wrote; give an empty folder", other.display())))
        }
        None => Ok(()),
    }
}

/// Whether the points of this sweep are there.
fn is_points(plan: &SweepPlan, folder: &Path) -> bool {
    let (mut hasher, mut bytes) = (Xxh3::new(), 0);
    let mut counted = Counted(&mut hasher, &mut bytes);
    write_points(plan, &mut counted).is_ok()
        && OutputFile::of(folder, POINTS).is_ok_and(|there| there == OutputFile::new(POINTS, bytes, &hasher))
}

/// A hasher that counts.
struct Counted<'a>(&'a mut Xxh3, &'a mut u64);

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        *self.1 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Removes what a sweep left, but for what makes the folder a sweep's and is written over, and for its shards. Results that were not listed
/// yet are a killed one's.
fn clear(folder: &Path) -> Result<()> {
    Inventory::read(folder)?.remove(&BEGINNING)?;
    let left = |path: &Path| {
        let name = name(path);
        is_rows(path) || RESULTS.contains(&name.trim_end_matches(".tmp"))
    };
    entries(folder)?.iter().filter(|path| left(path)).try_for_each(|path| files::remove(path))
}

fn read(path: &Path) -> Result<String> {
    files::read_text(path).map_err(|e| Error::io(path, "reading", e))
}

/// Shards in a folder, in order.
fn shards(root: &Path) -> Result<Vec<Shard>> {
    let mut shards: Vec<Shard> = entries(root)?.iter().filter_map(|path| Shard::of_folder(&name(path))).collect();
    shards.sort_by_key(|shard| (shard.of, shard.index));
    Ok(shards)
}

/// Folders of the shards in a sweep's folder.
pub(crate) fn shard_folders(root: &Path) -> Result<Vec<PathBuf>> {
    Ok(shards(root)?.iter().map(|shard| shard.folder(root)).collect())
}

/// Reads the rows of a sweep's runs against their checksums; a finished one has none.
pub(crate) fn check_rows(folder: &Path) -> Result<()> {
    if entries(folder)?.iter().any(|path| is_rows(path)) {
        Index::read(&[folder.to_owned()], &SweepPlan::read(&folder.join(SWEEP))?)?;
    }
    Ok(())
}

/// Writes `results.csv` and `results.parquet` of a sweep whose runs are all finished, of its shards where it has any.
/// `finished` is the UTC time, RFC 3339.
///
/// Fails where shards do not belong together, or runs are missing; the message lists them.
pub fn merge(root: &Path, finished: String) -> Result<SweepManifest> {
    if !root.is_dir() {
        return Err(Error::invalid(format!("{}: found no folder; allowed that of a sweep", root.display())));
    }
    let _lock = Lock::take(root)?;
    join(root, finished)
}

/// The same by who has the folder's lock.
pub(super) fn join(root: &Path, finished: String) -> Result<SweepManifest> {
    let shards = shards(root)?;
    let folders: Vec<PathBuf> = match shards.len() {
        0 => vec![root.to_owned()],
        _ => shards.iter().map(|shard| shard.folder(root)).collect(),
    };
    let here: Vec<PathBuf> = folders.iter().filter(|folder| folder.join(SWEEP).exists()).cloned().collect();
    let Some(first) = here.first() else {
        return Err(Error::invalid(format!("{}: found no {SWEEP}; allowed the folder of a sweep", root.display())));
    };
    here.iter().try_for_each(|folder| check_files(folder))?;
    let mut manifest = SweepManifest::read(first)?;
    if shards.is_empty() && manifest.status == "finished" {
        remove_rows(root)?;
        return Ok(manifest);
    }
    for folder in &here[1..] {
        manifest.started = manifest.started.min(SweepManifest::read(folder)?.started);
        for name in [SWEEP, SCENARIO] {
            if read(&folder.join(name))? != read(&first.join(name))? {
                return Err(Error::corrupt(
                    folder,
                    format!("is a shard of another sweep than {}: {name} differs", first.display()),
                ));
            }
        }
    }
    if let Some(other) = shards.iter().find(|shard| shard.of != shards[0].of) {
        let found = format!("found shards {} and {other}; allowed those of one number", shards[0]);
        return Err(Error::corrupt(root, found));
    }
    let plan = SweepPlan::read(&first.join(SWEEP))?;
    let index = Index::read(&here, &plan)?;
    check_complete(root, &plan, &index, shards.first().map(|shard| shard.of))?;
    manifest.shard = None;
    if !shards.is_empty() {
        write(&plan, root, &text(&plan)?, &mut manifest)?;
    }
    write_results(root, &plan, &index)?;
    for name in &RESULTS[..if PARQUET { 2 } else { 1 }] {
        manifest.files.push(OutputFile::of(root, name)?);
    }
    manifest.status = "finished".into();
    manifest.finished = Some(finished);
    manifest.write(root)?;
    remove_rows(root)?;
    Ok(manifest)
}

/// Rows are in the results once the manifest says so.
pub(super) fn remove_rows(folder: &Path) -> Result<()> {
    let mut rows = entries(folder)?.into_iter().filter(|path| is_rows(path));
    rows.try_for_each(|path| files::remove(&path))
}

/// Runs named in a message.
const NAMED: usize = 10;

fn check_complete(root: &Path, plan: &SweepPlan, index: &Index, shards: Option<u32>) -> Result<()> {
    if index.finished() == plan.runs() {
        return Ok(());
    }
    let missing = |shard: Option<Shard>| {
        let runs = (0..plan.runs() as u32).filter(move |&run| !index.has(run) && shard.is_none_or(|shard| shard.has(run)));
        let named: Vec<String> = runs
            .clone()
            .take(NAMED)
            .map(|run| {
                let (point, replicate) = plan.run(run);
                format!("point {point} replicate {replicate}")
            })
            .collect();
        let more = if runs.clone().count() > NAMED { ", …" } else { "" };
        (runs.count(), format!("{}{more}", named.join(", ")))
    };
    let mut lines = vec![format!("found {} of {} runs finished", index.finished(), plan.runs())];
    let parts: Vec<Option<Shard>> = match shards {
        Some(of) => (1..=of).map(|index| Shard::new(index, of)).collect(),
        None => vec![None],
    };
    for shard in parts {
        let (count, named) = missing(shard);
        if count > 0 {
            let whose = shard.map_or(String::new(), |shard| format!("shard {shard}: "));
            lines.push(format!("{whose}{count} missing: {named}"));
        }
    }
    Err(Error::corrupt(root, lines.join("\n")))
}

fn write_results(folder: &Path, plan: &SweepPlan, index: &Index) -> Result<()> {
    let [csv, parquet] = RESULTS.map(|name| folder.join(name));
    let factors = plan.design().factors().iter().map(|factor| factor.name().to_owned()).zip(plan.kinds().iter().copied());
    let outputs = plan.file.outputs.iter().map(|output| (output.name(), ValueType::Float(6)));
    let head = HEAD.map(|name| (name.to_owned(), ValueType::Int));
    let columns: Vec<(String, ValueType)> = head.into_iter().chain(factors).chain(outputs).collect();
    files::write(&csv, |out| {
        out.write_all(record(columns.iter().map(|(name, _)| name.clone()))?.as_bytes())?;
        index.each(|run, row| {
            let mut cells: Vec<String> = row.split(',').map(str::to_owned).collect();
            let outputs = cells.split_off(HEAD.len());
            let values = plan.design().point(plan.run(run).0).into_iter().map(|value| value.to_string());
            out.write_all(record(cells.into_iter().chain(values).chain(outputs))?.as_bytes())
        })
    })?;
    if PARQUET { as_parquet(&csv, &parquet, &columns) } else { Ok(()) }
}

/// Results again, as Parquet. The numbers of a row are text since they were put down, with all their digits.
fn as_parquet(csv: &Path, target: &Path, columns: &[(String, ValueType)]) -> Result<()> {
    let mut reader = files::open_table(csv, &csv::ReaderBuilder::new()).map_err(|e| damaged_table(csv, e))?;
    let mut records = reader.records();
    write_parquet(target, columns, || {
        let mut cells: Vec<Cells> = columns.iter().map(|(_, kind)| Cells::of(*kind)).collect();
        for record in records.by_ref().take(PARQUET_ROWS) {
            let record = record.map_err(|e| damaged_table(csv, e))?;
            for ((cells, (name, kind)), text) in cells.iter_mut().zip(columns).zip(&record) {
                if !cells.push_text(text) {
                    return Err(Error::corrupt(csv, format!("column {name}: `{text}` is not a {kind:?}")));
                }
            }
        }
        Ok(Some(cells).filter(|cells| cells.first().is_some_and(|first| !first.is_empty())))
    })
}
