//! Monthly reach by region and age, from `cohorts.parquet`.

use super::rounded;
use crate::error::Result;
use crate::scenario::{Date, Scenario};
use crate::storage::{COHORT_FIELDS, read_columns};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Most points of a curve.
const POINTS: usize = 120;

/// For each break-down: names, and the share of their people reached in a month, by name, messenger and day.
pub(super) fn data(folder: &Path, scenario: &Scenario, days: &[Date]) -> Result<Value> {
    let step = days.len().div_ceil(POINTS).max(1);
    let kept: Vec<Date> = days.iter().rev().step_by(step).rev().copied().collect();
    let epoch = Date::new(1970, 1, 1).unwrap_or(scenario.start);
    let places: BTreeMap<i32, usize> = kept.iter().enumerate().map(|(k, date)| (epoch.days_until(*date), k)).collect();
    let region: Vec<&str> = scenario.population.regions.iter().map(|r| r.name.as_str()).collect();
    let age: Vec<&str> = scenario.population.ages.iter().map(|a| a.name.as_str()).collect();
    let messengers: Vec<&str> = scenario.messengers.iter().map(|m| m.name.as_str()).collect();
    let empty = |names: &[&str]| vec![vec![vec![f64::NAN; kept.len()]; messengers.len()]; names.len()];
    let mut reach = [empty(&region), empty(&age)];
    let wanted = ["date", "cohort", "value", "messenger", "people", "monthly_reach"];
    read_columns(folder, "cohorts", COHORT_FIELDS, &wanted, |columns| {
        let [date, cohort, value, messenger, people, monthly] = columns else { return Ok(()) };
        for (row, date) in date.numbers().iter().enumerate() {
            let Some(&day) = places.get(&(*date as i32)) else { continue };
            let which = usize::from(cohort.texts()[row] == "age");
            let names = [&region, &age][which];
            let name = names.iter().position(|name| *name == value.texts()[row]);
            let messenger = messengers.iter().position(|m| *m == messenger.texts()[row]);
            if let (Some(name), Some(messenger)) = (name, messenger) {
                reach[which][name][messenger][day] = monthly.numbers()[row] / people.numbers()[row];
            }
        }
        Ok(())
    })?;
    let [by_region, by_age] = reach.map(|names| {
        let rows = names.iter().map(|messengers| {
            messengers.iter().map(|days| days.iter().map(|&share| rounded(share, 3)).collect::<Vec<_>>()).collect::<Vec<_>>()
        });
        json!(rows.collect::<Vec<_>>())
    });
    let kinds = [("region", json!(region), by_region), ("age", json!(age), by_age)];
    let mut all = Map::new();
    all.insert("dates".into(), json!(kept.iter().map(Date::to_string).collect::<Vec<_>>()));
    for cohort in &scenario.observe.cohorts {
        let kind = serde_json::to_value(cohort).unwrap_or_default();
        if let Some((name, names, reach)) = kinds.iter().find(|(name, ..)| kind == *name) {
            all.insert((*name).to_owned(), json!({ "names": names, "reach": reach }));
        }
    }
    Ok(Value::Object(all))
}
