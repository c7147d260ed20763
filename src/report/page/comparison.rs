//! What the page of a comparison shows.

use super::curves::Days;
use super::{citation, scenario as words};
use crate::error::Result;
use crate::experiment::compare::ComparisonManifest;
use crate::observe::{Field, PopulationRow, SeriesRow, Unit};
use crate::report::daily::Daily;
use crate::report::table::Table;
use crate::scenario::{self, Scenario};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::Path;

/// Columns of messengers whose measures are shown; of the people all are.
const SERIES: [&str; 3] = ["monthly_reach", "daily_reach", "main_share"];

/// A row of `measures.csv`.
#[derive(Deserialize, Serialize)]
struct Measure {
    #[serde(skip_serializing)]
    run: String,
    messenger: String,
    column: String,
    measure: String,
    date: String,
    what: String,
    a: Option<f64>,
    b: Option<f64>,
    difference: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    #[serde(default)]
    low_adjusted: Option<f64>,
    #[serde(default)]
    high_adjusted: Option<f64>,
    gain: Option<f64>,
    unpaired_replicates: Option<f64>,
}

/// A row of `flows.csv`.
#[derive(Deserialize, Serialize)]
struct Flow {
    #[serde(skip_serializing)]
    run: String,
    from: String,
    to: String,
    users: u64,
    people: f64,
}

/// Everything about the comparison in `folder`.
pub(super) fn data(folder: &Path) -> Result<Value> {
    // The list of files has the page in it.
    let manifest = ComparisonManifest { files: Vec::new(), ..ComparisonManifest::read(folder)? };
    let load = |name: &str| scenario::load_written(&folder.join(name), &[]);
    let reference = load(&manifest.reference.scenario)?;
    let others = manifest.others.iter().map(|other| load(&other.side.scenario)).collect::<Result<Vec<_>>>()?;
    let mut messengers: Vec<String> = Vec::new();
    for name in std::iter::once(&reference).chain(&others).flat_map(|s| s.messengers.iter().map(|m| &m.name)) {
        if !messengers.contains(name) {
            messengers.push(name.clone());
        }
    }
    let measures: Vec<Measure> = Table::all(folder.join("measures.csv"))?;
    let flows: Vec<Flow> = Table::all(folder.join("flows.csv"))?;
    let columns = columns();
    let shown = |m: &&Measure| m.measure != "month" && columns.get(&m.column).is_some();
    let mut all = Vec::new();
    for (other, scenario) in manifest.others.iter().zip(&others) {
        let run = &other.side.folder;
        let daily = Daily::of_difference(folder, run)?;
        let days = Days::new(daily.dates.len(), messengers.len(), daily.bands(), others.len());
        let side = |side: &&str| Ok(days.column(&Daily::of_side(folder, run, side)?, "monthly_reach", &messengers));
        let sides = ["a", "b"].iter().map(side).collect::<Result<Vec<_>>>()?;
        all.push(json!({
            "title": words::title(scenario),
            "scenario": words::facts(scenario),
            "seed": scenario.seed.to_string(),
            "side": other,
            "interventions": interventions(&reference, scenario),
            "forecast": words::forecast(&reference),
            "keys": keys(&reference, scenario)?,
            "dates": days.dates(&daily),
            "step": days.step(),
            "curves": days.curves(&daily, &messengers),
            "sides": sides,
            "measures": measures.iter().filter(|m| m.run == *run).filter(shown).collect::<Vec<_>>(),
            "flows": flows.iter().filter(|f| f.run == *run && f.users > 0).collect::<Vec<_>>(),
        }));
    }
    let names: Vec<&str> = others.iter().map(words::title).collect();
    Ok(json!({
        "kind": "comparison",
        "title": if names.iter().all(|name| *name == words::title(&reference)) {
            // Scenarios of one title are distinguished by their folders.
            let folders: Vec<&str> = manifest.others.iter().map(|other| other.side.folder.as_str()).collect();
            format!("{}: {} against {}", words::title(&reference), folders.join(" and "), manifest.reference.folder)
        } else {
            format!("{} against {}", names.join(" and "), words::title(&reference))
        },
        "reference": {
            "title": words::title(&reference),
            "scenario": words::facts(&reference),
            "seed": reference.seed.to_string(),
            "side": manifest.reference,
        },
        "manifest": manifest,
        "messengers": messengers,
        "columns": columns,
        "others": all,
        "citation": citation(),
    }))
}

/// Every key in which both differ, with what either says, as TOML has it.
fn keys(reference: &Scenario, other: &Scenario) -> Result<Value> {
    let said = |value: toml::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let keys = reference.differences(other)?.into_iter();
    Ok(keys.map(|(key, a, b)| json!([key, a.map(said), b.map(said)])).collect())
}

/// The columns whose measures are shown: what they are called, and how their figures are written.
fn columns() -> Value {
    let unit = |field: &Field| match field.unit() {
        Some(Unit::People) => "people",
        Some(Unit::Share) => "share",
        _ => "number",
    };
    let series = SeriesRow::FIELDS.iter().filter(|field| SERIES.contains(&field.name));
    let entry = |field: &Field| (field.name.to_owned(), json!({ "label": field.label, "unit": unit(field) }));
    Value::Object(series.chain(PopulationRow::FIELDS).map(entry).collect())
}

/// Of both, in order of time; those of one alone say of which.
pub(in crate::report) fn interventions(reference: &Scenario, other: &Scenario) -> Vec<Value> {
    let [ours, theirs] = [reference, other].map(words::interventions);
    // Where it is known from changes nothing.
    let same = |a: &Value, b: &Value| {
        let [mut a, mut b] = [a.clone(), b.clone()];
        a["source"] = Value::Null;
        b["source"] = Value::Null;
        a == b
    };
    let among = |i: &Value, all: &[Value]| all.iter().any(|other| same(i, other));
    let marked = |i: &Value, whose: &str| {
        let mut i = i.clone();
        i["label"] = format!("{} ({whose} only)", i["label"].as_str().unwrap_or_default()).into();
        i
    };
    let mut all: Vec<Value> = ours.iter().map(|i| if among(i, &theirs) { i.clone() } else { marked(i, "reference") }).collect();
    all.extend(theirs.iter().filter(|i| !among(i, &ours)).map(|i| marked(i, "other")));
    all.sort_by_key(|i| i["from"].as_str().unwrap_or_default().to_owned());
    all
}
