//! `--set path.to.key=value`.

use super::merge;
use crate::scenario::document::{Entry, FileSchema, Node, Place, Problems, Value, join, listed, read_value, similar, step};
use serde_json::Value as Json;

/// Carries out one option on the tree.
///
/// Steps of the path are keys; in a list, an item's name, label or index. Names may contain dots; keys in quotes
/// are taken as they are.
pub(super) fn set(root: &mut Node, shape: &FileSchema, option: &str, problems: &mut Problems) {
    let place = Place::Set(option.into());
    let Some((path, value)) = split(option) else {
        problems.add(&place, "", "no value", "path.to.key=value");
        return;
    };
    let value = read_value(value.trim(), &place);
    if path == ["remove"] {
        merge::remove(root, &value, problems);
        return;
    }
    Walk { shape, place, value, problems }.go(root, shape.root(), &path, "");
}

struct Walk<'a> {
    shape: &'a FileSchema,
    place: Place,
    value: Node,
    problems: &'a mut Problems,
}

impl Walk<'_> {
    fn go(self, node: &mut Node, schema: &Json, path: &[String], walked: &str) {
        let Some(first) = path.first() else {
            *node = self.value;
            return;
        };
        let schema = self.shape.resolve(schema);
        match &mut node.value {
            Value::Table(entries) => {
                let Some(inner) = self.shape.key(schema, first) else {
                    self.shape.unknown_key(&self.place, schema, walked, first, self.problems);
                    return;
                };
                let at = entries.iter().position(|e| e.key == *first).unwrap_or_else(|| {
                    let empty = match self.shape.resolve(inner)["type"].as_str() {
                        Some("array") => Value::List(Vec::new()),
                        _ => Value::Table(Vec::new()),
                    };
                    let node = Node { place: self.place.clone(), value: empty };
                    entries.push(Entry { key: first.clone(), place: self.place.clone(), node });
                    entries.len() - 1
                });
                let walked = join(walked, first);
                self.go(&mut entries[at].node, inner, &path[1..], &walked);
            }
            Value::List(items) => match find(items, path) {
                Some((at, steps)) => {
                    let walked = join(walked, &step(&items[at], at));
                    self.go(&mut items[at], &schema["items"], &path[steps..], &walked);
                }
                None => {
                    let names = || items.iter().filter_map(Node::id);
                    let allowed = match (items.len(), names().next()) {
                        (0, _) => "nothing: the list is empty".to_string(),
                        (n, None) => format!("a number from 0 to {}", n - 1),
                        (n, _) => format!("{} or a number from 0 to {}", listed(names()), n - 1),
                    };
                    self.problems.suggest(&self.place, &join(walked, first), "no such item", allowed, similar(first, names()));
                }
            },
            _ => self.problems.add(
                &self.place,
                &join(walked, first),
                format!("a step into {}", node.shown()),
                format!("`{walked}` alone"),
            ),
        }
    }
}

/// The item that the first steps of `path` name, and how many steps that takes.
fn find(items: &[Node], path: &[String]) -> Option<(usize, usize)> {
    let by_name = (1..=path.len()).rev().find_map(|steps| {
        let name = path[..steps].join(".");
        items.iter().position(|item| item.id() == Some(&name)).map(|at| (at, steps))
    });
    by_name.or_else(|| path[0].parse().ok().filter(|&at: &usize| at < items.len()).map(|at| (at, 1)))
}

/// Path and value; `None` where there is no `=` or no path.
fn split(option: &str) -> Option<(Vec<String>, &str)> {
    let mut path = vec![String::new()];
    let mut quote = None;
    for (at, c) in option.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '.') => path.push(String::new()),
            (None, '=') => {
                let path: Vec<String> = path.iter().map(|step| step.trim().to_string()).collect();
                return path.iter().all(|step| !step.is_empty()).then_some((path, &option[at + 1..]));
            }
            _ => path.last_mut()?.push(c),
        }
    }
    None
}
