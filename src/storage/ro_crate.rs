//! RO-Crate metadata: the run folder as a research object that repositories can read (RO-Crate 1.2).

use super::manifest::Manifest;
use crate::error::{Error, Result};
use crate::files;
use crate::scenario::Scenario;
use serde_json::{Value, json};
use std::path::Path;

/// Writes `ro-crate-metadata.json`.
pub(super) fn write(folder: &Path, scenario: &Scenario, manifest: &Manifest) -> Result<()> {
    let title = if scenario.title.is_empty() { &scenario.name } else { &scenario.title };
    let mut graph = vec![
        json!({
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": { "@id": "./" },
            "conformsTo": { "@id": "https://w3id.org/ro/crate/1.2" },
        }),
        json!({
            "@id": "./",
            "@type": "Dataset",
            "name": format!("exodus run: {title}"),
            "description": format!(
                "Simulated messenger choice of {} users who represent {} people, {} to {}, seed {}.",
                manifest.users, manifest.people, scenario.start, scenario.end, manifest.seed
            ),
            "datePublished": manifest.finished.as_deref().unwrap_or(&manifest.started),
            "hasPart": manifest.outputs.iter().map(|o| json!({ "@id": o.path })).collect::<Vec<_>>(),
            "mentions": { "@id": "#run" },
            "license": { "@id": "#licence" },
        }),
        json!({
            "@id": "#licence",
            "@type": "CreativeWork",
            "name": "Licence of the results",
            "description": "exodus puts no terms on its results: whoever ran the simulation chooses a licence and names it here.",
        }),
        json!({
            "@id": "#exodus",
            "@type": "SoftwareApplication",
            "name": "exodus",
            "softwareVersion": manifest.exodus_version,
            "identifier": manifest.git_commit,
            "license": LICENCES.map(|(id, _)| json!({ "@id": id })),
        }),
        json!({
            "@id": "#run",
            "@type": "CreateAction",
            "name": format!("exodus run with seed {}", manifest.seed),
            "instrument": { "@id": "#exodus" },
            "object": { "@id": "scenario.toml" },
            "startTime": manifest.started,
            "endTime": manifest.finished,
            "result": manifest.outputs.iter().map(|o| json!({ "@id": o.path })).collect::<Vec<_>>(),
        }),
    ];
    graph.extend(LICENCES.map(|(id, name)| json!({ "@id": id, "@type": "CreativeWork", "name": name })));
    graph.extend(manifest.outputs.iter().map(|o| -> Value {
        json!({ "@id": o.path, "@type": "File", "contentSize": o.bytes.to_string(), "encodingFormat": format_of(&o.path) })
    }));
    let document = json!({ "@context": "https://w3id.org/ro/crate/1.2/context", "@graph": graph });
    let path = folder.join("ro-crate-metadata.json");
    let text = serde_json::to_string_pretty(&document).map_err(|e| Error::corrupt(&path, e.to_string()))?;
    files::write_text(&path, &text)
}

/// Of the program.
const LICENCES: [(&str, &str); 2] =
    [("https://spdx.org/licenses/MIT", "MIT License"), ("https://spdx.org/licenses/Apache-2.0", "Apache License 2.0")];

fn format_of(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("csv") => "text/csv",
        Some("parquet") => "application/vnd.apache.parquet",
        Some("toml") => "application/toml",
        Some("json") => "application/json",
        Some("html") => "text/html",
        _ => "application/octet-stream",
    }
}
