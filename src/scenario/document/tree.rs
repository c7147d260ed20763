//! A scenario as written: values with the place each was read from, before any meaning is given to them.
//!
//! A file, the file it builds on and `--set` options end up in one tree, so every value carries its own place.

use super::problem::{Place, Problems};
use crate::scenario::{Date, MAX_TEXT};
use std::rc::Rc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub place: Place,
    pub value: Value,
}

/// TOML's values; integers wide enough to hold, and refuse, whatever is written.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    Integer(i128),
    Float(f64),
    Boolean(bool),
    Date(Datetime),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// A key of a table.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub key: String,
    pub place: Place,
    pub node: Node,
}

impl Node {
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|e| &e.node)
    }

    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|e| e.key == key)
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Table(entries) => entries,
            _ => &[],
        }
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        match &mut self.value {
            Value::Table(entries) => entries.iter_mut().find(|e| e.key == key).map(|e| &mut e.node),
            _ => None,
        }
    }

    pub(crate) fn take(&mut self, key: &str) -> Option<Entry> {
        match &mut self.value {
            Value::Table(entries) => entries.iter().position(|e| e.key == key).map(|k| entries.remove(k)),
            _ => None,
        }
    }

    pub(crate) fn list(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn is_empty_list(&self) -> bool {
        matches!(&self.value, Value::List(items) if items.is_empty())
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        match self.value {
            Value::Integer(n) => Some(n as f64),
            Value::Float(x) => Some(x).filter(|x| x.is_finite()),
            _ => None,
        }
    }

    pub(crate) fn date(&self) -> Option<Date> {
        match &self.value {
            Value::Date(date) => date.to_string().parse().ok(),
            Value::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The name by which an item of a list is called: its `label` or `name`.
    pub(crate) fn id(&self) -> Option<&str> {
        self.get("label").or_else(|| self.get("name"))?.text()
    }

    /// What stands there, for a message.
    pub(crate) fn shown(&self) -> String {
        match &self.value {
            Value::Text(text) => format!("{:?}", shortened(text)),
            Value::Integer(n) => n.to_string(),
            Value::Float(x) => format!("{x:?}"),
            Value::Boolean(b) => b.to_string(),
            Value::Date(date) => date.to_string(),
            Value::List(items) => format!("a list of {}", items.len()),
            Value::Table(_) => "a table".into(),
        }
    }

    /// The same value for serde. Places are lost.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Text(text) => Json::from(text.as_str()),
            Value::Integer(n) => u64::try_from(*n).map(Json::from).unwrap_or_else(|_| Json::from(*n as i64)),
            Value::Float(x) => Json::from(*x),
            Value::Boolean(b) => Json::from(*b),
            Value::Date(date) => Json::from(date.to_string()),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Table(entries) => Json::Object(entries.iter().map(|e| (e.key.clone(), e.node.to_json())).collect()),
        }
    }
}

fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Reads a file's text. What is not TOML goes to `problems`; the rest is read all the same, so that its problems
/// can be reported too.
pub(crate) fn read(text: &str, file: &Rc<str>, problems: &mut Problems) -> Node {
    if text.len() > MAX_TEXT {
        let root = Place::File { file: file.clone(), line: 1 };
        let found = format!("found {} bytes; allowed at most {MAX_TEXT}", text.len());
        problems.broken(root.clone(), format!("not TOML that could be a scenario: {found}"));
        return Node { place: root, value: Value::Table(Vec::new()) };
    }
    let lines = Lines::new(text, file);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let (line, column) = lines.position(error.span().map_or(0, |s| s.start));
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        problems.broken(Place::File { file: file.clone(), line }, format!("column {column}: not TOML: {message}"));
    }
    let root = Place::File { file: file.clone(), line: 1 };
    match convert_table(table.get_ref(), &|at| lines.place(at), 0) {
        Ok(value) => Node { place: root, value },
        Err(place) => {
            problems.broken(place, TOO_DEEP.into());
            Node { place: root, value: Value::Table(Vec::new()) }
        }
    }
}

/// Reads the value of `--set key=value`: TOML, or else plain text.
pub(crate) fn read_value(text: &str, place: &Place) -> Node {
    let value = DeValue::parse(text).ok().and_then(|value| convert(&value, &|_| place.clone(), 0).ok());
    value.unwrap_or_else(|| Node { place: place.clone(), value: Value::Text(text.into()) })
}

/// Levels of tables and lists that are read: a scenario has five, and walking thousands would end the stack.
const MOST_LEVELS: usize = 64;
const TOO_DEEP: &str = "not TOML that could be a scenario: tables in tables, more than 64 levels deep";

/// The tree of a parsed value; where it is nested too deep, the place of that.
fn convert(value: &Spanned<DeValue<'_>>, place: &dyn Fn(usize) -> Place, level: usize) -> Result<Node, Place> {
    let here = place(value.span().start);
    if level > MOST_LEVELS {
        return Err(here);
    }
    let converted = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(n) => match i128::from_str_radix(n.as_str(), n.radix()) {
            Ok(n) => Value::Integer(n),
            // Of so many digits only the size matters, which no key allows.
            Err(_) => Value::Float(if n.as_str().starts_with('-') { -1e300 } else { 1e300 }),
        },
        DeValue::Float(x) => Value::Float(x.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(b) => Value::Boolean(*b),
        DeValue::Datetime(date) => Value::Date(*date),
        DeValue::Array(items) => Value::List(items.iter().map(|item| convert(item, place, level + 1)).collect::<Result<_, _>>()?),
        DeValue::Table(table) => convert_table(table, place, level)?,
    };
    Ok(Node { place: here, value: converted })
}

fn convert_table(table: &DeTable<'_>, place: &dyn Fn(usize) -> Place, level: usize) -> Result<Value, Place> {
    let entry = |(key, node): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
        let at = place(key.span().start);
        let mut node = convert(node, place, level + 1)?;
        // What the parser made up for a value it could not read stands nowhere.
        if node.place < at && !matches!(node.value, Value::Table(_)) {
            node.place = at.clone();
        }
        Ok(Entry { key: key.get_ref().to_string(), place: at, node })
    };
    Ok(Value::Table(table.iter().map(entry).collect::<Result<_, _>>()?))
}

/// Line numbers of byte positions.
struct Lines<'a> {
    text: &'a str,
    file: &'a Rc<str>,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str, file: &'a Rc<str>) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Lines { text, file, starts }
    }

    /// Line and column, both from 1.
    fn position(&self, at: usize) -> (u32, usize) {
        let line = self.starts.partition_point(|&start| start <= at);
        let start = self.starts[line - 1];
        let column = self.text.get(start..at).map_or(at - start, |part| part.chars().count());
        (line as u32, column + 1)
    }

    fn place(&self, at: usize) -> Place {
        Place::File { file: self.file.clone(), line: self.position(at).0 }
    }
}
