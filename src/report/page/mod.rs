//! `report.html`: one file with everything in it, opened from disk.
//!
//! What is to be shown is collected here and laid into the page as JSON, whose `kind` says of what it is; the page's script
//! makes words, charts and tables of it. All text reaches the page that way, as text, so that no name can become markup.

mod calibration;
mod cohorts;
mod comparison;
mod curves;
mod flows;
mod live;
mod replicates;
mod run;
mod scenario;
mod study;
mod sweep;

pub(super) use comparison::interventions as interventions_of_both;
pub use live::{check_core, write_live_page};
pub(super) use scenario::interventions;

use super::kind::{kind_to_show, no_page};
use super::palette::{DARK, LIGHT, VIRIDIS};
use crate::error::{Error, Result};
use crate::files;
use crate::storage::FolderKind;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
/// What all pages have in common; a page's own script may follow, then the last part.
const SCRIPT: &str = concat!(
    include_str!("script/base.js"),
    include_str!("script/figure.js"),
    include_str!("script/lines.js"),
    include_str!("script/flows.js"),
    include_str!("script/cohorts.js"),
    include_str!("script/sweep.js"),
    include_str!("script/points.js"),
    include_str!("script/calibration.js"),
    include_str!("script/study.js"),
    include_str!("script/joint.js"),
    include_str!("script/words.js"),
);
const START: &str = include_str!("script/start.js");
/// Nothing is loaded, and nothing but what is in the page is run.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'";
/// Apache ECharts; see `vendor/README.md`.
const CHARTS: &str = include_str!("vendor/echarts.min.js");
const CITATION: &str = include_str!("../../../CITATION.cff");

/// Makes `report.html` in a folder: of a run, finished or not (of the days so far), of finished replicates, of a finished
/// sweep, of a comparison, of a finished calibration, or of a study. Its path.
///
/// Fails where the folder is none of these, or its tables cannot be read.
pub fn write_page(folder: &Path) -> Result<PathBuf> {
    let path = folder.join("report.html");
    let data = match kind_to_show(folder)? {
        FolderKind::Run => run::data(folder)?,
        FolderKind::Replicates => replicates::data(folder)?,
        FolderKind::Sweep => sweep::data(folder)?,
        FolderKind::Comparison => comparison::data(folder)?,
        FolderKind::Calibration => calibration::data(folder)?,
        FolderKind::Study => study::data(folder)?,
        FolderKind::Validation => return Err(no_page(folder)),
    };
    let charts = format!("<script>{CHARTS}</script>");
    assemble(&path, &data, &Own { policy: POLICY, style: "", parts: &charts, script: "" })?;
    Ok(path)
}

/// What a kind of page has of its own.
struct Own<'a> {
    policy: &'a str,
    style: &'a str,
    /// Elements before the script.
    parts: &'a str,
    script: &'a str,
}

/// Lays data and parts into the template.
fn assemble(path: &Path, data: &Value, own: &Own<'_>) -> Result<()> {
    let title = escape(data["title"].as_str().unwrap_or("exodus"));
    let text = serde_json::to_string(data).map_err(|e| Error::corrupt(path, e.to_string()))?;
    // Inside a script element only `<` could end it.
    let text = text.replace('<', "\\u003c");
    let style = format!("{}{STYLE}{}", colours(), own.style);
    // One function around all parts, so that nothing is global.
    let script = format!("\"use strict\";\n(() => {{\n{SCRIPT}{}{START}}})();\n", own.script);
    let parts = [
        ("{{policy}}", own.policy),
        ("{{title}}", &title),
        ("{{style}}", &style),
        ("{{data}}", &text),
        ("{{parts}}", own.parts),
        ("{{script}}", &script),
    ];
    files::write(path, |out| {
        let mut rest = TEMPLATE;
        for (mark, part) in parts {
            let (before, after) = rest.split_once(mark).unwrap_or((rest, ""));
            out.write_all(before.as_bytes())?;
            out.write_all(part.as_bytes())?;
            rest = after;
        }
        out.write_all(rest.as_bytes())
    })
}

/// The palette as the page's style: lines `--c0` and so on, from low to high `--v0` and so on.
fn colours() -> String {
    let named = |letter: char, colours: &[&str]| {
        colours.iter().enumerate().map(|(k, colour)| format!(" --{letter}{k}: {colour};")).collect::<String>()
    };
    let [light, dark, scale] = [named('c', &LIGHT), named('c', &DARK), named('v', &VIRIDIS)];
    format!(":root {{{light}{scale} }}\n@media (prefers-color-scheme: dark) {{\n    :root:not(.paper) {{{dark} }}\n}}\n")
}

/// How to cite exodus, from `CITATION.cff`.
fn citation() -> Value {
    let of = |key: &str| {
        let line = CITATION.lines().find_map(|line| line.trim_start_matches([' ', '-']).strip_prefix(key));
        line.unwrap_or_default().trim().trim_matches('"').to_owned()
    };
    json!({ "authors": of("name:"), "title": of("title:"), "version": of("version:") })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A number rounded to so many decimals; null where there is none.
fn rounded(value: f64, decimals: i32) -> Value {
    let scale = 10f64.powi(decimals);
    match (value * scale).round() {
        x if x.is_nan() => Value::Null,
        x if decimals == 0 => json!(x as i64),
        x => json!(x / scale),
    }
}
