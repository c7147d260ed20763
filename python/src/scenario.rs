//! A scenario that was read, with what the caller changes in it.

use crate::error::raised;
use exodus::scenario::{self, Date, GraphKind, MAX_USERS};
use exodus::{Error, Result};
use pyo3::prelude::*;
use std::path::{Path, PathBuf};

/// A validated scenario.
#[pyclass(frozen, module = "exodus._exodus")]
pub(crate) struct Scenario {
    pub(crate) scenario: scenario::Scenario,
    warnings: Vec<String>,
}

#[pymethods]
impl Scenario {
    /// `changes` are those of `--set`; 0 users are as many as there are people.
    #[new]
    #[pyo3(signature = (path, changes, users=None, seed=None, until=None))]
    fn new(
        py: Python<'_>,
        path: PathBuf,
        changes: Vec<String>,
        users: Option<u64>,
        seed: Option<u64>,
        until: Option<String>,
    ) -> PyResult<Self> {
        let read = py.detach(|| read(&path, changes, users, seed, until.as_deref()));
        read.map_err(|error| raised(py, &error))
    }

    #[getter]
    fn name(&self) -> &str {
        &self.scenario.name
    }

    #[getter]
    fn days(&self) -> u32 {
        self.scenario.days()
    }

    /// What is most likely a mistake.
    fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn to_toml(&self, py: Python<'_>) -> PyResult<String> {
        self.scenario.to_toml().map_err(|error| raised(py, &error))
    }
}

fn read(path: &Path, mut changes: Vec<String>, users: Option<u64>, seed: Option<u64>, until: Option<&str>) -> Result<Scenario> {
    let users = match users {
        Some(0) => {
            let people = scenario::load(path, &changes)?.population.people;
            if people > MAX_USERS {
                return Err(Error::invalid(format!("users=\"full\": found {people} people; allowed at most {MAX_USERS} users")));
            }
            Some(people)
        }
        users => users,
    };
    changes.extend(users.map(|users| format!("population.users={users}")));
    changes.extend(seed.map(|seed| format!("seed={seed}")));
    let mut scenario = scenario::load(path, &changes)?;
    if users.is_some() && scenario.graph.kind == GraphKind::File {
        return Err(Error::invalid(
            "users: found with a graph from a file; it cannot be used there, as the file decides the number of users",
        ));
    }
    // Before the run is cut short, which leaves things outside on purpose.
    let warnings = scenario.warnings();
    if let Some(text) = until {
        let (start, end) = (scenario.start, scenario.end);
        let until = text.parse::<Date>().ok().filter(|until| (start..=end).contains(until));
        scenario.end =
            until.ok_or_else(|| Error::invalid(format!("until: found {text:?}; allowed a day from {start} to {end}")))?;
    }
    Ok(Scenario { scenario, warnings })
}
