//! Tables of folders of results: CSV, Parquet, and those that still grow.

use crate::error::raised;
use crate::table::{Table, days, numbers};
use arrow_array::{ArrayRef, BooleanArray, Date32Array, Int64Array, StringArray};
use exodus::Error;
use exodus::scenario::Date;
use exodus::storage::{Cells, Growing};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use pyo3::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads a table; a CSV's columns are of the narrowest type that all its cells have. Empty cells are null. A last row that is
/// not yet complete is left out.
#[pyfunction]
pub(crate) fn read_table(py: Python<'_>, path: PathBuf) -> PyResult<Table> {
    let read = py.detach(|| match path.extension().and_then(|ending| ending.to_str()) {
        Some("parquet") => parquet(&path),
        Some("part") => growing(&path),
        _ => csv(&path),
    });
    Table::of(py, read.map_err(|error| raised(py, &error))?)
}

type Columns = Vec<(String, ArrayRef)>;

fn csv(path: &Path) -> exodus::Result<Columns> {
    let damaged = |error: csv::Error| Error::corrupt(path, error.to_string());
    let bytes = exodus::files::read(path).map_err(|error| Error::io(path, "reading", error))?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes.as_slice());
    let header: Vec<String> = reader.headers().map_err(damaged)?.iter().map(str::to_owned).collect();
    let mut cells: Vec<Vec<Option<String>>> = vec![Vec::new(); header.len()];
    for record in reader.records() {
        let record = record.map_err(damaged)?;
        if record.len() < header.len() {
            break;
        }
        for (column, cell) in cells.iter_mut().zip(&record) {
            column.push(Some(cell.to_owned()).filter(|cell| !cell.is_empty()));
        }
    }
    Ok(header.into_iter().zip(cells.into_iter().map(typed)).collect())
}

/// A column of the narrowest type.
fn typed(cells: Vec<Option<String>>) -> ArrayRef {
    fn all<T>(cells: &[Option<String>], parse: impl Fn(&str) -> Option<T>) -> Option<Vec<Option<T>>> {
        cells.iter().map(|cell| cell.as_deref().map(&parse).map_or(Some(None), |parsed| parsed.map(Some))).collect()
    }
    let plain = |text: &str| text.starts_with(|c: char| c.is_ascii_digit() || "-.".contains(c));
    if cells.iter().all(Option::is_none) {
        return numbers(cells.iter().map(|_| f64::NAN));
    }
    if let Some(days) = all(&cells, |text| text.parse::<Date>().ok().map(days)) {
        return Arc::new(Date32Array::from(days));
    }
    if let Some(whole) = all(&cells, |text| text.parse().ok()) {
        return Arc::new(Int64Array::from(whole));
    }
    if let Some(values) = all(&cells, |text| text.parse::<f64>().ok().filter(|_| plain(text))) {
        return numbers(values.into_iter().map(|x| x.unwrap_or(f64::NAN)));
    }
    if let Some(flags) = all(&cells, |text| text.parse().ok()) {
        return Arc::new(BooleanArray::from(flags));
    }
    Arc::new(StringArray::from(cells))
}

fn growing(path: &Path) -> exodus::Result<Columns> {
    let mut table = Growing::open(path)?;
    let names: Vec<String> = table.columns().iter().map(|(name, _)| name.clone()).collect();
    let cells = table.rows(usize::MAX)?.unwrap_or_default();
    Ok(names.into_iter().zip(cells.into_iter().map(of_cells)).collect())
}

fn of_cells(cells: Cells) -> ArrayRef {
    match cells {
        Cells::Date(days) => {
            Arc::new(days.into_iter().map(|day| Some(day).filter(|day| *day != i32::MIN)).collect::<Date32Array>())
        }
        Cells::Text(texts) => {
            Arc::new(texts.into_iter().map(|text| Some(text).filter(|t| !t.is_empty())).collect::<StringArray>())
        }
        Cells::Int(values) => Arc::new(values.into_iter().map(|n| Some(n).filter(|n| *n != i64::MIN)).collect::<Int64Array>()),
        Cells::Float(values) => numbers(values.into_iter()),
        Cells::Bool(flags) => Arc::new(BooleanArray::from(flags)),
    }
}

fn parquet(path: &Path) -> exodus::Result<Columns> {
    let damaged = |error: parquet::errors::ParquetError| Error::corrupt(path, error.to_string());
    let file = exodus::files::open(path).map_err(|error| Error::io(path, "reading", error))?;
    let reader = SerializedFileReader::new(file).map_err(damaged)?;
    let fields = reader.metadata().file_metadata().schema().get_fields().to_vec();
    let mut cells: Vec<Vec<Field>> = vec![Vec::new(); fields.len()];
    for row in reader.get_row_iter(None).map_err(damaged)? {
        for (column, (_, cell)) in cells.iter_mut().zip(row.map_err(damaged)?.into_columns()) {
            column.push(cell);
        }
    }
    Ok(fields.iter().map(|field| field.name().to_owned()).zip(cells.into_iter().map(of_kind)).collect())
}

/// A column by its first cell that is none of null.
fn of_kind(cells: Vec<Field>) -> ArrayRef {
    match cells.iter().find(|cell| !matches!(cell, Field::Null)) {
        Some(Field::Date(_)) => {
            Arc::new(cells.iter().map(|c| if let Field::Date(days) = c { Some(*days) } else { None }).collect::<Date32Array>())
        }
        Some(Field::TimestampMillis(_)) => {
            let day = |c: &Field| if let Field::TimestampMillis(ms) = c { Some(ms.div_euclid(86_400_000) as i32) } else { None };
            Arc::new(cells.iter().map(day).collect::<Date32Array>())
        }
        Some(Field::Long(_)) => {
            Arc::new(cells.iter().map(|c| if let Field::Long(n) = c { Some(*n) } else { None }).collect::<Int64Array>())
        }
        Some(Field::Bool(_)) => {
            Arc::new(cells.iter().map(|c| if let Field::Bool(flag) = c { Some(*flag) } else { None }).collect::<BooleanArray>())
        }
        Some(Field::Str(_)) => {
            Arc::new(cells.into_iter().map(|c| if let Field::Str(text) = c { Some(text) } else { None }).collect::<StringArray>())
        }
        _ => numbers(cells.iter().map(|c| if let Field::Double(x) = c { *x } else { f64::NAN })),
    }
}
