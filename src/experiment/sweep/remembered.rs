//! `runs.csv.part`: the outputs of each run of a search, so that one that was killed is answered from it and continues.

use super::folder::text;
use super::plan::SweepPlan;
use crate::error::{Error, Result};
use crate::files::{self, Writer};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use xxhash_rust::xxh3::xxh3_128;

/// Name of the file.
const NAME: &str = "runs.csv.part";

/// What runs came to, by point and replicate.
pub(super) struct Remembered {
    path: PathBuf,
    known: BTreeMap<(u32, u32), Vec<f64>>,
    growing: Mutex<Writer>,
}

impl Remembered {
    /// What a folder remembers of this plan; nothing where the file is of another, or there is none.
    pub(super) fn open(folder: &Path, plan: &SweepPlan) -> Result<Self> {
        let path = folder.join(NAME);
        let first = format!("# {}\n", identity(plan)?);
        let there = match files::open_lines(&path) {
            Ok(file) => std::io::read_to_string(file).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Error::io(&path, "opening", error)),
        };
        // The last line may have been cut off by a kill.
        let whole = if there.starts_with(&first) { there.rfind('\n').map_or(0, |end| end + 1) } else { 0 };
        let row = |line: &str| {
            // A damaged row is as good as none: its run is regenerated.
            let mut cells = crate::tables::unchecked(line)?.split(',');
            let run = (cells.next()?.parse().ok()?, cells.next()?.parse().ok()?);
            let outputs: Vec<f64> = cells.map(|cell| cell.parse().ok()).collect::<Option<_>>()?;
            (outputs.len() == plan.file.outputs.len()).then_some((run, outputs))
        };
        let known = there[..whole].lines().skip(1).filter_map(row).collect();
        let growing = match whole {
            0 => {
                let mut file = Writer::create(&path)?;
                file.write_all(first.as_bytes()).map_err(|e| Error::io(&path, "writing", e))?;
                file
            }
            _ => Writer::reopen(&path, whole as u64)?,
        };
        Ok(Remembered { path, known, growing: Mutex::new(growing) })
    }

    /// The outputs of a run, as remembered, or as `run` makes them.
    pub(super) fn outputs(&self, point: u32, replicate: u32, run: impl FnOnce() -> Result<Vec<f64>>) -> Result<Vec<f64>> {
        if let Some(outputs) = self.known.get(&(point, replicate)) {
            return Ok(outputs.clone());
        }
        let outputs = run()?;
        let cells: Vec<String> = outputs.iter().map(f64::to_string).collect();
        let line = crate::tables::checked(&format!("{point},{replicate},{}", cells.join(","))) + "\n";
        // In one piece and at once, so that a kill costs only what was under way.
        let mut file = self.growing.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes()).map_err(|e| Error::io(&self.path, "writing", e))?;
        Ok(outputs)
    }

    /// Removes what a finished search does not need.
    pub(super) fn remove(folder: &Path) -> Result<()> {
        files::remove(&folder.join(NAME))
    }
}

/// What runs depend on besides point and replicate.
fn identity(plan: &SweepPlan) -> Result<String> {
    let all = format!("{}\n{}\n{}", text(plan)?, plan.text, env!("CARGO_PKG_VERSION"));
    Ok(format!("{:032x}", xxh3_128(all.as_bytes())))
}
