//! Tables that grow row by row as CSV, and are given their final form at the end.
//!
//! While a run goes on, `NAME.csv.part` can be read by anyone, and can be cut back to any row. At the end it becomes
//! `NAME.csv`, `NAME.parquet`, or both. Memory does not grow with rows.

use super::manifest::OutputFile;
use super::parquet;
use crate::error::{Error, Result};
use crate::files::{self, Writer};
use crate::observe::{Field, Kind};
use crate::scenario::Date;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::Xxh3;

/// How the names of growing tables end.
const PART: &str = ".csv.part";

/// A cell of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A day.
    Date(Date),
    /// Text; empty is null.
    Text(&'a str),
    /// A whole number.
    Int(i64),
    /// A number; NaN is null.
    Float(f64),
    /// True or false.
    Bool(bool),
}

/// A growing table.
#[derive(Debug)]
pub struct Table {
    folder: PathBuf,
    stem: &'static str,
    columns: Vec<(String, Kind)>,
    out: csv::Writer<Counted>,
    cell: String,
}

struct Counted {
    inner: BufWriter<Writer>,
    bytes: u64,
    /// Of all that was written, so that what the disk makes of it can be held against that.
    hash: Box<Xxh3>,
}

impl std::fmt::Debug for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Counted").field("inner", &self.inner).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.bytes += written as u64;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

impl Table {
    /// An empty table in `folder`. Further columns may follow the fixed ones.
    pub fn create(folder: &Path, stem: &'static str, fields: &[Field], more: &[(String, Kind)]) -> Result<Self> {
        let path = part(folder, stem);
        let inner = BufWriter::with_capacity(1 << 16, Writer::create(&path)?);
        let mut table = Table {
            folder: folder.to_owned(),
            stem,
            out: csv::WriterBuilder::new().from_writer(Counted { inner, bytes: 0, hash: Box::default() }),
            cell: String::new(),
            columns: columns(fields, more),
        };
        let header = table.out.write_record(table.columns.iter().map(|(name, _)| name));
        table.check(header)?;
        Ok(table)
    }

    /// Goes on with a table that was left growing, cut back to its first `bytes` bytes; `before` is what they were, where
    /// that is known.
    ///
    /// Fails where it is shorter than that, or they have changed.
    pub fn reopen(
        folder: &Path,
        stem: &'static str,
        fields: &[Field],
        more: &[(String, Kind)],
        bytes: u64,
        before: Option<&OutputFile>,
    ) -> Result<Self> {
        let path = part(folder, stem);
        let complete = folder.join(format!("{stem}.csv"));
        if !path.exists() && complete.exists() {
            // The run was killed while it gave its tables their final form.
            files::rename(&complete, &path)?;
        }
        let hash = check(folder, stem, bytes, before)?;
        let inner = BufWriter::with_capacity(1 << 16, Writer::reopen(&path, bytes)?);
        Ok(Table {
            folder: folder.to_owned(),
            stem,
            columns: columns(fields, more),
            out: csv::WriterBuilder::new().has_headers(false).from_writer(Counted { inner, bytes, hash }),
            cell: String::new(),
        })
    }

    /// Name of the table.
    pub fn stem(&self) -> &'static str {
        self.stem
    }

    /// Puts everything on the disk; the growing file, as it was written.
    pub fn sync(&mut self) -> Result<OutputFile> {
        let bytes = self.flush()?;
        let written = self.out.get_ref();
        written.inner.get_ref().sync().map_err(|e| Error::io(part(&self.folder, self.stem), "writing", e))?;
        Ok(OutputFile::new(&format!("{}{PART}", self.stem), bytes, &written.hash))
    }

    /// Appends a row; its values must be of the columns' kinds.
    pub fn row<'a>(&mut self, values: impl IntoIterator<Item = Value<'a>>) -> Result<()> {
        use std::fmt::Write;
        let mut columns = self.columns.iter();
        for value in values {
            let kind = columns.next().map(|(_, kind)| *kind);
            debug_assert!(kind.is_some(), "more values than columns");
            self.cell.clear();
            // Writing to a string cannot fail.
            let _ = match value {
                Value::Date(date) => write!(self.cell, "{date}"),
                Value::Text(text) => write!(self.cell, "{text}"),
                Value::Int(number) => write!(self.cell, "{number}"),
                Value::Float(number) if number.is_nan() => Ok(()),
                Value::Float(number) => {
                    let decimals = if let Some(Kind::Float(decimals)) = kind { usize::from(decimals) } else { 6 };
                    // No minus before a zero.
                    write!(self.cell, "{:.decimals$}", number + 0.0)
                }
                Value::Bool(flag) => write!(self.cell, "{flag}"),
            };
            let written = self.out.write_field(&self.cell);
            self.check(written)?;
        }
        debug_assert!(columns.next().is_none(), "fewer values than columns");
        let written = self.out.write_record(None::<&[u8]>);
        self.check(written)
    }

    /// Hands everything to the system, so that a reader sees whole rows; the table's length in bytes.
    pub fn flush(&mut self) -> Result<u64> {
        let flushed = self.out.flush();
        flushed.map_err(|e| Error::io(part(&self.folder, self.stem), "writing", e))?;
        Ok(self.out.get_ref().bytes)
    }

    /// The table is complete: gives it its final name as CSV, writes it as Parquet, or both. The files.
    ///
    /// Fails where the growing file is not what was written to it.
    /// Where no CSV is wanted the growing file stays, to go on from, until [`Table::remove_parts`].
    pub fn finish(mut self, keep_csv: bool, make_parquet: bool) -> Result<Vec<OutputFile>> {
        let written = self.sync()?;
        let Table { folder, stem, columns, out, .. } = self;
        drop(out);
        let path = part(&folder, stem);
        check(&folder, stem, written.bytes, Some(&written))?;
        let mut files = Vec::new();
        if make_parquet {
            let name = format!("{stem}.parquet");
            parquet::from_csv(&path, &folder.join(&name), &columns)?;
            files.push(OutputFile::of(&folder, &name)?);
        }
        if keep_csv {
            let name = format!("{stem}.csv");
            files::publish(&path, &folder.join(&name))?;
            files.push(OutputFile { path: name, ..written });
        }
        Ok(files)
    }

    /// Removes what is left of the growing tables `stems` in `folder`.
    pub fn remove_parts(folder: &Path, stems: &[&str]) -> Result<()> {
        stems.iter().try_for_each(|stem| Self::remove_part(folder, stem))
    }

    /// The same of one table.
    pub fn remove_part(folder: &Path, stem: &str) -> Result<()> {
        files::remove(&part(folder, stem))
    }

    fn check<T>(&self, result: csv::Result<T>) -> Result<()> {
        match result {
            Ok(_) => Ok(()),
            Err(error) => {
                let text = error.to_string();
                let error = match error.into_kind() {
                    csv::ErrorKind::Io(error) => error,
                    _ => std::io::Error::other(text),
                };
                Err(Error::io(part(&self.folder, self.stem), "writing", error))
            }
        }
    }
}

fn columns(fields: &[Field], more: &[(String, Kind)]) -> Vec<(String, Kind)> {
    fields.iter().map(|f| (f.name.to_owned(), f.kind)).chain(more.iter().cloned()).collect()
}

/// Holds the first `bytes` bytes of a growing file against what was written; the hasher that saw them.
fn check(folder: &Path, stem: &str, bytes: u64, written: Option<&OutputFile>) -> Result<Box<Xxh3>> {
    let path = part(folder, stem);
    let mut hash = Box::new(Xxh3::new());
    let file = files::open(&path).map_err(|e| Error::io(&path, "opening", e))?;
    let found = std::io::copy(&mut file.take(bytes), &mut *hash).map_err(|e| Error::io(&path, "reading", e))?;
    if found < bytes {
        return Err(Error::corrupt(path, format!("found {found} bytes; expected at least {bytes}")));
    }
    match written {
        Some(written) if *written != OutputFile::new(&written.path, bytes, &hash) => Err(Error::corrupt(
            path,
            "has changed since it was written: its checksum is another; put it back, or begin anew with --force",
        )),
        _ => Ok(hash),
    }
}

/// Where the table grows.
fn part(folder: &Path, stem: &str) -> PathBuf {
    folder.join(format!("{stem}{PART}"))
}
