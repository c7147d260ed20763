//! What the page of replicates shows.

use super::curves::Days;
use super::{citation, scenario as words};
use crate::error::Result;
use crate::experiment::Replicates;
use crate::report::daily::Daily;
use serde_json::{Value, json};
use std::path::Path;

/// Everything about the finished replicates in `folder`.
pub(super) fn data(folder: &Path) -> Result<Value> {
    let replicates = Replicates::open(folder)?;
    let scenario = replicates.scenario();
    let manifests = replicates.manifests()?;
    let daily = Daily::of_replicates(folder)?;
    let messengers: Vec<String> = scenario.messengers.iter().map(|m| m.name.clone()).collect();
    let days = Days::new(daily.dates.len(), messengers.len(), daily.bands(), 1);
    let first = manifests.first();
    let runs =
        manifests.iter().map(|m| json!({ "seed": m.seed.to_string(), "state_hash": m.state_hash, "finished": m.finished }));
    Ok(json!({
        "kind": "replicates",
        "title": words::title(scenario),
        "scenario": words::facts(scenario),
        "interventions": words::interventions(scenario),
        "targets": words::targets(scenario, &daily.dates),
        "manifest": {
            "exodus_version": first.map(|m| &m.exodus_version),
            "git_commit": first.map(|m| &m.git_commit),
            "rustc": first.map(|m| &m.rustc),
            "target": first.map(|m| &m.target),
            "cpu": first.map(|m| &m.cpu),
            "scenario_hash": first.map(|m| &m.scenario_hash),
            "seed": scenario.seed.to_string(),
            "parent": first.and_then(|m| m.parent.as_ref()),
            "seconds": manifests.iter().map(|m| m.seconds.total).sum::<f64>(),
            "started": manifests.iter().map(|m| &m.started).min(),
            "finished": manifests.iter().filter_map(|m| m.finished.as_ref()).max(),
        },
        "runs": runs.collect::<Vec<_>>(),
        "dates": days.dates(&daily),
        "step": days.step(),
        "messengers": messengers,
        "curves": days.curves(&daily, &messengers),
        "citation": citation(),
    }))
}
