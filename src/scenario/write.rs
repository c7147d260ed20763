//! Back to text: the resolved scenario, and its hash.

use super::Scenario;
use crate::error::{Error, Result};
use std::path::Path;
use toml::Value;

impl Scenario {
    /// The scenario as TOML with every default written out. Reading it gives an equal scenario.
    ///
    /// Fails only for numbers beyond TOML's integers (2^63 - 1), which no scenario read from a file holds.
    pub fn to_toml(&self) -> Result<String> {
        let unwritable =
            |error: &dyn std::fmt::Display| Error::invalid(format!("the scenario cannot be written as TOML: {error}"));
        // By way of text: toml's own values take dates for tables.
        let text = toml::to_string(self).map_err(|error| unwritable(&error))?;
        let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| unwritable(&error.message()))?;
        // What a kind does not use would be refused when read again.
        if let Some(Value::Array(interventions)) = table.get_mut("intervention") {
            for (value, intervention) in interventions.iter_mut().zip(&self.interventions) {
                let used = intervention.kind.keys();
                if let Value::Table(keys) = value {
                    keys.retain(|key, _| !super::InterventionKind::ALL_KEYS.contains(&key) || used.contains(&key));
                }
            }
        }
        toml::to_string(&table).map_err(|error| unwritable(&error))
    }

    /// Hash of what is simulated: xxh3-128, in hex, of the resolved TOML.
    ///
    /// It covers everything but `seed` and `population.users`, which are named beside it wherever it is, and the
    /// folder of `graph.path`: the same scenario has the same hash on every machine.
    pub fn hash(&self) -> Result<String> {
        let mut same = self.clone();
        same.seed = 0;
        same.population.users = 1;
        let file = |path: String| Path::new(&path).file_name().map(|name| name.to_string_lossy().into_owned());
        same.graph.path = same.graph.path.and_then(file);
        Ok(format!("{:032x}", xxhash_rust::xxh3::xxh3_128(same.to_toml()?.as_bytes())))
    }
}
