//! What the page of a calibration shows.

use super::{citation, scenario as words};
use crate::error::{Error, Result};
use crate::report::table::Table;
use crate::scenario::{self, Date};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::Path;

/// A row of `cells.csv`: millions of people.
#[derive(Deserialize)]
struct Cell {
    month: String,
    series: String,
    weight: f64,
    target_mln: f64,
    model_mln: f64,
    posterior_5: Option<f64>,
    posterior_95: Option<f64>,
    hit: String,
}

/// A row of `parameters.csv`.
#[derive(Deserialize, Serialize)]
struct Parameter {
    parameter: String,
    start: f64,
    best: f64,
    low: f64,
    high: f64,
    posterior_5: Option<f64>,
    posterior_95: Option<f64>,
    constrained: String,
    meaning: String,
}

/// A row of `error.csv`.
#[derive(Deserialize, Serialize)]
struct Fit {
    series: String,
    error_at_start: f64,
    error: f64,
    hits: u32,
    judged: u32,
}

/// A row of `worlds.csv`.
#[derive(Deserialize, Serialize)]
struct Check {
    world: String,
    check: String,
    unit: String,
    weight: f64,
    published: f64,
    low: f64,
    high: f64,
    model: f64,
    posterior_5: Option<f64>,
    posterior_95: Option<f64>,
    hit: String,
}

/// Everything about the finished calibration in `folder`.
pub(super) fn data(folder: &Path) -> Result<Value> {
    let cells: Vec<Cell> = Table::all(folder.join("cells.csv"))?;
    let parameters: Vec<Parameter> = Table::all(folder.join("parameters.csv"))?;
    let worlds = folder.join("worlds.csv");
    let worlds: Vec<Check> = if worlds.exists() { Table::all(worlds)? } else { Vec::new() };
    let hits = cells.iter().map(|cell| &cell.hit).chain(worlds.iter().map(|check| &check.hit));
    let [hits, tested] =
        hits.filter(|hit| !hit.is_empty()).fold([0, 0], |[hits, all], hit| [hits + usize::from(hit == "yes"), all + 1]);
    let fits: Vec<Fit> = Table::all(folder.join("error.csv"))?;
    let mut names: Vec<&str> = Vec::new();
    for cell in &cells {
        if !names.contains(&cell.series.as_str()) {
            names.push(&cell.series);
        }
    }
    let series = names.iter().map(|name| series(folder, name, cells.iter().filter(|cell| cell.series == *name).collect()));
    // The scenario at the best point stands on the file that was fitted; where that is gone, nothing is marked.
    let best = scenario::load(&folder.join("best.toml"), &[]).ok();
    let name = std::path::absolute(folder).ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    Ok(json!({
        "kind": "calibration",
        "title": format!("Calibration {}", name.unwrap_or_default()),
        "manifest": { "exodus_version": env!("CARGO_PKG_VERSION") },
        "tested": tested,
        "hits": hits,
        "worlds": worlds,
        "series": series.collect::<Result<Vec<_>>>()?,
        "scenario": best.as_ref().map(words::facts),
        "interventions": best.as_ref().map(words::interventions),
        "parameters": parameters,
        "fits": fits,
        "citation": citation(),
    }))
}

/// The model at the best point, the posterior around it and the targets, by month; people.
fn series(folder: &Path, name: &str, mut cells: Vec<&Cell>) -> Result<Value> {
    cells.sort_by(|a, b| a.month.cmp(&b.month));
    let first = |cell: &&Cell| {
        let date: std::result::Result<Date, _> = format!("{}-01", cell.month).parse();
        let bad = || Error::corrupt(folder.join("cells.csv"), format!("found {:?} where a month is expected", cell.month));
        date.map(|date| date.to_string()).map_err(|_| bad())
    };
    let people = |mln: f64| (mln * 1e6).round();
    let end = |of: fn(&Cell) -> Option<f64>| cells.iter().map(|cell| of(cell).map(people)).collect::<Vec<_>>();
    let bands = [end(|cell| cell.posterior_5), end(|cell| cell.posterior_95)];
    Ok(json!({
        "name": name,
        "dates": cells.iter().map(first).collect::<Result<Vec<_>>>()?,
        "values": cells.iter().map(|cell| people(cell.model_mln)).collect::<Vec<_>>(),
        "bands": if bands[0].iter().any(Option::is_some) { json!([bands]) } else { Value::Null },
        "targets": cells.iter().map(|cell| people(cell.target_mln)).collect::<Vec<_>>(),
        "measured": cells.iter().map(|cell| cell.weight >= 1.0).collect::<Vec<_>>(),
    }))
}
