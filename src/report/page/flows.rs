//! Who left what for what: main apps of the followed users on some days, from `trace.parquet`.

use crate::error::Result;
use crate::scenario::{Date, Scenario};
use crate::storage::{TRACE_FIELDS, read_columns};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Most days between the first and the last.
const BETWEEN: usize = 8;

/// The days, and for each path of main apps over them (a letter a day: `a` is the first messenger, `-` none) the
/// number of users who took it.
pub(super) fn data(folder: &Path, scenario: &Scenario, days: &[Date]) -> Result<Value> {
    let dates = chosen(days);
    let epoch = Date::new(1970, 1, 1).unwrap_or(scenario.start);
    let numbers: Vec<f64> = dates.iter().map(|date| f64::from(epoch.days_until(*date))).collect();
    let letters: BTreeMap<&str, u8> = scenario.messengers.iter().map(|m| m.name.as_str()).zip(b'a'..).collect();
    let mut paths: BTreeMap<i64, Vec<u8>> = BTreeMap::new();
    read_columns(folder, "trace", TRACE_FIELDS, &["date", "user", "main"], |columns| {
        let [date, user, main] = columns else { return Ok(()) };
        for (row, date) in date.numbers().iter().enumerate() {
            let path = paths.entry(user.numbers()[row] as i64).or_insert_with(|| vec![b'-'; dates.len()]);
            // From this day on; later rows of the same user come later.
            let from = numbers.partition_point(|day| day < date);
            path[from..].fill(*letters.get(main.texts()[row].as_str()).unwrap_or(&b'-'));
        }
        Ok(())
    })?;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for path in paths.into_values() {
        *counts.entry(String::from_utf8_lossy(&path).into_owned()).or_default() += 1;
    }
    Ok(json!({ "dates": dates.iter().map(Date::to_string).collect::<Vec<_>>(), "paths": counts }))
}

/// The first day, the last, and first days of months between, evenly spread.
fn chosen(days: &[Date]) -> Vec<Date> {
    let (Some(&first), Some(&last)) = (days.first(), days.last()) else { return Vec::new() };
    let months: Vec<Date> = days.iter().copied().filter(|d| d.day() == 1 && *d > first && *d < last).collect();
    let step = months.len().div_ceil(BETWEEN).max(1);
    let between = months.into_iter().skip(step - 1).step_by(step);
    let mut chosen: Vec<Date> = std::iter::once(first).chain(between).chain([last]).collect();
    chosen.dedup();
    chosen
}
