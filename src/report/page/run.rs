//! What the page of a run shows.

use super::{citation, cohorts, flows, rounded};
use crate::error::Result;
use crate::scenario::{self, GraphKind, OneOrMany, Scenario};
use crate::storage::{Curves, Manifest};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Most points of a daily curve; longer runs are thinned to every second day, every third …
const POINTS: usize = 1_200;

/// Columns of `series.csv` shown, and their decimals.
const SERIES: [(&str, i32); 5] =
    [("monthly_reach", 0), ("daily_reach", 0), ("holders", 0), ("main_share", 4), ("traffic_share", 4)];
/// Columns of `population.csv` shown, and their decimals.
const POPULATION: [(&str, i32); 7] = [
    ("vpn_share", 4),
    ("vpn_starts", 0),
    ("vpn_stops", 0),
    ("connected_ties", 4),
    ("connected_ties_without_vpn", 4),
    ("surveilled_traffic", 4),
    ("encrypted_traffic", 4),
];

/// Everything about the run in `folder`.
pub(super) fn data(folder: &Path) -> Result<Value> {
    let manifest = Manifest::read(folder)?;
    let scenario = scenario::load(&folder.join("scenario.toml"), &[])?;
    let curves = Curves::read(folder)?;
    let days = curves.dates().len();
    let step = days.div_ceil(POINTS).max(1);
    // The last day is always among them.
    let kept: Vec<usize> = (0..days).rev().step_by(step).collect::<Vec<_>>().into_iter().rev().collect();
    let thin = |values: Option<Vec<f64>>, decimals| -> Vec<Value> {
        let values = values.unwrap_or_default();
        kept.iter().filter_map(|&day| values.get(day)).map(|&value| rounded(value, decimals)).collect()
    };
    let series = SERIES.map(|(column, decimals)| {
        let all = curves.messengers().iter().map(|name| thin(curves.series(column, name), decimals));
        (column.to_owned(), json!(all.collect::<Vec<_>>()))
    });
    let population = POPULATION.map(|(column, decimals)| (column.to_owned(), json!(thin(curves.population(column), decimals))));
    let title = if scenario.title.is_empty() { &scenario.name } else { &scenario.title };
    Ok(json!({
        "kind": "run",
        "title": title,
        "scenario": facts(&scenario),
        "interventions": interventions(&scenario),
        "manifest": machine(&manifest),
        "dates": kept.iter().map(|&day| curves.dates()[day].to_string()).collect::<Vec<_>>(),
        "step": step,
        "messengers": curves.messengers(),
        "series": Map::from_iter(series),
        "population": Map::from_iter(population),
        "cohorts": cohorts::data(folder, &scenario, curves.dates())?,
        "flows": flows::data(folder, &scenario, curves.dates())?,
        "citation": citation(),
    }))
}

/// The scenario in numbers and names.
fn facts(scenario: &Scenario) -> Value {
    let p = &scenario.population;
    let graph = match serde_json::to_value(scenario.graph.kind) {
        Ok(Value::String(name)) if scenario.graph.kind != GraphKind::File => name.replace('_', "-"),
        _ => "file".into(),
    };
    json!({
        "name": scenario.name,
        "start": scenario.start.to_string(),
        "end": scenario.end.to_string(),
        "rule": serde_json::to_value(scenario.model.rule).unwrap_or_default(),
        "graph": graph,
        "regions": p.regions.iter().map(|r| &r.name).collect::<Vec<_>>(),
        "ages": p.ages.iter().map(|a| &a.name).collect::<Vec<_>>(),
        "groups": p.groups.iter().map(|g| &g.name).collect::<Vec<_>>(),
    })
}

/// In order of time.
fn interventions(scenario: &Scenario) -> Value {
    let mut order: Vec<usize> = (0..scenario.interventions.len()).collect();
    order.sort_by_key(|&k| scenario.interventions[k].from);
    let facts = order.into_iter().map(|k| {
        let i = &scenario.interventions[k];
        json!({
            "label": scenario.label(k),
            "kind": i.kind.name(),
            "messengers": i.messenger.as_ref().map(OneOrMany::names).unwrap_or_default(),
            "except": i.except,
            "services": i.services.iter().map(|s| s.name()).collect::<Vec<_>>(),
            "regions": i.regions,
            "groups": i.groups,
            "from": i.from.to_string(),
            "until": i.until.map(|date| date.to_string()),
            "ramp_days": i.ramp_days,
            "severity": i.kind.keys().contains(&"severity").then_some(i.severity),
            "source": i.source,
        })
    });
    Value::Array(facts.collect())
}

/// Of the manifest, what a reader wants to know.
fn machine(m: &Manifest) -> Value {
    json!({
        "status": m.status,
        "exodus_version": m.exodus_version,
        "git_commit": m.git_commit,
        "rustc": m.rustc,
        "target": m.target,
        "cpu": m.cpu,
        "threads": m.threads,
        "scenario_hash": m.scenario_hash,
        "seed": m.seed.to_string(),
        "users": m.users,
        "people": m.people,
        "ties": m.ties,
        "parent": m.parent.as_ref().map(|p| &p.date),
        "started": m.started,
        "finished": m.finished,
        "seconds": m.seconds.total,
        "peak_rss_bytes": m.peak_rss_bytes,
        "state_hash": m.state_hash,
        "audience_panel": m.sampling_error.audience_panel,
        "tie_panel": m.sampling_error.tie_panel,
        "monthly_reach_error": m.sampling_error.monthly_reach,
    })
}
