//! Runs that leave a folder, as the command's do.

use crate::error::raised;
use crate::scenario::Scenario;
use crate::work::{Work, pool};
use exodus::engine::plan;
use exodus::experiment::{Run, RunOptions};
use exodus::scenario::{self, Date};
use exodus::storage::snapshot::Snapshot;
use exodus::storage::{FolderKind, Manifest, run_id};
use exodus::{Error, Result};
use pyo3::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The UTC time, RFC 3339.
pub(crate) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The folder that is asked for, or one of its own for this run.
fn folder_of(scenario: &scenario::Scenario, out: Option<PathBuf>) -> Result<PathBuf> {
    let own = || -> Result<PathBuf> {
        let id = run_id(&jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string(), scenario)?;
        Ok(Path::new("results").join(&scenario.name).join(id))
    };
    out.map_or_else(own, Ok)
}

/// Simulates to the end; where it is stopped, the run is left to be resumed.
fn drive(mut run: Run, work: &Work, report: bool) -> Result<()> {
    let folder = run.folder().to_owned();
    work.all.store(u64::from(run.simulation().scenario().days()), Ordering::Relaxed);
    work.done.store((run.simulation().day() + 1) as u64, Ordering::Relaxed);
    while !run.simulation().finished() && !work.stopped() {
        run.day()?;
        work.step();
    }
    if !run.simulation().finished() {
        run.pause()?;
        return Err(Error::stopped());
    }
    let manifest = run.end(now())?;
    if report && manifest.report { exodus::report::leave(&folder) } else { Ok(()) }
}

/// Runs a scenario; the folder of the run.
#[pyfunction]
#[pyo3(signature = (scenario, out=None, force=false, report=false, threads=None, checkpoint_every=None, snapshot_on=vec![], progress=None))]
#[allow(clippy::too_many_arguments, reason = "named, in Python")]
pub(crate) fn run(
    py: Python<'_>,
    scenario: &Scenario,
    out: Option<PathBuf>,
    force: bool,
    report: bool,
    threads: Option<usize>,
    checkpoint_every: Option<u32>,
    snapshot_on: Vec<String>,
    progress: Option<Py<PyAny>>,
) -> PyResult<PathBuf> {
    let scenario = scenario.0.clone();
    let prepared = (|| {
        let days = snapshot_on.iter().map(|text| {
            let allowed = || Error::invalid(format!("snapshot_on: found {text:?}; allowed days, such as 2026-12-31"));
            text.parse::<Date>().map_err(|_| allowed())
        });
        let (folder, days) = (folder_of(&scenario, out)?, days.collect::<Result<Vec<_>>>()?);
        Ok((folder, days, pool(threads)?, plan::check(&scenario, scenario.population.users)?))
    })();
    let (folder, snapshot_on, pool, predicted_bytes) = prepared.map_err(|error| raised(py, &error))?;
    let work = Work::default();
    let options = RunOptions {
        folder: folder.clone(),
        force,
        report,
        predicted_bytes,
        started: now(),
        checkpoint_every,
        snapshot_on,
        stop: Arc::clone(&work.stop),
        ..RunOptions::default()
    };
    work.run(py, Some(&pool), progress.as_ref(), |work| drive(Run::begin(scenario, &options)?, work, report))?;
    Ok(folder)
}

/// Goes on with a run that was stopped or killed; nothing where it is finished.
#[pyfunction]
#[pyo3(signature = (folder, threads=None, checkpoint_every=None, progress=None))]
pub(crate) fn resume(
    py: Python<'_>,
    folder: PathBuf,
    threads: Option<usize>,
    checkpoint_every: Option<u32>,
    progress: Option<Py<PyAny>>,
) -> PyResult<()> {
    let prepared = (|| {
        FolderKind::require(&folder, &[FolderKind::Run])?;
        Ok((Manifest::read(&folder)?, pool(threads)?))
    })();
    let (manifest, pool) = prepared.map_err(|error| raised(py, &error))?;
    let work = Work::default();
    let stop = Arc::clone(&work.stop);
    let options = RunOptions { predicted_bytes: manifest.predicted_bytes, checkpoint_every, stop, ..RunOptions::default() };
    work.run(py, Some(&pool), progress.as_ref(), |work| match Run::resume(&folder, &options)? {
        Some(run) => drive(run, work, true),
        None => Ok(()),
    })
}

/// Begins a run from a snapshot, with another future; the folder of the run.
#[pyfunction]
#[pyo3(signature = (snapshot, changes, scenario=None, until=None, out=None, force=false, report=false, threads=None, progress=None))]
#[allow(clippy::too_many_arguments, reason = "named, in Python")]
pub(crate) fn fork(
    py: Python<'_>,
    snapshot: PathBuf,
    changes: Vec<String>,
    scenario: Option<PathBuf>,
    until: Option<String>,
    out: Option<PathBuf>,
    force: bool,
    report: bool,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<PathBuf> {
    let prepared = (|| {
        let snapshot = Snapshot::open(&snapshot)?;
        let mut child = match &scenario {
            Some(path) => {
                let mut child = scenario::load(path, &changes)?;
                child.population.users = u64::from(snapshot.metadata().users);
                child
            }
            None => scenario::parse_written(&snapshot.metadata().scenario, snapshot.path(), &changes)?,
        };
        if let Some(text) = &until {
            let allowed = || Error::invalid(format!("until: found {text:?}; allowed a day, such as 2026-12-31"));
            child.end = text.parse().map_err(|_| allowed())?;
        }
        let folder = folder_of(&child, out)?;
        Ok((snapshot, child, folder, pool(threads)?))
    })();
    let (snapshot, child, folder, pool) = prepared.map_err(|error| raised(py, &error))?;
    let work = Work::default();
    let options = RunOptions {
        folder: folder.clone(),
        force,
        report,
        started: now(),
        stop: Arc::clone(&work.stop),
        ..RunOptions::default()
    };
    work.run(py, Some(&pool), progress.as_ref(), |work| drive(Run::fork(&snapshot, child, &options)?, work, report))?;
    Ok(folder)
}

/// Makes page and figures of a folder of results.
#[pyfunction]
pub(crate) fn report(py: Python<'_>, folder: PathBuf) -> PyResult<PathBuf> {
    Work::default().run(py, None, None, |_| exodus::report::leave(&folder))?;
    Ok(folder.join("report.html"))
}

/// What a folder of results is of.
#[pyfunction]
pub(crate) fn kind_of(folder: PathBuf) -> Option<&'static str> {
    FolderKind::of(&folder).map(FolderKind::name)
}
