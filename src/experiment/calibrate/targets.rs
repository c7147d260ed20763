//! What was measured, and how far a run is from it.

use super::file::{Calibration, Series, Take};
use super::month::month_days;
use crate::error::{Error, Result};
use crate::scenario::{Date, Scenario};
use crate::storage::Curves;
use crate::tables::{self, not_a_table};
use std::collections::BTreeSet;
use std::path::Path;

const COLUMNS: [&str; 4] = ["month", "series", "value_mln", "flag"];

/// One figure of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Its month: first and last day.
    pub month: [Date; 2],
    /// Index of its series in the calibration.
    pub series: usize,
    /// People, in millions.
    pub value: f64,
    /// How it was obtained.
    pub flag: String,
    /// Weight in the error.
    pub weight: f64,
    /// Standard deviation of its measurement (millions).
    pub sd: f64,
    /// Greatest deviation of a hit (millions), where it is judged.
    pub tolerance: Option<f64>,
}

impl Cell {
    /// The month, such as `2025-08`.
    pub fn month_name(&self) -> String {
        format!("{:04}-{:02}", self.month[0].year(), self.month[0].month())
    }

    /// Whether a model's figure hits it, where it is judged.
    pub fn hit(&self, figure: f64) -> Option<bool> {
        Some((figure - self.value).abs() <= self.tolerance?)
    }
}

/// The figures a calibration is fitted to.
#[derive(Clone, Debug, PartialEq)]
pub struct Targets {
    /// In the order of the table.
    pub cells: Vec<Cell>,
    /// Last day of the last month that has weight.
    pub last_day: Date,
    series: Vec<Series>,
}

impl Targets {
    /// Reads the table. Fails with all its problems at once.
    pub(super) fn read(path: &Path, calibration: &Calibration, scenario: &Scenario) -> Result<Self> {
        let mut reader = crate::files::open_table(path, &csv::ReaderBuilder::new()).map_err(|e| not_a_table(path, e))?;
        let header = reader.headers().map_err(|e| not_a_table(path, e))?.clone();
        let places = tables::columns(path, &header, &COLUMNS)?;
        let [month, series, value, flag] = std::array::from_fn(|k| places[k]);
        let (mut problems, mut seen) = (Vec::new(), BTreeSet::new());
        let mut cells = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| not_a_table(path, e))?;
            let line = record.position().map_or(0, csv::Position::line);
            let mut wrong = |column, allowed: &str| {
                let at = header.iter().position(|h| h == column).unwrap_or(0);
                problems.push(problem(path, line, column, &format!("{:?}", &record[at]), allowed));
            };
            let days = month_days(&record[month]).filter(|[first, last]| *first >= scenario.start && *last <= scenario.end);
            if days.is_none() {
                wrong("month", &format!("a whole month such as 2025-08, from {} to {}", scenario.start, scenario.end));
            }
            let known = calibration.series.iter().position(|s| s.name == record[series]);
            if known.is_none() {
                let names: Vec<_> = calibration.series.iter().map(|s| format!("`{}`", s.name)).collect();
                wrong("series", &names.join(", "));
            }
            let worth = calibration.flags.iter().find(|f| f.name == record[flag]);
            if worth.is_none() {
                let names: Vec<_> = calibration.flags.iter().map(|f| format!("`{}`", f.name)).collect();
                wrong("flag", &names.join(", "));
            }
            let number = record[value].parse().ok().filter(|x: &f64| x.is_finite() && *x >= 0.0);
            if number.is_none() {
                wrong("value_mln", "a number, at least 0");
            }
            if known.is_some() && !seen.insert((record[month].to_owned(), record[series].to_owned())) {
                wrong("month", "each month of a series once");
            }
            let (Some(month), Some(k), Some(worth), Some(value)) = (days, known, worth, number) else { continue };
            let series = &calibration.series[k];
            cells.push(Cell {
                month,
                series: k,
                value,
                flag: worth.name.clone(),
                weight: worth.weight,
                sd: series.deviation(value),
                tolerance: series.tolerated(value).filter(|_| worth.weight >= 1.0),
            });
        }
        if !problems.is_empty() {
            return Err(Error::problems(problems, 0));
        }
        let weighty = cells.iter().filter(|cell: &&Cell| cell.weight > 0.0 && cell.sd > 0.0);
        let Some(last_day) = weighty.map(|cell| cell.month[1]).max() else {
            return Err(Error::invalid(format!("{}: found no cell of weight above 0; allowed at least one", path.display())));
        };
        Ok(Targets { cells, last_day, series: calibration.series.clone() })
    }

    /// The model's figures for all cells (millions of people).
    pub fn figures(&self, curves: &Curves) -> Vec<f64> {
        let series: Vec<Vec<f64>> =
            self.series.iter().map(|s| curves.series(&s.column, &s.messenger).unwrap_or_default()).collect();
        let figure = |cell: &Cell| {
            let [first, last] = cell.month.map(|day| curves.index(day));
            let days = series[cell.series].get(first?..=last?)?;
            Some(match self.series[cell.series].take {
                Take::Last => *days.last()?,
                Take::Mean => days.iter().sum::<f64>() / days.len() as f64,
            })
        };
        self.cells.iter().map(|cell| figure(cell).unwrap_or(f64::NAN) / 1e6).collect()
    }

    /// Weighted error: the root of the weighted mean of squared deviations in standard deviations of the measurement,
    /// over the cells of one series, or of all. NaN where none has weight.
    pub fn error(&self, figures: &[f64], series: Option<usize>) -> f64 {
        let of =
            self.cells.iter().zip(figures).filter(|(c, _)| series.is_none_or(|s| s == c.series) && c.weight > 0.0 && c.sd > 0.0);
        let (sum, weights) = of.fold((0.0, 0.0), |(sum, weights), (cell, figure)| {
            let z = (figure - cell.value) / cell.sd;
            (sum + cell.weight * z * z, weights + cell.weight)
        });
        f64::sqrt(sum / weights)
    }
}

/// A message about a table: file, line, column, what was found and what is allowed.
fn problem(path: &Path, line: u64, column: &str, found: &str, allowed: &str) -> String {
    format!("{}:{line}: {column}: found {found}; allowed {allowed}", path.display())
}
