//! Keys, types and ranges: the tree against the JSON Schema of the scenario's structs.
//!
//! The schema is made from the same declarations that serde reads and that the reference is printed from, so the
//! three cannot disagree.

use super::problem::{Place, Problems, listed, similar};
use super::tree::{Node, Value};
use serde_json::Value as Json;

/// The schema, with its references resolved on the way.
pub(crate) struct FileSchema {
    root: Json,
    former: &'static [(&'static str, &'static str)],
}

impl FileSchema {
    /// A schema, and keys that were called otherwise in earlier versions: former path, present name.
    pub(crate) fn new(root: Json, former: &'static [(&'static str, &'static str)]) -> Self {
        FileSchema { root, former }
    }

    /// Of a kind of file that is declared by a type.
    #[cfg(feature = "files")]
    pub(crate) fn of<T: schemars::JsonSchema>() -> Self {
        FileSchema::new(schemars::schema_for!(T).to_value(), &[])
    }

    pub(crate) fn root(&self) -> &Json {
        &self.root
    }

    /// The schema itself, where `schema` only refers to one, or says "this or nothing".
    pub(crate) fn resolve<'a>(&'a self, schema: &'a Json) -> &'a Json {
        if let Some(name) = schema["$ref"].as_str().and_then(|r| r.strip_prefix("#/$defs/")) {
            return self.resolve(&self.root["$defs"][name]);
        }
        let mut real = schema["anyOf"].as_array().into_iter().flatten().filter(|s| s["type"] != "null");
        match (real.next(), real.next()) {
            (Some(only), None) => self.resolve(only),
            _ => schema,
        }
    }

    /// The schema of a key; `None` where there is no such key. Of a table that has kinds, any kind's.
    pub(crate) fn key<'a>(&'a self, schema: &'a Json, key: &str) -> Option<&'a Json> {
        let schema = self.resolve(schema);
        std::iter::once(schema).chain(kinds_of(schema)).find_map(|table| table["properties"].get(key))
    }

    /// Names of the keys of a table; of one that has kinds, those of all.
    pub(crate) fn keys<'a>(&'a self, schema: &'a Json) -> Vec<&'a str> {
        let schema = self.resolve(schema);
        let tables = std::iter::once(schema).chain(kinds_of(schema));
        let all = tables.flat_map(|table| table["properties"].as_object().into_iter().flat_map(|p| p.keys().map(String::as_str)));
        let mut keys = Vec::new();
        for key in all {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }

    /// Checks a whole file. Returns false if it is of another kind: each of its keys would be a problem, so that is the only one told.
    pub(crate) fn check_file(&self, root: &Node, problems: &mut Problems) -> bool {
        if let Some((found, allowed)) = another_kind(root, self.root()) {
            problems.add(&root.place, "", found, allowed);
            return false;
        }
        let partly = problems.any_broken();
        self.check(root, self.root(), "", partly, problems);
        true
    }

    /// Checks a value and all below it. With `partly`, missing keys are no problem.
    pub(crate) fn check(&self, node: &Node, schema: &Json, path: &str, partly: bool, problems: &mut Problems) {
        let schema = self.resolve(schema);
        if let Some(choices) = schema["anyOf"].as_array() {
            let fitting = choices.iter().map(|c| self.resolve(c)).find(|c| fits(node, c));
            match fitting {
                Some(choice) => self.check(node, choice, path, partly, problems),
                None => problems.add(&node.place, path, node.shown(), self.allowed(schema)),
            }
            return;
        }
        if kinds_of(schema).next().is_some() && matches!(node.value, Value::Table(_)) {
            self.check_kind(node, schema, path, partly, problems);
            return;
        }
        let names = choices(schema);
        if !names.is_empty() {
            if !node.text().is_some_and(|text| names.contains(&text)) {
                let meant = node.text().and_then(|text| similar(text, names.iter().copied()));
                problems.suggest(&node.place, path, node.shown(), self.allowed(schema), meant);
            }
            return;
        }
        if !fits(node, schema) || node.number().is_some_and(|x| !in_range(x, &limits(schema))) {
            problems.suggest(&node.place, path, node.shown(), self.allowed(schema), share(node, schema).as_deref());
            return;
        }
        match &node.value {
            Value::List(items) => {
                for (k, item) in items.iter().enumerate() {
                    self.check(item, &schema["items"], &join(path, &step(item, k)), partly, problems);
                }
            }
            Value::Table(entries) => {
                for entry in entries {
                    match schema["properties"].get(&entry.key) {
                        Some(inner) => self.check(&entry.node, inner, &join(path, &entry.key), partly, problems),
                        None => self.unknown_key(&entry.place, schema, path, &entry.key, problems),
                    }
                }
                self.check_required(node, schema, path, partly, problems);
            }
            _ => {}
        }
    }

    fn check_required(&self, node: &Node, schema: &Json, path: &str, partly: bool, problems: &mut Problems) {
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
        for key in required.filter(|key| !partly && node.get(key).is_none()) {
            problems.add(&node.place, &join(path, key), "nothing", self.allowed(&schema["properties"][key]));
        }
    }

    /// Checks a table whose `kind` says which keys it takes. A key of another kind would be silently ignored.
    fn check_kind(&self, node: &Node, schema: &Json, path: &str, partly: bool, problems: &mut Problems) {
        let of = |table: &Json| table["properties"][KIND]["const"].as_str().map(String::from);
        let named = node.get(KIND).and_then(Node::text);
        let table = kinds_of(schema).find(|table| named.is_some() && of(table).as_deref() == named);
        for entry in node.entries().iter().filter(|entry| entry.key != KIND) {
            let inner_path = join(path, &entry.key);
            match (table.map(|table| table["properties"].get(&entry.key)), self.key(schema, &entry.key)) {
                (Some(Some(inner)), _) | (None, Some(inner)) => self.check(&entry.node, inner, &inner_path, partly, problems),
                (Some(None), Some(_)) => {
                    let name = named.unwrap_or_default();
                    let allowed = format!("for a {name}: {}", listed(self.keys(table.unwrap_or(schema))));
                    problems.add(&entry.place, &inner_path, format!("a key that a {name} does not use"), allowed);
                }
                (_, None) => self.unknown_key(&entry.place, table.unwrap_or(schema), path, &entry.key, problems),
            }
        }
        match (table, node.get(KIND)) {
            (Some(table), _) => self.check_required(node, table, path, partly, problems),
            (None, None) if partly => {}
            (None, kind) => {
                let names: Vec<String> = kinds_of(schema).filter_map(of).collect();
                let names = || names.iter().map(String::as_str);
                let (place, found) = kind.map_or((&node.place, "nothing".into()), |kind| (&kind.place, kind.shown()));
                let meant = named.and_then(|name| similar(name, names()));
                problems.suggest(place, &join(path, KIND), found, listed(names()), meant);
            }
        }
    }

    /// Reports a key that a table does not have.
    pub(crate) fn unknown_key(&self, place: &Place, schema: &Json, path: &str, key: &str, problems: &mut Problems) {
        let path = join(path, key);
        let renamed = self.former.iter().find(|(former, _)| *former == path).map(|(_, now)| *now);
        let found = if renamed.is_some() { "a key of earlier versions" } else { "an unknown key" };
        let meant = renamed.or_else(|| similar(key, self.keys(schema)));
        problems.suggest(place, &path, found, listed(self.keys(schema)), meant);
    }

    /// What a schema allows, in words.
    fn allowed(&self, schema: &Json) -> String {
        let schema = self.resolve(schema);
        if let Some(choices) = schema["anyOf"].as_array() {
            return choices.iter().map(|c| self.allowed(c)).collect::<Vec<_>>().join(" or ");
        }
        let names = choices(schema);
        if !names.is_empty() {
            return listed(names);
        }
        match kind(schema) {
            "integer" => format!("a whole number{}", range_in_words(&limits(schema))),
            "number" => format!("a number{}", range_in_words(&limits(schema))),
            "boolean" => "true or false".into(),
            "string" if schema["format"] == "date" => "a date such as 2025-08-13".into(),
            "string" => "text".into(),
            "array" => format!("a list, of each: {}", self.allowed(&schema["items"])),
            _ => "a table".into(),
        }
    }
}

/// Kinds of files, each by a key that only they have.
const FILES: [(&str, &str); 5] = [
    ("design", "a sweep file"),
    ("parameter", "a calibration file"),
    ("pattern", "a file of patterns"),
    ("population", "a scenario"),
    ("base", "a scenario"),
];

/// What kind of file this is and what is asked for, where these differ.
fn another_kind(node: &Node, schema: &Json) -> Option<(&'static str, &'static str)> {
    let kind = |has: &dyn Fn(&str) -> bool| FILES.iter().find(|(key, _)| has(key)).map(|(_, kind)| *kind);
    let found = kind(&|key| node.get(key).is_some())?;
    let allowed = kind(&|key| schema["properties"].get(key).is_some())?;
    (found != allowed).then_some((found, allowed))
}

/// The key that says which of several kinds a table is.
const KIND: &str = "kind";

/// The tables of a schema that is one of several kinds.
fn kinds_of(schema: &Json) -> impl Iterator<Item = &Json> {
    let all = schema["oneOf"].as_array().into_iter().flatten();
    all.filter(|table| table["properties"][KIND]["const"].is_string())
}

/// The type a schema asks for, leaving aside "or nothing", which TOML cannot say.
fn kind(schema: &Json) -> &str {
    match &schema["type"] {
        Json::Array(types) => types.iter().filter_map(Json::as_str).find(|t| *t != "null").unwrap_or_default(),
        one => one.as_str().unwrap_or_default(),
    }
}

/// Values of an enumeration.
fn choices(schema: &Json) -> Vec<&str> {
    // Those with doc comments are listed one by one, the others together.
    fn listed(schema: &Json) -> impl Iterator<Item = &str> {
        schema["const"].as_str().into_iter().chain(schema["enum"].as_array().into_iter().flatten().filter_map(Json::as_str))
    }
    schema["oneOf"].as_array().into_iter().flatten().flat_map(listed).chain(listed(schema)).collect()
}

fn fits(node: &Node, schema: &Json) -> bool {
    match kind(schema) {
        "string" if schema["format"] == "date" => node.date().is_some(),
        "string" => matches!(node.value, Value::Text(_)),
        "integer" => matches!(node.value, Value::Integer(_)),
        "number" => node.number().is_some(),
        "boolean" => matches!(node.value, Value::Boolean(_)),
        "array" => matches!(node.value, Value::List(_)),
        "object" => matches!(node.value, Value::Table(_)),
        _ => false,
    }
}

/// What a number was meant to be that was written in per cent where a share is asked for.
fn share(node: &Node, schema: &Json) -> Option<String> {
    let percent = node.number().filter(|x| kind(schema) == "number" && (2.0..=100.0).contains(x))?;
    (limits(schema) == [Some(0.0), Some(1.0)]).then(|| (percent / 100.0).to_string())
}

/// Least and greatest value, from the schema's limits and the width of the integer.
fn limits(schema: &Json) -> [Option<f64>; 2] {
    let width = match schema["format"].as_str() {
        Some("uint32") => Some(f64::from(u32::MAX)),
        // TOML's integers are signed, of 64 bits; the greatest as a float rounds up by one.
        Some("uint64") => Some(9_223_372_036_854_774_784.0),
        _ => None,
    };
    let number = |key: &str| schema[key].as_f64();
    let most = match (number("maximum"), width) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    [number("minimum"), most]
}

fn in_range(x: f64, [least, most]: &[Option<f64>; 2]) -> bool {
    least.is_none_or(|least| x >= least) && most.is_none_or(|most| x <= most)
}

fn range_in_words([least, most]: &[Option<f64>; 2]) -> String {
    match (least, most) {
        (Some(a), Some(b)) => format!(" from {a} to {b}"),
        (Some(a), None) => format!(", at least {a}"),
        (None, Some(b)) => format!(", at most {b}"),
        (None, None) => String::new(),
    }
}

/// An item's step in a path: by name where it has one, as `--set` takes it.
pub(crate) fn step(item: &Node, index: usize) -> String {
    match item.id() {
        Some(id) if id.contains(['.', '=', '"', '\'']) => format!("{id:?}"),
        Some(id) if !id.is_empty() => id.into(),
        _ => index.to_string(),
    }
}

pub(crate) fn join(path: &str, step: &str) -> String {
    if path.is_empty() { step.into() } else { format!("{path}.{step}") }
}
