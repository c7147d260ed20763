//! What is fitted to observed values. Each leaves a folder, as the command's do.

use crate::experiments::leave;
use crate::runs::now;
use crate::work::{Work, cores};
use exodus::experiment::calibrate::{Plan, Progress, Watch, calibrate as search};
use exodus::experiment::score::{begin, score as forecast};
use exodus::{Error, Result};
use pyo3::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// `results/FILE-WHAT`, or the folder that is asked for.
fn folder_of(file: &Path, what: &str, out: Option<PathBuf>) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    out.unwrap_or_else(|| Path::new("results").join(format!("{stem}-{what}")))
}

/// Tells of points, of the stage that is under way.
fn points(work: &Work) -> impl Fn(&Progress) + Sync {
    |progress| {
        work.all.store(progress.of, Ordering::Relaxed);
        work.done.store(progress.evaluated, Ordering::Relaxed);
    }
}

/// Calibrates, or resumes a calibration, in a folder.
pub(crate) fn fit(plan: &Plan, folder: &Path, threads: Option<usize>, work: &Work, report: bool) -> Result<()> {
    let on_progress = points(work);
    let found = search(plan, folder, &Watch::new(cores(threads)?, &work.stop, &on_progress))?;
    found.ok_or_else(Error::stopped)?;
    leave(folder, report)
}

/// Calibrates, or resumes a calibration; its folder.
#[pyfunction]
#[pyo3(signature = (path, out=None, users=None, leave_out=Vec::new(), threads=None, report=false, progress=None))]
#[allow(clippy::too_many_arguments, reason = "named, in Python")]
pub(crate) fn calibrate(
    py: Python<'_>,
    path: PathBuf,
    out: Option<PathBuf>,
    users: Option<u64>,
    leave_out: Vec<String>,
    threads: Option<usize>,
    report: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<PathBuf> {
    Work::default().run(py, None, progress.as_ref(), |work| {
        let folder = folder_of(&path, "calibration", out);
        fit(&Plan::read(&path)?.with_users(users).leave_out(&leave_out)?, &folder, threads, work, report)?;
        Ok(folder)
    })
}

/// Scores forecasts, or resumes that; the folder.
#[pyfunction]
#[pyo3(signature = (path, out=None, users=None, threads=None, force=false, report=false, progress=None))]
#[allow(clippy::too_many_arguments, reason = "named, in Python")]
pub(crate) fn score(
    py: Python<'_>,
    path: PathBuf,
    out: Option<PathBuf>,
    users: Option<u64>,
    threads: Option<usize>,
    force: bool,
    report: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<PathBuf> {
    Work::default().run(py, None, progress.as_ref(), |work| {
        let (plan, spec) = Plan::read(&path)?.for_score(users)?;
        let folder = folder_of(&path, "score", out);
        let place = begin(&plan, &folder, force, now())?;
        let on_progress = points(work);
        let found = forecast(&plan, &spec, &place, &Watch::new(cores(threads)?, &work.stop, &on_progress))?;
        found.ok_or_else(Error::stopped)?.write(&place, &plan, &spec, now())?;
        drop(place);
        leave(&folder, report)?;
        Ok(folder)
    })
}
