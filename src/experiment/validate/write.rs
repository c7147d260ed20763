//! `checks.csv` and `patterns.csv`.

use super::file::PatternFile;
use super::judge::Validation;
use crate::error::Result;
use crate::files;
use crate::storage::{Field, Kind, Table, Value, field};
use std::path::Path;

const NUMBER: Kind = Kind::Float(6);

/// Columns of `checks.csv`: a row per check.
pub const CHECK_FIELDS: &[Field] = &[
    field("pattern", Kind::Int, "number of the pattern"),
    field("check", Kind::Text, "what was measured"),
    field("unit", Kind::Text, "its unit; empty for a plain number"),
    field("published", NUMBER, "what was published"),
    field("least", NUMBER, "least value that passes; empty where there is none"),
    field("greatest", NUMBER, "greatest value that passes"),
    field("model", NUMBER, "mean over replicates; empty where one has no figure"),
    field("low", NUMBER, "lower end of its 95 % interval (Student's t over replicates); empty with one replicate"),
    field("high", NUMBER, "upper end"),
    field("sd", NUMBER, "standard deviation over replicates"),
    field("replicates", Kind::Int, "replicates"),
    field("verdict", Kind::Text, "pass or fail; empty where there is no tolerance"),
];

/// Columns of `patterns.csv`: a row per pattern.
pub const PATTERN_FIELDS: &[Field] = &[
    field("pattern", Kind::Int, "number of the pattern"),
    field("text", Kind::Text, "what it says"),
    field("checks", Kind::Int, "checks with a tolerance"),
    field("passed", Kind::Int, "checks passed"),
    field("verdict", Kind::Text, "pass where all are passed, else fail"),
];

/// Writes both tables into a folder, which is made where there is none.
pub fn write(folder: &Path, file: &PatternFile, validation: &Validation) -> Result<()> {
    files::create_folder(folder)?;
    let mut checks = Table::create(folder, "checks", CHECK_FIELDS, &[])?;
    let mut patterns = Table::create(folder, "patterns", PATTERN_FIELDS, &[])?;
    let number = |x: Option<f64>| Value::Float(x.unwrap_or(f64::NAN));
    for (k, (pattern, judged)) in file.patterns.iter().zip(&validation.patterns).enumerate() {
        let id = Value::Int(i64::from(pattern.number));
        for (check, judged) in pattern.checks.iter().zip(judged) {
            let (moments, n) = (judged.moments(), judged.figures.len());
            let (mean, half) = (moments.mean(), moments.half_width());
            checks.row(
                [id, Value::Text(&check.name), Value::Text(&check.unit)]
                    .into_iter()
                    .chain([check.published, check.low, check.high].map(number))
                    .chain([mean, mean - half, mean + half, moments.sd()].map(Value::Float))
                    .chain([Value::Int(n as i64), Value::Text(judged.passes.map_or("", verdict))]),
            )?;
        }
        let judged: Vec<bool> = judged.iter().filter_map(|judged| judged.passes).collect();
        let passed = judged.iter().filter(|&&passes| passes).count();
        let counts = [judged.len(), passed].map(|n| Value::Int(n as i64));
        let all = Value::Text(verdict(validation.passes(k)));
        patterns.row([id, Value::Text(&pattern.text)].into_iter().chain(counts).chain([all]))?;
    }
    for table in [checks, patterns] {
        table.finish(true, false)?;
    }
    Ok(())
}

fn verdict(passes: bool) -> &'static str {
    if passes { "pass" } else { "fail" }
}
