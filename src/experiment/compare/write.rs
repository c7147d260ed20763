//! The folder of a comparison: `differences.csv`, `measures.csv`, `flows.csv`, the scenarios and `comparison.json`.

use super::{Comparison, ComparisonManifest, Measure, Paired, RunSet};
use crate::error::Result;
use crate::files::{self, Lock};
use crate::observe::{Field, ValueType};
use crate::storage::{FolderKind, Inventory, OutputFile, Table, Value};
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
    Field::plain(
        "low_adjusted",
        NUMBER,
        "Lower end of the 95 % interval that holds for all runs compared, together (Bonferroni).",
    ),
    Field::plain("high_adjusted", NUMBER, "Upper end."),
    Field::plain("pairs", ValueType::Int, "Pairs with this figure on both sides."),
    Field::plain("sd", NUMBER, "Standard deviation of the difference over pairs."),
    Field::plain("sd_unpaired", NUMBER, "What it would be without common random numbers."),
    Field::plain("gain", NUMBER, "Variance of unpaired differences, divided by that of paired ones."),
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
/// Fails where something is in the folder already; a comparison that was killed makes way, and with `force` a finished one.
pub fn write(folder: &Path, sides: &[RunSet], comparisons: &[Comparison], made: String, force: bool) -> Result<()> {
    FolderKind::Comparison.check_place(folder, force)?;
    files::create_folder(folder)?;
    let _lock = Lock::take(folder)?;
    // Somebody may have been quicker.
    FolderKind::Comparison.check_place(folder, force)?;
    if ComparisonManifest::is_here(folder) {
        Inventory::read(folder)?.remove(&[])?;
    }
    let mut manifest = ComparisonManifest::new(sides, comparisons, made)?;
    // From now on the folder is known as a comparison's.
    manifest.write(folder)?;
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
                let adjusted = paired.adjusted_interval(comparisons.len()).map(Value::Float);
                let tail = numbers(paired).into_iter().chain(adjusted).chain([pairs]).chain(spread.map(Value::Float));
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
    manifest.status = "finished".into();
    manifest.write(folder)
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
