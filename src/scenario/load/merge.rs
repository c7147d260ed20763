//! Variations: a file that names another as its `base` and says only what differs.

use super::Reader;
use super::{former, targets};
use crate::scenario::document::{self, Node, Place, Problems, Value, listed, similar};
use crate::scenario::{countries, country};
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Files that may stand on each other.
const MOST_BASES: usize = 8;

/// Reads a file's text and, where it has a `base`, lays it over that.
///
/// `above` are the files that led here.
pub(super) fn assemble(text: &str, path: &Path, above: &[PathBuf], read: Reader<'_>, problems: &mut Problems) -> Node {
    let file: Rc<str> = path.display().to_string().into();
    let mut root = document::read(text, &file, problems);
    former::rename(&mut root);
    targets::assemble(&mut root, path, read, problems);
    let base = root.take("base");
    let remove = root.take("remove");
    let Some(base) = base else {
        if let Some(remove) = remove {
            problems.add(&remove.place, "remove", "it without `base`", "only beside `base`, whose interventions it leaves out");
        }
        return root;
    };
    let Some(name) = base.node.text() else {
        problems.add(&base.node.place, "base", base.node.shown(), "text: the path of a scenario file, relative to this one");
        return root;
    };
    let country = country(name);
    let base_path = match country {
        Some(_) => PathBuf::from(format!("country {name}")),
        None => path.parent().unwrap_or(Path::new("")).join(name),
    };
    let mut above = above.to_vec();
    above.push(path.to_owned());
    if above.contains(&base_path) || above.len() > MOST_BASES {
        let allowed = format!("at most {MOST_BASES} files that are based on each other, none on itself");
        problems.add(&base.node.place, "base", base.node.shown(), allowed);
        return root;
    }
    let text = match country
        .map_or_else(|| read(&base_path), |text| Ok(text.into()))
        .and_then(|bytes| String::from_utf8(bytes).map_err(|error| Error::new(ErrorKind::InvalidData, error)))
    {
        Ok(text) => text,
        Err(error) => {
            let found = format!("{}, which cannot be read ({error})", base.node.shown());
            let allowed = format!("the path of a scenario file, relative to this one, or a country: {}", listed(countries()));
            problems.suggest(&base.node.place, "base", found, allowed, similar(name, countries()));
            return root;
        }
    };
    let mut whole = assemble(&text, &base_path, &above, read, problems);
    if let Some(remove) = remove {
        self::remove(&mut whole, &remove.node, problems);
    }
    lay_over(&mut whole, root);
    whole
}

/// Drops the interventions whose labels `labels` names.
pub(super) fn remove(root: &mut Node, labels: &Node, problems: &mut Problems) {
    const ALLOWED: &str = "a list of labels of interventions; `*` at the end stands for any text";
    let one = std::slice::from_ref(labels);
    let patterns = match &labels.value {
        Value::List(items) => items,
        _ => one,
    };
    for pattern in patterns {
        let Some(text) = pattern.text() else {
            problems.add(&pattern.place, "remove", pattern.shown(), ALLOWED);
            continue;
        };
        let matches = |label: &str| match text.strip_suffix('*') {
            Some(start) => label.starts_with(start),
            None => label == text,
        };
        let Some(Value::List(items)) = root.get_mut("intervention").map(|node| &mut node.value) else {
            problems.add(&pattern.place, "remove", pattern.shown(), "nothing: there are no interventions");
            continue;
        };
        let before = items.len();
        let labels: Vec<String> = items.iter().filter_map(Node::id).map(String::from).collect();
        items.retain(|item| !(item.id().is_some_and(matches) || text == "*"));
        if items.len() == before && text != "*" {
            let names = || labels.iter().map(String::as_str);
            problems.suggest(&pattern.place, "remove", pattern.shown(), listed(names()), similar(text, names()));
        }
    }
}

/// Lays `top` over `below`: tables key by key, lists of named things by name, everything else instead.
pub(super) fn lay_over(below: &mut Node, top: Node) {
    match (&mut below.value, top.value) {
        (Value::Table(entries), Value::Table(new)) => {
            let mut places = places(entries.iter().map(|entry| Some(entry.key.as_str())));
            for entry in new {
                match places.get(&entry.key) {
                    Some(&k) => {
                        lay_over(&mut entries[k].node, entry.node);
                        entries[k].place = entry.place;
                    }
                    None => {
                        places.insert(entry.key.clone(), entries.len());
                        entries.push(entry);
                    }
                }
            }
        }
        (Value::List(items), Value::List(new)) if named(items) && named(&new) => {
            let mut places = places(items.iter().map(Node::id));
            for item in new {
                match item.id().and_then(|id| places.get(id)) {
                    Some(&k) => lay_over(&mut items[k], item),
                    None => {
                        places.extend(item.id().map(|id| (id.to_owned(), items.len())));
                        items.push(item);
                    }
                }
            }
        }
        (value, new) => *value = new,
    }
    below.place = top.place;
}

/// Where each name stands first.
fn places<'a>(names: impl Iterator<Item = Option<&'a str>>) -> BTreeMap<String, usize> {
    let mut places = BTreeMap::new();
    for (k, name) in names.enumerate() {
        if let Some(name) = name {
            places.entry(name.to_owned()).or_insert(k);
        }
    }
    places
}

/// Whether a list holds things that can be distinguished by name.
fn named(items: &[Node]) -> bool {
    items.iter().all(|item| matches!(item.value, Value::Table(_)))
}

/// Makes the paths of the graph's files, written relative to the file they stand in, hold from anywhere.
pub(super) fn anchor_graph_path(root: &mut Node) {
    ["path", "nodes"].into_iter().for_each(|key| anchor(root, key));
}

fn anchor(root: &mut Node, key: &str) {
    let Some(node) = root.get_mut("graph").and_then(|graph| graph.get_mut(key)) else { return };
    let Value::Text(text) = &mut node.value else { return };
    let folder = match &node.place {
        Place::File { file, .. } => Path::new(&**file).parent().unwrap_or(Path::new("")).to_owned(),
        Place::Set(_) => PathBuf::new(),
    };
    // Fails only for an empty path or without a current folder; then it stays as it was written.
    if let Ok(path) = std::path::absolute(folder.join(&*text)) {
        *text = path.display().to_string();
    }
}
