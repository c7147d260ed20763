//! Published figures from a table: each of its rows stands for an item of the list `target`.

use super::Reader;
use crate::scenario::document::{Entry, Node, Place, Problems, Value};
use crate::scenario::warnings::FLAGS;
use crate::scenario::{Date, MAX_TARGETS};
use crate::tables::{columns_of, table_problem};
use std::path::Path;
use std::rc::Rc;

const COLUMNS: [&str; 5] = ["month", "messenger", "column", "value_mln", "flag"];
/// Flags of what nobody measured: interpolated, assumed.
const NOT_MEASURED: [&str; 2] = ["I", "A"];
const ALLOWED: &str = "the path of a CSV table, relative to this file";

/// Puts the rows of the table that `targets` names in its place. `path` is that of the file in which it stands.
pub(super) fn assemble(root: &mut Node, path: &Path, read: Reader<'_>, problems: &mut Problems) {
    let Some(named) = root.take("targets") else { return };
    let Some(name) = named.node.text() else {
        problems.add(&named.node.place, "targets", named.node.shown(), ALLOWED);
        return;
    };
    let path = path.parent().unwrap_or(Path::new("")).join(name);
    let rows = match rows_of(&path, read, problems) {
        Ok(rows) => rows,
        Err(error) => {
            let found = format!("{}, which cannot be read ({error})", named.node.shown());
            problems.add(&named.node.place, "targets", found, ALLOWED);
            return;
        }
    };
    let Value::Table(entries) = &mut root.value else { return };
    match entries.iter_mut().find(|e| e.key == "target") {
        Some(Entry { node: Node { value: Value::List(items), .. }, .. }) => items.extend(rows),
        // Of another type: the check of shapes will tell.
        Some(_) => {}
        None => {
            let place = named.place.clone();
            let node = Node { place: place.clone(), value: Value::List(rows) };
            entries.push(Entry { key: "target".into(), place, node });
        }
    }
}

fn rows_of(path: &Path, read: Reader<'_>, problems: &mut Problems) -> csv::Result<Vec<Node>> {
    let file: Rc<str> = path.display().to_string().into();
    let content = read(path)?;
    let mut reader = csv::Reader::from_reader(content.as_slice());
    let header = reader.headers()?.clone();
    if let Err(message) = columns_of(&header, &COLUMNS) {
        problems.message(&Place::File { file, line: 1 }, "targets", &message);
        return Ok(Vec::new());
    }
    let column = |name: &str| header.iter().position(|h| h.trim() == name);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = match record {
            Err(error) if !error.is_io_error() => {
                let (line, message) = table_problem(&error);
                problems.message(&Place::File { file: file.clone(), line: line.unwrap_or(0) as u32 }, "targets", &message);
                continue;
            }
            record => record?,
        };
        let line = record.position().map_or(0, |at| at.line() as u32);
        if rows.len() == MAX_TARGETS {
            problems.add(&Place::File { file, line }, "targets", "one more row", format!("{MAX_TARGETS} published figures"));
            break;
        }
        let place = Place::File { file: file.clone(), line };
        let cell = |name: &str| column(name).and_then(|k| record.get(k)).unwrap_or_default();
        let date = day_of(cell("month"), cell("column"));
        if date.is_none() {
            problems.add(&place, "month", format!("{:?}", cell("month")), "a month such as 2025-08");
        }
        let people = cell("value_mln").parse::<f64>().ok().filter(|x| x.is_finite());
        if people.is_none() {
            problems.add(&place, "value_mln", format!("{:?}", cell("value_mln")), "a number of millions");
        }
        let (Some(date), Some(people)) = (date, people) else { continue };
        let values = [
            ("messenger", Value::Text(cell("messenger").into())),
            ("column", Value::Text(cell("column").into())),
            ("date", Value::Text(date.to_string())),
            ("people", Value::Float(people * 1e6)),
            ("measured", Value::Boolean(!NOT_MEASURED.contains(&cell("flag")))),
            ("flag", Value::Text(if FLAGS.contains(&cell("flag")) { "" } else { cell("flag") }.into())),
            ("source", Value::Text(cell("source").into())),
        ];
        let entry = |(key, value): (&str, Value)| {
            let node = Node { place: place.clone(), value };
            Entry { key: key.into(), place: place.clone(), node }
        };
        rows.push(Node { value: Value::Table(values.into_iter().map(entry).collect()), place: place.clone() });
    }
    Ok(rows)
}

/// Where a figure of a month stands: a mean of days in its middle, all others at its end.
fn day_of(month: &str, column: &str) -> Option<Date> {
    let first: Date = format!("{month}-01").parse().ok()?;
    match (column, first.month()) {
        ("daily_reach", _) => Some(first.plus(14)),
        (_, 12) => Some(first.plus(30)),
        (_, month) => Some(Date::new(first.year(), month + 1, 1)?.plus(-1)),
    }
}
