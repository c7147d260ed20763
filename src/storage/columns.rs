//! Back from the tables of a run: some of their columns, from Parquet where the run is finished, else from the growing CSV.

use crate::error::{Error, Result};
use crate::observe::{Field, Kind};
use crate::scenario::Date;
use crate::tables::damaged_table;
use ::parquet::column::reader::get_typed_column_reader;
use ::parquet::data_type::{BoolType, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Rows that are read at a time from a growing table.
const ROWS: usize = 1 << 16;

/// The cells of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Text; empty where there is none.
    Text(Vec<String>),
    /// Numbers, NaN where there is none; dates as days since 1970-01-01, true as 1.
    Number(Vec<f64>),
}

impl Column {
    /// Its texts; none of a column of numbers.
    pub fn texts(&self) -> &[String] {
        if let Column::Text(cells) = self { cells } else { &[] }
    }

    /// Its numbers; none of a column of texts.
    pub fn numbers(&self) -> &[f64] {
        if let Column::Number(cells) = self { cells } else { &[] }
    }
}

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
    let columns: Vec<(&str, Kind)> = wanted.iter().filter_map(known).collect();
    if columns.len() != wanted.len() {
        return Err(Error::corrupt(folder.join(stem), format!("has no columns {}", wanted.join(", "))));
    }
    read_kinds(folder, stem, &columns, take)
}

/// Names of all columns of the table `stem`, in their order.
pub(super) fn column_names(folder: &Path, stem: &str) -> Result<Vec<String>> {
    Ok(match open(folder, stem)? {
        Source::Parquet(_, reader) => {
            let schema = reader.metadata().file_metadata().schema_descr();
            schema.columns().iter().map(|column| column.name().to_owned()).collect()
        }
        Source::Csv(path, mut reader) => {
            let header = reader.headers().map_err(|e| damaged_table(&path, e))?;
            header.iter().map(str::to_owned).collect()
        }
    })
}

/// [`read_columns`] by names and kinds.
pub(super) fn read_kinds(
    folder: &Path,
    stem: &str,
    wanted: &[(&str, Kind)],
    mut take: impl FnMut(&[Column]) -> Result<()>,
) -> Result<()> {
    let (path, mut reader) = match open(folder, stem)? {
        Source::Parquet(path, reader) => {
            let bad = |e: ParquetError| Error::corrupt(&path, e.to_string());
            for group in 0..reader.num_row_groups() {
                let group = reader.get_row_group(group).map_err(bad)?;
                let columns = wanted.iter().map(|(name, kind)| column(&*group, name, *kind));
                take(&columns.collect::<std::result::Result<Vec<_>, _>>().map_err(bad)?)?;
            }
            return Ok(());
        }
        Source::Csv(path, reader) => (path, reader),
    };
    let header = reader.headers().map_err(|e| damaged_table(&path, e))?.clone();
    let places: Vec<usize> = wanted.iter().filter_map(|(name, _)| header.iter().position(|h| h == *name)).collect();
    if places.len() != wanted.len() {
        let names: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
        return Err(Error::corrupt(&path, format!("found other columns; needed are {}", names.join(", "))));
    }
    let empty = || wanted.iter().map(|(_, kind)| if *kind == Kind::Text { Column::Text(vec![]) } else { Column::Number(vec![]) });
    let mut columns: Vec<Column> = empty().collect();
    let mut rows = 0;
    // The last row may be cut in its middle.
    for record in reader.records().map_while(csv::Result::ok).take_while(|record| record.len() == header.len()) {
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

/// A table, finished or growing, and its path.
enum Source {
    Parquet(PathBuf, SerializedFileReader<File>),
    Csv(PathBuf, csv::Reader<crate::files::Lines>),
}

fn open(folder: &Path, stem: &str) -> Result<Source> {
    let path = folder.join(format!("{stem}.parquet"));
    if path.exists() {
        let file = crate::files::open(&path).map_err(|e| Error::io(&path, "reading", e))?;
        let reader = SerializedFileReader::new(file).map_err(|e| Error::corrupt(&path, e.to_string()))?;
        return Ok(Source::Parquet(path, reader));
    }
    let path = folder.join(format!("{stem}.csv.part"));
    let reader =
        crate::files::open_table(&path, csv::ReaderBuilder::new().flexible(true)).map_err(|e| damaged_table(&path, e))?;
    Ok(Source::Csv(path, reader))
}

fn number(cell: &str, kind: Kind) -> f64 {
    match kind {
        Kind::Bool => f64::from(u8::from(cell == "true")),
        Kind::Date => {
            cell.parse().ok().zip(Date::new(1970, 1, 1)).map_or(f64::NAN, |(day, epoch)| f64::from(epoch.days_until(day)))
        }
        _ => cell.parse().unwrap_or(f64::NAN),
    }
}

fn column(group: &dyn RowGroupReader, name: &str, kind: Kind) -> std::result::Result<Column, ParquetError> {
    let place = group.metadata().columns().iter().position(|c| c.column_descr().name() == name);
    let place = place.ok_or_else(|| ParquetError::General(format!("no column {name}")))?;
    Ok(match kind {
        Kind::Text => Column::Text(cells::<ByteArrayType, _>(group, place, |cell| {
            cell.map_or_else(String::new, |text| String::from_utf8_lossy(text.data()).into_owned())
        })?),
        Kind::Date => Column::Number(cells::<Int32Type, _>(group, place, |cell| cell.map_or(f64::NAN, f64::from))?),
        Kind::Int => Column::Number(cells::<Int64Type, _>(group, place, |cell| cell.map_or(f64::NAN, |n| n as f64))?),
        Kind::Float(_) => Column::Number(cells::<DoubleType, _>(group, place, |cell| cell.unwrap_or(f64::NAN))?),
        Kind::Bool => Column::Number(cells::<BoolType, _>(group, place, |cell| f64::from(u8::from(cell == Some(true))))?),
    })
}

fn cells<T: DataType, C>(
    group: &dyn RowGroupReader,
    place: usize,
    cell: impl Fn(Option<T::T>) -> C,
) -> std::result::Result<Vec<C>, ParquetError> {
    let rows = usize::try_from(group.metadata().num_rows()).unwrap_or_default();
    let description = group.metadata().column(place).column_descr();
    if description.physical_type() != T::get_physical_type() {
        return Err(ParquetError::General(format!("column {} is of another type", description.name())));
    }
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    get_typed_column_reader::<T>(group.get_column_reader(place)?).read_records(rows, Some(&mut levels), None, &mut values)?;
    if levels.len() != rows {
        return Err(ParquetError::General(format!("column {} has too few rows", description.name())));
    }
    let mut values = values.into_iter();
    Ok(levels.into_iter().map(|level| cell(if level == 1 { values.next() } else { None })).collect())
}
