//! Tables that grow row by row, and are given their final form at the end.
//!
//! During a run, `NAME.part` can be read by [`Growing`], and can be cut back to any row. At the end `NAME.csv`, `NAME.parquet`, or
//! both are made of it. Memory does not grow with rows.

use super::cells::{Cells, NO_DAY, NO_INT, Value, date};
use super::growing::{self, Growing};
use super::manifest::OutputFile;
use super::parquet;
use crate::error::{Error, Result};
use crate::files::{self, Writer};
use crate::observe::{Field, ValueType};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::Xxh3;

/// How the names of growing tables end.
pub(crate) const PART: &str = ".part";
/// Rows that are made into CSV at a time.
const ROWS: usize = 1 << 12;

/// A growing table.
pub struct Table {
    folder: PathBuf,
    stem: &'static str,
    columns: Vec<(String, ValueType)>,
    out: BufWriter<Writer>,
    bytes: u64,
    /// Of all that was written, so that what the disk makes of it can be held against that.
    hash: Box<Xxh3>,
    /// The row that is being put together.
    row: Vec<u8>,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("folder", &self.folder).field("stem", &self.stem).finish_non_exhaustive()
    }
}

impl Table {
    /// An empty table in `folder`. Further columns may follow the fixed ones.
    pub fn create(folder: &Path, stem: &'static str, fields: &[Field], more: &[(String, ValueType)]) -> Result<Self> {
        let out = Writer::create(&part(folder, stem))?;
        let mut table = Self::with(folder, stem, columns(fields, more), out, 0, Box::default());
        table.row = growing::head(&table.columns);
        table.write_row()?;
        table.flush()?;
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
        more: &[(String, ValueType)],
        bytes: u64,
        before: Option<&OutputFile>,
    ) -> Result<Self> {
        let hash = check(folder, stem, bytes, before)?;
        let out = Writer::reopen(&part(folder, stem), bytes)?;
        Ok(Self::with(folder, stem, columns(fields, more), out, bytes, hash))
    }

    fn with(
        folder: &Path,
        stem: &'static str,
        columns: Vec<(String, ValueType)>,
        out: Writer,
        bytes: u64,
        hash: Box<Xxh3>,
    ) -> Self {
        let out = BufWriter::with_capacity(1 << 16, out);
        Table { folder: folder.to_owned(), stem, columns, out, bytes, hash, row: Vec::new() }
    }

    /// Name of the table.
    pub fn stem(&self) -> &'static str {
        self.stem
    }

    /// Puts everything on the disk; the growing file, as it was written.
    pub fn sync(&mut self) -> Result<OutputFile> {
        let bytes = self.flush()?;
        self.out.get_ref().sync().map_err(|e| Error::io(part(&self.folder, self.stem), "writing", e))?;
        Ok(OutputFile::new(&format!("{}{PART}", self.stem), bytes, &self.hash))
    }

    /// Appends a row. Fails where its values are not one of each column's kind.
    pub fn row<'a>(&mut self, values: impl IntoIterator<Item = Value<'a>>) -> Result<()> {
        self.row.clear();
        let mut columns = self.columns.iter();
        for value in values {
            let Some((_, kind)) = columns.next().filter(|(_, kind)| value.is_of(*kind)) else {
                return Err(Error::invalid(format!("table {}: found {value:?} in a row of other columns", self.stem)));
            };
            growing::append(value, *kind, &mut self.row);
        }
        if let Some((name, _)) = columns.next() {
            return Err(Error::invalid(format!("table {}: found a row without {name}", self.stem)));
        }
        self.write_row()
    }

    fn write_row(&mut self) -> Result<()> {
        self.out.write_all(&self.row).map_err(|e| Error::io(part(&self.folder, self.stem), "writing", e))?;
        self.bytes += self.row.len() as u64;
        self.hash.update(&self.row);
        Ok(())
    }

    /// Hands everything to the system, so that a reader sees whole rows; the table's length in bytes.
    pub fn flush(&mut self) -> Result<u64> {
        self.out.flush().map_err(|e| Error::io(part(&self.folder, self.stem), "writing", e))?;
        Ok(self.bytes)
    }

    /// The table is complete: makes CSV of it, Parquet, or both. The files. Where exodus was built without Parquet, there is
    /// CSV instead.
    ///
    /// Fails where the growing file is not what was written to it.
    pub fn finish(self, make_csv: bool, make_parquet: bool) -> Result<Vec<OutputFile>> {
        let (folder, stem) = (self.folder.clone(), self.stem);
        let files = self.finish_and_keep(make_csv, make_parquet)?;
        files::remove(&part(&folder, stem))?;
        Ok(files)
    }

    /// The same, but the growing file stays, to continue from, until [`Table::remove_parts`].
    pub(super) fn finish_and_keep(mut self, make_csv: bool, make_parquet: bool) -> Result<Vec<OutputFile>> {
        let written = self.sync()?;
        let Table { folder, stem, columns, out, .. } = self;
        drop(out);
        let path = part(&folder, stem);
        check(&folder, stem, written.bytes, Some(&written))?;
        let mut files = Vec::new();
        if make_parquet && parquet::THERE {
            let name = format!("{stem}.parquet");
            let mut table = Growing::open(&path)?;
            parquet::write(&folder.join(&name), &columns, || table.rows(parquet::ROWS))?;
            files.push(OutputFile::of(&folder, &name)?);
        }
        if make_csv || make_parquet && !parquet::THERE {
            let name = format!("{stem}.csv");
            write_csv(&folder.join(&name), &mut Growing::open(&path)?)?;
            files.push(OutputFile::of(&folder, &name)?);
        }
        Ok(files)
    }

    /// Removes what is left of the growing tables `stems` in `folder`.
    pub fn remove_parts(folder: &Path, stems: &[&str]) -> Result<()> {
        stems.iter().try_for_each(|stem| files::remove(&part(folder, stem)))
    }
}

fn write_csv(target: &Path, table: &mut Growing) -> Result<()> {
    let kinds: Vec<ValueType> = table.columns().iter().map(|(_, kind)| *kind).collect();
    let mut failed = None;
    let written = files::write(target, |out| {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(table.columns().iter().map(|(name, _)| name))?;
        let mut cell = String::new();
        loop {
            let rows = match table.rows(ROWS) {
                Ok(Some(rows)) => rows,
                Ok(None) => return out.flush(),
                Err(error) => {
                    let text = error.to_string();
                    failed = Some(error);
                    return Err(std::io::Error::other(text));
                }
            };
            for row in 0..rows.first().map_or(0, Cells::len) {
                for (cells, kind) in rows.iter().zip(&kinds) {
                    cell.clear();
                    // Writing to a string cannot fail.
                    let _ = as_text(cells, row, *kind, &mut cell);
                    out.write_field(&cell)?;
                }
                out.write_record(None::<&[u8]>)?;
            }
        }
    });
    match failed {
        Some(error) => Err(error),
        None => written,
    }
}

fn as_text(cells: &Cells, row: usize, kind: ValueType, out: &mut String) -> std::fmt::Result {
    use std::fmt::Write;
    match cells {
        Cells::Date(cells) if cells[row] == NO_DAY => Ok(()),
        Cells::Int(cells) if cells[row] == NO_INT => Ok(()),
        Cells::Date(cells) => date(cells[row]).map_or(Ok(()), |date| write!(out, "{date}")),
        Cells::Text(cells) => out.write_str(&cells[row]),
        Cells::Int(cells) => write!(out, "{}", cells[row]),
        Cells::Float(cells) if cells[row].is_nan() => Ok(()),
        Cells::Float(cells) => {
            let decimals = if let ValueType::Float(decimals) = kind { usize::from(decimals) } else { 6 };
            // No minus before a zero.
            write!(out, "{:.decimals$}", cells[row] + 0.0)
        }
        Cells::Bool(cells) => write!(out, "{}", cells[row]),
    }
}

fn columns(fields: &[Field], more: &[(String, ValueType)]) -> Vec<(String, ValueType)> {
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
            "has changed since it was written: its checksum is another; put it back, or start over with --force",
        )),
        _ => Ok(hash),
    }
}

/// Where the table grows.
fn part(folder: &Path, stem: &str) -> PathBuf {
    folder.join(format!("{stem}{PART}"))
}
