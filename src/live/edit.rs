//! Scenarios from what a page sends, and back.

use crate::error::{Error, Result};
use crate::scenario::{self, Scenario};
use serde_json::{Map, Value as Json};
use std::io;
use std::path::Path;
use toml::Value;

/// What links call the scenario that they change: the name that it has in a run folder.
pub(super) const BASE: &str = "scenario.toml";
/// Most users: more do not fit what a page may take of memory.
const MOST_USERS: u64 = 1_000_000;

/// Reads a scenario in full, with so many users.
pub(super) fn read(text: &str, users: Option<u64>) -> Result<Scenario> {
    checked(scenario::parse_with(text, BASE, &overrides(users), &nothing)?)
}

/// Reads a change of `base`: a scenario file that names it as its base, or one in full.
///
/// Users are as many as it says itself; if that is as many as the base has, `users`.
pub(super) fn read_change(text: &str, base: &str, users: u64) -> Result<Scenario> {
    let read = |path: &Path| if path == Path::new(BASE) { Ok(base.as_bytes().to_vec()) } else { nothing(path) };
    let plain = scenario::parse_with(base, BASE, &[], &nothing)?;
    let own = scenario::parse_with(text, "the link", &[], &read)?;
    if own.population.users != plain.population.users {
        return checked(own);
    }
    checked(scenario::parse_with(text, "the link", &overrides(Some(users)), &read)?)
}

/// The scenario with other interventions, which are checked as those of a file.
pub(super) fn with_interventions(scenario: &Scenario, interventions: &[Json]) -> Result<Scenario> {
    let mut table = table(scenario)?;
    let list = Value::try_from(interventions).map_err(|error| Error::invalid(format!("interventions: {error}")))?;
    table.insert("intervention".into(), list);
    let text = toml::to_string(&table).map_err(|error| Error::invalid(format!("interventions: {error}")))?;
    checked(scenario::parse_with(&text, "your scenario", &[], &nothing)?)
}

/// The interventions as a page sends them: tables with the keys that their kinds take, dates as text.
pub(super) fn interventions(scenario: &Scenario) -> Result<Vec<Json>> {
    let list = table(scenario)?.remove("intervention");
    Ok(list.and_then(|list| list.as_array().map(|items| items.iter().map(json).collect())).unwrap_or_default())
}

/// The scenario as a short file that names `base`, whose text is given, where that reads as the same; else in full.
pub(super) fn link(scenario: &Scenario, base: &str) -> Result<String> {
    let parsed = scenario::parse_with(base, BASE, &[], &nothing)?;
    let short = scenario.variation(&parsed, BASE)?;
    let same = read_change(&short, base, scenario.population.users).is_ok_and(|read| read == *scenario);
    if same { Ok(short) } else { scenario.to_toml() }
}

fn table(scenario: &Scenario) -> Result<toml::Table> {
    scenario.to_toml()?.parse().map_err(|error: toml::de::Error| Error::invalid(error.message()))
}

fn json(value: &Value) -> Json {
    match value {
        Value::String(text) => text.as_str().into(),
        Value::Integer(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Boolean(truth) => (*truth).into(),
        Value::Datetime(date) => date.to_string().into(),
        Value::Array(items) => items.iter().map(json).collect::<Vec<_>>().into(),
        Value::Table(table) => table.iter().map(|(key, value)| (key.clone(), json(value))).collect::<Map<_, _>>().into(),
    }
}

fn overrides(users: Option<u64>) -> Vec<String> {
    users.map(|users| format!("population.users={users}")).into_iter().collect()
}

fn checked(scenario: Scenario) -> Result<Scenario> {
    match scenario.population.users {
        users if users > MOST_USERS => {
            Err(Error::invalid(format!("population.users: found {users}; allowed in a page at most {MOST_USERS}")))
        }
        _ => Ok(scenario),
    }
}

/// There are no files.
fn nothing(_: &Path) -> io::Result<Vec<u8>> {
    Err(io::ErrorKind::NotFound.into())
}
