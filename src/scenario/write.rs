//! Back to text: the resolved scenario, and its hash.

use super::Scenario;
use super::intervention::SCOPE_KEYS;
use crate::error::{Error, Result};
use std::path::Path;
use toml::Value;

impl Scenario {
    /// The scenario as TOML with every default written out. Reading it gives an equal scenario.
    ///
    /// Fails only for numbers beyond TOML's integers (2^63 - 1), which no scenario read from a file holds.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string(&self.table()?).map_err(unwritable)
    }

    /// A scenario file that names `base_path` as its base and gives this scenario, which differs from `base` in values of
    /// keys, in interventions that are left out and in named things that follow those of `base`: no other list of named things
    /// is shorter.
    pub fn variation(&self, base: &Scenario, base_path: &str) -> Result<String> {
        let mut file = toml::Table::new();
        file.insert("base".into(), Value::String(base_path.into()));
        let labels = |scenario: &Scenario| (0..scenario.interventions.len()).map(|k| scenario.label(k)).collect::<Vec<_>>();
        let kept = labels(self);
        let removed = labels(base).into_iter().filter(|label| !kept.contains(label)).map(Value::String).collect::<Vec<_>>();
        if !removed.is_empty() {
            file.insert("remove".into(), Value::Array(removed));
        }
        file.extend(difference(&base.table()?, &self.table()?));
        toml::to_string(&file).map_err(unwritable)
    }

    fn table(&self) -> Result<toml::Table> {
        // By way of text: toml's own values take dates for tables.
        let text = toml::to_string(self).map_err(unwritable)?;
        let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| unwritable(error.message()))?;
        if let Some(Value::Array(interventions)) = table.get_mut("intervention") {
            for (value, intervention) in interventions.iter_mut().zip(&self.interventions) {
                let Value::Table(keys) = value else { continue };
                // What a kind does not take would be refused when read again. The kind is what people look for first.
                let taken = |key: &str| !SCOPE_KEYS.contains(&key) || intervention.effect.takes().contains(&key);
                let mut written = toml::Table::new();
                written.extend(keys.remove_entry("kind"));
                written.extend(std::mem::take(keys).into_iter().filter(|(key, _)| taken(key)));
                *keys = written;
            }
        }
        Ok(table)
    }

    /// Hash of what is simulated: xxh3-128, in hex, of the resolved TOML.
    ///
    /// It covers everything but `seed`, `branch` and `population.users`, which are named beside it wherever it is, the folder of
    /// `graph.path` (the same scenario has the same hash on every machine) and targets, which change nothing.
    pub fn hash(&self) -> Result<String> {
        let mut same = self.clone();
        same.seed = 0;
        same.branch = 0;
        same.population.users = 1;
        same.targets.clear();
        let file = |path: String| Path::new(&path).file_name().map(|name| name.to_string_lossy().into_owned());
        same.graph.path = same.graph.path.and_then(file);
        Ok(format!("{:032x}", xxhash_rust::xxh3::xxh3_128(same.to_toml()?.as_bytes())))
    }
}

/// A key, and what it is on either side; `None` where it is not there.
type Difference = (String, Option<Value>, Option<Value>);

impl Scenario {
    /// Every key in which another scenario differs, as `--set` names it, with both values. Published figures are left out.
    pub fn differences(&self, other: &Scenario) -> Result<Vec<Difference>> {
        let table = |scenario: &Scenario| -> Result<Value> {
            let mut plain = scenario.clone();
            plain.targets.clear();
            Ok(Value::Table(toml::from_str(&plain.to_toml()?).map_err(unwritable)?))
        };
        let mut all = Vec::new();
        unequal(String::new(), Some(&table(self)?), Some(&table(other)?), &mut all);
        Ok(all)
    }
}

/// Walks both sides side by side: tables by key, lists of named things by name, others as a whole.
fn unequal(key: String, a: Option<&Value>, b: Option<&Value>, all: &mut Vec<Difference>) {
    let below = |part: &str| if key.is_empty() { part.to_owned() } else { format!("{key}.{part}") };
    let name = |item: &Value| ["label", "name"].iter().find_map(|k| item.get(k)?.as_str().map(str::to_owned));
    let named = |value: Option<&Value>| -> Option<Vec<(String, Value)>> {
        match value {
            Some(Value::Table(table)) => Some(table.iter().map(|(k, v)| (k.clone(), v.clone())).collect()),
            Some(Value::Array(items)) if !items.is_empty() => items.iter().map(|i| Some((name(i)?, i.clone()))).collect(),
            Some(Value::Array(_)) | None => Some(Vec::new()),
            _ => None,
        }
    };
    if a == b {
        return;
    }
    // A thing that is there on one side only is one difference.
    let (Some(_), Some(_), Some(ours), Some(theirs)) = (a, b, named(a), named(b)) else {
        all.push((key, a.cloned(), b.cloned()));
        return;
    };
    if ours.is_empty() && theirs.is_empty() {
        all.push((key, a.cloned(), b.cloned()));
        return;
    }
    for (part, value) in &ours {
        unequal(below(part), Some(value), theirs.iter().find(|(k, _)| k == part).map(|(_, v)| v), all);
    }
    for (part, value) in theirs.iter().filter(|(part, _)| !ours.iter().any(|(k, _)| k == part)) {
        unequal(below(part), None, Some(value), all);
    }
}

fn unwritable(error: impl std::fmt::Display) -> Error {
    Error::invalid(format!("the scenario cannot be written as TOML: {error}"))
}

/// What `new` says that `base` does not, as a file with a base says it: named things by their name, other lists whole.
fn difference(base: &toml::Table, new: &toml::Table) -> toml::Table {
    let id = |item: &Value| ["label", "name"].iter().find_map(|key| Some((*key, item.get(key)?.as_str()?.to_owned())));
    let changed = |(key, value): (&String, &Value)| {
        let old = base.get(key).filter(|old| *old != value);
        let value = match (old, value) {
            (None, _) if base.contains_key(key) => return None,
            (Some(Value::Table(old)), Value::Table(new)) => Value::Table(difference(old, new)),
            (Some(Value::Array(old)), Value::Array(new)) if new.iter().all(|item| id(item).is_some()) => {
                let items = new.iter().filter_map(|item| {
                    let name = id(item)?;
                    let Some(old) = old.iter().find(|old| id(old).as_ref() == Some(&name)) else { return Some(item.clone()) };
                    let mut inner = toml::Table::new();
                    inner.insert(name.0.into(), Value::String(name.1));
                    inner.extend(difference(old.as_table()?, item.as_table()?));
                    (old != item).then_some(Value::Table(inner))
                });
                Value::Array(items.collect())
            }
            (_, value) => value.clone(),
        };
        Some((key.clone(), value))
    };
    new.iter().filter_map(changed).collect()
}
