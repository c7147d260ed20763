//! `replicates.csv`: every daily figure over all replicates.

use crate::error::{Error, Result};
use crate::experiment::statistics::{Moments, quantile};
use crate::observe::{Field, ValueType};
use crate::scenario::Date;
use crate::storage::{Table, Value};
use crate::tables::damaged_table;
use std::path::{Path, PathBuf};

/// Columns of `replicates.csv`: a row per day, messenger and column of `series.csv`, then per day and column of
/// `population.csv`. Replicates without the figure are left out of it; what cannot be had is empty.
pub const REPLICATE_FIELDS: &[Field] = &[
    Field::plain("date", ValueType::Date, "Day."),
    Field::plain("messenger", ValueType::Text, "Messenger; empty for columns of population.csv."),
    Field::plain("column", ValueType::Text, "Column of series.csv or population.csv."),
    Field::plain("mean", ValueType::Float(6), "Mean over the replicates."),
    Field::plain("sd", ValueType::Float(6), "Standard deviation of a replicate."),
    Field::plain("low", ValueType::Float(6), "Lower end of the mean's 95 % interval, by Student's t."),
    Field::plain("high", ValueType::Float(6), "Upper end."),
    Field::plain("q05", ValueType::Float(6), "5 % quantile of the replicates."),
    Field::plain("q50", ValueType::Float(6), "Median."),
    Field::plain("q95", ValueType::Float(6), "95 % quantile."),
];

/// A row of `replicates.csv`.
#[derive(Clone, Copy, Debug)]
pub struct Figure<'a> {
    /// Day.
    pub date: Date,
    /// Messenger; empty for columns of `population.csv`.
    pub messenger: &'a str,
    /// Column.
    pub column: &'a str,
    /// Count, mean and spread.
    pub moments: Moments,
    /// Quantiles: 5 %, 50 %, 95 %.
    pub quantiles: [f64; 3],
}

/// Cells of all replicates in memory at a time.
const CELLS: usize = 1 << 18;

/// Writes the table, day by day: neither memory nor open files grow with days or replicates.
pub(super) fn write(folder: &Path, runs: &[PathBuf], mut see: impl FnMut(&Figure<'_>)) -> Result<()> {
    let mut table = Table::create(folder, "replicates", REPLICATE_FIELDS, &[])?;
    for (name, head) in [("series.csv", 2), ("population.csv", 1)] {
        let mut tables: Vec<Rows> =
            runs.iter().map(|run| Rows { path: run.join(name), position: csv::Position::new() }).collect();
        let columns = read_all(&mut tables, 1)?;
        let Some(columns) = columns.first().and_then(|rows| rows.first()) else { continue };
        loop {
            let blocks = read_all(&mut tables, CELLS / runs.len().max(1) / columns.len().max(1))?;
            let Some(first) = blocks.first().filter(|rows| !rows.is_empty()) else { break };
            for (k, row) in first.iter().enumerate() {
                let date = &row[0];
                let date = date.parse().map_err(|e: String| Error::corrupt(&tables[0].path, e))?;
                let messenger = if head == 2 { &row[1] } else { "" };
                for c in head..columns.len() {
                    let numbers = blocks.iter().zip(&tables).map(|(rows, table)| table.number(&rows[k], row, head, c));
                    let mut numbers = numbers.collect::<Result<Vec<f64>>>()?;
                    let moments: Moments = numbers.iter().copied().collect();
                    numbers.retain(|x| !x.is_nan());
                    numbers.sort_by(f64::total_cmp);
                    let quantiles = [0.05, 0.5, 0.95].map(|p| quantile(&numbers, p));
                    let figure = Figure { date, messenger, column: &columns[c], moments, quantiles };
                    see(&figure);
                    table.row(figure.row())?;
                }
            }
        }
    }
    table.finish(true, false)?;
    Ok(())
}

impl Figure<'_> {
    fn row(&self) -> [Value<'_>; 10] {
        let (mean, half) = (self.moments.mean(), self.moments.half_width());
        let [q05, q50, q95] = self.quantiles;
        let [mean, sd, low, high, q05, q50, q95] =
            [mean, self.moments.sd(), mean - half, mean + half, q05, q50, q95].map(Value::Float);
        let head = [Value::Date(self.date), Value::Text(self.messenger), Value::Text(self.column)];
        let [date, messenger, column] = head;
        [date, messenger, column, mean, sd, low, high, q05, q50, q95]
    }
}

/// A finished table that is read some rows at a time, and is closed in between.
struct Rows {
    path: PathBuf,
    position: csv::Position,
}

/// The next rows of all tables, at most `most` of each and as many of one as of the other.
fn read_all(tables: &mut [Rows], most: usize) -> Result<Vec<Vec<csv::StringRecord>>> {
    let blocks = tables.iter_mut().map(|table| table.read(most.max(1))).collect::<Result<Vec<_>>>()?;
    match blocks.iter().zip(&*tables).find(|(rows, _)| rows.len() != blocks[0].len()) {
        Some((_, table)) => Err(Error::corrupt(&table.path, format!("has other days than {}", tables[0].path.display()))),
        None => Ok(blocks),
    }
}

impl Rows {
    fn read(&mut self, most: usize) -> Result<Vec<csv::StringRecord>> {
        let bad = |error| damaged_table(&self.path, error);
        let mut reader = crate::files::open_table(&self.path, csv::ReaderBuilder::new().has_headers(false)).map_err(bad)?;
        reader.seek(self.position.clone()).map_err(bad)?;
        let rows = reader.records().take(most).collect::<csv::Result<Vec<_>>>().map_err(bad)?;
        self.position = reader.position().clone();
        Ok(rows)
    }

    /// Cell `c` of a row, which must begin as that of the first replicate does.
    fn number(&self, row: &csv::StringRecord, first: &csv::StringRecord, head: usize, c: usize) -> Result<f64> {
        if row.iter().take(head).ne(first.iter().take(head)) {
            return Err(Error::corrupt(&self.path, format!("found a row of {:?} where {:?} is expected", &row[0], &first[0])));
        }
        let cell = row.get(c).unwrap_or("none");
        if cell.is_empty() {
            return Ok(f64::NAN);
        }
        cell.parse().map_err(|_| Error::corrupt(&self.path, format!("found {cell:?} where a number is expected")))
    }
}
