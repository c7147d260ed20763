//! CSV tables of results, read back.

use crate::error::{Error, Result};
use crate::tables::damaged_table;
use serde::de::DeserializeOwned;
use std::path::PathBuf;

/// A table that is being read.
pub(super) struct Table {
    path: PathBuf,
    header: csv::StringRecord,
    reader: csv::Reader<crate::files::Lines>,
}

impl Table {
    pub(super) fn open(path: PathBuf) -> Result<Self> {
        let mut reader = crate::files::open_table(&path, &csv::ReaderBuilder::new()).map_err(|e| damaged_table(&path, e))?;
        let header = reader.headers().map_err(|e| damaged_table(&path, e))?.clone();
        Ok(Table { path, header, reader })
    }

    /// Where a column is.
    pub(super) fn place(&self, name: &str) -> Result<usize> {
        let place = self.header.iter().position(|h| h == name);
        place.ok_or_else(|| Error::corrupt(&self.path, format!("found no column {name}")))
    }

    /// Its rows, one after another.
    pub(super) fn rows(self) -> impl Iterator<Item = Result<csv::StringRecord>> {
        let Table { path, reader, .. } = self;
        reader.into_records().map(move |row| row.map_err(|e| damaged_table(&path, e)))
    }

    /// All its rows; columns go by the names of fields, an empty cell is no number.
    pub(super) fn all<T: DeserializeOwned>(path: PathBuf) -> Result<Vec<T>> {
        let Table { path, header, reader } = Table::open(path)?;
        let row = |row: csv::Result<csv::StringRecord>| row?.deserialize(Some(&header));
        reader.into_records().map(row).collect::<csv::Result<Vec<T>>>().map_err(|e| damaged_table(&path, e))
    }
}
