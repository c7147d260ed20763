//! Of a comparison of several others with the reference: all differences in one figure, with intervals that hold for all of them together.

use super::bars::{Bar, Bars};
use super::{Figure, Plot, axis};
use crate::error::Result;
use crate::experiment::compare::ComparisonManifest;
use crate::report::table::Table;
use crate::scenario::{Date, Scenario};
use serde::Deserialize;
use std::path::Path;

/// A row of `measures.csv`.
#[derive(Deserialize)]
struct Measure {
    run: String,
    messenger: String,
    column: String,
    measure: String,
    date: String,
    difference: Option<f64>,
    #[serde(default)]
    low_adjusted: Option<f64>,
    #[serde(default)]
    high_adjusted: Option<f64>,
}

/// Monthly reach on the last day of each comparison; none where there is but one.
pub(super) fn figure(
    folder: &Path,
    manifest: &ComparisonManifest,
    reference: &Scenario,
    others: &[Scenario],
) -> Result<Option<Figure>> {
    if others.len() < 2 {
        return Ok(None);
    }
    let mut measures: Vec<Measure> = Table::all(folder.join("measures.csv"))?;
    measures.retain(|m| m.measure == "day" && m.column == "monthly_reach");
    // Scenarios of one name are distinguished by their folders.
    let by_name = others.iter().enumerate().all(|(k, other)| others[..k].iter().all(|before| before.name != other.name));
    let mut bars = Vec::new();
    for messenger in reference.messengers.iter().map(|m| &m.name) {
        for (other, scenario) in manifest.others.iter().zip(others) {
            let run = &other.side.folder;
            let of = measures.iter().filter(|m| m.run == *run && m.messenger == *messenger);
            let Some(last) = of.max_by(|a, b| a.date.cmp(&b.date)) else { continue };
            let [value, low, high] =
                [last.difference, last.low_adjusted, last.high_adjusted].map(|x| x.unwrap_or(f64::NAN) / 1e6);
            let name = if by_name { &scenario.name } else { run };
            bars.push(Bar { name: format!("{messenger}: {name}"), value, interval: [low, high] });
        }
    }
    let last = measures.iter().filter_map(|m| m.date.parse::<Date>().ok()).max().map_or(String::new(), axis::day);
    let title = format!("Difference in monthly reach from {}, {last} (million people)", reference.name);
    let title = format!("{title}, with 95 % intervals adjusted for {} comparisons", others.len());
    Ok(Some(Figure { name: "difference-all".into(), title: title.clone(), plot: Plot::Bars(Bars { title, bars }) }))
}
