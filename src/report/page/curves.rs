//! Daily curves, thinned to what a page of bearable size can hold.

use super::rounded;
use crate::observe::{Field, PopulationRow, SeriesRow, Unit};
use crate::report::daily::{Curve, Daily};
use serde_json::{Map, Value, json};

/// Columns of messengers that are shown.
const SERIES: [&str; 5] = ["monthly_reach", "daily_reach", "holders", "main_share", "traffic_share"];
/// Columns of the people that are shown.
const POPULATION: [&str; 7] = [
    "vpn_share",
    "vpn_starts",
    "vpn_stops",
    "connected_ties",
    "connected_ties_without_vpn",
    "surveilled_traffic",
    "encrypted_traffic",
];

/// Decimals of a column on pages: people are whole.
fn decimals(column: &str) -> i32 {
    let field = SeriesRow::FIELDS.iter().chain(PopulationRow::FIELDS).find(|field| field.name == column);
    if field.and_then(Field::unit) == Some(Unit::People) { 0 } else { 4 }
}

/// Most points of a curve; longer runs are thinned to every second day, every third …
const POINTS: usize = 1_200;
/// Most numbers of all curves: about a megabyte.
const NUMBERS: usize = 110_000;

/// The days that a page shows.
pub(super) struct Days {
    kept: Vec<usize>,
    step: usize,
}

impl Days {
    /// Of so many days with curves of so many messengers, drawn with so many bands, in so many sets.
    pub(super) fn new(days: usize, messengers: usize, bands: usize, sets: usize) -> Self {
        let a_day = (SERIES.len() * messengers + POPULATION.len()) * (1 + 2 * bands) * sets.max(1);
        let step = days.div_ceil((NUMBERS / a_day).clamp(50, POINTS)).max(1);
        // The last day is always among them.
        let mut kept: Vec<usize> = (0..days).rev().step_by(step).collect();
        kept.reverse();
        Days { kept, step }
    }

    /// From one to the next.
    pub(super) fn step(&self) -> usize {
        self.step
    }

    /// Their dates.
    pub(super) fn dates(&self, daily: &Daily) -> Value {
        self.kept.iter().map(|&day| daily.dates[day].to_string()).collect::<Vec<_>>().into()
    }

    /// All columns of messengers and of the people: `values`, and `bands` of lower and upper ends.
    pub(super) fn curves(&self, daily: &Daily, messengers: &[String]) -> Value {
        let series = SERIES.map(|column| {
            let all = messengers.iter().map(|name| self.curve(daily.curve(column, name), decimals(column)));
            (column.to_owned(), Value::Array(all.collect()))
        });
        let population = POPULATION.map(|column| (column.to_owned(), self.curve(daily.curve(column, ""), decimals(column))));
        json!({ "series": Map::from_iter(series), "population": Map::from_iter(population) })
    }

    /// Values of one column, by messenger; without bands.
    pub(super) fn column(&self, daily: &Daily, column: &str, messengers: &[String]) -> Value {
        let plain = |name: &String| Some(Curve { values: daily.curve(column, name)?.values.clone(), bands: Vec::new() });
        messengers.iter().map(|name| self.curve(plain(name).as_ref(), decimals(column))["values"].take()).collect()
    }

    fn curve(&self, curve: Option<&Curve>, decimals: i32) -> Value {
        let Some(curve) = curve else { return Value::Null };
        let thin = |values: &[f64]| -> Vec<Value> {
            self.kept.iter().filter_map(|&day| values.get(day)).map(|&value| rounded(value, decimals)).collect()
        };
        let bands: Vec<_> = curve.bands.iter().map(|(_, ends)| ends.each_ref().map(|end| thin(end))).collect();
        match bands.is_empty() {
            true => json!({ "values": thin(&curve.values) }),
            false => json!({ "values": thin(&curve.values), "bands": bands }),
        }
    }
}
