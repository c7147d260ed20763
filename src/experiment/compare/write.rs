//! `differences.csv`, `measures.csv` and `flows.csv`.

use super::{Comparison, Measure, Paired};
use crate::error::Result;
use crate::files;
use crate::storage::{Field, Kind, Table, Value};
use std::path::Path;

const fn field(name: &'static str, kind: Kind, meaning: &'static str) -> Field {
    Field { name, kind, meaning }
}

const NUMBER: Kind = Kind::Float(6);

/// Columns of `differences.csv`: a row per run compared, day, messenger and column of `series.csv` or `population.csv`.
pub const DIFFERENCE_FIELDS: &[Field] = &[
    field("run", Kind::Text, "folder that is compared with the reference"),
    field("date", Kind::Date, "day"),
    field("messenger", Kind::Text, "messenger; empty for columns of population.csv"),
    field("column", Kind::Text, "column of series.csv or population.csv"),
    field("a", NUMBER, "reference, mean over pairs"),
    field("b", NUMBER, "the other, mean over pairs"),
    field("difference", NUMBER, "b - a, mean over pairs"),
    field("low", NUMBER, "lower end of its 95 % interval (Student's t over pairs); empty with one pair"),
    field("high", NUMBER, "upper end"),
];

/// Columns of `measures.csv`: a row per run compared, messenger, column and measure.
pub const MEASURE_FIELDS: &[Field] = &[
    field("run", Kind::Text, "folder that is compared with the reference"),
    field("messenger", Kind::Text, "messenger; empty for columns of population.csv"),
    field("column", Kind::Text, "column of series.csv or population.csv"),
    field("measure", Kind::Text, "day, peak or month (mean)"),
    field("date", Kind::Text, "the day, or the month; empty for peaks"),
    field("what", Kind::Text, "what happens that day"),
    field("a", NUMBER, "reference, mean over pairs"),
    field("b", NUMBER, "the other, mean over pairs"),
    field("difference", NUMBER, "b - a, mean over pairs"),
    field("low", NUMBER, "lower end of its 95 % interval (Student's t over pairs); empty with one pair"),
    field("high", NUMBER, "upper end"),
    field("pairs", Kind::Int, "pairs with this figure on both sides"),
    field("sd", NUMBER, "standard deviation of the difference over pairs"),
    field("sd_unpaired", NUMBER, "what it would be without common random numbers"),
    field("gain", NUMBER, "variance of unpaired differences by that of paired ones"),
    field("unpaired_replicates", NUMBER, "replicates a side for the same interval without common random numbers"),
];

/// Columns of `flows.csv`: a row per run compared and pair of main apps, on the last common day.
pub const FLOW_FIELDS: &[Field] = &[
    field("run", Kind::Text, "folder that is compared with the reference"),
    field("from", Kind::Text, "main app in the reference, or none"),
    field("to", Kind::Text, "main app in the other, or none"),
    field("users", Kind::Int, "followed users, over all pairs"),
    field("people", Kind::Float(1), "people they stand for, mean over pairs"),
];

/// Writes the tables of all comparisons into a folder, which is made where there is none.
pub fn write(folder: &Path, comparisons: &[Comparison]) -> Result<()> {
    files::create_folder(folder)?;
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
    for table in [differences, measures, flows] {
        table.finish(true, false)?;
    }
    Ok(())
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
