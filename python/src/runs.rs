//! Runs that leave a folder, as the command's do.

use crate::error::raised;
use crate::experiments;
use crate::fits;
use crate::scenario::Scenario;
use crate::work::{Work, cores, pool};
use exodus::engine::plan;
use exodus::experiment::calibrate::CalibrationManifest;
use exodus::experiment::replicates::{Branching, Plan, Replicates};
use exodus::experiment::sweep::Sweep;
use exodus::experiment::{Run, RunOptions};
use exodus::peers::Peers;
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

/// The UTC time in the name of a folder; a program may begin several in a second.
pub(crate) fn stamp() -> String {
    jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S%3fZ").to_string()
}

/// The folder that is asked for, or one of its own for this run.
fn folder_of(scenario: &scenario::Scenario, out: Option<PathBuf>) -> Result<PathBuf> {
    let own = || -> Result<PathBuf> {
        let id = run_id(&stamp(), scenario)?;
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

/// The same for all runs of a folder of replicates.
fn drive_all(replicates: &Replicates, threads: Option<usize>, work: &Work, report: bool) -> Result<()> {
    let days = u64::from(replicates.scenario().days()) * u64::from(replicates.count());
    work.all.store(days, Ordering::Relaxed);
    let simulated = |days: u64| {
        work.done.fetch_add(days, Ordering::Relaxed);
    };
    if !replicates.run(cores(threads)?, &work.stop, &simulated, &now, |_| ())? {
        return Err(Error::stopped());
    }
    if report { exodus::report::leave_locked(replicates.folder()) } else { Ok(()) }
}

/// Runs a scenario, once or with several seeds; the folder.
#[pyfunction]
#[pyo3(signature = (scenario, replicates=1, out=None, force=false, report=false, threads=None, checkpoint_every=None, snapshot_on=vec![], progress=None))]
#[allow(clippy::too_many_arguments, reason = "named, in Python")]
pub(crate) fn run(
    py: Python<'_>,
    scenario: &Scenario,
    replicates: u32,
    out: Option<PathBuf>,
    force: bool,
    report: bool,
    threads: Option<usize>,
    checkpoint_every: Option<u32>,
    snapshot_on: Vec<String>,
    progress: Option<Py<PyAny>>,
) -> PyResult<PathBuf> {
    let scenario = scenario.scenario.clone();
    let prepared = (|| {
        let days = snapshot_on.iter().map(|text| {
            let allowed = || Error::invalid(format!("snapshot_on: found {text:?}; allowed days, such as 2026-12-31"));
            text.parse::<Date>().map_err(|_| allowed())
        });
        let (folder, days) = (folder_of(&scenario, out)?, days.collect::<Result<Vec<_>>>()?);
        let users = scenario.population.users;
        plan::check(&scenario, users)?;
        let predicted = exodus::report::predicted_bytes(&scenario, users, plan::available_bytes(), report);
        Ok((folder, days, pool(threads)?, predicted))
    })();
    let (folder, snapshot_on, pool, predicted_bytes) = prepared.map_err(|error| raised(py, &error))?;
    let work = Work::default();
    if replicates != 1 {
        work.run(py, None, progress.as_ref(), |work| {
            let plan = Plan { replicates, checkpoint_every, snapshot_on, from: None };
            drive_all(&Replicates::create(&folder, scenario, plan, force, &Peers::alone())?, threads, work, report)
        })?;
        return Ok(folder);
    }
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

/// Goes on with what was stopped or killed in a folder; nothing where it is finished.
#[pyfunction]
#[pyo3(signature = (folder, threads=None, checkpoint_every=None, progress=None))]
pub(crate) fn resume(
    py: Python<'_>,
    folder: PathBuf,
    threads: Option<usize>,
    checkpoint_every: Option<u32>,
    progress: Option<Py<PyAny>>,
) -> PyResult<()> {
    Work::default().run(py, None, progress.as_ref(), |work| {
        let kinds = [FolderKind::Run, FolderKind::Replicates, FolderKind::Sweep, FolderKind::Calibration];
        FolderKind::require(&folder, &kinds)?;
        match FolderKind::of(&folder) {
            Some(FolderKind::Replicates) => drive_all(&Replicates::resume(&folder, &Peers::alone())?, threads, work, false),
            Some(FolderKind::Sweep) => experiments::drive(Sweep::resume(&folder, now())?, threads, work, false),
            Some(FolderKind::Calibration) => {
                fits::fit(&CalibrationManifest::read(&folder)?.plan(&folder)?, &folder, threads, work, false)
            }
            _ => resume_run(&folder, threads, checkpoint_every, work),
        }
    })
}

fn resume_run(folder: &Path, threads: Option<usize>, checkpoint_every: Option<u32>, work: &Work) -> Result<()> {
    let predicted_bytes = Manifest::read(folder)?.predicted_bytes;
    let stop = Arc::clone(&work.stop);
    let options = RunOptions { predicted_bytes, checkpoint_every, stop, ..RunOptions::default() };
    pool(threads)?.install(|| match Run::resume(folder, &options)? {
        Some(run) => drive(run, work, true),
        None => Ok(()),
    })
}

/// Begins a run from a snapshot, or several that branch there, with another future; the folder.
#[pyfunction]
#[pyo3(signature = (snapshot, changes, replicates=1, scenario=None, until=None, out=None, force=false, report=false, threads=None, progress=None))]
#[allow(clippy::too_many_arguments, reason = "named, in Python")]
pub(crate) fn fork(
    py: Python<'_>,
    snapshot: PathBuf,
    changes: Vec<String>,
    replicates: u32,
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
    if replicates != 1 {
        work.run(py, None, progress.as_ref(), |work| {
            let absolute = std::path::absolute(snapshot.path()).map_err(|e| Error::io(snapshot.path(), "finding", e))?;
            let from = Branching { snapshot: absolute, state_hash: snapshot.metadata().state_hash.clone() };
            let plan = Plan { replicates, from: Some(from), ..Plan::default() };
            drive_all(&Replicates::create(&folder, child, plan, force, &Peers::alone())?, threads, work, report)
        })?;
        return Ok(folder);
    }
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
