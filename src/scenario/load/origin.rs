//! Where the values of a scenario come from.

use crate::error::Result;
use crate::scenario::Scenario;
use crate::scenario::document::{self, Node, Place, Problems, Value, join, step};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The scenario's own file.
    Scenario,
    /// A file that it stands on; `country NAME` for one that comes with exodus.
    Base(String),
    /// A `--set` option.
    Set,
    /// Nobody wrote it: a neutral default.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Scenario => f.write_str("scenario"),
            Origin::Base(file) => f.write_str(file),
            Origin::Set => f.write_str("--set"),
            Origin::Default => f.write_str("default"),
        }
    }
}

/// A value of a resolved scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioValue {
    /// Its path, as `--set` takes it.
    pub path: String,
    /// The value, shortened.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// All values of `scenario` but its targets, which was made from `root`, in the order of its keys; `own` is its file. A list of
/// plain values is one value.
pub(super) fn values(scenario: &Scenario, root: &Node, own: &Path) -> Result<Vec<ScenarioValue>> {
    let mut origins = BTreeMap::new();
    walk(root, &TreePath::default(), &mut |path, node| {
        let origin = match &node.place {
            Place::Set(_) => Origin::Set,
            Place::File { file, .. } if Path::new(&**file) == own => Origin::Scenario,
            Place::File { file, .. } => Origin::Base(file.to_string()),
        };
        origins.insert(path.by_index.clone(), origin);
    });
    let mut whole = document::read(&scenario.to_toml()?, &"resolved".into(), &mut Problems::default());
    let mut values = Vec::new();
    whole.take("target");
    walk(&whole, &TreePath::default(), &mut |path, node| {
        let origin = origins.get(&path.by_index).cloned().unwrap_or(Origin::Default);
        values.push(ScenarioValue { path: path.by_name.clone(), value: node.shown(), origin });
    });
    Ok(values)
}

/// A path in two ways: items of lists by number, as lists keep their order, and by name, as people call them.
#[derive(Clone, Default)]
struct TreePath {
    by_index: String,
    by_name: String,
}

impl TreePath {
    fn then(&self, by_index: &str, by_name: &str) -> Self {
        TreePath { by_index: join(&self.by_index, by_index), by_name: join(&self.by_name, by_name) }
    }
}

fn walk(node: &Node, path: &TreePath, found: &mut impl FnMut(&TreePath, &Node)) {
    match &node.value {
        Value::Table(entries) => {
            for entry in entries {
                walk(&entry.node, &path.then(&entry.key, &entry.key), found);
            }
        }
        Value::List(items) if items.iter().any(|item| matches!(item.value, Value::Table(_))) => {
            for (k, item) in items.iter().enumerate() {
                walk(item, &path.then(&k.to_string(), &step(item, k)), found);
            }
        }
        _ => found(path, node),
    }
}
