//! What was measured, and how far a run is from it.

use super::file::{Calibration, Series, Take};
use super::measured::Measured;
use super::month::{month_days, month_number};
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
    /// How it was obtained.
    pub flag: String,
    /// The figure: people, in millions.
    pub measured: Measured,
}

impl Cell {
    /// The month, such as `2025-08`.
    pub fn month_name(&self) -> String {
        format!("{:04}-{:02}", self.month[0].year(), self.month[0].month())
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
                flag: worth.name.clone(),
                measured: Measured {
                    value,
                    weight: worth.weight,
                    sd: series.deviation(value),
                    allowed: series.tolerated(value).filter(|_| worth.weight >= 1.0).map(|t| [value - t, value + t]),
                },
            });
        }
        if !problems.is_empty() {
            return Err(Error::problems(problems, 0));
        }
        let weighty = cells.iter().filter(|cell: &&Cell| cell.measured.weight > 0.0 && cell.measured.sd > 0.0);
        let Some(last_day) = weighty.map(|cell| cell.month[1]).max() else {
            return Err(Error::invalid(format!("{}: found no cell of weight above 0; allowed at least one", path.display())));
        };
        Ok(Targets { cells, last_day, series: calibration.series.clone() })
    }

    /// Adds every month after the last one up to that of the year and month `until`, of every series, of which nothing is known: to be forecast.
    ///
    /// The last day, of what is known, stays; that of the months is returned.
    pub(super) fn look_ahead(&mut self, until: i32) -> Date {
        let last = month_number(&self.cells.iter().map(|cell| cell.month[0]).max().unwrap_or(self.last_day));
        let mut last_day = self.last_day;
        for number in last + 1..=until {
            let Some(month) = month_days(&format!("{:04}-{:02}", (number - 1) / 12, (number - 1) % 12 + 1)) else { continue };
            let unknown = Measured { value: f64::NAN, weight: 0.0, sd: 0.0, allowed: None };
            let cell = |series| Cell { month, series, flag: String::new(), measured: unknown };
            self.cells.extend((0..self.series.len()).map(cell));
            last_day = month[1];
        }
        last_day
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
}

/// A message about a table: file, line, column, what was found and what is allowed.
fn problem(path: &Path, line: u64, column: &str, found: &str, allowed: &str) -> String {
    format!("{}:{line}: {column}: found {found}; allowed {allowed}", path.display())
}
