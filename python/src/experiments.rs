//! Experiments of many runs. Each leaves a folder, as the command's do; its tables are read from there.

use crate::runs::now;
use crate::work::{Work, cores};
use exodus::experiment::calibrate::{Plan as CalibrationPlan, Progress, Watch, calibrate as fit};
use exodus::experiment::compare::{RunSet, compare as difference, write};
use exodus::experiment::sensitivity::{Bootstrap, Sensitivity};
use exodus::experiment::sweep::{Sweep, SweepPlan};
use exodus::experiment::validate::{Plan, validate as judge, write as write_judgement};
use exodus::files::Lock;
use exodus::storage::{FolderKind, Inventory};
use exodus::{Error, Result};
use pyo3::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

fn leave(folder: &Path, report: bool) -> Result<()> {
    if report { exodus::report::leave(folder) } else { Ok(()) }
}

fn write_sensitivity(folder: &Path, bootstrap: Bootstrap) -> Result<()> {
    let sensitivity = Sensitivity::of(folder, bootstrap)?;
    let _lock = Lock::take(folder)?;
    sensitivity.write(folder)?;
    Inventory::read(folder)?.record(&[folder.join("sensitivity.csv")])
}

/// Does a sweep, or goes on with one; its folder.
#[pyfunction]
#[pyo3(signature = (path, changes, out=None, users=None, threads=None, force=false, report=false, progress=None))]
#[allow(clippy::too_many_arguments, reason = "named, in Python")]
pub(crate) fn sweep(
    py: Python<'_>,
    path: PathBuf,
    changes: Vec<String>,
    out: Option<PathBuf>,
    users: Option<u64>,
    threads: Option<usize>,
    force: bool,
    report: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<PathBuf> {
    Work::default().run(py, None, progress.as_ref(), |work| {
        let plan = SweepPlan::read_with(&path, &changes, users)?;
        let root = out.unwrap_or_else(|| Path::new("results").join("sweeps").join(&plan.file.name));
        let needs = plan.needs(cores(threads)?, plan.runs())?;
        let sweep = Sweep::open(plan, &root, None, force, now())?;
        let (folder, design) = (sweep.folder().to_owned(), sweep.manifest().design.clone());
        work.all.store(sweep.runs(), Ordering::Relaxed);
        work.done.store(sweep.runs() - sweep.left(), Ordering::Relaxed);
        if !sweep.run(&needs, &work.stop, &|| work.step(), now)? {
            return Err(Error::stopped());
        }
        if ["sobol", "morris"].contains(&design.as_str()) {
            write_sensitivity(&folder, Bootstrap::default())?;
        }
        leave(&folder, report)?;
        Ok(folder)
    })
}

/// Computes the indices of a finished sweep into its `sensitivity.csv`.
#[pyfunction]
pub(crate) fn sensitivity(py: Python<'_>, folder: PathBuf, resamples: u32, seed: u64) -> PyResult<()> {
    Work::default().run(py, None, None, |_| {
        FolderKind::require(&folder, &[FolderKind::Sweep])?;
        if !(1..=1_000_000).contains(&resamples) {
            return Err(Error::invalid(format!("bootstrap: found {resamples}; allowed 1 to 1000000")));
        }
        write_sensitivity(&folder, Bootstrap { resamples, seed })
    })
}

/// Compares runs with the first of them; the folder, and warnings.
#[pyfunction]
#[pyo3(signature = (folders, out=None, force=false, report=false))]
pub(crate) fn compare(
    py: Python<'_>,
    folders: Vec<PathBuf>,
    out: Option<PathBuf>,
    force: bool,
    report: bool,
) -> PyResult<(PathBuf, Vec<String>)> {
    Work::default().run(py, None, None, |_| {
        let twice = folders.iter().enumerate().find(|(k, folder)| *k > 1 && folders[1..*k].contains(folder));
        if let Some((_, twice)) = twice {
            return Err(Error::invalid(format!("{}: found a second time; allowed folders that differ", twice.display())));
        }
        let sides = folders.iter().map(|folder| RunSet::open(folder)).collect::<Result<Vec<_>>>()?;
        let [reference, others @ ..] = sides.as_slice() else { return Err(Error::invalid("found no run; allowed two or more")) };
        let Some(first) = others.first() else { return Err(Error::invalid("found one run; allowed two or more")) };
        let comparisons = others.iter().map(|other| difference(reference, other)).collect::<Result<Vec<_>>>()?;
        let warnings = comparisons.iter().flat_map(|c| c.warnings.iter().map(move |w| format!("{}: {w}", c.other))).collect();
        let folder = out.unwrap_or_else(|| {
            let place = format!("{}-against-{}", first.scenario.name, reference.scenario.name);
            let root = Path::new("results").join("comparisons").join(place);
            let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S%3fZ").to_string();
            root.join(stamp)
        });
        write(&folder, &sides, &comparisons, now(), force)?;
        leave(&folder, report)?;
        Ok((folder, warnings))
    })
}

/// Calibrates, or goes on with a calibration; its folder.
#[pyfunction]
#[pyo3(signature = (path, out=None, threads=None, report=false, progress=None))]
pub(crate) fn calibrate(
    py: Python<'_>,
    path: PathBuf,
    out: Option<PathBuf>,
    threads: Option<usize>,
    report: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<PathBuf> {
    Work::default().run(py, None, progress.as_ref(), |work| {
        let plan = CalibrationPlan::read(&path)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let folder = out.unwrap_or_else(|| Path::new("results").join(format!("{stem}-calibration")));
        let on_progress = |progress: &Progress| {
            work.all.store(progress.of, Ordering::Relaxed);
            work.done.store(progress.evaluated, Ordering::Relaxed);
        };
        let found = fit(&plan, &folder, &Watch::new(cores(threads)?, &work.stop, &on_progress))?;
        if found.is_none() {
            return Err(Error::stopped());
        }
        leave(&folder, report)?;
        Ok(folder)
    })
}

/// Tests a scenario against its patterns, and writes what came of it into a folder.
#[pyfunction]
#[pyo3(signature = (path, out, users=None, replicates=None, threads=None, force=false, progress=None))]
#[allow(clippy::too_many_arguments, reason = "named, in Python")]
pub(crate) fn validate(
    py: Python<'_>,
    path: PathBuf,
    out: PathBuf,
    users: Option<u64>,
    replicates: Option<u32>,
    threads: Option<usize>,
    force: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<()> {
    Work::default().run(py, None, progress.as_ref(), |work| {
        let beside = path.with_file_name("patterns").join(path.file_name().unwrap_or_default());
        let plan = Plan::read(if beside.exists() { &beside } else { &path }, users, replicates)?;
        work.all.store(plan.runs(), Ordering::Relaxed);
        let judged = judge(&plan, plan.needs(cores(threads)?)?, &work.stop, &|| work.step())?;
        write_judgement(&out, &plan, &judged.ok_or_else(Error::stopped)?, force)
    })
}
