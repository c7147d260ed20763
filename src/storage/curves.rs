//! The daily figures of a run in memory: of a simulation that leaves no folder, or read back from one.

use super::cells::{self, Column};
use super::growing::Growing;
use super::output::{COUNTS, POPULATION_FIELDS, POPULATION_HEAD, SERIES_FIELDS, SERIES_HEAD};
use super::table::PART;
use crate::engine::Simulation;
use crate::error::{Error, Result};
use crate::observe::{Aggregate, Field, SeriesRow, Tally};
use crate::scenario::{Date, Scenario};
use crate::tables::damaged_table;
use std::path::Path;

/// The figures of `series.csv` and `population.csv`, by column name: a value a day, NaN where a table is empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    dates: Vec<Date>,
    messengers: Vec<String>,
    /// By day, messenger and column.
    series: Vec<f64>,
    /// By day and column.
    population: Vec<f64>,
}

impl Curves {
    /// Of a scenario's messengers, without a day so far.
    pub fn new(scenario: &Scenario) -> Self {
        let messengers = scenario.messengers.iter().map(|m| m.name.clone()).collect();
        Curves { dates: Vec::new(), messengers, series: Vec::new(), population: Vec::new() }
    }

    /// Appends the day that was just simulated and observed.
    pub fn day(&mut self, simulation: &Simulation, tally: &Tally) {
        let counts = [simulation.reviews() as f64, simulation.changes().count() as f64];
        self.push(simulation.date(), &Aggregate::all(tally, simulation.scenario()), counts);
    }

    /// The same for curves of a part of the people, of whom reviews and changes are not counted.
    pub fn day_of(&mut self, simulation: &Simulation, part: &Aggregate<'_>) {
        self.push(simulation.date(), part, [f64::NAN; COUNTS.len()]);
    }

    fn push(&mut self, date: Date, of: &Aggregate<'_>, counts: [f64; COUNTS.len()]) {
        self.dates.push(date);
        self.series.extend(of.series().iter().flat_map(|row| row.values()));
        self.population.extend(of.population().values());
        self.population.extend(counts);
    }

    /// The days so far of a run folder, whether the run continues or is finished; those of a finished one are rounded as in its CSV.
    ///
    /// Fails where there is no such table, or it is not one of ours. A last day that is not yet complete is left out.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut curves = Curves { dates: Vec::new(), messengers: Vec::new(), series: Vec::new(), population: Vec::new() };
        rows(folder, "series", SERIES_FIELDS, SERIES_HEAD.len(), |date, messenger, figures| {
            if curves.dates.last() != Some(&date) {
                curves.dates.push(date);
            }
            if curves.dates.len() == 1 {
                curves.messengers.push(messenger.to_owned());
            }
            curves.series.extend(figures);
        })?;
        let mut whole = 0;
        rows(folder, "population", POPULATION_FIELDS, POPULATION_HEAD.len(), |date, _, figures| {
            if curves.dates.get(whole) == Some(&date) {
                curves.population.extend(figures);
                whole += 1;
            }
        })?;
        let a_day = curves.messengers.len() * (SeriesRow::FIELDS.len());
        whole = whole.min(curves.series.len().checked_div(a_day).unwrap_or(0));
        curves.dates.truncate(whole);
        curves.series.truncate(whole * a_day);
        curves.population.truncate(whole * population_columns().len());
        Ok(curves)
    }

    /// First and last day of a run folder, as [`Curves::read`] would find them; `None` where there is none yet.
    pub fn span(folder: &Path) -> Result<Option<[Date; 2]>> {
        let mut span: Option<[Date; 2]> = None;
        rows(folder, "population", POPULATION_FIELDS, POPULATION_HEAD.len(), |date, _, _| {
            span = Some([span.map_or(date, |[first, _]| first), date]);
        })?;
        Ok(span)
    }

    /// The days, in order, without a gap.
    pub fn dates(&self) -> &[Date] {
        &self.dates
    }

    /// Index of a day.
    pub fn index(&self, date: Date) -> Option<usize> {
        self.dates.binary_search(&date).ok()
    }

    /// Names of the messengers, in the scenario's order.
    pub fn messengers(&self) -> &[String] {
        &self.messengers
    }

    /// A column of `series` for one messenger, such as `monthly_reach`; `None` where there is no such column or messenger.
    pub fn series(&self, column: &str, messenger: &str) -> Option<Vec<f64>> {
        let columns = SeriesRow::FIELDS.len();
        let column = SeriesRow::FIELDS.iter().position(|f| f.name == column)?;
        let messenger = self.messengers.iter().position(|name| name == messenger)?;
        let rows = self.series.chunks_exact(columns).skip(messenger).step_by(self.messengers.len());
        Some(rows.map(|row| row[column]).collect())
    }

    /// Names of the columns of `series`.
    pub fn series_columns() -> Vec<&'static str> {
        SeriesRow::FIELDS.iter().map(|field| field.name).collect()
    }

    /// Names of the columns of `population`.
    pub fn population_columns() -> Vec<&'static str> {
        population_columns().iter().map(|field| field.name).collect()
    }

    /// A column of `population`, such as `vpn_share`; `None` where there is no such column.
    pub fn population(&self, column: &str) -> Option<Vec<f64>> {
        let column = population_columns().iter().position(|f| f.name == column)?;
        Some(self.population.chunks_exact(population_columns().len()).map(|row| row[column]).collect())
    }
}

/// Columns of `population` that are figures.
fn population_columns() -> &'static [Field] {
    &POPULATION_FIELDS[POPULATION_HEAD.len()..]
}

/// Rows of a table, finished or still growing, whose first `head` columns are no figures: the first is a date, the second, where there is
/// one, a text.
fn rows(folder: &Path, stem: &str, fields: &[Field], head: usize, mut row: impl FnMut(Date, &str, &[f64])) -> Result<()> {
    let path = folder.join(format!("{stem}.csv"));
    if path.exists() {
        return of_finished(&path, fields, head, &mut row);
    }
    of_growing(&folder.join(format!("{stem}{PART}")), fields, head, &mut row)
}

/// Rows of a growing table that are read at a time.
const ROWS: usize = 1 << 14;

fn of_growing(path: &Path, fields: &[Field], head: usize, row: &mut impl FnMut(Date, &str, &[f64])) -> Result<()> {
    let mut table = Growing::open(path)?;
    let ours = fields.iter().map(|field| (field.name, field.kind));
    if !table.columns().is_empty() && !table.columns().iter().map(|(name, kind)| (name.as_str(), *kind)).eq(ours) {
        return Err(Error::corrupt(path, "found other columns than this version writes"));
    }
    let mut figures = Vec::with_capacity(fields.len());
    while let Some(rows) = table.rows(ROWS)? {
        let columns: Vec<Column> = rows.into_iter().map(Column::from).collect();
        for (k, &day) in columns[0].numbers().iter().enumerate() {
            let date = cells::date(day as i32).ok_or_else(|| Error::corrupt(path, format!("found the day {day}")))?;
            let text = columns[1].texts().get(k).map_or("", String::as_str);
            figures.clear();
            figures.extend(columns[head..].iter().filter_map(|column| column.numbers().get(k)));
            row(date, text, &figures);
        }
    }
    Ok(())
}

fn of_finished(path: &Path, fields: &[Field], head: usize, row: &mut impl FnMut(Date, &str, &[f64])) -> Result<()> {
    let bad = |error| damaged_table(path, error);
    let mut reader = crate::files::open_table(path, csv::ReaderBuilder::new().flexible(true)).map_err(bad)?;
    let mut figures = Vec::with_capacity(fields.len());
    for record in reader.records() {
        let record = record.map_err(bad)?;
        if record.len() != fields.len() {
            return Err(Error::corrupt(path, format!("found a row of {} columns; allowed {}", record.len(), fields.len())));
        }
        let date = record[0].parse();
        let date = date.map_err(|_| Error::corrupt(path, format!("found {:?} where a date is expected", &record[0])))?;
        figures.clear();
        for cell in record.iter().skip(head) {
            figures.push(match cell {
                "" => f64::NAN,
                cell => cell.parse().map_err(|_| Error::corrupt(path, format!("found {cell:?} where a number is expected")))?,
            });
        }
        row(date, &record[1], &figures);
    }
    Ok(())
}
