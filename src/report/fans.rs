//! Outputs of a sweep that follow a column over days: fans over all points and replicates together.

use super::daily::Curve;
use super::sweep_results::SweepResults;
use crate::experiment::statistics::quantile;
use crate::experiment::sweep::OutputEntry;
use crate::observe::Unit;
use crate::scenario::Date;
use crate::storage::{POPULATION_FIELDS, SERIES_FIELDS};
use std::collections::BTreeMap;

/// A column over the same days, of one messenger or more.
pub(super) struct Fan {
    /// The column, and what it was restricted to: age bands, whether minus the baseline's.
    pub(super) name: String,
    /// Whether it counts people.
    pub(super) people: bool,
    /// Whether it is minus the baseline's.
    pub(super) difference: bool,
    pub(super) dates: Vec<Date>,
    pub(super) lines: Vec<FanLine>,
}

/// A messenger; an empty one stands for the people.
pub(super) struct FanLine {
    pub(super) messenger: String,
    /// The median of all runs, 90 % of them, and half of them.
    pub(super) curve: Curve,
    /// The output of each day.
    outputs: Vec<usize>,
}

/// Fewest days of a fan.
const FEWEST: usize = 3;

/// The fans of a sweep; lines of the same column over other days make another one.
pub(super) fn fans(swept: &SweepResults) -> Vec<Fan> {
    let entries = &swept.manifest.outputs;
    let mut courses: BTreeMap<(String, String), BTreeMap<Date, usize>> = BTreeMap::new();
    let mut order = Vec::new();
    for (o, output) in entries.iter().enumerate() {
        let Ok(date) = output.figure.parse::<Date>() else { continue };
        let key = (called(output), output.messenger.clone().unwrap_or_default());
        if !order.contains(&key) {
            order.push(key.clone());
        }
        courses.entry(key).or_default().insert(date, o);
    }
    let mut fans: Vec<Fan> = Vec::new();
    for key in order {
        let (dates, outputs): (Vec<Date>, Vec<usize>) = courses[&key].iter().map(|(date, o)| (*date, *o)).unzip();
        if dates.len() < FEWEST {
            continue;
        }
        let (name, messenger) = key;
        let line = FanLine { messenger, curve: curve(swept, &outputs), outputs };
        match fans.iter_mut().find(|fan| fan.name == name && fan.dates == dates) {
            Some(fan) => fan.lines.push(line),
            None => {
                let OutputEntry { column, difference, .. } = &entries[line.outputs[0]];
                let fields = || SERIES_FIELDS.iter().chain(POPULATION_FIELDS);
                let people = fields().any(|field| field.name == column && field.unit() == Some(Unit::People));
                fans.push(Fan { name, people, difference: *difference, dates, lines: vec![line] });
            }
        }
    }
    fans
}

/// The outputs that are also shown by themselves: of a fan, only those of its last day.
pub(super) fn by_themselves(swept: &SweepResults, fans: &[Fan]) -> Vec<usize> {
    let before = |line: &FanLine, o: usize| line.outputs[..line.outputs.len() - 1].contains(&o);
    (0..swept.outputs.len()).filter(|&o| !fans.iter().flat_map(|fan| &fan.lines).any(|line| before(line, o))).collect()
}

fn called(output: &OutputEntry) -> String {
    let OutputEntry { column, ages, difference, .. } = output;
    let column = column.replace('_', " ").replace("vpn", "VPN");
    let less = difference.then(|| "minus the baseline's".to_owned());
    std::iter::once(column).chain(ages.iter().cloned()).chain(less).collect::<Vec<_>>().join(", ")
}

fn curve(swept: &SweepResults, outputs: &[usize]) -> Curve {
    let days: Vec<Vec<f64>> = outputs
        .iter()
        .map(|&o| {
            let mut figures: Vec<f64> = swept.points.iter().flat_map(|point| &point.outputs[o]).copied().collect();
            figures.sort_by(f64::total_cmp);
            figures
        })
        .collect();
    let at = |p: f64| -> Vec<f64> { days.iter().map(|figures| quantile(figures, p)).collect() };
    let bands = [(["q05", "q95"], [0.05, 0.95]), (["q25", "q75"], [0.25, 0.75])];
    Curve { values: at(0.5), bands: bands.into_iter().map(|(names, ends)| (names, ends.map(at))).collect() }
}
