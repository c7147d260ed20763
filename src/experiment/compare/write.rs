//! The folder of a comparison: `differences.csv`, `measures.csv`, `flows.csv`, the scenarios and `comparison.json`.

use super::{Comparison, ComparisonManifest, Measure, Paired, RunSet};
use crate::error::{Error, Result};
use crate::files::{self, Lock};
use crate::observe::{Field, ValueType};
use crate::storage::{Inventory, OutputFile, Table, Value};
use std::path::Path;

const NUMBER: ValueType = ValueType::Float(6);

/// Columns of `differences.csv`: a row per run compared, day, messenger and column of `series.csv` or `population.csv`.
pub const DIFFERENCE_FIELDS: &[Field] = &[
    Field::plain("run", ValueType::Text, "Folder that is compared with the reference."),
    Field::plain("date", ValueType::Date, "Day."),
    Field::plain("messenger", ValueType::Text, "Messenger; empty for columns of population.csv."),
    Field::plain("column", ValueType::Text, "Column of series.csv or population.csv."),
    Field::plain("a", NUMBER, "Reference, mean over pairs."),
    Field::plain("b", NUMBER, "The other, mean over pairs."),
    Field::plain("difference", NUMBER, "b - a, mean over pairs."),
    Field::plain("low", NUMBER, "Lower end of its 95 % interval (Student's t over pairs); empty with one pair."),
    Field::plain("high", NUMBER, "Upper end."),
];

/// Columns of `measures.csv`: a row per run compared, messenger, column and measure.
pub const MEASURE_FIELDS: &[Field] = &[
    Field::plain("run", ValueType::Text, "Folder that is compared with the reference."),
    Field::plain("messenger", ValueType::Text, "Messenger; empty for columns of population.csv."),
    Field::plain("column", ValueType::Text, "Column of series.csv or population.csv."),
    Field::plain("measure", ValueType::Text, "Day, peak or month (mean)."),
    Field::plain("date", ValueType::Text, "The day, or the month; empty for peaks."),
    Field::plain("what", ValueType::Text, "What happens that day."),
    Field::plain("a", NUMBER, "Reference, mean over pairs."),
    Field::plain("b", NUMBER, "The other, mean over pairs."),
    Field::plain("difference", NUMBER, "b - a, mean over pairs."),
    Field::plain("low", NUMBER, "Lower end of its 95 % interval (Student's t over pairs); empty with one pair."),
    Field::plain("high", NUMBER, "Upper end."),
    Field::plain("pairs", ValueType::Int, "Pairs with this figure on both sides."),
    Field::plain("sd", NUMBER, "Standard deviation of the difference over pairs."),
    Field::plain("sd_unpaired", NUMBER, "What it would be without common random numbers."),
    Field::plain("gain", NUMBER, "Variance of unpaired differences by that of paired ones."),
    Field::plain("unpaired_replicates", NUMBER, "Replicates a side for the same interval without common random numbers."),
];

/// Columns of `flows.csv`: a row per run compared and pair of main apps, on the last common day.
pub const FLOW_FIELDS: &[Field] = &[
    Field::plain("run", ValueType::Text, "Folder that is compared with the reference."),
    Field::plain("from", ValueType::Text, "Main app in the reference, or none."),
    Field::plain("to", ValueType::Text, "Main app in the other, or none."),
    Field::plain("users", ValueType::Int, "Followed users, over all pairs."),
    Field::plain("people", ValueType::Float(1), "People they represent, mean over pairs."),
];

/// Writes the comparisons of sides with the first of them into a folder, which is made where there is none. `made` is the
/// UTC time, RFC 3339.
///
/// Fails where something is in the folder already; with `force` an older comparison makes way.
pub fn write(folder: &Path, sides: &[RunSet], comparisons: &[Comparison], made: String, force: bool) -> Result<()> {
    check(folder, force)?;
    files::create_folder(folder)?;
    let _lock = Lock::take(folder)?;
    make_way(folder)?;
    let mut differences = Table::create(folder, "differences", DIFFERENCE_FIELDS, &[])?;
    let mut measures = Table::create(folder, "measures", MEASURE_FIELDS, &[])?;
    let mut flows = Table::create(folder, "flows", FLOW_FIELDS, &[])?;
    for comparison in comparisons {
        let run = Value::Text(&comparison.other);
        for (k, figure) in comparison.figures.iter().enumerate() {
            let [messenger, column] = [Value::Text(&figure.messenger), Value::Text(figure.column)];
            for (date, paired) in comparison.dates.iter().zip(&comparison.daily[k]) {
                let head = [run, Value::Date(*date), messenger, column];
                differences.row(head.into_iter().chain(numbers(paired)))?;
            }
            for (measure, paired) in comparison.measures.iter().zip(&comparison.measured[k]) {
                let (date, what) = (measure.date(), measure.what());
                let head = [run, messenger, column, Value::Text(measure.name()), Value::Text(&date), Value::Text(what)];
                let needed = paired.unpaired_replicates().map_or(f64::NAN, |n| n as f64);
                let spread = [paired.difference().sd(), paired.unpaired_variance().sqrt(), paired.gain(), needed];
                let pairs = Value::Int(i64::from(paired.difference().n()));
                let tail = numbers(paired).into_iter().chain([pairs]).chain(spread.map(Value::Float));
                measures.row(head.into_iter().chain(tail))?;
            }
        }
        for (from, row) in comparison.flows.names.iter().zip(&comparison.flows.users) {
            for (to, &users) in comparison.flows.names.iter().zip(row) {
                let people = users as f64 * comparison.people_per_followed();
                let head = [run, Value::Text(from), Value::Text(to)];
                flows.row(head.into_iter().chain([Value::Int(users as i64), Value::Float(people)]))?;
            }
        }
    }
    let mut manifest = ComparisonManifest::new(sides, comparisons, made)?;
    for table in [differences, measures, flows] {
        manifest.files.extend(table.finish(true, false)?);
    }
    let mut scenarios = Vec::new();
    let names = std::iter::once(&manifest.reference).chain(manifest.others.iter().map(|other| &other.side));
    for (side, named) in sides.iter().zip(names) {
        let text = side.scenario.to_toml()?;
        files::write_text(&folder.join(&named.scenario), &text)?;
        scenarios.push(OutputFile::of_text(&named.scenario, &text));
    }
    manifest.files.extend(scenarios);
    // What makes the folder a comparison's comes last.
    manifest.write(folder)
}

/// Refuses a folder with something in it, but for what a killed comparison left; and an older one unless `force`.
fn check(folder: &Path, force: bool) -> Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries.collect::<std::io::Result<Vec<_>>>().map_err(|e| Error::io(folder, "reading", e))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io(folder, "opening", error)),
    };
    let entries: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    let here = ComparisonManifest::is_here(folder);
    if here && !force {
        let place = folder.display();
        return Err(Error::invalid(format!(
            "{place}: found a folder with a comparison in it; give an empty one, or --force to overwrite the comparison"
        )));
    }
    match entries.iter().find(|path| !here && !is_ours(path)) {
        Some(other) => Err(Error::invalid(format!(
            "{}: found a file that no comparison wrote; give an empty folder, or --force to overwrite a comparison",
            other.display()
        ))),
        None => Ok(()),
    }
}

/// Removes an older comparison: what its manifest lists, and what a killed one left.
fn make_way(folder: &Path) -> Result<()> {
    if ComparisonManifest::is_here(folder) {
        Inventory::read(folder)?.remove(&[])?;
    }
    let left = std::fs::read_dir(folder).map_err(|e| Error::io(folder, "opening", e))?;
    let left = left.filter_map(|entry| Some(entry.ok()?.path()));
    left.filter(|path| is_ours(path) && !path.ends_with(Lock::NAME)).try_for_each(|path| files::remove(&path))
}

/// Whether a comparison wrote this, even one that was killed.
fn is_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let plain = name.trim_end_matches(".tmp").trim_end_matches(".part");
    let names = ["differences.csv", "measures.csv", "flows.csv", "reference.toml", "comparison.json", Lock::NAME];
    path.is_file() && (names.contains(&plain) || plain.starts_with("other-") && plain.ends_with(".toml"))
}

fn numbers(paired: &Paired) -> [Value<'static>; 5] {
    let [low, high] = paired.interval();
    [paired.a(), paired.b(), paired.difference().mean(), low, high].map(Value::Float)
}

impl Comparison {
    /// People that a followed user stands for, in the mean over pairs.
    pub fn people_per_followed(&self) -> f64 {
        self.people as f64 / self.flows.followed.max(1) as f64
    }
}

impl Measure {
    /// As written in tables.
    pub fn name(&self) -> &'static str {
        match self {
            Measure::Day { .. } => "day",
            Measure::Peak => "peak",
            Measure::Month { .. } => "month",
        }
    }

    /// The day or month; empty for peaks.
    pub fn date(&self) -> String {
        match self {
            Measure::Day { date, .. } => date.to_string(),
            Measure::Peak => String::new(),
            Measure::Month { year, month } => format!("{year:04}-{month:02}"),
        }
    }

    /// What happens that day.
    pub fn what(&self) -> &str {
        match self {
            Measure::Day { what, .. } => what,
            _ => "",
        }
    }
}
