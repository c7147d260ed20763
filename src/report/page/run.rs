//! What the page of a run shows.

use super::curves::Days;
use super::{citation, cohorts, flows, scenario as words};
use crate::error::Result;
use crate::report::daily::Daily;
use crate::scenario;
use crate::storage::Manifest;
use serde_json::{Value, json};
use std::path::Path;

/// Everything about the run in `folder`.
pub(super) fn data(folder: &Path) -> Result<Value> {
    let manifest = Manifest::read(folder)?;
    let scenario = scenario::load_written(&folder.join("scenario.toml"), &[])?;
    let daily = Daily::of_run(folder)?;
    let messengers: Vec<String> = scenario.messengers.iter().map(|m| m.name.clone()).collect();
    let days = Days::new(daily.dates.len(), messengers.len(), 0, 1);
    Ok(json!({
        "kind": "run",
        "title": words::title(&scenario),
        "scenario": words::facts(&scenario),
        "interventions": words::interventions(&scenario),
        "targets": words::targets(&scenario, &daily.dates),
        "marked": manifest.marked,
        "manifest": machine(&manifest),
        "dates": days.dates(&daily),
        "step": days.step(),
        "messengers": messengers,
        "curves": days.curves(&daily, &messengers),
        "cohorts": cohorts::data(folder, &scenario, &daily.dates)?,
        "flows": flows::data(folder, &scenario, &daily.dates)?,
        "citation": citation(),
    }))
}

/// Of the manifest, what a reader wants to know.
pub(super) fn machine(m: &Manifest) -> Value {
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
        "parent": m.parent,
        "started": m.started,
        "finished": m.finished,
        "seconds": m.seconds.total,
        "peak_rss_bytes": m.peak_rss_bytes,
        "state_hash": m.state_hash,
        "audience_panel": m.panel_error.audience_panel,
        "tie_panel": m.panel_error.tie_panel,
        "panel_error": m.panel_error.monthly_reach,
        "sampling_error": m.sampling_error.monthly_reach,
    })
}
