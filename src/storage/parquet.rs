//! Parquet: tables to and from it, arcs of a graph, tables of nodes. All that knows the crate is here; `no_parquet.rs` stands in for it in
//! builds without the feature `parquet`.

use super::cells::{Cells, Column, NO_DAY, NO_INT};
use crate::error::{Error, Result};
use crate::files;
use crate::graph::Graph;
use crate::observe::ValueType;
use ::parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::column::reader::get_typed_column_reader;
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::record::Field;
use ::parquet::schema::types::Type;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Whether there is Parquet in this build.
pub(crate) const THERE: bool = true;
/// Rows of a row group of a table, which is all in memory while it is written or read.
pub(crate) const ROWS: usize = 1 << 14;
/// Rows of a row group of arcs.
const ARCS: usize = 1 << 20;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

type Done<T> = std::result::Result<T, ParquetError>;

/// Writes a table to `target`, a row group for each `next`, until there is none. Dates are timestamps at midnight, which pandas reads as
/// `datetime64`.
pub(crate) fn write(
    target: &Path,
    columns: &[(String, ValueType)],
    mut next: impl FnMut() -> Result<Option<Vec<Cells>>>,
) -> Result<()> {
    let mut failed = None;
    let fields = columns.iter().map(|(name, kind)| {
        let (physical, logical) = match kind {
            ValueType::Date => (Physical::INT64, Some(LogicalType::timestamp(false, TimeUnit::MILLIS))),
            ValueType::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            ValueType::Int => (Physical::INT64, None),
            ValueType::Float(_) => (Physical::DOUBLE, None),
            ValueType::Bool => (Physical::BOOLEAN, None),
        };
        let field = Type::primitive_type_builder(name, physical).with_logical_type(logical);
        field.with_repetition(Repetition::OPTIONAL).build().map(Arc::new)
    });
    let fields = fields.collect();
    let written = file(target, "table", fields, |writer| {
        loop {
            match next() {
                Ok(Some(cells)) => group(writer.next_row_group()?, &cells)?,
                Ok(None) => return Ok(()),
                Err(error) => {
                    let text = error.to_string();
                    failed = Some(error);
                    return Err(ParquetError::General(text));
                }
            }
        }
    });
    match failed {
        Some(error) => Err(error),
        None => written,
    }
}

/// Writes the ties of a graph, each as two arcs, in the order of their rows.
pub(super) fn write_arcs(target: &Path, graph: &Graph) -> Result<()> {
    let field = |name| {
        let field = Type::primitive_type_builder(name, Physical::INT32).with_repetition(Repetition::REQUIRED);
        field.with_logical_type(Some(LogicalType::integer(32, false))).build().map(Arc::new)
    };
    let fields = ["source", "target"].into_iter().map(field).collect();
    let rows = graph.to_csr()?;
    file(target, "arcs", fields, |writer| {
        let mut arcs = (0..rows.nodes()).flat_map(|a| rows.neighbors(a).iter().map(move |&b| (a as i32, b as i32))).peekable();
        while arcs.peek().is_some() {
            let (sources, targets): (Vec<i32>, Vec<i32>) = arcs.by_ref().take(ARCS).unzip();
            let mut group = writer.next_row_group()?;
            for values in [sources, targets] {
                if let Some(mut column) = group.next_column()? {
                    column.typed::<Int32Type>().write_batch(&values, None, None)?;
                    column.close()?;
                }
            }
            group.close()?;
        }
        Ok(())
    })
}

type Out<'a> = SerializedFileWriter<&'a mut std::io::BufWriter<files::Writer>>;

fn file(target: &Path, name: &str, fields: Done<Vec<Arc<Type>>>, fill: impl FnOnce(&mut Out<'_>) -> Done<()>) -> Result<()> {
    files::write(target, |out| {
        let write = || -> Done<()> {
            let schema = Type::group_type_builder(name).with_fields(fields?).build()?;
            let properties = WriterProperties::builder()
                .set_compression(Compression::SNAPPY)
                .set_created_by(concat!("exodus ", env!("CARGO_PKG_VERSION")).into());
            let mut writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties.build()))?;
            fill(&mut writer)?;
            writer.close().map(|_| ())
        };
        write().map_err(|error| std::io::Error::other(error.to_string()))
    })
}

fn group<W: Write + Send>(mut group: SerializedRowGroupWriter<'_, W>, columns: &[Cells]) -> Done<()> {
    for cells in columns {
        match cells {
            Cells::Date(days) => {
                let there: Vec<i64> = days.iter().filter(|day| **day != NO_DAY).map(|&day| i64::from(day) * DAY).collect();
                column::<Int64Type, _>(&mut group, &there, &levels(days, |day| *day != NO_DAY))?;
            }
            Cells::Text(texts) => {
                let there = texts.iter().filter(|text| !text.is_empty()).map(|text| ByteArray::from(text.as_str()));
                column::<ByteArrayType, _>(&mut group, &there.collect::<Vec<_>>(), &levels(texts, |text| !text.is_empty()))?;
            }
            Cells::Int(numbers) => {
                let there: Vec<i64> = numbers.iter().copied().filter(|n| *n != NO_INT).collect();
                column::<Int64Type, _>(&mut group, &there, &levels(numbers, |n| *n != NO_INT))?;
            }
            Cells::Float(numbers) => {
                // No minus before a zero.
                let there: Vec<f64> = numbers.iter().filter(|x| !x.is_nan()).map(|x| x + 0.0).collect();
                column::<DoubleType, _>(&mut group, &there, &levels(numbers, |x| !x.is_nan()))?;
            }
            Cells::Bool(flags) => column::<BoolType, _>(&mut group, flags, &levels(flags, |_| true))?,
        }
    }
    group.close()?;
    Ok(())
}

/// What says of each cell whether it is there.
fn levels<T>(cells: &[T], there: impl Fn(&T) -> bool) -> Vec<i16> {
    cells.iter().map(|cell| i16::from(there(cell))).collect()
}

fn column<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &[T::T],
    levels: &[i16],
) -> Done<()> {
    if let Some(mut writer) = group.next_column()? {
        writer.typed::<T>().write_batch(values, Some(levels), None)?;
        writer.close()?;
    }
    Ok(())
}

/// A table that is read, column by column.
pub(super) struct Reader {
    path: PathBuf,
    file: SerializedFileReader<File>,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = files::open(path).map_err(|error| Error::io(path, "reading", error))?;
        let file = SerializedFileReader::new(file).map_err(|error| Error::corrupt(path, error.to_string()))?;
        Ok(Reader { path: path.to_owned(), file })
    }

    pub(super) fn names(&self) -> Vec<String> {
        let schema = self.file.metadata().file_metadata().schema_descr();
        schema.columns().iter().map(|column| column.name().to_owned()).collect()
    }

    /// Hands the wanted columns to `take`, a row group at a time.
    pub(super) fn each(&self, wanted: &[(&str, ValueType)], mut take: impl FnMut(&[Column]) -> Result<()>) -> Result<()> {
        let bad = |error: ParquetError| Error::corrupt(&self.path, error.to_string());
        for group in 0..self.file.num_row_groups() {
            let group = self.file.get_row_group(group).map_err(bad)?;
            let columns = wanted.iter().map(|(name, kind)| read(&*group, name, *kind));
            take(&columns.collect::<Done<Vec<_>>>().map_err(bad)?)?;
        }
        Ok(())
    }
}

fn read(group: &dyn RowGroupReader, name: &str, kind: ValueType) -> Done<Column> {
    let place = group.metadata().columns().iter().position(|c| c.column_descr().name() == name);
    let place = place.ok_or_else(|| ParquetError::General(format!("no column {name}")))?;
    let number = |cell: Option<i64>| cell.map_or(f64::NAN, |n| n as f64);
    Ok(match kind {
        ValueType::Text => Column::Text(cells::<ByteArrayType, _>(group, place, |cell| {
            cell.map_or_else(String::new, |text| String::from_utf8_lossy(text.data()).into_owned())
        })?),
        ValueType::Date => Column::Number(cells::<Int64Type, _>(group, place, |cell| number(cell.map(|ms| ms.div_euclid(DAY))))?),
        ValueType::Int => Column::Number(cells::<Int64Type, _>(group, place, number)?),
        ValueType::Float(_) => Column::Number(cells::<DoubleType, _>(group, place, |cell| cell.unwrap_or(f64::NAN))?),
        ValueType::Bool => Column::Number(cells::<BoolType, _>(group, place, |cell| f64::from(u8::from(cell == Some(true))))?),
    })
}

fn cells<T: DataType, C>(group: &dyn RowGroupReader, place: usize, cell: impl Fn(Option<T::T>) -> C) -> Done<Vec<C>> {
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

/// Shows the header and row after row of somebody's table as texts, each with its number, for as long as `see` wants more.
pub(super) fn rows(path: &Path, mut see: impl FnMut(u64, &[String]) -> Result<bool>) -> Result<()> {
    let failed = |e: ParquetError| {
        let why: String = e.to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Error::corrupt(
            path,
            format!("found Parquet that cannot be read ({why}); allowed Parquet without compression or with snappy"),
        )
    };
    let file = files::open(path).map_err(|e| Error::io(path, "opening", e))?;
    let reader = SerializedFileReader::new(file).map_err(failed)?;
    let header: Vec<String> =
        reader.metadata().file_metadata().schema().get_fields().iter().map(|f| f.name().to_owned()).collect();
    if !see(1, &header)? {
        return Ok(());
    }
    for (k, row) in reader.get_row_iter(None).map_err(failed)?.enumerate() {
        let row = row.map_err(failed)?;
        let cells: Vec<String> = (row.get_column_iter())
            .map(|(_, field)| match field {
                Field::Null => String::new(),
                Field::Str(text) => text.trim().to_owned(),
                Field::Double(x) if x.is_nan() => String::new(),
                Field::Double(x) if x.fract() == 0.0 && x.abs() < 9e15 => format!("{x:.0}"),
                other => other.to_string(),
            })
            .collect();
        if !see(k as u64 + 2, &cells)? {
            break;
        }
    }
    Ok(())
}
