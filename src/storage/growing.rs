//! Tables while they grow: rows of cells as they are in memory, so that no number goes by way of text.
//!
//! A file begins with [`MAGIC`] and its columns (their number as `u32`; of each, a byte for its kind, a byte for its decimals, and its name).
//! Then come the rows, cell after cell, little-endian: days since 1970-01-01 as `i32`, texts and names as their number of bytes (`u32`) and
//! UTF-8, whole numbers as `i64`, numbers as `f64`, truth as a byte. Null is the least day, an empty text, the least whole number, and NaN.

use super::cells::{Cells, NO_DAY, NO_INT, Value, days};
use crate::error::{Error, Result};
use crate::files::{self, MOST_LINE};
use crate::observe::ValueType;
use std::fs::File;
use std::io::{BufReader, Error as IoError, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// What a growing table begins with.
const MAGIC: &[u8; 8] = b"EXOROWS1";
/// Most columns of a table.
const MOST_COLUMNS: u32 = 1 << 16;

/// Appends a cell of a column of this kind to a row.
pub(super) fn append(value: Value<'_>, kind: ValueType, out: &mut Vec<u8>) {
    match value {
        Value::Date(date) => out.extend(days(date).to_le_bytes()),
        Value::Text(text) => append_text(text, out),
        Value::Int(number) => out.extend(number.to_le_bytes()),
        Value::Float(number) => out.extend(number.to_le_bytes()),
        Value::Bool(flag) => out.push(u8::from(flag)),
        Value::Null => match kind {
            ValueType::Date => out.extend(NO_DAY.to_le_bytes()),
            ValueType::Text => append_text("", out),
            ValueType::Int => out.extend(NO_INT.to_le_bytes()),
            ValueType::Float(_) => out.extend(f64::NAN.to_le_bytes()),
            // No value of a row (`Value::is_of`).
            ValueType::Bool => out.push(0),
        },
    }
}

fn append_text(text: &str, out: &mut Vec<u8>) {
    out.extend((text.len() as u32).to_le_bytes());
    out.extend(text.as_bytes());
}

/// The beginning of a table with these columns.
pub(super) fn head(columns: &[(String, ValueType)]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend((columns.len() as u32).to_le_bytes());
    for (name, kind) in columns {
        out.extend(match kind {
            ValueType::Date => [0, 0],
            ValueType::Text => [1, 0],
            ValueType::Int => [2, 0],
            ValueType::Float(decimals) => [3, *decimals],
            ValueType::Bool => [4, 0],
        });
        append_text(name, &mut out);
    }
    out
}

fn kind(code: [u8; 2]) -> Option<ValueType> {
    Some(match code {
        [0, _] => ValueType::Date,
        [1, _] => ValueType::Text,
        [2, _] => ValueType::Int,
        [3, decimals] => ValueType::Float(decimals),
        [4, _] => ValueType::Bool,
        _ => return None,
    })
}

fn read(cells: &mut Cells, source: &mut impl Read) -> std::io::Result<()> {
    match cells {
        Cells::Date(cells) => cells.push(i32::from_le_bytes(bytes(source)?)),
        Cells::Text(cells) => cells.push(text(source)?),
        Cells::Int(cells) => cells.push(i64::from_le_bytes(bytes(source)?)),
        Cells::Float(cells) => cells.push(f64::from_le_bytes(bytes(source)?)),
        Cells::Bool(cells) => cells.push(bytes(source)? != [0]),
    }
    Ok(())
}

fn bytes<const N: usize>(source: &mut impl Read) -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    source.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn text(source: &mut impl Read) -> std::io::Result<String> {
    let length = u32::from_le_bytes(bytes(source)?) as usize;
    if length > MOST_LINE {
        return Err(bad(format!("found a text of {length} bytes; allowed {MOST_LINE}")));
    }
    let mut text = vec![0; length];
    source.read_exact(&mut text)?;
    String::from_utf8(text).map_err(|_| bad("found bytes that are not text; allowed UTF-8".into()))
}

fn bad(what: String) -> IoError {
    IoError::new(ErrorKind::InvalidData, what)
}

/// A growing table that is read, perhaps while it grows.
#[derive(Debug)]
pub struct Growing {
    path: PathBuf,
    columns: Vec<(String, ValueType)>,
    source: BufReader<File>,
}

impl Growing {
    /// Opens the table at `path`. One that was begun this moment may have no columns yet.
    ///
    /// Fails where the file cannot be read, or is no such table.
    pub fn open(path: &Path) -> Result<Self> {
        let file = files::open(path).map_err(|error| Error::io(path, "reading", error))?;
        let mut source = BufReader::with_capacity(1 << 16, file);
        let columns = match columns(&mut source) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Vec::new(),
            read => read.map_err(|error| failed(path, error))?,
        };
        Ok(Growing { path: path.to_owned(), columns, source })
    }

    /// Names and kinds of its columns.
    pub fn columns(&self) -> &[(String, ValueType)] {
        &self.columns
    }

    /// The next rows, at most so many, as columns; `None` where there are no more. A last row that is not whole yet is left out.
    pub fn rows(&mut self, most: usize) -> Result<Option<Vec<Cells>>> {
        let mut columns: Vec<Cells> = self.columns.iter().map(|(_, kind)| Cells::of(*kind)).collect();
        let mut rows = 0;
        while rows < most && !columns.is_empty() {
            match columns.iter_mut().try_for_each(|cells| read(cells, &mut self.source)) {
                Ok(()) => rows += 1,
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
                Err(error) => return Err(failed(&self.path, error)),
            }
        }
        columns.iter_mut().for_each(|cells| cells.truncate(rows));
        Ok(Some(columns).filter(|_| rows > 0))
    }
}

fn columns(source: &mut impl Read) -> std::io::Result<Vec<(String, ValueType)>> {
    if bytes(source)? != *MAGIC {
        return Err(bad("found no growing table of exodus".into()));
    }
    let count = u32::from_le_bytes(bytes(source)?);
    if count > MOST_COLUMNS {
        return Err(bad(format!("found {count} columns; allowed {MOST_COLUMNS}")));
    }
    let column = |_| {
        let kind = kind(bytes(source)?).ok_or_else(|| bad("found a column of an unknown kind".into()))?;
        Ok((text(source)?, kind))
    };
    (0..count).map(column).collect()
}

fn failed(path: &Path, error: IoError) -> Error {
    match error.kind() {
        ErrorKind::InvalidData => Error::corrupt(path, error.to_string()),
        _ => Error::io(path, "reading", error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Date;

    #[test]
    fn whole_rows_come_back_and_half_ones_do_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.part");
        let kinds = [ValueType::Date, ValueType::Text, ValueType::Int, ValueType::Float(1), ValueType::Bool];
        let columns: Vec<(String, ValueType)> = kinds.iter().map(|kind| (format!("{kind:?} ü"), *kind)).collect();
        let day = Date::new(1969, 12, 30).expect("a day");
        let values = [Value::Date(day), Value::Text("é;\n"), Value::Int(-3), Value::Float(0.1 + 0.2), Value::Bool(true)];
        let head = head(&columns);
        let mut row = Vec::new();
        values.iter().zip(kinds).for_each(|(value, kind)| append(*value, kind, &mut row));
        let all = [&head[..], &row, &row].concat();
        for length in 0..=all.len() {
            std::fs::write(&path, &all[..length]).expect("written");
            let mut table = Growing::open(&path).expect("a table");
            let whole = length.saturating_sub(head.len()) / row.len();
            assert_eq!(table.columns().len(), if length < head.len() { 0 } else { columns.len() });
            let rows = table.rows(9).expect("rows");
            assert_eq!(rows.is_some(), whole > 0, "{length}");
            let Some(rows) = rows else { continue };
            let wanted = [
                Cells::Date(vec![-2; whole]),
                Cells::Text(vec!["é;\n".into(); whole]),
                Cells::Int(vec![-3; whole]),
                Cells::Float(vec![0.1 + 0.2; whole]),
                Cells::Bool(vec![true; whole]),
            ];
            assert_eq!((table.columns(), &rows[..]), (&columns[..], &wanted[..]));
            assert_eq!(table.rows(9).expect("rows"), None);
        }
        assert_eq!(super::super::cells::date(-2), Some(day));
    }

    #[test]
    fn nothing_comes_back_as_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.part");
        let columns: Vec<(String, ValueType)> = [ValueType::Date, ValueType::Text, ValueType::Int, ValueType::Float(6)]
            .map(|kind| (format!("{kind:?}"), kind))
            .to_vec();
        let mut bytes = head(&columns);
        columns.iter().for_each(|(_, kind)| append(Value::Null, *kind, &mut bytes));
        std::fs::write(&path, bytes).expect("written");
        let rows = Growing::open(&path).and_then(|mut table| table.rows(9)).expect("rows").expect("a row");
        for cells in rows {
            match crate::storage::Column::from(cells) {
                crate::storage::Column::Text(texts) => assert_eq!(texts, [""]),
                crate::storage::Column::Number(numbers) => assert!(numbers.len() == 1 && numbers[0].is_nan()),
            }
        }
    }

    #[test]
    fn what_is_no_growing_table_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.part");
        let message = |bytes: &[u8]| {
            std::fs::write(&path, bytes).expect("written");
            let read = Growing::open(&path).and_then(|mut table| table.rows(9));
            read.expect_err("refused").to_string()
        };
        assert!(message(b"date,messenger\n2025-01-01,Green\n").contains("no growing table"));
        assert!(message(b"EXOROWS1\xff\xff\xff\xff").contains("columns; allowed"));
        assert!(message(b"EXOROWS1\x01\0\0\0\x09\0\0\0\0\0").contains("unknown kind"));
        assert!(message(b"EXOROWS1\x01\0\0\0\x01\0\x01\0\0\0a\xff\xff\xff\x7f").contains("allowed 1048576"));
        assert!(message(b"EXOROWS1\x01\0\0\0\x01\0\x01\0\0\0a\x01\0\0\0\xff").contains("UTF-8"));
    }
}
