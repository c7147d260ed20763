//! From a finished CSV table to Parquet, in constant memory.

use crate::error::{Error, Result};
use crate::files;
use crate::observe::Kind;
use crate::scenario::Date;
use crate::tables::damaged_table;
use ::parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::types::Type;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// Rows of a row group.
const ROWS: usize = 1 << 17;

/// Reads the table at `csv` and writes it to `target`. Empty cells become nulls.
pub(crate) fn from_csv(csv: &Path, target: &Path, columns: &[(String, Kind)]) -> Result<()> {
    let mut reader = files::open_table(csv, &csv::ReaderBuilder::new()).map_err(|e| damaged_table(csv, e))?;
    let mut failed = None;
    let written = files::write(target, |out| {
        let result = (|| -> std::result::Result<(), ParquetError> {
            let properties = WriterProperties::builder()
                .set_compression(Compression::SNAPPY)
                .set_created_by(concat!("exodus ", env!("CARGO_PKG_VERSION")).into());
            let mut writer = SerializedFileWriter::new(out, schema(columns)?, Arc::new(properties.build()))?;
            let mut rows = Vec::with_capacity(ROWS.min(4096));
            for record in reader.records() {
                rows.push(record.map_err(|e| ParquetError::External(Box::new(e)))?);
                if rows.len() == ROWS {
                    group(writer.next_row_group()?, &rows, columns)?;
                    rows.clear();
                }
            }
            if !rows.is_empty() {
                group(writer.next_row_group()?, &rows, columns)?;
            }
            writer.close()?;
            Ok(())
        })();
        result.map_err(|error| {
            let text = error.to_string();
            failed = Some(text.clone());
            std::io::Error::other(text)
        })
    });
    match failed {
        Some(text) if written.is_err() => {
            Err(Error::corrupt(target, format!("could not be made from {}: {text}", csv.display())))
        }
        _ => written,
    }
}

fn schema(columns: &[(String, Kind)]) -> std::result::Result<Arc<Type>, ParquetError> {
    let fields = columns.iter().map(|(name, kind)| {
        let (physical, logical) = match kind {
            Kind::Date => (Physical::INT32, Some(LogicalType::Date)),
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Int => (Physical::INT64, None),
            Kind::Float(_) => (Physical::DOUBLE, None),
            Kind::Bool => (Physical::BOOLEAN, None),
        };
        let field = Type::primitive_type_builder(name, physical).with_logical_type(logical).with_repetition(Repetition::OPTIONAL);
        field.build().map(Arc::new)
    });
    let fields = fields.collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(Arc::new(Type::group_type_builder("table").with_fields(fields).build()?))
}

fn group<W: Write + Send>(
    mut group: SerializedRowGroupWriter<'_, W>,
    rows: &[csv::StringRecord],
    columns: &[(String, Kind)],
) -> std::result::Result<(), ParquetError> {
    for (c, (name, kind)) in columns.iter().enumerate() {
        let bad = |text: &str| ParquetError::General(format!("column {name}: `{text}` is not a {kind:?}"));
        let cells = rows.iter().map(|row| row.get(c).unwrap_or_default());
        match kind {
            Kind::Date => column::<Int32Type, _>(&mut group, cells, |text| {
                let epoch = Date::new(1970, 1, 1).ok_or_else(|| bad(text))?;
                text.parse::<Date>().map(|date| epoch.days_until(date)).map_err(|_| bad(text))
            })?,
            Kind::Text => column::<ByteArrayType, _>(&mut group, cells, |text| Ok(ByteArray::from(text)))?,
            Kind::Int => column::<Int64Type, _>(&mut group, cells, |text| text.parse().map_err(|_| bad(text)))?,
            Kind::Float(_) => column::<DoubleType, _>(&mut group, cells, |text| text.parse().map_err(|_| bad(text)))?,
            Kind::Bool => column::<BoolType, _>(&mut group, cells, |text| text.parse().map_err(|_| bad(text)))?,
        }
    }
    group.close()?;
    Ok(())
}

fn column<'a, T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    cells: impl Iterator<Item = &'a str>,
    parse: impl Fn(&str) -> std::result::Result<T::T, ParquetError>,
) -> std::result::Result<(), ParquetError> {
    let mut values = Vec::new();
    let mut levels = Vec::new();
    for cell in cells {
        levels.push(i16::from(!cell.is_empty()));
        if !cell.is_empty() {
            values.push(parse(cell)?);
        }
    }
    if let Some(mut writer) = group.next_column()? {
        writer.typed::<T>().write_batch(&values, Some(&levels), None)?;
        writer.close()?;
    }
    Ok(())
}
