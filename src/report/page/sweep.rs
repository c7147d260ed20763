//! What the page of a sweep shows.

use super::{citation, rounded, scenario as words};
use crate::error::Result;
use crate::report::fans::{self, Fan};
use crate::report::sweep_results::{MOST_FACTORS, Point, Scale, SweepResults, bands, mean};
use crate::scenario;
use serde_json::{Value, json};
use std::path::Path;

/// Most numbers of all points: about a megabyte.
const NUMBERS: usize = 100_000;

/// Everything about the finished sweep in `folder`.
pub(super) fn data(folder: &Path) -> Result<Value> {
    let swept = SweepResults::read(folder)?;
    let scenario = scenario::load_written(&folder.join("scenario.toml"), &[])?;
    let m = &swept.manifest;
    let a_point = swept.factors.len() + 6 * swept.outputs.len();
    let step = swept.points.len().div_ceil((NUMBERS / a_point.max(1)).max(10)).max(1);
    let points = swept.points.iter().enumerate().step_by(step).map(|(k, p)| point(k, p));
    let indices = swept.sensitivity.iter().map(|i| {
        let [value, low, high] = [i.value, i.low, i.high];
        json!({ "output": i.output, "factor": i.factor, "index": i.index, "value": value, "low": low, "high": high })
    });
    let fans = fans::fans(&swept);
    let shown = fans::by_themselves(&swept, &fans);
    Ok(json!({
        "kind": "sweep",
        "title": m.name,
        "scenario": words::facts(&scenario),
        "scenario_title": words::title(&scenario),
        "interventions": words::interventions(&scenario),
        "varied": swept.varied_interventions(),
        "forecast": words::forecast(&scenario),
        "manifest": titled(&swept)?,
        "seed": m.seed.to_string(),
        // All combinations, and none left out: a grid.
        "grid": swept.grid && step == 1,
        "levels": swept.levels,
        "scales": swept.scales.iter().map(scale).collect::<Vec<_>>(),
        "fans": fans.iter().map(fan).collect::<Vec<_>>(),
        // Outputs that are not part of a fan alone.
        "shown": shown.iter().map(|&o| json!({ "output": o, "against": against(&swept, o) })).collect::<Vec<_>>(),
        "step": step,
        "points": points.collect::<Vec<_>>(),
        "sensitivity": indices.collect::<Vec<_>>(),
        "citation": citation(),
    }))
}

/// The manifest with factors and outputs as they are called here.
fn titled(swept: &SweepResults) -> Result<Value> {
    let mut manifest =
        serde_json::to_value(&swept.manifest).map_err(|e| crate::Error::corrupt("manifest.json", e.to_string()))?;
    for (key, titles) in [("factors", &swept.factors), ("outputs", &swept.outputs)] {
        for (k, title) in titles.iter().enumerate() {
            // What tables call it.
            manifest[key][k]["column_name"] = manifest[key][k]["name"].take();
            manifest[key][k]["name"] = title.as_str().into();
        }
    }
    Ok(manifest)
}

/// What the levels of a factor are, in the page's words.
fn scale(scale: &Scale) -> &'static str {
    match scale {
        Scale::Days(_) => "days",
        Scale::Numbers(_) => "numbers",
        Scale::Logarithms(_) => "logarithms",
        Scale::Names => "names",
    }
}

/// The course of an output's mean over the factors that it depends on most.
fn against(swept: &SweepResults, output: usize) -> Value {
    let course = |factor| {
        let means = swept.means(factor, output).into_iter().map(|(x, y)| [significant(x), significant(y)]);
        json!({ "factor": factor, "means": means.collect::<Vec<_>>() })
    };
    swept.strongest(output, MOST_FACTORS).into_iter().map(course).collect()
}

fn fan(fan: &Fan) -> Value {
    let thin = |values: &[f64]| values.iter().map(|&x| significant(x)).collect::<Vec<_>>();
    let lines = fan.lines.iter().map(|line| {
        let bands = line.curve.bands.iter().map(|(_, ends)| ends.each_ref().map(|end| thin(end)));
        json!({ "messenger": line.messenger, "values": thin(&line.curve.values), "bands": bands.collect::<Vec<_>>() })
    });
    json!({
        "name": fan.name,
        "people": fan.people,
        "difference": fan.difference,
        "dates": fan.dates.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "lines": lines.collect::<Vec<_>>(),
    })
}

/// Its number, its levels, and by output mean, number of figures, and ends of bands.
fn point(number: usize, point: &Point) -> Value {
    let outputs = point.outputs.iter().map(|figures| {
        let bands = bands(&[figures.as_slice()]);
        let ends = bands.iter().map(|(_, ends)| ends.each_ref().map(|end| significant(end[0])));
        json!({ "mean": significant(mean(figures)), "n": figures.len(), "bands": ends.collect::<Vec<_>>() })
    });
    json!({ "number": number, "levels": point.levels, "outputs": outputs.collect::<Vec<_>>() })
}

/// To seven digits; null where there is none.
fn significant(x: f64) -> Value {
    let digits = if x == 0.0 || !x.is_finite() { 0 } else { 6 - x.abs().log10().floor() as i32 };
    rounded(x, digits.clamp(-9, 12))
}
