//! Experiments of many runs. Each leaves a folder, as the command's do; its tables are read from there.

use crate::runs::{now, stamp};
use crate::scenario::Scenario;
use crate::work::{Work, cores};
use exodus::experiment::compare::{RunSet, compare as difference, write};
use exodus::experiment::resilience::{How, Plan as Loss, resilience as without_each};
use exodus::experiment::sensitivity::{Bootstrap, Sensitivity};
use exodus::experiment::sweep::{DesignKind, Sweep, SweepPlan, thresholds};
use exodus::experiment::validate::{Plan, check_folder, patterns_of, validate as judge, write as write_judgement};
use exodus::files::Lock;
use exodus::storage::{FolderKind, Inventory};
use exodus::{Error, Result};
use pyo3::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// Makes page and figures, where they are asked for.
pub(crate) fn leave(folder: &Path, report: bool) -> Result<()> {
    if report { exodus::report::leave(folder) } else { Ok(()) }
}

fn write_sensitivity(folder: &Path, bootstrap: Bootstrap) -> Result<()> {
    let sensitivity = Sensitivity::of(folder, bootstrap)?;
    let _lock = Lock::take(folder)?;
    sensitivity.write(folder)?;
    Inventory::read(folder)?.record(&[folder.join("sensitivity.csv")])
}

/// Does a sweep, or resumes one; its folder.
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
        let folder = out.unwrap_or_else(|| Path::new("results").join("sweeps").join(&plan.file.name));
        match plan.file.design {
            DesignKind::Threshold => search(&plan, &folder, threads, force, work)?,
            _ => return drive(Sweep::open(plan, &folder, None, force, now())?, threads, work, report).map(|()| folder),
        }
        leave(&folder, report)?;
        Ok(folder)
    })
}

/// Simulates what is missing of a sweep.
pub(crate) fn drive(sweep: Sweep, threads: Option<usize>, work: &Work, report: bool) -> Result<()> {
    let needs = sweep.plan().needs(cores(threads)?, sweep.plan().runs())?;
    let (folder, whole) = (sweep.folder().to_owned(), sweep.manifest().shard.is_none());
    let indices = whole && ["sobol", "morris"].contains(&sweep.manifest().design.as_str());
    work.all.store(sweep.runs(), Ordering::Relaxed);
    work.done.store(sweep.runs() - sweep.left(), Ordering::Relaxed);
    if !sweep.run(&needs, &work.stop, &|| work.step(), now)? {
        return Err(Error::stopped());
    }
    if indices {
        write_sensitivity(&folder, Bootstrap::default())?;
    }
    leave(&folder, report && whole)
}

/// Searches thresholds; they end as a study.
fn search(plan: &SweepPlan, folder: &Path, threads: Option<usize>, force: bool, work: &Work) -> Result<()> {
    let place = plan.begin_search(folder, force, now())?;
    let needs = plan.needs(cores(threads)?, plan.most_runs())?;
    work.all.store(plan.searches(), Ordering::Relaxed);
    let found = thresholds(plan, &place, &needs, &work.stop, &|| work.step())?;
    found.ok_or_else(Error::stopped)?.write(&place, plan, now())
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
            root.join(stamp())
        });
        write(&folder, &sides, &comparisons, now(), force)?;
        leave(&folder, report)?;
        Ok((folder, warnings))
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
        check_folder(&out, force)?;
        let plan = Plan::read(&patterns_of(&path)?, users, replicates)?;
        work.all.store(plan.runs(), Ordering::Relaxed);
        let judged = judge(&plan, plan.needs(cores(threads)?)?, &work.stop, &|| work.step())?;
        write_judgement(&out, &plan, &judged.ok_or_else(Error::stopped)?, force)
    })
}

/// Takes away each messenger, the two largest and VPNs in turn; the folder.
#[pyfunction]
#[pyo3(signature = (scenario, on, days, by, replicates, out=None, force=false, report=false, threads=None, progress=None))]
#[allow(clippy::too_many_arguments, reason = "named, in Python")]
pub(crate) fn resilience(
    py: Python<'_>,
    scenario: &Scenario,
    on: String,
    days: u32,
    by: String,
    replicates: u32,
    out: Option<PathBuf>,
    force: bool,
    report: bool,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<PathBuf> {
    let scenario = scenario.scenario.clone();
    Work::default().run(py, None, progress.as_ref(), |work| {
        let on = on.parse().map_err(|_| Error::invalid(format!("on: found {on:?}; allowed a day, such as 2026-12-31")))?;
        let how = How::ALL.into_iter().find(|how| how.name() == by);
        let how = how.ok_or_else(|| Error::invalid(format!("by: found {by:?}; allowed \"outage\" or \"block\"")))?;
        let plan = Loss { scenario, on, days, replicates, how };
        plan.check()?;
        let root = || Path::new("results/resilience").join(&plan.scenario.name).join(stamp());
        let folder = out.unwrap_or_else(root);
        let place = plan.begin(&folder, force, now())?;
        let needs = plan.needs(cores(threads)?)?;
        work.all.store(plan.runs(), Ordering::Relaxed);
        let found = without_each(&plan, needs, &work.stop, &|| work.step())?;
        found.ok_or_else(Error::stopped)?.write(&place, &plan, now())?;
        drop(place);
        leave(&folder, report)?;
        Ok(folder)
    })
}
