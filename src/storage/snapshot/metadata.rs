//! The metadata section. This is the one module that knows bincode.

use crate::error::{Error, Result};
use crate::model::{RowField, RowType};
use bincode::config::{self, Config};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Most bytes that metadata may take: decoding never allocates more.
const LIMIT: usize = 16 << 20;

/// What a snapshot is of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// Version of exodus that wrote it.
    pub exodus_version: String,
    /// The resolved scenario, as TOML.
    pub scenario: String,
    /// Last tick simulated.
    pub day: i32,
    /// Its date.
    pub date: String,
    /// Users.
    pub users: u32,
    /// Names of the messengers, in the order of columns.
    pub messengers: Vec<String>,
    /// xxh3-128 of the state.
    pub state_hash: String,
    /// Nodes, arcs and xxh3-64 of the graph, which is regenerated on resume.
    pub graph: [u64; 3],
    /// Where a run that is to be resumed stands; none in a snapshot made for looking only.
    pub run: Option<RunProgress>,
}

/// A field of the rows in which users keep what only they read, in the order in which it lies there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredField {
    /// Name.
    pub name: String,
    /// Type of its values: `u8`, `i8`, `u16`, `u32`, `f32`.
    pub kind: String,
    /// How many it has.
    pub values: u32,
    /// First byte in the row.
    pub offset: u32,
}

impl StoredField {
    /// The fields of rows of a type.
    pub fn all(row_type: RowType) -> Vec<StoredField> {
        let field = |field: &RowField| StoredField {
            name: field.name.into(),
            kind: field.kind.into(),
            values: field.values as u32,
            offset: field.offset as u32,
        };
        row_type.fields.iter().map(field).collect()
    }
}

/// A scenario that was in force before the one in [`Metadata`], in a run that was forked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PastScenario {
    /// The last tick under it.
    pub until: i32,
    /// The resolved scenario, as TOML.
    pub scenario: String,
}

/// What a run has written so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunProgress {
    /// Length in bytes of each growing table.
    pub tables: Vec<(String, u64)>,
    /// The manifest so far, as JSON.
    pub manifest: String,
    /// Users carried over a tick, reviews, and tie reads so far.
    pub counts: [u64; 3],
    /// Seconds so far: graph, population, policy, reviews, commit, observation, output, all.
    pub seconds: [f64; 8],
}

/// Fixed-width little-endian integers, and nothing longer than the limit.
fn format() -> impl Config {
    config::standard().with_fixed_int_encoding().with_limit::<LIMIT>()
}

/// A section of bincode. `name` is what messages call it.
pub(super) fn encode<T: Serialize>(value: &T, name: &str, path: &Path) -> Result<Vec<u8>> {
    bincode::serde::encode_to_vec(value, format())
        .map_err(|e| Error::corrupt(path, format!("section `{name}` cannot be written: {e}")))
}

/// What [`encode`] made.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8], name: &str, path: &Path) -> Result<T> {
    let bad = |what: String| Error::corrupt(path, format!("section `{name}`: {what}"));
    if bytes.len() > LIMIT {
        return Err(bad(format!("found {} bytes; allowed at most {LIMIT}", bytes.len())));
    }
    match bincode::serde::decode_from_slice(bytes, format()) {
        Ok((value, read)) if read == bytes.len() => Ok(value),
        Ok((_, read)) => Err(bad(format!("found {} bytes after its end", bytes.len() - read))),
        Err(error) => Err(bad(error.to_string())),
    }
}
