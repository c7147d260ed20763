//! Reading the tree with the path at hand, forgiving whatever the schema check has already reported.

use super::{Node, Place, Problems, join, listed, similar, step};
use crate::scenario::{Date, fault_of_name};
use std::collections::BTreeSet;
use std::fmt::Display;

/// A table of the tree and its path.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    pub node: &'a Node,
    pub path: String,
}

impl<'a> Cursor<'a> {
    pub(crate) fn get(&self, key: &str) -> Option<Cursor<'a>> {
        Some(Cursor { node: self.node.get(key)?, path: join(&self.path, key) })
    }

    /// The items of the list at `key`; none where there is no list.
    pub(crate) fn items(&self, key: &str) -> Vec<Cursor<'a>> {
        let path = join(&self.path, key);
        let list = self.node.get(key).map_or(&[][..], Node::list);
        list.iter().enumerate().map(|(k, node)| Cursor { node, path: join(&path, &step(node, k)) }).collect()
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.node.get(key).is_some()
    }

    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.node.get(key)?.text()
    }

    pub(crate) fn number(&self, key: &str) -> Option<f64> {
        self.node.get(key)?.number()
    }

    pub(crate) fn date(&self, key: &str) -> Option<Date> {
        self.node.get(key)?.date()
    }

    /// Where the key stands, or else the table.
    pub(crate) fn place(&self, key: &str) -> &'a Place {
        self.node.entry(key).map_or(&self.node.place, |e| if e.node.list().is_empty() { &e.node.place } else { &e.place })
    }

    /// Reports a problem of the key.
    pub(crate) fn problem(&self, problems: &mut Problems, key: &str, found: impl Display, allowed: impl Display) {
        problems.add(self.place(key), &join(&self.path, key), found, allowed);
    }

    /// Reports names at `key`, one or a list, that are not among `known`.
    pub(crate) fn known(&self, problems: &mut Problems, key: &str, known: &[&str]) {
        let Some(node) = self.node.get(key) else { return };
        for (k, name) in node.list().iter().enumerate() {
            if name.text().is_some() && node.list()[..k].iter().any(|earlier| earlier.text() == name.text()) {
                problems.add(&name.place, &join(&self.path, key), format!("{} a second time", name.shown()), "each once");
            }
        }
        for name in std::iter::once(node).chain(node.list()) {
            let Some(text) = name.text().filter(|t| !known.contains(t)) else { continue };
            let meant = similar(text, known.iter().copied());
            problems.suggest(&name.place, &join(&self.path, key), name.shown(), listed(known.iter().copied()), meant);
        }
    }
}

/// Names of the items; reports empty and repeated ones.
pub(crate) fn names<'a>(items: &[Cursor<'a>], key: &str, problems: &mut Problems) -> Vec<&'a str> {
    let (mut names, mut seen) = (Vec::new(), BTreeSet::new());
    for item in items {
        let Some(name) = item.text(key) else { continue };
        if let Some(allowed) = fault_of_name(name) {
            item.problem(problems, key, format!("{name:?}"), allowed);
        } else if seen.contains(name) {
            item.problem(problems, key, format!("{name:?} a second time"), "names that differ");
        }
        names.push(name);
        seen.insert(name);
    }
    names
}

/// Reports lists of more than `most` items; whether there is one. Of such a file nothing else is to be observed, as that may take permanently.
#[cfg(feature = "files")]
pub(crate) fn too_long(at: &Cursor<'_>, keys: &[&str], most: usize, problems: &mut Problems) -> bool {
    let mut found = false;
    for key in keys {
        let n = at.get(key).map_or(0, |list| list.node.list().len());
        if n > most {
            at.problem(problems, key, format!("a list of {n}"), format!("at most {most} items"));
            found = true;
        }
    }
    found
}

/// Reports a list of a wrong number of items; `items` may be known to be absent.
pub(crate) fn count(at: &Cursor<'_>, key: &str, least: usize, most: usize, problems: &mut Problems) {
    let Some(list) = at.get(key) else { return };
    let n = list.node.list().len();
    if !(least..=most).contains(&n) {
        at.problem(problems, key, format!("a list of {n}"), format!("{least} to {most} items"));
    }
}
