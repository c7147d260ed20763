//! `checks.csv`, `patterns.csv` and the manifest of both.

use super::file::Plan;
use super::judge::Validation;
use super::manifest::{NAME, ValidationManifest};
use crate::error::Result;
use crate::files::{self, Lock};
use crate::observe::{Field, ValueType};
use crate::storage::{FolderKind, Inventory, Table, Value};
use std::path::Path;

const NUMBER: ValueType = ValueType::Float(6);

/// Columns of `checks.csv`: a row per check.
pub const CHECK_FIELDS: &[Field] = &[
    Field::plain("pattern", ValueType::Int, "Number of the pattern."),
    Field::plain("check", ValueType::Text, "What was measured."),
    Field::plain("unit", ValueType::Text, "Its unit; empty for a plain number."),
    Field::plain("published", NUMBER, "What was published."),
    Field::plain("least", NUMBER, "Least value that passes; empty where there is none."),
    Field::plain("greatest", NUMBER, "Greatest value that passes."),
    Field::plain("model", NUMBER, "Mean over replicates; empty where one has no figure."),
    Field::plain("low", NUMBER, "Lower end of its 95 % interval (Student's t over replicates); empty with one replicate."),
    Field::plain("high", NUMBER, "Upper end."),
    Field::plain("sd", NUMBER, "Standard deviation over replicates."),
    Field::plain("replicates", ValueType::Int, "Replicates."),
    Field::plain("verdict", ValueType::Text, "Pass or fail; empty where there is no tolerance."),
];

/// Columns of `patterns.csv`: a row per pattern.
pub const PATTERN_FIELDS: &[Field] = &[
    Field::plain("pattern", ValueType::Int, "Number of the pattern."),
    Field::plain("text", ValueType::Text, "What it says."),
    Field::plain("checks", ValueType::Int, "Checks with a tolerance."),
    Field::plain("passed", ValueType::Int, "Checks passed."),
    Field::plain("verdict", ValueType::Text, "Pass where all are passed, else fail."),
];

/// Writes both tables into a folder, which is made where there is none, and `validation.json`, which lists them.
///
/// Fails as [`check`]; with `force` what an older validation lists makes way.
pub fn write(folder: &Path, plan: &Plan, validation: &Validation, force: bool) -> Result<()> {
    check(folder, force)?;
    files::create_folder(folder)?;
    let _lock = Lock::take(folder)?;
    // Somebody may have been quicker.
    check(folder, force)?;
    if folder.join(NAME).exists() {
        Inventory::read(folder)?.remove(&[])?;
    }
    let mut manifest = ValidationManifest::new(plan, validation)?;
    // From now on the folder is known as a validation's.
    manifest.write(folder)?;
    let file = &plan.file;
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
        manifest.files.extend(table.finish(true, false)?);
    }
    manifest.status = "finished";
    manifest.write(folder)
}

/// Refuses a folder with anything else in it, or with an older validation unless `force`: known before anything is simulated.
pub fn check(folder: &Path, force: bool) -> Result<()> {
    FolderKind::Validation.check_place(folder, force)
}

fn verdict(passes: bool) -> &'static str {
    if passes { "pass" } else { "fail" }
}
