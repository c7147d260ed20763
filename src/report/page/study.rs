//! What the page of a study shows.

use super::{citation, scenario as words};
use crate::error::Result;
use crate::experiment::study::Study;
use crate::scenario;
use serde_json::{Value, json};
use std::path::Path;

/// Everything about the study in `folder`.
pub(super) fn data(folder: &Path) -> Result<Value> {
    // The list of files has the page in it; seeds may be larger than a page's numbers.
    let study = Study { files: Vec::new(), ..Study::read(folder)? };
    let scenario = scenario::load_written(&folder.join("scenario.toml"), &[])?;
    Ok(json!({
        "kind": "study",
        "title": study.title,
        "seed": study.seed.to_string(),
        "scenario": words::facts(&scenario),
        "interventions": words::interventions(&scenario),
        "forecast": words::forecast(&scenario),
        "manifest": study,
        "citation": citation(),
    }))
}
