//! A simulation that Python steps and looks into.

use crate::error::{failed, raised, refused};
use crate::graph::Graph;
use crate::rule::{Compiled, Decide};
use crate::scenario::Scenario;
use crate::table::Table;
use crate::views::{self, Memory};
use crate::work::{OwnPool, Work};
use exodus::engine::OwnRule;
use exodus::experiment::Observed;
use exodus::scenario;
use exodus::storage::snapshot::Snapshot;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, TryLockError};

/// A simulation, its daily figures, and the threads that work on it. Another thread that looks at it waits for the end of the day.
#[pyclass(frozen, module = "exodus._exodus")]
pub(crate) struct Simulation {
    observed: Mutex<Observed>,
    pool: OwnPool,
    rule: Option<Compiled>,
    process: u32,
}

/// A rule as it is given: an address, and its parameters.
type Given = (usize, Vec<f64>);

fn compiled(py: Python<'_>, rule: Option<Given>, messengers: usize) -> PyResult<Option<Compiled>> {
    let Some((address, parameters)) = rule else { return Ok(None) };
    if address == 0 {
        return Err(refused(py, "rule: found the address 0; allowed that of a function, such as a numba cfunc's".into()));
    }
    // SAFETY: an address is of a function of this signature by the caller's word; Python checks what it can (`_rules.py`).
    let decide = unsafe { std::mem::transmute::<usize, Decide>(address) };
    Ok(Some(Compiled { decide, parameters, messengers }))
}

fn boxed(rule: Option<&Compiled>) -> Option<OwnRule> {
    rule.map(|rule| OwnRule::new(rule.clone()))
}

#[pymethods]
impl Simulation {
    #[new]
    #[pyo3(signature = (scenario, threads=None, graph=None, rule=None, progress=None))]
    fn new(
        py: Python<'_>,
        scenario: &Scenario,
        threads: Option<usize>,
        graph: Option<&Graph>,
        rule: Option<Given>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let pool = OwnPool::new(threads).map_err(|error| raised(py, &error))?;
        let rule = compiled(py, rule, scenario.scenario.messengers.len())?;
        let (scenario, graph) = match graph {
            Some(graph) => graph.for_scenario(py, &scenario.scenario).map(|(scenario, graph)| (scenario, Some(graph)))?,
            None => (scenario.scenario.clone(), None),
        };
        let own = boxed(rule.as_ref());
        let threads = pool.get().map_err(|error| raised(py, &error))?;
        let observed = Work::default()
            .run(py, Some(&threads), progress.as_ref(), |work| Observed::begin_with(scenario, graph, own, &work.stop))?;
        Ok(Self::of(observed, pool, rule))
    }

    /// From the evening of a snapshot.
    #[staticmethod]
    #[pyo3(signature = (path, threads=None))]
    fn open(py: Python<'_>, path: PathBuf, threads: Option<usize>) -> PyResult<Self> {
        let pool = OwnPool::new(threads).map_err(|error| raised(py, &error))?;
        let threads = pool.get().map_err(|error| raised(py, &error))?;
        let observed =
            Work::default().run(py, Some(&threads), None, |work| Observed::open(&Snapshot::open(&path)?, None, &work.stop))?;
        Ok(Self::of(observed, pool, None))
    }

    /// Simulates at most so many days; how many there were.
    #[pyo3(signature = (days, progress=None))]
    fn step(&self, py: Python<'_>, days: u32, progress: Option<Py<PyAny>>) -> PyResult<u32> {
        drop(self.lock(py)?);
        let pool = self.pool.get().map_err(|error| raised(py, &error))?;
        let work = Work::default();
        work.all.store(u64::from(days), Ordering::Relaxed);
        work.run(py, Some(&pool), progress.as_ref(), |work| {
            for day in 0..days {
                let mut observed = self.observed.lock().map_err(|_| exodus::Error::invalid(BROKEN))?;
                if work.stopped() || observed.simulation().finished() {
                    return Ok(day);
                }
                observed.day()?;
                work.step();
            }
            Ok(days)
        })
    }

    /// Another simulation that continues from here, with changes.
    #[pyo3(signature = (changes, until=None))]
    fn fork(&self, py: Python<'_>, changes: Vec<String>, until: Option<String>) -> PyResult<Self> {
        let pool = OwnPool::new(Some(self.pool.threads())).map_err(|error| raised(py, &error))?;
        let threads = pool.get().map_err(|error| raised(py, &error))?;
        drop(self.lock(py)?);
        let observed = Work::default().run(py, Some(&threads), None, |_| {
            let observed = self.observed.lock().map_err(|_| exodus::Error::invalid(BROKEN))?;
            let written = observed.simulation().scenario();
            let mut child = match changes.is_empty() {
                true => written.clone(),
                false => scenario::parse_written(&written.to_toml()?, "the simulation's scenario", &changes)?,
            };
            if let Some(text) = until {
                let allowed = || exodus::Error::invalid(format!("until: found {text:?}; allowed a day, such as 2026-12-31"));
                child.end = text.parse().map_err(|_| allowed())?;
            }
            observed.fork(child, boxed(self.rule.as_ref()))
        })?;
        Ok(Self::of(observed, pool, self.rule.clone()))
    }

    fn snapshot(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        drop(self.lock(py)?);
        let pool = self.pool.get().map_err(|error| raised(py, &error))?;
        Work::default()
            .run(py, Some(&pool), None, |_| self.observed.lock().map_err(|_| exodus::Error::invalid(BROKEN))?.snapshot(&path))
    }

    fn hash(&self, py: Python<'_>) -> PyResult<String> {
        let observed = self.lock(py)?;
        Ok(observed.simulation().state().hash())
    }

    /// Last tick simulated, its date, and the first and last dates; whether the last day is over.
    fn today(&self, py: Python<'_>) -> PyResult<(i32, [String; 3], bool)> {
        let observed = self.lock(py)?;
        let simulation = observed.simulation();
        let scenario = simulation.scenario();
        let dates = [simulation.date(), scenario.start, scenario.end].map(|date| date.to_string());
        Ok((simulation.day(), dates, simulation.finished()))
    }

    /// Users, and people that they stand for.
    fn size(&self, py: Python<'_>) -> PyResult<(u32, u64)> {
        let observed = self.lock(py)?;
        Ok((observed.simulation().state().users(), observed.simulation().scenario().population.people))
    }

    /// Names of messengers, regions, age bands, groups.
    fn names(&self, py: Python<'_>) -> PyResult<[Vec<String>; 4]> {
        let observed = self.lock(py)?;
        let scenario = observed.simulation().scenario();
        let population = &scenario.population;
        Ok([
            scenario.messengers.iter().map(|m| m.name.clone()).collect(),
            population.regions.iter().map(|region| region.name.clone()).collect(),
            population.ages.iter().map(|age| age.name.clone()).collect(),
            population.groups.iter().map(|group| group.name.clone()).collect(),
        ])
    }

    fn scenario(&self, py: Python<'_>) -> PyResult<String> {
        let toml = self.lock(py)?.simulation().scenario().to_toml();
        toml.map_err(|error| raised(py, &error))
    }

    /// The state's columns as they are today.
    fn columns(&self, py: Python<'_>) -> PyResult<Vec<(&'static str, Memory)>> {
        Ok(views::columns(self.lock(py)?.simulation().state()))
    }

    /// Region, age band, town or not (0, 1), and groups (a bit each) of every user.
    fn traits(&self, py: Python<'_>) -> PyResult<[Memory; 4]> {
        let observed = self.lock(py)?;
        let population = observed.simulation().population();
        let mut columns = [const { Vec::new() }; 4];
        for user in 0..population.users() {
            let profile = population.profile(user);
            let row = [profile.place.region, profile.age, u8::from(profile.place.urban), profile.groups];
            columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        }
        Ok(columns.map(Memory::of_bytes))
    }

    /// Users whose word changed in the last day, with old and new words.
    fn changes(&self, py: Python<'_>) -> PyResult<[Memory; 3]> {
        let observed = self.lock(py)?;
        let changes: Vec<_> = observed.simulation().changes().collect();
        let column = |of: fn(&exodus::engine::Change) -> u32| Memory::of_i64(changes.iter().map(|change| i64::from(of(change))));
        Ok([column(|change| change.user), column(|change| change.old.0), column(|change| change.new.0)])
    }

    fn graph(&self, py: Python<'_>) -> PyResult<Graph> {
        Ok(Graph::of(self.lock(py)?.simulation().graph()))
    }

    /// The daily figures so far, as in the tables of a run, but not rounded.
    fn series(&self, py: Python<'_>) -> PyResult<Table> {
        Table::of_series(py, self.lock(py)?.curves())
    }

    fn population(&self, py: Python<'_>) -> PyResult<Table> {
        Table::of_population(py, self.lock(py)?.curves())
    }
}

const BROKEN: &str = "this simulation failed in the middle of a day; make another";

impl Simulation {
    fn of(observed: Observed, pool: OwnPool, rule: Option<Compiled>) -> Self {
        Simulation { observed: Mutex::new(observed), pool, rule, process: std::process::id() }
    }

    fn lock<'a>(&'a self, py: Python<'_>) -> PyResult<MutexGuard<'a, Observed>> {
        if self.process != std::process::id() {
            // In a child of the process, who held it at the moment of the fork will never give it back.
            return self.observed.try_lock().map_err(|error| match error {
                TryLockError::WouldBlock => {
                    refused(py, "this simulation was at work in another thread when the process was forked; make another".into())
                }
                TryLockError::Poisoned(_) => failed(py, BROKEN.into()),
            });
        }
        self.observed.lock_py_attached(py).map_err(|_| failed(py, BROKEN.into()))
    }
}
