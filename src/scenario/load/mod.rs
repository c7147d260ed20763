//! From text to a [`Scenario`]: read, lay over the base, apply `--set`, check, fill defaults in.
//!
//! All problems are reported at once, each in one line: `file:line: key.path: found …; allowed …`, with a "did you
//! mean" where a name is near another.

#[cfg(feature = "files")]
mod basis;
mod former;
mod interpret;
mod merge;
#[cfg(feature = "files")]
mod origin;
mod set;
mod targets;

use super::Scenario;
#[cfg(feature = "files")]
use super::document::Cursor;
use super::document::{self, FileSchema, Node, Place, Problems};
use crate::error::{Error, Result};
#[cfg(feature = "files")]
pub use basis::{Basis, Mark};
#[cfg(feature = "files")]
pub use origin::{Origin, ScenarioValue};
#[cfg(feature = "files")]
use schemars::JsonSchema;
use serde::Deserialize;
#[cfg(feature = "files")]
use serde::de::DeserializeOwned;
use std::io;
use std::path::Path;

/// Gives the content of a file that a scenario names: its `base`, its table of `targets`.
pub type Reader<'a> = &'a dyn Fn(&Path) -> io::Result<Vec<u8>>;

/// Reads and validates the scenario in a file.
///
/// `overrides` are `path.to.key=value`, applied in order before validation: values as in TOML or plain text, items
/// of lists by name, label or index (`messenger.WhatsApp.onboarding=3`). Fails with all problems at once
/// ([`Error::is_invalid`]), or because the file cannot be read.
#[cfg(feature = "files")]
pub fn load(path: &Path, overrides: &[String]) -> Result<Scenario> {
    parse(&text(path)?, path, overrides)
}

/// The same from text; `file` is what messages call it, and the place from which `base`, `targets` and `graph.path` are
/// looked for.
#[cfg(feature = "files")]
pub fn parse(text: &str, file: impl AsRef<Path>, overrides: &[String]) -> Result<Scenario> {
    parse_with(text, file, overrides, FROM_DISK)
}

/// Files as they lie on the disk.
#[cfg(feature = "files")]
const FROM_DISK: Reader<'_> = &|path| crate::files::read(path);

/// The same without a file system: `read` gives the content of the files that the scenario names, by their path relative to
/// `file`.
///
/// ```
/// # use std::io;
/// let base = include_bytes!("../../../scenarios/bass.toml");
/// let read = |path: &std::path::Path| match path.to_str() {
///     Some("bass.toml") => Ok(base.to_vec()),
///     _ => Err(io::ErrorKind::NotFound.into()),
/// };
/// let text = "name = \"faster\"\nbase = \"bass.toml\"\nseed = 5";
/// let scenario = exodus::scenario::parse_with(text, "faster.toml", &[], &read)?;
/// assert_eq!((scenario.name.as_str(), scenario.seed), ("faster", 5));
/// # Ok::<(), exodus::Error>(())
/// ```
pub fn parse_with(text: &str, file: impl AsRef<Path>, overrides: &[String], read: Reader<'_>) -> Result<Scenario> {
    Ok(resolve(text, file.as_ref(), overrides, "", read)?.0)
}

/// As [`load`], with all values of the scenario and where each comes from: the file, one that it stands on, an override, or a
/// default; and what comments say that it rests on.
#[cfg(feature = "files")]
pub fn load_with_origins(path: &Path, overrides: &[String]) -> Result<(Scenario, Vec<ScenarioValue>)> {
    let (scenario, root) = resolve(&text(path)?, path, overrides, "", FROM_DISK)?;
    let values = origin::values(&scenario, &root, path)?;
    Ok((scenario, values))
}

/// As [`load`], a scenario that exodus wrote out in full, perhaps an earlier version: keys that it did not know yet have the
/// values that were fixed then.
#[cfg(feature = "files")]
pub fn load_written(path: &Path, overrides: &[String]) -> Result<Scenario> {
    parse_written(&text(path)?, path, overrides)
}

/// As [`load_written`], from text.
#[cfg(feature = "files")]
pub fn parse_written(text: &str, file: impl AsRef<Path>, overrides: &[String]) -> Result<Scenario> {
    Ok(resolve(text, file.as_ref(), overrides, super::countries::FORMER, FROM_DISK)?.0)
}

/// The scenario and what was written of it. `below` is laid under everything.
fn resolve(text: &str, file: &Path, overrides: &[String], below: &str, read: Reader<'_>) -> Result<(Scenario, Node)> {
    let mut problems = Problems::default();
    let shape = FileSchema::new(super::schema::of_scenario(), former::KEYS);
    let mut root = document::read(below, &"what earlier versions did".into(), &mut problems);
    merge::lay_over(&mut root, merge::assemble(text, file, &[], read, &mut problems));
    for option in overrides {
        set::set(&mut root, &shape, option, &mut problems);
    }
    if shape.check_file(&root, &mut problems) {
        interpret::check(&root, &mut problems);
    }
    problems.finish()?;
    merge::anchor_graph_path(&mut root);
    let mut scenario = Scenario::deserialize(root.to_json()).map_err(|error| {
        // The checks above should have found it; if they did not, serde's word is better than none.
        Error::invalid(format!("{}: {error}", Place::File { file: file.display().to_string().into(), line: 1 }))
    })?;
    scenario.name_interventions();
    if root.get("graph").is_none_or(|graph| graph.get("mean_degree").is_none()) {
        scenario.graph.mean_degree = scenario.graph.kind.usual_degree(scenario.population.users);
    }
    Ok((scenario, root))
}

/// Reads a file of another kind the same way: keys, types and ranges by the schema of `T`; `meaning` finds what these
/// cannot say. All problems are reported at once.
#[cfg(feature = "files")]
pub(crate) fn read<T: JsonSchema + DeserializeOwned>(
    path: &Path,
    interpret: impl FnOnce(&Cursor<'_>, &mut Problems),
) -> Result<T> {
    let mut problems = Problems::default();
    let shape = FileSchema::of::<T>();
    let file = path.display().to_string();
    let root = document::read(&text(path)?, &file.as_str().into(), &mut problems);
    if shape.check_file(&root, &mut problems) {
        interpret(&Cursor { node: &root, path: String::new() }, &mut problems);
    }
    problems.finish()?;
    T::deserialize(root.to_json()).map_err(|error| Error::invalid(format!("{file}:1: {error}")))
}

/// The text of a file.
#[cfg(feature = "files")]
fn text(path: &Path) -> Result<String> {
    let bytes = crate::files::read(path).map_err(|error| Error::io(path, "reading", error))?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..good].iter().filter(|&&b| b == b'\n').count();
        Error::invalid(format!("{}:{line}: found bytes that are not text; allowed TOML in UTF-8", path.display()))
    })
}
