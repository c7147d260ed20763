//! Back from the tables of a run: some of their columns, from its final table where the run is finished, else from the growing one.

use super::cells::{Column, days};
use super::growing::Growing;
use super::parquet::Reader;
use super::table::PART;
use crate::error::{Error, Result};
use crate::observe::{Field, ValueType};
use crate::scenario::Date;
use crate::tables::damaged_table;
use std::path::{Path, PathBuf};

/// Rows that are read at a time.
const ROWS: usize = 1 << 16;

/// Reads the columns `wanted` of the table `stem` in a run folder, some rows at a time: `take` gets them in the order of
/// `wanted`, each as long as the others.
///
/// Fails where there is no such table, or it has no such column, or `take` fails.
pub fn read_columns(
    folder: &Path,
    stem: &str,
    fields: &[Field],
    wanted: &[&str],
    take: impl FnMut(&[Column]) -> Result<()>,
) -> Result<()> {
    let known = |name: &&str| fields.iter().find(|f| f.name == *name).map(|f| (f.name, f.kind));
    let columns: Vec<(&str, ValueType)> = wanted.iter().filter_map(known).collect();
    if columns.len() != wanted.len() {
        return Err(Error::corrupt(folder.join(stem), format!("has no columns {}", wanted.join(", "))));
    }
    read_kinds(folder, stem, &columns, take)
}

/// Names of all columns of the table `stem`, in their order.
pub(super) fn column_names(folder: &Path, stem: &str) -> Result<Vec<String>> {
    Ok(match open(folder, stem)? {
        Source::Parquet(reader) => reader.names(),
        Source::Csv(path, mut reader) => {
            let header = reader.headers().map_err(|e| damaged_table(&path, e))?;
            header.iter().map(str::to_owned).collect()
        }
        Source::Growing(_, table) => table.columns().iter().map(|(name, _)| name.clone()).collect(),
    })
}

/// [`read_columns`] by names and kinds.
pub(super) fn read_kinds(
    folder: &Path,
    stem: &str,
    wanted: &[(&str, ValueType)],
    take: impl FnMut(&[Column]) -> Result<()>,
) -> Result<()> {
    match open(folder, stem)? {
        Source::Parquet(reader) => reader.each(wanted, take),
        Source::Csv(path, reader) => each_of_csv(&path, reader, wanted, take),
        Source::Growing(path, table) => each_of_growing(&path, table, wanted, take),
    }
}

fn places<'a>(path: &Path, names: impl Iterator<Item = &'a str> + Clone, wanted: &[(&str, ValueType)]) -> Result<Vec<usize>> {
    let places: Option<Vec<usize>> = wanted.iter().map(|(name, _)| names.clone().position(|n| n == *name)).collect();
    places.ok_or_else(|| {
        let names: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
        Error::corrupt(path, format!("found other columns; needed are {}", names.join(", ")))
    })
}

fn each_of_growing(
    path: &Path,
    mut table: Growing,
    wanted: &[(&str, ValueType)],
    mut take: impl FnMut(&[Column]) -> Result<()>,
) -> Result<()> {
    let places = places(path, table.columns().iter().map(|(name, _)| name.as_str()), wanted)?;
    if let Some(other) = places.iter().zip(wanted).find(|(place, (_, kind))| table.columns()[**place].1 != *kind) {
        return Err(Error::corrupt(path, format!("column {} is of another kind", other.1.0)));
    }
    while let Some(rows) = table.rows(ROWS)? {
        let columns: Vec<Column> = rows.into_iter().map(Column::from).collect();
        take(&places.iter().map(|&place| columns[place].clone()).collect::<Vec<_>>())?;
    }
    Ok(())
}

fn each_of_csv(
    path: &Path,
    mut reader: csv::Reader<crate::files::Lines>,
    wanted: &[(&str, ValueType)],
    mut take: impl FnMut(&[Column]) -> Result<()>,
) -> Result<()> {
    let header = reader.headers().map_err(|e| damaged_table(path, e))?.clone();
    let places = places(path, header.iter(), wanted)?;
    let empty =
        || wanted.iter().map(|(_, kind)| if *kind == ValueType::Text { Column::Text(vec![]) } else { Column::Number(vec![]) });
    let mut columns: Vec<Column> = empty().collect();
    let mut rows = 0;
    for record in reader.records() {
        let record = record.map_err(|e| damaged_table(path, e))?;
        for ((column, place), (_, kind)) in columns.iter_mut().zip(&places).zip(wanted) {
            match column {
                Column::Text(cells) => cells.push(record[*place].to_owned()),
                Column::Number(cells) => cells.push(number(&record[*place], *kind)),
            }
        }
        rows += 1;
        if rows % ROWS == 0 {
            take(&std::mem::replace(&mut columns, empty().collect()))?;
        }
    }
    take(&columns)
}

/// A table, finished or growing.
enum Source {
    Parquet(Reader),
    Csv(PathBuf, csv::Reader<crate::files::Lines>),
    Growing(PathBuf, Growing),
}

fn open(folder: &Path, stem: &str) -> Result<Source> {
    let path = folder.join(format!("{stem}.parquet"));
    if path.exists() {
        return Ok(Source::Parquet(Reader::open(&path)?));
    }
    // As builds without Parquet leave it.
    let path = folder.join(format!("{stem}.csv"));
    if path.exists() {
        let reader = crate::files::open_table(&path, &csv::ReaderBuilder::new()).map_err(|e| damaged_table(&path, e))?;
        return Ok(Source::Csv(path, reader));
    }
    let path = folder.join(format!("{stem}{PART}"));
    let table = Growing::open(&path)?;
    Ok(Source::Growing(path, table))
}

fn number(cell: &str, kind: ValueType) -> f64 {
    match kind {
        ValueType::Bool => f64::from(u8::from(cell == "true")),
        ValueType::Date => cell.parse::<Date>().map_or(f64::NAN, |day| f64::from(days(day))),
        _ => cell.parse().unwrap_or(f64::NAN),
    }
}
