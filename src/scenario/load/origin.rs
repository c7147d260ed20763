//! Where the values of a scenario come from.

use super::basis::{Comments, Mark};
use crate::error::Result;
use crate::scenario::Scenario;
use crate::scenario::document::{self, Node, Place, Problems, Value, join, step};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Where a value comes from; in JSON as it is printed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
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

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.to_string()
    }
}

impl From<String> for Origin {
    fn from(text: String) -> Self {
        let own = [Origin::Scenario, Origin::Set, Origin::Default];
        own.into_iter().find(|origin| origin.to_string() == text).unwrap_or(Origin::Base(text))
    }
}

/// A value of a resolved scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioValue {
    /// Its path, as `--set` takes it.
    pub path: String,
    /// The value, shortened.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
    /// What the comment beside it says that it rests on.
    #[serde(flatten)]
    pub mark: Option<Mark>,
}

/// All values of `scenario` but its targets, which was made from `root`, in the order of its keys; `own` is its file. A list of
/// plain values is one value.
pub(super) fn values(scenario: &Scenario, root: &Node, own: &Path) -> Result<Vec<ScenarioValue>> {
    let mut origins = BTreeMap::new();
    let mut comments = Comments::default();
    walk(root, &TreePath::default(), &mut |path, node| {
        let origin = match &node.place {
            Place::Set(_) => Origin::Set,
            Place::File { file, .. } if Path::new(&**file) == own => Origin::Scenario,
            Place::File { file, .. } => Origin::Base(file.to_string()),
        };
        origins.insert(path.by_index.clone(), (origin, comments.mark(&node.place).filter(|_| counts(node))));
    });
    let mut whole = document::read(&scenario.to_toml()?, &"resolved".into(), &mut Problems::default());
    let mut values = Vec::new();
    whole.take("target");
    walk(&whole, &TreePath::default(), &mut |path, node| {
        let (origin, mark) = origins.get(&path.by_index).cloned().unwrap_or((Origin::Default, None));
        values.push(ScenarioValue { path: path.by_name.clone(), value: node.shown(), origin, mark });
    });
    Ok(values)
}

/// Whether a value is a number, a day, or a list of them: what can be measured.
fn counts(node: &Node) -> bool {
    match &node.value {
        Value::List(items) => items.iter().all(counts),
        Value::Text(_) | Value::Boolean(_) | Value::Table(_) => false,
        Value::Integer(_) | Value::Float(_) | Value::Date(_) => true,
    }
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
